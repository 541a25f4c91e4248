"""The sandboxes are in force, and what they cost is known."""
import re
import shutil
import subprocess
from pathlib import Path

import pytest
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
    ("dvpn-dnsmasq", 25)])
def test_the_exposure_is_low(machine: Machine, unit: str, threshold: int) -> None:
    judged = machine.run("systemd-analyze", "security", "--no-pager", f"--threshold={threshold}",
                         f"{unit}.service", check=False)
    print(judged.stdout.splitlines()[-1])
    assert judged.returncode == 0, judged.stdout


@pytest.fixture
def intruder(dvpn: Machine, tmp_path: Path) -> dict[str, str]:
    """What intruder.c got done, as the dataplane's user in the dataplane's sandbox, while dvpn runs."""
    program = tmp_path / "intruder"
    compiler = shutil.which("cc") or "clang"
    subprocess.run([compiler, "-O2", "-Wall", "-o", program, HERE / "intruder.c"], check=True)
    dvpn.push(program, "/usr/sbin/dvpn-intruder")
    unit = dvpn.run("cat", "/usr/lib/systemd/system/dvpn-dataplane.service").stdout
    unit = re.sub(r"^(Requires|Wants|Sockets|PartOf|WatchdogSec|Restart)=.*\n", "", unit, flags=re.MULTILINE)
    unit = unit.replace("Type=notify", "Type=oneshot").replace("/usr/sbin/dvpn-dataplane", "/usr/sbin/dvpn-intruder")
    dvpn.write("/etc/systemd/system/dvpn-intruder.service", unit)
    dvpn.systemctl("daemon-reload")
    try:
        dvpn.page()
        assert dvpn.shell("ls /run/dvpn/api.sock /run/dvpn/host.json")
        since = dvpn.now()
        dvpn.systemctl("start", "dvpn-intruder")
        lines = re.findall(r"^(\w+ .+): (\w+)$", dvpn.journal("dvpn-intruder.service", since), re.MULTILINE)
        return dict(lines)
    finally:
        dvpn.shell("rm /etc/systemd/system/dvpn-intruder.service /usr/sbin/dvpn-intruder")
        dvpn.systemctl("daemon-reload")


def test_who_takes_the_dataplane_over_gets_nowhere(intruder: dict[str, str]) -> None:
    assert len(intruder) == 28
    assert {what: result for what, result in intruder.items() if result == "done"} == {}
