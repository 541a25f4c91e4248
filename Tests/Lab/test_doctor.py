"""dvpnctl doctor names what is wrong with the host."""
import json
import re
import shutil
import subprocess
import time
from pathlib import Path

from laboratory import PYTHON, wait_until

HERE = Path(__file__).parent
# Opens flows that nobody answers: a datagram to each port of a neighbour, from as many sockets as it takes.
FLOWS = """
import socket, sys
left = int(sys.argv[1])
while left > 0:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for port in range(1024, 1024 + min(left, 60_000)):
            sender.sendto(b"", ("192.168.77.10", port))
    left -= 60_000
"""


def codes(lab, *options):
    said = lab.dvpnctl("doctor", "--json", *options, check=False)
    checks = json.loads(said.stdout)["checks"]
    return {check["code"]: check for check in checks if check["result"] != "ok"}, said.returncode


def bad(lab):
    return {code for code, check in codes(lab)[0].items() if check["result"] in ("warning", "error")}


def test_a_host_that_is_well_has_nothing_to_be_done(dvpn):
    dvpn.get("lan", "10.1.2.10")
    assert bad(dvpn) == set()
    said = dvpn.dvpnctl("doctor")
    assert said.stdout.splitlines()[-1] == "nothing is wrong"


def test_what_was_dropped_of_late_is_told(dvpn):
    kinds = {"dropped-leak", "dropped-stranger", "dropped-straight"}
    assert "hello" in dvpn.get("lan", "10.1.2.10") and not kinds & set(codes(dvpn)[0])
    # Not as its route says, but out of the WAN's device.
    dvpn.run("gw", "ping", "-c", "1", "-W", "1", "-I", "wan0", "10.1.2.10", check=False)
    dvpn.connect("guest", "10.1.2.10", timeout=1)
    dvpn.connect("lan", "192.168.77.1", 3876, timeout=1)
    found, status = codes(dvpn)
    assert kinds <= set(found) and status == 0


def test_another_vpns_route_is_named(dvpn):
    dvpn.shell("gw", "ip link add wg9 type veth peer name wg9b; ip link set wg9b up; ip link set wg9 up; ip route add 10.1.0.0/16 dev wg9")
    try:
        found, status = codes(dvpn)
        assert "10.1.0.0/16 by wg9" in found["route-overlap"]["text"] and status == 4
    finally:
        dvpn.shell("gw", "ip link del wg9")


def test_a_gateway_that_refuses_is_named(stopped):
    stopped.start_dvpn(stopped.config_text(port=9))
    stopped.connect("lan", "10.1.2.10")
    wait_until(lambda: "network-holdoff" in bad(stopped), 10, "the finding")
    assert "network home" in stopped.dvpnctl("doctor", "--quiet", check=False).stdout


def test_a_network_that_somebody_took_down_is_named(dvpn):
    assert dvpn.dvpnctl("down", "home").stdout.endswith(", and stays down until: dvpnctl up home\n")
    # Somebody wanted it so: nothing is to be done.
    said = dvpn.dvpnctl("doctor")
    assert "network home is held down: no packet dials it [held-down]" in said.stdout
    dvpn.dvpnctl("up", "home")
    assert "held-down" not in codes(dvpn)[0]


def test_an_ssh_gateway_that_has_vanished_is_suspected(dvpn):
    """Before ssh itself gives it up."""
    assert "hello" in dvpn.get("lan", "10.1.2.10")
    dvpn.run("sshgw", "nft", "add table inet gone; add chain inet gone in "
             "{ type filter hook input priority 0; policy drop; }")
    try:
        with dvpn.talk("lan", "10.1.2.10"):
            wait_until(lambda: "tunnel-unanswered" in bad(dvpn), 20, "the suspicion")
            assert dvpn.network()["state"] == "up"
            said = dvpn.dvpnctl("explain", "10.1.2.10:80", check=False).stdout
            assert "nobody has answered one [tunnel-unanswered]" in said
    finally:
        dvpn.run("sshgw", "nft", "delete table inet gone")
    wait_until(lambda: "tunnel-unanswered" not in bad(dvpn), 20, "an answer")


def test_forwarding_that_somebody_switched_off_is_put_back_or_named(dvpn):
    setting = "/proc/sys/net/ipv4/conf/br-lan/forwarding"
    dvpn.shell("gw", f"echo 0 >{setting}")
    assert "forwarding-off" in bad(dvpn) or dvpn.shell("gw", f"cat {setting}").strip() == "1"
    dvpn.shell("gw", f"echo 1 >{setting}")


def at_rest(lab, *options):
    said = lab.dvpnctl("doctor", *options, check=False)
    assert said.returncode == 3, said.stderr
    return said.stdout


def test_programs_have_versions_and_the_kernel_is_tried(dvpn):
    checks = json.loads(dvpn.dvpnctl("doctor", "--json").stdout)["checks"]
    assert all(check["result"] == "ok" or check["fix"] for check in checks)
    texts = [check["text"] for check in checks if check["result"] == "ok"]
    for start in (r"ip [\d.]+ is /", r"nft [\d.]+ is /", r"ssh [\d.]+ is /", "/dev/net/tun works",
                  "a TUN device of several queues works", "TCP_SAVE_SYN works", "nftables works",
                  "IPv6 is on", "IPv4 from br-lan is forwarded", "IPv6 from br-lan is forwarded"):
        assert any(re.match(start, text) for text in texts), (start, texts)


def netfilter(lab, key):
    return int(lab.shell("gw", f"cat /proc/sys/net/netfilter/nf_conntrack_{key}"))


def test_a_full_table_of_connections_is_named(dvpn):
    """Of real flows: the limit is the kernel's own, and what counts against it is each namespace's."""
    limit = netfilter(dvpn, "max")
    assert "conntrack" not in bad(dvpn) and "conntrack-full" not in bad(dvpn)
    lasts = netfilter(dvpn, "udp_timeout")
    dvpn.shell("gw", "echo 600 >/proc/sys/net/netfilter/nf_conntrack_udp_timeout")
    try:
        dvpn.run("gw", PYTHON, "-c", FLOWS, str(limit * 85 // 100), timeout=120)
        found, status = codes(dvpn)
        assert found["conntrack-full"]["result"] == "warning" and status == 4
        dvpn.run("gw", PYTHON, "-c", FLOWS, str(limit * 12 // 100), timeout=120)
        full = codes(dvpn)[0]["conntrack-full"]
        assert full["result"] == "error"
        assert re.fullmatch(rf"conntrack's table has (\d+) of {limit} entries: .*", full["text"])
        assert full["fix"] == f"sysctl net.netfilter.nf_conntrack_max={limit * 4}"
    finally:
        dvpn.run("gw", "conntrack", "-F")
        dvpn.shell("gw", f"echo {lasts} >/proc/sys/net/netfilter/nf_conntrack_udp_timeout")
    assert "conntrack-full" not in bad(dvpn)


def test_a_clock_that_is_years_behind_is_named(stopped, tmp_path):
    """A laptop whose battery was empty: 2010 for dvpn alone, as the clock is the whole machine's."""
    library = tmp_path / "otherclock.so"
    subprocess.run([shutil.which("cc") or "clang", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o",
                    library, HERE / "otherclock.c"], check=True)
    program = ["env", f"LD_PRELOAD={library}", "OTHERCLOCK=1262304000", stopped.program("dvpn-controlplane")]
    stopped.start_dataplane()
    stopped.start("gw", "controlplane", *program, "--config", str(stopped.config), *stopped.directories())
    wait_until(lambda: stopped.dvpnctl("status", "--json", check=False).stdout, 15, "dvpn")
    found, status = codes(stopped)
    assert found["clock-wrong"]["result"] == "error" and status == 4
    assert "certificates are not valid yet" in found["clock-wrong"]["text"]
    assert "time service" in found["clock-wrong"]["fix"]
    # It works all the same: ssh needs no clock.
    assert "hello" in stopped.get("lan", "10.1.2.10")
    # Nor does it matter whether dvpn runs.
    said = stopped.run("gw", *program, "--doctor", "--config", str(stopped.config), check=False)
    assert "[clock-wrong]" in said.stdout
    assert time.time() > 1_735_689_600, "the machine's own clock was not touched"
    stopped.end("controlplane")
    stopped.start_controlplane()
    assert "clock-wrong" not in codes(stopped)[0]


def test_whether_something_keeps_the_clock_right_is_the_kernels_word(dvpn):
    """adjtimex(2) with nothing to change says how the clock is."""
    look = "import ctypes; print(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512)))"
    unkept = int(dvpn.run("gw", PYTHON, "-c", look).stdout) == 5  # TIME_ERROR
    checks = json.loads(dvpn.dvpnctl("doctor", "--json", check=False).stdout)["checks"]
    said = [check["code"] for check in checks if check["code"].startswith("clock")]
    assert said == ["clock-unkept" if unkept else "clock"]


def test_what_a_killed_dvpn_left_is_named_and_goes_with_a_cleanup(dvpn):
    config = ["--config", str(dvpn.config)]
    dvpn.get("lan", "10.1.2.10")
    wait_until(lambda: dvpn.ssh_masters() == 1, 5)
    for name in ("controlplane", "dataplane"):
        dvpn.end(name, "KILL")
    checks = {check["code"]: check for check in json.loads(at_rest(dvpn, "--json", *config))["checks"]}
    left = checks["leftover-state"]
    assert left["result"] == "warning" and "dvpnctl cleanup" in left["fix"]
    for words in (": dvpn0, nftables table inet dvpn, nftables table inet dvpn_guard, ", " routes, ",
                  " routing rules, ", " changed kernel setting", " 1 tunnel client; "):
        assert words in left["text"], left["text"]
    # What it says is what is there, and it takes no configuration to see that.
    assert "[leftover-state]\n         start dvpn again, or remove them: dvpnctl cleanup\n" in at_rest(dvpn)
    dvpn.dvpnctl("cleanup", "--state-dir", str(dvpn.directory / "state"))
    assert dvpn.ssh_masters() == 0
    assert "leftover-state" not in at_rest(dvpn, *config)


def test_looking_changes_nothing(dvpn):
    before = dvpn.host_state()
    dvpn.dvpnctl("doctor")
    assert dvpn.host_state() == before


def test_ipv6_that_is_not_forwarded_is_named(stopped):
    setting = "/proc/sys/net/ipv6/conf/all/forwarding"
    before = stopped.shell("gw", f"cat {setting}").strip()
    stopped.shell("gw", f"echo 0 >{setting}")
    try:
        stopped.start_dvpn()
        found = codes(stopped)[0]
        if stopped.shell("gw", "ls /proc/sys/net/ipv6/conf/br-lan").find("force_forwarding") < 0:
            assert "net.ipv6.conf.all.forwarding=1" in found["ipv6-not-forwarded"]["fix"]
        else:  # dvpn has the kernel forward for its own devices alone
            assert "ipv6-not-forwarded" not in found
    finally:
        stopped.shell("gw", f"echo {before} >{setting}")


def test_a_kernel_without_tun_is_named(stopped):
    stopped.shell("gw", "mount --bind /dev/null /dev/net/tun")
    try:
        checks = json.loads(at_rest(stopped, "--json", "--config", str(stopped.config)))["checks"]
        missing = [check for check in checks if check["code"] == "feature-missing"]
        assert [check["text"].split(" does")[0] for check in missing] == [
            "/dev/net/tun", "a TUN device of several queues"]
        assert "modprobe tun" in missing[0]["fix"]
    finally:
        stopped.shell("gw", "umount /dev/net/tun")


def test_without_a_running_dvpn_the_host_is_looked_at_all_the_same(stopped):
    checks = json.loads(at_rest(stopped, "--json", "--config", str(stopped.config)))["checks"]
    assert checks[0]["code"] == "running" and checks[0]["result"] == "error" and checks[0]["fix"]
    found = {check["code"]: check for check in checks}
    assert found["kernel"]["result"] == "ok" and found["feature"]["result"] == "ok"
    assert any(check["text"].startswith("ssh ") for check in checks), "the configuration was read"
    assert "configuration-mistake" not in found


def test_without_a_running_dvpn_its_mistakes_come_before_the_host(stopped):
    broken = stopped.directory / "broken.toml"
    broken.write_text(stopped.config.read_text().replace("prefixes", "prefixs", 1))
    line = next(number for number, text in enumerate(broken.read_text().split("\n"), 1) if "prefixs" in text)
    checks = json.loads(at_rest(stopped, "--json", "--config", str(broken)))["checks"]
    assert [check["code"] for check in checks[:2]] == ["running", "configuration-mistake"]
    assert any(check["text"].startswith(f"{broken}:{line}:1: ") for check in checks)
    assert any(check["code"] == "kernel" for check in checks)
    # The quiet one leaves out what is well, and nothing else.
    text = at_rest(stopped, "--quiet", "--config", str(broken))
    assert "configuration-mistake" in text and "\nok " not in text
    assert "\nok " in at_rest(stopped, "--config", str(broken))
    # The standard configuration is not there in the lab.
    assert "/etc/dvpn/dvpn.toml: cannot be read" in at_rest(stopped)
