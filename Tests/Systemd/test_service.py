"""Enabled, used, reloaded, stopped, rebooted."""
import re

from laboratory import wait_until
from machine import CONFIG, Machine

UNITS = ("dvpn-controlplane.service", "dvpn-dataplane.service", "dvpn-guard.service", "dvpn-host.service",
         "dvpn-dataplane.socket", "dvpn-dataplane6.socket", "dvpn-dataplane-control.socket")
MORE = '[[network]]\nname = "more"\nprefixes = ["10.77.0.0/24"]\nvia = "ssh"\ngateway = "dvpn@198.51.100.2"\n'


def test_one_command_enables_it_and_the_first_connection_works(stopped: Machine) -> None:
    stopped.systemctl("enable", "--now", "dvpn.target")
    assert "hello" in stopped.page()
    for unit in (*UNITS, "dvpn.target"):
        assert stopped.is_active(unit), unit
    status = stopped.wait_for("dvpn-controlplane", "StatusText", "1 up")
    assert status == "1 network, 1 up: home via 198.51.100.2"


def test_the_api_is_for_its_group(stopped: Machine) -> None:
    stopped.systemctl("start", "dvpn.target", "dvpn-online.target")
    assert stopped.run("stat", "--format=%a %G", "/run/dvpn/api.sock").stdout == "660 dvpn-admin\n"
    for group, status in (("dvpn-admin", 0), ("nogroup", 77)):
        said = stopped.run("setpriv", "--reuid=nobody", f"--regid={group}", "--clear-groups", "dvpnctl", "status",
                           check=False)
        assert said.returncode == status, said


def test_the_pages_token_can_be_a_credential(stopped: Machine) -> None:
    stopped.configure(CONFIG + '\n[web]\nlisten = "127.0.0.1:9876"\ntoken = { credential = "web-token" }\n')
    stopped.write("/etc/dvpn/secrets/web", "one-that-is-long-enough-0123456789", mode="0600")
    stopped.drop_in("dvpn-controlplane.service",
                    "[Service]\nLoadCredential=web-token:/etc/dvpn/secrets/web\n")
    stopped.systemctl("start", "dvpn.target", "dvpn-online.target")

    def ask(token: str) -> str:
        return stopped.run("curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--header",
                           f"Authorization: Bearer {token}", "http://127.0.0.1:9876/v1/status", check=False).stdout
    wait_until(lambda: ask("one-that-is-long-enough-0123456789") == "200", 10, "an answer to the token")
    assert ask("another-one") == "401"


def test_stopped_as_a_whole_it_leaves_the_host_as_it_was(stopped: Machine) -> None:
    before = stopped.lab.host_state()
    stopped.systemctl("start", "dvpn.target", "dvpn-online.target")
    assert "hello" in stopped.page()
    assert stopped.lab.host_state() != before
    stopped.systemctl("stop", "dvpn.target")
    assert stopped.lab.host_state() == before
    for unit in UNITS:
        assert stopped.property(unit, "ActiveState") == "inactive", unit
    assert stopped.shell("pgrep -u dvpn,dvpn-ssh || true") == ""
    assert stopped.shell("find /run/dvpn -type s") == ""


DIALLING = """
[dns]
mode     = "managed"
listen   = ["192.168.77.1"]
upstream = ["203.0.113.1"]
host     = "dnsmasq"

[[network]]
name     = "work"
prefixes = ["10.66.0.0/16"]
domains  = ["corp.example"]
via      = "vpnc"
gateway  = "198.51.100.99"

[network.vpnc]
group        = "staff"
group-secret = { file = "/etc/dvpn/secrets/work" }
username     = "rob"
password     = { file = "/etc/dvpn/secrets/work" }
"""


def test_stopped_in_the_midst_of_a_dial_and_a_reload_it_leaves_the_host_as_it_was(stopped: Machine) -> None:
    names = stopped.shell("cat /etc/resolv.conf; ls /etc/dnsmasq.d /run/dnsmasq.d 2>/dev/null || :")
    before = stopped.lab.host_state()
    stopped.write("/etc/dvpn/secrets/work", "secret", mode="0600")
    stopped.configure(CONFIG + DIALLING)
    stopped.systemctl("start", "dvpn.target", "dvpn-online.target")
    assert "hello" in stopped.page()
    # Nobody is there: the dial lasts.
    with stopped.spawn("dvpnctl", "up", "work") as dial:
        wait_until(lambda: '"dialling"' in stopped.dvpnctl("networks", "work", "--json", check=False).stdout, 10,
                   "the dial to begin")
        stopped.configure(CONFIG + DIALLING.replace("10.66.0.0/16", "10.67.0.0/16"))
        stopped.shell("dvpnctl reload >/dev/null 2>&1 & systemctl stop dvpn.target")
        dial.communicate(timeout=30)
    assert stopped.lab.host_state() == before
    assert stopped.shell("cat /etc/resolv.conf; ls /etc/dnsmasq.d /run/dnsmasq.d 2>/dev/null || :") == names
    assert stopped.shell("pgrep vpnc || :") == ""


def test_after_a_reboot_it_works_with_no_command(stopped: Machine) -> None:
    stopped.systemctl("enable", "--now", "dvpn.target")
    assert "hello" in stopped.page()
    first = stopped.pid("dvpn-controlplane")
    assert first
    stopped.reboot()
    assert "hello" in stopped.page()
    for unit in UNITS:
        assert stopped.is_active(unit), unit


def test_the_guard_stands_before_the_network_does(stopped: Machine) -> None:
    stopped.systemctl("enable", "dvpn.target")
    stopped.reboot()
    stamps = {unit: int(stopped.property(unit, "ActiveEnterTimestampMonotonic"))
              for unit in ("dvpn-guard.service", "network-pre.target", "dvpn-controlplane.service")}
    assert 0 < stamps["dvpn-guard.service"] <= stamps["network-pre.target"] \
        <= stamps["dvpn-controlplane.service"]


def test_the_guard_alone_keeps_private_packets_here(stopped: Machine) -> None:
    lab = stopped.lab
    stopped.systemctl("start", "dvpn-guard.service")
    table = lab.run("gw", "nft", "list", "table", "inet", "dvpn_guard").stdout
    assert "10.1.2.0/24" in table
    result = lab.run("gw", "curl", "--silent", "--max-time", "1", "http://10.1.2.10/", check=False)
    assert result.returncode != 0
    dropped = lab.run("gw", "nft", "list", "counter", "inet", "dvpn_guard", "leak").stdout
    assert int(re.search(r"packets (\d+)", dropped)[1]) > 0
    # The controlplane takes it over as it stands.
    stopped.systemctl("start", "dvpn.target")
    assert "hello" in stopped.page()


def test_units_that_wait_for_private_networks_find_them(stopped: Machine) -> None:
    stopped.write("/etc/systemd/system/dvpn-guest.service", """\
[Unit]
Wants=dvpn-online.target
After=dvpn-online.target
[Service]
Type=oneshot
ExecStart=curl --silent --show-error --max-time 10 http://10.1.2.10/
""")
    stopped.systemctl("daemon-reload")
    stopped.systemctl("start", "dvpn-guest.service")
    assert "hello" in stopped.journal("dvpn-guest.service")


def test_a_reload_touches_what_is_different_and_nothing_else(dvpn: Machine) -> None:
    with dvpn.talk() as talk:
        assert talk.connected()["result"] == "connected"
        dvpn.configure(CONFIG + MORE)
        dvpn.systemctl("reload", "dvpn-controlplane")
        dvpn.wait_for("dvpn-controlplane", "StatusText", "^2 networks")
        assert dvpn.property("dvpn-controlplane", "ActiveState") == "active"
        assert talk.say("still") == "still"


def test_a_reload_with_mistakes_fails_and_changes_nothing(dvpn: Machine) -> None:
    with dvpn.talk() as talk:
        assert talk.connected()["result"] == "connected"
        before = dvpn.pid("dvpn-controlplane")
        dvpn.configure(CONFIG + "nonsense = true\n")
        since = dvpn.now()
        assert dvpn.systemctl("reload", "dvpn-controlplane", check=False).returncode != 0
        assert "dvpn.toml:9:1" in dvpn.journal(since=since)
        assert dvpn.property("dvpn-controlplane", "StatusText") == \
            "degraded: reload refused, the earlier configuration stays: " \
            "/etc/dvpn/dvpn.toml:9:1: error: unknown key `nonsense` in [[network]], 1 error; " \
            "1 network, 1 up: home via 198.51.100.2"
        assert dvpn.pid("dvpn-controlplane") == before
        assert talk.say("still") == "still"
        dvpn.configure(CONFIG)
        dvpn.systemctl("reload", "dvpn-controlplane")
        wait_until(lambda: "refused" not in dvpn.property("dvpn-controlplane", "StatusText"), 5)


def hang_up(machine: Machine) -> None:
    """As people do who know daemons: it goes to every process of the unit."""
    machine.systemctl("kill", "--signal=HUP", "dvpn-controlplane")


def test_sighup_is_a_reload(dvpn: Machine) -> None:
    before = dvpn.pid("dvpn-controlplane")
    with dvpn.talk() as talk:
        assert talk.connected()["result"] == "connected"
        dvpn.configure(CONFIG + MORE)
        hang_up(dvpn)
        assert dvpn.wait_for("dvpn-controlplane", "StatusText", "^2 networks") \
            == "2 networks, 1 up: home via 198.51.100.2"
        assert dvpn.property("dvpn-controlplane", "ActiveState") == "active"
        assert talk.say("still") == "still"
    assert dvpn.pid("dvpn-controlplane") == before


def test_a_bad_file_by_sighup_changes_nothing_and_is_told_of(dvpn: Machine) -> None:
    before = dvpn.pid("dvpn-controlplane")
    with dvpn.talk() as talk:
        assert talk.connected()["result"] == "connected"
        dvpn.configure(CONFIG + MORE + "nonsense = true\n")
        since = dvpn.now()
        hang_up(dvpn)
        told = dvpn.wait_for("dvpn-controlplane", "StatusText", "^degraded: reload refused")
        assert "the earlier configuration stays: /etc/dvpn/dvpn.toml:14:1: error: unknown key" in told
        assert told.endswith("; 1 network, 1 up: home via 198.51.100.2")
        assert "dvpn.toml:14:1: error: unknown key `nonsense`" in dvpn.journal("dvpn-controlplane", since)
        assert dvpn.property("dvpn-controlplane", "ActiveState") == "active"
        assert talk.say("still") == "still"
        dvpn.configure(CONFIG)
        hang_up(dvpn)
        dvpn.wait_for("dvpn-controlplane", "StatusText", "^1 network, 1 up")
        assert talk.say("yet") == "yet"
    assert dvpn.pid("dvpn-controlplane") == before


def test_the_example_is_a_configuration(machine: Machine) -> None:
    machine.run("dvpn-controlplane", "--check", "--config", "/etc/dvpn/dvpn.toml.example")


def test_make_uninstall_leaves_nothing_of_make_install_but_configuration_and_state(stopped: Machine) -> None:
    stopped.purge()
    stopped.make_install()
    stopped.systemctl("enable", "--now", "dvpn.target")
    assert "hello" in stopped.page()
    stopped.uninstall()
    try:
        left = stopped.shell("find /usr /etc -name '*dvpn*' -not -path '/usr/lib/python*' | sort").split()
        assert left == ["/etc/dvpn", "/etc/dvpn/dvpn.toml"]
    finally:
        stopped.install()
