"""Tunnel clients and dnsmasq run in units of their own, which outlive the controlplane and are never more
than it knows of."""
import re
from collections.abc import Iterator

import concentrator
import pytest
from laboratory import wait_until
from machine import CONFIG, Machine

PATTERNS = ("dvpn-ssh@*", "dvpn-tunnel@*", "dvpn-dnsmasq.service")
TUNNEL = "dvpn-tunnel@dv-other.service"
# Makes a device, as any program may; a file says how it ends.
START = """
ip tuntap add dev $DVPN_DEVICE mode tun
ip address add 10.99.0.1/24 dev $DVPN_DEVICE
ip link set $DVPN_DEVICE up
"""
STAYS = START + "until [ -s /run/end ]; do sleep 0.02; done; exit $(cat /run/end)"
NAMES = '\n[dns]\nmode = "managed"\nlisten = ["192.168.77.1"]\nupstream = ["203.0.113.1"]\n'


def other(script: str, idle: str = "1m", stop: str = "") -> str:
    """A network whose tunnel is made by a command."""
    return (f'\n[[network]]\nname = "other"\nprefixes = ["10.99.0.0/24"]\nvia = "command"\nidle = "{idle}"\n'
            f"[network.command]\ndevice = \"dv-other\"\nstart = [\"/bin/sh\", \"-ec\", '''{script}''']\n"
            + (f"stop = [\"/bin/sh\", \"-ec\", '''{stop}''']\n" if stop else ""))


def units(machine: Machine) -> list[str]:
    """Clients' units that systemd knows in any state."""
    text = machine.systemctl("list-units", "--all", "--plain", "--no-legend", *PATTERNS).stdout
    return [line.split()[0] for line in text.splitlines()]


def only(machine: Machine, pattern: str) -> str:
    unit, = [unit for unit in units(machine) if re.match(pattern, unit)]
    return unit


def start(machine: Machine, config: str) -> None:
    machine.shell("rm -f /run/end")
    machine.configure(config)
    machine.systemctl("start", "dvpn.target", "dvpn-online.target")


def network(machine: Machine, name: str) -> str:
    return machine.run("busctl", "get-property", "org.dvpn1", f"/org/dvpn1/network/{name}",
                       "org.dvpn1.Network", "State").stdout.split('"')[1]


def wait_for_state(machine: Machine, name: str, state: str) -> None:
    wait_until(lambda: network(machine, name) == state, 15, f"{name} to be {state}")


@pytest.fixture(autouse=True)
def nothing_is_left(machine: Machine) -> Iterator[None]:
    """Whatever a test does: when the whole is stopped there is no unit of a client."""
    yield
    machine.systemctl("stop", "dvpn.target")
    assert units(machine) == []
    assert machine.shell("pgrep -u dvpn-ssh || true; pgrep -f /run/en[d] || true") == ""


def test_ssh_runs_in_its_own_unit_without_any_right_and_ends_when_idle(stopped: Machine) -> None:
    start(stopped, CONFIG.replace('"1m"', '"2s"'))
    assert "hello" in stopped.page()
    unit = only(stopped, r"dvpn-ssh@198\.51\.100\.2-")
    assert stopped.property(unit, "ActiveState") == "active"
    pid = stopped.pid(unit)
    assert stopped.run("cat", f"/proc/{pid}/comm").stdout == "ssh\n"
    assert stopped.run("cat", f"/proc/{pid}/cgroup").stdout.strip().endswith(f"/{unit}")
    status = stopped.run("cat", f"/proc/{pid}/status").stdout
    assert len(re.findall(r"^Cap(?:Prm|Eff|Bnd|Amb):\t0{16}$", status, re.MULTILINE)) == 4
    assert "NoNewPrivs:\t1" in status and "Seccomp:\t2" in status
    wait_for_state(stopped, "home", "idle")
    assert units(stopped) == []
    assert "hello" in stopped.page()


def test_clients_and_dnsmasq_outlive_the_controlplane(stopped: Machine) -> None:
    since = stopped.now()
    start(stopped, CONFIG + other(STAYS) + NAMES)
    stopped.dvpnctl("up", "other")
    with stopped.talk() as talk:
        assert talk.connected()["result"] == "connected"
        known = {unit: stopped.pid(unit) for unit in units(stopped)}
        assert len(known) == 3 and 0 not in known.values()
        before = stopped.pid("dvpn-controlplane")
        stopped.run("kill", "-KILL", str(before))
        stopped.wait_for("dvpn-controlplane", "MainPID", rf"^(?!{before}$|0$)\d+$")
        stopped.wait_for("dvpn-controlplane", "ActiveState", "^active")
        stopped.systemctl("restart", "dvpn-controlplane")
        stopped.wait_for("dvpn-controlplane", "StatusText", "2 up")
        assert talk.say("still") == "still"
    assert {unit: stopped.pid(unit) for unit in units(stopped)} == known
    # Nothing of them was ever a process of the controlplane's.
    left = re.findall(r"\((\w+)\) remains running", stopped.journal("dvpn-controlplane", since))
    assert not {"ssh", "dnsmasq", "sh", "sleep"} & set(left)
    stopped.dvpnctl("down", "other")
    assert TUNNEL not in units(stopped)


@pytest.mark.parametrize("status, state, words", [("3", "holdoff", "status 3"), ("77", "locked", "refused")])
def test_how_a_client_ends_is_known(stopped: Machine, status: str, state: str, words: str) -> None:
    start(stopped, CONFIG + other(f"exit {status}"))
    asked = stopped.dvpnctl("up", "other", check=False)
    assert asked.returncode != 0 and words in asked.stderr
    wait_for_state(stopped, "other", state)
    assert units(stopped) == []


def test_a_units_journal_has_its_clients_words(stopped: Machine) -> None:
    start(stopped, CONFIG + other("echo words of mine; exit 3"))
    since = stopped.now()
    stopped.dvpnctl("up", "other", check=False)
    wait_until(lambda: "sh: words of mine" in stopped.journal(TUNNEL, since), 10, "the words")
    assert "dvpn: the tunnel of dv-other" in stopped.journal(TUNNEL, since)


def test_a_signal_is_told_from_a_status(stopped: Machine) -> None:
    start(stopped, CONFIG + other(STAYS))
    stopped.dvpnctl("up", "other")
    since = stopped.now()
    stopped.systemctl("kill", "--signal=QUIT", TUNNEL)
    wait_until(lambda: "signal 3" in stopped.journal("dvpn-controlplane", since), 10, "its end to be explained")
    wait_until(lambda: units(stopped) == [], 10, "its unit to be forgotten")


def test_systemd_executes_itself_anew_and_nobody_notices(stopped: Machine) -> None:
    start(stopped, CONFIG + other(STAYS))
    stopped.dvpnctl("up", "other")
    pid = stopped.pid(TUNNEL)
    stopped.systemctl("daemon-reexec")
    assert stopped.pid(TUNNEL) == pid and network(stopped, "other") == "up"
    stopped.shell("echo 77 >/run/end")
    wait_for_state(stopped, "other", "locked")
    assert "hello" in stopped.page()


def test_a_refusal_locks_though_nobody_was_there_to_hear_it(stopped: Machine) -> None:
    start(stopped, CONFIG + other(STAYS))
    stopped.dvpnctl("up", "other")
    stopped.systemctl("stop", "dvpn-controlplane")
    stopped.shell("echo 77 >/run/end")
    stopped.wait_for(TUNNEL, "ActiveState", "failed")
    stopped.systemctl("start", "dvpn-controlplane")
    wait_for_state(stopped, "other", "locked")
    assert units(stopped) == []


def test_what_a_command_leaves_runs_in_its_unit_and_ends_with_it(stopped: Machine) -> None:
    # As strongSwan or wg-quick do; the stop command has forgotten the daemon.
    start(stopped, CONFIG + other(START + "setsid sleep 4711 >/dev/null 2>&1 &",
                                  stop="ip link delete $DVPN_DEVICE"))
    stopped.dvpnctl("up", "other")
    wait_until(lambda: stopped.property(TUNNEL, "SubState") == "exited", 10, "the program to end")
    pid = stopped.shell("pgrep -x -f 'sleep 4711'").strip()
    assert stopped.run("cat", f"/proc/{pid}/cgroup").stdout.strip().endswith(f"/{TUNNEL}")
    stopped.systemctl("restart", "dvpn-controlplane")
    assert network(stopped, "other") == "up"
    assert stopped.shell("pgrep -x -f 'sleep 4711'").strip() == pid
    stopped.dvpnctl("down", "other")
    assert units(stopped) == []
    assert stopped.shell("pgrep -x -f 'sleep 4711' || true") == ""


def test_a_client_is_confined_and_a_drop_in_gives_it_more(stopped: Machine) -> None:
    tries = ("(touch /usr/tried && echo wrote; unshare --net true && echo unshared; "
             "ls /var/lib/dvpn && echo listed) 2>&1 || :\n")
    start(stopped, CONFIG + other(tries + "id -u; grep CapBnd /proc/self/status; exit 3"))
    since = stopped.now()
    stopped.dvpnctl("up", "other", check=False)
    said = wait_until(lambda: (text := stopped.journal("dvpn-controlplane", since)) and "CapBnd" in text and text,
                      10, "its words")
    assert not re.search("wrote|unshared|listed", said)
    # SETGID, SETUID, NET_BIND_SERVICE, NET_ADMIN, NET_RAW
    assert re.search(r"CapBnd:\t0{12}34c0\b", said)
    stopped.drop_in("dvpn-tunnel@.service", "[Service]\nCapabilityBoundingSet=CAP_IPC_LOCK\n")
    since = stopped.now()
    stopped.dvpnctl("up", "other", check=False)
    wait_until(lambda: re.search(r"CapBnd:\t0{12}74c0\b", stopped.journal("dvpn-controlplane", since)),
               10, "the capability of the drop-in")


def test_nobody_starts_a_client_by_hand(dvpn: Machine) -> None:
    since = dvpn.now()
    dvpn.systemctl("start", TUNNEL, check=False)
    dvpn.wait_for(TUNNEL, "ActiveState", "failed")
    assert "nobody waits for dvpn-tunnel@dv-other.service" in dvpn.journal(TUNNEL, since)
    dvpn.systemctl("reset-failed", TUNNEL)


def test_who_has_the_ssh_users_rights_is_no_client(stopped: Machine) -> None:
    """The socket is the user's, and the process that connects must be the unit's."""
    stopped.drop_in("dvpn-ssh@.service", "[Service]\nExecStart=\nExecStart=/bin/sleep 60\n")
    start(stopped, CONFIG)
    page = stopped.lab.spawn("lan", "curl", "--silent", "--max-time", "20", "http://10.1.2.10/")
    try:
        socket = wait_until(lambda: stopped.shell("ls /run/dvpn/launch 2>/dev/null || true").strip(), 10, "the socket")
        script = ("import socket; s = socket.socket(socket.AF_UNIX); s.settimeout(5); "
                  f"s.connect('/run/dvpn/launch/{socket}'); print(s.recv(100))")
        for user, outcome in (("dvpn-ssh", "b''"), ("nobody", "Permission")):
            tried = stopped.run("runuser", "-u", user, "--", "/usr/bin/python3", "-c", script, check=False)
            assert outcome in tried.stdout + tried.stderr
    finally:
        page.kill()
        page.communicate()


@pytest.fixture(scope="module")
def vpn(machine: Machine) -> concentrator.Concentrator:
    machine.lab.vpn.start()
    return machine.lab.vpn


@pytest.mark.parametrize("via", ["vpnc", "openconnect"])
def test_a_real_client_with_a_device_works_and_keeps_its_secrets(
        stopped: Machine, vpn: concentrator.Concentrator, via: str) -> None:
    words = {"group": concentrator.GROUP_SECRET, "password": concentrator.PASSWORD}
    for name, secret in words.items():
        stopped.write(f"/etc/dvpn/secrets/{name}", secret, mode="0600")
    own = {"vpnc": f'group = "{concentrator.GROUP}"\ngroup-secret = {{ file = "/etc/dvpn/secrets/group" }}\n',
           "openconnect": f'server-cert = "{vpn.pin()}"\n'}[via]
    since = stopped.now()
    start(stopped, CONFIG + f"""
[[network]]
name = "work"
prefixes = ["10.66.0.0/16"]
via = "{via}"
gateway = "{concentrator.GATEWAY}"
idle = "2s"
[network.{via}]
username = "{concentrator.USER}"
password = {{ file = "/etc/dvpn/secrets/password" }}
{own}""")
    assert "hello" in stopped.page(address="10.66.0.10")
    unit = "dvpn-tunnel@dv-work.service"
    pid = stopped.pid(unit)
    assert stopped.run("cat", f"/proc/{pid}/comm").stdout.strip() == via
    visible = stopped.shell(f"""
        systemctl show {unit}; systemctl cat {unit}; systemctl status {unit} || :
        tr '\\0' '\\n' </proc/{pid}/environ; tr '\\0' '\\n' </proc/{pid}/cmdline
        grep -rs . /run/dvpn || :
        journalctl --no-pager --output=verbose --since={since}""")
    assert unit in visible
    for secret in words.values():
        assert secret not in visible
    wait_for_state(stopped, "work", "idle")


def test_a_client_in_its_unit_is_given_a_code(stopped: Machine, vpn: concentrator.Concentrator) -> None:
    stopped.write("/etc/dvpn/secrets/password", concentrator.PASSWORD, mode="0600")
    start(stopped, CONFIG + f"""
[[network]]
name = "work"
prefixes = ["10.66.0.0/16"]
via = "openconnect"
gateway = "{concentrator.GATEWAY}"
idle = "2s"
[network.openconnect]
username = "{concentrator.USER}"
password = {{ file = "/etc/dvpn/secrets/password" }}
server-cert = "{vpn.pin()}"
""")
    with vpn.wanting_codes():
        stopped.run("dvpnctl", "login", "work", input=vpn.code(0) + "\n")
        assert "hello" in stopped.page(address="10.66.0.10")
        wait_for_state(stopped, "work", "idle")
    assert units(stopped) == []


def test_a_managed_dnsmasq_that_dies_is_started_again(stopped: Machine) -> None:
    start(stopped, CONFIG + NAMES)
    unit = "dvpn-dnsmasq.service"
    stopped.wait_for(unit, "ActiveState", "active")
    pid = stopped.pid(unit)
    status = stopped.run("cat", f"/proc/{pid}/status").stdout
    assert not re.search(r"^Uid:\t0\b", status, re.MULTILINE)
    stopped.run("kill", "-KILL", str(pid))
    stopped.wait_for(unit, "MainPID", rf"^(?!{pid}$|0$)\d+$")
    wait_until(lambda: stopped.lab.listens("gw", 53), 10, "port 53")
