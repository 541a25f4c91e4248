"""The first packet to an idle network brings its tunnel up and is answered; the last one lets it go."""
import statistics
import time

import pytest

from laboratory import wait_until

CLIENTS = ["lan", "gw"]
TARGETS = ["10.1.2.10", "fd00:1:2::10"]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("target", TARGETS)
def test_the_first_request_through_an_idle_network_works(dvpn, client, target):
    assert dvpn.network()["state"] == "idle"
    logins, leaked = dvpn.logins(), dvpn.leaked()
    assert f"hello from {target}," in dvpn.get(client, target)
    assert dvpn.network()["state"] == "up"
    assert dvpn.logins() == logins + 1
    assert dvpn.leaked() == leaked


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("target", TARGETS)
def test_connect_takes_as_long_as_the_dial(stopped, client, target):
    stopped.start_dvpn(stopped.config_text(port=2203))
    found = stopped.connect(client, target)
    assert found["result"] == "connected"
    assert 3 <= found["seconds"] < 6  # the gateway answers 3 s late


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("target", TARGETS)
def test_a_connection_while_up_costs_less_than_5_ms_more(dvpn, client, target):
    def median(host):
        return statistics.median(dvpn.connect(host, target, 7)["seconds"] for _ in range(11))

    dvpn.get(client, target)
    assert median(client) - median("sshgw") < 0.005


def test_a_hundred_first_requests_make_one_dial(dvpn):
    logins = dvpn.logins()
    found = dvpn.client("lan", "many", "10.1.2.10", 7, 100)
    assert found["results"] == {"served": 100}
    assert dvpn.logins() == logins + 1


def test_the_tunnel_goes_away_when_idle_and_comes_back(dvpn):
    dvpn.get("lan", "10.1.2.10")
    begun = time.monotonic()
    dvpn.wait_for_state("idle")
    assert 4 < time.monotonic() - begun < 8  # idle = "5s"
    assert dvpn.ssh_masters() == 0
    assert "hello" in dvpn.get("lan", "10.1.2.10")


def test_an_open_connection_keeps_the_tunnel_up(dvpn):
    logins = dvpn.logins()
    with dvpn.talk("lan", "10.1.2.10") as talk:
        talk.connected()
        begun = time.monotonic()
        wait_until(lambda: time.monotonic() - begun > 8 or dvpn.network()["state"] != "up", 12)
        assert dvpn.network()["state"] == "up"
        assert talk.say("still there") == "still there"
    dvpn.wait_for_state("idle")
    assert dvpn.logins() == logins + 1


def test_answers_in_two_writes_do_not_stall(dvpn):
    dvpn.get("lan", "10.1.2.10")
    assert dvpn.client("lan", "echo", "10.1.2.10", 2004)["p50"] < 0.02  # 44 ms with Nagle


@pytest.mark.parametrize("client", CLIENTS)
def test_a_gateway_inside_its_own_prefix_works(stopped, client):
    text = stopped.config_text(prefixes=["198.51.100.0/24", "2001:db8:51::/64"])
    stopped.start_dvpn(text)
    assert "hello" in stopped.get(client, "198.51.100.200")
    assert "hello" in stopped.get(client, "2001:db8:51::200")
    stopped.wait_for_state("idle")
    assert "hello" in stopped.get(client, "198.51.100.200")


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("mode", ["truthful", "eager"])
def test_both_modes_carry_both_families(stopped, client, mode):
    stopped.start_dvpn(stopped.config_text(connect=mode))
    for target in TARGETS:
        assert f"hello from {target}," in stopped.get(client, target)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("target", ["10.9.0.10", "fd00:9::10"])
def test_a_direct_network_needs_no_tunnel(dvpn, client, target):
    logins = dvpn.logins()
    assert f"hello from {target}," in dvpn.get(client, target)
    assert dvpn.network("near")["state"] == "routed"
    assert dvpn.logins() == logins
