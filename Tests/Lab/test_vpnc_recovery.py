"""Whatever ends a tunnel, or makes it pass nothing: the next demand brings it back, in a stated time
(docs: RECOVERY below), and meanwhile nothing goes another way."""
import json
import re
import time

import pytest

from conftest import TestLab
from laboratory import wait_until

CORP = "10.66.0.10"
STALL = 3

# Seconds from the event to the first answered packet, for a client that goes on asking.
RECOVERY = {
    "kill vpnc": 8,  # noticed at once; the concentrator is given 2 to 5 s to forget us
    "kill charon": 8 + STALL,  # noticed when nothing comes back
    "stop charon": 8 + STALL,
    "terminate": 8 + STALL,
    "renew ike": 8,  # vpnc ends
    "renew child": 8 + STALL,  # vpnc stays and passes nothing
    "link down": 20 + STALL,  # the dial that began meanwhile goes on by itself, or is made again
    "device deleted": 8,
}


@pytest.fixture
def up(work):
    work.start_dvpn(work.vpn_config(idle="60s", stall=f"{STALL}s"))
    assert work.ping("lan", CORP) is not None
    return work


def happen(lab: TestLab, event: str) -> None:
    if event == "kill vpnc":
        pid, = lab.pids("vpnc")
        lab.run("gw", "kill", "-KILL", str(pid))
    elif event in ("kill charon", "stop charon"):
        getattr(lab.vpn, event.replace(" ", "_"))()
        lab.vpn.start_charon()
    elif event == "device deleted":
        lab.run("gw", "ip", "link", "del", "dv-work")
    elif event == "link down":
        lab.run("vpngw", "ip", "link", "set", "wan0", "down")
        try:
            # Back as soon as the loss has been noticed: how long a link is down is not ours to say.
            wait_until(lambda: lab.ping("lan", CORP, timeout=1) is None
                       and lab.network("work")["state"] != "up", STALL + 6, "the loss to be noticed")
        finally:
            lab.run("vpngw", "ip", "-batch", "-", input="""
                link set wan0 up
                addr replace 2001:db8:51::3/64 dev wan0 nodad
                route replace default via 198.51.100.1
                route replace default via 2001:db8:51::1
            """)
    else:
        getattr(lab.vpn, event.replace(" ", "_"))()


@pytest.mark.parametrize("client", ["lan", "gw"])
@pytest.mark.parametrize("event", RECOVERY)
def test_a_lost_tunnel_comes_back_with_the_next_demand(up, event, client):
    dials = up.vpn.dials()
    begun = time.monotonic()
    happen(up, event)
    wait_until(lambda: up.ping(client, CORP, timeout=1) is not None, RECOVERY[event] + 5)
    seconds = time.monotonic() - begun
    assert up.vpn.dials() > dials
    limit = RECOVERY[event] + (STALL + 6 if event == "link down" else 0)
    assert seconds < limit, f"{seconds:.1f} s"
    assert "hello" in up.get(client, CORP)
    assert up.dig(client, "www.corp.example").answers == [CORP]


@pytest.mark.parametrize("event", ["kill vpnc", "renew child"])
def test_a_lost_tunnel_that_nobody_wants_stays_away(up, event):
    """Neither is dialled before somebody asks. One that passes nothing is not even noticed, and closes."""
    dials = up.vpn.dials()
    happen(up, event)
    time.sleep(6)
    assert up.vpn.dials() == dials
    if event == "kill vpnc":
        assert up.network("work")["state"] in ("idle", "holdoff")
    wait_until(lambda: up.ping("lan", CORP, timeout=1) is not None, 20)
    assert up.vpn.dials() == dials + 1


def test_a_tunnel_that_nobody_answers_in_is_not_taken_for_a_dead_one(work):
    """Questions to a host that is away, beside one that answers: the tunnel is well."""
    work.start_dvpn(work.vpn_config(idle="60s", stall=f"{STALL}s", probe=CORP))
    assert work.ping("lan", CORP) is not None
    dials = work.vpn.dials()
    asking = work.spawn("lan", "ping", "-n", "-i", "0.3", "10.66.0.99")
    try:
        time.sleep(3 * STALL)
    finally:
        asking.kill()
        asking.communicate()
    assert work.network("work")["state"] == "up"
    assert work.vpn.dials() == dials


def test_asking_whether_a_tunnel_lives_is_no_use_of_it(work):
    work.run("corp", "nft", "-f", "-", input="""
        table inet asked {
            counter asked { }
            chain input {
                type filter hook input priority 0;
                icmp type echo-request meta length 28 counter name asked
            }
        }""")
    try:
        work.start_dvpn(work.vpn_config(idle="8s", stall="2s", tcp="route"))
        assert work.ping("lan", CORP) is not None
        used = time.monotonic()
        time.sleep(2)
        assert work.connect("lan", CORP, 82, timeout=4)["result"] == "timeout"  # no use of it, either
        work.wait_for_state("idle", "work", 15)
        assert 7.5 < time.monotonic() - used < 11
        asked = work.run("corp", "nft", "list", "counter", "inet", "asked", "asked").stdout
        assert int(re.search(r"packets (\d+)", asked)[1]) >= 2  # at the beginning, and then
    finally:
        work.run("corp", "nft", "delete", "table", "inet", "asked")


@pytest.mark.parametrize("tcp", ["splice", "route"])
@pytest.mark.parametrize("client", ["lan", "gw"])
def test_a_connection_over_a_killed_vpnc_is_reset_or_goes_on(work, client, tcp):
    work.start_dvpn(work.vpn_config(idle="60s", stall=f"{STALL}s", tcp=tcp))
    with work.talk(client, CORP) as talk:
        talk.connected()
        assert talk.say("before") == "before"
        happen(work, "kill vpnc")
        begun = time.monotonic()
        talk.process.stdin.write("after\n")
        line = talk.process.stdout.readline()
        assert time.monotonic() - begun < 30
        # Either the connection's end, as client.py tells it, or the echo.
        assert line == "after\n" or json.loads(line)["end"] in ("reset", "fin", "unreachable")
        if tcp == "splice":
            assert line != "after\n" and json.loads(line)["end"] == "reset"
    # In hold-off, which is a second, it is refused.
    wait_until(lambda: work.ping(client, CORP, timeout=1) is not None, RECOVERY["kill vpnc"])


def test_a_download_over_a_killed_vpnc_does_not_look_complete(up):
    download = up.spawn("lan", "/usr/bin/python3", up.client_path, "download", CORP, str(2 << 30))
    wait_until(lambda: up.network("work")["connections"]["open"] == 1, 10)
    happen(up, "kill vpnc")
    out, _ = download.communicate(timeout=30)
    assert re.search(r'"end": "(reset|unreachable|timeout)"', out)


def test_a_lost_tunnel_leaves_nothing_behind(up):
    """Processes, devices, routes and rules: as with the first tunnel, after five that were killed."""
    def state():
        parts = ["ip -brief link", "ip route show table all", "ip rule"]
        return [re.sub(r"^.*dv-work.*\n", "", up.run("gw", *part.split()).stdout, flags=re.MULTILINE)
                for part in parts], len(up.pids("vpnc"))

    before = state()
    for _ in range(5):
        happen(up, "kill vpnc")
        wait_until(lambda: up.ping("lan", CORP, timeout=1) is not None, 20)
    assert state() == before
    up.dvpnctl("down", "work")
    wait_until(lambda: up.pids("vpnc") == [], 10)
