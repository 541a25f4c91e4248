"""dvpn on the system's D-Bus: what is to be seen there, what may be done and by whom, and what is told."""
import concurrent.futures
import json
import shutil
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import accounts
from conftest import TestLab, stop
from laboratory import PROJECT, wait_until

NAME = "org.dvpn1"
MANAGER, NETWORK = "org.dvpn1.Manager", "org.dvpn1.Network"
ROOT, HOME = "/org/dvpn1", "/org/dvpn1/network/home"
PROPERTIES = "org.freedesktop.DBus.Properties"
POLKITD = "/usr/lib/polkit-1/polkitd"

pytestmark = pytest.mark.skipif(not shutil.which("dbus-daemon") or not shutil.which("busctl"),
                                reason="needs dbus-daemon and systemd")


@pytest.fixture
def bus(stopped: TestLab) -> Iterator[TestLab]:
    """The lab with a bus that has a distribution's rules, and without daemons."""
    stopped.start_bus(strict=True)
    yield stopped
    stop(stopped)
    stopped.end("bus")


def busctl(lab, *words, user="root", check=True):
    number = accounts.ACCOUNTS.get(user)
    become = ["setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups"] if number else []
    return lab.run("gw", *become, "busctl", "--system", "--timeout=30", *words, check=check)


def call(lab, path, interface, method, *arguments, **options):
    """What a method answers, as Python has it."""
    text = busctl(lab, "--json=short", "call", NAME, path, interface, method, *arguments, **options).stdout
    return json.loads(text)["data"] if text.strip() else []


def refusal(lab, path, interface, method, user="root"):
    """A refused call: busctl's own words."""
    answer = busctl(lab, "call", NAME, path, interface, method, user=user, check=False)
    assert answer.returncode != 0, answer.stdout
    return answer.stderr.strip()


def value(lab, path, interface, name, user="root"):
    text = busctl(lab, "--json=short", "get-property", NAME, path, interface, name, user=user).stdout
    return json.loads(text)["data"]


def is_there(lab):
    return busctl(lab, "--json=short", "get-property", NAME, ROOT, MANAGER, "Version",
                  check=False).returncode == 0


def start(lab, *arguments):
    lab.start_dvpn(*arguments)
    wait_until(lambda: is_there(lab), 10, "dvpn on the bus")


class Monitor:
    """What is said on the bus by dvpn, message by message."""

    def __init__(self, lab, path: Path) -> None:
        self.lab, self.path = lab, path

    def messages(self) -> list[dict]:
        lines = [line for line in self.path.read_text().splitlines() if line.startswith("{")]
        return [json.loads(line) for line in lines]

    def signals(self, member: str, path: str | None = None) -> list[list]:
        return [m["payload"]["data"] for m in self.messages()
                if m.get("member") == member and path in (None, m["path"])]

    def errors(self) -> list[str]:
        return [m["error_name"] for m in self.messages() if m["type"] == "error"]

    def changed(self, name: str, path: str = HOME) -> list:
        return [data[1][name]["data"] for data in self.signals("PropertiesChanged", path)
                if name in data[1]]


@contextmanager
def listening(lab) -> Iterator[Monitor]:
    path = lab.directory / "log" / "monitor"
    path.unlink(missing_ok=True)
    lab.start("gw", "monitor", "stdbuf", "-oL", "busctl", "--system", "--json=short", "monitor", NAME)
    wait_until(lambda: "Monitoring" in path.read_text(), 5, "the monitor")
    yield Monitor(lab, path)
    lab.end("monitor")


def test_everybody_sees_the_networks_and_how_they_fare(bus):
    start(bus)
    tree = busctl(bus, "tree", "--list", NAME, user="rob").stdout.split()
    assert {ROOT, "/org/dvpn1/network", HOME, "/org/dvpn1/network/near"} <= set(tree)
    assert call(bus, ROOT, MANAGER, "ListNetworks", user="rob") == [
        [["home", HOME, "idle"], ["near", "/org/dvpn1/network/near", "routed"]]]
    assert value(bus, HOME, NETWORK, "State", "rob") == "idle"
    assert value(bus, HOME, NETWORK, "Gateway", "rob") == "dvpn@198.51.100.2"
    assert value(bus, ROOT, MANAGER, "Version", "rob") == bus.status()["version"]
    assert value(bus, ROOT, MANAGER, "Health", "rob") == []
    (objects,) = call(bus, ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", user="rob")
    assert set(objects) == {ROOT, HOME, "/org/dvpn1/network/near"}
    assert objects[HOME][NETWORK]["Reason"]["data"] == bus.network("home")["reason"]
    # The description is XML that tools read, and tells people what it all means.
    (text,) = call(bus, HOME, "org.freedesktop.DBus.Introspectable", "Introspect", user="rob")
    interface = ElementTree.fromstring(text).find(f"interface[@name='{NETWORK}']")
    assert {e.get("name") for e in interface.findall("property")} == set(objects[HOME][NETWORK])
    notes = [e.get("value") for e in interface.iter("annotation")
             if e.get("name") == "org.gtk.GDBus.DocString"]
    assert any("packet that dialled" in note for note in notes)
    shown = busctl(bus, "introspect", NAME, HOME, user="rob").stdout
    for word in (".Up", ".Down", ".Unlock", ".Release", ".Resume", ".Refuse", ".Asks", ".IdleClosesAt", ".StateChanged", ".PropertiesChanged"):
        assert word in shown


def test_each_step_of_a_connection_and_of_a_call_is_told(bus):
    start(bus)
    with listening(bus) as monitor:
        with bus.talk("lan", "10.1.2.10") as talk:
            assert talk.connected()["result"] == "connected"
            assert talk.say("hello") == "hello"
            wait_until(lambda: 1 in monitor.changed("Connections"), 5, "the connection to be told")
            assert value(bus, HOME, NETWORK, "Connections") == 1
        steps = [(data[0], data[1]) for data in monitor.signals("StateChanged", HOME)]
        assert steps == [("idle", "dialling"), ("dialling", "up")]
        assert "→ 10.1.2.10:" in monitor.signals("StateChanged", HOME)[0][2]
        assert monitor.changed("State")[-1] == "up"
        wait_until(lambda: monitor.changed("Connections")[-1] == 0, 5, "its end")
        # Both ways and at least what was said; "hello\n" came back, too.
        assert value(bus, HOME, NETWORK, "RxBytes") >= 6
        assert value(bus, HOME, NETWORK, "TxBytes") >= 6
        assert value(bus, HOME, NETWORK, "IdleClosesAt") > value(bus, HOME, NETWORK, "Since")
        call(bus, HOME, NETWORK, "Down")
        wait_until(lambda: value(bus, HOME, NETWORK, "State") == "idle", 5, "the end of the tunnel")
        assert "held down" in value(bus, HOME, NETWORK, "Reason")
        assert bus.connect("lan", "10.1.2.10")["result"] == "unreachable"
        call(bus, HOME, NETWORK, "Up")
        assert bus.network("home")["state"] == "up" == value(bus, HOME, NETWORK, "State")
        wait_until(lambda: monitor.changed("State")[-1] == "up", 5, "the new state to be told")
        # Whoever heard every signal knows what is so.
        assert value(bus, HOME, NETWORK, "Reason") == monitor.changed("Reason")[-1]


def test_errors_have_names_and_the_words_of_dvpnctl(bus):
    start(bus, bus.config_text(identity=f"{bus.directory}/ssh/wrong_key"))
    with listening(bus) as monitor:
        assert "refuses" in refusal(bus, HOME, NETWORK, "Up")
        told = bus.dvpnctl("up", "home", check=False).stderr
        words = refusal(bus, HOME, NETWORK, "Up").removeprefix("Call failed: ").split("; ")[0]
        assert "is locked" in words and words in told
        assert value(bus, HOME, NETWORK, "State") == "locked"
        assert "no tunnel" in refusal(bus, "/org/dvpn1/network/near", NETWORK, "Up")
        assert "no network is called" in refusal(bus, "/org/dvpn1/network/nobody", NETWORK, "Up")
        call(bus, HOME, NETWORK, "Unlock")
        assert value(bus, HOME, NETWORK, "State") == "idle"
        assert "not locked" in refusal(bus, HOME, NETWORK, "Unlock")
        assert "no method" in refusal(bus, HOME, NETWORK, "Dance")
        wait_until(lambda: len(monitor.errors()) >= 6, 5, "all errors on the bus")
        assert monitor.errors() == ["org.dvpn1.Error.DialFailed", "org.dvpn1.Error.Locked",
                                    "org.dvpn1.Error.NoTunnel", "org.dvpn1.Error.NoSuchNetwork",
                                    "org.dvpn1.Error.NotLocked",
                                    "org.freedesktop.DBus.Error.UnknownMethod"]


def test_a_network_is_released_and_resumed(bus):
    start(bus)
    assert "not released" in refusal(bus, HOME, NETWORK, "Resume")
    assert "hello" in bus.get("lan", "10.1.2.10")
    with listening(bus) as monitor:
        call(bus, HOME, NETWORK, "Release")
        assert value(bus, HOME, NETWORK, "State") == "released" == bus.network("home")["state"]
        assert "10.1.2" not in bus.shell("gw", "ip route show table all")
        wait_until(lambda: "released" in monitor.changed("State"), 5, "the release to be told")
        assert "resume" in refusal(bus, HOME, NETWORK, "Up").lower()
        call(bus, HOME, NETWORK, "Release")  # it is so already
        call(bus, HOME, NETWORK, "Resume")
        assert value(bus, HOME, NETWORK, "State") == "idle"
        wait_until(lambda: monitor.changed("State")[-1] == "idle", 5, "the way back to be told")
        assert "hello" in bus.get("lan", "10.1.2.10")
        # The object was there all the time.
        assert monitor.signals("InterfacesRemoved") == [] == monitor.signals("InterfacesAdded")
    assert monitor.errors() == ["org.dvpn1.Error.Released"]


def test_what_a_network_asks_for_is_told_and_can_be_refused(bus):
    asking = """
[[network]]
name     = "work"
prefixes = ["10.66.0.0/24"]
via      = "vpnc"
gateway  = "198.51.100.3"
[network.vpnc]
group        = "staff"
group-secret = { file = "%s" }
username     = "rob"
password     = { ask = true }
"""
    secret = bus.directory / "group-secret"
    secret.write_text("sesame\n")
    secret.chmod(0o600)
    start(bus, bus.original_config + asking % secret)
    work = "/org/dvpn1/network/work"
    assert value(bus, work, NETWORK, "Asks") == ""
    assert "asks for nothing" in refusal(bus, work, NETWORK, "Refuse")
    with listening(bus) as monitor:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            client = pool.submit(bus.connect, "lan", "10.66.0.10")
            asks = wait_until(lambda: value(bus, work, NETWORK, "Asks"), 10, "a question")
            assert "rob" in asks and "wants 10.66.0.10" in asks
            assert asks == bus.network("work")["asks"]
            assert not client.done()
            wait_until(lambda: asks in monitor.changed("Asks", work), 5, "the question to be told")
            call(bus, work, NETWORK, "Refuse")
            assert client.result()["result"] in ("refused", "unreachable")
        assert value(bus, work, NETWORK, "Asks") == ""
        wait_until(lambda: monitor.changed("Asks", work)[-1:] == [""], 5, "the end of the question to be told")
    assert bus.network("work")["last_error"]["code"] == "declined"


def test_a_reload_says_what_came_and_went_and_a_bad_file_changes_nothing(bus):
    start(bus)
    more = bus.original_config + """
[[network]]
name     = "new-1"
prefixes = ["10.77.0.0/24"]
via      = "direct"
"""
    with listening(bus) as monitor:
        bus.config.write_text(more)
        assert call(bus, ROOT, MANAGER, "Reload") == [["new-1"], [], [], []]
        path = "/org/dvpn1/network/new_2d1"
        assert value(bus, path, NETWORK, "Name") == "new-1"
        wait_until(lambda: monitor.signals("InterfacesAdded"), 5, "the new network to be told")
        added, interfaces = monitor.signals("InterfacesAdded")[0]
        assert added == path and interfaces[NETWORK]["State"]["data"] == "routed"
        bus.config.write_text(more.replace("prefixes", "prefxes", 1))
        assert "prefxes" in refusal(bus, ROOT, MANAGER, "Reload")
        assert value(bus, path, NETWORK, "Name") == "new-1"
        bus.config.write_text(bus.original_config)
        assert call(bus, ROOT, MANAGER, "Reload") == [[], ["new-1"], [], []]
        wait_until(lambda: monitor.signals("InterfacesRemoved") == [[path, [NETWORK]]], 5,
                   "the network that went to be told")
        assert "org.dvpn1.Error.Configuration" in monitor.errors()


def test_only_root_and_the_group_may_change_anything(bus):
    start(bus)
    group = bus.directory / "group"
    before = group.read_text()
    calls = [(HOME, NETWORK, method) for method in ("Up", "Down", "Unlock", "Release", "Resume", "Refuse")]
    calls.append((ROOT, MANAGER, "Reload"))
    for path, interface, method in calls:
        assert "Access denied" in refusal(bus, path, interface, method, user="rob")
        # What breaks out of the dataplane can do no more.
        assert "Access denied" in refusal(bus, path, interface, method, user="dvpn")
    assert bus.network("home")["reason"] == "nobody has wanted it yet"
    written = busctl(bus, "set-property", NAME, HOME, NETWORK, "State", "s", "up", check=False)
    assert written.returncode != 0 and "are to be read" in written.stderr
    try:
        group.write_text(before.replace("dvpn-admin:x:64764:", "dvpn-admin:x:64764:rob"))
        call(bus, HOME, NETWORK, "Up", user="rob")
        assert bus.network("home")["state"] == "up"
    finally:
        group.write_text(before)
    assert "Access denied" in refusal(bus, HOME, NETWORK, "Down", user="rob")
    # Nor may anybody else be dvpn.
    owner = busctl(bus, "call", "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                   "RequestName", "su", NAME, "2", user="rob", check=False)
    assert owner.returncode != 0 and "Access denied" in owner.stderr


@pytest.mark.skipif(not Path(POLKITD).exists(), reason="needs polkitd")
def test_polkit_may_allow_it_to_others(bus):
    actions = bus.directory / "actions"
    actions.mkdir(exist_ok=True)
    shutil.copy(PROJECT / "systemd/dbus/org.dvpn1.policy", actions)
    bus.run("gw", "mount", "--bind", str(actions), "/usr/share/polkit-1/actions")
    bus.shell("gw", """
        mkdir -p /etc/polkit-1/rules.d
        echo 'polkit.addRule(function(action, subject) {
            if (action.id == "org.dvpn1.manage" && subject.user == "rob") return polkit.Result.YES;
        });' >/etc/polkit-1/rules.d/50-rob.rules
        chmod -R a+rX /etc/polkit-1""")
    bus.start("gw", "polkitd", POLKITD, "--no-debug")
    wait_until(lambda: "org.freedesktop.PolicyKit1" in busctl(bus, "list", "--acquired").stdout, 10, "polkitd")
    start(bus)
    try:
        call(bus, HOME, NETWORK, "Up", user="rob")
        assert bus.network("home")["state"] == "up"
        bus.run("gw", "rm", "/etc/polkit-1/rules.d/50-rob.rules")
        wait_until(lambda: "Access denied" in refusal(bus, HOME, NETWORK, "Unlock", user="rob"), 10,
                   "polkit to have no rule for him any more")
    finally:
        bus.end("polkitd")
        bus.run("gw", "umount", "/usr/share/polkit-1/actions")


def test_without_a_bus_all_works_and_it_is_taken_when_it_comes(stopped):
    lab = stopped
    lab.start_dvpn()
    assert "hello" in lab.get("lan", "10.1.2.10")
    try:
        lab.start_bus(strict=True)
        wait_until(lambda: is_there(lab), 15, "dvpn on the bus")
        assert lab.log("controlplane").count("dvpn works without it") == 1
        lab.end("bus", "KILL")
        wait_until(lambda: lab.log("controlplane").count("dvpn works without it") == 2, 5, "the loss to be noticed")
        assert "hello" in lab.get("lan", "10.1.2.10")
        lab.start_bus(strict=True)
        wait_until(lambda: is_there(lab), 15, "dvpn on the bus again")
        call(lab, HOME, NETWORK, "Down")
        assert lab.network("home")["held_down"]
    finally:
        stop(lab)
        if lab.pid("bus"):
            lab.end("bus")


def test_a_name_that_another_has_is_left_to_him(bus):
    other = bus.spawn("gw", "python3", "-c", """
import ctypes, sys
bus, library = ctypes.c_void_p(), ctypes.CDLL("libsystemd.so.0")
library.sd_bus_open_system(ctypes.byref(bus))
print(library.sd_bus_request_name(bus, b"org.dvpn1", ctypes.c_uint64(0)), flush=True)
sys.stdin.read()""")
    with other:
        assert int(other.stdout.readline()) >= 0
        bus.start_dvpn()
        wait_until(lambda: "another program is org.dvpn1" in bus.log("controlplane"), 10, "the refusal")
        assert "hello" in bus.get("lan", "10.1.2.10")
        other.stdin.close()
        other.stdin = None
        other.wait(timeout=5)
    wait_until(lambda: is_there(bus), 15, "dvpn on the bus")
