"""dvpnctl explain tells what happens to a connection, and names what stands in its way."""
import json

import pytest

from laboratory import wait_until


def explain(lab, target, *options):
    said = lab.dvpnctl("explain", target, "--json", *options, check=False)
    return {step["what"]: step for step in json.loads(said.stdout)["steps"]}, said.returncode


@pytest.mark.parametrize("target", ["10.1.2.10:80", "[fd00:1:2::10]:80"])
def test_a_private_address_is_explained_with_its_line_and_route(dvpn, target):
    steps, status = explain(dvpn, target)
    assert status == 0, steps
    assert "of network home" in steps["network"]["text"]
    file, line, _ = steps["network"]["from"].split(":")
    assert "[[network]]" in dvpn.shell("gw", f"sed -n {line}p {file}")
    assert "idle" in steps["tunnel"]["text"] and "dvpn0" in steps["route"]["text"]
    assert steps["guard"]["result"] == "ok"
    assert dvpn.network()["state"] == "idle", "asking dials nothing"
    steps, status = explain(dvpn, target, "--try")
    assert "connected after" in steps["try"]["text"] and dvpn.network()["state"] == "up"


def test_nothing_is_tried_without_a_port(dvpn):
    said = dvpn.dvpnctl("explain", "10.1.2.10", "--try", check=False)
    assert said.returncode == 64 and "git.corp.example:22" in said.stderr


def test_a_public_address_is_none_of_ours(dvpn):
    steps, status = explain(dvpn, "203.0.113.1")
    assert list(steps) == ["network"] and "no private prefix" in steps["network"]["text"]


def test_a_refused_port_is_told_from_a_tunnel_that_fails(dvpn):
    steps, status = explain(dvpn, "10.1.2.10:1", "--try")
    assert status == 4 and "refused" in steps["try"]["text"].lower() and steps["tunnel"]["result"] == "ok"


def test_a_gateway_that_cannot_be_reached_is_the_tunnels_step(stopped):
    stopped.start_dvpn(stopped.config_text(port=9))
    stopped.connect("lan", "10.1.2.10")
    wait_until(lambda: stopped.network()["state"] == "holdoff", 10, "the failure")
    steps, status = explain(stopped, "10.1.2.10:80")
    assert status == 4 and steps["tunnel"]["result"] == "error" and steps["tunnel"]["code"] == "refused"


def test_a_route_of_somebody_elses_that_comes_first_is_named(dvpn):
    dvpn.shell("gw", """
        ip link add wg9 type veth peer name wg9b; ip link set wg9b up; ip link set wg9 up
        ip route add 10.1.2.0/24 dev wg9 table 51820; ip rule add pref 100 lookup 51820""")
    try:
        steps, status = explain(dvpn, "10.1.2.10:80")
        assert status == 4 and "wg9 (table 51820)" in steps["route"]["text"]
    finally:
        dvpn.shell("gw", "ip rule del pref 100; ip link del wg9")


def test_without_a_running_dvpn_that_is_said_first(stopped):
    said = stopped.run("gw", stopped.program("dvpn-controlplane"), "--explain", "10.1.2.10:80", "--json",
                       "--config", str(stopped.config), check=False)
    assert said.returncode == 3
    steps = json.loads(said.stdout)["steps"]
    assert steps[0]["what"] == "dvpn" and "not running" in steps[0]["text"]
    assert any("of network home" in step["text"] for step in steps)
