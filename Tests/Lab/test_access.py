"""Who may use the private networks: this host and the LANs that are listed. Nobody else, in no mode."""
import re
from pathlib import Path

import pytest

from laboratory import PYTHON

PRIVATE = ["10.1.2.10", "fd00:1:2::10"]
NEAR = ["10.9.0.10", "fd00:9::10"]
GATEWAY = ["192.168.88.1", "192.168.77.1", "203.0.113.2", "fd00:88::1", "2001:db8:113::2"]
FORGE = str(Path(__file__).parent / "forge.py")
MODES = ["truthful", "eager"]


@pytest.fixture(params=MODES)
def running(request, stopped):
    """dvpn in either mode for both networks, with forwarding on, so that only dvpn stands in the way."""
    text = stopped.config_text(connect=request.param) + f'connect = "{request.param}"\n'
    stopped.run("gw", "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
    stopped.start_dvpn(text)
    yield stopped
    stopped.run("gw", "sysctl", "-qw", "net.ipv4.ip_forward=0", "net.ipv6.conf.all.forwarding=0")


@pytest.mark.parametrize("client", ["guest", "stranger", "wan"])
def test_nobody_else_reaches_anything_private(running, client):
    if client == "wan":  # a router of the provider that sends private addresses our way
        running.run("wan", "ip", "route", "add", "10.1.2.0/24", "via", "203.0.113.2")
        running.run("wan", "ip", "route", "add", "fd00:1:2::/64", "via", "2001:db8:113::2")
    try:
        tries = running.tries()
        for up in (False, True):
            targets = PRIVATE if client == "wan" else PRIVATE + NEAR  # wan is near's own router
            for target in targets:
                assert running.connect(client, target, timeout=1)["result"] != "connected", target
            if not up:
                assert running.tries() == tries and running.network()["state"] == "idle"
                assert "hello" in running.get("lan", PRIVATE[0])  # the same packet from the LAN
    finally:
        if client == "wan":
            running.run("wan", "ip", "route", "del", "10.1.2.0/24")
            running.run("wan", "ip", "route", "del", "fd00:1:2::/64")


@pytest.mark.parametrize("client", ["lan", "guest", "stranger", "gw"])
def test_port_3876_takes_only_what_was_redirected(running, client):
    for address in GATEWAY:
        found = running.connect(client, address, 3876, timeout=1)
        assert found["result"] != "connected", address


@pytest.mark.parametrize("client", ["guest", "stranger"])
def test_a_scan_finds_no_open_port(running, client):
    running.get("lan", PRIVATE[0])
    text = running.run(client, "nmap", "-sT", "-Pn", "-n", "--max-retries", "0", "--host-timeout", "60s",
                       "-p", "1-100,2000-2010,3876", "-oG", "-", *PRIVATE[:1], *NEAR[:1], *GATEWAY[:3],
                       timeout=200).stdout
    assert "/open/" not in text


def counted(lab, host):
    text = lab.run(host, "nft", "list", "counter", "inet", "detect", "arrived").stdout
    return int(re.search(r"packets (\d+)", text)[1])


DETECT = """
    table inet detect {{
        counter arrived {{ }}
        chain arrive {{
            type filter hook {hook} priority 300;
            meta l4proto {{ tcp, udp }} th sport 40000 counter name arrived
        }}
    }}
"""


def test_a_captured_dataplane_reaches_nothing_else(dvpn):
    victims = [("192.168.77.10", "192.168.77.1"), ("192.168.77.10", "203.0.113.2"),
               ("127.0.0.1", "127.0.0.1"), ("10.1.2.10", "127.0.0.1"), ("203.0.113.66", "203.0.113.2"),
               ("10.1.2.10", "192.168.77.10"), ("192.168.77.11", "192.168.77.10"),
               ("203.0.113.66", "192.168.77.10"), ("192.0.0.8", "192.168.77.1"),
               ("::1", "::1"), ("fd00:77::10", "fd00:77::1"), ("fd00:1:2::10", "fd00:77::10"),
               ("2001:db8:113::66", "2001:db8:113::2"), ("fd00:77::11", "fd00:77::10")]
    dvpn.run("gw", "nft", "-f", "-", input=DETECT.format(hook="input"))
    dvpn.run("lan", "nft", "-f", "-", input=DETECT.format(hook="prerouting"))
    try:
        for source, destination in victims:
            dvpn.run("gw", PYTHON, FORGE, source, destination, "22", "53", "3876", "40001")
            found = counted(dvpn, "gw"), counted(dvpn, "lan")
            assert found == (0, 0), f"{source} -> {destination}"
        # The detectors see such packets as soon as dvpn's own table is not there to stop them.
        dvpn.end("controlplane")
        dvpn.run("gw", "nft", "delete", "table", "inet", "dvpn")
        dvpn.run("gw", PYTHON, FORGE, "192.168.77.10", "192.168.77.1", "40001")
        assert counted(dvpn, "gw") > 0
    finally:
        dvpn.run("gw", "nft", "delete", "table", "inet", "detect")
        dvpn.run("lan", "nft", "delete", "table", "inet", "detect")
