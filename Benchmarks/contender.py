"""Contenders: what contenders.toml says about one, and one that runs on its gateway."""
import json
import os
import shlex
import shutil
import signal
import subprocess
import time
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from string import Template

from testbed import CLIENT, PROJECT, SERVER, SERVER_PORT, SOURCES, LabError, Testbed, wait_until

PORT = 3876


class ContenderError(LabError):
    """A contender, or its description, does not do what it should."""


@dataclass(frozen=True)
class Contender:
    """A table of contenders.toml, where the keys are explained."""

    name: str
    about: str
    start: str = ""
    beside: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    needs: list[str] = field(default_factory=list)
    rules: str = "redirect"
    sockets: list[str] = field(default_factory=list)
    kind: str = "forwarder"
    tests: list[str] = field(default_factory=list)
    idle: int = 50_000
    counted: bool = False
    cores: int = 1
    quick: bool = False
    origin: str = CLIENT  # key "from"

    def missing(self) -> list[str]:
        """What it needs and this machine does not have."""
        needs = [Template(need).substitute(bin=programs()) for need in self.needs]
        return [need for need in needs if not shutil.which(need) and not os.path.exists(need)]

    def uses_services(self) -> bool:
        """Whether a part of it stands beside the server."""
        return any("$services" in text for text in (self.start, *self.beside, *self.files.values()))


def parsed(text: str) -> list[Contender]:
    """The contenders of a TOML text, in its order; raises ContenderError with the mistake."""
    known = {f.name for f in fields(Contender)} - {"name", "origin"} | {"from"}
    contenders = []
    for name, table in tomllib.loads(text).items():
        if not isinstance(table, dict) or "about" not in table:
            raise ContenderError(f"contender {name}: it needs a table with `about`")
        if wrong := set(table) - known:
            raise ContenderError(f"contender {name}: unknown: {', '.join(sorted(wrong))}")
        if table.get("rules", "redirect") not in ("redirect", "own", "route"):
            raise ContenderError(f"contender {name}: rules are \"redirect\", \"own\" or \"route\"")
        values = {"origin" if key == "from" else key: value for key, value in table.items()}
        contenders.append(Contender(name=name, **values))
    return contenders


def programs() -> Path:
    """Where dvpn's own programs are."""
    return Path(os.environ.get("BIN", PROJECT / ".build/programs")).resolve()


class Running:
    """A contender on its gateway of a testbed."""

    def __init__(self, contender: Contender, testbed: Testbed) -> None:
        self.contender = contender
        self.testbed = testbed
        self.gateway = contender.name
        self.directory = testbed.directory / contender.name
        self.directory.mkdir(exist_ok=True)
        self.cores = testbed.placement.contender(contender.cores)
        self.activator: subprocess.Popen[str] | None = None
        self._spawned: list[subprocess.Popen[str]] = []
        self._filled = {
            "port": str(PORT), "target": testbed.target(self.gateway), "bin": str(programs()),
            "services": testbed.services(self.gateway), "dir": str(self.directory), "keys": str(testbed.ssh),
            "reference": str(testbed.tools / "reference"),
            "ssh": f"ssh -F none -i {testbed.ssh}/id_ed25519 -o UserKnownHostsFile={testbed.ssh}/known_hosts "
                   "-o BatchMode=yes -o ExitOnForwardFailure=yes -o LogLevel=ERROR "
                   "-c aes128-gcm@openssh.com"}

    # --- start and stop ---------------------------------------------------------------------------

    def start(self, environment: dict[str, str] | None = None) -> None:
        """Starts it and waits until it carries connections; the environment is its main program's."""
        for name, text in self.contender.files.items():
            (self.directory / name).write_text(self._fill(text))
        self._write_rules()
        if self.contender.start:
            self._spawn_main(environment)
        for command in self.contender.beside:
            self._spawned.append(self._spawn(self._command(command)))
        self._wait_until_ready()
        self.testbed.forget_ended_connections(self.gateway)

    def stop(self) -> None:
        """Ends all that runs on its gateway."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + 3
            for pid in self.pids():
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    pass
            while self.pids() and time.monotonic() < deadline:
                time.sleep(0.02)
        for process in self._spawned:
            if process.stdin:
                process.stdin.close()
            process.kill()
            process.wait()
        self._spawned = []
        self.activator = None

    def main_program(self) -> int:
        """The process of `start`: the first that runs its program, or a script of that name."""
        name = Path(self._command(self.contender.start)[0]).name
        for pid in self.pids():
            if name in (os.path.basename(os.readlink(f"/proc/{pid}/exe")),
                        Path(f"/proc/{pid}/comm").read_text().strip()):
                return pid
        raise ContenderError(f"{self.contender.name}: there is no process of {name}")

    def _fill(self, text: str) -> str:
        return Template(text).substitute(self._filled)

    def _command(self, text: str) -> list[str]:
        return shlex.split(self._fill(text))

    def _spawn(self, command: list[str], **options: object) -> subprocess.Popen[str]:
        return self.testbed.spawn(self.gateway, self.cores, *command, **options)

    def _spawn_main(self, environment: dict[str, str] | None) -> None:
        command = self._command(self.contender.start)
        if not self.contender.sockets:
            self._spawned.append(self._spawn(command, environment=environment))
            return
        sockets = map(self._fill, self.contender.sockets)
        program = ["env", *(f"{k}={v}" for k, v in environment.items()), *command] if environment else command
        self.activator = self._spawn([str(self.testbed.tools / "activate"), *sockets, "--", *program], talks=True)
        self._spawned.append(self.activator)
        self.activate()

    def activate(self) -> int:
        """Starts the main program anew with its sockets; when, on CLOCK_MONOTONIC in nanoseconds."""
        self._order("start")
        return json.loads(self.activator.stdout.readline())["exec_ns"]

    def deactivate(self) -> None:
        """Kills the main program; its sockets stay."""
        self._order("kill")

    def wait_for_knock(self) -> None:
        """Waits until whoever talks to the main program on a Unix socket has connected to it again.

        There is none for most. With dvpn it is the controlplane, which brings the doorbell along.
        """
        for socket in self.contender.sockets:
            path = socket.partition("=")[2]
            if path.startswith("/"):
                wait_until(lambda: self._backlog(path) > 0, 10, f"somebody to connect to {path}")
                time.sleep(0.05)  # what it sends first

    def _backlog(self, path: str) -> int:
        listed = self.testbed.run(self.gateway, "ss", "-H", "-x", "-l", "src", path).stdout.split()
        return int(listed[2]) if listed else 0  # Recv-Q

    def _order(self, word: str) -> None:
        self.activator.stdin.write(f"{word}\n")
        self.activator.stdin.flush()

    def _write_rules(self) -> None:
        if self.contender.rules == "own":
            return
        redirect = f"iifname client ip daddr {self.testbed.target(self.gateway)} tcp dport {SERVER_PORT} " \
                   f"redirect to :{PORT}"
        # The empty chain makes the kernel track what it forwards, as routers do.
        self.testbed.run(self.gateway, "nft", "-f", "-", input=f"""
            table ip bench
            delete table ip bench
            table ip bench {{
                chain prerouting {{
                    type nat hook prerouting priority dstnat
                    {redirect if self.contender.rules == "redirect" else ""}
                }}
            }}""")
        if self.contender.rules == "route":
            self.testbed.run(self.gateway, "sysctl", "--quiet", "--write", "net.ipv4.ip_forward=1")

    def _wait_until_ready(self) -> None:
        # The gateway does not forward by itself: an answer came through the contender.
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            if self.load("connections", limit=1, seconds=0.3).get("served") == 1:
                return
            if any(process.poll() is not None for process in self._spawned):
                break
        raise ContenderError(f"{self.contender.name} carries no connection:\n"
                             f"{self.testbed.log(self.gateway)[-2000:]}")

    # --- load -------------------------------------------------------------------------------------

    def pids(self) -> list[int]:
        return self.testbed.processes(self.gateway)

    def load(self, mode: str, **options: object) -> dict[str, object]:
        """Runs the load generator through it; what it found, or {"error": what it said} if nothing got through.
        """
        with self.spawn_load(mode, **options) as process:
            try:
                out, errors = process.communicate(timeout=float(options.get("seconds", 1)) + 45)
            except subprocess.TimeoutExpired:
                process.kill()
                return {"error": f"{mode}: no end"}
        if process.returncode != 0:
            return {"error": f"{mode}: exit {process.returncode}: {out.strip()[-200:]} {errors.strip()[-200:]}"}
        return json.loads(out.splitlines()[-1])

    def spawn_load(self, mode: str, **options: object) -> subprocess.Popen[str]:
        """Starts the load generator, with options as load/main.c has them; True stands for a flag."""
        billed = self.pids()
        if self.testbed.placement.is_alone(self.cores):
            billed += self.testbed.interrupts(self.cores)
        far = self.testbed.processes(SERVER) if self.contender.uses_services() else []
        gateway = self.testbed.number(self.gateway)
        given = {"to": self.testbed.target(self.gateway), "port": SERVER_PORT, "received": self.testbed.received,
                 "bill": ",".join(map(str, billed)), "far": ",".join(map(str, far))}
        if self.contender.origin == CLIENT:
            given |= {"from": f"10.71.{gateway}.2", "sources": SOURCES}
        words = [f"--{key.replace('_', '-')}" + ("" if value is True else f"={value}")
                 for key, value in (given | options).items() if value not in (False, "")]
        host = self.gateway if self.contender.origin != CLIENT else CLIENT
        # Of the host only its network: it has to see this machine's processes to bill them.
        return subprocess.Popen(
            ["nsenter", f"--target={self.testbed.holders[host]}", "--net", "setpriv", "--pdeathsig=KILL", "--",
             "taskset", "--cpu-list", ",".join(map(str, self.testbed.placement.load())),
             str(self.testbed.tools / "load"), mode, *words],
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
