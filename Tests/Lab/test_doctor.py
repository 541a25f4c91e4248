"""dvpnctl doctor names what is wrong with the host."""
import json
import re

from laboratory import wait_until


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
