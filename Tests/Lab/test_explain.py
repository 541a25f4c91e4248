"""dvpnctl explain tells what happens to a connection, and names what stands in its way."""
import json
import re

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
    # The kernel's own rule, and the entry of nftables by which the connection comes to the dataplane.
    assert steps["rule"]["text"] == "rule 3874 (from all) leads to table 3876"
    assert "table 3876" in steps["route"]["text"]
    chain, entry = ("redirect_in", 'iifname "dvpn0"') if target[0] != "[" else ("redirect_out", "meta mark")
    assert f"chain inet dvpn {chain}: {entry}" in steps["redirect"]["from"]
    assert "no set has it" in steps["redirect"]["text"]
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
    # With the time of the next try, as the status has it.
    said = re.search(r"the next packet after \d+ s, at (\S+Z), dials again ", steps["tunnel"]["text"])
    assert said and said[1][:17] == stopped.network()["next_retry"][:17]


def test_what_went_wrong_before_is_told_with_its_time(dvpn):
    dvpn.get("lan", "10.1.2.10")
    dvpn.shell("gw", "pkill -KILL -u dvpn-ssh -x ssh")
    wait_until(lambda: "last_error" in dvpn.network(), 10, "the loss to be noticed")
    wait_until(lambda: dvpn.connect("lan", "10.1.2.10")["result"] == "connected", 20, "the next dial")
    steps, status = explain(dvpn, "10.1.2.10:80")
    error = dvpn.network()["last_error"]
    assert status == 0 and error["text"] in steps["last-error"]["text"]
    assert error["at"][:19] in steps["last-error"]["text"]


def test_a_network_of_the_hosts_own_routes_has_a_mark_and_a_set(dvpn):
    steps, status = explain(dvpn, "10.9.0.10:80")
    assert status == 0, steps
    assert "rule 3872 (from all fwmark 0xd0/0xff) leads to table 3877" in steps["rule"]["text"]
    assert "a connection's first one to dvpn0 (table 3877)" in steps["route"]["text"]
    assert "in set steered4" in steps["redirect"]["text"]


def test_an_eager_network_has_its_set_and_chain(stopped):
    stopped.start_dvpn(stopped.config_text(connect="eager"))
    steps, status = explain(stopped, "10.1.2.10:80")
    assert status == 0 and "in set eager4" in steps["redirect"]["text"]
    assert "chain inet dvpn eager_out: oifname \"dvpn0\"" in steps["redirect"]["from"]


def test_a_port_that_is_blocked_is_named(stopped):
    stopped.start_dvpn(stopped.config_text(block_ports=[25]))
    steps, status = explain(stopped, "10.1.2.10:25")
    assert status == 4 and steps["redirect"]["code"] == "port-blocked"
    assert explain(stopped, "10.1.2.10:26")[1] == 0


def test_a_route_of_somebody_elses_that_comes_first_is_named(dvpn):
    dvpn.shell("gw", """
        ip link add wg9 type veth peer name wg9b; ip link set wg9b up; ip link set wg9 up
        ip route add 10.1.2.0/24 dev wg9 table 51820; ip rule add pref 100 lookup 51820""")
    try:
        steps, status = explain(dvpn, "10.1.2.10:80")
        assert status == 4 and "wg9 (table 51820)" in steps["route"]["text"]
        assert "rule 100 (from all) leads to table 51820, and is not dvpn's" in steps["rule"]["text"]
        assert "its rule 100 away" in steps["route"]["fix"]
    finally:
        dvpn.shell("gw", "ip rule del pref 100; ip link del wg9")


def test_gateways_and_the_lan_within_a_private_prefix_are_no_foreign_routes(stopped):
    stopped.start_dvpn(stopped.config_text(prefixes=["10.1.2.0/24", "198.51.100.0/24", "192.168.0.0/16"]))
    # From its first dial on a gateway has a way of its own.
    stopped.get("lan", "10.1.2.10")
    steps, status = explain(stopped, "198.51.100.2:22")
    assert status == 0 and "outside of its tunnel" in steps["route"]["text"], steps
    steps, status = explain(stopped, "192.168.77.10:22")
    assert status == 4 and steps["route"]["code"] == "subnet-overlap", steps


def at_rest(lab, target, config, *options):
    said = lab.dvpnctl("explain", target, "--json", "--config", str(config), *options, check=False)
    assert said.returncode == 3, said.stderr
    return json.loads(said.stdout)["steps"]


def test_without_a_running_dvpn_that_is_said_first(stopped):
    steps = at_rest(stopped, "10.1.2.10:80", stopped.config)
    assert steps[0]["code"] == "running" and "not running" in steps[0]["text"] and steps[0]["fix"]
    assert any("of network home" in step["text"] for step in steps)
    assert any("nothing dials it now" in step["text"] for step in steps)


def test_what_a_dead_dvpn_left_is_told_as_the_kernel_has_it(dvpn):
    for name in ("controlplane", "dataplane"):
        dvpn.end(name, "KILL")
    steps = {step["what"]: step for step in at_rest(dvpn, "10.1.2.10:80", dvpn.config)}
    assert "rule 3874" in steps["rule"]["text"] and steps["guard"]["result"] == "ok"
    dvpn.shell("gw", "nft flush chain inet dvpn redirect_in; ip rule del pref 3874")
    steps = {step["what"]: step for step in at_rest(dvpn, "10.1.2.10:80", dvpn.config)}
    assert steps["redirect"]["code"] == "redirect-missing" and "redirect_in" in steps["redirect"]["text"]
    assert steps["rule"]["code"] == "rule-missing"


def test_without_a_running_dvpn_its_mistakes_are_told_and_the_kernel_is_asked_all_the_same(stopped):
    broken = stopped.directory / "broken.toml"
    broken.write_text("hold = 7\n" + stopped.config.read_text().replace("prefixes", "prefixs", 1))
    steps = at_rest(stopped, "203.0.113.1:80", broken)
    assert steps[0]["code"] == "running"
    mistakes = [step for step in steps if step.get("code") == "configuration-mistake"]
    assert steps[1:1 + len(mistakes)] == mistakes and len(mistakes) >= 2
    line = next(number for number, text in enumerate(broken.read_text().split("\n"), 1) if "prefixs" in text)
    assert any(step["from"] == f"{broken}:{line}:1" and "prefixs" in step["text"] for step in mistakes)
    assert "table main" in {step["what"]: step for step in steps}["route"]["text"]
    # What may be private nobody is asked for.
    named = {step["what"]: step for step in at_rest(stopped, "web.home.example:80", broken)}
    assert "not looked up" in named["address"]["text"]


def test_without_a_configuration_that_is_the_mistake(stopped):
    steps = at_rest(stopped, "10.1.2.10:80", "/nowhere.toml")
    assert [step.get("code") for step in steps[:2]] == ["running", "configuration-mistake"]
    assert steps[1]["from"] == "/nowhere.toml"


def test_what_is_copied_from_elsewhere_is_explained_too(dvpn):
    for words in (["http://10.1.2.10:80/index.html?a=b"], ["10.1.2.10:http", "--try"], ["http://10.1.2.10/", "--try"]):
        said = dvpn.dvpnctl("explain", *words, "--json")
        found = json.loads(said.stdout)
        assert "home" in json.dumps(found), words
    prefix = dvpn.dvpnctl("explain", "10.1.2.10/24", check=False)
    assert prefix.returncode == 1 and "is a prefix" in prefix.stderr and "10.1.2.10:22" in prefix.stderr
    name = dvpn.dvpnctl("explain", "home", check=False)
    assert name.returncode == 4 and "dvpnctl networks home" in name.stdout
