"""Connections by a gateway's netcat are processes of the controlplane's unit, and outlive the controlplane."""
from collections.abc import Iterator

import far as far_side
import pytest
from laboratory import find_sshd, wait_until
from machine import CONFIG, Machine

MORE = '[[network]]\nname = "more"\nprefixes = ["10.77.0.0/24"]\nvia = "direct"\n'


@pytest.fixture(scope="module")
def far(machine: Machine) -> Iterator[far_side.Far]:
    """A gateway whose account may run netcat, and forwards nothing."""
    gateway = far_side.Far(machine.lab, find_sshd())
    gateway.run("""
        useradd --system --no-create-home --home-dir /nonexistent --shell /bin/sh dvpn
        echo 'dvpn:*' | chpasswd -e
        cat >/etc/ssh/dvpn.keys""", input=(machine.lab.directory / "ssh/id_ed25519.pub").read_text())
    gateway.run("cat >/etc/ssh/sshd_config.d/10-dvpn.conf", input="""\
Match User dvpn
    AuthorizedKeysFile /etc/ssh/dvpn.keys
    AllowTcpForwarding no
    ForceCommand set -f; set -- $SSH_ORIGINAL_COMMAND; [ "$1" = nc ] && exec /bin/busybox nc "$2" "$3"; exit 64
""")
    gateway.restart_sshd()
    yield gateway
    gateway.down()


def test_connections_by_netcat_outlive_the_controlplane(stopped: Machine, far: far_side.Far) -> None:
    config = CONFIG + f'[network.ssh]\nport = {far_side.PORT}\nfar-end = "netcat"\n'
    stopped.configure(config)
    stopped.systemctl("start", "dvpn.target", "dvpn-online.target")
    with stopped.talk() as talk:
        assert talk.connected()["result"] == "connected"
        assert talk.say("before") == "before"
        session = stopped.shell("pgrep -u dvpn-ssh -f ' nc 10.1.2.10 7$'")
        cgroup = stopped.run("cat", f"/proc/{session.strip()}/cgroup").stdout.strip()
        assert cgroup.endswith("/dvpn-controlplane.service")
        # A reload by a signal, which goes to every process of the unit: it ends none of them.
        staying = "pgrep -x 'ssh|busctl|systemd-inhibit|cat'"
        processes = stopped.shell(staying)
        assert len(processes.split()) >= 5
        stopped.configure(config + MORE)
        since = stopped.now()
        stopped.systemctl("kill", "--signal=HUP", "dvpn-controlplane")
        wait_until(lambda: "reloaded: 1 added" in stopped.journal("dvpn-controlplane", since), 10, "the reload")
        assert stopped.shell(staying) == processes
        assert talk.say("reloaded") == "reloaded"
        stopped.systemctl("restart", "dvpn-controlplane")
        assert talk.say("restarted") == "restarted"
        before = stopped.pid("dvpn-controlplane")
        stopped.run("kill", "-KILL", str(before))
        stopped.wait_for("dvpn-controlplane", "MainPID", rf"^(?!{before}$|0$)\d+$")
        stopped.wait_for("dvpn-controlplane", "ActiveState", "^active")
        assert talk.say("killed") == "killed"
        assert stopped.shell("pgrep -u dvpn-ssh -f ' nc 10.1.2.10 7$'") == session
        assert "hello" in stopped.page()
