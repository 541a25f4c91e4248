extension FarScript {
    /// What comes before everything: the way back, who is refused, and what is wanted.
    static let start = #"""
        umask 022
        LC_ALL=C
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
        export LC_ALL PATH
        main=$(readlink -f /etc/ssh/sshd_config || true)
        unit=/etc/systemd/system/dvpn-gateway-$user.service
        inside=dvpn-jail
        # The comment of accounts that this script has made: it takes over no other one.
        mark='dvpn gateway'

        # --- The way back ---------------------------------------------------------------------------

        die() {
            echo "dvpn: $*" >&2
            exit 1
        }

        # Said before a step is taken: from the middle of it there is a way back, too.
        undo_by() {
            undos="$* || stuck=\"\$stuck $*;\"
        $undos"
        }

        # From here on it stays.
        keep() { undos=; }

        # However the script ends, by a signal or a lost connection, too: all steps back, the last one first.
        finish() {
            status=$?
            set +e
            trap - EXIT
            trap '' HUP INT TERM PIPE
            stuck=
            eval "$undos"
            if [ -n "$stuck" ]; then
                echo "dvpn: this could not be taken back:$stuck" >&2
            elif [ -n "$undos" ]; then
                echo 'dvpn: everything is as it was' >&2
            else
                rm -rf $olds
            fi
            rm -rf "$stage"
            exit $status
        }

        undos= olds= stage=
        trap finish EXIT
        trap 'exit 129' HUP INT TERM PIPE
        stage=$(mktemp -d)

        # --- What must not be done ------------------------------------------------------------------

        [ "$(id -u)" = 0 ] || die 'this needs root'
        for program in diff nft sshd; do
            command -v $program >/dev/null || die "there is no $program here; install it first"
        done
        sshd=$(command -v sshd)
        [ -f "$main" ] || die 'there is no /etc/ssh/sshd_config'
        "$sshd" -t 2>"$stage/said" || die "sshd does not like its configuration as it is:
        $(cat "$stage/said")"
        me=${SUDO_USER:-$(id -un)}
        [ "$user" != "$me" ] || die "you are logged in as $user, who would lose the shell"

        account() { getent passwd "$user" 2>/dev/null || grep "^$user:" /etc/passwd || true; }
        password() { grep "^$user:" /etc/shadow 2>/dev/null | cut -d: -f2; }

        found=$(account)
        shell_now=${found##*:}
        password_now=$(password)

        # Why the account that is there is none for us, and what to do.
        objection() {
            [ -n "$found" ] || return 0
            if [ "$(echo "$found" | cut -d: -f3)" = 0 ]; then
                echo "$user is root by another name; take another one: --user NAME"
                return
            fi
            case $shell_now in
                */nologin | */false | "/$inside/sh") ;;
                *)
                    echo "$user has the shell $shell_now: somebody works as $user; take another one: --user NAME"
                    return
                    ;;
            esac
            for group in $(id -nG "$user"); do
                case $group in
                    root | sudo | wheel | admin | adm | shadow | disk | docker | lxd)
                        echo "$user is in the group $group, which is no place for dvpn's user"
                        return
                        ;;
                esac
            done
            comment=$(echo "$found" | cut -d: -f5)
            [ "$comment" = "$mark" ] || cat <<END
        there is an account $user ("$comment") that was not made for this. All that runs as $user
        would be confined to the prefixes. Take another one: --user NAME. Or, if it is there for
        this and nothing else: usermod --comment '$mark' $user
        END
        }

        problem=$(objection)
        [ -z "$problem" ] || [ "$verb" = inspect ] || die "$problem"

        # --- What is wanted -------------------------------------------------------------------------

        # The jail's shell is in the jail only, and sshd lets nobody in whose shell does not exist:
        # without the block in sshd's configuration the account is shut.
        shell=/$inside/sh
        if [ -z "$jail" ]; then
            for shell in "$shell_now" /usr/sbin/nologin /sbin/nologin /usr/bin/nologin /bin/false none; do
                case $shell in */nologin | */false) [ ! -x "$shell" ] || break ;; esac
            done
            [ $shell != none ] || die 'there is neither nologin nor /bin/false here, and the user must have one as shell'
        fi

        if grep -Eiq '^[[:space:]]*Include[[:space:]]+"?/etc/ssh/sshd_config\.d/\*\.conf' "$main"; then
            access=/etc/ssh/sshd_config.d/20-dvpn-$user.conf
        else
            access=$main
        fi

        stage_access() {
            if [ "$access" = "$main" ]; then
                sed "/^# BEGIN dvpn $user\$/,/^# END dvpn $user\$/d" "$main"
                echo "# BEGIN dvpn $user"
                wanted_access
                # What is added behind it later is for everybody again.
                echo 'Match all'
                echo "# END dvpn $user"
            else
                wanted_access
            fi
        }

        want() {
            mkdir -p "$stage/new${1%/*}"
            cat >"$stage/new$1"
        }

        wanted_rules | want "$rules"
        wanted_keys | want "$keys"
        stage_access | want "$access"
        files="$rules $access $keys"
        if [ -d /run/systemd/system ]; then
            wanted_unit | want "$unit"
            files="$rules $unit $access $keys"
        fi

        # The jail's one program, under two names. That it is static and has netcat is seen by trying.
        if [ -n "$jail" ]; then
            mkdir -p "$stage/jail/$inside"
            netcat=
            for file in "$(command -v busybox || true)" /bin/busybox.static /bin/busybox; do
                [ -f "$file" ] || continue
                cp "$file" "$stage/jail/$inside/sh"
                cp "$file" "$stage/jail/$inside/nc"
                chmod 755 "$stage/jail/$inside/sh" "$stage/jail/$inside/nc"
                status=0
                chroot "$stage/jail" "/$inside/sh" -c 'exit 7' 2>/dev/null || status=$?
                [ $status = 7 ] || continue
                chroot "$stage/jail" "/$inside/nc" --help 2>&1 | grep -q '^Usage: nc' || continue
                netcat=$file
                break
            done
            [ -n "$netcat" ] || die 'there is no static busybox with nc here, which the jail needs; install busybox-static'
        fi

        """#
}
