"""What the far side says is what the client hears: refused, unreachable, or nothing at all."""
import concurrent.futures
import re

import pytest

CLIENTS = ["lan", "gw"]
NETWORKS = ["10.1.2.", "fd00:1:2::", "10.9.0.", "fd00:9::"]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("network", NETWORKS)
def test_a_closed_port_is_refused(dvpn, client, network):
    found = dvpn.connect(client, network + "10", 81)
    assert found["result"] == "refused"
    again = dvpn.connect(client, network + "10", 81)
    assert again["result"] == "refused" and again["seconds"] < 0.2


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("network", ["10.9.0.", "fd00:9::"])
def test_an_unreachable_host_is_unreachable(dvpn, client, network):
    found = dvpn.connect(client, network + "98")
    # From a program on the gateway over IPv4 the kernel lets through a reset only.
    allowed = {"unreachable"} | ({"refused"} if client == "gw" and "." in network else set())
    assert found["result"] in allowed
    assert found["seconds"] < 3


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("network", ["10.1.2.", "fd00:1:2::"])
def test_through_ssh_an_unreachable_host_is_an_error_at_once(dvpn, client, network):
    # ssh's SOCKS answer does not tell refused from unreachable.
    found = dvpn.connect(client, network + "98")
    assert found["result"] in ("refused", "unreachable")
    assert found["seconds"] < 3


@pytest.mark.parametrize("client", CLIENTS)
def test_silence_is_silence(dvpn, client):
    for network in NETWORKS:
        dvpn.connect(client, network + "10")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        found = pool.map(lambda network: dvpn.connect(client, network + "10", 82, timeout=4)["result"], NETWORKS)
        assert list(found) == ["timeout"] * len(NETWORKS)


@pytest.mark.parametrize("beside, network", [
    ("sshgw", "10.1.2."), ("sshgw", "fd00:1:2::"), ("wan", "10.9.0."), ("wan", "fd00:9::")])
def test_a_port_scan_sees_what_a_host_beside_the_target_sees(dvpn, beside, network):
    def ports(host):
        family = ["-6"] if ":" in network else []
        text = dvpn.run(host, "nmap", "-sT", "-Pn", "-n", *family, "-p", "1-120,2000-2020",
                        "--max-retries", "2", "-oG", "-", network + "10", timeout=120).stdout
        closed = re.search(r"Ignored State: closed \((\d+)\)", text)
        return sorted(re.findall(r"(\d+)/(open)/", text)), closed and closed[1]

    dvpn.connect("lan", network + "10")
    truth = ports(beside)
    served = "7 9 19 25 80 2001 2002 2003 2004 2009" + (" 53" if beside == "sshgw" else "")
    assert [port for port, _ in truth[0]] == sorted(served.split())
    assert ports("lan") == truth
