"""The services of the LAN: addresses and names from dvpn's own dnsmasq, ports that nobody reaches, and a
host that shows the world nothing but its sshd."""
import re
from pathlib import Path

import pytest

import configuration
from laboratory import LabError, wait_until

SCRIPT = str(Path(__file__).parent / "udhcpc-script")
MAP = """\
10.1.2.10  thursday.home.example thursday  #!198.51.100.2
10.1.2.11  printer
10.9.0.10  elsewhere    # a plain line, and in no network of this file
fd00:1:2::10  thursday6 #!198.51.100.2
"""
DHCP = {"interface": "br-lan", "range": "192.168.77.100-192.168.77.150", "lease": "1h",
        "domain": "lan.example"}


def text(lab, dhcp=None, names=configuration.MANAGED, home={}, **top):
    """A map of two lines, what [[dhcp]] says, and a network that needs no tunnel."""
    (lab.directory / "gateways").write_text(MAP)
    lines = configuration.text([], names, **top)
    ssh = f"{lab.directory}/ssh"
    lines += f"""
[[map]]
file = "{lab.directory}/gateways"
user = "dvpn"
idle = "5s"
[map.ssh]
identity    = "{ssh}/id_ed25519"
known-hosts = "{ssh}/known_hosts"
"""
    if dhcp is not None:
        lines += "\n[[dhcp]]\n" + "".join(f"{key} = {configuration._value(value)}\n"
                                          for key, value in dhcp.items())
    return lines


def dnsmasq(lab):
    pids = lab.pids("dnsmasq")
    assert len(pids) == 1
    return pids[0]


@pytest.fixture
def guests(stopped):
    """Two hosts of the LAN without addresses; after the test they have their own again."""
    before = {host: stopped.run(host, "cat", "/etc/resolv.conf").stdout for host in ("lan", "lan2")}
    for host in ("lan", "lan2"):
        stopped.run(host, "ip", "-4", "addr", "flush", "dev", "lan0")
    yield stopped
    for host, address in (("lan", "192.168.77.10"), ("lan2", "192.168.77.11")):
        stopped.run(host, "ip", "-4", "addr", "flush", "dev", "lan0")
        stopped.run(host, "ip", "addr", "add", f"{address}/24", "dev", "lan0")
        stopped.run(host, "ip", "route", "replace", "default", "via", "192.168.77.1")
        stopped.run(host, "sh", "-c", 'printf %s "$1" >/etc/resolv.conf', "sh", before[host])


def lease(lab, host):
    """What a real DHCP client is given."""
    answer = lab.run(host, "busybox", "udhcpc", "-i", "lan0", "-q", "-n", "-f", "-t", "5", "-s", SCRIPT,
                     "-x", f"hostname:{host}", timeout=60)
    found = re.findall(r"^ip=.*", answer.stdout, re.MULTILINE)
    assert found, answer.stdout + answer.stderr
    return dict(word.split("=", 1) for word in found[-1].split(" "))


def test_a_dhcp_client_gets_an_address_and_names_from_a_real_dnsmasq(guests):
    guests.start_dvpn(text(guests, DHCP))
    given = lease(guests, "lan")
    assert given["router"] == given["dns"] == "192.168.77.1"
    assert given["domain"] == "lan.example" and given["lease"] == "3600"
    assert 100 <= int(given["ip"].split(".")[3]) <= 150 and given["ip"].startswith("192.168.77.")
    # By its resolv.conf, as the script wrote it, it finds private hosts by their names, and itself.
    assert guests.run("lan", "dig", "+short", "thursday.home.example").stdout == "10.1.2.10\n"
    assert guests.run("lan", "dig", "+short", "lan.lan.example").stdout == given["ip"] + "\n"
    assert guests.run("lan", "dig", "+short", "-x", given["ip"]).stdout == "lan.lan.example.\n"
    assert "hello from 10.1.2.10" in guests.get("lan", "thursday")


def test_a_host_has_its_fixed_address_and_its_name_before_it_comes(guests):
    hardware = guests.run("lan2", "cat", "/sys/class/net/lan0/address").stdout.strip()
    guests.start_dvpn(text(guests, DHCP | {"hosts": [f"{hardware} 192.168.77.50 scanner"]}))
    assert guests.dig("gw", "@127.0.0.1", "scanner.lan.example").answers == ["192.168.77.50"]
    assert lease(guests, "lan2")["ip"] == "192.168.77.50"
    assert lease(guests, "lan")["ip"] != "192.168.77.50"


def test_dnsmasq_is_restarted_only_when_it_must_be(guests):
    hardware = guests.run("lan2", "cat", "/sys/class/net/lan0/address").stdout.strip()
    guests.start_dvpn(text(guests, DHCP))
    first = dnsmasq(guests)
    # Hosts with fixed addresses and names of the map: a file that is read again.
    guests.config.write_text(text(guests, DHCP | {"hosts": [f"{hardware} 192.168.77.51 plotter"]}))
    guests.dvpnctl("reload")
    wait_until(lambda: guests.dig("gw", "@127.0.0.1", "plotter.lan.example").answers, 5, "the name")
    assert lease(guests, "lan2")["ip"] == "192.168.77.51"
    assert dnsmasq(guests) == first
    # A range: only a start reads it. Leases outlive that.
    given = lease(guests, "lan")["ip"]
    guests.config.write_text(text(guests, DHCP | {"range": "192.168.77.100-192.168.77.160"}))
    guests.dvpnctl("reload")
    wait_until(lambda: guests.pids("dnsmasq") not in ([first], []), 10, "another dnsmasq")
    wait_until(lambda: guests.dig("gw", "@127.0.0.1", "lan.lan.example").answers == [given], 10, "the lease")
    # None at all.
    guests.config.write_text(text(guests))
    guests.dvpnctl("reload")
    with pytest.raises(LabError):
        lease(guests, "lan2")


@pytest.mark.parametrize("client", ["lan", "gw"])
def test_the_maps_names_are_served_forward_and_reverse_without_any_tunnel(stopped, client):
    stopped.start_dvpn(text(stopped))
    asked = {"thursday.home.example": "10.1.2.10", "thursday": "10.1.2.10", "printer": "10.1.2.11"}
    for name, address in asked.items():
        assert stopped.dig(client, name).answers == [address]
    assert stopped.dig(client, "thursday6", "AAAA").answers == ["fd00:1:2::10"]
    assert stopped.dig(client, "-x", "10.1.2.10").answers == ["thursday.home.example."]
    assert stopped.dig(client, "-x", "fd00:1:2::10").answers == ["thursday6."]
    assert stopped.dig(client, "elsewhere").answers == []
    assert stopped.dig(client, "www.example.net").answers == ["93.184.216.34"]
    assert {network["state"] for network in stopped.status()["networks"]} == {"idle"}


def test_a_line_that_is_added_to_the_map_has_its_name_at_once(stopped):
    stopped.start_dvpn(text(stopped))
    first = dnsmasq(stopped)
    assert stopped.dig("lan", "friday").answers == []
    (stopped.directory / "gateways").write_text(MAP + "10.1.3.10 friday #!198.51.100.2:2222\n")
    wait_until(lambda: stopped.dig("lan", "friday").answers == ["10.1.3.10"], 5, "the name")
    assert dnsmasq(stopped) == first


def test_a_leaf_serves_its_own_programs_and_nobody_else(stopped):
    names = configuration.MANAGED | {"listen": ["127.0.0.1"]}
    stopped.start_dvpn(text(stopped, names=names, lan=[]))
    assert stopped.dig("gw", "@127.0.0.1", "thursday").answers == ["10.1.2.10"]
    assert "hello" in stopped.get("gw", "10.1.2.10")
    assert stopped.dig("lan", "thursday", timeout=1).status == ""
    assert stopped.connect("lan", "10.1.2.10", timeout=1)["result"] != "connected"


def test_the_lan_reaches_the_world_by_the_gateways_address_where_that_is_wanted(stopped):
    stopped.start_dvpn(text(stopped, masquerade=True))
    assert "you are 203.0.113.2" in stopped.get("lan", "10.9.0.10")
    stopped.config.write_text(text(stopped))
    stopped.dvpnctl("reload")
    assert "203.0.113.2" not in stopped.run("lan", "curl", "--silent", "--max-time", "2", "http://10.9.0.10/",
                                            check=False).stdout


@pytest.mark.parametrize("connect", ["truthful", "eager"])
def test_ports_of_a_network_can_be_closed_for_everybody(stopped, connect):
    stopped.start_dvpn(stopped.config_text(connect=connect, block_ports=[7, 445]))
    for client in ("lan", "gw"):
        for target in ("10.1.2.10", "fd00:1:2::10"):
            assert stopped.connect(client, target, 7)["result"] == "refused"
            assert "hello" in stopped.get(client, target)
    logins = stopped.logins()
    stopped.config.write_text(stopped.config_text(connect=connect))
    stopped.dvpnctl("reload")
    assert stopped.connect("lan", "10.1.2.10", 7)["result"] == "connected"
    assert stopped.logins() >= logins


# What somebody outside finds open, by TCP on all ports and by UDP on those of every service there is here.
UDP = "53,67,68,69,123,500,538,546,547,1900,3876,4500,5353"


def scan(lab, *words, states="open"):
    """The ports in one of these states, and everything that nmap says."""
    found = lab.run("wan", "nmap", "-n", "-Pn", "-T5", "--max-retries", "1", "--min-rate", "8000", *words, timeout=300).stdout
    return set(re.findall(rf"^(\d+/\w+) +(?:{states}) ", found, re.MULTILINE)), found


@pytest.fixture
def world(stopped):
    """A gateway with everything that it can have, and its own sshd."""
    stopped.start_sshd("gw", "sshd-gw", "Port 22\n")
    # A closed port of UDP says so, to each that is asked about.
    stopped.run("gw", "sysctl", "-qw", "net.ipv4.icmp_ratelimit=0", "net.ipv6.icmp.ratelimit=0")
    stopped.start_dvpn(text(stopped, DHCP) + f"""
[[forward]]
listen = "192.168.77.1:25"
to = "10.1.2.10:80"
network = "thursday"
""")
    yield stopped
    stopped.run("gw", "nft", "add table inet dvpn_firewall; delete table inet dvpn_firewall")
    stopped.end("sshd-gw")


@pytest.mark.parametrize("firewall", [False, True])
def test_nothing_listens_to_the_world_but_sshd(world, firewall):
    if firewall:
        world.dvpnctl("firewall", "--config", str(world.config), "--apply")
    for words in (["203.0.113.2"], ["-6", "2001:db8:113::2"]):
        found, words = scan(world, "-sS", "-p-", *words)
        assert found == {"22/tcp"}, words
    for words in (["203.0.113.2"], ["-6", "2001:db8:113::2"]):
        # A listener that says nothing to a stranger, and a firewall's silence, look alike.
        found, words = scan(world, "-sU", "-p", UDP, *words, states="open" if firewall else r"open|open\|filtered")
        assert found == set(), words
    # The LAN's addresses of the gateway, from outside: nothing either, behind the firewall.
    if firewall:
        found, words = scan(world, "-sS", "-p", "22,25,53,3876", "192.168.77.1")
        assert found == {"22/tcp"}, words


def test_no_socket_is_open_to_the_world(world):
    """What the scan cannot tell: who listens, for which addresses and on which device."""
    def sockets(kind):
        lines = world.run("gw", "ss", "-Hn", f"-{kind}l").stdout.splitlines()
        return {line.split()[3] for line in lines}

    udp, tcp = sockets("u"), sockets("t")
    # DHCP has to hear who has no address yet: on all addresses of one device, which is the LAN's.
    assert "0.0.0.0%br-lan:67" in udp and "192.168.77.1:53" in udp
    ours = re.compile(r"127\.|\[::1\]|192\.168\.77\.1:|\[fd00:77::1\]:|(0\.0\.0\.0|\[[0-9a-f:]+\])%br-lan:")
    assert {local for local in udp if not ours.match(local)} == set()
    assert {local for local in tcp if not ours.match(local)} <= {"0.0.0.0:22", "[::]:22", "0.0.0.0:3876", "[::]:3876"}


def test_the_firewall_leaves_the_lan_what_is_for_it(world):
    shown = world.dvpnctl("firewall", "--config", str(world.config)).stdout
    assert "table inet dvpn_firewall" in shown
    world.dvpnctl("firewall", "--config", str(world.config), "--apply")
    before = world.run("gw", "nft", "list", "table", "inet", "dvpn_firewall").stdout
    # A second time changes nothing.
    world.dvpnctl("firewall", "--config", str(world.config), "--apply")
    assert world.run("gw", "nft", "list", "table", "inet", "dvpn_firewall").stdout == before
    for client in ("lan", "gw"):
        assert world.dig(client, "thursday").answers == ["10.1.2.10"]
        for target in ("10.1.2.10", "fd00:1:2::10"):
            assert "hello" in world.get(client, target)
    assert "hello" in world.run("lan", "curl", "--silent", "http://192.168.77.1:25/").stdout
    assert world.connect("wan", "192.168.77.10", 22, timeout=1)["result"] == "timeout"
    assert world.ping("wan", "203.0.113.2") is not None
    world.dvpnctl("firewall", "--config", str(world.config), "--remove")
    assert "dvpn_firewall" not in world.run("gw", "nft", "list", "tables").stdout
