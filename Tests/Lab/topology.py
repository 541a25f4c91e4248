"""The lab's network as data: hosts, cables, and what `ip -batch` sets up on each host.

    lan   .10 --+                           stranger .66 --+        +-- sshgw .2 -- .1 -- priv .10
                +-- br-lan .1  GW  wan0 .2 --- isp .1 -- WAN --gate-+
    lan2  .11 --+   guest0 .1                              |  .1    +-- vpngw .3 -- .1 -- corp .10
    guest .10 ------+                                      +--near0 .1 ------------------ near .10

    LAN        192.168.77.0/24   fd00:77::/64       served by dvpn (lan = ["br-lan"])
    guest      192.168.88.0/24   fd00:88::/64       a second network of the gateway, not served
    WAN        203.0.113.0/24    2001:db8:113::/64  gw and a stranger who routes private prefixes to it
    gate       198.51.100.0/24   2001:db8:51::/64   where the ssh gateway and the concentrator stand
    private    10.1.2.0/24       fd00:1:2::/64      behind sshgw: only ssh gets there
    corp       10.66.0.0/24      fd00:66::/64       behind vpngw: only its tunnels get there. Its clients
                                                    have addresses in the rest of 10.66.0.0/16, fd00:66::/48
    near       10.9.0.0/24       fd00:9::/64        the same servers, simply routed by wan

In the private networks and the near one: host 10 has the servers (servers.py), 98 is unreachable and
the router says so at once, 99 is an address that nobody has (the neighbour look-up fails after 3 s).
priv also answers on 198.51.100.200 and 2001:db8:51::200, for a gateway inside its own prefix: only
sshgw has a route to those. vpngw has a second public address for that, 10.66.255.3: the WAN routes it.
What it has for a client that has gone stays there, or it would be taken for a leak of gw's.

Names (resolvers.py): wan is the ISP's resolver (203.0.113.1 and 198.51.100.1), which knows public names
only; priv has home.example, corp has corp.example. gw asks the ISP; lan, lan2 and guest ask gw, where
nobody answers before dvpn does. corp and vpngw have servers only once the concentrator is started
(`lab up --vpn`): it costs time that most tests need not spend.
"""

# host, interface - host, interface
CABLES = """
    lan  lan0     gw    port-lan
    lan2 lan0     gw    port-lan2
    guest guest0  gw    guest0
    gw   wan0     wan   port-gw
    stranger wan0 wan   port-stranger
    wan  port-sshgw  sshgw wan0
    wan  port-vpngw  vpngw wan0
    sshgw priv0   priv  priv0
    vpngw priv0   corp  priv0
    wan  near0    near  near0
"""

HOSTS = {
    "lan": """
        addr add 192.168.77.10/24 dev lan0
        addr add fd00:77::10/64 dev lan0 nodad
        route add default via 192.168.77.1
        route add default via fd00:77::1
    """,
    "lan2": """
        addr add 192.168.77.11/24 dev lan0
        addr add fd00:77::11/64 dev lan0 nodad
        route add default via 192.168.77.1
        route add default via fd00:77::1
    """,
    "guest": """
        addr add 192.168.88.10/24 dev guest0
        addr add fd00:88::10/64 dev guest0 nodad
        route add default via 192.168.88.1
        route add default via fd00:88::1
    """,
    "gw": """
        link add br-lan type bridge forward_delay 0 mcast_snooping 0
        link set port-lan master br-lan
        link set port-lan2 master br-lan
        link set br-lan up
        addr add 192.168.77.1/24 dev br-lan
        addr add fd00:77::1/64 dev br-lan nodad
        addr add 192.168.88.1/24 dev guest0
        addr add fd00:88::1/64 dev guest0 nodad
        link set wan0 address 02:00:cb:00:71:02
        addr add 203.0.113.2/24 dev wan0
        addr add 2001:db8:113::2/64 dev wan0 nodad
        route add default via 203.0.113.1
        route add default via 2001:db8:113::1
    """,
    "wan": """
        link add isp type bridge forward_delay 0 mcast_snooping 0
        link set port-gw master isp
        link set port-stranger master isp
        link set isp up
        link add gate type bridge forward_delay 0 mcast_snooping 0
        link set port-sshgw master gate
        link set port-vpngw master gate
        link set gate up
        addr add 203.0.113.1/24 dev isp
        addr add 2001:db8:113::1/64 dev isp nodad
        addr add 198.51.100.1/24 dev gate
        addr add 2001:db8:51::1/64 dev gate nodad
        addr add 10.9.0.1/24 dev near0
        addr add fd00:9::1/64 dev near0 nodad
        route add 192.168.77.0/24 via 203.0.113.2
        route add fd00:77::/64 via 2001:db8:113::2
        route add 10.66.255.3 via 198.51.100.3
    """,
    "stranger": """
        addr add 203.0.113.66/24 dev wan0
        addr add 2001:db8:113::66/64 dev wan0 nodad
        route add default via 203.0.113.2
        route add default via 2001:db8:113::2
    """,
    "sshgw": """
        addr add 198.51.100.2/24 dev wan0
        addr add 2001:db8:51::2/64 dev wan0 nodad
        addr add 10.1.2.1/24 dev priv0
        addr add fd00:1:2::1/64 dev priv0 nodad
        route add default via 198.51.100.1
        route add default via 2001:db8:51::1
        route add 198.51.100.200 dev priv0
        route add 2001:db8:51::200 dev priv0
        route add unreachable 10.1.2.98
        route add unreachable fd00:1:2::98
    """,
    "vpngw": """
        addr add 198.51.100.3/24 dev wan0
        addr add 2001:db8:51::3/64 dev wan0 nodad
        addr add 10.66.255.3/32 dev wan0
        addr add 10.66.0.1/24 dev priv0
        addr add fd00:66::1/64 dev priv0 nodad
        route add default via 198.51.100.1
        route add default via 2001:db8:51::1
        route add unreachable 10.66.0.98
        route add unreachable fd00:66::98
        route add unreachable 10.66.0.0/16
        route add unreachable fd00:66::/48
    """,
    "corp": """
        addr add 10.66.0.10/24 dev priv0
        addr add fd00:66::10/64 dev priv0 nodad
        route add default via 10.66.0.1
        route add default via fd00:66::1
    """,
    "priv": """
        addr add 10.1.2.10/24 dev priv0
        addr add fd00:1:2::10/64 dev priv0 nodad
        addr add 198.51.100.200/32 dev priv0
        addr add 2001:db8:51::200/128 dev priv0 nodad
        route add default via 10.1.2.1
        route add default via fd00:1:2::1
    """,
    "near": """
        addr add 10.9.0.10/24 dev near0
        addr add fd00:9::10/64 dev near0 nodad
        route add default via 10.9.0.1
        route add default via fd00:9::1
    """,
}

# Set before the cables exist, so that every interface starts with them. The values of the caller's
# namespace would be inherited otherwise (net.core.devconf_inherit_init_net).
SYSCTLS = {
    "net.ipv4.ip_forward": 0,
    "net.ipv4.conf.all.rp_filter": 0,
    "net.ipv4.conf.default.rp_filter": 0,
    "net.ipv6.conf.all.disable_ipv6": 0,
    "net.ipv6.conf.default.disable_ipv6": 0,
    "net.ipv6.conf.all.forwarding": 0,
    "net.ipv6.conf.default.accept_dad": 0,
    "net.ipv6.conf.default.accept_ra": 0,
    "net.ipv6.conf.default.router_solicitations": 0,
    "net.core.somaxconn": 16384,
    "net.ipv4.tcp_max_syn_backlog": 16384,
    "net.ipv4.ping_group_range": "0 2147483647",
}
ROUTER_SYSCTLS = {"net.ipv4.ip_forward": 1, "net.ipv6.conf.all.forwarding": 1,
                  "net.ipv4.icmp_ratelimit": 0, "net.ipv6.icmp.ratelimit": 0}
ROUTERS = ["wan", "vpngw"]

# Port 82 of the server hosts swallows everything.
SILENT = """
    table inet silent {
        chain input { type filter hook input priority 0; tcp dport 82 drop; }
    }
"""
# sshgw: ssh port 2223 is the gateway that never answers.
SILENT_GATEWAY = """
    table inet silent {
        chain input { type filter hook input priority 0; tcp dport 2223 drop; }
    }
"""
# What is counted here comes from gw and should have been in a tunnel: packets to a private address, packets
# from one or from dvpn0's own, and questions to another resolver than the provider's (its log tells their
# names).
# `lab exec wan nft list counter inet watch leaked`
# (An unreachable route would tell IPv6 clients "no route", which is another error than for IPv4.)
WATCH = """
    table inet watch {
        counter leaked { }
        chain prerouting {
            type filter hook prerouting priority -300;
            ip daddr 10.66.255.3 accept
            ip saddr 10.66.255.3 accept
            ether saddr 02:00:cb:00:71:02 jump from_gateway
        }
        chain from_gateway {
            ip daddr { 10.1.2.0/24, 10.66.0.0/16 } counter name leaked
            ip6 daddr { fd00:1:2::/64, fd00:66::/48 } counter name leaked
            ip saddr { 10.1.2.0/24, 10.66.0.0/16, 192.0.0.8 } counter name leaked
            ip6 saddr { fd00:1:2::/64, fd00:66::/48, fd64:7670:6e00::1 } counter name leaked
            meta l4proto { tcp, udp } th dport 53 fib daddr type != local counter name leaked
        }
        chain forward {
            type filter hook forward priority 0;
            ip daddr 10.9.0.98 reject with icmpx type host-unreachable
            ip6 daddr fd00:9::98 reject with icmpx type host-unreachable
        }
    }
"""
FIREWALLS = {"priv": SILENT, "corp": SILENT, "near": SILENT, "wan": WATCH, "sshgw": SILENT_GATEWAY}

NAMES = """
127.0.0.1 localhost
::1 localhost
192.168.77.10 lan
192.168.77.11 lan2
192.168.77.1 gw
203.0.113.66 stranger
198.51.100.2 sshgw
198.51.100.3 vpngw
10.9.0.10 near
"""

# Whom a host asks for names.
RESOLVERS = {"lan": "192.168.77.1", "lan2": "192.168.77.1", "guest": "192.168.88.1",
             "gw": "203.0.113.1", "stranger": "203.0.113.1",
             "sshgw": "198.51.100.1", "vpngw": "198.51.100.1", "wan": "198.51.100.1",
             "priv": "10.1.2.10", "corp": "10.66.0.10", "near": "198.51.100.1"}
