"""The same truths under the firewalls that people have, strict reverse paths, and without forwarding."""
import pytest

from conftest import without_counts
from laboratory import wait_until

# The host's firewall must let the doorbell's packets in: `iifname dvpn0 tcp dport 3876 accept`.
ORDINARY = """
    table inet filter {
        chain input {
            type filter hook input priority filter; policy drop;
            ct state established,related accept
            ct state invalid drop
            iifname { "lo", "br-lan" } accept
            iifname "dvpn0" tcp dport 3876 accept
            meta l4proto ipv6-icmp accept
        }
        chain forward {
            type filter hook forward priority filter; policy drop;
            ct state established,related accept
            ct state invalid drop
            iifname "br-lan" accept
        }
    }
"""
DOCKER = """
    table ip nat {
        chain PREROUTING {
            type nat hook prerouting priority dstnat; policy accept;
            fib daddr type local counter jump DOCKER
        }
        chain OUTPUT {
            type nat hook output priority -100; policy accept;
            ip daddr != 127.0.0.0/8 fib daddr type local counter jump DOCKER
        }
        chain POSTROUTING {
            type nat hook postrouting priority srcnat; policy accept;
            oifname != "docker0" ip saddr 172.17.0.0/16 counter masquerade
        }
        chain DOCKER {
            iifname "docker0" counter return
            iifname != "docker0" tcp dport 8080 counter dnat to 172.17.0.2:80
        }
    }
    table ip filter {
        chain FORWARD {
            type filter hook forward priority filter; policy drop;
            counter jump DOCKER-USER
            counter jump DOCKER-ISOLATION
            oifname "docker0" ct state related,established counter accept
            iifname "docker0" oifname != "docker0" counter accept
        }
        chain DOCKER-USER {
            iifname "br-lan" counter accept
            oifname "br-lan" ct state related,established counter accept
            counter return
        }
        chain DOCKER-ISOLATION {
            counter return
        }
    }
"""
UFW = """
    table inet ufw {
        chain input {
            type filter hook input priority filter; policy drop;
            jump before_input
            jump user_input
            limit rate 3/minute burst 10 packets log prefix "[UFW BLOCK] "
        }
        chain before_input {
            iifname "lo" accept
            ct state related,established accept
            ct state invalid drop
            icmp type { destination-unreachable, time-exceeded, parameter-problem, echo-request } accept
            meta l4proto ipv6-icmp accept
            fib daddr type local return
            fib daddr type { multicast, broadcast } return
            drop
        }
        chain user_input {
            iifname "br-lan" accept
            iifname "dvpn0" tcp dport 3876 accept
        }
        chain forward {
            type filter hook forward priority filter; policy drop;
            ct state related,established accept
            icmp type { destination-unreachable, time-exceeded, parameter-problem, echo-request } accept
            iifname "br-lan" accept
        }
    }
"""
FIREWALLD = """
    table inet firewalld {
        chain mangle_PREROUTING {
            type filter hook prerouting priority mangle + 10; policy accept;
            meta nfproto ipv6 fib saddr . mark . iif oif missing drop
        }
        chain filter_INPUT {
            type filter hook input priority filter + 10; policy accept;
            ct state { established, related } accept
            ct status dnat accept
            iifname "lo" accept
            iifname "br-lan" accept
            ct state invalid drop
            meta l4proto ipv6-icmp accept
            reject with icmpx admin-prohibited
        }
        chain filter_FORWARD {
            type filter hook forward priority filter + 10; policy accept;
            ct state { established, related } accept
            ct status dnat accept
            iifname "lo" accept
            ct state invalid drop
            iifname "br-lan" accept
            reject with icmpx admin-prohibited
        }
        chain filter_OUTPUT {
            type filter hook output priority filter + 10; policy accept;
            oifname "lo" accept
        }
    }
"""
RULE_SETS = {"ordinary": ORDINARY, "docker": DOCKER, "ufw": UFW, "firewalld": FIREWALLD}


NETWORKS = ("10.1.2.", "fd00:1:2::", "10.9.0.", "fd00:9::")


def truths(lab, client):
    for network in NETWORKS:
        assert "hello" in lab.get(client, network + "10"), network
        assert lab.connect(client, network + "10", 81)["result"] == "refused", network
    assert lab.connect(client, "10.1.2.10", 82, timeout=1.5)["result"] == "timeout"
    local4 = {"unreachable", "refused"} if client == "gw" else {"unreachable"}
    assert lab.connect(client, "10.9.0.98")["result"] in local4
    assert lab.connect(client, "fd00:9::98")["result"] == "unreachable"


@pytest.mark.parametrize("client", ["lan", "gw"])
@pytest.mark.parametrize("rules", RULE_SETS)
def test_truths_hold_under_firewalls(stopped, rules, client):
    stopped.run("gw", "nft", "-f", "-", input=RULE_SETS[rules])
    try:
        before = stopped.host_state()
        stopped.start_dvpn()
        truths(stopped, client)
        stopped.stop_dvpn()
        assert without_counts(stopped.host_state()) == without_counts(before)
    finally:
        stopped.end("controlplane")
        stopped.run("gw", "nft", "flush", "ruleset")


@pytest.mark.parametrize("client", ["lan", "gw"])
def test_truths_hold_with_strict_reverse_paths(stopped, client):
    stopped.run("gw", "sysctl", "-qw", "net.ipv4.conf.all.rp_filter=1")
    try:
        before = stopped.host_state()
        stopped.start_dvpn()
        truths(stopped, client)
        # Strictness itself is not given up: a LAN address that arrives from the WAN is dropped.
        seen = stopped.run("gw", "sysctl", "-n", "net.ipv4.conf.all.rp_filter",
                           "net.ipv4.conf.wan0.rp_filter").stdout.split()
        assert max(map(int, seen)) >= 1
        stopped.stop_dvpn()
        assert stopped.host_state() == before
    finally:
        stopped.end("controlplane")
        stopped.cleanup()
        stopped.run("gw", "sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0")


@pytest.mark.parametrize("client", ["lan", "gw"])
def test_a_flushed_ruleset_is_put_back(dvpn, client):
    dvpn.run("gw", "nft", "flush", "ruleset")
    dvpn.run("gw", "ip", "rule", "flush", "table", "3876", check=False)
    wait_until(lambda: "table inet dvpn_guard" in dvpn.run("gw", "nft", "list", "ruleset").stdout, 3)
    wait_until(lambda: "3876" in dvpn.run("gw", "ip", "rule").stdout, 3)
    truths(dvpn, client)


def test_local_programs_need_no_forwarding(stopped):
    stopped.start_dvpn(stopped.config_text(lan=[]))
    truths(stopped, "gw")
    assert stopped.run("gw", "sysctl", "-n", "net.ipv4.ip_forward").stdout.strip() == "0"
