"""`dvpnctl gateway` makes a host a gateway without touching anybody else's access there, and finds each
way in which dvpn's key could do more than it should."""
import re

import pytest

import far as far_side
from laboratory import find_sshd

HOST = f"root@{far_side.ADDRESS}"


@pytest.fixture
def far(stopped):
    """A host with a stock sshd, and dvpn's configuration for it as a gateway."""
    machine = far_side.Far(stopped, find_sshd())
    stopped.config.write_text(stopped.config_text(port=far_side.PORT))
    # Root's, as a person would make it.
    yield machine
    machine.down()


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
    assert script.startswith("#!/bin/sh\n") and "10.1.2.0/24" in script and "Match User dvpn" in script
    difference = set_up(far, "--diff").stdout
    assert "+ user dvpn" in difference and "+Match User dvpn" in difference
    assert state(far) == before
    assert not far.tables()


def test_setup_makes_a_gateway_once_and_touches_nobody_elses_access(far):
    lab = far.lab
    others = {user: access(far, user) for user in ("root", "nobody")}
    shown = set_up(far, "--apply", "--yes").stdout
    assert "+Match User dvpn" in shown and "is set up" in shown
    assert {user: access(far, user) for user in others} == others
    done = state(far)
    assert "already" in set_up(far, "--apply", "--yes").stdout
    assert set_up(far, "--diff").stdout.strip().endswith("already")
    assert state(far) == done
    lab.start_dvpn(lab.config.read_text())
    assert "hello from 10.1.2.10" in lab.get("lan", "10.1.2.10")
    assert "hello from fd00:1:2::10" in lab.get("lan", "fd00:1:2::10")


def test_the_printed_script_does_the_same_by_hand(far):
    script = set_up(far).stdout
    far.run("cat >/tmp/script; sh /tmp/script apply", input=script)
    assert "already" in set_up(far, "--diff").stdout


def test_a_changed_prefix_is_the_only_difference(far):
    set_up(far, "--apply", "--yes")
    text = far.lab.config.read_text().replace('"10.1.2.0/24"', '"10.1.0.0/16"')
    far.lab.config.write_text(text)
    difference = set_up(far, "--apply", "--yes").stdout
    changed = [line for line in difference.splitlines() if re.match(r"[-+][^-+]", line)]
    assert len(changed) == 5, difference  # addresses and mark, before and after, and the table
    assert "10.1.0.0/16" in far.lab.run("sshgw", "nft", "list", "table", "inet", "dvpn-far-dvpn").stdout


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
    ("echo Nonsense >>/etc/ssh/sshd_config", "dvpn", "as it is")])
def test_it_refuses_an_account_that_is_somebodys_and_a_broken_sshd(far, preparation, user, words):
    far.run(preparation)
    before = state(far)
    result = set_up(far, "--apply", "--yes", "--user", user, "--prefix", "10.1.2.0/24", "--key",
                   far.lab.directory / "ssh/id_ed25519.pub", check=False)
    assert result.returncode == 1 and words in result.stderr
    assert state(far) == before


def test_what_sshd_would_not_apply_is_taken_back(far):
    far.run("echo 'Match User dvpn' >/etc/ssh/sshd_config.d/10-mine.conf;"
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
    return f"sed -i 's/^    {line} .*/    {line} {value}/' /etc/ssh/sshd_config.d/20-dvpn-dvpn.conf"


SHELL = f"{block('ForceCommand', 'none')}; usermod --shell /bin/sh dvpn"
OPEN_KEY = "sed -i 's/^restrict,port-forwarding //' /etc/dvpn-gateway/dvpn.keys"


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
    ("nft delete table inet dvpn-far-dvpn", "a forward to 127.0.0.1:2240, outside of the prefixes"),
    ("nft flush chain inet dvpn-far-dvpn output", "a forward to 198.51.100.2:2240, outside"),
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


def test_with_an_administrators_login_it_sees_rules_that_were_changed(far):
    set_up(far, "--apply", "--yes")
    far.run("chmod 666 /etc/dvpn-gateway/dvpn.nft; sed -i s/10.1.2.0/10.0.0.0/ /etc/dvpn-gateway/dvpn.nft")
    text, closed = check(far, *admin(far))
    assert not closed
    assert any("dvpn.nft can be written" in line for line in holes(text)), text
    assert any("dvpn.nft is not as it was set up" in line for line in holes(text)), text
    # With keys that others may write sshd lets nobody in.
    far.run("chmod 666 /etc/dvpn-gateway/dvpn.keys")
    text, closed = check(far, *admin(far))
    assert not closed and "the login (" in text
    assert any("dvpn.keys can be written" in line for line in holes(text)), text


# --- the jail -------------------------------------------------------------------------------------


@pytest.fixture
def jail(far):
    set_up(far, "--apply", "--yes", "--jail")
    return far


def test_a_jail_holds_netcat_and_is_closed(jail):
    assert "already" in set_up(jail, "--diff", "--jail").stdout
    files = jail.run("cd /var/lib/dvpn-gateway/dvpn; find . -type f | sort; ls -i dvpn-jail").stdout
    assert files.split()[:2] == ["./dvpn-jail/nc", "./dvpn-jail/sh"]
    text, closed = check(jail, "--jail", *admin(jail))
    assert closed, text
    assert "no: netcat to 127.0.0.1" in text and "netcat to 10.1.2.1:9 is tried" in text


@pytest.mark.parametrize("hole, found", [
    # sshd itself starts nothing in this one.
    ("chmod 777 /var/lib/dvpn-gateway/dvpn", "the jail does not answer"),
    ("chown dvpn /var/lib/dvpn-gateway/dvpn", "the jail does not answer"),
    # Here it does.
    ("chmod 777 /var/lib/dvpn-gateway/dvpn/dvpn-jail", "the jail is open: /var/lib/dvpn-gateway/dvpn/dvpn-jail"),
    ("mkdir -m 1777 /var/lib/dvpn-gateway/dvpn/tmp", "the jail is open: /var/lib/dvpn-gateway/dvpn/tmp"),
    (block("ForceCommand", "none"), "a shell: a command"),
    (block("ForceCommand", "\\/dvpn-jail\\/sh -c \"$SSH_ORIGINAL_COMMAND\""), "a shell: a command"),
    (block("ForceCommand", "eval \"\\/dvpn-jail\\/$SSH_ORIGINAL_COMMAND\""), "a command behind netcat's"),
    ("nft delete table inet dvpn-far-dvpn", "netcat to 127.0.0.1:2240, outside of the prefixes"),
    (f"{block('AllowTcpForwarding', 'yes')}; sed -i s/^restrict/restrict,port-forwarding/ "
     "/etc/dvpn-gateway/dvpn.keys; nft delete table inet dvpn-far-dvpn", "a forward to 127.0.0.1:2240")])
def test_check_finds_in_a_jail(jail, hole, found):
    jail.run(hole)
    jail.restart_sshd()
    text, closed = check(jail, "--jail", *admin(jail))
    assert not closed
    assert any(found in line for line in holes(text)), text


# --- keygen and pin -------------------------------------------------------------------------------


def test_keygen_makes_a_key_once_for_the_one_who_dials(stopped):
    path = stopped.directory / "made/id_ed25519"
    first = gateway(stopped, "keygen", "--file", path).stdout
    assert first.startswith("ssh-ed25519 ")
    assert stopped.run("gw", "stat", "-c", "%U %a", str(path)).stdout == "dvpn-ssh 600\n"
    assert gateway(stopped, "keygen", "--file", path).stdout.split()[:2] == first.split()[:2]
    path.chmod(0o644)
    assert "chmod 600" in gateway(stopped, "keygen", "--file", path, check=False).stderr


def test_pin_records_keys_that_a_person_has_seen(far):
    lab = far.lab
    known = lab.directory / "pinned"
    lab.config.write_text(lab.config_text(port=far_side.PORT, known_hosts=str(known)))
    key = lab.directory / "ssh/host_key.pub"
    fingerprint = lab.run("gw", "ssh-keygen", "-lf", str(key)).stdout.split()[1]
    refused = gateway(lab, "pin", "home", check=False)
    assert refused.returncode == 1 and fingerprint in refused.stdout and not known.exists()
    wrong = gateway(lab, "pin", "home", "--fingerprint", "SHA256:x", check=False)
    assert wrong.returncode == 1 and not known.exists()
    gateway(lab, "pin", "home", "--fingerprint", fingerprint)
    assert "recorded already" in gateway(lab, "pin", "home").stdout
    set_up(far, "--apply", "--yes")
    lab.start_dvpn(lab.config.read_text())
    assert "hello" in lab.get("lan", "10.1.2.10")


def test_pin_does_not_take_another_key_for_a_known_one(far):
    lab = far.lab
    known = lab.directory / "pinned"
    lab.config.write_text(lab.config_text(port=far_side.PORT, known_hosts=str(known)))
    wrong = (lab.directory / "ssh/wrong_key.pub").read_text()
    known.write_text(f"other {wrong}[198.51.100.2]:{far_side.PORT} {wrong}")
    result = gateway(lab, "pin", "home", "--yes", check=False)
    assert result.returncode == 1 and "ANOTHER key" in result.stderr
    gateway(lab, "pin", "home", "--yes", "--replace")
    assert known.read_text().count(wrong.split()[1]) == 1
    assert "recorded already" in gateway(lab, "pin", "home").stdout
