"""The kinds of ssh sessions, against a real sshd and real netcats: what each keeps of a connection, and what
it leaves running."""
import json
import os
import subprocess
import time

import pytest

import far as far_side
from laboratory import find_sshd, wait_until

NETCATS = {
    # As `gateway setup --jail` makes it.
    "busybox": "/bin/busybox nc",
    "openbsd": "/bin/nc.openbsd -N",
}


@pytest.fixture
def far(stopped):
    machine = far_side.Far(stopped, find_sshd())
    machine.run("useradd --system --no-create-home --home-dir /nonexistent --shell /bin/sh dvpn;"
                "echo 'dvpn:*' | chpasswd -e")
    machine.run(f"echo '{(stopped.directory / 'ssh/id_ed25519.pub').read_text().strip()}' >/etc/ssh/dvpn.keys;"
                "echo 'Match User dvpn' >/etc/ssh/sshd_config.d/10-dvpn.conf;"
                "echo ' AuthorizedKeysFile /etc/ssh/dvpn.keys' >>/etc/ssh/sshd_config.d/10-dvpn.conf")
    machine.restart_sshd()
    machine.begun = machine.logins()
    yield machine
    machine.down()


def forced(far, netcat, *more):
    """An account that runs this netcat and nothing else, and forwards nothing."""
    lines = [*more, "AllowTcpForwarding no",
             "ForceCommand set -f; set -- $SSH_ORIGINAL_COMMAND; "
             f"case \"$1\" in nc) exec {NETCATS[netcat]} \"$2\" \"$3\" ;; esac; exit 64"]
    for line in lines:
        far.run("cat >>/etc/ssh/sshd_config.d/10-dvpn.conf", input=f" {line}\n")
    far.restart_sshd()


def start(far, session, end, netcat="busybox", *more, **settings):
    if end == "netcat":
        forced(far, netcat, *more)
    text = far.lab.config_text(**({"port": far_side.PORT, "session": session, "far_end": end, "idle": "60s"} | settings))
    far.lab.start_dvpn(text)
    return far.lab


def uploaded(lab):
    """The server sees the client's end and answers after it."""
    found = lab.client("lan", "upload", "10.1.2.10", 3_000_000)
    assert found["sha256"] == found["expected"]


def logins(far):
    """How many times dvpn has logged in since the far side is there."""
    return far.logins() - far.begun


def masters(lab):
    """ssh processes on gw that have logged in, less those that are on their way out."""
    return len(lab.run("gw", "pgrep", "-u", "dvpn-ssh", "-f", "^/usr/bin/ssh .* -M ", check=False)
               .stdout.split())


# --- a session for each connection ----------------------------------------------------------------


@pytest.mark.parametrize("end", ["forward", "netcat"])
def test_each_connection_has_an_ssh_that_goes_with_it(far, end):
    lab = start(far, "per-connection", end)
    with lab.talk("lan", "10.1.2.10") as one, lab.talk("lan", "10.1.2.10") as two:
        for talk in (one, two):
            talk.connected()
            assert talk.say("hello") == "hello"
        # The one of the dial may be for another of the dataplane's workers: then it goes by itself.
        wait_until(lambda: masters(lab) == 2, 15)
        assert logins(far) in (2, 3)
        one.end()
        wait_until(lambda: masters(lab) == 1, 15)
        assert two.say("still") == "still"
    wait_until(lambda: masters(lab) == 0, 15)
    # The network is up all the same, and the next connection makes another one.
    assert lab.network()["state"] == "up"
    before = logins(far)
    with lab.talk("lan", "10.1.2.10") as third:
        third.connected()
        assert third.say("x") == "x"
        assert logins(far) == before + 1
        assert masters(lab) == 1
    wait_until(lambda: masters(lab) == 0, 15)


def test_ten_connections_at_once_have_ten(far):
    lab = start(far, "per-connection", "forward")
    talks = [lab.talk("lan", "10.1.2.10") for _ in range(10)]
    try:
        for talk in talks:
            talk.connected()
            assert talk.say("x") == "x"
        # One that was started for nobody goes by itself.
        wait_until(lambda: masters(lab) == 10, 15)
    finally:
        for talk in talks:
            talk.__exit__(None, None, None)
    wait_until(lambda: masters(lab) == 0, 15)


def test_a_session_of_its_own_keeps_half_closes_and_refusals(far):
    lab = start(far, "per-connection", "forward")
    uploaded(lab)
    found = lab.client("lan", "server-first", "10.1.2.10", 100_000)
    assert found["sha256"] == found["expected"]
    assert lab.connect("lan", "10.1.2.10", 81)["result"] == "refused"


# --- netcat ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("netcat", NETCATS)
def test_netcat_carries_connections(far, netcat):
    lab = start(far, "shared", "netcat", netcat)
    with lab.talk("lan", "10.1.2.10") as talk:
        talk.connected()
        for word in ("one", "two", "three"):
            assert talk.say(word) == word
    assert "hello from 10.1.2.10" in lab.get("lan", "10.1.2.10")
    assert "hello from fd00:1:2::10" in lab.get("lan", "fd00:1:2::10")
    assert logins(far) == 1


@pytest.mark.parametrize("netcat", NETCATS)
def test_netcat_keeps_a_clients_end_and_passes_on_the_servers(far, netcat):
    lab = start(far, "shared", "netcat", netcat)
    uploaded(lab)
    # OpenBSD's tells of the server's end only once the client has ended, too.
    with lab.talk("lan", "10.1.2.10", 2001) as talk:
        talk.connected()
        assert talk.say("token") == "goodbye"
        if netcat == "busybox":
            found = lab.client("lan", "download", "10.1.2.10", 3_000_000)
            assert found["sha256"] == found["expected"] and found["end"] == "fin"
            # The line may have come together with the one before it.
            assert json.loads(talk.process.stdout.readline())["end"] == "fin"
        else:
            with pytest.raises(subprocess.TimeoutExpired):
                talk.end(close=False, timeout=2)
            assert talk.end() == "fin"


@pytest.mark.parametrize("netcat", NETCATS)
def test_netcats_refusal_is_a_reset_after_the_connect(far, netcat):
    lab = start(far, "shared", "netcat", netcat)
    with lab.talk("lan", "10.1.2.10", 81) as talk:
        assert talk.connected()["result"] == "connected"
        assert talk.end(close=False, timeout=5) == "reset"
    # The network is up, and others are served.
    assert "hello" in lab.get("lan", "10.1.2.10")


@pytest.mark.parametrize("allowed, count, least", [(10, 25, 3), (4, 10, 3)])
def test_another_master_is_started_when_the_sessions_of_one_are_used_up(far, allowed, count, least):
    lab = start(far, "shared", "netcat", "busybox", f"MaxSessions {allowed}")
    found = lab.client("lan", "many", "10.1.2.10", 7, count, "--timeout", 60)
    assert found["results"] == {"served": count}
    assert logins(far) >= least
    assert "hello" in lab.get("lan", "10.1.2.10")


def test_a_lost_gateway_is_a_reset_through_netcat_too(far):
    lab = start(far, "shared", "netcat")
    lab.get("lan", "10.1.2.10")
    with lab.talk("lan", "10.1.2.10") as talk:
        talk.connected()
        assert talk.say("x") == "x"
        lab.run("sshgw", "pkill", "-KILL", "-f", "^sshd: dvpn")
        assert talk.end(close=False, timeout=10) == "reset"


def test_connections_by_netcat_outlive_the_controlplane(far):
    lab = start(far, "shared", "netcat")
    with lab.talk("lan", "10.1.2.10") as talk:
        talk.connected()
        assert talk.say("before") == "before"
        lab.end("controlplane", "KILL")
        assert talk.say("between") == "between"
        lab.start_controlplane()
        assert "hello" in lab.get("lan", "10.1.2.10")
        assert talk.say("after") == "after"
        assert logins(far) == 1


def processor_time(lab, pid):
    """What a process has used so far, in seconds."""
    fields = lab.run("gw", "cat", f"/proc/{pid}/stat").stdout.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def waiting(lab):
    """Connections that no netcat's door has accepted yet."""
    sockets = (line.split() for line in lab.run("gw", "ss", "-Hxl").stdout.splitlines())
    return sum(int(words[2]) for words in sockets if words[4].startswith("/run/dvpn/ssh/"))


def test_who_comes_while_descriptors_are_short_waits_and_nobody_turns_in_circles(far):
    lab = start(far, "shared", "netcat")
    assert "hello" in lab.get("lan", "10.1.2.10")
    pid = lab.pid("controlplane")

    def allow(descriptors):
        lab.run("gw", "prlimit", f"--pid={pid}", f"--nofile={descriptors}:")

    allow(3)
    with lab.talk("lan", "10.1.2.10") as talk:
        wait_until(lambda: waiting(lab) > 0, 10, "somebody at the door")
        before = processor_time(lab, pid)
        time.sleep(2)
        assert processor_time(lab, pid) - before < 0.5
        allow(1024)
        talk.connected()
        assert talk.say("served") == "served"
