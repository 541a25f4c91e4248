"""`dvpnctl gateway` makes a host a gateway without touching anybody else's access there, and finds each
way in which dvpn's key could do more than it should."""
import json
import os
import re

import pytest

import accounts
import far as far_side
from laboratory import find_sshd, wait_until

HOST = f"root@{far_side.ADDRESS}"
USER = "dvpn-gate"
TABLE = f"inet dvpn-far-{USER}"


@pytest.fixture
def far(stopped):
    """A host with a stock sshd, and dvpn's configuration for it as a gateway."""
    machine = far_side.Far(stopped, find_sshd())
    configure(stopped)
    # Root's, as a person would make it.
    yield machine
    machine.down()


def configure(lab, **ssh):
    lab.config.write_text(lab.config_text(port=far_side.PORT, **ssh).replace("dvpn@", f"{USER}@"))


def gateway(lab, *words, check=True):
    verb, *rest = map(str, words)
    more = [] if verb == "keygen" else ["--config", str(lab.config)]
    return lab.run("gw", lab.program("dvpnctl"), "gateway", verb, *more, *rest, check=check)


def set_up(far, *options, check=True):
    return gateway(far.lab, "setup", HOST, "--ssh-config", far.ssh_config, *options, check=check)


def check(far, *options):
    """What `gateway check` says, and whether all is closed."""
    result = gateway(far.lab, "check", "home", *options, check=False)
    assert result.returncode in (0, 1), result.stderr
    return result.stdout, result.returncode == 0


def holes(text):
    return [line for line in text.splitlines() if re.match(r"OPEN|BROKEN", line)]


def admin(far):
    return ["--admin", HOST, "--ssh-config", str(far.ssh_config)]


def state(far):
    """All that a set-up may change, and what belongs to others."""
    return far.run("cd /etc; cat passwd shadow group; find ssh dvpn-gateway -type f 2>/dev/null | sort | "
                   "xargs md5sum; ls -lR ssh").stdout


def access(far, user):
    return far.run(f"/usr/sbin/sshd -T -C user={user},host=x,addr=203.0.113.2").stdout


# --- setup ----------------------------------------------------------------------------------------


def test_setup_prints_a_script_and_touches_nothing(far):
    before = state(far)
    script = set_up(far).stdout
    assert script.startswith("#!/bin/sh\n") and "10.1.2.0/24" in script and f"Match User {USER}" in script
    difference = set_up(far, "--diff").stdout
    assert f"+ user {USER}" in difference and f"+Match User {USER}" in difference
    assert state(far) == before
    assert not far.tables()


def test_setup_makes_a_gateway_once_and_touches_nobody_elses_access(far):
    lab = far.lab
    others = {user: access(far, user) for user in ("root", "nobody")}
    shown = set_up(far, "--apply", "--yes").stdout
    assert f"+Match User {USER}" in shown and "is set up" in shown
    assert {user: access(far, user) for user in others} == others
    done = state(far)
    assert "already" in set_up(far, "--apply", "--yes").stdout
    assert set_up(far, "--diff").stdout.strip().endswith("already")
    assert state(far) == done
    lab.start_dvpn(lab.config.read_text())
    assert "hello from 10.1.2.10" in lab.get("lan", "10.1.2.10")
    assert "hello from fd00:1:2::10" in lab.get("lan", "fd00:1:2::10")


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
def test_the_printed_script_does_the_same_by_hand(far, shell):
    script = set_up(far).stdout
    before = everything(far)
    far.run(f"cat >/tmp/script; {shell} /tmp/script try </dev/null", input=script, check=False)
    assert everything(far) == before
    assert f"+ user {USER}" in far.run(f"{shell} /tmp/script").stdout
    far.run(f"{shell} /tmp/script apply")
    assert far.run(f"{shell} /tmp/script inspect").stdout == ""
    assert "already" in set_up(far, "--diff").stdout


def test_a_changed_prefix_is_the_only_difference(far):
    set_up(far, "--apply", "--yes")
    text = far.lab.config.read_text().replace('"10.1.2.0/24"', '"10.1.0.0/16"')
    far.lab.config.write_text(text)
    difference = set_up(far, "--apply", "--yes").stdout
    changed = [line for line in difference.splitlines() if re.match(r"[-+][^-+]", line)]
    assert len(changed) == 5, difference  # addresses and mark, before and after, and the table
    assert "10.1.0.0/16" in far.lab.run("sshgw", "nft", "list", "table", *TABLE.split()).stdout


def test_a_main_file_without_an_include_gets_a_block_of_its_own(far):
    far.run("sed -i /^Include/d /etc/ssh/sshd_config; echo 'Match User rob' >>/etc/ssh/sshd_config;"
            "echo ' PermitTTY no' >>/etc/ssh/sshd_config")
    far.restart_sshd()
    set_up(far, "--apply", "--yes")
    assert "already" in set_up(far, "--diff").stdout
    assert check(far)[1]
    assert "permittty no" in access(far, "rob") and "permittty yes" in access(far, "root")


# --- setup: what it does not do -------------------------------------------------------------------


@pytest.mark.parametrize("preparation, user, words", [
    ("useradd --shell /bin/sh rob", "rob", "has the shell /bin/sh"),
    ("useradd --shell /usr/sbin/nologin --groups sudo rob", "rob", "group sudo"),
    ("useradd --shell /usr/sbin/nologin --non-unique --uid 0 toor", "toor", "root by another name"),
    ("useradd --system --shell /usr/sbin/nologin --comment 'dvpn dataplane' dvpn", "dvpn",
     'an account dvpn ("dvpn dataplane") that was not made for this'),
    ("useradd --system --shell /usr/sbin/nologin dvpn-gate", USER, "--user NAME"),
    ("echo Nonsense >>/etc/ssh/sshd_config", USER, "as it is")])
def test_it_refuses_an_account_that_is_somebodys_and_a_broken_sshd(far, preparation, user, words):
    far.run(preparation)
    before = state(far)
    result = set_up(far, "--apply", "--yes", "--user", user, "--prefix", "10.1.2.0/24", "--key",
                   far.lab.directory / "ssh/id_ed25519.pub", check=False)
    assert result.returncode == 1 and words in result.stderr
    assert state(far) == before


def test_what_sshd_would_not_apply_is_taken_back(far):
    far.run("echo 'Match User dvpn-gate' >/etc/ssh/sshd_config.d/10-mine.conf;"
            "echo ' PermitTTY yes' >>/etc/ssh/sshd_config.d/10-mine.conf")
    files = far.run("find /etc/ssh -type f | sort | xargs md5sum").stdout
    result = set_up(far, "--apply", "--yes", check=False)
    assert result.returncode == 1 and "PermitTTY no" in result.stderr
    assert far.run("find /etc/ssh -type f | sort | xargs md5sum").stdout == files
    assert not far.tables()


def test_it_is_taken_back_when_nobody_can_log_in_afterwards(far):
    """The third login, which is the one after the change, fails."""
    lab, count = far.lab, far.lab.directory / "logins"
    far.ssh_config.write_text(far.ssh_config.read_text() + f"""\
ProxyCommand sh -c 'echo x >>{count}; [ $(wc -l <{count}) -le 2 ] && exec nc %h %p'
""")
    files = far.run("find /etc/ssh -type f | sort | xargs md5sum").stdout
    result = set_up(far, "--apply", "--yes", check=False)
    assert result.returncode == 1 and "taken back" in result.stderr
    assert far.run("find /etc/ssh -type f | sort | xargs md5sum").stdout == files
    assert not far.tables()
    assert lab.listens("sshgw", far_side.PORT)


# Each of these steps of the script may fail, or be the last one before a signal.
STEPS = "useradd usermod chpasswd mkdir cp ln mv chown chmod nft sshd".split()
STEP = """#!/bin/sh
step=$(($(/bin/cat /tmp/steps) + 1))
echo $step >/tmp/steps
if [ $step -ge {at} ]; then
    {what}
fi
exec PROGRAM "$@"
"""


def everything(far):
    return far.run("""
        cat /etc/passwd /etc/group /etc/shadow
        set -- /etc/ssh /etc/dvpn-gateway /var/lib/dvpn-gateway
        find "$@" -printf '%p %y %m %u\\n' 2>/dev/null | sort
        find "$@" -type f -exec md5sum {} + 2>/dev/null | sort
        nft -s list ruleset""").stdout


def stumble(far, at, what):
    """Runs the script so that `what` happens at its step of that number, and at each later one."""
    return far.run(f"""
        cd /tmp
        PATH=/usr/sbin:/usr/bin
        cat >step
        for name in {' '.join(STEPS)}; do
            sed "s|PROGRAM|$(command -v $name)|" step >/usr/local/sbin/$name
            chmod 755 /usr/local/sbin/$name
        done
        echo 0 >steps
        # Instead of waiting for a "keep" that does not come: what gets to its end goes back, too.
        printf '#!/bin/sh\\n/bin/cp /tmp/steps /tmp/all\\n' >/usr/local/sbin/timeout
        chmod 755 /usr/local/sbin/timeout
        sh -c 'echo $$ >pid; exec sh script try' </dev/null
        status=$?
        rm -f /usr/local/sbin/*
        exit $status""", input=STEP.format(at=at, what=what), check=False)


# Once, so that the way back is open; a signal at each later one, too.
FAILS = '[ $step -gt {at} ] || { echo "$0 fails" >&2; exit 1; }'
IS_KILLED = "kill -HUP $(/bin/cat /tmp/pid)"


@pytest.mark.parametrize("what, options", [
    (FAILS, ()), (FAILS, ("--jail", "--prefix", "10.8.0.0/16")), (IS_KILLED, ())],
    ids=["failure", "failure-of-a-change", "signal"])
def test_from_every_step_it_goes_back_to_what_was(far, what, options):
    if options:
        set_up(far, "--apply", "--yes")
    far.run("cat >/tmp/script", input=set_up(far, *options).stdout)
    before = everything(far)
    result = stumble(far, 1_000, ":")
    assert "dvpn: applied" in result.stdout and "everything is as it was" in result.stderr
    assert everything(far) == before
    steps = int(far.run("cat /tmp/all").stdout)
    assert steps > 20
    for at in range(1, steps + 1):
        result = stumble(far, at, what.replace("{at}", str(at)))
        assert result.returncode != 0 and everything(far) == before, f"step {at}: {result.stderr}"
    far.run("sh /tmp/script apply")
    assert far.run("sh /tmp/script diff").stdout == ""


@pytest.mark.parametrize("moment", ["in the middle", "at the end"])
def test_a_lost_connection_leaves_everything_as_it_was(far, moment):
    """dvpnctl and its ssh are killed while the script is at work there, or waits for the next login."""
    script = set_up(far).stdout
    before = everything(far)
    if moment == "in the middle":
        # It waits before the rules are loaded, until the connection is gone.
        far.run("cat >/usr/local/sbin/nft; chmod 755 /usr/local/sbin/nft", input="""#!/bin/sh
case "$*" in
"-f /etc/dvpn-gateway"*)
    touch /tmp/there
    until [ -e /tmp/gone ]; do sleep 0.05; done
    ;;
esac
exec /usr/sbin/nft "$@"
""")
    command = f"head -c {len(script.encode())} >/tmp/script; touch /tmp/begun; exec sh /tmp/script try"
    ssh = far.lab.spawn("gw", "ssh", "-F", str(far.ssh_config), HOST, command)
    ssh.stdin.write(script)
    ssh.stdin.flush()
    if moment == "in the middle":
        wait_until(lambda: far.run("test -e /tmp/there", check=False).returncode == 0, 20, "the rules' turn")
    else:
        while "dvpn: applied" not in ssh.stdout.readline():
            assert ssh.poll() is None
        assert everything(far) != before
    ssh.kill()
    ssh.wait()
    far.run("touch /tmp/gone")
    wait_until(lambda: not far.run("pgrep -f '^sh /tmp/script'", check=False).stdout, 20, "the script's end")
    assert everything(far) == before


def test_a_reader_that_is_gone_leaves_everything_as_it_was(far):
    """The script speaks in the middle of its work, and nobody is there: SIGPIPE."""
    far.run("cat >/tmp/script", input=set_up(far).stdout)
    before = everything(far)
    result = far.run("""
        mkfifo /tmp/fifo
        : </tmp/fifo &
        exec 3>/tmp/fifo
        wait
        sh /tmp/script apply >&3 2>&3""", check=False)
    assert result.returncode != 0 and everything(far) == before


@pytest.mark.parametrize("full", ["/etc/dvpn-gateway", "/etc/ssh/sshd_config.d"])
def test_a_full_disk_leaves_everything_as_it_was(far, full):
    far.run(f"mkdir -p {full}; mount -t tmpfs -o size=12k,mode=755 full {full}; cat /dev/zero >{full}/rest || true")
    far.run("cat >/tmp/script", input=set_up(far).stdout)
    before = everything(far)
    result = far.run("sh /tmp/script apply", check=False)
    assert result.returncode != 0 and "No space left" in result.stderr
    assert everything(far) == before
    far.run(f"umount {full}; rm -rf {full}; mkdir {full}")
    far.run("sh /tmp/script apply")
    assert check(far)[1]


def test_a_half_applied_change_is_finished_by_doing_it_again(far):
    """kill -9 leaves no way back."""
    far.run("cat >/tmp/script", input=set_up(far).stdout)
    stumble(far, 1_000, ":")
    steps = int(far.run("cat /tmp/all").stdout)
    for at in range(steps // 2, steps + 1, 3):
        stumble(far, at, "kill -9 $(/bin/cat /tmp/pid)")
    assert far.run("sh /tmp/script diff").stdout != ""
    set_up(far, "--apply", "--yes")
    text, closed = check(far, *admin(far))
    assert closed, text
    assert "dvpn-old" not in far.run("find /etc/ssh /etc/dvpn-gateway").stdout


def test_nologin_may_lie_elsewhere(far):
    far.run("mv /usr/sbin/nologin /usr/bin/nologin; rm -f /sbin/nologin")
    set_up(far, "--apply", "--yes")
    assert far.run(f"getent passwd {USER}").stdout.strip().endswith(":/usr/bin/nologin")
    assert check(far)[1]
    assert "already" in set_up(far, "--diff").stdout


def test_files_that_others_could_write_are_roots_again(far):
    set_up(far, "--apply", "--yes")
    far.run(f"chown {USER} {KEYS}; chmod 666 {KEYS}; chown {USER} /etc/dvpn-gateway; mv {RULES} /tmp/rules;"
            f"ln -s /tmp/rules {RULES}")
    difference = set_up(far, "--diff").stdout
    assert f"+ {KEYS}: root's, mode 0644" in difference and f"+ {RULES}: root's, mode 0644" in difference
    assert "+ /etc/dvpn-gateway: root's, mode 0755" in difference
    text, closed = check(far, *admin(far))
    assert not closed and any("/etc/dvpn-gateway is not root's" in line for line in holes(text)), text
    set_up(far, "--apply", "--yes")
    assert far.run(f"stat -c '%F %U %a' /etc/dvpn-gateway {KEYS} {RULES}").stdout.splitlines() == [
        "directory root 755", "regular file root 644", "regular file root 644"]
    assert "already" in set_up(far, "--diff").stdout
    # StrictModes is on: sshd believes them.
    assert check(far)[1]


def test_as_many_prefixes_as_one_likes(far):
    """The script is longer than a program's argument may be (128 KiB)."""
    many = [f"fd00:1111:2222:3333:4444:5555:{number:x}:0/112" for number in range(0x1000, 0x1000 + 3_600)]
    config = far.lab.config
    config.write_text(config.read_text().replace('"10.1.2.0/24"', ", ".join(f'"{prefix}"' for prefix in many)))
    assert len(set_up(far, "--apply", "--yes").stdout) > 128 * 1024
    assert "already" in set_up(far, "--diff").stdout
    assert many[-1] in far.run(f"cat {RULES}").stdout


def test_without_a_yes_nothing_happens(far):
    before = state(far)
    result = set_up(far, "--apply", check=False)
    assert result.returncode == 1 and "nothing was changed" in result.stderr
    assert state(far) == before


# --- check ----------------------------------------------------------------------------------------


def test_a_gateway_that_was_set_up_is_closed(far):
    set_up(far, "--apply", "--yes")
    text, closed = check(far, *admin(far), "--outside", "10.9.0.10:80", "--outside", "[2001:db8:51::2]:2240")
    assert closed, text
    assert "cannot tell" not in text
    assert "no: a forward to 127.0.0.1" in text and "no: a forward to 10.9.0.10:80" in text
    assert "a forward to 10.1.2.1:9 is tried" in text


def block(line, value):
    """Another value of a line in dvpn's block."""
    return f"sed -i 's/^    {line} .*/    {line} {value}/' /etc/ssh/sshd_config.d/20-dvpn-{USER}.conf"


SHELL = f"{block('ForceCommand', 'none')}; usermod --shell /bin/sh {USER}"
KEYS = f"/etc/dvpn-gateway/{USER}.keys"
RULES = f"/etc/dvpn-gateway/{USER}.nft"
JAIL = f"/var/lib/dvpn-gateway/{USER}"
OPEN_JAIL_KEY = f"sed -i 's/^restrict //' {KEYS}"
OPEN_KEY = f"sed -i 's/^restrict,port-forwarding //' {KEYS}"


@pytest.mark.parametrize("hole, found", [
    (SHELL, "a shell: a command, a login"),
    (f"{SHELL}; chmod 777 /home", "what that shell can write: /home"),
    (f"{block('PermitTTY', 'yes')}; {OPEN_KEY}", "a pty"),
    (f"{block('AllowAgentForwarding', 'yes')}; {OPEN_KEY}", "agent forwarding"),
    (f"{block('AllowTcpForwarding', 'yes')}; {block('PermitListen', 'any')}",
     "a listener on the gateway (-R)"),
    (f"{block('AllowStreamLocalForwarding', 'yes')}; {block('AllowTcpForwarding', 'yes')};"
     f"{block('PermitListen', 'any')}",
     "a listening Unix socket there (-R)"),
    (block("ForceCommand", "internal-sftp"), "sftp"),
    (f"nft delete table {TABLE}", "a forward to 127.0.0.1:2240, outside of the prefixes"),
    (f"nft flush chain {TABLE} output", "a forward to 198.51.100.2:2240, outside"),
    (block("AllowTcpForwarding", "no"), "a forward to 10.1.2.1:9 is prohibited")])
def test_check_finds(far, hole, found):
    set_up(far, "--apply", "--yes")
    far.run(hole)
    far.restart_sshd()
    text, closed = check(far)
    assert not closed
    assert any(found in line for line in holes(text)), text


def test_check_finds_a_key_file_that_others_may_use(far):
    set_up(far, "--apply", "--yes")
    key = far.lab.directory / "ssh/id_ed25519"
    key.chmod(0o640)
    try:
        text, closed = check(far)
        assert not closed and any("mode 0640" in line for line in holes(text)), text
    finally:
        key.chmod(0o600)


def test_check_finds_a_key_file_of_somebody_else(far):
    set_up(far, "--apply", "--yes")
    key = far.lab.directory / "ssh/id_ed25519"
    before = key.stat()
    os.chown(key, accounts.ACCOUNTS["rob"], -1)
    try:
        text, closed = check(far)
        assert not closed and any("who may use it" in line for line in holes(text)), text
    finally:
        os.chown(key, before.st_uid, -1)


def test_check_finds_a_way_to_another_network(far):
    """Rules that are wider than the prefixes."""
    outside = ("--outside", "10.9.0.10:80")
    set_up(far, "--apply", "--yes")
    assert check(far, *outside)[1]
    far.run(f"nft add element {TABLE} reachable4 '{{ 10.9.0.0/24 }}'")
    text, closed = check(far, *outside)
    assert not closed
    assert any("a forward to 10.9.0.10:80, outside of the prefixes" in line for line in holes(text)), text


def test_keys_of_others_are_as_set_up_if_they_are_told(far):
    keys = far.lab.directory / "keys"
    keys.write_text("".join((far.lab.directory / f"ssh/{name}.pub").read_text() for name in ("id_ed25519", "wrong_key")))
    set_up(far, "--apply", "--yes", "--key", keys)
    assert check(far, *admin(far), "--key", str(keys))[1]
    assert any(f"{KEYS} is not as it was set up" in line for line in holes(check(far, *admin(far))[0]))


def test_with_an_administrators_login_it_sees_rules_that_were_changed(far):
    set_up(far, "--apply", "--yes")
    far.run(f"chmod 666 {RULES}; sed -i s/10.1.2.0/10.0.0.0/ {RULES}")
    text, closed = check(far, *admin(far))
    assert not closed
    assert any(f"{RULES} can be written" in line for line in holes(text)), text
    assert any(f"{RULES} is not as it was set up" in line for line in holes(text)), text
    # With keys that others may write sshd lets nobody in.
    far.run(f"chmod 666 {KEYS}")
    text, closed = check(far, *admin(far))
    assert not closed and "the login (" in text
    assert any(f"{KEYS} can be written" in line for line in holes(text)), text


def test_with_an_administrators_login_it_sees_what_was_added_to_the_kernels_rules(far):
    set_up(far, "--apply", "--yes")
    assert check(far, *admin(far))[1]
    far.run(f"nft add element {TABLE} reachable4 '{{ 10.9.0.0/24 }}'")
    text, closed = check(far, *admin(far))
    assert not closed and any(f"nothing confines {USER}" in line for line in holes(text)), text


def test_check_finds_another_host_key_and_shows_both_fingerprints(far):
    set_up(far, "--apply", "--yes")
    lab = far.lab
    def fingerprint(name):
        return lab.run("gw", "ssh-keygen", "-lf", f"{lab.directory}/ssh/{name}.pub").stdout.split()[1]

    configure(lab, known_hosts=f"{lab.directory}/ssh/wrong_known_hosts")
    text, closed = check(far)
    assert not closed
    alarm, = (line for line in holes(text) if "ANOTHER host key" in line)
    recorded, shown = alarm.split("; shown: ")
    assert fingerprint("wrong_key") in recorded and fingerprint("host_key") in shown
    configure(lab, known_hosts=f"{lab.directory}/ssh/none")
    text, closed = check(far)
    assert not closed and any("no host key of it is recorded" in line for line in holes(text)), text


# --- the jail -------------------------------------------------------------------------------------


@pytest.fixture
def jail(far):
    set_up(far, "--apply", "--yes", "--jail")
    return far


def test_a_jail_holds_netcat_and_is_closed(jail):
    assert "already" in set_up(jail, "--diff", "--jail").stdout
    files = jail.run(f"cd {JAIL}; find . -type f | sort; ls -i dvpn-jail").stdout
    assert files.split()[:2] == ["./dvpn-jail/nc", "./dvpn-jail/sh"]
    text, closed = check(jail, "--jail", *admin(jail))
    assert closed, text
    assert "no: netcat to 127.0.0.1" in text and "netcat to 10.1.2.1:9 is tried" in text


@pytest.mark.parametrize("hole, found", [
    # sshd itself starts nothing in this one.
    (f"chmod 777 {JAIL}", "the jail does not answer"),
    (f"chown {USER} {JAIL}", "the jail does not answer"),
    # Here it does.
    (f"chmod 777 {JAIL}/dvpn-jail", f"the jail is open: {JAIL}/dvpn-jail"),
    (f"mkdir -m 1777 {JAIL}/tmp", f"the jail is open: {JAIL}/tmp"),
    (block("ForceCommand", "none"), "a shell: a command"),
    (block("ForceCommand", "\\/dvpn-jail\\/sh -c \"$SSH_ORIGINAL_COMMAND\""), "a shell: a command"),
    (block("ForceCommand", "eval \"\\/dvpn-jail\\/$SSH_ORIGINAL_COMMAND\""), "a command behind netcat's"),
    (f"nft delete table {TABLE}", "netcat to 127.0.0.1:2240, outside of the prefixes"),
    (f"{block('PermitTTY', 'yes')}; {OPEN_JAIL_KEY}", "a pty"),
    # Its socket lies in the jail's /tmp.
    (f"{block('AllowAgentForwarding', 'yes')}; {OPEN_JAIL_KEY}; mkdir -m 1777 {JAIL}/tmp", "agent forwarding"),
    (f"{block('AllowTcpForwarding', 'yes')}; {block('PermitListen', 'any')}; {OPEN_JAIL_KEY}",
     "a listener on the gateway (-R)"),
    (f"nft add element {TABLE} reachable4 '{{ 198.51.100.0/24 }}'",
     "netcat to 198.51.100.2:2240, outside of the prefixes"),
    (f"chmod 666 {KEYS}", f"{KEYS} can be written"),
    (f"{block('AllowTcpForwarding', 'yes')}; sed -i s/^restrict/restrict,port-forwarding/ "
     f"{KEYS}; nft delete table {TABLE}", "a forward to 127.0.0.1:2240")])
def test_check_finds_in_a_jail(jail, hole, found):
    jail.run(hole)
    jail.restart_sshd()
    text, closed = check(jail, "--jail", *admin(jail))
    assert not closed
    assert any(found in line for line in holes(text)), text


def test_check_finds_a_jail_that_others_may_write_without_an_administrator_too(jail):
    jail.run(f"chmod 777 {JAIL}")
    text, closed = check(jail, "--jail")
    assert not closed and any("a chroot that others than root may write" in line for line in holes(text)), text


# --- keygen and pin -------------------------------------------------------------------------------


def test_keygen_makes_a_key_once_for_the_one_who_dials(stopped):
    path = stopped.directory / "made/id_ed25519"
    first = gateway(stopped, "keygen", "--file", path).stdout
    assert first.startswith("ssh-ed25519 ")
    assert stopped.run("gw", "stat", "-c", "%U %a", str(path)).stdout == "dvpn-ssh 600\n"
    assert gateway(stopped, "keygen", "--file", path).stdout.split()[:2] == first.split()[:2]
    path.chmod(0o644)
    assert "chmod 600" in gateway(stopped, "keygen", "--file", path, check=False).stderr


def test_programs_read_what_each_gateway_verb_did(far):
    lab = far.lab
    known = lab.directory / "pinned"
    configure(lab, known_hosts=str(known))

    def report(said, status=0):
        assert said.returncode == status, said.stderr
        found = json.loads(said.stdout)
        assert found.pop("schema") == 1
        return found

    def pin(*options, status=0):
        return report(gateway(lab, "pin", "home", *options, "--json", check=False), status)

    def setup(*options, status=0):
        return report(set_up(far, *options, "--json", check=False), status)

    path = lab.directory / "made/id_json"
    made = report(gateway(lab, "keygen", "--file", path, "--json"))
    assert made["made"] is True and made["public_key"] == path.with_suffix(".pub").read_text().strip()
    assert report(gateway(lab, "keygen", "--file", path, "--json"))["made"] is False

    fingerprint = lab.run("gw", "ssh-keygen", "-lf", f"{lab.directory}/ssh/host_key.pub").stdout.split()[1]
    declined = pin(status=1)
    assert declined["result"] == "declined" and not known.exists()
    assert {"kind": "ssh-ed25519", "fingerprint": fingerprint} in declined["shown"]
    assert pin("--yes")["result"] == "recorded"
    assert pin()["result"] == "known" and pin()["recorded"] == declined["shown"]
    address = known.read_text().split()[0]
    known.write_text(f"{address} {(lab.directory / 'ssh/wrong_key.pub').read_text()}")
    assert pin("--yes", status=1)["result"] == "differs"
    assert pin("--yes", "--replace")["result"] == "recorded"

    printed = setup()
    assert printed["script"] == set_up(far).stdout and "difference" not in printed and not printed["changed"]
    assert printed["user"] == USER and printed["far_end"] == "forward"
    assert setup("--diff")["difference"] and not setup("--diff")["changed"]
    assert not setup("--apply", status=1)["changed"]
    assert setup("--apply", "--yes")["changed"]
    assert setup("--apply", "--yes") == {**printed, "difference": "", "changed": False}

    checked = report(gateway(lab, "check", "home", "--json"))
    assert checked["closed"] and {finding["grade"] for finding in checked["findings"]} <= {"closed", "unknown"}
    far.run(SHELL)
    far.restart_sshd()
    checked = report(gateway(lab, "check", "home", "--json", check=False), status=1)
    assert not checked["closed"] and any(finding["grade"] == "open" for finding in checked["findings"])


def test_pin_records_keys_that_a_person_has_seen(far):
    lab = far.lab
    known = lab.directory / "pinned"
    configure(lab, known_hosts=str(known))
    key = lab.directory / "ssh/host_key.pub"
    fingerprint = lab.run("gw", "ssh-keygen", "-lf", str(key)).stdout.split()[1]
    refused = gateway(lab, "pin", "home", check=False)
    assert refused.returncode == 1 and fingerprint in refused.stdout and not known.exists()
    for wrong, status in (("SHA256:" + 43 * "x", 1), ("", 64), (fingerprint[-10:], 64), ("SHA256:x", 64)):
        refused = gateway(lab, "pin", "home", "--fingerprint", wrong, check=False)
        assert refused.returncode == status and not known.exists(), refused.stderr
    gateway(lab, "pin", "home", "--fingerprint", fingerprint)
    assert "recorded already" in gateway(lab, "pin", "home").stdout
    set_up(far, "--apply", "--yes")
    lab.start_dvpn(lab.config.read_text())
    assert "hello" in lab.get("lan", "10.1.2.10")


def test_pin_does_not_take_another_key_for_a_known_one(far):
    lab = far.lab
    known = lab.directory / "pinned"
    configure(lab, known_hosts=str(known))
    wrong = (lab.directory / "ssh/wrong_key.pub").read_text()
    known.write_text(f"other {wrong}[198.51.100.2]:{far_side.PORT} {wrong}")
    result = gateway(lab, "pin", "home", "--yes", check=False)
    assert result.returncode == 1 and "ANOTHER key" in result.stderr
    for name, said in (("wrong_key", result.stderr), ("host_key", result.stdout)):
        assert lab.run("gw", "ssh-keygen", "-lf", f"{lab.directory}/ssh/{name}.pub").stdout.split()[1] in said
    gateway(lab, "pin", "home", "--yes", "--replace")
    assert known.read_text().count(wrong.split()[1]) == 1
    assert "recorded already" in gateway(lab, "pin", "home").stdout


def test_pin_does_not_add_a_key_where_none_of_the_recorded_ones_is_shown(far):
    """The gateway had an ECDSA key and shows an Ed25519 one: another kind, and another gateway all the same."""
    lab = far.lab
    known = lab.directory / "pinned"
    configure(lab, known_hosts=str(known))
    key = lab.directory / "ssh/ecdsa"
    lab.run("gw", "ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", str(key))
    old = f"[198.51.100.2]:{far_side.PORT} {(lab.directory / 'ssh/ecdsa.pub').read_text()}"
    known.write_text(old)
    result = gateway(lab, "pin", "home", "--yes", check=False)
    assert result.returncode == 1 and "ANOTHER key" in result.stderr and known.read_text() == old
    gateway(lab, "pin", "home", "--yes", "--replace")
    assert "ecdsa" not in known.read_text() and "recorded already" in gateway(lab, "pin", "home").stdout


def test_pin_replaces_a_key_behind_a_hashed_name_and_leaves_patterns_to_a_person(far):
    lab = far.lab
    known = lab.directory / "pinned"
    configure(lab, known_hosts=str(known))
    wrong = (lab.directory / "ssh/wrong_key.pub").read_text()
    known.write_text(f"[198.51.100.2]:{far_side.PORT} {wrong}")
    lab.run("gw", "ssh-keygen", "-q", "-H", "-f", str(known))
    hashed = known.read_text()
    assert hashed.startswith("|1|")
    both = f"{hashed}[198.51.100.*]:{far_side.PORT} {wrong}"
    known.write_text(both)
    result = gateway(lab, "pin", "home", "--yes", "--replace", check=False)
    assert result.returncode == 1 and "[198.51.100.*]" in result.stderr and known.read_text() == both
    known.write_text(hashed)
    gateway(lab, "pin", "home", "--yes", "--replace")
    assert wrong.split()[1] not in known.read_text()
    assert "recorded already" in gateway(lab, "pin", "home").stdout
