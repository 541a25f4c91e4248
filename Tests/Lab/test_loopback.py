"""ssh's forward on a port of a loopback address of dvpn's own, for an ssh that takes no Unix socket: nobody
but dvpn gets in, and nobody but ssh answers."""
import re
import shutil

import pytest

from laboratory import PYTHON, wait_until

ADDRESS = "127.118.112.110"
# A change of user makes the kernel forget with whom a process is to die.
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--pdeathsig=KILL"]
CLIENTS = ["lan", "gw"]
TARGETS = ["10.1.2.10", "fd00:1:2::10"]

# The machine's own ssh behind the option check of one from before 2014.
OLD = """\
#!/bin/sh
previous=
for word; do
    case $previous$word in
    -V) echo "OpenSSH_6.6.1p1, OpenSSL 1.0.1f 6 Jan 2014" >&2; exit ;;
    -D/*) echo "Bad dynamic forwarding specification '$word'" >&2; exit 255 ;;
    esac
    previous=$word
done
exec {real} "$@"
"""

# Listens, and says "heard" for everybody who gets through.
IMPOSTOR = """
import socket, sys
listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
print("listening", flush=True)
while True:
    listener.accept()
    print("heard", flush=True)
"""


@pytest.fixture
def loopback(stopped):
    stopped.start_dvpn(None, "--ssh-forward", "loopback")
    return stopped


def ports(lab):
    """Where masters listen."""
    listening = lab.run("gw", "ss", "-H", "-ltn", f"src {ADDRESS}").stdout
    return [int(number) for number in re.findall(rf"{re.escape(ADDRESS)}:(\d+)", listening)]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("target", TARGETS)
def test_connections_are_carried_as_by_any_other(loopback, client, target):
    logins = loopback.logins()
    assert f"hello from {target}," in loopback.get(client, target)
    assert len(ports(loopback)) == 1
    assert loopback.run("gw", "find", "/run/dvpn/ssh", "-type", "s", "!", "-name", "*.ctl").stdout == ""
    assert loopback.connect(client, target, 81)["result"] == "refused"
    for way in ("download", "upload", "server-first"):
        found = loopback.client(client, way, target, 3_000_000)
        assert (found["bytes"], found["sha256"]) == (3_000_000, found["expected"]), way
    assert loopback.client(client, "many", target, 7, 200)["results"] == {"served": 200}
    assert loopback.logins() == logins + 1
    loopback.wait_for_state("idle")
    assert loopback.ssh_masters() == 0
    assert ports(loopback) == []


def test_no_other_user_gets_into_the_tunnel(loopback):
    assert "hello" in loopback.get("lan", TARGETS[0])
    words = [PYTHON, loopback.client_path, "connect", ADDRESS, str(ports(loopback)[0]), "--timeout", "2"]
    assert '"refused"' in loopback.run("gw", *NOBODY, *words).stdout
    assert '"connected"' in loopback.run("gw", *words).stdout  # root could do anything else as well


def test_no_other_user_can_stand_in_for_ssh(loopback):
    """With nobody there who could tell the dataplane that ssh is gone."""
    assert "hello" in loopback.get("lan", TARGETS[0])
    number = ports(loopback)[0]
    loopback.end("controlplane", "KILL")
    loopback.run("gw", "pkill", "-KILL", "-u", "dvpn-ssh", "-x", "ssh")
    wait_until(lambda: not ports(loopback), 5)
    impostor = loopback.spawn("gw", *NOBODY, PYTHON, "-c", IMPOSTOR, ADDRESS, str(number))
    try:
        assert impostor.stdout.readline() == "listening\n"
        for client in CLIENTS:
            assert loopback.connect(client, TARGETS[0], timeout=3)["result"] != "connected"
        assert loopback.client("gw", "connect", ADDRESS, number, "--timeout", 2)["result"] == "timeout"
    finally:
        impostor.kill()
        assert "heard" not in impostor.communicate()[0]


def test_connections_outlive_the_controlplane_and_are_adopted(loopback):
    with loopback.talk("lan", TARGETS[0]) as talk:
        talk.connected()
        logins, before = loopback.logins(), ports(loopback)
        loopback.end("controlplane", "KILL")
        assert talk.say("one") == "one"
        assert "hello" in loopback.get("gw", TARGETS[1])
        loopback.start_controlplane()  # what it would do with a new master does not matter
        loopback.wait_for_state("up")
        assert talk.say("two") == "two"
        assert "hello" in loopback.get("lan", TARGETS[0])
        assert (loopback.logins(), ports(loopback)) == (logins, before)
    loopback.wait_for_state("idle")
    assert ports(loopback) == []


def test_after_both_are_killed_what_stands_is_adopted(loopback):
    loopback.get("lan", TARGETS[0])
    logins, before = loopback.logins(), ports(loopback)
    for name in ("controlplane", "dataplane"):
        loopback.end(name, "KILL")
    loopback.start_dvpn(None, "--ssh-forward", "loopback")
    assert "hello" in loopback.get("lan", TARGETS[0])
    assert (loopback.logins(), ports(loopback)) == (logins, before)


def test_a_killed_master_is_replaced_by_the_next_connection(loopback):
    loopback.get("lan", TARGETS[0])
    loopback.run("gw", "pkill", "-KILL", "-u", "dvpn-ssh", "-x", "ssh")
    loopback.wait_for_state("holdoff")
    loopback.wait_for_state("idle")
    assert "hello" in loopback.get("lan", TARGETS[0])


def test_an_ssh_that_takes_no_path_is_given_a_port(new_lab):
    # A lab of its own: the wrapper is not the program that runs in the end, so that nobody finds it again.
    lab = new_lab()
    shutil.copy("/usr/bin/ssh", lab.directory / "old-ssh")
    wrapper = lab.directory / "wrapper"
    wrapper.write_text(OLD.format(real=lab.directory / "old-ssh"))
    wrapper.chmod(0o755)
    lab.run("gw", "mount", "--bind", str(wrapper), "/usr/bin/ssh")
    refused = lab.run("gw", "ssh", "-G", "-D", "/run/x", "host", check=False)
    assert refused.returncode == 255 and "Bad dynamic" in refused.stderr
    lab.start_dvpn()
    for client in CLIENTS:
        assert "hello" in lab.get(client, TARGETS[0])
    assert len(ports(lab)) == 1
    assert "no dynamic forward on a Unix socket" in lab.log("controlplane")
