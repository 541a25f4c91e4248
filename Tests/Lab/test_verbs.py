"""Each verb of dvpnctl: what it says to people, what to programs, and its exit status."""
import json
import re
import time

import pytest

from laboratory import PYTHON, wait_until

TARGET = "10.1.2.10"


def report(said, status=0):
    """What a verb printed for programs: nothing else may be on its standard output."""
    assert said.returncode == status, said.stderr
    found = json.loads(said.stdout)
    assert found["schema"] == 1
    return found


def begin(lab, *words):
    """dvpnctl, which goes on while the test does something else."""
    return lab.spawn("gw", lab.program("dvpnctl"), "--runtime-dir", "/run/dvpn", *words)


def mute(lab):
    """From now on the ssh gateway answers nothing, so that packets wait."""
    lab.shell("gw", "nft 'add table inet mute; add chain inet mute out { type filter hook output priority 0; };"
                    " add rule inet mute out tcp dport 22 drop'")


def hear(lab):
    lab.shell("gw", "nft 'add table inet mute; delete table inet mute'")


# --- wait -----------------------------------------------------------------------------------------


def test_wait_returns_when_both_daemons_are_there(stopped):
    waiting = begin(stopped, "wait", "--timeout", "60")
    stopped.start_controlplane()
    time.sleep(0.5)  # the dataplane is not there: that is what it has to wait for
    assert waiting.poll() is None
    stopped.start_dataplane()
    assert waiting.wait(20) == 0
    found = report(stopped.dvpnctl("wait", "--json"))
    assert found["ready"] is True and found["waited_ms"] < 5_000 and "reason" not in found
    # No tunnel was needed, and none was made.
    assert stopped.network()["state"] == "idle"
    assert stopped.dvpnctl("wait").stdout == ""


def test_wait_gives_up_after_its_time_and_says_what_is_missing(stopped):
    begun = time.monotonic()
    said = stopped.dvpnctl("wait", "--timeout", "1", check=False)
    assert said.returncode == 3 and "dvpn is not running" in said.stderr
    assert 1 <= time.monotonic() - begun < 5
    found = report(stopped.dvpnctl("wait", "--timeout", "0", "--json", check=False), status=3)
    assert found["ready"] is False and "not running" in found["reason"]
    stopped.start_controlplane()
    said = stopped.dvpnctl("wait", "--timeout", "1", check=False)
    assert said.returncode == 1 and "the dataplane is not connected" in said.stderr
    assert stopped.dvpnctl("wait", "--timeout", "-1", check=False).returncode == 64


def test_wait_with_a_name_waits_for_that_network(dvpn):
    begun = time.monotonic()
    said = dvpn.dvpnctl("wait", "nobody", "--timeout", "30", check=False)
    assert said.returncode == 1 and 'no network is called "nobody"' in said.stderr
    assert time.monotonic() - begun < 10
    # It dials nothing itself.
    said = dvpn.dvpnctl("wait", "home", "--timeout", "0", check=False)
    assert said.returncode == 1 and "home is idle" in said.stderr
    waiting = begin(dvpn, "wait", "home", "--timeout", "60")
    try:
        assert "hello" in dvpn.get("lan", TARGET)
        assert waiting.wait(20) == 0
    finally:
        waiting.kill()
        waiting.wait()
    assert report(dvpn.dvpnctl("wait", "home", "--json"))["ready"] is True
    dvpn.dvpnctl("down", "home")
    wait_until(lambda: dvpn.network()["state"] == "idle", 10, "the tunnel to end")
    said = dvpn.dvpnctl("wait", "home", "--timeout", "0", "--json", check=False)
    assert "home" in report(said, status=4)["reason"]


def test_wait_hears_when_dvpn_goes_away_and_comes_back(dvpn):
    dvpn.end("controlplane")
    waiting = begin(dvpn, "wait", "--timeout", "60")
    time.sleep(0.5)  # it is still not there
    assert waiting.poll() is None
    dvpn.start_controlplane()
    assert waiting.wait(20) == 0


# --- what people read -----------------------------------------------------------------------------


def test_status_says_who_is_in_which_state_and_why(dvpn):
    assert re.search(r"^home +idle ", dvpn.dvpnctl("status").stdout, re.M)
    assert "hello" in dvpn.get("lan", TARGET)
    text = dvpn.dvpnctl("status", "--all").stdout
    assert re.search(r"^home +up +\S+ +.*198\.51\.100\.2 +10\.1\.2\.0/24", text, re.M)
    assert "dataplane pid" in text
    said = dvpn.dvpnctl("down", "home")
    assert re.match(r"home is (being taken )?down, and stays down", said.stdout)
    wait_until(lambda: "held down" in dvpn.dvpnctl("status").stdout, 10, "the network to be held down")
    assert dvpn.connect("lan", TARGET)["result"] in ("refused", "unreachable")
    assert dvpn.dvpnctl("up", "home").stdout.startswith("home is up")


def test_connections_and_parked_can_be_those_of_one_network(stopped):
    stopped.start_dvpn()
    other = next(n["name"] for n in stopped.status()["networks"] if n["name"] != "home")
    with stopped.talk("lan", TARGET) as talk:
        talk.connected()
        source = report(stopped.dvpnctl("connections", "--json"))["connections"][0]["source"]
        assert source in stopped.dvpnctl("connections", "--network", "home").stdout
        assert source not in stopped.dvpnctl("connections", "--network", other).stdout
        said = stopped.dvpnctl("connections", "--network", "nobody", check=False)
        assert said.returncode == 1 and 'no network is called "nobody"' in said.stderr
    stopped.dvpnctl("down", "home")
    mute(stopped)
    dialling = begin(stopped, "up", "home")
    waiting = None
    try:
        stopped.wait_for_state("dialling")
        waiting = stopped.spawn("lan", PYTHON, stopped.client_path, "connect", TARGET, "80")
        wait_until(lambda: "home" in stopped.dvpnctl("parked", "--network", "home").stdout, 10, "who waits")
        assert stopped.dvpnctl("parked", "--network", other).stdout == "nothing waits\n"
        assert stopped.dvpnctl("parked", "--network", "nobody", check=False).returncode == 1
    finally:
        hear(stopped)
        for process in filter(None, (dialling, waiting)):
            process.kill()
            process.wait()


def test_a_locked_network_is_dialled_again_once_it_is_unlocked(stopped):
    stopped.start_dvpn(stopped.config_text(known_hosts=f"{stopped.directory}/ssh/wrong_known_hosts"))
    assert stopped.dvpnctl("unlock", "home", check=False).returncode == 1  # nothing to unlock
    assert stopped.dvpnctl("up", "home", check=False).returncode in (1, 4)
    stopped.wait_for_state("locked")
    said = stopped.dvpnctl("up", "home", check=False)
    assert said.returncode == 4 and "dvpnctl unlock home" in said.stderr
    assert stopped.dvpnctl("wait", "home", "--timeout", "0", check=False).returncode == 4
    assert stopped.dvpnctl("unlock", "home").stdout.startswith("home is idle")
    assert stopped.network()["state"] == "idle"


# --- what programs read ---------------------------------------------------------------------------


# By verb, in an order in which each can be done; `gateway` is tested where there is one (test_gateway.py).
VERBS = {
    "status": [], "networks": [], "up": ["home"], "connections": ["--sort", "bytes"], "parked": [],
    "watch": ["--once"], "events": ["--lines", "1"], "explain": [TARGET], "doctor": [], "check": ["--diff"],
    "reload": [], "wait": ["home"], "login": ["home"], "down": ["home"], "release": ["home"], "resume": ["home"],
    "bugreport": ["--lines", "10"], "completion": ["bash"], "firewall": ["--config", "{config}"],
}
# What cannot be done to a network that is well, or to a dvpn that runs: tests of their own.
ELSEWHERE = {"unlock", "cleanup", "gateway"}


def test_every_verb_prints_a_report_for_programs(dvpn):
    listed = re.search(r"SUBCOMMANDS:\n(.*?)\n\n", dvpn.dvpnctl("--help").stdout, re.S)[1]
    verbs = set(re.findall(r"^  ([a-z]+) ", listed, re.M))
    assert verbs == set(VERBS) | ELSEWHERE
    for verb, words in VERBS.items():
        words = [word.format(config=dvpn.config) for word in words]
        said = dvpn.dvpnctl(verb, *words, "--json", check=False)
        assert said.returncode in (0, 4), (verb, said.stderr)
        lines = said.stdout.splitlines()
        assert len(lines) == 1, verb
        found = json.loads(lines[0])
        assert found["schema"] == 1, verb


def test_unlock_is_a_report_too(stopped):
    stopped.start_dvpn(stopped.config_text(known_hosts=f"{stopped.directory}/ssh/wrong_known_hosts"))
    said = stopped.dvpnctl("unlock", "home", "--json", check=False)
    assert said.returncode == 1 and said.stdout == "" and "not locked" in said.stderr
    stopped.dvpnctl("up", "home", check=False)
    stopped.wait_for_state("locked")
    [network] = report(stopped.dvpnctl("unlock", "home", "--json"))["networks"]
    assert (network["name"], network["state"]) == ("home", "idle")


def test_a_connection_that_is_ended_is_a_report_too(dvpn):
    with dvpn.talk("lan", TARGET) as talk:
        talk.connected()
        [found] = report(dvpn.dvpnctl("connections", "--json"))["connections"]
        [killed] = report(dvpn.dvpnctl("connections", "--kill", found["id"], "--json"))["connections"]
        assert (killed["id"], killed["source"]) == (found["id"], found["source"])
        assert talk.end(close=False) == "reset"
    said = dvpn.dvpnctl("connections", "--kill", found["id"], "--json", check=False)
    assert said.returncode == 1 and said.stdout == "" and "there is no connection" in said.stderr


def test_each_event_that_is_followed_is_a_line_for_programs(dvpn):
    follower = begin(dvpn, "events", "-f", "-n", "1", "--json")
    try:
        dvpn.get("lan", TARGET)
        seen = []
        while "network-up" not in [event["event"] for event in seen]:
            line = follower.stdout.readline()
            assert line, f"it ended: {seen}"
            seen.append(json.loads(line))
    finally:
        follower.kill()
        follower.wait()
    assert all(event["schema"] == 1 for event in seen)
    assert [event["id"] for event in seen] == sorted({event["id"] for event in seen})


def test_a_verb_that_fails_has_said_nothing_to_programs(stopped):
    for words in (["status"], ["up", "home"], ["connections"], ["reload"]):
        said = stopped.dvpnctl(*words, "--json", check=False)
        assert said.returncode == 3 and said.stdout == "" and "dvpn is not running" in said.stderr


def test_the_firewall_and_the_completions_are_reports_too(stopped):
    options = ["firewall", "--config", str(stopped.config)]
    shown = report(stopped.dvpnctl(*options, "--json"))
    assert shown["done"] == "show" and shown["table"] == "inet dvpn_firewall"
    assert shown["rules"] == stopped.dvpnctl(*options).stdout
    assert report(stopped.dvpnctl(*options, "--apply", "--json"))["done"] == "apply"
    try:
        assert "table inet dvpn_firewall" in stopped.shell("gw", "nft list tables")
    finally:
        removed = report(stopped.dvpnctl(*options, "--remove", "--json"))
    assert removed["done"] == "remove" and "dvpn_firewall" not in stopped.shell("gw", "nft list tables")
    for shell in ("bash", "zsh", "fish"):
        found = report(stopped.dvpnctl("completion", shell, "--json"))
        assert found["shell"] == shell and found["script"] == stopped.dvpnctl("completion", shell).stdout
    assert stopped.dvpnctl("completion", "tcsh", check=False).returncode == 64


@pytest.mark.parametrize("words, meant", [
    (["stauts"], "status"), (["stauts", "--json"], "status"), (["gateway", "chekc", "home"], "check")])
def test_a_verb_that_is_mistyped_is_met_with_the_one_that_was_meant(lab, words, meant):
    said = lab.dvpnctl(*words, check=False)
    assert said.returncode == 64 and said.stdout == ""
    assert re.fullmatch(rf"dvpnctl: no verb is called '\w+': did you mean '{meant}'\?\n", said.stderr)
    assert lab.dvpnctl("frobnicate", check=False).returncode == 64
