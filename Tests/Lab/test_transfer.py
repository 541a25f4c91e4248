"""Bytes arrive as they were sent, ends are carried over as they were meant."""
import pytest

GIBIBYTE = 1 << 30
HOSTS = {"ssh": "10.1.2.10", "ssh-6": "fd00:1:2::10", "direct": "10.9.0.10", "direct-6": "fd00:9::10"}


@pytest.mark.parametrize("way", ["download", "upload"])
@pytest.mark.parametrize("host", ["ssh", "direct"])
def test_a_gibibyte_arrives_whole(dvpn, host, way):
    found = dvpn.client("lan", way, HOSTS[host], GIBIBYTE, timeout=300)
    assert found["bytes"] == GIBIBYTE
    assert found["sha256"] == found["expected"]


@pytest.mark.parametrize("client", ["lan", "gw"])
@pytest.mark.parametrize("host", HOSTS)
def test_either_side_may_end_first(dvpn, client, host):
    # The server's FIN first, then megabytes to it.
    found = dvpn.client(client, "server-first", HOSTS[host], 5_000_000)
    assert (found["read"], found["read-end"]) == (len("goodbye\n"), "fin")
    assert (found["bytes"], found["end"]) == (5_000_000, "fin")
    assert found["sha256"] == found["expected"]
    # The client's FIN first, then the server's answer.
    found = dvpn.client(client, "upload", HOSTS[host], 5_000_000)
    assert found["sha256"] == found["expected"]


@pytest.mark.parametrize("client", ["lan", "gw"])
@pytest.mark.parametrize("host", HOSTS)
def test_a_reset_travels_both_ways(dvpn, client, host):
    # ssh has no word for a reset: there it becomes a FIN at the other end.
    expected = "reset" if host.startswith("direct") else "fin"
    assert dvpn.client(client, "reset-by-server", HOSTS[host])["end"] == expected
    found = dvpn.client(client, "reset-by-client", HOSTS[host])
    assert (found["bytes"], found["end"]) == (1000, expected)
