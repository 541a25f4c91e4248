"""A dataplane that ends leaves its connections for the next one."""
import json
import time

import pytest

from laboratory import PYTHON, wait_until
from machine import CLIENT, CONFIG, Machine

GIBIBYTE = 1 << 30
NEAR, HOME = "10.9.0.10", "10.1.2.10"
DIRECT = '\n[[network]]\nname = "near"\nprefixes = ["10.9.0.0/24"]\nvia = "direct"\n'
# As many starts as a test likes.
OFTEN = "[Unit]\nStartLimitIntervalSec=0\n"


class Client:
    """client.py on the LAN: what it prints are lines of JSON."""

    def __init__(self, machine: Machine, *arguments: object) -> None:
        self.process = machine.lab.spawn("lan", PYTHON, CLIENT, *map(str, arguments))

    def paused(self) -> None:
        assert json.loads(self.process.stdout.readline()) == {"paused": True}

    def go_on(self) -> None:
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    @property
    def runs(self) -> bool:
        return self.process.poll() is None

    def found(self, timeout: float = 60) -> dict:
        out, _ = self.process.communicate(timeout=timeout)
        return json.loads(out.splitlines()[-1])


@pytest.fixture
def often(stopped: Machine) -> Machine:
    """dvpn with a second network, which is routed already, and whose dataplane may be restarted often."""
    stopped.configure(CONFIG + DIRECT)
    stopped.drop_in("dvpn-dataplane.service", OFTEN)
    stopped.systemctl("start", "dvpn.target", "dvpn-online.target")
    return stopped


def restart(machine: Machine, *units: str) -> None:
    machine.systemctl("restart", *(units or ("dvpn-dataplane",)))


def upgrade(machine: Machine) -> None:
    """As a package does: another file in the place of the binary that runs."""
    machine.shell("cp /usr/sbin/dvpn-dataplane /usr/sbin/.new; mv /usr/sbin/.new /usr/sbin/dvpn-dataplane")


def is_open(machine: Machine, count: int, name: str = "home") -> bool:
    # It exits with 4 when something is wrong, and tells what all the same.
    networks = json.loads(machine.dvpnctl("status", "--json", check=False).stdout)["networks"]
    return next(n for n in networks if n["name"] == name)["connections"]["open"] == count


def descriptors(machine: Machine, unit: str) -> int:
    return int(machine.shell(f"ls /proc/{machine.pid(unit)}/fd | wc -l"))


def served(machine: Machine, port: int) -> int:
    """Connections of the servers behind both networks."""
    return sum(len(machine.lab.run(host, "ss", "-Htn", "state", "established", f"sport = :{port}").stdout
                   .splitlines()) for host in ("priv", "near"))


@pytest.mark.parametrize("address, gibibytes, idle, restarts", [(NEAR, 1, 1000, 5), (HOME, 0.25, 200, 3)],
                         ids=["direct", "ssh"])
def test_restarts_and_an_upgrade_lose_nothing(often: Machine, address: str, gibibytes: float, idle: int,
                                              restarts: int, capsys: pytest.CaptureFixture[str]) -> None:
    length = int(gibibytes * GIBIBYTE)
    held = Client(often, "hold", address, 7, idle)
    held.paused()
    pulse = Client(often, "echo", address, 7, "--seconds", 120, "--until-told")
    moving = [Client(often, verb, address, length) for verb in ("download", "upload")]
    wait_until(lambda: is_open(often, idle + 3, "near" if address == NEAR else "home"), 10)
    took, outlived = [], 0
    for number in range(restarts):
        outlived += all(client.runs for client in moving)
        if number == restarts - 1:
            upgrade(often)
        begun = time.monotonic()
        restart(often)
        took.append((time.monotonic() - begun) * 1000)
    pulse.go_on()
    stall = pulse.found()["slowest"] * 1000
    with capsys.disabled():
        print(f"\n{restarts} restarts of {min(took):.0f} to {max(took):.0f} ms, {outlived} of them begun while "
              f"both transfers ran; the longest stall of a message: {stall:.0f} ms (goal: 50)")
    for client in moving:
        found = client.found(timeout=120)
        assert (found["bytes"], found["sha256"]) == (length, found["expected"])
    held.go_on()
    assert held.found()["second"] == {"served": idle}
    assert outlived == restarts, "the transfers were over before the restarts"
    assert stall < 1_000


def test_what_is_on_the_way_and_what_is_half_closed_goes_on(often: Machine) -> None:
    # Nobody reads: bytes wait in a pipe of the dataplane.
    slow = [Client(often, "download", address, 1 << 26, "--pause") for address in (NEAR, HOME)]
    # The far side has ended already.
    half = [Client(often, "server-first", address, 5_000_000, "--pause") for address in (NEAR, HOME)]
    for client in slow + half:
        client.paused()
    wait_until(lambda: served(often, 19) == 2, 5)
    restart(often)
    restart(often)
    for client in slow + half:
        client.go_on()
    for client in slow:
        found = client.found()
        assert (found["bytes"], found["end"], found["sha256"]) == (1 << 26, "fin", found["expected"])
    for client in half:
        found = client.found()
        assert (found["read-end"], found["end"], found["sha256"]) == ("fin", "fin", found["expected"])


def test_connections_are_counted_and_listed_as_before(often: Machine) -> None:
    with often.talk() as talk:
        assert talk.connected()["result"] == "connected"
        assert talk.say("before") == "before"
        restart(often)
        assert talk.say("after") == "after"
        wait_until(lambda: is_open(often, 1), 5)
        listed = json.loads(often.dvpnctl("connections", "--json").stdout)["connections"]
        assert [c["bytes_out"] for c in listed] == [len("before\nafter\n")]
    wait_until(lambda: is_open(often, 0), 5)


def test_a_network_is_not_thought_idle_meanwhile(often: Machine) -> None:
    often.configure(CONFIG.replace('idle     = "1m"', 'idle     = "1s"'))
    often.systemctl("reload", "dvpn-controlplane")
    with often.talk() as talk:
        assert talk.connected()["result"] == "connected"
        for _ in range(3):
            restart(often)
            often.run("sleep", "1.2")
            assert "1 up" in often.property("dvpn-controlplane", "StatusText")
        assert talk.say("still") == "still"
    # And is idle once it is over: its load was counted, and is no more.
    often.wait_for("dvpn-controlplane", "StatusText", "^1 network, none up$")


def test_without_a_controlplane_systemd_keeps_them(often: Machine) -> None:
    with often.talk() as talk:
        assert talk.connected()["result"] == "connected"
        often.systemctl("stop", "dvpn-controlplane")
        restart(often)
        assert talk.say("alone") == "alone"
        often.systemctl("start", "dvpn-controlplane")
        wait_until(lambda: is_open(often, 1), 10)
        restart(often)
        assert talk.say("again") == "again"


def test_both_may_be_restarted_at_once(often: Machine) -> None:
    with often.talk() as talk:
        assert talk.connected()["result"] == "connected"
        for _ in range(2):
            restart(often, "dvpn-dataplane", "dvpn-controlplane")
            assert talk.say("still") == "still"
        wait_until(lambda: is_open(often, 1), 10)


def test_another_number_of_workers_shares_them(often: Machine) -> None:
    held = Client(often, "hold", NEAR, 7, 200)
    held.paused()
    for workers in (3, 1, 2):
        often.drop_in("dvpn-dataplane.service", OFTEN + "[Service]\nExecStart=\n"
                      f"ExecStart=/usr/sbin/dvpn-dataplane --workers {workers}\n")
        restart(often)
        wait_until(lambda: is_open(often, 200, "near"), 5)
        listed = json.loads(often.dvpnctl("connections", "--json").stdout)["connections"]
        # Each got some.
        assert {int(c["id"], 16) >> 24 & 0xff for c in listed} == set(range(workers))
    held.go_on()
    assert held.found()["second"] == {"served": 200}


def test_new_connections_wait_while_it_restarts(often: Machine) -> None:
    assert "hello" in often.page()
    for address in (NEAR, HOME):
        many = Client(often, "many", address, 7, 300)
        while many.runs:
            restart(often)
        assert many.found()["results"] == {"served": 300}


def test_another_binary_takes_over(often: Machine) -> None:
    with often.talk() as talk:
        assert talk.connected()["result"] == "connected"
        upgrade(often)
        restart(often)
        assert talk.say("still") == "still"


def test_what_is_killed_leaves_nothing_behind(often: Machine) -> None:
    def at_rest() -> list[int]:
        restart(often)
        wait_until(lambda: is_open(often, 0) and is_open(often, 0, "near"), 5)
        often.run("sleep", "0.5")  # what asked has gone, too
        return [descriptors(often, unit) for unit in ("dvpn-controlplane", "dvpn-dataplane")]

    assert "hello" in often.page()
    before = at_rest()
    held = Client(often, "hold", NEAR, 7, 100)
    held.paused()
    assert served(often, 7) == 100
    pid = often.pid("dvpn-dataplane")
    often.run("kill", "-KILL", str(pid))
    often.wait_for("dvpn-dataplane", "MainPID", rf"^(?!{pid}$|0$)\d+$")
    often.wait_for("dvpn-dataplane", "ActiveState", "^active")
    held.go_on()
    assert "served" not in held.found()["second"]
    wait_until(lambda: served(often, 7) == 0, 5)
    assert "hello" in often.page()
    wait_until(lambda: at_rest() == before, 15, f"descriptors to be {before}")
    # The shelf is still there.
    with often.talk() as talk:
        assert talk.connected()["result"] == "connected"
        restart(often)
        assert talk.say("still") == "still"


def test_stopped_as_a_whole_they_end(often: Machine) -> None:
    with often.talk() as talk:
        assert talk.connected()["result"] == "connected"
        often.systemctl("stop", "dvpn.target")
        assert talk.end(close=False) in ("reset", "fin")
