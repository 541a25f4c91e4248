"""What may start a tunnel, what may pass it, what keeps it up."""
import time

import pytest

from laboratory import PYTHON, wait_until

CORP, CORP6 = "10.66.0.10", "fd00:66::10"


def make_noise(lab, client, kind, seconds):
    target = CORP6 if kind == "solicitation" else CORP
    return lab.spawn(client, PYTHON, lab.client_path, "noise", target, kind, "--timeout", str(seconds))


def sessions(lab):
    """How many times a tunnel of whatever kind has been dialled in this test."""
    return lab.log("controlplane").count("→ dialling")


@pytest.mark.parametrize("client", ["lan", "gw"])
@pytest.mark.parametrize("via, kind", [
    ("vpnc", "ntp"), ("vpnc", "netbios"), ("openconnect", "solicitation")])
def test_noise_neither_starts_a_tunnel_nor_keeps_it_up(work, client, via, kind):
    work.start_dvpn(work.vpn_config(via, idle="3s"))
    filtered = work.status()["dataplane"]["counters"]["packetsFiltered"]
    with make_noise(work, client, kind, 2) as noise:
        noise.wait()
    assert work.network("work")["state"] == "idle" and sessions(work) == 0
    assert work.status()["dataplane"]["counters"]["packetsFiltered"] - filtered >= 5
    with make_noise(work, client, kind, 30) as noise:
        assert work.ping(client, CORP) is not None
        begun = time.monotonic()
        work.wait_for_state("idle", "work", 12)
        assert time.monotonic() - begun > 2.5
        assert noise.poll() is None
        noise.kill()
    assert sessions(work) == 1


def test_noise_passes_while_the_tunnel_is_up(work):
    work.run("corp", "nft", "-f", "-", input="""
        table inet clock {
            chain input {
                type filter hook input priority 0;
                udp dport 123 counter reject with icmpx port-unreachable
            }
        }""")
    try:
        work.start_dvpn(work.vpn_config())
        assert work.ping("lan", CORP) is not None
        assert work.client("lan", "datagrams", CORP, 123)["error"] == "refused"
    finally:
        work.run("corp", "nft", "delete", "table", "inet", "clock")


def test_a_connection_that_only_keeps_itself_alive_does_not_keep_the_tunnel_up(work):
    work.start_dvpn(work.vpn_config(tcp="route", idle="3s"))
    with work.talk("lan", CORP, 7, "--keepalive") as talk:
        talk.connected()
        assert talk.say("one") == "one"
        begun = time.monotonic()
        work.wait_for_state("idle", "work", 12)
        assert time.monotonic() - begun > 2.5
        # The connection goes on with the next tunnel, or hears that it is over.
        assert talk.say("two") == "two" or talk.end(close=False) == "reset"
    assert sessions(work) == 2


def test_a_routed_connection_that_is_used_keeps_the_tunnel_up(work):
    work.start_dvpn(work.vpn_config(tcp="route", idle="3s"))
    with work.talk("lan", CORP) as talk:
        talk.connected()
        begun = time.monotonic()
        while time.monotonic() - begun < 9:
            assert talk.say("still here") == "still here"
            time.sleep(0.5)
            assert work.network("work")["state"] == "up"
        text = work.dvpnctl("status").stdout
        assert "kept up by 192.168.77.10:" in text and "→ 10.66.0.10:7" in text
    assert sessions(work) == 1


def test_questions_that_nobody_answers_do_not_keep_the_tunnel_up(work):
    work.start_dvpn(work.vpn_config(idle="3s"))
    assert work.ping("lan", CORP) is not None
    asking = work.spawn("lan", "ping", "-n", "-i", "0.3", "10.66.0.99")
    try:
        begun = time.monotonic()
        wait_until(lambda: work.network("work")["state"] != "up", 12)
        assert time.monotonic() - begun > 2
    finally:
        asking.kill()
        asking.communicate()


def test_only_what_the_start_filter_names_dials(work):
    work.start_dvpn(work.vpn_config(filter={"start": ["tcp/80", "icmp/8"]}, idle="1s"))
    assert work.client("lan", "datagrams", CORP, 7, "--timeout", 1)["answered"] == 0
    assert work.connect("lan", CORP, 7, timeout=1)["result"] != "connected"
    assert sessions(work) == 0
    assert "hello" in work.get("lan", CORP)
    assert sessions(work) == 1
    # What may not start it may use it.
    assert work.ping("lan", CORP) is not None
    assert work.client("lan", "datagrams", CORP, 7)["answered"] == 1
    assert work.connect("lan", CORP, 7)["result"] == "connected"


@pytest.mark.parametrize("client", ["lan", "gw"])
def test_what_the_pass_filter_does_not_name_does_not_pass(work, client):
    work.start_dvpn(work.vpn_config(filter={"pass": ["!udp/7", "any"]}))
    assert work.ping(client, CORP) is not None
    assert work.client(client, "datagrams", CORP, 7, "--timeout", 1)["answered"] == 0
    assert work.dig(client, f"@{CORP}", "www.corp.example").answers == [CORP]
    assert work.connect(client, CORP, 7)["result"] == "connected"  # tcp/7


def test_only_what_the_keep_up_filter_names_keeps_the_tunnel_up(work):
    work.start_dvpn(work.vpn_config(filter={"keep_up": ["!icmp", "any"]}, idle="3s"))
    asking = work.spawn("lan", "ping", "-n", "-i", "0.5", CORP)
    try:
        work.wait_for_state("up", "work")
        begun = time.monotonic()
        wait_until(lambda: work.network("work")["state"] != "up", 12)
        assert time.monotonic() - begun > 2
    finally:
        asking.kill()
        asking.communicate()
    work.wait_for_state("idle", "work")
    begun = time.monotonic()
    while time.monotonic() - begun < 8:
        assert work.client("lan", "datagrams", CORP, 7)["answered"] == 1
        time.sleep(0.5)
        assert work.network("work")["state"] == "up"
