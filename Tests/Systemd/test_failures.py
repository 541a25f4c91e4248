"""What cannot work says why, ends with a status that systemd does not try again, and changes nothing."""
import json
import re
import select
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import Popen

import pytest
from laboratory import PYTHON, wait_until
from machine import CLIENT, CONFIG, SOCKETS, Machine

CONTROLPLANE = "dvpn-controlplane.service"

CREDENTIAL = """
[[network]]
name     = "work"
prefixes = ["10.66.0.0/16"]
via      = "vpnc"
gateway  = "198.51.100.3"
[network.vpnc]
group        = "staff"
group-secret = { credential = "work.group" }
username     = "rob"
password     = { credential = "work.password" }
"""


def refused(machine: Machine, status: str) -> str:
    """Starts the controlplane, which must fail with a status, once, and leave the host alone; its words."""
    since, before = machine.now(), machine.lab.host_state()
    assert machine.systemctl("start", CONTROLPLANE, check=False).returncode != 0
    assert machine.property(CONTROLPLANE, "ExecMainStatus") == status
    assert machine.property(CONTROLPLANE, "NRestarts") == "0"
    assert machine.property(CONTROLPLANE, "ActiveState") == "failed"
    assert machine.lab.host_state() == before
    return machine.journal(CONTROLPLANE, since)


def test_mistakes_in_the_configuration(stopped: Machine) -> None:
    stopped.configure(CONFIG + "nonsense = true\n")
    assert "/etc/dvpn/dvpn.toml:9:1: error: unknown key" in refused(stopped, "78")


def test_no_configuration(stopped: Machine) -> None:
    stopped.run("rm", "/etc/dvpn/dvpn.toml")
    assert "/etc/dvpn/dvpn.toml" in refused(stopped, "78")


def test_somebody_else_has_the_doorbells_name(stopped: Machine) -> None:
    stopped.lab.run("gw", "ip", "link", "add", "dvpn0", "type", "bridge")
    try:
        words = refused(stopped, "69")
        assert "There is a device dvpn0 that dvpn did not make" in words and "ip link delete dvpn0" in words
    finally:
        stopped.lab.run("gw", "ip", "link", "delete", "dvpn0")


def test_started_as_a_whole_it_fails_once_and_leaves_the_guard_until_it_is_stopped(stopped: Machine) -> None:
    lab = stopped.lab
    lab.run("gw", "ip", "link", "add", "dvpn0", "type", "bridge")
    try:
        before, rules = lab.host_state(), lab.run("gw", "ip", "rule").stdout
        stopped.systemctl("start", "dvpn.target")
        stopped.wait_for(CONTROLPLANE, "ActiveState", "failed")
        assert stopped.property(CONTROLPLANE, "NRestarts") == "0"
        assert lab.run("gw", "nft", "list", "tables").stdout == "table inet dvpn_guard\n"
        assert lab.run("gw", "ip", "rule").stdout == rules
        stopped.systemctl("stop", "dvpn.target")
        assert lab.host_state() == before
    finally:
        lab.run("gw", "ip", "link", "delete", "dvpn0")


@pytest.mark.parametrize("drop_in, status, words", [
    ("CapabilityBoundingSet=~CAP_NET_ADMIN", "77", "CAP_NET_ADMIN"),
    ("InaccessiblePaths=/usr/sbin/nft", "69", "apt install nftables"),
    ("DeviceAllow=\nDeviceAllow=/dev/null r", "77", "/dev/net/tun"),
], ids=["no-right-to-the-network", "no-nftables", "no-tun"])
def test_a_host_that_cannot(stopped: Machine, drop_in: str, status: str, words: str) -> None:
    stopped.drop_in(CONTROLPLANE, f"[Service]\n{drop_in}\n")
    assert words in refused(stopped, status)


@contextmanager
def occupied(machine: Machine, port: int, address: str = "0.0.0.0") -> Iterator[Popen[str]]:
    """A server of somebody else's on the gateway, which says whom it has accepted."""
    family = "AF_INET6" if ":" in address else "AF_INET"
    script = (f"import socket; s = socket.create_server(('{address}', {port}), family=socket.{family})\n"
              "while True: print(s.accept()[1], flush=True)")
    process = machine.lab.spawn("gw", "/usr/bin/python3", "-c", script)
    try:
        wait_until(lambda: machine.lab.listens("gw", port), 5, "the port to be taken")
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_port_is_in_use(stopped: Machine) -> None:
    since, before = stopped.now(), stopped.lab.host_state()
    with occupied(stopped, 3876):
        stopped.systemctl("start", "dvpn.target", check=False)
        # Whoever reads `systemctl status` finds it; said by a child of systemd's, whose records
        # journald does not always give to the unit.
        wait_until(lambda: re.search(r"0\.0\.0\.0:3876\): Address already in use",
                                     stopped.journal("", since)), 10, "the socket to fail")
        stopped.wait_for(CONTROLPLANE, "StatusText", "^degraded: the dataplane is not connected")
        assert stopped.pid("dvpn-dataplane") == 0
        assert stopped.property("dvpn-dataplane.socket", "ActiveState") == "failed"
        stopped.systemctl("stop", "dvpn.target")
        assert stopped.lab.host_state() == before
        stopped.systemctl("start", "dvpn.target", check=False)
    # A person has to say that it is free.
    stopped.systemctl("reset-failed")
    stopped.systemctl("restart", "dvpn.target")
    assert "hello" in stopped.page()


@pytest.mark.parametrize("connect", ["truthful", "eager"])
def test_who_has_the_port_for_ipv6_gets_nobody(stopped: Machine, connect: str) -> None:
    stopped.configure(CONFIG + f'connect = "{connect}"\n')

    def ends() -> str:
        found = stopped.lab.run("lan", PYTHON, CLIENT, "connect", "fd00:1:2::10", "80").stdout
        return json.loads(found)["result"]

    with occupied(stopped, 3876, "::") as stranger:
        stopped.systemctl("start", "dvpn.target")
        assert "hello" in stopped.page()
        assert ends() == "unreachable"
        stopped.wait_for(CONTROLPLANE, "StatusText", "^degraded: port 3876 is not the dataplane's in IPv6")
        assert ends() == "unreachable"
        assert not select.select([stranger.stdout], [], [], 0)[0]
        assert "port-taken" in stopped.dvpnctl("doctor", check=False).stdout
    # As the status says.
    stopped.systemctl("restart", "dvpn.target")
    stopped.wait_for(CONTROLPLANE, "StatusText", "^1 network")
    assert ends() == "connected"


def test_nobody_is_led_to_a_port_that_the_dataplane_has_given_up(stopped: Machine) -> None:
    stopped.configure(CONFIG + 'connect = "eager"\n')
    stopped.systemctl("start", "dvpn.target", "dvpn-online.target")
    assert "hello" in stopped.page()

    def is_led() -> bool:
        return "10.1.2.0/24" in stopped.lab.run("gw", "nft", "list", "set", "inet", "dvpn", "eager4").stdout

    wait_until(is_led, 5, "eager connections to be redirected")
    stopped.systemctl("stop", *SOCKETS, "dvpn-dataplane")
    wait_until(lambda: not is_led(), 5, "nobody to be redirected")
    with occupied(stopped, 3876) as stranger:
        found = stopped.lab.run("lan", PYTHON, CLIENT, "connect", "10.1.2.10", "80", "--timeout", "2").stdout
        assert json.loads(found)["result"] == "timeout"
        assert not select.select([stranger.stdout], [], [], 0)[0]
    stopped.systemctl("start", *SOCKETS)
    wait_until(is_led, 10, "eager connections to be redirected again")
    assert "hello" in stopped.page()


def test_a_dataplane_that_cannot_start_is_not_tried_for_ever(stopped: Machine) -> None:
    stopped.drop_in("dvpn-dataplane.service", "[Service]\nExecStart=\nExecStart=/bin/false\n")
    stopped.systemctl("start", "dvpn.target")
    stopped.wait_for("dvpn-dataplane", "ActiveState", "failed")
    stopped.wait_for("dvpn-dataplane-control.socket", "ActiveState", "failed")
    assert int(stopped.property("dvpn-dataplane", "NRestarts")) <= 10
    stopped.wait_for(CONTROLPLANE, "StatusText", "^degraded: the dataplane is not connected")


def test_a_controlplane_that_ends_at_once_is_not_tried_for_ever(stopped: Machine) -> None:
    stopped.drop_in(CONTROLPLANE, "[Service]\nExecStart=\nExecStart=/bin/false\nRestartSec=10ms\n")
    since = stopped.now()
    stopped.systemctl("start", "dvpn.target")
    stopped.wait_for(CONTROLPLANE, "ActiveState", "^failed$")
    assert int(stopped.property(CONTROLPLANE, "NRestarts")) == 10
    # Nobody starts it any more: neither the target nor who asks on the bus.
    assert stopped.systemctl("start", CONTROLPLANE, check=False).returncode != 0
    assert "Start request repeated too quickly" in stopped.journal(CONTROLPLANE, since)


def given_credentials(machine: Machine, setting: str, path: str) -> str:
    """What a dial says once both credentials come from a file."""
    machine.drop_in(CONTROLPLANE, f"[Service]\n{setting}=work.group:{path}\n{setting}=work.password:{path}\n")
    machine.systemctl("restart", CONTROLPLANE)
    machine.dvpnctl("unlock", "work", check=False)
    asked = machine.dvpnctl("up", "work", check=False)
    # Nobody answers at that gateway; but the secret was found.
    assert asked.returncode == 1
    return asked.stdout + asked.stderr


def test_a_missing_credential_is_asked_for_by_its_name_and_a_present_one_used(stopped: Machine) -> None:
    stopped.configure(CONFIG + CREDENTIAL)
    stopped.systemctl("start", "dvpn.target", "dvpn-online.target")
    asked = stopped.dvpnctl("up", "work", check=False)
    assert asked.returncode == 4
    assert "credential work.group is not there: LoadCredential= gives it" in asked.stdout
    stopped.dvpnctl("login", "--refuse", "work")
    # The other network is none the worse.
    assert "hello" in stopped.page()
    stopped.write("/etc/dvpn/secrets/work", "not the right one", mode="0600")
    assert "LoadCredential=" not in given_credentials(stopped, "LoadCredential", "/etc/dvpn/secrets/work")


def test_an_encrypted_credential_is_used(stopped: Machine) -> None:
    stopped.configure(CONFIG + CREDENTIAL)
    stopped.run("mkdir", "-p", "/etc/dvpn/secrets")
    # One file for two names, so that it is bound to none.
    stopped.run("systemd-creds", "encrypt", "--with-key=host", "--name=", "-", "/etc/dvpn/secrets/work.cred",
                input="not the right one")
    said = given_credentials(stopped, "LoadCredentialEncrypted", "/etc/dvpn/secrets/work.cred")
    assert "LoadCredential=" not in said
    held = "/run/credentials/dvpn-controlplane.service/work.password"
    assert stopped.run("cat", held).stdout == "not the right one"
