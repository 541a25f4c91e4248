"""dvpnctl: what people see of dvpn, and do to it."""
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from contextlib import contextmanager
from fcntl import ioctl

import pytest

from laboratory import PYTHON, wait_until

TARGET = "10.1.2.10"


class Screen:
    """A program on a terminal of 80 columns and 24 lines."""

    def __init__(self, lab, *command, **environment):
        self.ours, theirs = pty.openpty()
        ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.before = termios.tcgetattr(theirs)
        self.theirs = theirs
        self.seen = b""
        variables = {**os.environ, "TERM": "xterm", **environment}
        self.process = subprocess.Popen(
            lab.argv("gw", *command), stdin=theirs, stdout=theirs, stderr=theirs, env=variables,
            start_new_session=True)

    def wait_for(self, text, timeout=20):
        end = time.monotonic() + timeout
        while text.encode() not in self.seen:
            left = end - time.monotonic()
            assert left > 0, f"no {text!r} in {self.seen[-3000:]!r}"
            if select.select([self.ours], [], [], left)[0]:
                self.seen += os.read(self.ours, 65536)
        return self.seen.decode(errors="replace")

    def frames(self):
        """What was on the screen, without orders to the terminal."""
        parts = self.seen.decode(errors="replace").split("\x1b[H")[1:]
        whole = [part for part in parts if part.endswith("\x1b[J")]
        # The terminal makes another carriage return of each line's end.
        return [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", part).split("\n") for part in whole]

    def press(self, keys):
        os.write(self.ours, keys)

    def end(self, timeout=10):
        status = self.process.wait(timeout)
        while select.select([self.ours], [], [], 0.2)[0]:
            self.seen += os.read(self.ours, 65536)
        return status

    def is_restored(self):
        return (termios.tcgetattr(self.theirs) == self.before and self.seen.endswith(b"\x1b[?1049l"))

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)


@contextmanager
def screen(lab, *arguments, **environment):
    found = Screen(lab, lab.program("dvpnctl"), "--runtime-dir", "/run/dvpn", *arguments, **environment)
    try:
        yield found
    finally:
        found.close()


def asked(lab, *arguments, status=0):
    """The JSON that a verb prints."""
    said = lab.dvpnctl(*arguments, "--json", check=False)
    assert said.returncode == status, said.stderr
    found = json.loads(said.stdout)
    assert found["schema"] == 1
    return found


def test_networks_tells_what_each_has_carried_and_all_of_one(dvpn):
    assert "hello" in dvpn.get("lan", TARGET)

    def carried():
        return next(n for n in asked(dvpn, "networks")["networks"] if n["name"] == "home")["bytes_in"]

    # The dataplane tells of a connection's end a moment later.
    wait_until(lambda: carried() > 0, 5, "the connection to be counted")
    assert re.search(r"^home +up +", dvpn.dvpnctl("networks").stdout, re.M)
    assert "10.1.2.0/24" in dvpn.dvpnctl("networks", "home").stdout
    names = [n["name"] for n in asked(dvpn, "networks", "--state", "up")["networks"]]
    assert names == ["home"]
    assert dvpn.dvpnctl("networks", "--state", "asleep", check=False).returncode == 64
    said = dvpn.dvpnctl("networks", "nobody", check=False)
    assert said.returncode == 1 and 'no network is called "nobody"' in said.stderr


def test_connections_come_in_the_order_that_is_asked_for(dvpn):
    with dvpn.talk("lan", TARGET) as first:
        first.connected()
        with dvpn.talk("lan", TARGET) as second:
            second.connected()
            assert second.say("x" * 1000) == "x" * 1000
            by_age = [c["age_ms"] for c in asked(dvpn, "connections", "--sort", "age")["connections"]]
            by_bytes = [c["bytes_in"] for c in asked(dvpn, "connections", "--sort", "bytes")["connections"]]
            assert len(by_age) == 2 and by_age == sorted(by_age)
            assert by_bytes == sorted(by_bytes, reverse=True) and by_bytes[0] >= 1000
    assert dvpn.dvpnctl("connections", "--sort", "beauty", check=False).returncode == 64


def test_parked_tells_who_waits_for_what(stopped):
    stopped.start_dvpn()
    assert stopped.dvpnctl("parked").stdout == "nothing waits\n"
    # A gateway that answers nothing: the packet waits.
    stopped.shell("gw", "nft 'add table inet mute; add chain inet mute out { type filter hook output priority 0; };"
                        " add rule inet mute out tcp dport 22 drop'")
    waiting = stopped.spawn("lan", PYTHON, stopped.client_path, "connect", TARGET, "80")
    try:
        found = wait_until(lambda: asked(stopped, "parked")["parked"], 10, "somebody who waits")
        assert found[0]["network"] == "home" and found[0]["packets"] >= 1
        assert re.search(r"^home +dialling +\d+ ", stopped.dvpnctl("parked").stdout, re.M)
    finally:
        waiting.kill()
        waiting.wait()
        stopped.shell("gw", "nft delete table inet mute")


@pytest.mark.parametrize("key", [b"q", b"\x03"])
def test_watch_shows_what_happens_and_leaves_the_terminal_as_it_was(dvpn, key):
    with screen(dvpn, "watch") as found:
        found.wait_for("home")
        dvpn.get("lan", TARGET)
        found.wait_for("→ up")
        found.press(key)
        assert found.end() == 0
        assert found.is_restored()
        for frame in found.frames():
            assert len(frame) == 24 and max(map(len, frame)) <= 80
        assert b"\x1b[32m" in found.seen


def test_watch_keeps_answering_keys_when_dvpn_goes_away(dvpn):
    with screen(dvpn, "watch", NO_COLOR="1") as found:
        found.wait_for("home")
        dvpn.end("controlplane")
        found.wait_for("dvpn is not running")
        found.press(b"q")
        assert found.end() == 0 and found.is_restored()
        assert b"\x1b[3" not in found.seen and b"\x1b[1;31m" not in found.seen
    dvpn.start_controlplane()


def test_watch_that_is_ended_by_a_signal_restores_the_terminal(dvpn):
    with screen(dvpn, "watch") as found:
        found.wait_for("home")
        pid, = dvpn.pids("dvpnctl")
        dvpn.run("gw", "kill", "-TERM", str(pid))
        assert found.end() == 0 and found.is_restored()


def test_watch_without_a_terminal_is_for_programs(dvpn):
    said = dvpn.dvpnctl("watch", check=False)
    assert said.returncode == 64 and "--once" in said.stderr
    once = dvpn.dvpnctl("watch", "--once").stdout
    assert "home" in once and "\x1b" not in once
    assert asked(dvpn, "watch", "--once")["networks"]


def test_check_diff_names_what_a_reload_would_change_and_changes_nothing(stopped):
    stopped.start_dvpn()
    assert stopped.dvpnctl("check", "--diff").stdout == "a reload would change nothing\n"
    more = '\n[[network]]\nname = "lab"\nprefixes = ["10.99.0.0/16"]\nvia = "direct"\n'
    stopped.config.write_text(stopped.config_text(idle="7m") + more)
    assert asked(stopped, "check", "--diff") == {
        "schema": 1, "added": ["lab"], "removed": [], "changed": ["home"], "settings": []}
    said = stopped.dvpnctl("check", "--diff").stdout
    assert "added: lab" in said and "changed: home" in said
    assert "lab" not in {n["name"] for n in stopped.status()["networks"]}
    # What it said is what happens.
    assert asked(stopped, "reload")["added"] == ["lab"]
    assert stopped.dvpnctl("check", "--diff").stdout == "a reload would change nothing\n"
    stopped.config.write_text("nonsense = 1\n")
    said = stopped.dvpnctl("check", "--diff", check=False)
    assert said.returncode == 78 and "nonsense" in said.stderr


def vpnc_network(name, prefix, group_secret, password):
    """A network whose gateway nobody has, with the files of its secrets."""
    return f'''
        [[network]]
        name = "{name}"
        prefixes = ["{prefix}"]
        via = "vpnc"
        gateway = "192.0.2.1"
        [network.vpnc]
        group = "staff"
        group-secret = {{ file = "{group_secret}" }}
        username = "rob"
        password = {{ file = "{password}" }}
    '''


def test_check_tells_of_keys_and_secrets_that_are_missing_or_open(stopped):
    said = stopped.dvpnctl("check", "--config", str(stopped.config))
    assert "no mistakes; 2 networks\n" in said.stdout and "warning" not in said.stdout
    secret = stopped.directory / "secret"
    secret.write_text("hunter2\n")
    secret.chmod(0o644)
    extra = stopped.directory / "extra.toml"
    extra.write_text(vpnc_network("work", "10.66.0.0/16", secret, stopped.directory / "nowhere"))
    said = stopped.dvpnctl("check", "--config", str(extra)).stdout
    assert f"{secret} has mode 0644" in said and "/nowhere, which is to hold the password of rob" in said
    found = asked(stopped, "check", "--config", str(extra))
    assert found["networks"] == ["work"] and len(found["warnings"]) == 2 and "hunter2" not in said
    extra.write_text("nonsense = 1\n")
    assert asked(stopped, "check", "--config", str(extra), status=78)["mistakes"]


def test_a_bug_report_has_everything_and_no_secret(stopped):
    secret = stopped.directory / "vpn-secret"
    secret.write_text("correct-horse-battery\n")
    secret.chmod(0o600)
    stopped.start_dvpn(stopped.config_text() + vpnc_network("secretive", "10.67.0.0/16", secret, secret) + '''
        [[network]]
        name = "commanded"
        prefixes = ["10.68.0.0/16"]
        via = "command"
        [network.command]
        start = ["/bin/sh", "-c", "exit 1", "sh", "correct-horse-battery"]
    ''')
    # The secrets are used, so that whatever tells of that has told.
    for name in ("secretive", "commanded"):
        assert stopped.dvpnctl("up", name, check=False).returncode == 1
    stopped.get("lan", TARGET)
    names = ["versions", "status", "configuration", "check", "doctor", "parked", "events", "journal"]
    found = {section["name"]: section["text"] for section in asked(stopped, "bugreport")["sections"]}
    assert list(found) == names
    assert "home" in found["status"] and "10.1.2.0/24" in found["configuration"]
    assert "home" in found["events"] and "[kernel]" in found["doctor"]
    # The file of the running dvpn is checked, and not the usual one.
    assert "no mistakes; 4 networks" in found["check"]
    assert "secretive" in found["configuration"] and "commanded" in found["events"]
    assert not [name for name, text in found.items() if "correct-horse" in text]
    file = stopped.directory / "report"
    said = stopped.dvpnctl("bugreport", "--output", str(file))
    assert said.stdout == "" and "=== doctor" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    again = stopped.dvpnctl("bugreport", "--output", str(file), check=False)
    assert again.returncode == 1 and "there already" in again.stderr
    # A report is wanted most when nothing works.
    stopped.stop_dvpn()
    text = stopped.dvpnctl("bugreport", "--config", str(stopped.config)).stdout
    assert "dvpn is not running" in text and "no mistakes; 4 networks" in text and "[kernel]" in text
    assert "correct-horse" not in text + file.read_text()


def test_cleanup_takes_away_what_a_dead_dvpn_left(stopped):
    before = stopped.host_state()
    stopped.start_dvpn()
    stopped.get("lan", TARGET)
    options = ["cleanup", "--state-dir", str(stopped.directory / "state")]
    refused = stopped.dvpnctl(*options, check=False)
    assert refused.returncode == 1 and "dvpn is running" in refused.stderr
    assert stopped.network()["state"] == "up"
    for name in ("controlplane", "dataplane"):
        stopped.end(name, "KILL")
    assert stopped.host_state() != before
    found = json.loads(stopped.dvpnctl(*options, "--json").stdout)
    assert any("as it was before dvpn" in line for line in found["log"])
    assert stopped.host_state() == before
    assert stopped.pids("ssh") == []
    # And once more, where nothing is to be done.
    assert "as it was before dvpn" in stopped.dvpnctl(*options).stdout


def test_a_released_network_is_the_hosts_until_it_is_resumed(stopped):
    stopped.start_dvpn()
    stopped.get("lan", TARGET)
    assert asked(stopped, "release", "home")["networks"][0]["state"] == "released"
    assert "released" in stopped.dvpnctl("status").stdout
    assert "10.1.2" not in stopped.shell("gw", "ip route show table all")
    again = stopped.dvpnctl("up", "home", check=False)
    assert again.returncode == 1 and "dvpnctl resume home" in again.stderr
    assert stopped.dvpnctl("resume", "home").stdout.startswith("home is idle")
    assert "hello" in stopped.get("lan", TARGET)


def complete(lab, words, *environment):
    """What bash offers after these words."""
    program = lab.program("dvpnctl")
    script = f'''
        PATH={os.path.dirname(program)}:$PATH
        source /usr/share/bash-completion/bash_completion 2>/dev/null
        source <(dvpnctl completion bash)
        COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        COMP_LINE="${{COMP_WORDS[*]}}"; COMP_POINT=${{#COMP_LINE}}
        _dvpnctl dvpnctl "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD-1]}}"
        printf '%s\\n' "${{COMPREPLY[@]}}"'''
    return lab.run("gw", "bash", "-c", script).stdout.split()


def test_names_of_networks_are_completed_from_the_running_dvpn_and_from_the_file(stopped):
    stopped.start_dvpn()
    assert complete(stopped, "dvpnctl --runtime-dir /run/dvpn up h") == ["home"]
    assert complete(stopped, "dvpnctl up x") == []
    stopped.stop_dvpn()
    # Without a running dvpn: the file that the line names.
    line = f"dvpnctl gateway check --config {stopped.config} h"
    assert complete(stopped, line) == ["home"]
    assert "watch" in complete(stopped, "dvpnctl wa")


def test_exit_statuses_are_those_of_the_manual(stopped):
    def status(*arguments):
        return stopped.dvpnctl(*arguments, check=False).returncode
    for verb in (["status"], ["networks"], ["parked"], ["up", "home"], ["login", "home"], ["reload"],
                 ["check", "--diff"], ["release", "home"], ["events"], ["connections"]):
        assert status(*verb) == 3, verb
    assert status("no-such-verb") == 64
    stopped.start_dvpn(stopped.config_text(port=9))
    assert status("up", "home") == 1
    assert status("status") == 4
    assert status("up", "nobody") == 1
    nobody = ["setpriv", "--reuid=65534", "--clear-groups", stopped.program("dvpnctl"),
              "--runtime-dir", "/run/dvpn", "status"]
    refused = stopped.run("gw", *nobody, check=False)
    assert refused.returncode == 77, refused.stderr
