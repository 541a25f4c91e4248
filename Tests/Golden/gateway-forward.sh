#!/bin/sh
# Makes this host a gateway of dvpn for one user, dvpn, and touches nobody else's access.
# Written by `dvpnctl gateway setup`.
#
#   sh FILE            shows what would change
#   sh FILE apply      changes it; what sshd does not like is taken back
#   sh FILE inspect    says what is not as it should be
set -eu
verb=${1:-diff}
user='dvpn'
shell='/usr/sbin/nologin'
jail=''
keys='/etc/dvpn-gateway/dvpn.keys'
rules='/etc/dvpn-gateway/dvpn.nft'
table='dvpn-far-dvpn'
stamp='dvpn 5f37cb7862f389f4'

wanted_keys() {
    cat <<'END_OF_DVPN'
restrict,port-forwarding ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHX7 dvpn@router
END_OF_DVPN
}

wanted_access() {
    cat <<'END_OF_DVPN'
# dvpn: user dvpn forwards and does nothing else. Nobody else is concerned.
Match User dvpn
    AuthorizedKeysFile /etc/dvpn-gateway/dvpn.keys
    PubkeyAuthentication yes
    AuthenticationMethods publickey
    AllowStreamLocalForwarding no
    AllowAgentForwarding no
    X11Forwarding no
    PermitTTY no
    PermitTunnel no
    PermitUserRC no
    AllowTcpForwarding local
    PermitListen none
    PermitOpen any
    MaxSessions 1
    ForceCommand /bin/false
END_OF_DVPN
}

wanted_rules() {
    cat <<'END_OF_DVPN'
# dvpn: what user dvpn may reach from this host. Nobody else is concerned.
table inet dvpn-far-dvpn
delete table inet dvpn-far-dvpn
table inet dvpn-far-dvpn {
    set reachable4 {
        type ipv4_addr
        flags interval
        auto-merge
        elements = { 10.1.2.0/24 }
    }
    set reachable6 {
        type ipv6_addr
        flags interval
        auto-merge
        elements = { fd00:1:2::/64 }
    }
    chain output {
        type filter hook output priority filter; policy accept;
        meta skuid "dvpn" goto confined comment "dvpn 5f37cb7862f389f4"
    }
    chain confined {
        ip daddr @reachable4 meta l4proto tcp accept
        ip6 daddr @reachable6 meta l4proto tcp accept
        counter reject with icmpx type admin-prohibited
    }
}
END_OF_DVPN
}

wanted_unit() {
    cat <<'END_OF_DVPN'
[Unit]
Description=What user dvpn may reach from this host (dvpn)
After=nftables.service
Before=ssh.service sshd.service
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f /etc/dvpn-gateway/dvpn.nft
ExecReload=/usr/sbin/nft -f /etc/dvpn-gateway/dvpn.nft

[Install]
WantedBy=multi-user.target nftables.service
END_OF_DVPN
}

umask 022
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
main=/etc/ssh/sshd_config
unit=/etc/systemd/system/dvpn-gateway-$user.service
inside=dvpn-jail

die() {
    echo "dvpn: $*" >&2
    exit 1
}

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
trap 'exit 129' HUP INT TERM

# --- What must not be done ------------------------------------------------------------------

[ "$(id -u)" = 0 ] || die 'this needs root'
for program in diff nft sshd; do
    command -v $program >/dev/null || die "there is no $program here; install it first"
done
sshd=$(command -v sshd)
[ -f "$main" ] || die "there is no $main"
"$sshd" -t 2>"$stage/said" || die "sshd does not like its configuration as it is:
$(cat "$stage/said")"
me=${SUDO_USER:-$(id -un)}
[ "$user" != "$me" ] || die "you are logged in as $user, who would lose the shell"

account() { getent passwd "$user" 2>/dev/null || grep "^$user:" /etc/passwd || true; }

found=$(account)
shell_now=${found##*:}
if [ -n "$found" ]; then
    case $(echo "$found" | cut -d: -f3) in 0) die "$user is root by another name" ;; esac
    case $shell_now in
        */nologin | */false | "/$inside/sh") ;;
        *) die "$user has the shell $shell_now: somebody works as $user; take another --user" ;;
    esac
    for group in $(id -nG "$user"); do
        case $group in
            root | sudo | wheel | admin | adm | shadow | disk | docker | lxd)
                die "$user is in the group $group, which is no place for dvpn's user" ;;
        esac
    done
fi

# --- What is wanted -------------------------------------------------------------------------

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

files=
want() {
    mkdir -p "$stage/new${1%/*}"
    cat >"$stage/new$1"
    files="$files $1"
}
wanted_keys | want "$keys"
wanted_rules | want "$rules"
stage_access | want "$access"
# A pipe's last part may be a process of its own, where the list would be lost.
files="$keys $rules $access"
if [ -d /run/systemd/system ]; then
    wanted_unit | want "$unit"
    files="$files $unit"
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

changed=
for file in $files; do
    cmp -s "$stage/new$file" "$file" || changed="$changed $file"
done

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
    find "$jail" \( ! -user root -o -perm -020 -o -perm -002 \) -print
    find "$jail" -mindepth 1 ! -path "$jail/$inside" ! -path "$jail/$inside/sh" \
        ! -path "$jail/$inside/nc" -print
}

rules_are_loaded() { nft list table inet "$table" 2>/dev/null | grep -qF "\"$stamp\""; }

# --- diff -----------------------------------------------------------------------------------

show() {
    if [ -z "$found" ]; then
        echo "+ user $user, without a password, with the shell $shell"
    elif [ "$shell_now" != "$shell" ]; then
        echo "- the shell of $user: $shell_now"
        echo "+ the shell of $user: $shell"
    fi
    for file in $changed; do
        before=$file
        [ -e "$file" ] || before=/dev/null
        diff -u "$before" "$stage/new$file" | sed "1s|.*|--- $file|;2s|.*|+++ $file|"
    done
    jail_is_right || echo "+ $jail: netcat ($netcat), root's alone"
    rules_are_loaded || echo "+ nftables: table inet $table, from $rules"
}

# --- apply ----------------------------------------------------------------------------------

# What sshd would do for somebody. Of others it must say the same before and after.
effective() { "$sshd" -T -C "user=$1,host=localhost,addr=127.0.0.1,laddr=127.0.0.1,lport=22"; }

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

install_file() {
    mkdir -p "${2%/*}"
    # A rename: nobody ever reads half of it. cat keeps the mode of what is there already.
    [ ! -e "$2" ] || cp -p "$2" "$2.dvpn-new"
    cat "$1" >"$2.dvpn-new"
    mv "$2.dvpn-new" "$2"
}

restore() {
    trap '' HUP INT TERM
    for file in $changed; do
        if [ -e "$stage/old$file" ]; then
            cp -p "$stage/old$file" "$file.dvpn-new"
            mv "$file.dvpn-new" "$file"
        else
            rm -f "$file"
        fi
    done
    nft delete table inet "$table" 2>/dev/null || true
    [ ! -e "$rules" ] || nft -f "$rules" || true
    reload_sshd || true
}

refuse() {
    restore
    die "$*
everything is as it was"
}

make_user() {
    if [ -z "$found" ]; then
        if command -v useradd >/dev/null; then
            useradd --system --user-group --no-create-home --home-dir /nonexistent \
                --shell "$shell" "$user"
        else
            adduser -S -D -H -h /nonexistent -s "$shell" "$user"
        fi
    elif [ "$shell_now" != "$shell" ]; then
        # It warns of a shell that is in the jail only.
        usermod --shell "$shell" "$user" 2>"$stage/said" || die "$(cat "$stage/said")"
    fi
    # No password is ever right; "!" would make sshd take the account for a locked one.
    echo "$user:*" | chpasswd -e
}

make_jail() {
    [ -n "$jail" ] || return 0
    # Made beside it and put in its place as a whole. Who is in the old one may stay.
    rm -rf "$jail.new" "$jail.old"
    mkdir -p "$jail.new/$inside"
    cp "$netcat" "$jail.new/$inside/sh"
    ln "$jail.new/$inside/sh" "$jail.new/$inside/nc"
    chown -R root:root "$jail.new" 2>/dev/null || chown -R 0:0 "$jail.new"
    chmod 755 "$jail.new" "$jail.new/$inside" "$jail.new/$inside/sh" "${jail%/*}"
    [ ! -e "$jail" ] || mv "$jail" "$jail.old"
    mv "$jail.new" "$jail"
    rm -rf "$jail.old"
}

apply() {
    for who in root "$me" nobody; do effective "$who" >"$stage/before.$who"; done
    for file in $changed; do
        [ -e "$file" ] || continue
        mkdir -p "$stage/old${file%/*}"
        cp -p "$file" "$stage/old$file"
    done
    make_user
    jail_is_right || make_jail
    trap 'refuse "interrupted"' HUP INT TERM
    for file in $changed; do install_file "$stage/new$file" "$file"; done
    "$sshd" -t 2>"$stage/said" || refuse "sshd refuses the new configuration: $(cat "$stage/said")"
    for who in root "$me" nobody; do
        effective "$who" | cmp -s - "$stage/before.$who" ||
            refuse "the new configuration would change the access of $who"
    done
    effective "$user" >"$stage/effective"
    wanted_access | sed '/^#/d; /^Match /d; s/^ *//' >"$stage/lines"
    while IFS= read -r line; do
        grep -qixF "$line" "$stage/effective" ||
            refuse "sshd does not take \"$line\" for $user: another Match comes before it"
    done <"$stage/lines"
    # Before sshd hears of the user: nobody is in who is not confined.
    nft -f "$rules" || refuse 'nft does not take the rules'
    if [ -d /run/systemd/system ]; then
        systemctl daemon-reload
        systemctl --quiet enable "${unit##*/}" || refuse "systemd does not take ${unit##*/}"
        systemctl restart "${unit##*/}" || refuse "systemd does not load the rules"
    else
        echo "dvpn: no systemd here: have \"nft -f $rules\" run at boot" >&2
    fi
    reload_sshd
    if grep -Eq '^(allow|deny)(users|groups) ' "$stage/effective"; then
        echo "dvpn: sshd has AllowUsers or the like; see that they let $user in" >&2
    fi
}

# --- inspect --------------------------------------------------------------------------------

inspect() {
    [ -n "$found" ] || echo "there is no user $user"
    [ -z "$found" ] || [ "$shell_now" = "$shell" ] || echo "$user has the shell $shell_now"
    for file in $changed; do echo "$file is not as it was set up"; done
    for file in $files; do
        [ ! -e "$file" ] || [ -z "$(find "$file" \( ! -user root -o -perm -020 -o -perm -002 \))" ] ||
            echo "$file can be written by others than root"
    done
    if [ -n "$jail" ]; then
        [ -d "$jail" ] || echo "there is no jail $jail"
        jail_holes | sort -u | while IFS= read -r hole; do
            echo "the jail is open: $hole does not belong there, or others than root can write it"
        done
    fi
    rules_are_loaded || echo "nothing confines $user: nftables' table inet $table is not loaded as set up"
    effective "$user" >"$stage/effective"
    wanted_access | sed '/^#/d; /^Match /d; s/^ *//' >"$stage/lines"
    while IFS= read -r line; do
        grep -qixF "$line" "$stage/effective" || echo "sshd does not apply \"$line\" to $user"
    done <"$stage/lines"
}

case $verb in
    diff) show ;;
    inspect) inspect ;;
    apply) apply ;;
    try)
        apply
        echo 'dvpn: applied'
        word=$(timeout 60 sh -c 'read -r word && echo "$word"' || true)
        [ "$word" = keep ] || refuse 'nobody said that it should stay'
        ;;
    *) die "there is no $verb; there are diff, apply, try and inspect" ;;
esac
