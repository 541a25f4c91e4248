"""A network behind a Cisco concentrator needs nothing from its user: whatever comes first dials, is held,
and gets its answer; an idle tunnel goes away. Real vpnc, real strongSwan."""
import json
import re
import statistics
import time

import pytest

from conftest import without_counts
from laboratory import PYTHON, wait_until
from test_firewalls import RULE_SETS

CLIENTS = ["lan", "gw"]
CORP = "10.66.0.10"


def ping(lab, client):
    return lab.ping(client, CORP)


def dig(lab, client):
    answer = lab.dig(client, "www.corp.example")
    return answer.seconds if answer.answers == [CORP] else None


def curl(lab, client):
    answer = lab.run(client, "curl", "--silent", "--max-time", "10", "--write-out", "%{time_total}",
                     "http://www.corp.example/", check=False).stdout
    return float(answer.splitlines()[-1]) if "hello from 10.66.0.10," in answer else None


@pytest.fixture
def vpnc(work):
    work.start_dvpn(work.vpn_config())
    return work


def wait_for_idle(lab, timeout=15):
    return lab.wait_for_state("idle", "work", timeout)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("question", [ping, dig, curl])
def test_the_first_packet_is_answered_as_soon_as_the_tunnel_is_up(work, client, question):
    allowed = work.dial_seconds() + 0.1
    work.start_dvpn(work.vpn_config(idle="1s"))
    work.set_resolver("gw", "127.0.0.1")
    times = []
    for _ in range(3):
        wait_for_idle(work)
        # The concentrator has two seconds to forget the last tunnel; a dial in that time waits.
        time.sleep(2.2)
        dials = work.vpn.dials()
        times.append(question(work, client))
        assert times[-1] is not None, "no answer"
        assert work.vpn.dials() == dials + 1
    assert statistics.median(times) <= allowed


@pytest.mark.parametrize("client", CLIENTS)
def test_the_first_datagram_and_a_fragmented_packet_are_answered(work, client):
    work.start_dvpn(work.vpn_config(idle="1s"))
    found = work.client(client, "datagrams", CORP, 7)
    assert (found["sent"], found["answered"]) == (1, 1)
    wait_for_idle(work)
    assert work.ping(client, CORP, "-s", 3000) is not None
    wait_for_idle(work)
    assert work.client(client, "datagrams", CORP, 7, "--size", 5000)["answered"] == 1


def test_two_hundred_queries_and_connections_at_once_make_one_dial(vpnc):
    dials = vpnc.vpn.dials()
    crowds = [vpnc.spawn("lan", PYTHON, vpnc.client_path, *words, "--timeout", "10") for words in (
        ("queries", "192.168.77.1", "200", "#.many.corp.example"), ("many", CORP, "7", "200"),
        ("datagrams", CORP, "7", "--count", "200"))]
    asked, served, echoed = (json.loads(crowd.communicate(timeout=60)[0].splitlines()[-1])
                             for crowd in crowds)
    assert asked["rcodes"] == {"NOERROR": 200}
    assert served["results"] == {"served": 200}
    assert echoed["answered"] == 200
    assert vpnc.vpn.dials() == dials + 1


@pytest.mark.parametrize("tcp", ["splice", "route"])
@pytest.mark.parametrize("client", CLIENTS)
def test_what_the_far_side_says_is_what_the_client_hears(work, client, tcp):
    work.start_dvpn(work.vpn_config(tcp=tcp, idle="30s"))
    assert "hello from 10.66.0.10, you are 10.66.200." in work.get(client, CORP)  # masqueraded
    assert work.connect(client, CORP, 81)["result"] == "refused"
    unreachable = work.connect(client, "10.66.0.98")
    # From a program on the gateway over IPv4 the kernel lets through a reset only, where it is spliced.
    assert unreachable["result"] in {"unreachable"} | ({"refused"} if client == "gw" else set())
    assert unreachable["seconds"] < 3
    assert work.connect(client, CORP, 82, timeout=2)["result"] == "timeout"
    assert work.client(client, "datagrams", CORP, 81)["error"] == "refused"
    for way in ("download", "upload", "server-first"):
        found = work.client(client, way, CORP, 3_000_000)
        assert (found["bytes"], found["sha256"]) == (3_000_000, found["expected"]), way
    assert work.client(client, "reset-by-server", CORP)["end"] == "reset"
    assert work.client(client, "reset-by-client", CORP)["end"] == "reset"


@pytest.mark.parametrize("tcp", ["splice", "route"])
def test_no_segment_is_larger_than_the_tunnel(work, tcp):
    work.run("corp", "nft", "-f", "-", input="""
        table inet segments {
            counter large { }
            counter seen { }
            chain input {
                type filter hook input priority 0;
                tcp flags syn counter name seen
                tcp flags syn tcp option maxseg size > 1380 counter name large
            }
        }""")
    try:
        work.start_dvpn(work.vpn_config(tcp=tcp))
        for client in CLIENTS:
            work.get(client, CORP)
        counters = work.run("corp", "nft", "list", "counters", "table", "inet", "segments").stdout
        seen, large = (int(re.search(name + r" \{\s+packets (\d+)", counters)[1])
                       for name in ("seen", "large"))
        assert seen >= 2 and large == 0
    finally:
        work.run("corp", "nft", "delete", "table", "inet", "segments")


@pytest.mark.parametrize("use", ["ping", "connection"])
def test_the_tunnel_goes_away_after_the_idle_time_and_not_before(work, use):
    # Longer than vpnc's dead peer detection (10 s), which must not count.
    work.start_dvpn(work.vpn_config(idle="12s"))
    assert ping(work, "lan") is not None
    wait_until(lambda: work.vpn.sas() == 1, 5)
    if use == "ping":
        assert ping(work, "lan") is not None
    else:
        work.get("lan", CORP)
    last = time.monotonic()
    while time.monotonic() - last < 11:
        assert work.network("work")["state"] == "up"
        time.sleep(0.5)
    wait_until(lambda: work.vpn.sas() == 0, 10, "the concentrator to be told")
    assert 11.5 < time.monotonic() - last < 19
    wait_for_idle(work)
    assert work.pids("vpnc") == []
    assert "dv-work" not in work.run("gw", "ip", "link").stdout
    assert ping(work, "lan") is not None


def test_an_open_ssh_session_keeps_the_tunnel_up_and_status_says_so(work):
    work.start_dvpn(work.vpn_config(idle="2s"))
    keys = work.directory / "ssh"
    session = work.spawn("lan", "ssh", "-F", "none", "-o", "BatchMode=yes", "-i", f"{keys}/id_ed25519",
                         "-o", f"UserKnownHostsFile={keys}/known_hosts", f"rob@{CORP}", "cat")
    try:
        session.stdin.write("one\n")
        # ssh itself has a word or two to say before.
        wait_until(lambda: session.stdout.readline() == "one\n", 10)
        dials, begun = work.vpn.dials(), time.monotonic()
        wait_until(lambda: time.monotonic() - begun > 8, 10)
        assert work.network("work")["state"] == "up"
        text = work.dvpnctl("status").stdout
        assert re.search(r"kept up by 192\.168\.77\.10:\d+ → 10\.66\.0\.10:22", text)
        session.stdin.write("two\n")
        assert session.stdout.readline() == "two\n"
        assert work.vpn.dials() == dials
    finally:
        session.kill()
        session.communicate()
    wait_for_idle(work)


def test_status_tells_when_an_unused_tunnel_closes(work):
    work.start_dvpn(work.vpn_config(idle="1m"))
    assert ping(work, "lan") is not None
    network = work.network("work")
    assert network["state"] == "up"
    assert network["device"] == "dv-work"
    assert network["address"].startswith("10.66.200.")
    wait_until(lambda: re.search(r"closes in \d+", work.dvpnctl("status").stdout), 10)
    assert "idle_closes_at" in work.network("work")


@pytest.mark.parametrize("kind", ["ping", "datagram"])
@pytest.mark.parametrize("client", CLIENTS)
def test_nothing_is_lost_when_the_tunnel_closes_under_traffic(work, client, kind):
    """Packets that come while the tunnel goes away wait for the next one."""
    work.start_dvpn(work.vpn_config(idle="1s"))
    dials = work.vpn.dials()
    # The gaps are about as long as the idle time, so that each may hit any moment of the closing.
    for number in range(12):
        if kind == "ping":
            assert work.ping(client, CORP, timeout=10) is not None, number
        else:
            assert work.client(client, "datagrams", CORP, 7, "--timeout", 10)["answered"] == 1, number
        time.sleep(0.95 + 0.05 * number)
    assert work.vpn.dials() > dials + 1


def test_a_gateway_inside_the_private_prefix_makes_no_loop(work):
    work.start_dvpn(work.vpn_config(gateway="10.66.255.3"))
    for client in CLIENTS:
        dials = work.vpn.dials()
        assert ping(work, client) is not None
        assert "hello" in work.get(client, CORP)
        assert work.vpn.dials() == dials + 1
        wait_for_idle(work)
        assert work.vpn.dials() == dials + 1


def test_an_adopted_tunnel_goes_where_it_went_though_its_gateways_name_leads_elsewhere(work):
    """The way to the gateway stays cut out of the private prefix for the address that the tunnel has."""
    hosts = work.directory / "hosts"
    before = hosts.read_text()

    def name(address):
        hosts.write_text(before + f"{address} inside.example\n")

    def cut_out():
        return re.findall(r"throw (\S+)", work.run("gw", "ip", "route", "show", "table", "3876").stdout)

    try:
        name("10.66.255.3")
        work.start_dvpn(work.vpn_config(gateway="inside.example", idle="60s", stall="2s"))
        assert ping(work, "lan") is not None
        assert cut_out() == ["10.66.255.3"]
        dials = work.vpn.dials()
        work.end("controlplane", "KILL")
        name("10.66.255.4")
        work.start_controlplane()
        work.wait_for_state("up", "work")
        assert cut_out() == ["10.66.255.3"]
        for client in CLIENTS:
            assert "hello" in work.get(client, CORP)
        assert work.vpn.dials() == dials
    finally:
        hosts.write_text(before)


def test_sockets_in_a_network_that_a_reload_removes_find_no_other_way(work):
    """They keep the doorbell's address, which must never be seen outside."""
    work.start_dvpn(work.vpn_config(tcp="route", idle="60s", home={}))
    code = ("import socket,sys;s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);s.settimeout(5);"
            "s.connect(('10.66.0.10',7));print(s.getsockname()[0],flush=True)\n"
            "for line in sys.stdin:\n s.send(b'x')\n try: print(len(s.recv(9)),flush=True)\n"
            " except OSError as e: print(e.errno,flush=True)")
    socket = work.spawn("gw", PYTHON, "-c", code)
    try:
        assert socket.stdout.readline() == "192.0.0.8\n"

        def answer():
            socket.stdin.write("\n")
            socket.stdin.flush()
            return socket.stdout.readline()

        assert answer() == "1\n"
        with work.talk("gw", CORP) as talk:
            talk.connected()
            assert talk.say("before") == "before"
            leaked = work.leaked()
            work.config.write_text(re.sub(
                r'\[\[network\]\]\nname = "work".*?(?=\[\[network\]\]\nname = "home")', "",
                work.config.read_text(), flags=re.DOTALL))
            assert "work" in work.dvpnctl("reload").stdout
            assert work.pids("vpnc") == []
            talk.process.stdin.write("after\n")
            talk.process.stdin.flush()
            assert answer() != "1\n"  # five seconds, in which TCP repeats itself, too
            assert work.leaked() == leaked
    finally:
        socket.kill()
        socket.communicate()


def test_a_socket_keeps_its_address_whether_the_tunnel_is_up_or_not(work):
    """An UDP socket of this host, opened with or without a tunnel, works through all that follows."""
    work.start_dvpn(work.vpn_config(idle="1s"))
    code = ("import socket,sys;s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);s.settimeout(10);"
            "s.connect(('10.66.0.10',7));print(s.getsockname()[0],flush=True)\n"
            "for line in sys.stdin:s.send(line.encode());print(s.recv(99).decode(),end='',flush=True)")
    assert ping(work, "gw") is not None
    with work.spawn("gw", PYTHON, "-c", code) as opened_while_up:
        address = opened_while_up.stdout.readline()
        wait_for_idle(work)
        with work.spawn("gw", PYTHON, "-c", code) as opened_while_idle:
            assert opened_while_idle.stdout.readline() == address
            for number in range(3):
                for one in (opened_while_up, opened_while_idle):
                    one.stdin.write(f"line {number}\n")
                    assert one.stdout.readline() == f"line {number}\n"
                wait_for_idle(work)
            opened_while_idle.kill()
        opened_while_up.kill()


def test_what_the_concentrator_pushed_is_served_from_a_cold_start_too(work):
    work.start_dvpn(work.vpn_config(prefixes=["10.66.0.10/32"], accept_pushed=True, idle="1s",
                                    dns=None, domains=None))
    work.dvpnctl("up", "work")
    assert work.ping("lan", "10.66.0.1") is not None
    assert work.dig("lan", "www.corp.example").answers == [CORP]
    wait_for_idle(work)
    work.end("controlplane")
    work.start_controlplane()
    for question in (lambda: work.ping("lan", "10.66.0.1") is not None,
                     lambda: work.dig("lan", "www.corp.example").answers == [CORP]):
        dials = work.vpn.dials()
        assert question()
        assert work.vpn.dials() == dials + 1
        wait_for_idle(work)


def test_without_leave_nothing_that_the_concentrator_pushes_is_served(work):
    work.start_dvpn(work.vpn_config(prefixes=["10.66.0.10/32"]))
    assert ping(work, "lan") is not None
    assert "wan0" in work.run("gw", "ip", "route", "get", "10.66.0.1").stdout


def test_a_restarted_controlplane_takes_the_tunnel_over(vpnc):
    with vpnc.talk("lan", CORP) as talk:
        talk.connected()
        dials, before = vpnc.vpn.dials(), vpnc.pids("vpnc")
        vpnc.end("controlplane", "KILL")
        assert talk.say("one") == "one"
        assert ping(vpnc, "lan") is not None
        vpnc.start_controlplane()
        assert vpnc.network("work")["state"] == "up"
        assert talk.say("two") == "two"
        assert ping(vpnc, "gw") is not None
    assert (vpnc.vpn.dials(), vpnc.pids("vpnc")) == (dials, before)
    wait_for_idle(vpnc)
    assert vpnc.pids("vpnc") == []
    assert ping(vpnc, "lan") is not None


@pytest.mark.parametrize("client", CLIENTS)
def test_while_daemons_are_away_nothing_leaks(vpnc, client):
    assert ping(vpnc, client) is not None
    vpnc.end("controlplane", "KILL")
    vpnc.end("dataplane", "KILL")
    assert ping(vpnc, client) is not None  # the tunnel stands: the kernel carries packets
    pid, = vpnc.pids("vpnc")
    vpnc.run("gw", "kill", "-KILL", str(pid))
    wait_until(lambda: "dv-work" not in vpnc.run("gw", "ip", "link").stdout, 5)
    assert vpnc.ping(client, CORP, timeout=1) is None
    assert vpnc.client(client, "datagrams", CORP, 7, "--timeout", 1)["answered"] == 0
    vpnc.start_dvpn()
    wait_until(lambda: vpnc.ping(client, CORP) is not None, 15)


def test_cleanup_leaves_the_host_as_before_dvpn_ever_ran(work):
    before = work.host_state()
    work.start_dvpn(work.vpn_config())
    assert ping(work, "lan") is not None
    assert work.host_state() != before
    work.stop_dvpn()
    assert work.pids("vpnc") == [] and work.pids("dnsmasq") == []
    assert without_counts(work.host_state()) == without_counts(before)
    wait_until(lambda: work.vpn.sas() == 0, 5)


def test_an_operator_takes_the_tunnel_down_and_up(vpnc):
    vpnc.dvpnctl("up", "work")
    assert vpnc.network("work")["state"] == "up" and vpnc.vpn.sas() == 1
    vpnc.dvpnctl("down", "work")
    wait_until(lambda: vpnc.vpn.sas() == 0, 10)
    dials = vpnc.vpn.dials()
    answer = vpnc.client("lan", "datagrams", CORP, 7, "--timeout", 3)
    assert answer["answered"] == 0 and answer["error"] == "unreachable"
    assert vpnc.connect("lan", CORP)["result"] == "unreachable"
    assert vpnc.vpn.dials() == dials
    vpnc.dvpnctl("up", "work")
    assert ping(vpnc, "lan") is not None


@pytest.mark.parametrize("rules", RULE_SETS)
def test_packets_pass_the_firewalls_that_people_have(work, rules):
    """They must let dvpn0 into the tunnel, beside what spliced connections need."""
    text = RULE_SETS[rules].replace('iifname "br-lan"', 'iifname { "br-lan", "dvpn0" }')
    work.run("gw", "nft", "-f", "-", input=text)
    try:
        work.start_dvpn(work.vpn_config(idle="1s"))
        work.set_resolver("gw", "127.0.0.1")
        for client in CLIENTS:
            for question in (ping, dig, curl):
                wait_for_idle(work)
                assert question(work, client) is not None, question.__name__
    finally:
        work.stop_dvpn()
        work.run("gw", "nft", "flush", "ruleset")


def test_guests_and_strangers_get_nowhere(vpnc):
    vpnc.run("gw", "sysctl", "-qw", "net.ipv4.ip_forward=1")
    try:
        for up in (False, True):
            for client in ("guest", "stranger"):
                assert vpnc.ping(client, CORP, timeout=1) is None
                assert vpnc.connect(client, CORP, timeout=1)["result"] != "connected"
                assert vpnc.client(client, "datagrams", CORP, 7, "--timeout", 1)["answered"] == 0
            if not up:
                assert vpnc.network("work")["state"] == "idle"
                assert ping(vpnc, "lan") is not None
    finally:
        vpnc.run("gw", "sysctl", "-qw", "net.ipv4.ip_forward=0")


def test_the_secrets_are_nowhere_to_be_seen(vpnc):
    assert ping(vpnc, "lan") is not None
    pid, = vpnc.pids("vpnc")
    shown = vpnc.visible(pid)
    assert "dv-work" in shown
    for secret in ("group-Secret-1", "xauth-Secret-1"):
        assert secret not in shown
