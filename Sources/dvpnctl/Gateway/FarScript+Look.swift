extension FarScript {
    /// What is there, beside what is wanted; and saying so.
    static let look = #"""
        # --- What is there --------------------------------------------------------------------------

        # A file that others may write, or that a link stands for, sshd does not believe (StrictModes);
        # the keys it reads as the user. sshd_config itself has the mode that it had.
        has_right_mode() {
            [ "$1" = "$main" ] || [ -n "$(find "$1" -prune -type f -user 0 -perm 644)" ]
        }

        is_right() { [ -e "$1" ] && cmp -s "$stage/new$1" "$1" && has_right_mode "$1"; }

        # Directories that are ours alone and should be root's.
        open_directories() {
            find "${keys%/*}" ${jail:+"${jail%/*}"} -prune ! \( -type d -user 0 -perm 755 \) 2>/dev/null || true
        }

        jail_is_right() {
            [ -z "$jail" ] || {
                cmp -s "$stage/jail/$inside/sh" "$jail/$inside/sh" &&
                    cmp -s "$stage/jail/$inside/nc" "$jail/$inside/nc" &&
                    [ -z "$(jail_holes)" ]
            }
        }

        # What in the jail somebody else may write, or does not belong there.
        jail_holes() {
            [ -d "$jail" ] || return 0
            find "$jail" \( ! -user 0 -o -perm -020 -o -perm -002 \) -print
            find "$jail" -mindepth 1 ! -path "$jail/$inside" ! -path "$jail/$inside/sh" \
                ! -path "$jail/$inside/nc" -print
        }

        # As nft lists them, so are the wanted ones where they are loaded in a network of their own.
        # Where none can be made, the mark in them must do.
        rules_are_loaded() {
            nft -s list table inet "$table" >"$stage/listed" 2>/dev/null || return 1
            if unshare -n true 2>/dev/null; then
                unshare -n sh -c 'nft -f "$1" && nft -s list table inet "$2"' sh "$stage/new$rules" "$table" 2>/dev/null |
                    cmp -s - "$stage/listed"
            else
                grep -qF "\"$stamp\"" "$stage/listed"
            fi
        }

        # What sshd would do for somebody.
        effective() { "$sshd" -T -C "user=$1,host=localhost,addr=127.0.0.1,laddr=127.0.0.1,lport=22"; }

        # What it would not do for the user of what is wanted, a line each.
        not_applied() {
            effective "$user" >"$stage/effective"
            wanted_access | sed '/^#/d; /^Match /d; s/^ *//' | while IFS= read -r line; do
                grep -qixF "$line" "$stage/effective" || echo "$line"
            done
        }

        # --- diff -----------------------------------------------------------------------------------

        show() {
            if [ -z "$found" ]; then
                echo "+ user $user, without a password, with the shell $shell"
            elif [ "$shell_now" != "$shell" ]; then
                echo "- the shell of $user: $shell_now"
                echo "+ the shell of $user: $shell"
            fi
            [ -z "$found" ] || [ "$password_now" = '*' ] || echo "- the password of $user"
            open_directories | while read -r directory; do echo "+ $directory: root's, mode 0755"; done
            for file in $files; do
                ! is_right "$file" || continue
                before=$file
                [ -e "$file" ] || before=/dev/null
                [ $before = /dev/null ] || has_right_mode "$file" || echo "+ $file: root's, mode 0644"
                diff -u "$before" "$stage/new$file" | sed "1s|.*|--- $file|;2s|.*|+++ $file|"
            done
            jail_is_right || echo "+ $jail: netcat ($netcat), root's alone"
            rules_are_loaded || echo "+ nftables: table inet $table, from $rules"
        }

        # --- inspect --------------------------------------------------------------------------------

        inspect() {
            if [ -z "$found" ]; then
                echo "there is no user $user"
            elif [ -n "$problem" ]; then
                echo "$problem" | tr '\n' ' '
                echo
            elif [ "$shell_now" != "$shell" ]; then
                echo "$user has the shell $shell_now"
            fi
            [ -z "$found" ] || [ "$password_now" = '*' ] || echo "$user may have a password"
            open_directories | while read -r directory; do echo "$directory is not root's with mode 0755"; done
            for file in $files; do
                cmp -s "$stage/new$file" "$file" || echo "$file is not as it was set up"
                if [ ! -e "$file" ]; then
                    echo "there is no $file"
                elif [ -n "$(find "$file" -prune \( ! -user 0 -o -perm -020 -o -perm -002 \))" ]; then
                    echo "$file can be written by others than root"
                elif ! has_right_mode "$file"; then
                    echo "$file is no file with mode 0644"
                fi
            done
            if [ -n "$jail" ]; then
                [ -d "$jail" ] || echo "there is no jail $jail"
                jail_holes | sort -u | while IFS= read -r hole; do
                    echo "the jail is open: $hole does not belong there, or others than root can write it"
                done
            fi
            rules_are_loaded || echo "nothing confines $user: nftables' table inet $table is not loaded as set up"
            not_applied | while IFS= read -r line; do echo "sshd does not apply \"$line\" to $user"; done
        }

        """#
}
