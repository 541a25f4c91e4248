extension FarScript {
    /// Making the difference, so that each step can be taken back; and which of all this is done.
    static let change = #"""
        # --- apply ----------------------------------------------------------------------------------

        reload_sshd() {
            if [ -d /run/systemd/system ]; then
                for name in ssh sshd; do
                    if systemctl --quiet is-active $name.service; then
                        systemctl reload $name.service
                        return
                    fi
                done
            fi
            if [ -s /run/sshd.pid ]; then
                kill -HUP "$(cat /run/sshd.pid)"
            else
                echo 'dvpn: tell sshd to read its configuration again; its process was not found' >&2
            fi
        }

        remove_directory() { [ ! -d "$1" ] || rmdir "$1"; }

        make_directory() {
            [ -d "$1" ] || {
                undo_by remove_directory "$1"
                mkdir "$1"
            }
        }

        # What was there waits beside it: going back takes no room on the disk.
        install_file() {
            make_directory "${1%/*}"
            rm -f "$1.dvpn-new" "$1.dvpn-old"
            if [ -e "$1" ]; then
                undo_by put_back "$1"
                olds="$olds $1.dvpn-old"
                cp -p "$1" "$1.dvpn-new"
                ln "$1" "$1.dvpn-old" 2>/dev/null || {
                    mv "$1.dvpn-new" "$1.dvpn-old"
                    cp -p "$1" "$1.dvpn-new"
                }
            else
                undo_by rm -f "$1" "$1.dvpn-new"
            fi
            cat "$stage/new$1" >"$1.dvpn-new"
            [ "$1" = "$main" ] || {
                chown 0:0 "$1.dvpn-new"
                chmod 644 "$1.dvpn-new"
            }
            # A rename: nobody ever reads half of it.
            mv "$1.dvpn-new" "$1"
        }

        put_back() {
            rm -f "$1.dvpn-new"
            [ ! -e "$1.dvpn-old" ] || mv "$1.dvpn-old" "$1"
            # Two names of one file are left as they are by a rename.
            rm -f "$1.dvpn-old"
        }

        remove_user() {
            if [ -n "$(account)" ]; then
                if command -v userdel >/dev/null; then userdel "$user"; else deluser "$user"; fi
            fi
        }

        old_password() { printf '%s:%s\n' "$user" "$password_now" | chpasswd -e; }

        make_user() {
            if [ -z "$found" ]; then
                undo_by remove_user
                if command -v useradd >/dev/null; then
                    useradd --system --user-group --no-create-home --home-dir /nonexistent \
                        --comment "$mark" --shell "$shell" "$user"
                else
                    adduser -S -D -H -h /nonexistent -g "$mark" -s "$shell" "$user"
                fi
            elif [ "$shell_now" != "$shell" ]; then
                undo_by usermod --shell "$shell_now" "$user"
                # It warns of a shell that is in the jail only.
                usermod --shell "$shell" "$user" 2>"$stage/said" || die "$(cat "$stage/said")"
            fi
            # No password is ever right; "!" would make sshd take the account for a locked one.
            [ "$(password)" = '*' ] || {
                [ -z "$found" ] || undo_by old_password
                echo "$user:*" | chpasswd -e
            }
        }

        old_jail() {
            rm -rf "$jail.new"
            if [ -e "$jail.old" ]; then
                rm -rf "$jail"
                mv "$jail.old" "$jail"
            fi
        }

        make_jail() {
            ! jail_is_right || return 0
            make_directory "${jail%/*}"
            # Made beside it and put in its place as a whole. Who is in the old one may stay.
            rm -rf "$jail.new" "$jail.old"
            undo_by old_jail
            mkdir -p "$jail.new/$inside"
            cp "$netcat" "$jail.new/$inside/sh"
            ln "$jail.new/$inside/sh" "$jail.new/$inside/nc"
            chown -R 0:0 "$jail.new"
            chmod 755 "$jail.new" "$jail.new/$inside" "$jail.new/$inside/sh"
            if [ -e "$jail" ]; then
                olds="$olds $jail.old"
                mv "$jail" "$jail.old"
            else
                undo_by rm -rf "$jail"
            fi
            mv "$jail.new" "$jail"
        }

        # Nobody is in before that who is not confined.
        confine() {
            is_right "$rules" || install_file "$rules"
            rules_are_loaded || {
                # One transaction each way: there is no moment without rules.
                printf 'table inet %s\ndelete table inet %s\n' "$table" "$table" >"$stage/back"
                tables=$(nft list tables)
                ! echo "$tables" | grep -qx "table inet $table" || nft -s list table inet "$table" >>"$stage/back"
                undo_by nft -f "$stage/back"
                nft -f "$rules" || die 'nft does not take the rules'
            }
            if [ -d /run/systemd/system ]; then
                name=${unit##*/}
                undo_by systemctl daemon-reload
                is_right "$unit" || install_file "$unit"
                systemctl daemon-reload
                systemctl --quiet is-enabled "$name" 2>/dev/null || {
                    undo_by systemctl --quiet disable "$name"
                    systemctl --quiet enable "$name"
                }
                systemctl --quiet is-active "$name" || undo_by systemctl stop "$name"
                systemctl restart "$name"
            else
                echo "dvpn: no systemd here: have \"nft -f $rules\" run at boot" >&2
            fi
        }

        let_in() {
            undo_by reload_sshd
            is_right "$access" || install_file "$access"
            "$sshd" -t 2>"$stage/said" || die "sshd refuses the new configuration: $(cat "$stage/said")"
            for who in root "$me" nobody; do
                effective "$who" | cmp -s - "$stage/before.$who" ||
                    die "the new configuration would change the access of $who"
            done
            missing=$(not_applied)
            [ -z "$missing" ] || die "sshd does not take this for $user, since another Match comes before it:
        $missing"
            is_right "$keys" || install_file "$keys"
            reload_sshd
            if grep -Eq '^(allow|deny)(users|groups) ' "$stage/effective"; then
                echo "dvpn: sshd has AllowUsers or the like; see that they let $user in" >&2
            fi
        }

        apply() {
            for who in root "$me" nobody; do effective "$who" >"$stage/before.$who"; done
            # Nothing is lost by these being root's again: that stays, whatever comes of the rest.
            for directory in $(open_directories); do
                chown 0:0 "$directory"
                chmod 755 "$directory"
            done
            make_user
            make_jail
            confine
            let_in
        }

        case $verb in
            diff) show ;;
            inspect) inspect ;;
            apply)
                apply
                keep
                ;;
            try)
                apply
                echo 'dvpn: applied'
                word=$(timeout 60 sh -c 'read -r word && echo "$word"' || true)
                [ "$word" = keep ] || die 'nobody said that it should stay'
                keep
                ;;
            *) die "there is no $verb; there are diff, apply, try and inspect" ;;
        esac

        """#
}
