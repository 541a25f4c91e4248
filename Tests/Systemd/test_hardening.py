"""The sandboxes are in force, and what they cost is known."""
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from laboratory import PYTHON
from machine import SOCKETS, Machine

HERE = Path(__file__).parent


def test_the_units_have_no_mistakes(machine: Machine) -> None:
    units = machine.shell("ls /usr/lib/systemd/system/dvpn*").split()
    assert len(units) >= 10
    verified = machine.run("systemd-analyze", "verify", "--man=no", *units)
    # The status is 0 for an unknown key, too.
    assert verified.stdout + verified.stderr == ""


@pytest.mark.parametrize("unit, threshold", [
    ("dvpn-dataplane", 15), ("dvpn-controlplane", 40), ("dvpn-ssh@any", 15), ("dvpn-tunnel@any", 30),
    ("dvpn-dnsmasq", 30)])
def test_the_exposure_is_low(machine: Machine, unit: str, threshold: int) -> None:
    judged = machine.run("systemd-analyze", "security", "--no-pager", f"--threshold={threshold}",
                         f"{unit}.service", check=False)
    print(judged.stdout.splitlines()[-1])
    assert judged.returncode == 0, judged.stdout


class Intruder:
    """intruder.c as the dataplane's user in the dataplane's sandbox, while dvpn runs."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def run(self) -> str:
        """What it says of its tries."""
        since = self.machine.now()
        self.machine.systemctl("start", "dvpn-intruder")
        return self.machine.journal("dvpn-intruder.service", since)


@pytest.fixture
def intruder(dvpn: Machine, tmp_path: Path) -> Iterator[Intruder]:
    program = tmp_path / "intruder"
    compiler = shutil.which("cc") or "clang"
    subprocess.run([compiler, "-O2", "-Wall", "-o", program, HERE / "intruder.c"], check=True)
    dvpn.push(program, "/usr/sbin/dvpn-intruder")
    unit = dvpn.run("cat", "/usr/lib/systemd/system/dvpn-dataplane.service").stdout
    unit = re.sub(r"^(Requires|Wants|Sockets|PartOf|WatchdogSec|Restart)=.*\n", "", unit, flags=re.MULTILINE)
    unit = unit.replace("Type=notify", "Type=oneshot\nNotifyAccess=main").replace("/usr/sbin/dvpn-dataplane", "/usr/sbin/dvpn-intruder")
    dvpn.write("/etc/systemd/system/dvpn-intruder.service", unit)
    dvpn.systemctl("daemon-reload")
    dvpn.page()
    assert dvpn.shell("ls /run/dvpn/api.sock /run/dvpn/host.json")
    yield Intruder(dvpn)
    dvpn.shell("rm /etc/systemd/system/dvpn-intruder.service /usr/sbin/dvpn-intruder")
    dvpn.systemctl("daemon-reload")


@pytest.fixture
def writer(intruder: Intruder) -> Iterator[Intruder]:
    """The same with a queue of dvpn0, which gets a share of its packets from then on: they are lost."""
    machine = intruder.machine
    machine.push(HERE / "lend.py", "/root/lend.py")
    with machine.spawn(PYTHON, "/root/lend.py", "/run/dvpn/lend.sock") as lender:
        try:
            assert lender.stdout.readline() == "lending\n"
            yield intruder
        finally:
            lender.kill()
            machine.shell("rm /run/dvpn/lend.sock")


# How each of intruder.c's tries ends: a reason that is none of these is no proof of anything.
REFUSALS = {
    "ENOENT": ["read /etc/dvpn/ssh/id_ed25519", "read /etc/dvpn/dvpn.toml", "read /etc/shadow", "read /var/lib/dvpn",
               "read /proc/1/environ", "write /var/tmp/x", "write /proc/sys/net/ipv4/ip_forward", "connect bus",
               "connect systemd", "device /dev/net/tun"],
    "EACCES": ["read /run/dvpn/host.json", "write /dev/shm/x", "connect api", "connect control", "run a program"],
    "EROFS": ["write /x", "write /etc/x", "write /run/x", "write /run/dvpn/x", "write /usr/x"],
    "EAFNOSUPPORT": ["socket packet", "socket netlink"],
    "EPERM": ["socket raw", "down dvpn0", "unmake dvpn0", "own dvpn0", "speak as process 1", "become root",
              "namespace user", "trace process 1", "memory that runs"],
}


def test_who_takes_the_dataplane_over_gets_nowhere(writer: Intruder) -> None:
    said = writer.run()
    tries = dict(re.findall(r"^(\w+ .+): (\w+)$", said, re.MULTILINE))
    assert tries == {what: reason for reason, all_of_them in REFUSALS.items() for what in all_of_them}
    # He has a queue of dvpn0, and may write to it as the dataplane does.
    assert int(re.search(r"^forged (\d+) packets$", said, re.MULTILINE)[1]) > 0


def test_what_he_tells_systemd_to_keep_or_drop_is_his_own_units(intruder: Intruder) -> None:
    machine = intruder.machine
    with machine.talk() as talk:
        assert talk.connected()["result"] == "connected"
        assert machine.property("dvpn-dataplane", "NFileDescriptorStore") == "2"
        intruder.run()
        assert machine.property("dvpn-dataplane", "NFileDescriptorStore") == "2"
        # What is there is still the shelf.
        machine.systemctl("restart", "dvpn-dataplane")
        assert talk.say("still") == "still"


@pytest.mark.parametrize("names", ["redirect4 control", "shelf-in shelf-out", "control other"])
def test_what_he_leaves_for_the_next_dataplane_is_little_and_does_not_keep_it(intruder: Intruder,
                                                                             names: str) -> None:
    machine = intruder.machine
    controlplane = machine.pid("dvpn-controlplane")
    machine.drop_in("dvpn-dataplane.service", f"[Service]\nExecStart=\nExecStart=/usr/sbin/dvpn-intruder store {names}\n"
                    "ExecPaths=/usr/sbin/dvpn-intruder\n")
    machine.systemctl("restart", "dvpn-dataplane")
    assert machine.property("dvpn-dataplane", "StatusText") == "stored"
    assert machine.property("dvpn-dataplane", "NFileDescriptorStore") == "2"
    assert machine.pid("dvpn-dataplane") > 1
    machine.remove_drop_ins()
    machine.systemctl("restart", "dvpn-dataplane")
    for socket in SOCKETS:
        assert machine.is_active(socket), socket
    assert "hello" in machine.page()
    assert machine.pid("dvpn-controlplane") == controlplane
    # And its own connections have a shelf again, which systemd keeps by itself.
    with machine.talk() as talk:
        assert talk.connected()["result"] == "connected"
        machine.wait_for("dvpn-dataplane", "NFileDescriptorStore", "^2$")
        machine.systemctl("stop", "dvpn-controlplane")
        machine.systemctl("restart", "dvpn-dataplane")
        assert talk.say("still") == "still"
        machine.systemctl("start", "dvpn-controlplane")


DETECT = """
    table inet detect {{
        counter arrived {{ }}
        chain arrive {{
            type filter hook {hook} priority 300;
            meta l4proto {{ tcp, udp }} th sport 40000 counter name arrived
        }}
    }}
"""


def test_what_he_writes_into_dvpn0_reaches_neither_this_host_nor_the_lan(writer: Intruder) -> None:
    machine = writer.machine
    lab = machine.lab

    def arrived(host: str) -> int:
        text = lab.run(host, "nft", "list", "counter", "inet", "detect", "arrived").stdout
        return int(re.search(r"packets (\d+)", text)[1])

    try:
        lab.run("gw", "nft", "-f", "-", input=DETECT.format(hook="input"))
        lab.run("lan", "nft", "-f", "-", input=DETECT.format(hook="prerouting"))
        assert "forged 264 packets" in writer.run()
        assert (arrived("gw"), arrived("lan")) == (0, 0)
        lab.run("gw", "ip", "link", "show", "dvpn0")
        # The detectors see such packets as soon as dvpn's own table is not there to stop them.
        machine.systemctl("stop", "dvpn-controlplane")
        lab.run("gw", "nft", "delete", "table", "inet", "dvpn")
        assert "forged 264 packets" in writer.run()
        assert arrived("gw") > 0
    finally:
        for host in ("gw", "lan"):
            lab.run(host, "nft", "delete", "table", "inet", "detect", check=False)


def test_from_within_its_sandbox_the_doctor_sees_the_programs_and_the_kernel(dvpn: Machine) -> None:
    checks = json.loads(dvpn.dvpnctl("doctor", "--json", check=False).stdout)["checks"]
    assert [check for check in checks if check["result"] == "error"] == []
    texts = [check["text"] for check in checks if check["result"] == "ok"]
    for start in (r"ip [\d.]+ is /", r"nft [\d.]+ is /", r"ssh [\d.]+ is /", "/dev/net/tun works",
                  "TCP_SAVE_SYN works", "nftables works"):
        assert any(re.match(start, text) for text in texts), (start, texts)
