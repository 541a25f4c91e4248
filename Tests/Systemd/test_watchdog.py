"""A process that hangs is restarted, and a killed one too."""
import re
import time

import pytest
from laboratory import wait_until
from machine import PROJECT, Machine

# WatchdogSec= of both planes; what comes on top is systemd's, and this machine's load.
PATIENCE = 3


def stop_and_wait(machine: Machine, unit: str, signal: str) -> float:
    """Sends a signal to the unit's process and waits until another one is ready; after how many seconds it was
    there."""
    before, begun = machine.pid(unit), time.monotonic()
    machine.run("kill", f"-{signal}", str(before))
    machine.wait_for(unit, "MainPID", rf"^(?!{before}$|0$)\d+$")
    took = time.monotonic() - begun
    machine.wait_for(unit, "ActiveState", "^active")
    return took


def one_line(text: str) -> str | None:
    return text if text.count("\n") == 1 else None


@pytest.fixture
def watched(stopped: Machine) -> Machine:
    for unit in ("dvpn-controlplane.service", "dvpn-dataplane.service"):
        stopped.drop_in(unit, f"[Unit]\nStartLimitIntervalSec=0\n[Service]\nWatchdogSec={PATIENCE}\n")
    stopped.systemctl("start", "dvpn.target", "dvpn-online.target")
    return stopped


def test_a_controlplane_that_hangs_is_restarted_and_connections_stand(watched: Machine) -> None:
    with watched.talk() as talk:
        assert talk.connected()["result"] == "connected"
        since = watched.now()
        assert stop_and_wait(watched, "dvpn-controlplane", "STOP") < PATIENCE + 2
        assert "Failed with result 'watchdog'" in watched.journal("dvpn-controlplane", since)
        assert talk.say("still") == "still"
        watched.wait_for("dvpn-controlplane", "StatusText", "1 up")


def test_a_dataplane_that_hangs_is_restarted(watched: Machine) -> None:
    assert "hello" in watched.page()
    since, controlplane = watched.now(), watched.pid("dvpn-controlplane")
    assert stop_and_wait(watched, "dvpn-dataplane", "STOP") < PATIENCE + 2
    assert "Failed with result 'watchdog'" in watched.journal("dvpn-dataplane", since)
    assert watched.pid("dvpn-controlplane") == controlplane
    assert "hello" in watched.page()


def test_the_units_have_the_watchdogs_that_are_documented(dvpn: Machine) -> None:
    text = " ".join((PROJECT / "docs/systemd.md").read_text().split())
    dataplane, controlplane = re.search(
        r"`WatchdogSec=`: (\d+) seconds for the dataplane, (\d+) for the controlplane", text).groups()
    for unit, seconds in (("dvpn-dataplane", dataplane), ("dvpn-controlplane", controlplane)):
        assert dvpn.property(unit, "WatchdogUSec") == f"{seconds}s"


def test_nobody_is_restarted_who_works(watched: Machine) -> None:
    with watched.talk() as talk:
        assert talk.connected()["result"] == "connected"
        watched.run("sleep", str(2 * PATIENCE + 1))  # two watchdogs' patience, idle
        assert talk.say("still") == "still"
    for unit in ("dvpn-controlplane", "dvpn-dataplane"):
        assert watched.property(unit, "NRestarts") == "0"


def test_a_silent_dataplane_is_told_of(dvpn: Machine) -> None:
    dataplane = dvpn.pid("dvpn-dataplane")
    dvpn.run("kill", "-STOP", str(dataplane))
    try:
        dvpn.wait_for("dvpn-controlplane", "StatusText", "^degraded: the dataplane does not answer", 20)
    finally:
        dvpn.run("kill", "-CONT", str(dataplane), check=False)
    dvpn.wait_for("dvpn-controlplane", "StatusText", "^1 network", 20)


def test_killed_or_restarted_the_controlplane_loses_nothing(dvpn: Machine) -> None:
    with dvpn.talk() as talk:
        assert talk.connected()["result"] == "connected"
        # The throw-away session of a fresh tunnel is an ssh of its own.
        masters = wait_until(lambda: one_line(dvpn.shell("pgrep -u dvpn-ssh -x ssh")), 5, "one ssh")
        stop_and_wait(dvpn, "dvpn-controlplane", "KILL")
        assert talk.say("one") == "one"
        dvpn.systemctl("restart", "dvpn-controlplane")
        assert talk.say("two") == "two"
        assert "1 up" in dvpn.wait_for("dvpn-controlplane", "StatusText", "1 up")
        assert dvpn.shell("pgrep -u dvpn-ssh -x ssh") == masters
        assert "hello" in dvpn.page()


def test_a_dataplane_whose_own_watchdog_does_nothing_is_restarted_at_the_controlplanes_request(
        stopped: Machine) -> None:
    stopped.drop_in("dvpn-dataplane.service", "[Service]\nWatchdogSec=0\nTimeoutStopSec=1\n")
    stopped.systemctl("start", "dvpn.target", "dvpn-online.target")
    before, controlplane = stopped.pid("dvpn-dataplane"), stopped.pid("dvpn-controlplane")
    stopped.run("kill", "-STOP", str(before))
    stopped.wait_for("dvpn-dataplane", "MainPID", rf"^(?!{before}$|0$)\d+$", 60)
    stopped.wait_for("dvpn-controlplane", "StatusText", "^(?!degraded)", 20)
    assert stopped.pid("dvpn-controlplane") == controlplane
    assert "hello" in stopped.page()
