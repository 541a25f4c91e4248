"""A secret that a person has to give: asked for in three ways at once, while connections wait."""
import json
import os
import pty
import select
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

import concentrator
from browser_window import AXE, PAGE, Window, web
from laboratory import PYTHON, wait_until

AGENT = str(Path(__file__).with_name("agent.py"))
CORP, LAN = "10.66.0.10", "192.168.77.10"
WORK = "#network-work"
KINDS = ["vpnc", "openconnect"]
# In place of the file that the network has otherwise.
ASK = {"ask": True, "file": None}
RIGHT = concentrator.PASSWORD


def config(lab, kind, idle="60s", **changes):
    return lab.vpn_config(kind, idle=idle, **{kind: {"password": ASK}}, **changes)


def agent(lab, *options):
    answer = lab.run("gw", PYTHON, AGENT, "dvpn:dv-work", "10", *options).stdout
    return json.loads(answer)["message"]


def questions(lab):
    """Those that systemd's agents see."""
    return lab.shell("gw", "ls /run/systemd/ask-password 2>/dev/null | grep ^ask || true").split()


def asks(lab):
    return lab.network("work").get("asks")


@contextmanager
def waiting(lab, target=CORP, port=7):
    """A connection from the LAN that waits for the network: how it will go, and how long it took."""
    with ThreadPoolExecutor() as pool:
        client = pool.submit(lab.client, "lan", "connect", target, port, "--timeout", "60")
        wait_until(lambda: asks(lab), 10, "a question")
        assert not client.done()
        yield client


def at_a_terminal(lab, *words):
    """dvpnctl with a terminal of its own: what it is, and the terminal's other end."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        lab.argv("gw", lab.program("dvpnctl"), "--runtime-dir", "/run/dvpn", *words),
        stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    return process, ours


def read_until(terminal, words, seconds=10):
    text, until = "", time.monotonic() + seconds
    while words not in text:
        assert select.select([terminal], [], [], max(0, until - time.monotonic()))[0], text
        text += os.read(terminal, 4096).decode()
    return text


@pytest.mark.parametrize("kind", KINDS)
def test_who_wants_what_is_told_wherever_one_is_asked(work, kind):
    work.start_dvpn(config(work, kind))
    cause = f"because {LAN} wants {CORP}:7"
    with waiting(work) as client:
        assert cause in asks(work) and concentrator.USER in asks(work)
        assert cause in agent(work)
        assert cause in work.dvpnctl("status", check=False).stdout
        assert cause in work.dvpnctl("events").stdout
        process, terminal = at_a_terminal(work, "login", "work")
        assert cause in read_until(terminal, ": ")
        os.write(terminal, f"{RIGHT}\n".encode())
        assert RIGHT not in read_until(terminal, "work is up")
        assert process.wait(10) == 0
        os.close(terminal)
        # It waited, and went on.
        assert client.result()["result"] == "connected"
    wait_until(lambda: not questions(work), 5, "the agents' question to go away")


@pytest.mark.parametrize("kind", KINDS)
def test_an_agent_of_systemds_answers_and_the_other_questions_go(work, kind):
    work.start_dvpn(config(work, kind))
    with waiting(work) as client:
        process, terminal = at_a_terminal(work, "login", "work")
        read_until(terminal, ": ")
        agent(work, "--answer", RIGHT)
        assert client.result()["result"] == "connected"
        assert "not asked any more" in read_until(terminal, "work is")
        process.wait(10)
        os.close(terminal)
    assert asks(work) is None and questions(work) == []
    assert RIGHT not in work.visible(work.pids(kind)[0])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["agent", "dvpnctl"])
def test_a_refusal_answers_those_who_wait_at_once(work, kind, way):
    work.start_dvpn(config(work, kind))
    with waiting(work) as client:
        begun = time.monotonic()
        if way == "agent":
            agent(work, "--refuse")
        else:
            work.dvpnctl("login", "work", "--refuse", check=False)
        assert client.result()["result"] in ("refused", "unreachable")
        assert time.monotonic() - begun < 5
    assert work.network("work")["last_error"]["code"] == "declined"
    assert questions(work) == []
    # Nobody is asked again by the next packet, and it is answered at once; a person may want it anew.
    assert work.client("lan", "connect", CORP, 7, "--timeout", "10")["seconds"] < 2
    assert work.network("work")["state"] == "holdoff"
    said = work.dvpnctl("up", "work", check=False)
    assert "because an operator wants work" in said.stdout and said.returncode == 4
    work.dvpnctl("login", "work", "--refuse")


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_answers_and_those_who_wait_are_told(work, kind):
    work.start_dvpn(config(work, kind, prompt_timeout="3s"))
    with waiting(work) as client:
        found = client.result()
    assert found["result"] in ("refused", "unreachable") and 2 < found["seconds"] < 8
    assert "nobody answered within 3 s" in work.network("work")["last_error"]["text"]
    assert questions(work) == []


@pytest.mark.parametrize("kind", KINDS)
def test_connections_wait_longer_for_a_person_than_for_a_gateway(work, kind):
    work.start_dvpn(config(work, kind, top={"hold": "1s"}))
    with waiting(work) as client:
        time.sleep(4)  # much longer than any other packet may wait here
        assert not client.done()
        agent(work, "--answer", RIGHT)
        assert client.result()["result"] == "connected"


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_whose_file_is_missing_is_asked_for(work, kind):
    missing = "/etc/dvpn/secrets/not-there"
    work.start_dvpn(work.vpn_config(kind, idle="60s", **{kind: {"password": {"file": missing}}}))
    with waiting(work) as client:
        assert f"({missing} is not there), because {LAN} wants {CORP}:7" in asks(work)
        agent(work, "--answer", RIGHT)
        assert client.result()["result"] == "connected"


def test_a_target_is_called_by_the_name_that_led_to_it(work):
    name = "www.corp.example"
    work.start_dvpn(config(work, "openconnect", idle="1s"))
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(work.dig, "lan", name, "A", timeout=30)
        wait_until(lambda: asks(work), 10, "a question")
        assert f"because {name} was looked up" in asks(work)
        agent(work, "--answer", RIGHT)
        target = answer.result().answers[0]
    work.wait_for_state("idle", "work")
    with waiting(work, target, 80):
        assert f"because {LAN} wants {name}:80" in asks(work)
        agent(work, "--answer", RIGHT)


def test_login_asks_for_a_network_that_nobody_has_wanted_yet(work):
    work.start_dvpn(config(work, "openconnect"))
    process, terminal = at_a_terminal(work, "login", "work")
    assert "because an operator wants work" in read_until(terminal, ": ")
    os.write(terminal, f"{RIGHT}\n".encode())
    read_until(terminal, "work is up")
    assert process.wait(10) == 0
    os.close(terminal)


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_asks_everybody_and_takes_the_answer(work, kind):
    work.start_dvpn(config(work, kind) + web(work))
    wait_until(lambda: work.listens("gw", 9876), 10, "the web page")
    window = Window(work)
    try:
        window.open(url=PAGE)
        window.wait(css="#live", text="Live.")
        with waiting(work) as client:
            window.wait(css=f"{WORK} .question label", text=f"because {LAN} wants {CORP}:7")
            # Said to whoever does not see it.
            window.wait(css="#live[role=status]", text=f"because {LAN} wants {CORP}:7")
            assert window.axe(path=str(AXE)) == []
            # By keyboard alone: the field, the answer, the refusal.
            window.run(script="document.getElementById('secret-work').focus()")
            assert window.press(keys=["TAB"]) != "secret-work"
            assert window.press(keys=["TAB"]) == "Refuse: work"
            window.run(script="document.getElementById('secret-work').focus()")
            window.press(keys=[RIGHT, "ENTER"])
            assert client.result()["result"] == "connected"
        window.wait(css=f"{WORK}.up .state", text="up")
        assert not window.run(script="return document.querySelector('.question')")
        assert window.complaints() == []
    finally:
        window.close()
    assert questions(work) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_on_the_page_answers_those_who_wait(work, kind):
    work.start_dvpn(config(work, kind) + web(work))
    wait_until(lambda: work.listens("gw", 9876), 10, "the web page")
    window = Window(work)
    try:
        window.open(url=PAGE)
        with waiting(work) as client:
            window.wait(css=f"{WORK} .question")
            window.click(css=f"{WORK} [aria-label='Refuse: work']")
            assert client.result()["result"] in ("refused", "unreachable")
        window.wait(css=f"{WORK}.holdoff .state", text="holdoff")
    finally:
        window.close()


@pytest.fixture
def coded(work):
    """The same with an ocserv that asks for a code after the password, which is in its file."""
    with work.vpn.wanting_codes():
        yield work


def coded_config(lab, **changes):
    return lab.vpn_config("openconnect", idle="60s", **changes)


def login(lab, line):
    """`dvpnctl login` without a terminal."""
    return lab.run("gw", lab.program("dvpnctl"), "--runtime-dir", "/run/dvpn", "login", "work",
                   input=f"{line}\n", check=False)


@pytest.mark.parametrize("way", ["dvpnctl", "agent"])
def test_a_code_after_the_password_is_asked_for_in_the_gateways_own_words(coded, way):
    coded.start_dvpn(coded_config(coded))
    code, tries = coded.vpn.code(0), coded.vpn.password_tries()
    with waiting(coded) as client:
        words = f"the answer of {concentrator.USER} to \"Please enter your OTP password. Password:\""
        cause = f"at {concentrator.GATEWAY}, because {LAN} wants {CORP}:7"
        assert asks(coded) == f"{words} {cause}"
        assert cause in agent(coded)
        if way == "agent":
            agent(coded, "--answer", code)
        else:
            process, terminal = at_a_terminal(coded, "login", "work")
            assert cause in read_until(terminal, f"{LAN} wants {CORP}:7")
            os.write(terminal, f"{code}\n".encode())
            assert code not in read_until(terminal, "work is up")
            assert process.wait(10) == 0
            os.close(terminal)
        # It waited, and went on.
        assert client.result()["result"] == "connected"
    assert asks(coded) is None and questions(coded) == []
    assert code not in coded.visible(coded.pids("openconnect")[0])
    assert coded.vpn.password_tries() == tries + 2  # the password, and the code


def test_login_gives_the_password_and_then_the_code(coded):
    coded.start_dvpn(config(coded, "openconnect"))
    process, terminal = at_a_terminal(coded, "login", "work")
    read_until(terminal, "the password of alice")
    os.write(terminal, f"{RIGHT}\n".encode())
    read_until(terminal, "the answer of alice")
    os.write(terminal, f"{coded.vpn.code(0)}\n".encode())
    read_until(terminal, "work is up")
    assert process.wait(10) == 0
    os.close(terminal)


def test_the_page_asks_for_a_code_and_takes_it(coded):
    coded.start_dvpn(coded_config(coded) + web(coded))
    wait_until(lambda: coded.listens("gw", 9876), 10, "the web page")
    window = Window(coded)
    try:
        window.open(url=PAGE)
        with waiting(coded) as client:
            window.wait(css=f"{WORK} .question label", text="\"Please enter your OTP password. Password:\"")
            window.run(script="document.getElementById('secret-work').focus()")
            window.press(keys=[coded.vpn.code(0), "ENTER"])
            assert client.result()["result"] == "connected"
        assert window.complaints() == []
    finally:
        window.close()


def test_a_wrong_code_locks_and_nothing_is_tried_again(coded):
    coded.start_dvpn(coded_config(coded))
    with waiting(coded) as client:
        assert "was refused" in login(coded, "000000").stderr
        assert client.result()["result"] in ("refused", "unreachable")
    network = coded.wait_for_state("locked", "work")
    assert network["last_error"]["code"] == "authentication"
    assert "the answer of alice to" in network["last_error"]["text"]
    assert coded.client("lan", "connect", CORP, 7, "--timeout", "10")["seconds"] < 2
    # A person may try again.
    coded.dvpnctl("unlock", "work")
    assert login(coded, coded.vpn.code(1)).returncode == 0
    assert coded.network("work")["state"] == "up"


def test_a_wrong_password_is_no_further_question(coded):
    tries = coded.vpn.password_tries()
    coded.start_dvpn(coded_config(coded, openconnect={"password": coded.vpn.secret("wrong")}))
    assert coded.connect("lan", CORP)["result"] in ("unreachable", "refused")
    network = coded.wait_for_state("locked", "work")
    assert network["last_error"]["code"] == "authentication"
    assert coded.vpn.password_tries() == tries + 1
    assert " asks: " not in coded.log("controlplane")


@pytest.mark.parametrize("way", ["agent", "dvpnctl", "nobody"])
def test_a_code_that_nobody_gives_answers_those_who_wait_and_locks_nothing(coded, way):
    coded.start_dvpn(coded_config(coded, prompt_timeout="4s" if way == "nobody" else "1m"))
    with waiting(coded) as client:
        if way == "agent":
            agent(coded, "--refuse")
        elif way == "dvpnctl":
            coded.dvpnctl("login", "work", "--refuse", check=False)
        assert client.result()["result"] in ("refused", "unreachable")
    network = coded.wait_for_state("holdoff", "work")
    assert network["last_error"]["code"] == ("timed-out" if way == "nobody" else "declined")
    assert questions(coded) == [] and coded.pids("openconnect") == []


@pytest.mark.parametrize("event", ["the client is killed", "a person takes the network down",
                                   "the controlplane is killed"])
def test_a_question_ends_with_what_has_asked_it_and_locks_nothing(coded, event):
    coded.start_dvpn(coded_config(coded))
    with waiting(coded) as client:
        if event == "the client is killed":
            coded.run("gw", "kill", "-KILL", str(coded.pids("openconnect")[0]))
        elif event == "a person takes the network down":
            coded.dvpnctl("down", "work")
        else:
            coded.end("controlplane", "KILL")
            for pid in coded.pids("systemd-ask-pas"):  # systemd would end it with our unit
                coded.run("gw", "kill", str(pid))
            coded.start_controlplane()
            # The packet has not been answered: it asks anew.
            wait_until(lambda: asks(coded), 15, "the question of the next life")
            coded.dvpnctl("down", "work")
        assert client.result()["result"] in ("refused", "unreachable")
    wait_until(lambda: coded.pids("openconnect") == [], 5, "openconnect to end")
    wait_until(lambda: coded.network("work")["state"] in ("idle", "holdoff"), 10, "no lock")
    wait_until(lambda: questions(coded) == [], 5, "the agents' question to go away")
