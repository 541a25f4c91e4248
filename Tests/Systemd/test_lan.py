"""LAN services and static forwards inside the units' sandboxes."""
from pathlib import Path

import pytest

from basics import wait_until
from machine import CONFIG, Machine

SCRIPT = str(Path(__file__).parent.parent / "Lab/udhcpc-script")
SERVICES = CONFIG + """
[dns]
mode     = "managed"
listen   = ["192.168.77.1", "127.0.0.1"]
upstream = ["203.0.113.1"]

[[map]]
file = "/etc/dvpn/gateways"
user = "dvpn"

[[dhcp]]
interface = "br-lan"
range     = "192.168.77.100-192.168.77.150"
domain    = "lan.example"

[[forward]]
listen  = "127.0.0.1:25"
to      = "10.1.2.10:80"
network = "home"

[[forward]]
listen  = "/run/dvpn/mail.sock"
to      = "localhost:22"
network = "home"
"""


@pytest.fixture
def serving(stopped: Machine) -> Machine:
    stopped.write("/etc/dvpn/gateways", "10.1.3.10 thursday #!198.51.100.2\n")
    stopped.configure(SERVICES)
    stopped.systemctl("start", "dvpn.target", "dvpn-online.target")
    yield stopped
    lab = stopped.lab
    lab.run("lan", "ip", "-4", "addr", "flush", "dev", "lan0")
    lab.run("lan", "ip", "addr", "add", "192.168.77.10/24", "dev", "lan0")
    lab.run("lan", "ip", "route", "replace", "default", "via", "192.168.77.1")


def test_the_lan_gets_addresses_and_names(serving: Machine) -> None:
    lab = serving.lab
    lab.run("lan", "ip", "-4", "addr", "flush", "dev", "lan0")
    wait_until(lambda: lab.listens("gw", 53), 10, "dvpn's own dnsmasq")
    said = lab.run("lan", "busybox", "udhcpc", "-i", "lan0", "-q", "-n", "-f", "-t", "5", "-s", SCRIPT).stdout
    assert "router=192.168.77.1 dns=192.168.77.1 domain=lan.example" in said
    assert lab.run("lan", "dig", "+short", "thursday").stdout == "10.1.3.10\n"
    assert "192.168.77.1" in serving.shell("cat /var/lib/dvpn/dnsmasq.leases")


def test_forwards_outlive_a_restart_of_either_daemon(serving: Machine) -> None:
    def page() -> str:
        return serving.run("curl", "--silent", "--show-error", "--max-time", "20", "http://127.0.0.1:25/").stdout

    def banner() -> str:
        return serving.run("python3", "-c", "import socket; s = socket.socket(socket.AF_UNIX); s.settimeout(20); "
                           "s.connect('/run/dvpn/mail.sock'); print(s.recv(64))").stdout

    assert "hello from 10.1.2.10" in page() and "SSH-2.0-" in banner()
    for unit in ("dvpn-dataplane", "dvpn-controlplane"):
        serving.systemctl("restart", unit)
        assert "hello from 10.1.2.10" in page() and "SSH-2.0-" in banner()
    serving.systemctl("stop", "dvpn.target")
    assert serving.shell("find /run/dvpn -type s; ss -Hltn 'sport = :25'") == ""


def test_the_recommended_firewall_is_there_with_the_guard_where_that_is_wanted(stopped: Machine) -> None:
    """By the drop-in of docs/configuration.md."""
    def tables() -> str:
        return stopped.lab.run("gw", "nft", "list", "tables").stdout

    stopped.write("/etc/dvpn/gateways", "10.1.3.10 thursday #!198.51.100.2\n")
    stopped.configure(SERVICES)
    stopped.drop_in("dvpn-guard.service", "[Service]\nExecStart=/usr/sbin/dvpn-controlplane --firewall apply\n")
    stopped.systemctl("start", "dvpn-guard.service")
    assert "dvpn_guard" in tables() and "dvpn_firewall" in tables()
    stopped.run("/usr/sbin/dvpn-controlplane", "--firewall", "remove")
    # Without its rules it has failed, and says so.
    stopped.systemctl("stop", "dvpn-guard.service")
    stopped.configure(SERVICES.replace("[[map]]", "[[mop]]"))
    assert stopped.systemctl("start", "dvpn-guard.service", check=False).returncode != 0
    assert "dvpn_firewall" not in tables()
