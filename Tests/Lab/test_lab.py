"""The lab itself: what the other tests take for granted."""
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from conftest import TestLab
from laboratory import Lab, wait_until

LAB = str(Path(__file__).parent / "lab")
FAMILIES = ["4", "6"]
PRIVATE = {"4": "10.1.2.", "6": "fd00:1:2::"}
NEAR = {"4": "10.9.0.", "6": "fd00:9::"}


def ssh(lab: TestLab, *arguments: str, key: str = "id_ed25519") -> subprocess.CompletedProcess[str]:
    keys = lab.directory / "ssh"
    return lab.run("gw", "setpriv", "--reuid=dvpn-ssh", "--regid=dvpn-ssh", "--clear-groups", "ssh",
                   "-F", "none", "-o", "BatchMode=yes", "-o", f"UserKnownHostsFile={keys}/known_hosts",
                   "-o", "ConnectTimeout=5", "-i", f"{keys}/{key}", *arguments, check=False)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("beside, net", [("sshgw", PRIVATE), ("gw", NEAR)])
def test_servers_do_what_they_say(lab, beside, net, family):
    host = net[family] + "10"
    assert lab.connect(beside, host, 80)["result"] == "connected"
    assert lab.connect(beside, host, 81)["result"] == "refused"
    assert lab.connect(beside, host, 82, timeout=1.5)["result"] == "timeout"
    assert lab.connect(beside, net[family] + "98")["result"] == "unreachable"
    assert f"hello from {host}," in lab.get(beside, host)
    for way in ("download", "upload", "server-first"):
        found = lab.client(beside, way, host, 3_000_000)
        assert (found["bytes"], found["sha256"]) == (3_000_000, found["expected"]), way
    assert lab.client(beside, "reset-by-server", host)["end"] == "reset"
    assert lab.client(beside, "reset-by-client", host)["end"] == "reset"
    assert lab.client(beside, "echo", host, 2004)["p50"] < 0.02
    many = lab.client(beside, "many", host, 7, 200)
    assert many["results"] == {"served": 200}


def test_without_dvpn_nobody_but_the_ssh_gateway_reaches_the_private_net(lab):
    before = lab.leaked()
    for host in ("lan", "gw", "guest", "stranger", "wan"):
        for family in FAMILIES:
            found = lab.connect(host, PRIVATE[family] + "10", timeout=0.5)
            assert found["result"] in ("timeout", "unreachable", "network-unreachable"), host
    # gw's default route leads to the WAN: this is the leak that dvpn must close.
    assert lab.leaked() > before


def test_the_gateway_forwards_and_does_nothing_else(lab):
    to = "dvpn@198.51.100.2"
    assert "220 ready" in ssh(lab, "-W", "10.1.2.10:25", to).stdout
    assert "220 ready" in ssh(lab, "-W", "[fd00:1:2::10]:25", "dvpn@2001:db8:51::2").stdout
    shell = ssh(lab, to, "id")
    assert shell.returncode != 0 and "uid=" not in shell.stdout
    assert "remote port forwarding failed" in ssh(
        lab, "-N", "-R", "9999:10.1.2.10:25", "-o", "ExitOnForwardFailure=yes", to).stderr
    assert "Permission denied (publickey)" in ssh(lab, to, key="wrong_key").stderr
    assert "prohibited" in ssh(lab, "-p", "2222", "-W", "10.1.2.10:25", to).stderr
    assert "Connection timed out" in ssh(
        lab, "-p", "2223", "-o", "ConnectTimeout=1", to).stderr


def test_sshd_has_the_stock_limit_of_descriptors(lab):
    limits = lab.run("sshgw", "cat", f"/proc/{lab.pid('sshd')}/limits").stdout
    assert re.search(r"Max open files\s+1024\s", limits)


def test_accounts_exist_in_the_lab_only(lab):
    passwd = lab.run("gw", "getent", "passwd", "dvpn", "dvpn-ssh").stdout
    assert passwd.count("nologin") == 2
    assert lab.run("gw", "getent", "group", "dvpn-admin").returncode == 0
    assert "dvpn-ssh" not in Path("/etc/passwd").read_text()


def test_labs_side_by_side_do_not_meet(lab, new_lab):
    other = new_lab()
    assert "hello" in other.get("sshgw", "10.1.2.10")
    other.run("priv", "ip", "link", "set", "priv0", "down")
    assert other.connect("sshgw", "10.1.2.10", timeout=0.5)["result"] != "connected"
    assert "hello" in lab.get("sshgw", "10.1.2.10")


def left_over(name: str) -> list[str]:
    """Processes and directories that still speak of a lab."""
    found = [str(Lab(name).directory)] if Lab(name).directory.exists() else []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode().replace("\0", " ")
        except OSError:
            continue
        if name in words and int(process.name) != os.getpid():
            found.append(words)
    return found


def traces() -> list[str]:
    """What the caller's own namespace shows of labs: links, routes, rules, mounts, named namespaces."""
    commands = ("ip -brief link", "ip route show table all", "ip -6 route show table all", "ip rule",
                "nft list ruleset", "cat /proc/self/mounts", "ip netns list")
    return [subprocess.run(c.split(), capture_output=True, text=True).stdout for c in commands]


def test_down_leaves_nothing():
    name = f"nothing-{os.getpid()}"
    before = traces()
    subprocess.run([LAB, "up", name], check=True, capture_output=True)
    assert traces() == before
    held = subprocess.Popen([LAB, "exec", name, "gw", "sleep", "1000"], stderr=subprocess.DEVNULL)
    subprocess.run([LAB, "down", name], check=True)
    assert held.wait(10) != 0
    assert left_over(name) == []
    assert traces() == before
    subprocess.run([LAB, "down", name], check=True)  # again: nothing to do, and no error


@pytest.mark.parametrize("after", [0.1, 0.25, 0.4])
def test_an_interrupted_up_leaves_nothing(after):
    name = f"cut-{os.getpid()}-{after}"
    up = subprocess.Popen([LAB, "up", name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          start_new_session=True)
    try:
        up.wait(after)
    except subprocess.TimeoutExpired:
        os.killpg(up.pid, signal.SIGINT)
    if up.wait(20) == 0:
        subprocess.run([LAB, "down", name], check=True)
    assert left_over(name) == []


def test_up_after_a_killed_up_starts_afresh():
    name = f"again-{os.getpid()}"
    up = subprocess.Popen([LAB, "up", name], stdout=subprocess.DEVNULL)
    wait_until(lambda: (Lab(name).directory / "init").exists(), 10)
    up.kill()
    up.wait()
    try:
        subprocess.run([LAB, "up", name], check=True, capture_output=True)
        assert subprocess.run([LAB, "up", name], capture_output=True).returncode == 1
    finally:
        subprocess.run([LAB, "down", name], check=True)
    assert left_over(name) == []
