"""dvpnctl doctor names what is wrong with the host."""
import json

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


def test_forwarding_that_somebody_switched_off_is_put_back_or_named(dvpn):
    setting = "/proc/sys/net/ipv4/conf/br-lan/forwarding"
    dvpn.shell("gw", f"echo 0 >{setting}")
    assert "forwarding-off" in bad(dvpn) or dvpn.shell("gw", f"cat {setting}").strip() == "1"
    dvpn.shell("gw", f"echo 1 >{setting}")


def test_without_a_running_dvpn_the_host_is_looked_at_all_the_same(stopped):
    said = stopped.run("gw", stopped.program("dvpn-controlplane"), "--doctor", "--json", "--config",
                       str(stopped.config), "--runtime-dir", "/run/dvpn", check=False)
    assert said.returncode == 3
    found = {check["code"]: check for check in json.loads(said.stdout)["checks"]}
    assert found["running"]["result"] == "error" and found["kernel"]["result"] == "ok"
    # dvpnctl finds the controlplane's program beside itself; it reads /etc/dvpn, where nothing is.
    said = stopped.dvpnctl("doctor", check=False)
    assert said.returncode in (3, 78)
