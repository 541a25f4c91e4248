"""The quick starts of docs/: every command is run, in its order, by root of the host that it names, from a bare
system with the package installed to one that is as before. What a page shows is what is said."""
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pages
import pytest
from laboratory import PROJECT, Lab, wait_until
from machine import Machine, booted
from sites import Sites

# What dvpn changes on a host, and leaves of itself.
TRACES = "ip rule; ip -6 rule; ip route show table all; nft list ruleset; ls /etc/dvpn /run/dvpn /var/lib/dvpn 2>&1 || :"

DHCP = str(PROJECT / "Tests/Lab/udhcpc-script")


def run(machine: Machine, name: str, block: pages.Block) -> str:
    """Runs a block; what it says. `name` is what the page calls the machine; "pc" is a host of its LAN."""
    command = ["sh", "-euc", f"exec 2>&1\n{block.text}"]
    if block.host == name:
        typed = None if block.typed is None else f"{block.typed}\n"
        return machine.run(*command, timeout=120, input=typed).stdout
    assert block.host == "pc"
    wait_until(lambda: machine.lab.run("pc-a", "ip", "route", "show", "default").stdout, 30, "an address for pc-a")
    return machine.lab.run("pc-a", *command, timeout=120).stdout


def follow(machine: Machine, name: str, page: str) -> None:
    """Does what the page says. What it shows of a status may take its time."""
    for block in pages.blocks(page):
        said = run(machine, name, block)
        print(f"$ {block.text}{said}")
        if block.missing(said) and block.text.startswith("dvpnctl status"):
            wait_until(lambda: not block.missing(run(machine, name, block)), 60, f"the status to be\n{block.shown}")
        else:
            assert block.missing(said) == [], said


@pytest.fixture
def laptop() -> Iterator[Machine]:
    """systemd-resolved, which knows whom to ask as NetworkManager would have told it."""
    with booted(Machine(Lab(f"laptop-{os.getpid()}"))) as machine:
        machine.lab.vpn.start()
        subprocess.run([PROJECT / "Scripts/fetch-resolved"], check=True)
        tree = PROJECT / ".build/lab/resolved"
        machine.push(tree / "lib/systemd/systemd-resolved", "/usr/lib/systemd/")
        machine.push(tree / "lib/systemd/system/systemd-resolved.service", "/usr/lib/systemd/system/")
        for part in ("bin", "lib", "share"):
            machine.push(f"{tree}/usr/{part}/.", f"/usr/{part}/")
        machine.write("/etc/systemd/resolved.conf", "[Resolve]\nDNS=203.0.113.1\n")
        machine.shell("""
            systemd-sysusers
            rm /etc/systemd/system/systemd-resolved.service
            systemctl daemon-reload
            systemctl reload dbus
            systemctl start systemd-resolved
            rm -f /etc/resolv.conf
            ln -s ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf""")
        yield machine


def test_the_laptop(laptop: Machine) -> None:
    before = laptop.shell(TRACES)
    laptop.install()
    follow(laptop, "laptop", "quickstart-laptop.md")
    assert laptop.shell(TRACES) == before


@pytest.fixture
def site() -> Iterator[Machine]:
    """In the place of site a's gateway. Its root may log in at the other sites and at home, as their
    administrator does."""
    with booted(Machine(Sites(f"site-{os.getpid()}"), "gw-a")) as machine:
        lab = machine.lab
        lab.start("pc-b", "dns-pc-b", "/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null",
                  "--no-resolv", "--no-hosts", "--pid-file=", "--user=root", "--bind-interfaces",
                  "--listen-address=10.1.2.10", "--local=/parents.example/",
                  "--host-record=nas.parents.example,10.1.2.10")
        machine.shell("install -d -m 700 /root/.ssh; rm -f /etc/resolv.conf; echo nameserver 203.0.113.1 >/etc/resolv.conf")
        machine.write("/root/.ssh/id_ed25519", (lab.directory / "root_key").read_text(), mode="0600")
        machine.write("/root/.ssh/known_hosts", lab.run("laptop", "cat", "/root/.ssh/known_hosts").stdout)
        yield machine


def test_the_router(site: Machine) -> None:
    # A device of the home, which asks whoever is there for an address.
    site.lab.run("pc-a", "sh", "-euc", "ip -4 addr flush dev lan0; : >/etc/resolv.conf")
    site.lab.start("pc-a", "dhcp-pc-a", "busybox", "udhcpc", "-i", "lan0", "-f", "-t", "1", "-A", "1", "-s", DHCP)
    before = site.shell(TRACES)
    site.install()
    follow(site, "router", "quickstart-router.md")
    assert site.shell(TRACES) == before


def test_many_gateways(site: Machine) -> None:
    before = site.shell(TRACES)
    site.install()
    follow(site, "hub", "quickstart-many-gateways.md")
    assert site.shell(TRACES) == before
