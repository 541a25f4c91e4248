"""Another lab: sites on the internet, as docs/howto.md has them. Nothing is set up in it: the page does that.

    pc-a .10 -- lan0 .1 gw-a .11 --+
    pc-b .10 -- lan0 .1 gw-b .12 --+-- net .1 (the internet; its resolver knows public names only)
    pc-c .10 -- lan0 .1 gw-c .13 --+
                        laptop .50 +
    box .2, nas .10 -- .1 router .20

    internet  203.0.113.0/24
    sites     10.1.1.0/24, 10.1.2.0/24, 10.1.3.0/24; the pcs are web servers, and ask their gateway for names
    home      192.168.1.0/24 behind the router, which hands its port 2222 to box, port 22. nas is a web server

Each host has an /etc, /root, /usr/local and /var/lib of its own. Root of gw-a may log in on the other gateways and the
laptop, and root of the laptop on box. `systemctl` is a few lines that start what there is.
"""
import json
import os
from pathlib import Path
from types import SimpleNamespace

import accounts
import namespaces
import topology
from basics import call, wait_until
from laboratory import HERE, PYTHON, Lab, find_sshd

SITES = {"a": 11, "b": 12, "c": 13}

HOSTS = {
    "net": """
        link add isp type bridge forward_delay 0 mcast_snooping 0
        link set port-a master isp
        link set port-b master isp
        link set port-c master isp
        link set port-laptop master isp
        link set port-router master isp
        link set isp up
        addr add 203.0.113.1/24 dev isp
    """,
    "laptop": """
        addr add 203.0.113.50/24 dev wan0
        route add default via 203.0.113.1
    """,
    "router": """
        link add inside type bridge forward_delay 0 mcast_snooping 0
        link set port-box master inside
        link set port-nas master inside
        link set inside up
        addr add 203.0.113.20/24 dev wan0
        addr add 192.168.1.1/24 dev inside
        route add default via 203.0.113.1
    """,
    "box": """
        addr add 192.168.1.2/24 dev lan0
        route add default via 192.168.1.1
    """,
    "nas": """
        addr add 192.168.1.10/24 dev lan0
        route add default via 192.168.1.1
    """,
}
for number, (name, address) in enumerate(SITES.items(), 1):
    HOSTS[f"gw-{name}"] = f"""
        addr add 203.0.113.{address}/24 dev wan0
        addr add 10.1.{number}.1/24 dev lan0
        route add default via 203.0.113.1
    """
    HOSTS[f"pc-{name}"] = f"""
        addr add 10.1.{number}.10/24 dev lan0
        route add default via 10.1.{number}.1
    """
CABLES = "\n".join([*(f"net port-{name} gw-{name} wan0\n gw-{name} lan0 pc-{name} lan0" for name in SITES),
                    "net port-laptop laptop wan0", "net port-router router wan0",
                    "router port-box box lan0", "router port-nas nas lan0"])
NAT = """
    table ip nat {
        chain in { type nat hook prerouting priority dstnat; iifname wan0 tcp dport 2222 dnat to 192.168.1.2:22; }
        chain out { type nat hook postrouting priority srcnat; oifname wan0 masquerade; }
    }
"""
RESOLVERS = {name: f"10.1.{number}.1" for number, name in enumerate(["pc-a", "pc-b", "pc-c"], 1)}

INTERNET = SimpleNamespace(
    HOSTS=HOSTS, CABLES=CABLES, SYSCTLS=topology.SYSCTLS, ROUTER_SYSCTLS=topology.ROUTER_SYSCTLS,
    ROUTERS=["router"], FIREWALLS={"router": NAT})

# Where dvpn is, and where there is an sshd.
INSTALLED = ["gw-a", "gw-b", "gw-c", "laptop"]
REACHED = ["gw-a", "gw-b", "gw-c", "box"]

SYSTEMCTL = """#!/bin/sh
# systemd's part in the lab: "enable --now dvpn.target".
case "$*" in
*" dvpn.target")
    mkdir -p /run/dvpn
    setsid --fork dvpn-dataplane --listen 3876 --control /run/dvpn/control.sock --user dvpn \
        >>"$LAB/log/dataplane-$(hostname)" 2>&1 </dev/null
    setsid --fork dvpn-controlplane >>"$LAB/log/controlplane-$(hostname)" 2>&1 </dev/null
    ;;
*)
    echo "systemctl $*: not in the lab" >&2
    exit 1
    ;;
esac
"""


class Sites(Lab):
    """`run_page` runs a block of the page on a host; everything else is `Lab`'s."""

    topology = INTERNET
    home = "net"

    def _build(self) -> None:
        for name in ("log", "run", "bin", "accounts", "bare"):
            (self.directory / name).mkdir(mode=0o755)
        accounts.write(self.directory / "accounts")
        accounts.write(self.directory / "bare", {"sshd": accounts.ACCOUNTS["sshd"]})
        (self.directory / "bin/systemctl").write_text(SYSTEMCTL)
        (self.directory / "bin/systemctl").chmod(0o755)
        call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "root", "-f", str(self.directory / "root_key"))

        def record(pid: int) -> None:
            (self.directory / "init").write_text(f"{pid} {namespaces.start_time(pid)}")

        holders = namespaces.create(list(HOSTS), self._prepare_host, record)
        (self.directory / "hosts.json").write_text(json.dumps(holders))
        self._network(holders)
        self._servers()

    def _prepare_host(self, host: str) -> None:
        for path in ("/etc", "/root", "/usr/local", "/var/lib"):
            upper, work = (f"/run/lab{path}/{name}" for name in ("upper", "work"))
            os.makedirs(upper, 0o755)
            os.makedirs(work, 0o755)
            namespaces.mount("lab", path, "overlay", data=f"lowerdir={path},upperdir={upper},workdir={work}")
        source = self.directory / ("accounts" if host in INSTALLED else "bare")
        for name in accounts.FILES:
            Path(f"/etc/{name}").unlink()
            Path(f"/etc/{name}").write_bytes((source / name).read_bytes())
            Path(f"/etc/{name}").chmod(0o600 if name == "shadow" else 0o644)
        for name, text in (("resolv.conf", f"nameserver {RESOLVERS.get(host, '203.0.113.1')}\n"),
                           ("hosts", f"127.0.0.1 localhost {host}\n"), ("hostname", f"{host}\n")):
            Path(f"/etc/{name}").unlink(missing_ok=True)
            Path(f"/etc/{name}").write_text(text)
        for key, value in (topology.SYSCTLS | (topology.ROUTER_SYSCTLS if host == "router" else {})).items():
            path = Path("/proc/sys") / key.replace(".", "/")
            if path.exists():
                path.write_text(str(value))
        if host in REACHED:
            Path("/usr/local/sbin/sshd").unlink(missing_ok=True)
            Path("/usr/local/sbin/sshd").symlink_to(find_sshd())
        os.makedirs("/run/sshd", 0o755)
        os.makedirs("/etc/dvpn", 0o755, exist_ok=True)

    def _servers(self) -> None:
        for host in ("pc-a", "pc-b", "pc-c", "nas"):
            self.start(host, f"servers-{host}", PYTHON, str(HERE / "servers.py"))
        self.start("net", "dns-net", "/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null",
                   "--no-resolv", "--no-hosts", "--pid-file=", "--user=root", "--bind-interfaces", "--log-queries",
                   "--log-facility=-", "--listen-address=203.0.113.1", "--address=/#/",
                   "--host-record=www.example.net,93.184.216.34")
        for host in REACHED:
            self._sshd(host)
        self._admins()
        for host, port in (("pc-a", 80), ("pc-b", 80), ("pc-c", 80), ("nas", 80), ("net", 53),
                           *((host, 22) for host in REACHED)):
            wait_until(lambda: self.listens(host, port), 10, f"port {port} on {host}")

    def _sshd(self, host: str) -> None:
        """An ordinary sshd, with Debian's place for more of its configuration."""
        self.run(host, "sh", "-euc", """
            mkdir -p /etc/ssh/sshd_config.d
            rm -f /etc/ssh/ssh_host_* /etc/ssh/sshd_config.d/*
            ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
            cat >/etc/ssh/sshd_config <<'END'
Include /etc/ssh/sshd_config.d/*.conf
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
PidFile /run/sshd.pid
Subsystem sftp internal-sftp
END
        """)
        self.start(host, f"sshd-{host}", str(find_sshd()), "-D", "-e")

    def _admins(self) -> None:
        """Who may log in where, as an administrator has it before dvpn."""
        key, public = ((self.directory / name).read_text() for name in ("root_key", "root_key.pub"))
        for host in INSTALLED + ["box"]:
            self.run(host, "sh", "-euc", "mkdir -p -m 700 /root/.ssh; umask 077; cat >/root/.ssh/authorized_keys",
                     input=public)
        for admin, places in (("gw-a", {"203.0.113.12": "gw-b", "203.0.113.13": "gw-c"}),
                              ("laptop", {"203.0.113.11": "gw-a", "203.0.113.12": "gw-b", "203.0.113.13": "gw-c",
                                          "[203.0.113.20]:2222": "box"})):
            known = "".join(f"{place} {self.run(host, 'cat', '/etc/ssh/ssh_host_ed25519_key.pub').stdout}"
                            for place, host in places.items())
            self.run(admin, "sh", "-euc", "umask 077; cat >/root/.ssh/id_ed25519", input=key)
            self.run(admin, "sh", "-euc", "umask 077; cat >/root/.ssh/known_hosts", input=known)

    def run_page(self, host: str, block: str) -> str:
        """Runs a block of the page as root of a host types it; what it says, or LabError."""
        programs = Path(self.program("dvpnctl")).parent
        path = f"{self.directory}/bin:{programs}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return self.run(host, "env", f"PATH={path}", f"LAB={self.directory}", "HOME=/root", "sh", "-eu",
                        input=block, timeout=120).stdout

    def masters(self, host: str) -> int:
        """Processes of dvpn-ssh on a host."""
        return len(self.run(host, "sh", "-c", """
            for pid in $(pgrep -u dvpn-ssh -x ssh); do
                [ "$(readlink /proc/$pid/ns/net)" = "$(readlink /proc/self/ns/net)" ] && echo $pid
            done; true""").stdout.split())
