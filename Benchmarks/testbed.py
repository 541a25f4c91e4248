"""The hosts of a benchmark, in namespaces of their own.

    client  .2 to .17 --- 10.71.N.0/24 --- .1  gateway N  .1 --- 10.72.N.0/24 --- .10, .11  server

Every contender has a gateway of its own, so that no rule, route or connection table is shared. A gateway
does not forward, unless that is what is measured: what arrives came through the contender.

All of it is one PID namespace and vanishes with its first process. A guard outside, who does nothing but
wait for the end of the process that built it, sees to that: also after ^C, and after kill -9.
"""
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "Tests/Lab"))

import accounts
import namespaces
from basics import LabError, call, wait_until
from laboratory import find_sshd

CLIENT, SERVER = "client", "server"
SOURCES = 16  # the client's addresses: 60,000 ports of one would soon all be in TIME_WAIT
SERVER_PORT = 9000

SYSCTLS = {
    "net.ipv4.ip_forward": 0,
    "net.ipv4.conf.all.rp_filter": 0,
    "net.ipv4.conf.default.rp_filter": 0,
    "net.ipv4.ip_local_port_range": "1024 65535",
    "net.ipv4.tcp_tw_reuse": 1,
    "net.ipv4.tcp_max_tw_buckets": 200000,
    "net.ipv4.tcp_max_syn_backlog": 16384,
    "net.core.somaxconn": 16384,
    "net.ipv6.conf.all.disable_ipv6": 0,
    "net.ipv6.conf.default.disable_ipv6": 0,
}
# Entries of connections that have ended would fill the table within seconds.
CONNTRACK = {"nf_conntrack_tcp_timeout_time_wait": 1, "nf_conntrack_tcp_timeout_close": 1}

SSHD = """\
ListenAddress 0.0.0.0
HostKey {ssh}/host_key
AuthorizedKeysFile {ssh}/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PidFile none
MaxStartups 1000
"""


class Placement:
    """Which processors do what: the load on the first, the contender on the last ones.

    Alone on its processor, a contender pays for the interrupts of its own packets and for no others.
    """

    def __init__(self, cores: list[int]) -> None:
        self.cores = cores

    def load(self) -> list[int]:
        return self.cores[:1]

    def server(self) -> list[int]:
        return self.cores[1:2] if len(self.cores) > 3 else self.cores[:1]

    def contender(self, count: int = 1) -> list[int]:
        return self.cores[-count:]

    def is_alone(self, cores: list[int]) -> bool:
        return not set(cores) & {*self.load(), *self.server()}


class Testbed:
    """Client, server and gateways; use it as a context."""

    __test__ = False

    def __init__(self, gateways: list[str], tools: Path) -> None:
        self.gateways = gateways
        self.tools = tools
        self.placement = Placement(sorted(os.sched_getaffinity(0)))
        self.directory = Path(tempfile.mkdtemp(prefix="dvpn-bench-"))
        self.received = self.directory / "received"
        self.holders: dict[str, int] = {}
        self._lifeline = -1
        self._guard = 0

    # --- up and down ------------------------------------------------------------------------------

    def __enter__(self) -> "Testbed":
        try:
            self._build()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self._guard:
            os.close(self._lifeline)
            os.waitpid(self._guard, 0)
            self._guard = 0
        else:
            shutil.rmtree(self.directory, ignore_errors=True)

    def _build(self) -> None:
        self.directory.chmod(0o755)
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self._write_accounts()
        self._write_keys()
        self.holders = namespaces.create([CLIENT, SERVER, *self.gateways], self._prepare, self._appoint_guard)
        for number, gateway in enumerate(self.gateways, 1):
            self._connect(gateway, number)
        self._start_servers()

    def _appoint_guard(self, init: int) -> None:
        """Starts the guard. From here on nothing can be left behind."""
        started = namespaces.start_time(init)
        ours, self._lifeline = os.pipe()  # both close on exec, and the hosts were forked before
        self._guard = os.fork()
        if self._guard == 0:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            try:
                os.setsid()
                os.close(self._lifeline)
                os.read(ours, 1)
                namespaces.end(init, started)
                shutil.rmtree(self.directory, ignore_errors=True)
            finally:
                os._exit(0)
        os.close(ours)

    def _prepare(self, host: str) -> None:
        """Inside the host's fresh namespaces, before it has any interface."""
        accounts.mount(self.directory / f"accounts-{host}")
        for key, value in SYSCTLS.items():
            path = Path("/proc/sys") / key.replace(".", "/")
            if path.exists():
                path.write_text(str(value))
        for name in ("sshd", "dvpn"):
            os.mkdir(f"/run/{name}", 0o755)

    def _write_accounts(self) -> None:
        """On each host another user dvpn: the kernel limits the memory of all pipes of one user (pipe(7))."""
        for number, host in enumerate([CLIENT, SERVER, *self.gateways]):
            directory = self.directory / f"accounts-{host}"
            directory.mkdir()
            accounts.write(directory, accounts.ACCOUNTS | {"dvpn": accounts.ACCOUNTS["dvpn"] + 100 + number})

    def _write_keys(self) -> None:
        self.ssh = self.directory / "ssh"
        self.ssh.mkdir()
        for name in ("host_key", "id_ed25519"):
            call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(self.ssh / name))
        shutil.copy(self.ssh / "id_ed25519.pub", self.ssh / "authorized_keys")
        (self.ssh / "known_hosts").write_text(f"10.72.* {(self.ssh / 'host_key.pub').read_text()}")
        for name in ("id_ed25519", "known_hosts"):
            os.chown(self.ssh / name, accounts.ACCOUNTS["dvpn-ssh"], accounts.ACCOUNTS["dvpn-ssh"])

    def _connect(self, gateway: str, number: int) -> None:
        for host, name, interface in ((CLIENT, f"gateway-{number}", "client"),
                                      (SERVER, f"gateway-{number}", "server")):
            # Born inside the two hosts: the caller's namespace never sees them.
            call("ip", "link", "add", interface, "netns", str(self.holders[gateway]), "type", "veth",
                 "peer", "name", name, "netns", str(self.holders[host]))
        sources = "".join(f"addr add 10.71.{number}.{2 + n}/24 dev gateway-{number}\n" for n in range(SOURCES))
        services = "".join(f"addr add 10.72.{number}.{n}/24 dev gateway-{number}\n" for n in (10, 11))
        self._configure(CLIENT, f"gateway-{number}", sources, f"10.72.{number}.0/24 via 10.71.{number}.1")
        self._configure(SERVER, f"gateway-{number}", services, f"10.71.{number}.0/24 via 10.72.{number}.1")
        self._configure(gateway, "client", f"addr add 10.71.{number}.1/24 dev client\n")
        self._configure(gateway, "server", f"addr add 10.72.{number}.1/24 dev server\n")

    def _configure(self, host: str, interface: str, addresses: str, route: str = "") -> None:
        text = f"link set lo up\nlink set {interface} up\n{addresses}" + (f"route add {route}\n" if route else "")
        self.run(host, "ip", "-batch", "-", input=text)

    def _start_servers(self) -> None:
        config = self.ssh / "sshd_config"
        config.write_text(SSHD.format(ssh=self.ssh))
        self.spawn(SERVER, self.placement.server(), str(self.tools / "load"), "server",
                   "--port", str(SERVER_PORT), "--received", str(self.received))
        self.spawn(SERVER, self.placement.server(), str(find_sshd()), "-D", "-e", "-f", str(config))
        if shutil.which("microsocks"):
            self.spawn(SERVER, self.placement.server(), "microsocks", "-p", "1080")
        for port in (SERVER_PORT, 22):
            wait_until(lambda: self.run(SERVER, "ss", "-H", "-ltn", f"sport = :{port}").stdout, 10,
                       f"the server's port {port}")

    # --- addresses --------------------------------------------------------------------------------

    def number(self, gateway: str) -> int:
        return self.gateways.index(gateway) + 1

    def target(self, gateway: str) -> str:
        """The server's address behind this gateway."""
        return f"10.72.{self.number(gateway)}.10"

    def services(self, gateway: str) -> str:
        """Another address of the server, where sshd and the SOCKS server are meant."""
        return f"10.72.{self.number(gateway)}.11"

    # --- doing things on a host -------------------------------------------------------------------

    def argv(self, host: str, *command: str) -> list[str]:
        return ["nsenter", f"--target={self.holders[host]}", "--net", "--mount", "--uts", "--pid",
                "setpriv", "--pdeathsig=KILL", "--", *command]

    def run(self, host: str, *command: str, input: str = "") -> subprocess.CompletedProcess[str]:
        result = subprocess.run(self.argv(host, *command), text=True, input=input, capture_output=True, timeout=30)
        if result.returncode != 0:
            raise LabError(f"{host}: {' '.join(command)}: exit {result.returncode}\n{result.stderr}")
        return result

    def spawn(self, host: str, cores: list[int], *command: str, talks: bool = False,
              environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """Starts a daemon on these processors. Its output goes to log-HOST; it ends with the testbed.

        One that `talks` has pipes as its standard input and output.
        """
        cores_text = ",".join(map(str, cores))
        with open(self.directory / f"log-{host}", "ab") as log:
            return subprocess.Popen(
                self.argv(host, "taskset", "--cpu-list", cores_text, *command), text=True,
                stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
                stdout=subprocess.PIPE if talks else log, stderr=log,
                start_new_session=True, env=os.environ | (environment or {}))

    def log(self, host: str) -> str:
        path = self.directory / f"log-{host}"
        return path.read_text(errors="replace") if path.exists() else ""

    def forget_ended_connections(self, gateway: str) -> None:
        """Shortens the time that conntrack keeps them. Only once the gateway has a table of them."""
        values = [f"net.netfilter.{key}={seconds}" for key, seconds in CONNTRACK.items()]
        self.run(gateway, "sysctl", "--quiet", "--ignore", "--write", *values)

    # --- processes --------------------------------------------------------------------------------

    def processes(self, host: str) -> list[int]:
        """All processes of a host but the tools of the benchmark, as this machine numbers them.

        Asked by the network namespace: whoever detached himself is found, too.
        """
        holder = self.holders[host]
        network = os.readlink(f"/proc/{holder}/ns/net")
        ours = {"nsenter", "activate", "load"}
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{name}/ns/net") != network or int(name) == holder:
                    continue
                if Path(f"/proc/{name}/comm").read_text().strip() not in ours:
                    found.append(int(name))
            except OSError:
                pass  # it has ended meanwhile
        return sorted(found)

    def interrupts(self, cores: list[int]) -> list[int]:
        """The kernel's threads for packets that were too many for the interrupt itself."""
        found = []
        for path in Path("/proc").glob("[0-9]*/comm"):
            try:
                match = re.fullmatch(r"ksoftirqd/(\d+)\n", path.read_text())
            except OSError:
                continue
            if match and int(match[1]) in cores:
                found.append(int(path.parent.name))
        return sorted(found)
