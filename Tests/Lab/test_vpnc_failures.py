"""When the concentrator cannot be had: one attempt with a wrong secret, an error for everybody at once, no
hammering, and never a wrong answer for a name."""
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from laboratory import wait_until

CORP = "10.66.0.10"


def refused_promptly(lab, client="lan", within=2.0):
    """A connection, a datagram, an echo request and a question: each hears it at once.

    To a program on the gateway itself the kernel lets through a reset only, over IPv4.
    """
    found = lab.connect(client, CORP)
    assert found["result"] in ("unreachable", "refused") and found["seconds"] < within
    begun = time.monotonic()
    if client != "gw":
        found = lab.client(client, "datagrams", CORP, 7)
        assert (found["answered"], found.get("error")) == (0, "unreachable")
        text = lab.run(client, "ping", "-n", "-c1", "-W5", CORP, check=False).stdout
        assert "Destination Host Unreachable" in text
    assert lab.dig(client, "www.corp.example").status == "SERVFAIL"
    assert time.monotonic() - begun < within


@pytest.fixture(autouse=True)
def every_error_is_sent(work):
    """What tests have made the kernel tell a client counts against the next one's six."""
    limit = work.run("gw", "sysctl", "-n", "net.ipv4.icmp_ratelimit").stdout.strip()
    work.run("gw", "sysctl", "-w", "net.ipv4.icmp_ratelimit=0")
    yield
    work.run("gw", "sysctl", "-w", f"net.ipv4.icmp_ratelimit={limit}")


def tries(lab):
    return lab.vpn.dials(), lab.vpn.xauth_tries()


@pytest.fixture
def locked(work):
    """A network that was locked by a wrong password in a file of its own, which the test may change."""
    password = work.vpn.directory / "mine.secret"
    password.touch(mode=0o600)
    password.write_text("not-the-Secret\n")
    before = tries(work)
    work.start_dvpn(work.vpn_config(vpnc={"password": work.vpn.secret("mine")}))
    begun = time.monotonic()
    assert work.connect("lan", CORP)["result"] in ("unreachable", "refused")
    assert time.monotonic() - begun < 8
    network = work.wait_for_state("locked", "work")
    assert network["last_error"]["code"] == "authentication"
    assert tries(work) == (before[0] + 1, before[1] + 1)
    return work


def test_a_wrong_password_is_tried_once_and_everybody_hears_of_it(locked):
    before = tries(locked)
    for client in ("lan", "gw"):
        refused_promptly(locked, client)
    assert tries(locked) == before


@pytest.mark.parametrize("end", ["TERM", "KILL"])
def test_a_restart_makes_no_further_attempt(locked, end):
    before = tries(locked)
    for name in ("controlplane", "dataplane"):
        locked.end(name, end)
    locked.cleanup()
    locked.start_dvpn()
    refused_promptly(locked)
    assert locked.network("work")["state"] == "locked"
    assert tries(locked) == before


def test_unlock_makes_one_attempt(locked):
    before = tries(locked)
    locked.dvpnctl("unlock", "work")
    assert locked.connect("lan", CORP)["result"] in ("unreachable", "refused")
    locked.wait_for_state("locked", "work")
    refused_promptly(locked)
    assert tries(locked) == (before[0] + 1, before[1] + 1)


def test_a_changed_secret_makes_one_attempt(locked):
    before = tries(locked)
    (locked.vpn.directory / "mine.secret").write_text("xauth-Secret-1\n")
    locked.dvpnctl("reload")
    assert locked.ping("lan", CORP) is not None
    assert tries(locked) == (before[0] + 1, before[1] + 1)


def test_a_secret_that_cannot_be_read_for_a_while_makes_no_attempt(locked):
    """Not with the file closed to dvpn, not when it is as it was, and not by a restart in between."""
    before = tries(locked)
    password = locked.vpn.directory / "mine.secret"
    content = password.read_text()
    password.chmod(0o640)
    locked.dvpnctl("reload")
    assert locked.network("work")["state"] == "locked"
    for name in ("controlplane", "dataplane"):
        locked.end(name, "KILL")
    locked.cleanup()
    locked.start_dvpn()
    password.write_text("")
    password.chmod(0o600)
    locked.dvpnctl("reload")
    refused_promptly(locked)
    password.write_text(content)
    locked.dvpnctl("reload")
    refused_promptly(locked, "lan2")
    assert locked.network("work")["state"] == "locked"
    assert tries(locked) == before


def test_other_settings_of_the_same_account_make_no_attempt(locked):
    """Not by a reload, not by a restart; and another network with that account is as locked as this."""
    before = tries(locked)
    vpnc = {"password": locked.vpn.secret("mine")}
    locked.config.write_text(locked.vpn_config(idle="9s", vpnc={**vpnc, "dh_group": "dh2"}))
    locked.dvpnctl("reload")
    refused_promptly(locked)
    assert locked.network("work")["state"] == "locked"
    locked.config.write_text(locked.vpn_config(name="other", vpnc=vpnc))
    locked.dvpnctl("reload")
    refused_promptly(locked, "lan2")
    for name in ("controlplane", "dataplane"):
        locked.end(name, "KILL")
    locked.cleanup()
    locked.start_dvpn(locked.vpn_config(name="third", idle="7s", vpnc=vpnc))
    refused_promptly(locked, "gw")
    assert locked.network("third")["state"] == "locked"
    assert tries(locked) == before


def test_two_networks_with_one_account_make_one_attempt(work):
    """Both wanted at the same moment; one unlock lifts the lock of both."""
    before = tries(work)
    vpnc = {"password": work.vpn.secret("wrong")}
    twin = {"name": "twin", "prefixes": ["10.67.0.0/16"], "domains": None, "dns": None, "vpnc": vpnc}
    work.start_dvpn(work.vpn_config(twin=twin, vpnc=vpnc))
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda target: work.connect("lan", target, timeout=20), (CORP, "10.67.0.10")))
    assert {result["result"] for result in found} <= {"unreachable", "refused"}
    for name in ("work", "twin"):
        assert work.wait_for_state("locked", name)["last_error"]["code"] == "authentication"
    assert tries(work) == (before[0] + 1, before[1] + 1)
    work.dvpnctl("unlock", "twin")
    assert work.network("work")["state"] == "idle"


@pytest.fixture
def refused_unheard(work):
    """A dial was refused, and the controlplane, which is stopped, has not heard of it."""
    work.start_dvpn(work.vpn_config(vpnc={"password": work.vpn.secret("wrong")}))
    work.before = tries(work)
    with work.vpn.blocked():
        work.shell("gw", f"ping -c1 -W1 {CORP} >/dev/null 2>&1 &")
        wait_until(lambda: work.pids("vpnc"), 10)
        work.signal("controlplane", "STOP")
    # vpnc asks once more after some seconds.
    wait_until(lambda: tries(work)[1] > work.before[1], 20)
    return work


@pytest.mark.parametrize("wish", ["down", "reload"])
def test_a_dial_that_is_given_up_when_it_has_just_been_refused_locks(refused_unheard, wish):
    """Whichever of the two the controlplane hears first."""
    lab = refused_unheard
    if wish == "reload":
        lab.config.write_text(lab.vpn_config(idle="9s", vpnc={"password": lab.vpn.secret("wrong")}))
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(lab.dvpnctl, *{"down": ("down", "work"), "reload": ("reload",)}[wish])
        wait_until(lambda: lab.pids("dvpnctl"), 10)
        lab.signal("controlplane", "CONT")
        asked.result()
    lab.dvpnctl("up", "work", check=False)
    refused_promptly(lab)
    lab.wait_for_state("locked", "work")
    assert tries(lab) == (lab.before[0] + 1, lab.before[1] + 1)


def test_a_refusal_that_nobody_heard_is_known_after_two_restarts(refused_unheard):
    lab = refused_unheard
    for name in ("controlplane", "dataplane"):  # so that nobody asks for it again
        lab.end(name, "KILL")
    wait_until(lambda: lab.pids("vpnc") == [], 20)
    lab.start_dataplane()
    for _ in range(2):  # the second one has only what the first has written down
        lab.start_controlplane()
        lab.wait_for_state("locked", "work")
        lab.end("controlplane", "KILL")
    lab.start_controlplane()
    refused_promptly(lab)
    assert lab.network("work")["state"] == "locked"
    assert tries(lab) == (lab.before[0] + 1, lab.before[1] + 1)


def test_a_password_that_is_changed_at_the_concentrator_is_tried_once(work):
    """It worked a moment ago; that is no reason to try it twice."""
    work.start_dvpn(work.vpn_config(idle="1s"))
    assert work.ping("lan", CORP) is not None
    work.wait_for_state("idle", "work")
    work.vpn.settings(user_password="another-Secret")
    before = tries(work)
    assert work.ping("lan", CORP) is None
    work.wait_for_state("locked", "work")
    refused_promptly(work)
    assert tries(work) == (before[0] + 1, before[1] + 1)


def test_a_wrong_group_secret_locks_before_any_password_is_sent(work):
    before = tries(work)
    work.start_dvpn(work.vpn_config(vpnc={"group_secret": work.vpn.secret("wrong")}))
    assert work.ping("lan", CORP) is None
    network = work.wait_for_state("locked", "work")
    assert network["last_error"]["code"] == "authentication"
    refused_promptly(work)
    assert tries(work) == (before[0] + 1, before[1])


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_secret_that_others_can_read_is_not_used(work, mode):
    before = tries(work)
    open_one = work.vpn.directory / "open.secret"
    open_one.write_text("xauth-Secret-1\n")
    open_one.chmod(mode)
    work.start_dvpn(work.vpn_config(vpnc={"password": work.vpn.secret("open")}))
    assert work.ping("lan", CORP) is None
    wait_until(lambda: work.network("work").get("last_error"), 10)
    failure = work.network("work")["last_error"]
    assert failure["code"] == "configuration" and "open.secret" in failure["text"]
    assert tries(work) == before


def test_a_tunnel_through_which_the_probe_has_no_answer_is_not_up(work):
    """Its client is content, and nothing comes back: whoever waits is told so."""
    work.run("corp", "nft", "-f", "-", input="""
        table inet mute { chain input { type filter hook input priority 0; policy drop; }; }""")
    try:
        work.start_dvpn(work.vpn_config(probe=CORP, idle="60s"))
        begun = time.monotonic()
        assert work.connect("lan", CORP, timeout=60)["result"] == "unreachable"
        assert 5 < time.monotonic() - begun < 15
        network = work.wait_for_state("holdoff", "work")
        assert network["last_error"]["code"] == "timed-out"
        assert "the address to probe does not answer" in network["last_error"]["text"]
        assert "dialling → up" not in work.log("controlplane")
        assert work.pids("vpnc") == []
    finally:
        work.run("corp", "nft", "delete", "table", "inet", "mute")
    wait_until(lambda: work.ping("lan", CORP, timeout=2) is not None, 15)


@pytest.mark.parametrize("client", ["lan", "gw"])
def test_a_silent_concentrator_is_an_error_when_the_dial_fails(work, client):
    work.start_dvpn(work.vpn_config())
    with work.vpn.blocked():
        begun = time.monotonic()
        found = work.connect(client, CORP, timeout=60)
        assert found["result"] in ("unreachable", "refused")
        assert time.monotonic() - begun < 31
        network = work.wait_for_state("holdoff", "work")
        assert network["last_error"]["code"] in ("unreachable", "timed-out")
        assert network["next_retry"]


def test_everything_that_waited_for_a_failed_dial_hears_of_it(work):
    """Not one of many is left to its own time-out."""
    work.start_dvpn(work.vpn_config())
    with work.vpn.blocked():
        begun = time.monotonic()
        found = work.client("lan", "datagrams", CORP, 7, "--count", 5, "--timeout", 60)
        assert (found["errors"], found["error"]) == (5, "unreachable")
        assert time.monotonic() - begun < 31
        wait_until(lambda: work.network("work")["connections"]["parked"] == 0, 5)


def test_a_question_that_waited_for_a_failed_dial_is_servfail_and_never_a_denial(work):
    work.start_dvpn(work.vpn_config())
    with work.vpn.blocked():
        begun = time.monotonic()
        found = work.client("lan", "queries", "192.168.77.1", 3, "#.many.corp.example", "--timeout", 60)
        assert found["rcodes"] == {"SERVFAIL": 3}
        assert time.monotonic() - begun < 31


def test_the_hold_off_grows_and_refuses_at_once(work):
    work.vpn.kill_charon()  # the port is closed then, so that a dial fails at once
    work.start_dvpn(work.vpn_config())
    dialled = []
    begun = time.monotonic()
    while len(dialled) < 5 and time.monotonic() - begun < 60:
        count = work.log("controlplane").count("→ dialling")
        if count > len(dialled):
            dialled.append(time.monotonic())
        work.client("lan", "datagrams", CORP, 7, "--timeout", 1)
    gaps = [after - before for before, after in zip(dialled, dialled[1:])]
    assert len(gaps) == 4 and gaps[3] > gaps[2] > gaps[1] and gaps[3] > gaps[0] + 3
    assert work.network("work")["last_error"]["code"] == "refused"
    work.wait_for_state("holdoff", "work")
    for client in ("lan2", "gw"):
        refused_promptly(work, client)


def test_the_hold_off_ends_by_itself(work):
    work.vpn.kill_charon()
    work.start_dvpn(work.vpn_config())
    assert work.ping("lan", CORP) is None
    work.wait_for_state("holdoff", "work")
    work.vpn.start_charon()
    wait_until(lambda: work.ping("lan", CORP, timeout=2) is not None, 10)
    assert work.dig("lan", "www.corp.example").answers == [CORP]


def test_an_unknown_gateway_name_is_said_to_be_that(work):
    work.start_dvpn(work.vpn_config(gateway="no-such-name.example"))
    assert work.ping("lan", CORP) is None
    network = work.wait_for_state("holdoff", "work")
    assert network["last_error"]["code"] == "name-not-resolved"
