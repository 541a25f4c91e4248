"""The same with openconnect and a real ocserv: AnyConnect, IPv4 and IPv6."""
import json
import re
import statistics

import pytest

from laboratory import PYTHON, wait_until

CORP, CORP6 = "10.66.0.10", "fd00:66::10"
CLIENTS = ["lan", "gw"]


def sessions(lab):
    """How many times a tunnel has been dialled in this test."""
    return lab.log("controlplane").count("→ dialling")


def served(lab):
    """ocserv's clients now: each has a device there."""
    return len(re.findall(r"^oc\d", lab.run("vpngw", "ip", "-brief", "link").stdout, re.MULTILINE))


def wait_for_idle(lab):
    lab.wait_for_state("idle", "work", 15)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("target", [CORP, CORP6])
def test_the_first_packet_of_either_family_is_answered_in_time(work, client, target):
    allowed = work.dial_seconds("openconnect") + 0.1
    work.start_dvpn(work.vpn_config("openconnect", idle="1s"))
    times = []
    for _ in range(3):
        wait_for_idle(work)
        times.append(work.ping(client, target))
        assert times[-1] is not None, "no answer"
    assert statistics.median(times) <= allowed


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("target", [CORP, CORP6])
@pytest.mark.parametrize("tcp", ["splice", "route"])
def test_the_first_request_and_the_first_datagram_work(work, client, target, tcp):
    work.start_dvpn(work.vpn_config("openconnect", idle="2s", tcp=tcp))
    assert f"hello from {target}, you are " in work.get(client, target)
    wait_for_idle(work)
    assert work.client(client, "datagrams", target, 7)["answered"] == 1
    wait_for_idle(work)
    # Routers do not fragment IPv6: first either side has to hear how long a packet may be.
    often = ("-c", 3, "-i", 0.2) if target == CORP6 else ()
    assert work.ping(client, target, "-s", 3000, *often) is not None
    assert work.connect(client, target, 81)["result"] == "refused"
    for way in ("download", "upload"):
        found = work.client(client, way, target, 3_000_000)
        assert (found["bytes"], found["sha256"]) == (3_000_000, found["expected"]), way
    assert sessions(work) == 3


@pytest.fixture
def arrived(work):
    """How many datagrams for port 7 have come to corp, whether they were answered or not."""
    work.run("corp", "nft", "-f", "-", input="""
        table inet arrived {
            counter seven { }
            chain input { type filter hook input priority 0; udp dport 7 counter name seven; }
        }""")
    yield lambda: int(re.search(r"packets (\d+)", work.run(
        "corp", "nft", "list", "counter", "inet", "arrived", "seven").stdout)[1])
    work.run("corp", "nft", "delete", "table", "inet", "arrived")


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("target", [CORP, CORP6])
def test_a_first_packet_that_is_too_long_for_the_tunnel_is_not_lost_in_silence(
        work, arrived, client, target):
    work.start_dvpn(work.vpn_config("openconnect"))
    words = "datagrams", target, 7, "--size", 1430, "--timeout", 2
    found = work.client(client, *words)
    if arrived() == 0:
        assert found["error"] == "EMSGSIZE"
        work.client(client, *words)  # the kernel has heard how long it may be
    assert arrived() == 1
    if (client, target) == ("gw", CORP6):
        assert "error" not in found  # IPv6 has no other who could say so


@pytest.fixture
def few_ports(work):
    """Four, of which connect(2) takes the even ones first, and bind(2) the odd ones."""
    path = "/proc/sys/net/ipv4/ip_local_port_range"
    before = work.run("gw", "cat", path).stdout
    work.run("gw", "tee", path, input="40000 40003")
    yield
    work.run("gw", "tee", path, input=before)


@pytest.mark.parametrize("target", [CORP, CORP6])
def test_no_far_side_has_the_port_of_a_local_client(work, few_ports, target):
    """Both are connections of this host to the same target, and the earlier one is bound to the tunnel's device:
    the kernel would give both one port, and conntrack take them for one."""
    work.start_dvpn(work.vpn_config("openconnect"))
    with work.talk("gw", target) as first:
        first.connected()
        assert first.say("one") == "one"
        with work.talk("gw", target) as second:
            second.connected()
            assert second.say("two") == "two" and first.say("three") == "three"


@pytest.mark.parametrize("client", CLIENTS)
def test_many_of_everything_at_once_make_one_dial(work, client):
    work.start_dvpn(work.vpn_config("openconnect"))
    crowds = [work.spawn(client, PYTHON, work.client_path, *words, "--timeout", "15") for words in (
        ("datagrams", CORP6, "7", "--count", "100"), ("datagrams", CORP, "7", "--count", "100"),
        ("many", CORP6, "7", "100"), ("many", CORP, "7", "100"))]
    found = [json.loads(crowd.communicate(timeout=60)[0].splitlines()[-1]) for crowd in crowds]
    assert [one["answered"] for one in found[:2]] == [100, 100]
    assert [one["results"] for one in found[2:]] == [{"served": 100}] * 2
    assert sessions(work) == 1


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("target", [CORP, CORP6])
@pytest.mark.parametrize("codepoint", [61, 62, 63])
def test_a_client_may_mark_its_packets_as_it_likes(work, client, target, codepoint):
    """These are marks between netfilter and the dataplane; a client's mean nothing."""
    work.start_dvpn(work.vpn_config("openconnect"))
    assert work.ping(client, target, "-Q", codepoint << 2) is not None


def test_names_work_too(work):
    work.start_dvpn(work.vpn_config("openconnect"))
    assert work.dig("lan", "www.corp.example").answers == [CORP]
    assert work.dig("lan", "big.corp.example", "TXT").size > 4096


def test_an_idle_tunnel_goes_away_and_tells_the_server(work):
    work.start_dvpn(work.vpn_config("openconnect", idle="2s"))
    assert work.ping("lan", CORP) is not None
    assert served(work) == 1
    wait_for_idle(work)
    assert work.pids("openconnect") == []
    wait_until(lambda: served(work) == 0, 5)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_gateway_inside_the_private_prefix_makes_no_loop(work, client):
    work.start_dvpn(work.vpn_config("openconnect", gateway="10.66.255.3"))
    assert work.ping(client, CORP) is not None
    assert "hello" in work.get(client, CORP)
    wait_for_idle(work)
    assert sessions(work) == 1


def test_a_wrong_password_locks_after_one_attempt(work):
    tries = work.vpn.password_tries()
    work.start_dvpn(work.vpn_config("openconnect", openconnect={"password": work.vpn.secret("wrong")}))
    assert work.connect("lan", CORP)["result"] in ("unreachable", "refused")
    network = work.wait_for_state("locked", "work")
    assert network["last_error"]["code"] == "authentication"
    for _ in range(3):
        assert work.connect("gw", CORP)["seconds"] < 2
    assert work.vpn.password_tries() == tries + 1


def test_another_servers_certificate_locks(work):
    pin = "pin-sha256:" + "A" * 43 + "="
    work.start_dvpn(work.vpn_config("openconnect", openconnect={"server_cert": pin}))
    assert work.ping("lan", CORP) is None
    network = work.wait_for_state("locked", "work")
    assert network["last_error"]["code"] == "host-key-changed"


@pytest.mark.parametrize("event", ["kill openconnect", "stop ocserv", "kill ocserv"])
def test_a_lost_tunnel_comes_back_with_the_next_demand(work, event):
    work.start_dvpn(work.vpn_config("openconnect", idle="60s", stall="3s"))
    assert work.ping("lan", CORP) is not None
    if event == "kill openconnect":
        pid, = work.pids("openconnect")
        work.run("gw", "kill", "-KILL", str(pid))
    else:
        work.vpn.restart_ocserv("TERM" if event.startswith("stop") else "KILL")
    wait_until(lambda: work.ping("lan", CORP6, timeout=1) is not None, 20)
    assert "hello" in work.get("gw", CORP)


@pytest.mark.parametrize("tcp", ["splice", "route"])
@pytest.mark.parametrize("target", [CORP, CORP6])
def test_a_local_connection_over_a_killed_client_is_reset_or_goes_on(work, target, tcp):
    work.start_dvpn(work.vpn_config("openconnect", idle="60s", tcp=tcp))
    with work.talk("gw", target) as talk:
        talk.connected()
        assert talk.say("before") == "before"
        pid, = work.pids("openconnect")
        work.run("gw", "kill", "-KILL", str(pid))
        talk.process.stdin.write("after\n")
        line = talk.process.stdout.readline()
        assert line == "after\n" or json.loads(line)["end"] in ("reset", "fin", "unreachable")


def test_the_password_is_nowhere_to_be_seen(work):
    work.start_dvpn(work.vpn_config("openconnect"))
    assert work.ping("lan", CORP) is not None
    pid, = work.pids("openconnect")
    shown = work.visible(pid)
    assert "dv-work" in shown and "xauth-Secret-1" not in shown
