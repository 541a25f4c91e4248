"""Either daemon may be killed at any moment; what stands goes on, and nothing of it is left at the end."""
import pytest

from conftest import without_counts
from laboratory import wait_until


def kill(lab, *names):
    for name in names:
        lab.end(name, "KILL")


def test_connections_outlive_the_controlplane(dvpn):
    with dvpn.talk("lan", "10.1.2.10") as talk:
        talk.connected()
        assert talk.say("one") == "one"
        logins = dvpn.logins()
        kill(dvpn, "controlplane")
        assert talk.say("two") == "two"
        for client in ("lan", "gw"):
            for target in ("10.1.2.10", "fd00:1:2::10"):
                assert "hello" in dvpn.get(client, target)
        dvpn.start_controlplane()
        network = dvpn.wait_for_state("up")
        assert network["masters"] == 1
        wait_until(lambda: dvpn.network()["connections"]["open"] == 1, 5)
        assert talk.say("three") == "three"
        assert dvpn.logins() == logins
    dvpn.wait_for_state("idle")  # the restarted one closes what it adopted
    assert dvpn.ssh_masters() == 0


def test_after_the_dataplane_is_killed_the_next_connection_works(dvpn):
    dvpn.get("lan", "10.1.2.10")
    with dvpn.talk("lan", "10.1.2.10") as talk:
        talk.connected()
        kill(dvpn, "dataplane")
        assert talk.end(close=False, timeout=10) in ("reset", "fin")
    dvpn.start_dataplane()
    wait_until(lambda: dvpn.status()["dataplane"]["connected"], 5)
    for client in ("lan", "gw"):
        for target in ("10.1.2.10", "fd00:1:2::10"):
            assert "hello" in dvpn.get(client, target)


def test_signals_that_ask_other_daemons_for_something_end_nothing(dvpn):
    before = [dvpn.pid(name) for name in ("controlplane", "dataplane")]
    for name in ("USR1", "USR2"):
        dvpn.run("gw", "kill", f"-{name}", *map(str, before))
    assert "hello" in dvpn.get("lan", "10.1.2.10")
    assert [dvpn.pid(name) for name in ("controlplane", "dataplane")] == before


def test_while_the_dataplane_is_away_nothing_leaks(dvpn):
    leaked = dvpn.leaked()
    kill(dvpn, "dataplane")
    for client in ("lan", "gw"):
        assert dvpn.connect(client, "10.1.2.10", timeout=1)["result"] != "connected"
    kill(dvpn, "controlplane")
    for client in ("lan", "gw"):
        assert dvpn.connect(client, "fd00:1:2::10", timeout=1)["result"] != "connected"
    assert dvpn.leaked() == leaked


def test_after_both_are_killed_what_stands_is_adopted(dvpn):
    dvpn.get("lan", "10.1.2.10")
    # The throw-away session of a fresh tunnel is an ssh of its own.
    wait_until(lambda: dvpn.ssh_masters() == 1, 5)
    logins, masters = dvpn.logins(), dvpn.ssh_masters()
    before = dvpn.host_state()
    kill(dvpn, "controlplane", "dataplane")
    dvpn.start_dvpn()
    assert dvpn.network()["state"] == "up"
    assert "hello" in dvpn.get("lan", "10.1.2.10")
    assert (dvpn.logins(), dvpn.ssh_masters()) == (logins, masters)
    assert without_counts(dvpn.host_state()) == without_counts(before)


@pytest.mark.parametrize("end", ["stop", "kill"])
@pytest.mark.parametrize("forwarding", [0, 1])
def test_cleanup_leaves_the_host_as_before_dvpn_ever_ran(stopped, end, forwarding):
    stopped.run("gw", "sysctl", "-qw", f"net.ipv4.ip_forward={forwarding}",
                f"net.ipv6.conf.all.forwarding={forwarding}")
    try:
        before = stopped.host_state()
        stopped.start_dvpn()
        stopped.get("lan", "10.1.2.10")
        assert stopped.host_state() != before
        if end == "kill":
            kill(stopped, "controlplane", "dataplane")
            stopped.cleanup()
        else:
            stopped.stop_dvpn()
        assert stopped.ssh_masters() == 0
        left = stopped.run("gw", "find", "/run/dvpn", "-type", "f", "-size", "+0").stdout
        assert left == ""
        assert stopped.host_state() == before
    finally:
        stopped.run("gw", "sysctl", "-qw", "net.ipv4.ip_forward=0", "net.ipv6.conf.all.forwarding=0")


def test_a_reload_touches_only_what_changed(dvpn):
    with dvpn.talk("lan", "10.1.2.10") as talk:
        talk.connected()
        logins = dvpn.logins()
        dvpn.config.write_text(dvpn.original_config.replace('"10.9.0.0/24"', '"10.8.0.0/24"'))
        dvpn.dvpnctl("reload")
        assert talk.say("after") == "after"
        assert dvpn.network("near")["prefixes"] == ["10.8.0.0/24", "fd00:9::/64"]
        dvpn.get("lan", "10.1.2.10")
        assert dvpn.logins() == logins
