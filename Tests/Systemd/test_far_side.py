"""A gateway that `dvpnctl gateway setup` made stays one under a real systemd: over a reboot, and when
nftables.service throws everything away."""
import os
import re
import subprocess
from pathlib import Path

import pytest

from basics import wait_until
from laboratory import PROJECT, find_sshd

BOX = str(Path(__file__).resolve().parent / "box")
TABLE = "nft list table inet dvpn-far-dvpn-gate"


class FarBox:
    """A box with a stock sshd as a unit."""

    def __init__(self) -> None:
        self.name = f"far-{os.getpid()}"
        self.box("up")
        sshd = find_sshd()
        units = sshd.parent.parent.parent / "lib/systemd/system"
        self.push(sshd, "/usr/sbin/sshd")
        self.push(units / "ssh.service", "/etc/systemd/system/ssh.service")
        self.shell("""
            mkdir -p /etc/ssh/sshd_config.d /etc/default
            printf 'Include /etc/ssh/sshd_config.d/*.conf\\nUsePAM no\\n' >/etc/ssh/sshd_config
            grep -q ^sshd: /etc/passwd ||
                useradd --system --no-create-home --home-dir /run/sshd --shell /usr/sbin/nologin sshd
            ssh-keygen -q -A
            ssh-keygen -q -t ed25519 -N '' -f /root/key
            printf 'flush ruleset\\n' >/etc/nftables.conf
            systemctl daemon-reload
            systemctl enable --now --quiet ssh.service nftables.service""")

    def box(self, verb: str, *words: str, input: str | None = None, check: bool = True) -> str:
        result = subprocess.run([BOX, verb, self.name, *words], text=True, input=input, timeout=120,
                                capture_output=True)
        assert result.returncode == 0 or not check, result.stdout + result.stderr
        return result.stdout

    def push(self, source: Path, target: str) -> None:
        self.box("push", str(source), target)

    def shell(self, script: str, check: bool = True) -> str:
        return self.box("exec", "sh", "-c", script, check=check)

    def setup(self, verb: str, check: bool = True) -> str:
        """Runs the script that dvpnctl prints."""
        (PROJECT / ".build").mkdir(exist_ok=True)
        key = PROJECT / f".build/{self.name}.pub"
        key.write_text(self.shell("cat /root/key.pub"))
        try:
            programs = Path(os.environ.get("BIN", PROJECT / ".build/programs"))
            script = subprocess.run(
                [programs / "dvpnctl", "gateway", "setup", "root@far", "--config", "/nonexistent",
                 "--prefix", "10.1.2.0/24", "--key", key], text=True, check=True,
                capture_output=True).stdout
        finally:
            key.unlink()
        self.box("exec", "sh", "-c", "cat >/root/script", input=script)
        return self.shell(f"sh /root/script {verb} 2>&1", check)


@pytest.fixture(scope="module")
def far():
    box = FarBox()
    yield box
    box.box("down")


def test_the_page_says_how_it_is_taken_back(far):
    before = everything(far)
    far.setup("apply")
    assert confined(far)
    page = (PROJECT / "docs/gateways.md").read_text()
    commands, = re.findall(r"^### Taking it back$.*?^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    far.shell(f"set -eu\n{commands}")
    assert everything(far) == before


def confined(far):
    return "skuid" in far.shell(TABLE, check=False)


def everything(far):
    return far.shell("""
        cat /etc/passwd /etc/shadow
        find /etc/ssh /etc/dvpn-gateway /etc/systemd/system 2>/dev/null | sort
        systemctl --no-legend list-unit-files 'dvpn-gateway*' || true
        systemctl --no-legend list-units --all 'dvpn-gateway*' || true
        nft -s list ruleset""")


@pytest.mark.parametrize("verb", ["daemon-reload", "enable", "restart", "reload"])
def test_what_systemd_will_not_do_is_taken_back(far, verb):
    before = everything(far)
    far.box("exec", "sh", "-c", "cat >/usr/local/sbin/systemctl; chmod 755 /usr/local/sbin/systemctl", input=f"""#!/bin/sh
for word; do
    if [ "$word" = {verb} ] && [ ! -e /root/refused ]; then
        touch /root/refused
        exit 1
    fi
done
exec /usr/bin/systemctl "$@"
""")
    try:
        said = far.setup("apply", check=False)
        far.shell("test -e /root/refused")
    finally:
        far.shell("rm -f /root/refused /usr/local/sbin/systemctl")
    assert "everything is as it was" in said
    assert everything(far) == before


def test_the_rules_outlive_a_flush_and_a_reboot(far):
    pid = far.shell("systemctl show --property MainPID --value ssh.service").strip()
    far.setup("apply")
    assert confined(far)
    # sshd has read its configuration again, and is the same process.
    assert far.shell("systemctl show --property MainPID --value ssh.service").strip() == pid
    assert far.shell("systemctl is-enabled dvpn-gateway-dvpn-gate.service").strip() == "enabled"
    for verb in ("restart", "reload", "stop", "start"):
        far.shell(f"systemctl {verb} nftables.service")
        wait_until(lambda: verb == "stop" or confined(far), 10, f"the rules after {verb}")
    assert far.setup("diff") == far.setup("inspect") == ""
    far.box("reboot")
    wait_until(lambda: confined(far), 20, "the rules after a reboot")
    assert far.setup("inspect") == ""
    assert "permittty no" in far.shell("sshd=$(command -v sshd); $sshd -T -C user=dvpn-gate,host=x,addr=127.0.0.1")


def test_applying_it_again_changes_nothing(far):
    far.setup("apply")
    before = far.shell("cd /etc; find ssh dvpn-gateway systemd -type f | sort | xargs md5sum; cat passwd shadow")
    far.setup("apply")
    assert far.shell(
        "cd /etc; find ssh dvpn-gateway systemd -type f | sort | xargs md5sum; cat passwd shadow") == before
