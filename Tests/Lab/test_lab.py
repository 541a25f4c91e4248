"""The lab itself: what the other tests take for granted."""
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from conftest import TestLab
from laboratory import PYTHON, Lab, wait_until

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


def test_labs_side_by_side_do_not_meet(lab, vpn_lab, new_lab):
    other = new_lab(vpn=True)
    with other.dialled_by_hand() as dialled:
        assert "seconds" in dialled
        assert (other.vpn.sas(), vpn_lab.vpn.sas()) == (1, 0)
    assert "hello" in other.get("sshgw", "10.1.2.10")
    other.run("priv", "ip", "link", "set", "priv0", "down")
    assert other.connect("sshgw", "10.1.2.10", timeout=0.5)["result"] != "connected"
    assert "hello" in lab.get("sshgw", "10.1.2.10")


def dig(lab, host, *words):
    return lab.run(host, "dig", "+tries=1", "+time=3", *words).stdout


def test_each_zone_is_known_to_its_own_resolver_only(vpn_lab):
    for zone, host, server, name in (("corp.example", "corp", "10.66.0.10", "www"),
                                     ("home.example", "priv", "10.1.2.10", "web")):
        assert server in dig(vpn_lab, host, f"@{server}", "+short", f"{name}.{zone}")
        assert f"{name}.{zone}." in dig(vpn_lab, host, f"@{server}", "+short", "-x", server)
        assert "NXDOMAIN" in dig(vpn_lab, host, f"@{server}", f"nobody.{zone}")
        big = dig(vpn_lab, host, f"@{server}", f"big.{zone}", "TXT")
        assert "retrying in TCP" in big and int(re.search(r"rcvd: (\d+)", big)[1]) > 4096
    assert "93.184.216.34" in dig(vpn_lab, "gw", "+short", "www.example.net")  # by its resolv.conf
    assert dig(vpn_lab, "gw", "+short", "vpn.corp.example").strip() == "198.51.100.3"
    assert vpn_lab.leaked_names() == []
    for question in (["www.corp.example"], ["-x", "10.66.0.10"], ["-x", "fd00:1:2::10"]):
        leaked = vpn_lab.leaked()
        assert "NXDOMAIN" in dig(vpn_lab, "gw", *question)
        assert vpn_lab.leaked() == leaked + 1, question


def test_private_packets_and_foreign_resolvers_are_seen_on_the_wan(lab):
    for command in (["ping", "-c1", "-W0.2", "10.66.0.10"], ["ping", "-c1", "-W0.2", "10.66.200.1"],
                    ["ping", "-c1", "-W0.2", "fd00:66::10"],
                    ["ping", "-c1", "-W0.2", "-I", "192.0.0.8", "198.51.100.1"],
                    ["dig", "+tries=1", "+time=1", "@198.51.100.3", "www.example.net"]):
        leaked = lab.leaked()
        lab.run("gw", "ip", "addr", "replace", "192.0.0.8/32", "dev", "lo")
        lab.run("gw", *command, check=False)
        lab.run("gw", "ip", "addr", "del", "192.0.0.8/32", "dev", "lo")
        assert lab.leaked() > leaked, command
    leaked = lab.leaked()
    lab.run("gw", "ping", "-c1", "-W1", "10.66.255.3")  # a gateway's own address, routed by the WAN
    assert lab.leaked() == leaked


@pytest.mark.parametrize("kind", ["vpnc", "openconnect"])
@pytest.mark.parametrize("gateway", ["198.51.100.3", "10.66.255.3"])
def test_a_tunnel_by_hand_carries_everything_to_corp(vpn_lab, kind, gateway):
    leaked = vpn_lab.leaked()
    with vpn_lab.dialled_by_hand(kind, gateway) as dialled:
        assert dialled["seconds"] < 5
        if kind == "vpnc":
            assert vpn_lab.vpn.sas() == 1
        for target in ["10.66.0.10"] + (["fd00:66::10"] if kind == "openconnect" else []):
            vpn_lab.run("gw", "ping", "-c1", "-W2", target)
            assert f"hello from {target}," in vpn_lab.get("gw", target)
            assert vpn_lab.client("gw", "datagrams", target, 7)["answered"] == 1
            assert "10.66.0.10" in dig(vpn_lab, "gw", f"@{target}", "+short", "www.corp.example")
        assert "unreachable" == vpn_lab.connect("gw", "10.66.0.98")["result"]
    if kind == "vpnc":
        wait_until(lambda: vpn_lab.vpn.sas() == 0)
    # While it was up nothing went another way; without it everything does.
    assert vpn_lab.leaked() == leaked
    assert vpn_lab.connect("gw", "10.66.0.10", timeout=0.5)["result"] != "connected"
    assert vpn_lab.leaked() > leaked


def test_the_concentrator_counts_who_tries(vpn_lab):
    before = vpn_lab.vpn.dials(), vpn_lab.vpn.xauth_tries()
    with vpn_lab.dialled_by_hand(password="wrong") as dialled:
        assert dialled["exit"] == 2 and "authentication unsuccessful" in dialled["words"]
    assert (vpn_lab.vpn.dials(), vpn_lab.vpn.xauth_tries()) == (before[0] + 1, before[1] + 1)
    vpn_lab.vpn.settings(user_password="wrong")
    with vpn_lab.dialled_by_hand(password="wrong") as dialled:
        assert "seconds" in dialled
    vpn_lab.vpn.reset()


def test_renewed_esp_keys_leave_a_vpnc_that_passes_nothing(vpn_lab):
    with vpn_lab.dialled_by_hand():
        vpn_lab.run("gw", "ping", "-c1", "-W2", "10.66.0.10")
        vpn_lab.vpn.renew_child()
        assert vpn_lab.run("gw", "ping", "-c2", "-W1", "10.66.0.10", check=False).returncode != 0
        assert vpn_lab.vpn.sas() == 1
        assert vpn_lab.pids("vpnc")


@pytest.mark.parametrize("end", ["renew_ike", "kill_charon"])
def test_a_vpnc_whose_peer_is_gone_ends(vpn_lab, end):
    with vpn_lab.dialled_by_hand():
        getattr(vpn_lab.vpn, end)()
        if end == "kill_charon":
            vpn_lab.run("gw", "ping", "-c1", "-W0.2", "10.66.0.10", check=False)
        wait_until(lambda: not vpn_lab.pids("vpnc"), 15)
    vpn_lab.vpn.reset()
    with vpn_lab.dialled_by_hand() as dialled:
        assert "seconds" in dialled


def test_a_host_has_an_etc_of_its_own(lab):
    machine = Path("/etc/resolv.conf").read_bytes()
    lab.shell("gw", "rm /etc/resolv.conf; ln -s ../run/resolv.conf /etc; mkdir -p /etc/dnsmasq.d")
    assert "run/resolv.conf" in lab.run("gw", "readlink", "/etc/resolv.conf").stdout
    assert Path("/etc/resolv.conf").read_bytes() == machine
    assert "192.168.77.1" in lab.run("lan", "cat", "/etc/resolv.conf").stdout
    lab.set_resolver("gw", "203.0.113.1")
    assert lab.run("gw", "cat", "/etc/resolv.conf").stdout == "nameserver 203.0.113.1\n"


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


def test_a_machine_can_be_made_a_gateway_by_hand():
    """By the lines that `lab far` prints, one after the other."""
    name = f"far-{os.getpid()}"
    subprocess.run([LAB, "up", name], check=True, capture_output=True)
    try:
        said = subprocess.run([LAB, "far", name], check=True, capture_output=True, text=True).stdout
        script = said.partition("\n")[2].replace("--apply", "--apply --yes")
        done = subprocess.run(["sh", "-ex"], input=f'lab() {{ {LAB} "$@"; }}\n{script}', capture_output=True,
                              text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "is set up" in done.stdout and "OPEN" not in done.stdout
        got = subprocess.run([LAB, "exec", name, "lan", "curl", "--silent", "--max-time", "20", "http://10.1.2.10/"],
                             capture_output=True, text=True)
        assert "hello from 10.1.2.10" in got.stdout
    finally:
        subprocess.run([LAB, "down", name], check=True)
    assert left_over(name) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_tests_that_are_ended_leave_nothing(tmp_path, number):
    """By `make`, which passes on what it is told, or by a terminal that closes."""
    (tmp_path / "test_it.py").write_text(f"""
import pathlib, time
def test_it(lab):
    pathlib.Path("{tmp_path}/name").write_text(lab.name)
    time.sleep(600)
""")
    tests = subprocess.Popen(
        [PYTHON, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)}, stdout=subprocess.DEVNULL)
    name = tmp_path / "name"
    try:
        wait_until(lambda: name.exists() and name.read_text(), 30, "its lab")
        assert left_over(name.read_text())
    finally:
        tests.send_signal(number)
        assert tests.wait(30) == 2  # pytest's status where it was interrupted
    assert left_over(name.read_text()) == []


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
