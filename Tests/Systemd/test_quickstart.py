"""The quick starts of docs/: every command is run, in its order, by root of the host that it names, from a bare
system with the package installed to one that is as before. What a page shows is what is said."""
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import pages
from laboratory import PROJECT, Lab, LabError, wait_until
from machine import Machine

# What dvpn changes on a host, and leaves of itself.
TRACES = "ip rule; ip -6 rule; ip route show table all; nft list ruleset; ls /etc/dvpn /run/dvpn /var/lib/dvpn 2>&1 || :"


@contextmanager
def installed(lab: Lab, host: str) -> Iterator[Machine]:
    machine = Machine(lab, host)
    try:
        lab.up()
        machine.up()
        yield machine
    finally:
        machine.down()
        lab.down()


def run(machine: Machine, name: str, block: pages.Block) -> str:
    """Runs a block; what it says. `name` is what the page calls the machine."""
    if block.host == name:
        typed = None if block.typed is None else f"{block.typed}\n"
        return machine.run("sh", "-euc", block.text, timeout=120, input=typed).stdout
    return machine.lab.run(block.host, "sh", "-euc", block.text, timeout=120).stdout


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
    with installed(Lab(f"laptop-{os.getpid()}"), "gw") as machine:
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
    machine = laptop
    before = machine.shell(TRACES)
    machine.install()
    follow(machine, "laptop", "quickstart-laptop.md")
    assert machine.shell(TRACES) == before
