"""One lab: its directory, its hosts, its servers, and dvpn's daemons on its gateway.

Used by the command `lab` and by the tests. Everything that runs is inside the lab's PID namespace
(namespaces.py), so that `down` ends all of it, whatever state it is in.
"""
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import accounts
import configuration
import namespaces
import resolvers
import topology
from basics import LabError, call, wait_until
from concentrator import Concentrator

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
PYTHON = "/usr/bin/python3"

DELAYS = {2203: 3, 2210: 10}  # sshgw: ssh ports whose answer begins so many seconds late

GATEWAY_SSHD = """
Port 22
Port 2222
Port 2223
# The gateway that lets one port through and refuses the others.
Match LocalPort 2222
    PermitOpen 10.1.2.10:80 [fd00:1:2::10]:80
# A jail that forwards and does nothing else. MaxSessions is 1 and not 0, because sshd sets
# TCP_NODELAY only when a session is asked for.
Match User dvpn
    AllowTcpForwarding local
    AllowStreamLocalForwarding no
    AllowAgentForwarding no
    X11Forwarding no
    PermitTTY no
    PermitTunnel no
    PermitListen none
    MaxSessions 1
    ForceCommand /bin/false
    PermitOpen any
"""


class Lab:
    """A lab by name. Several may be up at once; equal names mean the same lab."""

    topology = topology
    home = "gw"  # the host by which processes are looked at: all share one PID namespace

    def __init__(self, name: str) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,40}", name) or name in self.topology.HOSTS:
            raise LabError(f"{name!r} cannot be a lab's name")
        self.name = name
        # Not below /run, which is each host's own.
        base = os.environ.get("TMPDIR", "/tmp")
        self.directory = Path("/tmp" if base.startswith("/run") else base) / f"dvpn-lab-{name}"
        self.config = self.directory / "dvpn.toml"
        self.vpn = Concentrator(self)

    # --- up and down ------------------------------------------------------------------------------

    def up(self, vpn: bool = False) -> None:
        """Builds it; with `vpn` the concentrator and what is behind it are started too."""
        if self.is_up():
            raise LabError(f"lab {self.name} is up already")
        find_sshd()
        self.down()
        self.directory.mkdir(mode=0o755)
        try:
            self._build()
            if vpn:
                self.vpn.start()
                self.config.write_text(configuration.everything(self))
            (self.directory / "built").touch()
        except BaseException:
            self._keep_logs()
            self.down()
            raise

    def down(self) -> None:
        """Ends everything and removes the directory. Nothing there is nothing to do."""
        if self.directory.is_symlink() or not self.directory.is_dir():
            return
        if self.directory.stat().st_uid != 0:
            raise LabError(f"{self.directory} is not ours")
        recorded = self._recorded_init()
        if recorded:
            namespaces.end(*recorded)
        shutil.rmtree(self.directory)

    def is_up(self) -> bool:
        recorded = self._recorded_init()
        return bool(recorded) and namespaces.start_time(recorded[0]) == recorded[1] \
            and (self.directory / "built").exists()

    def _recorded_init(self) -> tuple[int, str] | None:
        try:
            pid, started = (self.directory / "init").read_text().split()
        except (FileNotFoundError, ValueError):
            return None
        return int(pid), started

    def _keep_logs(self) -> None:
        """A failed `up` leaves its logs on standard error, since its directory goes."""
        for log in sorted(self.directory.glob("log/*")):
            text = log.read_text(errors="replace").strip()
            if text:
                print(f"--- {log.name}\n{text[-2000:]}", file=sys.stderr)

    def _build(self) -> None:
        for name in ("log", "run", "ssh", "state"):
            (self.directory / name).mkdir(mode=0o755)
        accounts.write(self.directory)
        (self.directory / "hosts").write_text(self.topology.NAMES.lstrip())
        self._write_keys()
        self._write_config()

        def record(pid: int) -> None:
            (self.directory / "init").write_text(f"{pid} {namespaces.start_time(pid)}")

        holders = namespaces.create(list(self.topology.HOSTS), self._prepare_host, record)
        (self.directory / "hosts.json").write_text(json.dumps(holders))
        self._network(holders)
        self._servers()

    def _prepare_host(self, host: str) -> None:
        """Inside the host's fresh namespaces, before it has any interface."""
        # An /etc of its own, so that whatever is written there ends with the host.
        for path in ("/run/etc/upper", "/run/etc/work"):
            os.makedirs(path, 0o755)
        namespaces.mount("etc", "/etc", "overlay",
                         data="lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work")
        resolver = Path("/etc/resolv.conf")
        resolver.unlink(missing_ok=True)
        resolver.touch(0o644)
        resolver.write_text(f"nameserver {self.topology.RESOLVERS[host]}\n")
        accounts.mount(self.directory)
        namespaces.mount(str(self.directory / "hosts"), "/etc/hosts", flags=namespaces.MS_BIND)
        values = self.topology.SYSCTLS | (self.topology.ROUTER_SYSCTLS if host in self.topology.ROUTERS else {})
        for key, value in values.items():
            path = Path("/proc/sys") / key.replace(".", "/")
            if path.exists():
                path.write_text(str(value))
        os.mkdir("/run/sshd", 0o755)
        os.mkdir("/run/dvpn", 0o755)

    def _write_keys(self) -> None:
        ssh = self.directory / "ssh"
        for name in ("host_key", "id_ed25519", "wrong_key"):
            call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(ssh / name))
        public = (ssh / "id_ed25519.pub").read_text()
        (ssh / "authorized_keys").write_text(public)
        addresses = ["198.51.100.2", "2001:db8:51::2", "10.1.2.1", "fd00:1:2::1", "vpn.home.example",
                     "10.66.0.10", "www.corp.example"]
        names = [*addresses, *(f"[{address}]:*" for address in addresses)]
        self._write_known_hosts("known_hosts", names, "host_key")
        self._write_known_hosts("wrong_known_hosts", names, "wrong_key")
        for name in ("id_ed25519", "wrong_key", "known_hosts", "wrong_known_hosts"):
            os.chown(ssh / name, accounts.ACCOUNTS["dvpn-ssh"], accounts.ACCOUNTS["dvpn-ssh"])
            (ssh / name).chmod(0o600)

    def _write_known_hosts(self, name: str, hosts: list[str], key: str) -> None:
        ssh = self.directory / "ssh"
        (ssh / name).write_text(f"{','.join(hosts)} {(ssh / (key + '.pub')).read_text()}")

    def _write_config(self) -> None:
        ssh = self.directory / "ssh"
        self.config.write_text(f"""\
lan = ["br-lan"]

[[network]]
name     = "home"
prefixes = ["10.1.2.0/24", "fd00:1:2::/64"]
via      = "ssh"
gateway  = "dvpn@198.51.100.2"
idle     = "5s"
[network.ssh]
identity    = "{ssh}/id_ed25519"
known-hosts = "{ssh}/known_hosts"

[[network]]
name     = "near"
prefixes = ["10.9.0.0/24", "fd00:9::/64"]
via      = "direct"
""")

    def _network(self, holders: dict[str, int]) -> None:
        cables = [line.split() for line in self.topology.CABLES.strip().splitlines()]
        for one, interface, other, peer in cables:
            # Born inside the two hosts: the caller's namespace never sees them.
            call("ip", "link", "add", interface, "netns", str(holders[one]), "type", "veth",
                  "peer", "name", peer, "netns", str(holders[other]))
        for host, commands in self.topology.HOSTS.items():
            ends = [c[1] for c in cables if c[0] == host] + [c[3] for c in cables if c[2] == host]
            links = "".join(f"link set {name} up\n" for name in ["lo", *ends])
            self.run(host, "ip", "-batch", "-", input=links + commands)
            if host in self.topology.FIREWALLS:
                self.run(host, "nft", "-f", "-", input=self.topology.FIREWALLS[host])

    def _servers(self) -> None:
        for host in ("priv", "near"):
            self.start(host, f"servers-{host}", PYTHON, str(HERE / "servers.py"))
        for host in ("wan", "priv"):
            self.start_resolver(host)
        self.start_sshd("sshgw", "sshd", GATEWAY_SSHD)
        for port, seconds in DELAYS.items():
            self.start("sshgw", f"late-{port}", PYTHON, str(HERE / "servers.py"),
                       "--late", str(port), str(seconds))
        ports = [("priv", 80), ("near", 80), ("sshgw", 22), ("priv", 53), ("wan", 53)]
        for host, port in (*ports, *(("sshgw", p) for p in DELAYS)):
            wait_until(lambda: self.listens(host, port), 10, f"port {port} on {host}")

    def start_resolver(self, host: str) -> None:
        self.start(host, f"dns-{host}", *resolvers.command(host))

    def start_bus(self, strict: bool = False) -> None:
        """A system bus on gw. Ends as "bus".

        Everybody may do everything there, or what a distribution's bus and our own policy allow.
        """
        self.run("gw", "sh", "-c", "mkdir -p /run/dbus; rm -f /run/dbus/system_bus_socket")
        config = "bus-strict.conf" if strict else "bus.conf"
        self.start("gw", "bus", "dbus-daemon", f"--config-file={HERE}/{config}", "--nofork", "--nopidfile")
        wait_until(lambda: self.run("gw", "test", "-S", "/run/dbus/system_bus_socket", check=False)
                   .returncode == 0, 5, "the bus")

    def start_sshd(self, host: str, name: str, rules: str) -> None:
        """A real sshd with the stock limit of descriptors, which lets the lab's key in."""
        ssh = self.directory / "ssh"
        config = ssh / f"{name}_config"
        config.write_text(f"""\
HostKey {ssh}/host_key
AuthorizedKeysFile {ssh}/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PidFile none
LogLevel VERBOSE
{rules}""")
        self.start(host, name, "prlimit", "--nofile=1024:", str(find_sshd()), "-D", "-e", "-f", str(config))

    # --- doing things on a host -------------------------------------------------------------------

    def argv(self, host: str, *command: str) -> list[str]:
        """The command line that runs a command on a host; the command dies with its caller."""
        if host not in self.topology.HOSTS:
            raise LabError(f"no host {host!r}; there are: {', '.join(self.topology.HOSTS)}")
        try:
            holder = json.loads((self.directory / "hosts.json").read_text())[host]
        except FileNotFoundError:
            raise LabError(f"lab {self.name} is not up") from None
        return ["nsenter", f"--target={holder}", "--net", "--mount", "--uts", "--pid",
                "setpriv", "--pdeathsig=KILL", "--", *command]

    def run(self, host: str, *command: str, check: bool = True, timeout: float = 60,
            input: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end; `check` raises LabError with the command's own words."""
        result = subprocess.run(self.argv(host, *command), text=True, timeout=timeout, input=input,
                                capture_output=True, stdin=subprocess.DEVNULL if input is None else None)
        if check and result.returncode != 0:
            raise LabError(f"{host}: {' '.join(command)}: exit {result.returncode}\n"
                           f"{result.stdout[-2000:]}{result.stderr[-2000:]}")
        return result

    def spawn(self, host: str, *command: str) -> subprocess.Popen[str]:
        """A command with pipes, for the caller to talk to and to end."""
        return subprocess.Popen(self.argv(host, *command), text=True, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=1)

    def set_resolver(self, host: str, address: str) -> None:
        """Whom the host's programs ask for names (its /etc/resolv.conf)."""
        self.run(host, "sh", "-c", 'rm -f /etc/resolv.conf; echo "nameserver $1" >/etc/resolv.conf',
                 "sh", address)

    def host_state(self) -> str:
        """Everything of gw that dvpn may change, as text to compare."""
        commands = ("ip -d link", "ip -4 addr", "ip -6 addr", "ip -4 rule", "ip -6 rule",
                    "ip -4 route show table all", "ip -6 route show table all", "nft list ruleset",
                    "sysctl -a --pattern ^net[.]")
        parts = [f"# {c}\n{self.run('gw', *c.split()).stdout}" for c in commands]
        # What counts or runs down by itself is no state, nor a key that the kernel makes for the first who
        # listens with TCP fast open, as dnsmasq does.
        return re.sub(r"(expires|valid_lft|preferred_lft|\w+_timer|\w+_count =|tcp_fastopen_key =) +\S+", r"\1",
                      "".join(parts))

    def listens(self, host: str, port: int) -> bool:
        return bool(self.run(host, "ss", "-H", "-ltn", f"sport = :{port}").stdout)

    # --- daemons ----------------------------------------------------------------------------------

    def start(self, host: str, name: str, *command: str) -> None:
        """Starts a daemon as a child of the lab's init; run/NAME names it, log/NAME is its output."""
        record, log = self.directory / "run" / name, self.directory / "log" / name
        record.unlink(missing_ok=True)
        # setsid --fork: its parent ends at once, so that the daemon becomes the init's child.
        self.run(host, "setsid", "--fork", "sh", "-c",
                 'record=$1 log=$2; shift 2; echo $$ >"$record"; exec "$@" >>"$log" 2>&1 </dev/null',
                 "sh", str(record), str(log), *command)
        pid = wait_until(lambda: record.exists() and record.read_text().strip(), 10, f"start {name}")
        record.write_text(f"{pid} {self._start_time(int(str(pid)))}")

    def pid(self, name: str) -> int | None:
        """A running daemon's pid as its host sees it."""
        try:
            pid, started = (self.directory / "run" / name).read_text().split()
        except (FileNotFoundError, ValueError):
            return None
        return int(pid) if self._start_time(int(pid)) == started else None

    def signal(self, name: str, signal: str) -> None:
        """Sends a signal ("TERM", "KILL", "HUP") to a daemon that runs; else does nothing."""
        pid = self.pid(name)
        if pid:
            self.run(self.home, "kill", f"-{signal}", str(pid), check=False)

    def end(self, name: str, signal: str = "TERM", timeout: float = 10) -> None:
        self.signal(name, signal)
        try:
            wait_until(lambda: not self.pid(name), timeout, f"{name} to end")
        except TimeoutError:
            self.signal(name, "KILL")
            raise

    def _start_time(self, pid: int) -> str:
        """The start time of a process of the lab by its inner pid; empty when it has gone."""
        recorded = self._recorded_init()
        holder = json.loads((self.directory / "hosts.json").read_text())[self.home] if recorded else 0
        return namespaces.start_time(pid, f"/proc/{holder}/root/proc")

    # --- dvpn -------------------------------------------------------------------------------------

    def program(self, name: str) -> str:
        directory = Path(os.environ.get("BIN", PROJECT / ".build/programs")).resolve()
        path = directory / name
        if not path.exists():
            raise LabError(f"{path} is missing: run `make build`, or set BIN")
        return str(path)

    def start_dvpn(self, config: str | None = None, *options: str) -> None:
        """Starts both daemons on gw, with another configuration if one is given, and waits for both.

        The options are the controlplane's.
        """
        if config is not None:
            self.config.write_text(config)
        self.start_dataplane()
        self.start_controlplane(*options)

    def start_dataplane(self, *options: str) -> None:
        self.start("gw", "dataplane", self.program("dvpn-dataplane"), "--listen", "3876",
                   "--control", "/run/dvpn/control.sock", "--user", "dvpn", *options)
        self._wait_for("dataplane", lambda: self.listens("gw", 3876))

    def start_controlplane(self, *options: str) -> None:
        self.start("gw", "controlplane", self.program("dvpn-controlplane"), "--config",
                   str(self.config), *self.directories(), *options)
        self._wait_for("controlplane",
                       lambda: self.dvpnctl("status", "--json", check=False).stdout)

    def stop_dvpn(self) -> None:
        """Ends both daemons and undoes what they did to the host."""
        for name in ("controlplane", "dataplane"):
            self.end(name)
        self.cleanup()

    def cleanup(self) -> None:
        self.run("gw", self.program("dvpn-controlplane"), "--cleanup", *self.directories())

    def dvpnctl(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run("gw", self.program("dvpnctl"), "--runtime-dir", "/run/dvpn", *arguments,
                        check=check)

    def log(self, name: str) -> str:
        path = self.directory / "log" / name
        return path.read_text(errors="replace") if path.exists() else ""

    def directories(self) -> list[str]:
        """The controlplane's options that say where it keeps things."""
        return ["--runtime-dir", "/run/dvpn", "--state-dir", str(self.directory / "state")]

    def _wait_for(self, name: str, ready: Callable[[], object]) -> None:
        def done() -> object:
            if not self.pid(name):
                raise LabError(f"{name} ended while it started:\n{self.log(name)[-2000:]}")
            return ready()
        wait_until(done, 15, f"{name} to be ready (log: {self.directory}/log/{name})")


def find_sshd() -> Path:
    """The machine's sshd, or the one that Scripts/fetch-sshd unpacked without installing it."""
    unpacked = PROJECT / ".build/lab/sshd/usr/sbin/sshd"
    installed = Path("/usr/sbin/sshd")
    if not installed.exists() and not unpacked.exists():
        call(str(PROJECT / "Scripts/fetch-sshd"))
    return installed if installed.exists() else unpacked
