"""Set-ups that people break, each named on the first try by `dvpnctl explain` or `dvpnctl doctor`: by a code that
stays, and with what to do. docs/troubleshooting.md shows what they say, and each block of it is compared."""
import json
import re
import shlex
from pathlib import Path

import pytest

import configuration
import pages
from conftest import stop
from laboratory import PROJECT, PYTHON, wait_until

HOME, CORP = "10.1.2.10", "10.66.0.10"
NAMES = configuration.MANAGED | {"host": "dnsmasq"}


@pytest.fixture
def broken(vpn_lab):
    """The lab with the concentrator. What a test breaks may leak a name: that is no finding here."""
    vpn_lab.set_resolver("gw", "127.0.0.1")
    yield vpn_lab
    stop(vpn_lab)
    vpn_lab.set_resolver("gw", "203.0.113.1")
    vpn_lab.vpn.reset()


def start_home(lab, **changes):
    network = configuration.changed(configuration.home(f"{lab.directory}/ssh"), changes)
    lab.start_dvpn(configuration.text([network], NAMES))


def explain(lab, *words):
    """What stands in the way, by step."""
    said = lab.dvpnctl("explain", *words, "--json", check=False)
    steps = json.loads(said.stdout)["steps"]
    wrong = {step["what"]: step for step in steps if step["result"] in ("warning", "error")}
    assert said.returncode == (4 if wrong else 0)
    return wrong


def doctor(lab):
    """What is wrong, by code."""
    said = lab.dvpnctl("doctor", "--json", check=False)
    return {check["code"]: check for check in json.loads(said.stdout)["checks"]
            if check["result"] in ("warning", "error")}


def plain(text):
    """Without what is this run's own: lines broken elsewhere, times, ports of clients, places in dvpn.toml, numbers
    of rules, and who uses a tunnel just now."""
    text = re.sub(r", kept up by \S+ → \S+", "", " ".join(text.split()))
    return re.sub(r"\d+ (ms|s)\b(, at \S+Z)?|(?<=:)\d+(?= →)|(?<=dvpn\.toml):\d+:\d+|(?<=its rule)( \d+)?(?= away)", "#", text)


def shown(lab, command, words):
    """The page's block of this command with these words in it: the command says that now. A block may leave
    whole steps out."""
    block, = [block for line, block in pages.transcripts("troubleshooting.md") if line == command and words in block]
    said = lab.dvpnctl(*shlex.split(command)[1:], check=False).stdout
    said = said.replace(f"{lab.directory}/ssh/wrong_", "/etc/dvpn/ssh/").replace(str(lab.directory), "/etc/dvpn")
    steps = re.split(r"\n(?=\S)", block.strip())
    assert [step for step in steps if plain(step) not in plain(said)] == [], said


def test_every_block_of_the_page_has_its_command_and_is_compared():
    page = (PROJECT / "docs/troubleshooting.md").read_text()
    fences = re.findall(r"^```\w*\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    # What is asked of the reader, and not shown.
    answers = [block for block in fences if not block.startswith("dvpnctl ")]
    found = pages.transcripts("troubleshooting.md")
    assert len(found) == len(answers) > 10, [block for block in answers if not block.startswith("$ ")]
    calls = re.findall(r'^ +shown\(\w+, "(.*?)", "(.*?)"\)$', Path(__file__).read_text(), re.MULTILINE)
    assert sorted(line for line, _ in found) == sorted(line for line, _ in calls)
    for line, block in found:
        assert any(line == called and words in block for called, words in calls), block


def test_nothing_is_wrong(broken):
    start_home(broken)
    assert explain(broken, "web.home.example:80", "--try") == {}
    shown(broken, "dvpnctl explain web.home.example:80 --try", "connected after")


def test_a_wrong_dns_zone(broken):
    start_home(broken, domains=["hom.example"])
    wrong = explain(broken, "web.home.example:80")
    assert wrong["zone"]["code"] == "zone-missing" and set(wrong) == {"zone", "address"}
    assert "network home has hom.example" in wrong["zone"]["fix"]
    shown(broken, "dvpnctl explain web.home.example:80", "zone-missing")


def test_a_route_of_another_vpn_that_overlaps(broken):
    start_home(broken)
    broken.shell("gw", """
        ip link add wg9 type veth peer name wg9b; ip link set wg9b up; ip link set wg9 up
        ip route add 10.1.2.0/24 dev wg9 table 51820; ip rule add pref 100 lookup 51820""")
    try:
        route = explain(broken, f"{HOME}:80")["route"]
        assert route["code"] == "route-overlap" and "wg9 (table 51820)" in route["text"]
        assert "table 51820" in route["fix"]
        assert "10.1.2.0/24 by wg9" in doctor(broken)["route-overlap"]["text"]
        shown(broken, "dvpnctl explain 10.1.2.10:80", "route-overlap")
        shown(broken, "dvpnctl doctor --quiet", "route-overlap")
    finally:
        broken.shell("gw", "ip rule del pref 100; ip link del wg9")


def test_a_strict_reverse_path_filter(broken):
    """Where dvpn cannot put it back: /proc/sys is read-only, as in many containers."""
    start_home(broken)
    broken.shell("gw", """
        mount --bind /proc/sys /proc/sys
        echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter && mount -o remount,bind,ro /proc/sys""")
    try:
        assert broken.connect("lan", HOME, timeout=3)["result"] == "timeout"
        shown(broken, "dvpnctl doctor --quiet", "reverse-path-strict")
        found = doctor(broken)["reverse-path-strict"]
        assert found["text"].startswith("ipv4/conf/all/rp_filter is 1")
        assert "net.ipv4.conf.all.rp_filter=0" in found["fix"]
        # Nothing has to be tried for that.
        step = explain(broken, f"{HOME}:80")["reverse-path"]
        assert (step["code"], step["text"], step["fix"]) == (found["code"], found["text"], found["fix"])
    finally:
        broken.shell("gw", "umount /proc/sys; echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter")
    wait_until(lambda: "reverse-path-strict" not in doctor(broken), 10, "the finding to go")


def test_a_wrong_password(broken):
    broken.start_dvpn(broken.vpn_config(names=NAMES, vpnc={"password": broken.vpn.secret("wrong")}))
    tunnel = explain(broken, f"{CORP}:80", "--try")["tunnel"]
    assert tunnel["code"] == "authentication" and "it is locked" in tunnel["text"]
    assert tunnel["fix"].startswith("put the right secret where [network.vpnc] says, or, ")
    assert tunnel["fix"].endswith(", then: dvpnctl unlock work")
    assert doctor(broken)["network-locked"]["fix"] == tunnel["fix"]
    shown(broken, "dvpnctl explain 10.66.0.10:80 --try", "authentication")


def test_a_host_key_that_has_changed(broken):
    start_home(broken, ssh={"known_hosts": f"{broken.directory}/ssh/wrong_known_hosts"})
    tunnel = explain(broken, f"{HOME}:80", "--try")["tunnel"]
    assert tunnel["code"] == "host-key-changed" and "it is locked" in tunnel["text"]
    assert "dvpnctl gateway pin home --replace, then: dvpnctl unlock home" in tunnel["fix"]
    shown(broken, "dvpnctl explain 10.1.2.10:80 --try", "host-key-changed")


def test_a_gateway_that_is_down(broken):
    start_home(broken, gateway="dvpn@198.51.100.9")  # nobody has that address
    tunnel = explain(broken, f"{HOME}:80", "--try")["tunnel"]
    assert tunnel["code"] == "unreachable" and "ping 198.51.100.9" in tunnel["fix"]
    found = doctor(broken)
    assert (found.get("network-holdoff") or found["network-failed"])["fix"] == tunnel["fix"]
    shown(broken, "dvpnctl explain 10.1.2.10:80 --try", "unreachable")


def test_a_gateway_that_refuses_forwarding(broken):
    broken.start_sshd("sshgw", "sshd-refusing", "Port 2224\nAllowTcpForwarding no\n")
    try:
        wait_until(lambda: broken.listens("sshgw", 2224), 10, "that sshd")
        start_home(broken, ssh={"port": 2224})
        # Somebody's connection has shown it; whoever asks need not make another.
        assert broken.connect("lan", HOME, 80, timeout=20)["result"] != "connected"
        assert explain(broken, f"{HOME}:80")["tunnel"]["code"] == "forwarding-refused"
        tunnel = explain(broken, f"{HOME}:80", "--try")["tunnel"]
        assert tunnel["code"] == "forwarding-refused" and "AllowTcpForwarding" in tunnel["fix"]
        assert "network home" in doctor(broken)["forwarding-refused"]["text"]
        shown(broken, "dvpnctl explain 10.1.2.10:80 --try", "forwarding-refused")
    finally:
        broken.end("sshd-refusing")


def test_a_dnsmasq_that_nobody_asks(broken):
    broken.set_resolver("gw", "203.0.113.1")
    start_home(broken)
    resolver = explain(broken, "web.home.example:80")["resolver"]
    assert resolver["code"] == "resolver-elsewhere" and "203.0.113.1" in resolver["text"]
    assert "203.0.113.1" in doctor(broken)["resolver-elsewhere"]["text"]
    shown(broken, "dvpnctl explain web.home.example:80", "resolver-elsewhere")


def test_a_dnsmasq_that_does_not_answer(broken):
    start_home(broken)
    zone = {step["what"]: step for step in json.loads(
        broken.dvpnctl("explain", "web.home.example:80", "--json").stdout)["steps"]}["zone"]
    assert "dvpn's forwarder (127.0.0.1#538) asks 10.1.2.10 for it, over TCP" in zone["text"]
    checks = json.loads(broken.dvpnctl("doctor", "--json").stdout)["checks"]
    names = [check for check in checks if check["code"] == "names"]
    assert [check["result"] for check in names] == ["ok", "ok"] and "home.example" in names[0]["text"]
    assert "asked by a question to 192.168.77.1" in names[1]["text"]
    assert broken.network()["state"] == "idle", "asking dials nothing"
    dnsmasq = " ".join(map(str, broken.pids("dnsmasq")))
    broken.shell("gw", f"kill -STOP {dnsmasq}")
    try:
        checks = json.loads(broken.dvpnctl("doctor", "--json", check=False).stdout)["checks"]
        own, lan = [check for check in checks if check["code"] == "names-astray"]
        assert "getaddrinfo(3): nobody answered" in own["text"] and "/etc/resolv.conf" in own["fix"]
        assert "192.168.77.1: nobody answered" in lan["text"] and "whether dnsmasq runs" in lan["fix"]
        shown(broken, "dvpnctl doctor --quiet", "names-astray")
    finally:
        broken.shell("gw", f"kill -CONT {dnsmasq}")


def test_a_tunnel_that_is_up_and_carries_nothing(broken):
    broken.run("vpngw", "nft", "-f", "-", input="""
        table inet mute {
            chain forward { type filter hook forward priority 0; policy drop; }
            chain input { type filter hook input priority 0; ip daddr 10.66.0.1 drop; }
        }""")
    try:
        broken.start_dvpn(broken.vpn_config(names=NAMES))
        wrong = explain(broken, f"{CORP}:80", "--try")
        assert wrong["tunnel"]["code"] == "tunnel-silent" and "it is up" in wrong["tunnel"]["text"]
        assert "whether it forwards" in wrong["tunnel"]["fix"]
        assert "network work" in doctor(broken)["tunnel-silent"]["text"]
        shown(broken, "dvpnctl explain 10.66.0.10:80 --try", "tunnel-silent")
    finally:
        broken.run("vpngw", "nft", "delete", "table", "inet", "mute")


def test_a_filter_that_lets_noise_keep_the_tunnel_up(broken):
    broken.run("corp", "nft", "-f", "-", input="""
        table ip clock {
            chain prerouting { type nat hook prerouting priority -100; udp dport 123 redirect to :7; }
        }""")
    noise = None
    try:
        broken.start_dvpn(broken.vpn_config(names=NAMES, idle="3s", filter={"keep_up": ["any"]}))
        assert broken.ping("lan", CORP) is not None
        noise = broken.spawn("lan", PYTHON, broken.client_path, "noise", CORP, "ntp", "--timeout", "30")
        wait_until(lambda: ":123" in broken.network("work").get("kept_up_by", ""), 10, "the noise")
        tunnel = explain(broken, f"{CORP}:80")["tunnel"]
        assert tunnel["code"] == "kept-up-by-noise" and f"→ {CORP}:123" in tunnel["text"]
        assert "\"!udp/123\"" in tunnel["fix"]
        assert f"→ {CORP}:123" in doctor(broken)["kept-up-by-noise"]["text"]
        shown(broken, "dvpnctl explain 10.66.0.10:80", "kept-up-by-noise")
    finally:
        if noise:
            noise.kill()
            noise.communicate()
        broken.run("corp", "nft", "delete", "table", "ip", "clock")


def test_a_dvpn_that_does_not_run(broken):
    # dvpnctl asks the controlplane's program then, which reads the usual file.
    broken.run("gw", "install", "-D", str(broken.config), "/etc/dvpn/dvpn.toml")
    said = broken.dvpnctl("explain", f"{HOME}:80", "--json", check=False)
    assert said.returncode == 3 and json.loads(said.stdout)["steps"][0]["code"] == "running"
    shown(broken, "dvpnctl explain 10.1.2.10:80", "running")
    broken.shell("gw", "sed -i s/prefixes/prefixs/ /etc/dvpn/dvpn.toml")
    shown(broken, "dvpnctl doctor --quiet", "configuration-mistake")


def test_a_network_that_somebody_has_taken_down_or_released(broken):
    broken.start_dvpn(broken.vpn_config(names=NAMES))
    broken.dvpnctl("down", "work")
    assert explain(broken, f"{CORP}:80")["tunnel"]["code"] == "held-down"
    shown(broken, "dvpnctl explain 10.66.0.10:80", "held-down")
    broken.dvpnctl("release", "work")
    assert explain(broken, f"{CORP}:80")["tunnel"]["code"] == "released"
    shown(broken, "dvpnctl explain 10.66.0.10:80", "released")


def test_an_ssh_gateway_that_has_vanished(broken):
    start_home(broken)
    assert "hello" in broken.get("lan", HOME)
    broken.run("sshgw", "nft", "add table inet gone; add chain inet gone in "
               "{ type filter hook input priority 0; policy drop; }")
    try:
        with broken.talk("lan", HOME):
            wait_until(lambda: "tunnel-unanswered" in doctor(broken), 20, "the suspicion")
            shown(broken, "dvpnctl explain 10.1.2.10:80", "tunnel-unanswered")
    finally:
        broken.run("sshgw", "nft", "delete table inet gone")


def test_a_question_that_nobody_has_noticed(broken):
    broken.start_dvpn(broken.vpn_config(names=NAMES, vpnc={"password": {"ask": True, "file": None}}))
    waiting = broken.spawn("lan", PYTHON, broken.client_path, "connect", CORP, "80", "--timeout", "30")
    try:
        wait_until(lambda: broken.network("work").get("asks"), 10, "the question")
        assert doctor(broken)["asks"]["fix"] == "dvpnctl login work"
        shown(broken, "dvpnctl explain 10.66.0.10:80", "asks for something")
    finally:
        broken.dvpnctl("login", "--refuse", "work", check=False)
        assert waiting.wait(30) == 0


def test_a_lan_within_the_private_network(broken):
    broken.run("gw", "ip", "address", "add", "10.66.0.1/24", "dev", "br-lan")
    try:
        broken.start_dvpn(broken.vpn_config(names=NAMES))
        assert "10.66.0.0/24 on br-lan" in doctor(broken)["subnet-overlap"]["text"]
        shown(broken, "dvpnctl explain 10.66.0.10:80", "subnet-overlap")
    finally:
        broken.run("gw", "ip", "address", "del", "10.66.0.1/24", "dev", "br-lan")


def test_a_lan_that_is_not_there(broken):
    broken.start_dvpn(broken.vpn_config(names=NAMES, top={"lan": ["br-lan", "eth2"]}))
    assert "eth2" in doctor(broken)["lan-missing"]["text"]
    shown(broken, "dvpnctl doctor --quiet", "lan-missing")


def test_forwarding_that_is_off(broken):
    """Where dvpn cannot put it back, as above."""
    start_home(broken)
    broken.shell("gw", """
        mount --bind /proc/sys /proc/sys
        echo 0 >/proc/sys/net/ipv4/conf/br-lan/forwarding && mount -o remount,bind,ro /proc/sys""")
    try:
        assert "br-lan" in doctor(broken)["forwarding-off"]["text"]
        shown(broken, "dvpnctl doctor --quiet", "forwarding-off")
    finally:
        broken.shell("gw", "umount /proc/sys; echo 1 >/proc/sys/net/ipv4/conf/br-lan/forwarding")


def test_what_a_reload_would_change(broken):
    broken.start_dvpn(broken.vpn_config(names=NAMES))
    lab = {"name": "lab", "via": "direct", "prefixes": ["10.67.0.0/16"]}
    work = configuration.changed(configuration.work(broken.vpn, "vpnc"), {"idle": "1m"})
    broken.config.write_text(configuration.text([work, lab], NAMES))
    shown(broken, "dvpnctl check --diff", "added: lab")
