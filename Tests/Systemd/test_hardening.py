"""The sandboxes are in force, and what they cost is known."""
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from laboratory import PYTHON
from machine import Machine

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
    """intruder.c as the dataplane's user in the dataplane's sandbox, with a queue of dvpn0, while dvpn runs."""

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
    dvpn.push(HERE / "lend.py", "/root/lend.py")
    unit = dvpn.run("cat", "/usr/lib/systemd/system/dvpn-dataplane.service").stdout
    unit = re.sub(r"^(Requires|Wants|Sockets|PartOf|WatchdogSec|Restart)=.*\n", "", unit, flags=re.MULTILINE)
    unit = unit.replace("Type=notify", "Type=oneshot").replace("/usr/sbin/dvpn-dataplane", "/usr/sbin/dvpn-intruder")
    dvpn.write("/etc/systemd/system/dvpn-intruder.service", unit)
    dvpn.systemctl("daemon-reload")
    dvpn.page()
    assert dvpn.shell("ls /run/dvpn/api.sock /run/dvpn/host.json")
    with dvpn.spawn(PYTHON, "/root/lend.py", "/run/dvpn/lend.sock") as lender:
        try:
            assert lender.stdout.readline() == "lending\n"
            yield Intruder(dvpn)
        finally:
            lender.kill()
            dvpn.shell("rm /etc/systemd/system/dvpn-intruder.service /usr/sbin/dvpn-intruder /run/dvpn/lend.sock")
            dvpn.systemctl("daemon-reload")


def test_who_takes_the_dataplane_over_gets_nowhere(intruder: Intruder) -> None:
    tries = dict(re.findall(r"^(\w+ .+): (\w+)$", intruder.run(), re.MULTILINE))
    assert len(tries) == 30
    assert {what: result for what, result in tries.items() if result == "done"} == {}


DETECT = """
    table inet detect {{
        counter arrived {{ }}
        chain arrive {{
            type filter hook {hook} priority 300;
            meta l4proto {{ tcp, udp }} th sport 40000 counter name arrived
        }}
    }}
"""


def test_what_he_writes_into_dvpn0_reaches_neither_this_host_nor_the_lan(intruder: Intruder) -> None:
    machine = intruder.machine
    lab = machine.lab

    def arrived(host: str) -> int:
        text = lab.run(host, "nft", "list", "counter", "inet", "detect", "arrived").stdout
        return int(re.search(r"packets (\d+)", text)[1])

    try:
        lab.run("gw", "nft", "-f", "-", input=DETECT.format(hook="input"))
        lab.run("lan", "nft", "-f", "-", input=DETECT.format(hook="prerouting"))
        assert "forged 264 packets" in intruder.run()
        assert (arrived("gw"), arrived("lan")) == (0, 0)
        lab.run("gw", "ip", "link", "show", "dvpn0")
        # The detectors see such packets as soon as dvpn's own table is not there to stop them.
        machine.systemctl("stop", "dvpn-controlplane")
        lab.run("gw", "nft", "delete", "table", "inet", "dvpn")
        assert "forged 264 packets" in intruder.run()
        assert arrived("gw") > 0
    finally:
        for host in ("gw", "lan"):
            lab.run(host, "nft", "delete", "table", "inet", "detect", check=False)
