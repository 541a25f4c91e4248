"""Many at once, and one who means harm."""
import json
import re
import resource
from pathlib import Path

import pytest

from laboratory import PYTHON, wait_until

FLOOD = str(Path(__file__).parent / "flood.py")


def descriptors():
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def test_five_thousand_at_once_to_an_idle_network(dvpn):
    assert descriptors() >= 16384, "the test itself needs 16384 descriptors (ulimit -Hn)"
    logins = dvpn.logins()
    found = dvpn.client("lan", "many", "10.1.2.10", 7, 5000, "--timeout", 90, timeout=150)
    # Held until they are served, or refused with a true reason; never a false "refused".
    assert set(found["results"]) <= {"served", "unreachable"}
    assert found["results"]["served"] >= 4500
    assert found["slowest"] < 60
    assert dvpn.logins() - logins == 6  # 900 connections to a master
    assert "hello" in dvpn.get("lan2", "10.1.2.10")


def arrived(lab):
    text = lab.run("priv", "nft", "list", "counter", "inet", "syns", "arrived").stdout
    return int(re.search(r"packets (\d+)", text)[1])


@pytest.mark.parametrize("network", ["up", "idle"])
def test_a_syn_flood_stays_where_it_came_from(dvpn, network):
    dvpn.run("lan", "nft", "-f", "-", input="""
        table inet mute {
            chain out {
                type filter hook output priority 0;
                tcp flags rst drop
            }
        }""")
    dvpn.run("priv", "nft", "-f", "-", input="""
        table inet syns {
            counter arrived { }
            chain input {
                type filter hook input priority 0;
                tcp flags & (syn | ack) == syn counter name arrived
            }
        }""")
    try:
        if network == "up":
            dvpn.get("lan2", "10.1.2.10")
        tries, before = dvpn.tries(), arrived(dvpn)
        flood = dvpn.spawn("lan", PYTHON, FLOOD, "192.168.77.10", "10.1.2.10", "100000")
        served = []
        while flood.poll() is None:
            served.append(dvpn.connect("lan2", "10.1.2.10", 7, timeout=10))
        out, _ = flood.communicate()
        assert flood.returncode == 0, out
        served += [dvpn.connect("lan2", "10.1.2.10", 7, timeout=10) for _ in range(5)]
        assert {s["result"] for s in served} == {"connected"}
        assert "hello" in dvpn.get("gw", "10.1.2.10")
        assert arrived(dvpn) - before < 10_000
        assert dvpn.tries() - tries <= 12  # masters for the flood's share, not one for each SYN
    finally:
        dvpn.run("lan", "nft", "delete", "table", "inet", "mute")
        dvpn.run("priv", "nft", "delete", "table", "inet", "syns")


def test_sshd_killed_under_load_leaves_nobody_hanging(dvpn):
    """Each client is served, or hears of it soon: nobody waits for a time-out of its own."""
    dvpn.get("lan", "10.1.2.10")
    clients = dvpn.spawn("lan", PYTHON, str(dvpn.client_path), "many", "10.1.2.10", "7", "3000",
                         "--timeout", "60")
    wait_until(lambda: dvpn.network()["connections"]["open"] > 200, 20, "connections to be open")
    sessions = dvpn.run("sshgw", "pgrep", "-u", "dvpn", "-x", "sshd").stdout.split()
    dvpn.run("sshgw", "kill", "-KILL", *sessions)
    out, _ = clients.communicate(timeout=90)
    found = json.loads(out.splitlines()[-1])
    assert sum(found["results"].values()) == 3000
    assert "timeout" not in found["results"]
    assert found["slowest"] < 30
    wait_until(lambda: dvpn.connect("lan", "10.1.2.10")["result"] == "connected", 20)
