#!/bin/sh
# Makes this host a gateway of dvpn for one user, dvpn-gate, and touches nobody else's access.
# Written by `dvpnctl gateway setup`.
#
#   sh FILE            shows what would change
#   sh FILE apply      changes it, or leaves everything as it was
#   sh FILE inspect    says what is not as it should be
set -eu
verb=${1:-diff}
user='dvpn-gate'
jail='/var/lib/dvpn-gateway/dvpn-gate'
keys='/etc/dvpn-gateway/dvpn-gate.keys'
rules='/etc/dvpn-gateway/dvpn-gate.nft'
table='dvpn-far-dvpn-gate'
stamp='dvpn 357bf6f773aa7a4e'

wanted_keys() {
    cat <<'END_OF_DVPN'
restrict ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHX7 dvpn@router
END_OF_DVPN
}

wanted_access() {
    cat <<'END_OF_DVPN'
# dvpn: user dvpn-gate runs netcat in a jail and does nothing else. Nobody else is concerned.
Match User dvpn-gate
    AuthorizedKeysFile /etc/dvpn-gateway/dvpn-gate.keys
    PubkeyAuthentication yes
    AuthenticationMethods publickey
    AllowStreamLocalForwarding no
    AllowAgentForwarding no
    X11Forwarding no
    PermitTTY no
    PermitTunnel no
    PermitUserRC no
    AllowTcpForwarding no
    PermitListen none
    MaxSessions 10
    ChrootDirectory /var/lib/dvpn-gateway/dvpn-gate
    ForceCommand set -f; set -- $SSH_ORIGINAL_COMMAND; case "$1,$2,$3,$4" in nc,*[!0-9a-fA-F.:]*,*,|nc,*,*[!0-9]*,|nc,,*,|nc,*,,) ;; nc,*,*,) exec /dvpn-jail/nc "$2" "$3" ;; esac; echo "only: nc ADDRESS PORT" >&2; exit 64
END_OF_DVPN
}

wanted_rules() {
    cat <<'END_OF_DVPN'
# dvpn: what user dvpn-gate may reach from this host. Nobody else is concerned.
table inet dvpn-far-dvpn-gate
delete table inet dvpn-far-dvpn-gate
table inet dvpn-far-dvpn-gate {
    set reachable4 {
        type ipv4_addr
        flags interval
        auto-merge
        elements = { 10.1.2.0/24 }
    }
    chain output {
        type filter hook output priority filter; policy accept;
        meta skuid "dvpn-gate" goto confined comment "dvpn 357bf6f773aa7a4e"
    }
    chain confined {
        ip daddr @reachable4 meta l4proto tcp accept
        counter reject with icmpx type admin-prohibited
    }
}
END_OF_DVPN
}

wanted_unit() {
    cat <<'END_OF_DVPN'
[Unit]
Description=What user dvpn-gate may reach from this host (dvpn)
After=nftables.service
Before=ssh.service sshd.service
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f /etc/dvpn-gateway/dvpn-gate.nft
ExecReload=/usr/sbin/nft -f /etc/dvpn-gateway/dvpn-gate.nft

[Install]
WantedBy=multi-user.target nftables.service
END_OF_DVPN
}

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
