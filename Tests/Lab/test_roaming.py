"""The host moves to another network, or sleeps: tunnels whose outer path is gone end and are dialled again
by demand; a hold-off because of the old network is over; a lock for wrong credentials stays."""
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from laboratory import PYTHON, wait_until

CORP, WEB = "10.66.0.10", "10.1.2.10"
HERE = Path(__file__).parent


@contextmanager
def moved(lab, *steps):
    """gw's WAN after these `ip -batch` lines; at the end it is as it was."""
    try:
        lab.run("gw", "ip", "-batch", "-", input="\n".join(steps))
        yield
    finally:
        # Whatever a test has left; what is there already may complain.
        lab.run("gw", "ip", "-force", "-batch", "-", check=False, input="""
            addr del 203.0.113.7/24 dev wan0
            link set wan0 up
            addr replace 203.0.113.2/24 dev wan0
            addr replace 2001:db8:113::2/64 dev wan0 nodad
            route replace default via 203.0.113.1
            route replace default via 2001:db8:113::1
            addr del 192.0.2.1/32 dev guest0
            route del 192.0.2.128/25
        """)


OTHER_ADDRESS = ("addr del 203.0.113.2/24 dev wan0", "addr add 203.0.113.7/24 dev wan0",
                 "route replace default via 203.0.113.1")


@pytest.fixture
def both(work):
    work.start_dvpn(work.vpn_config(idle="60s", stall="60s", home={"idle": "60s"}))
    return work


def dials(lab):
    return lab.log("controlplane").count("→ dialling")


@pytest.mark.parametrize("network, target", [("work", CORP), ("home", WEB)])
def test_a_tunnel_whose_address_is_gone_ends_at_once_and_is_dialled_by_demand(both, network, target):
    assert "hello" in both.get("lan", target)
    before = dials(both)
    with moved(both, *OTHER_ADDRESS):
        wait_until(lambda: both.network(network)["state"] == "idle", 10)
        time.sleep(1)
        assert dials(both) == before  # nobody asks
        begun = time.monotonic()
        assert "hello" in both.get("lan", target)
        assert time.monotonic() - begun < 8
        assert dials(both) == before + 1
        if network == "work":
            assert "203.0.113.7" in both.vpn.swanctl("--list-sas")


@pytest.mark.parametrize("network, target", [("work", CORP), ("home", WEB)])
def test_who_goes_on_asking_has_the_tunnel_back_soon(both, network, target):
    assert "hello" in both.get("lan", target)
    with moved(both, *OTHER_ADDRESS):
        begun = time.monotonic()
        wait_until(lambda: both.connect("lan", target, timeout=2)["result"] == "connected", 12)
        assert time.monotonic() - begun < 10


@pytest.mark.parametrize("network, target", [("work", CORP), ("home", WEB)])
def test_a_default_route_that_goes_away_ends_tunnels_and_its_return_brings_them_back(both, network, target):
    assert "hello" in both.get("lan", target)
    with moved(both, "route del default via 203.0.113.1"):
        wait_until(lambda: both.network(network)["state"] != "up", 10)
        found = both.connect("lan", target)
        assert found["result"] in ("unreachable", "refused") and found["seconds"] < 8
    wait_until(lambda: both.connect("lan", target, timeout=5)["result"] == "connected", 10)


@pytest.mark.parametrize("step", ["addr add 192.0.2.1/32 dev guest0", "route add 192.0.2.128/25 dev guest0",
                                  "addr add 203.0.113.7/24 dev wan0"])
def test_other_changes_leave_tunnels_alone(both, step):
    for target in (CORP, WEB):
        assert "hello" in both.get("lan", target)
    before = dials(both), both.pids("vpnc"), both.pids("ssh")
    with both.talk("lan", CORP) as talk, moved(both, step):
        talk.connected()
        time.sleep(3)
        assert talk.say("still here") == "still here"
        assert both.network("work")["state"] == "up" and both.network("home")["state"] == "up"
    assert (dials(both), both.pids("vpnc"), both.pids("ssh")) == before


def test_a_hold_off_of_the_old_network_does_not_bind_in_the_new_one(both):
    both.vpn.kill_charon()
    for _ in range(4):  # so that the hold-off is longer than its first second
        both.dvpnctl("up", "work", check=False)
    both.wait_for_state("holdoff", "work")
    both.vpn.start_charon()
    assert both.network("work")["state"] == "holdoff"
    with moved(both, *OTHER_ADDRESS):
        wait_until(lambda: both.network("work")["state"] == "idle", 3)
        assert both.ping("lan", CORP) is not None


def test_a_lock_stays_in_the_new_network(work):
    work.start_dvpn(work.vpn_config(vpnc={"password": work.vpn.secret("wrong")}))
    work.ping("lan", CORP)
    work.wait_for_state("locked", "work")
    tries = work.vpn.xauth_tries()
    with moved(work, *OTHER_ADDRESS):
        for _ in range(3):
            assert work.connect("lan", CORP)["result"] != "connected"
            time.sleep(0.5)
        assert work.network("work")["state"] == "locked"
    assert work.vpn.xauth_tries() == tries


@pytest.fixture
def logind(work):
    """A bus on gw, and who says on it what logind says."""
    work.start_bus()
    speaker = work.spawn("gw", PYTHON, str(HERE / "logind.py"))
    assert speaker.stdout.readline() == "ready\n"

    def say(word):
        """Returns how many have kept the host from sleeping until they were ready."""
        speaker.stdin.write(word + "\n")
        said, count = speaker.stdout.readline().split()
        assert said == "said"
        return int(count)

    yield say
    speaker.kill()
    speaker.communicate()
    work.end("bus")


def fall_asleep(logind):
    """The host has waited for dvpn."""
    wait_until(lambda: logind("look") == 1, 5)
    assert logind("sleep") == 1


def test_before_sleep_tunnels_end_and_the_concentrator_is_told(work, logind):
    work.start_dvpn(work.vpn_config(idle="60s", home={"idle": "60s"}))
    for target in (CORP, WEB):
        assert "hello" in work.get("lan", target)
    for _ in range(2):
        fall_asleep(logind)
        assert not work.pids("vpnc") and not work.pids("ssh")
        wait_until(lambda: work.vpn.sas() == 0, 1)
        before = dials(work)
        assert work.connect("lan", CORP, timeout=1)["result"] == "timeout"
        assert dials(work) == before
        logind("wake")
        for target in (CORP, WEB):
            assert "hello" in work.get("lan", target)


def test_after_sleep_nothing_is_dialled_that_nobody_wants(work, logind):
    work.start_dvpn(work.vpn_config(idle="60s"))
    assert "hello" in work.get("lan", CORP)
    fall_asleep(logind)
    logind("wake")
    before = dials(work)
    time.sleep(1)
    assert dials(work) == before and work.network("work")["state"] == "idle"


def test_who_waits_since_before_the_sleep_is_served_after_it(work, logind):
    work.start_dvpn(work.vpn_config())
    fall_asleep(logind)
    with work.talk("lan", CORP) as talk:
        wait_until(lambda: work.network("work")["connections"]["parked"] == 1, 5)
        assert dials(work) == 0
        logind("wake")
        assert talk.connected()["result"] == "connected"


def test_a_controlplane_that_ends_keeps_nobody_awake(work, logind):
    for end in ("TERM", "KILL"):
        work.start_dvpn(work.vpn_config())
        wait_until(lambda: logind("look") == 1, 5)
        work.end("controlplane", end)
        wait_until(lambda: logind("look") == 0, 5)
        work.stop_dvpn()
        assert logind("sleep") == 0 and not work.pids("busctl")
        logind("wake")


def test_after_sleep_a_hold_off_is_over(work, logind):
    work.start_dvpn(work.vpn_config())
    work.vpn.kill_charon()
    for _ in range(3):
        work.dvpnctl("up", "work", check=False)
    work.wait_for_state("holdoff", "work")
    work.vpn.start_charon()
    fall_asleep(logind)
    logind("wake")
    wait_until(lambda: work.network("work")["state"] == "idle", 3)
    assert work.ping("lan", CORP) is not None
