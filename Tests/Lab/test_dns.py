"""Names of private networks: answered through their network's own path, at once an error while that cannot
be had, never asked of anybody else, and never denied."""
import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

import configuration
from conftest import TestLab, stop
from laboratory import PYTHON, wait_until

CORP, WEB, PUBLIC = "10.66.0.10", "10.1.2.10", "93.184.216.34"
CLIENTS = ["lan", "gw"]


@pytest.fixture
def names(work):
    """Both private networks, by vpnc and by ssh, and a dnsmasq of dvpn's own."""
    work.start_dvpn(work.vpn_config(home={}))
    return work


@pytest.mark.parametrize("client", CLIENTS)
def test_the_first_question_for_each_zone_brings_its_network_up(names, client):
    for question, answer, network in (("www.corp.example", CORP, "work"), ("web.home.example", WEB, "home")):
        assert names.network(network)["state"] == "idle"
        assert names.dig(client, question).answers == [answer]
        assert names.network(network)["state"] == "up"


def test_a_question_that_waits_for_its_network_is_listed(work):
    """Behind a gateway that lets ten seconds pass before it says anything."""
    def parked(*options):
        return json.loads(work.dvpnctl("parked", "--json", *options).stdout)["parked"]

    work.start_dvpn(work.vpn_config(home={"ssh": {"port": 2210}}))
    assert parked() == []
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(work.dig, "lan", "web.home.example", timeout=25)
        waiting = wait_until(
            lambda: next((one for one in parked() if one["state"] == "dialling"), None), 8, "a question that waits")
        assert waiting["network"] == "home" and waiting["names"] == ["web.home.example"]
        assert waiting["questions"] >= 1 and waiting["packets"] == 0
        assert waiting["since"] and "first" not in waiting
        assert re.search(r"^home +dialling +0 +\d+ .* web\.home\.example$", work.dvpnctl("parked").stdout, re.M)
        assert parked("--network", "home") and not parked("--network", "work")
        assert not answer.done()
        assert answer.result().answers == [WEB]
    assert parked() == []


@pytest.mark.parametrize("client", CLIENTS)
def test_addresses_have_names_and_families_are_kept_apart(names, client):
    assert names.dig(client, "-x", CORP).answers == ["www.corp.example."]
    assert names.dig(client, "-x", WEB).answers == ["web.home.example."]
    assert names.dig(client, "-x", "fd00:1:2::10").answers == ["web.home.example."]
    assert names.dig(client, "web.home.example", "AAAA").answers == ["fd00:1:2::10"]
    none = names.dig(client, "www.corp.example", "AAAA")
    assert (none.status, none.answers) == ("NOERROR", [])


def test_what_a_zone_does_not_have_is_denied_by_that_zone(names):
    for question in ("nobody.corp.example", "nobody.home.example"):
        assert names.dig("lan", question).status == "NXDOMAIN"
        server = "dns-corp" if "corp" in question else "dns-priv"
        assert question in names.log(server)


def test_questions_for_private_names_are_counted(names):
    def count(labels):
        text = names.shell("gw", "curl --silent --fail --unix-socket /run/dvpn/api.sock http://dvpn/metrics")
        found = re.search(rf"^dvpn_dns_queries_total{{{labels}}} (\d+)$", text, re.MULTILINE)
        return int(found[1]) if found else 0

    answered = 'domain="corp.example",result="answered"'
    before = count(answered)
    assert names.dig("lan", "www.corp.example").answers == [CORP]
    assert count(answered) > before
    assert names.dig("gw", "@127.0.0.1", "-p", "538", "www.example.net").status == "REFUSED"
    assert count('result="refused"') == 1


def test_public_names_are_asked_of_the_provider(names):
    assert names.dig("lan", "www.example.net").answers == [PUBLIC]
    assert names.network("work")["state"] == "idle" and names.network("home")["state"] == "idle"


@pytest.mark.parametrize("zone", ["corp", "home"])
def test_answers_of_more_than_4_kib_arrive_whole(names, zone):
    answer = names.dig("lan", f"big.{zone}.example", "TXT")
    assert answer.size > 4096 and len(answer.answers) == 20


@pytest.mark.parametrize("zone", ["corp", "home"])
def test_many_questions_at_once_are_all_answered(names, zone):
    for name, kind in ((f"#.many.{zone}.example", "A"), (f"big.{zone}.example", "TXT")):
        count = 200 if kind == "A" else 40
        found = names.client("lan", "queries", "192.168.77.1", count, name, "--type", kind)
        assert found["rcodes"] == {"NOERROR": count}
    assert found["largest"] > 4096


@pytest.mark.parametrize("state", ["idle", "up"])
@pytest.mark.parametrize("gateway, address", [
    ("vpn.corp.example", "198.51.100.3"), ("vpn.home.example", "198.51.100.2")])
def test_a_gateways_own_name_does_not_depend_on_its_tunnel(work, state, gateway, address):
    """It lies in the private domain, where it means another address."""
    work.start_dvpn(work.vpn_config(gateway="vpn.corp.example", home={"gateway": "dvpn@vpn.home.example"}))
    network = "work" if "corp" in gateway else "home"
    if state == "up":
        work.dvpnctl("up", network)
    assert work.dig("lan", gateway).answers[0] == address
    assert work.network(network)["state"] == state


def test_a_network_whose_gateway_has_a_name_in_its_own_domain_can_be_dialled(work):
    work.set_resolver("gw", "127.0.0.1")  # dvpn itself asks its own dnsmasq then
    work.start_dvpn(work.vpn_config(gateway="vpn.corp.example", home={"gateway": "dvpn@vpn.home.example"}))
    assert work.dig("lan", "www.corp.example").answers == [CORP]
    assert work.dig("lan", "web.home.example").answers == [WEB]


def test_a_gateway_is_found_at_its_last_good_address_when_the_provider_has_no_answer(work):
    work.start_dvpn(work.vpn_config(gateway="vpn.corp.example", idle="1s"))
    assert work.ping("lan", CORP) is not None
    work.wait_for_state("idle", "work")
    work.signal("dns-wan", "STOP")
    try:
        assert work.ping("lan", CORP, timeout=20) is not None
    finally:
        work.signal("dns-wan", "CONT")


def test_what_a_concentrator_pushes_is_taken_where_it_does_no_harm(work):
    """Neither is anybody asked in the clear, nor are another network's names taken from it."""
    work.vpn.settings(dns="203.0.113.1, 10.66.0.10", domain="home.example")
    work.start_dvpn(work.vpn_config(dns=None, home={}))
    assert work.dig("lan", "www.corp.example").answers == [CORP]
    assert work.dig("lan", "web.home.example").answers == [WEB]
    assert "web.home.example" not in work.log("dns-corp")
    log = work.log("controlplane")
    assert "name server 203.0.113.1 is not used" in log and "domain home.example is not used" in log


@pytest.mark.parametrize("news", ["domain", "prefix"])
def test_the_question_that_brings_news_of_the_network_is_answered(work, news):
    """dnsmasq is restarted for a domain that is new to it, and reads again for a prefix."""
    if news == "domain":
        work.vpn.settings(domain="other.example")
    work.start_dvpn(work.vpn_config(prefixes=["10.66.0.10/32"], accept_pushed=news == "prefix"))
    assert work.dig("lan", "www.corp.example").answers == [CORP]
    if news == "domain":
        wait_until(lambda: work.dig("lan", "www.other.example")
                   and "www.other.example" in work.log("dns-corp"), 5, "its server to be asked")
    else:
        wait_until(lambda: work.dig("lan", "-x", "10.66.0.7")
                   and "7.0.66.10.in-addr.arpa" in work.log("dns-corp"), 5, "its server to be asked")


def test_without_a_server_inside_of_the_network_there_is_no_answer(work):
    work.vpn.settings(dns="203.0.113.1")
    work.start_dvpn(work.vpn_config(dns=None))
    assert work.dig("lan", "www.corp.example").status == "SERVFAIL"
    assert work.network("work")["state"] == "up"
    servfail_at_once(work, "www.corp.example")


def test_a_network_without_domains_has_the_names_of_its_addresses(work):
    work.vpn.settings(domain="")
    work.start_dvpn(work.vpn_config(domains=None))
    assert work.dig("lan", "-x", CORP).answers == ["www.corp.example."]


def test_a_question_that_may_not_dial_is_answered_once_somebody_else_has_dialled(work):
    work.start_dvpn(work.vpn_config(filter={"start": ["!udp/53", "any"]}))
    servfail_at_once(work, "www.corp.example")
    assert work.network("work")["state"] == "idle"
    assert work.ping("lan", CORP) is not None
    assert work.dig("lan", "www.corp.example").answers == [CORP]


def servfail_at_once(lab: TestLab, *questions: str) -> None:
    for question in questions:
        words = ["-x", question] if question[0].isdigit() else [question]
        answer = lab.dig("lan", *words)
        assert answer.status == "SERVFAIL" and answer.seconds < 0.5, question


def test_while_a_network_is_in_hold_off_its_names_fail_at_once(work):
    work.start_dvpn(work.vpn_config(gateway="vpn.corp.example", home={}))
    names = work
    names.vpn.kill_charon()
    names.ping("lan", CORP)
    wait_until(lambda: names.network("work")["state"] == "holdoff", 10)
    servfail_at_once(names, "www.corp.example", "nobody.corp.example", CORP)
    # And nobody else's are the worse for it.
    assert names.dig("lan", "www.example.net").answers == [PUBLIC]
    assert names.dig("lan", "web.home.example").answers == [WEB]
    assert names.dig("lan", "vpn.corp.example").answers == ["198.51.100.3"]
    names.vpn.start_charon()
    wait_until(lambda: names.dig("lan", "www.corp.example").answers == [CORP], 20)


@pytest.mark.parametrize("network", ["work", "home"])
def test_while_a_network_is_locked_its_names_fail_at_once(work, network):
    wrong = {"identity": f"{work.directory}/ssh/wrong_key"}
    work.start_dvpn(work.vpn_config(vpnc={"password": work.vpn.secret("wrong")}, home={"ssh": wrong}))
    target, name = (CORP, "www.corp.example") if network == "work" else (WEB, "web.home.example")
    assert work.connect("lan", target)["result"] != "connected"
    work.wait_for_state("locked", network)
    servfail_at_once(work, name, target)


def test_the_question_that_finds_out_about_a_wrong_key_fails_soon(work):
    work.start_dvpn(work.vpn_config(home={"ssh": {"identity": f"{work.directory}/ssh/wrong_key"}}))
    answer = work.dig("lan", "web.home.example", timeout=10)
    assert answer.status == "SERVFAIL" and answer.seconds < 8


def test_while_an_operator_keeps_a_network_down_its_names_fail_at_once(names):
    for network, name in (("work", "www.corp.example"), ("home", "web.home.example")):
        names.dvpnctl("down", network)
        servfail_at_once(names, name)
        names.dvpnctl("up", network)
        assert names.dig("lan", name).status == "NOERROR"


@pytest.mark.parametrize("zone, host", [("home", "priv"), ("corp", "corp")])
@pytest.mark.parametrize("dead", ["ended", "silent"])
def test_a_dead_server_is_a_failure_soon_and_no_denial(names, zone, host, dead):
    """Before the client would ask again, which is after 5 seconds; also over TCP."""
    def signal(word):
        # A process for each connection: the first one's children serve on, or have just ended.
        names.run(host, "kill", f"-{word}", *map(str, names.pids("dnsmasq", host)), check=False)

    other, address = ("corp", CORP) if zone == "home" else ("home", WEB)
    assert names.dig("lan", f"1.many.{zone}.example").answers
    signal("STOP" if dead == "silent" else "TERM")
    if dead == "ended":
        wait_until(lambda: not names.pids("dnsmasq", host), 5)
    try:
        for number, option in enumerate(["+notcp", "+tcp"]):
            answer = names.dig("lan", f"{number}.dead.many.{zone}.example", option)
            assert answer.status == "SERVFAIL" and answer.seconds < (1 if dead == "ended" else 5), option
        assert names.dig("lan", f"1.many.{other}.example").answers == [address]
    finally:
        if dead == "silent":
            signal("CONT")
        else:
            names.start_resolver(host)
    wait_until(lambda: names.dig("lan", f"2.many.{zone}.example").answers, 10)


def test_questions_of_a_connection_end_with_its_master_and_the_next_are_answered(names):
    assert names.dig("lan", "web.home.example").answers == [WEB]
    sessions = names.run("sshgw", "pgrep", "-u", "dvpn", "-x", "sshd").stdout.split()
    names.run("sshgw", "kill", "-KILL", *sessions)
    wait_until(lambda: names.dig("lan", "web.home.example").answers == [WEB], 15)


def test_names_keep_nothing_up_by_themselves(names):
    """The resolvers' own connections do not count as use."""
    assert names.dig("lan", "web.home.example").answers == [WEB]
    assert names.dig("lan", "www.corp.example").answers == [CORP]
    for network in ("home", "work"):
        names.wait_for_state("idle", network, 20)


def test_a_restart_of_the_controlplane_is_a_gap_of_names_and_no_more(names):
    assert names.dig("lan", "www.corp.example").answers == [CORP]
    names.end("controlplane", "KILL")
    names.start_controlplane()
    for question, answer in (("www.corp.example", CORP), ("web.home.example", WEB),
                             ("www.example.net", PUBLIC)):
        assert names.dig("lan", question).answers == [answer]
    assert len(names.pids("dnsmasq")) == 1


def test_a_killed_dnsmasq_of_ours_comes_back(names):
    assert names.dig("lan", "www.corp.example").answers == [CORP]
    pid, = names.pids("dnsmasq")
    names.run("gw", "kill", "-KILL", str(pid))
    wait_until(lambda: names.dig("lan", "www.corp.example").answers == [CORP], 10)


def test_a_reload_changes_names(names):
    names.config.write_text(names.vpn_config(domains=["corp.example", "other.example"], home={}))
    names.dvpnctl("reload")
    wait_until(lambda: names.dig("lan", "www.other.example")
               and "www.other.example" in names.log("dns-corp"), 5, "the new domain's own server to be asked")
    assert names.dig("lan", "www.corp.example").answers == [CORP]
    assert names.dig("lan", "web.home.example").answers == [WEB]


# --- the system's own dnsmasq -----------------------------------------------------------------------

SYSTEM = """
user=root
listen-address=192.168.77.1,127.0.0.1
bind-interfaces
no-resolv
server=203.0.113.1
stop-dns-rebind
enable-dbus
pid-file=/run/dnsmasq/dnsmasq.pid
log-facility=/run/dnsmasq/log
conf-dir=/etc/dnsmasq.d,*.conf
"""
RESTART = """\
#!/bin/sh
pid=$(cat /run/dnsmasq/dnsmasq.pid)
kill "$pid" && while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
exec dnsmasq
"""
DROP_IN = {"mode": "drop-in", "restart": ["/bin/sh", "/etc/restart-dnsmasq"]}


@pytest.fixture
def system(work):
    """gw with a dnsmasq of the system's, as Debian sets it up, and a system bus."""
    def write(path, text):
        work.run("gw", "sh", "-c", f"mkdir -p {path.rpartition('/')[0]}; cat >{path}", input=text)

    write("/etc/dnsmasq.conf", SYSTEM)
    write("/etc/restart-dnsmasq", RESTART)
    work.shell("gw", "mkdir -p /run/dnsmasq /etc/dnsmasq.d; rm -f /etc/dnsmasq.d/*.conf /run/dnsmasq/log")
    work.start_bus()
    work.run("gw", "dnsmasq")
    yield work
    stop(work)  # before its dnsmasq ends, which it may want to restart
    work.run("gw", "sh", "-c", "kill $(cat /run/dnsmasq/dnsmasq.pid)", check=False)
    work.end("bus")
    wait_until(lambda: not work.pids("dnsmasq"), 5)


def allow_private_answers(lab):
    """What a drop-in says by itself, and nobody can say over D-Bus."""
    lab.shell("gw", "echo rebind-domain-ok=/corp.example/home.example/ >/etc/dnsmasq.d/private.conf;"
              "sh /etc/restart-dnsmasq")


def start(lab, mode, **changes):
    """Starts dvpn and waits until the system's dnsmasq knows: before that it asks the provider."""
    lab.start_dvpn(lab.vpn_config(names=DROP_IN if mode == "drop-in" else {"mode": "dbus"}, **changes))
    wait_until_told(lab)


def wait_until_told(lab):
    said = " for domain corp.example"
    wait_until(lambda: said in lab.run("gw", "cat", "/run/dnsmasq/log").stdout, 10,
               "dnsmasq to learn the private names")


def system_pid(lab):
    return lab.run("gw", "cat", "/run/dnsmasq/dnsmasq.pid").stdout.strip()


@pytest.mark.parametrize("mode", ["drop-in", "dbus"])
def test_the_systems_dnsmasq_learns_private_names(system, mode):
    """Their addresses are private, too: it stops DNS rebinding elsewhere."""
    if mode == "dbus":
        allow_private_answers(system)
    start(system, mode, home={})
    for question, answer in (("www.corp.example", CORP), ("web.home.example", WEB),
                             ("www.example.net", PUBLIC)):
        assert system.dig("lan", question).answers == [answer]
    assert system.dig("lan", "-x", CORP).answers == ["www.corp.example."]


def test_over_the_bus_the_systems_dnsmasq_is_not_restarted(system):
    allow_private_answers(system)
    pid = system_pid(system)
    start(system, "dbus")
    assert system.dig("lan", "www.corp.example").answers == [CORP]
    assert system_pid(system) == pid


def test_a_restarted_dnsmasq_is_told_again_over_the_bus(system):
    allow_private_answers(system)
    start(system, "dbus")
    system.shell("gw", "rm /run/dnsmasq/log; sh /etc/restart-dnsmasq")
    wait_until_told(system)
    assert system.dig("lan", "www.corp.example").answers == [CORP]


@pytest.mark.parametrize("mode", ["drop-in", "dbus"])
def test_while_locked_names_fail_at_once_in_the_systems_dnsmasq(system, mode):
    start(system, mode, vpnc={"password": system.vpn.secret("wrong")})
    system.ping("lan", CORP)
    system.wait_for_state("locked", "work")
    wait_until(lambda: system.dig("lan", "www.corp.example").status == "SERVFAIL", 5)
    servfail_at_once(system, "www.corp.example")
    assert system.dig("lan", "www.example.net").answers == [PUBLIC]


def test_a_configuration_that_dnsmasq_refuses_is_not_restarted_into(system):
    system.shell("gw", "echo nonsense-option=1 >/etc/dnsmasq.d/zz-other.conf")
    pid = system_pid(system)
    system.start_dvpn(system.vpn_config(names=DROP_IN))
    wait_until(lambda: any("dnsmasq" in finding["text"] for finding in system.status()["health"]), 10)
    assert system_pid(system) == pid
    assert system.dig("lan", "www.example.net").answers == [PUBLIC]


def test_cleanup_takes_the_drop_in_away(system):
    before = system.run("gw", "ls", "/etc/dnsmasq.d").stdout
    start(system, "drop-in")
    assert "dvpn.conf" in system.run("gw", "ls", "/etc/dnsmasq.d").stdout
    system.stop_dvpn()
    assert system.run("gw", "ls", "/etc/dnsmasq.d").stdout == before
    assert system.dig("lan", "www.example.net").answers == [PUBLIC]


@pytest.mark.parametrize("points_here", [True, False])
def test_the_hosts_own_resolver_is_looked_at_and_never_written(work, points_here):
    address = "127.0.0.1" if points_here else "203.0.113.1"
    work.set_resolver("gw", address)
    work.start_dvpn(work.vpn_config(names=configuration.MANAGED | {"host": "dnsmasq"}))
    assert work.run("gw", "cat", "/etc/resolv.conf").stdout == f"nameserver {address}\n"
    findings = json.dumps(work.status()["health"])
    assert ("resolv.conf" in findings) != points_here
    if points_here:
        assert CORP in work.run("gw", "getent", "ahostsv4", "www.corp.example").stdout


def test_a_flood_of_questions_for_a_silent_network_leaves_the_others_alone(names):
    """dnsmasq bounds what is outstanding; a zone that cannot answer must not take all of it."""
    with names.vpn.blocked():
        crowd = names.spawn("lan", PYTHON, names.client_path, "queries", "192.168.77.1", "300",
                            "#.many.corp.example", "--timeout", "40")
        wait_until(lambda: names.network("work")["state"] == "dialling", 5)
        found = names.client("lan2", "queries", "192.168.77.1", 50, "#.many.home.example")
        assert found["rcodes"] == {"NOERROR": 50} and found["slowest"] < 5
        assert names.dig("lan2", "www.example.net").answers == [PUBLIC]
        rcodes = json.loads(crowd.communicate(timeout=60)[0].splitlines()[-1])["rcodes"]
    assert "NXDOMAIN" not in rcodes
