"""The lab's gateway with a systemd on it: a box (Tests/Systemd/box) in the network of the host gw."""
import atexit
import functools
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from basics import LabError, call, wait_until
from laboratory import PYTHON, Lab
from talk import Talk

HERE = Path(__file__).resolve().parent
BOX = str(HERE / "box")
PROJECT = HERE.parent.parent
CLIENT = str(PROJECT / "Tests/Lab/client.py")

CONFIG = """\
lan = ["br-lan"]

[[network]]
name     = "home"
prefixes = ["10.1.2.0/24", "fd00:1:2::/64"]
via      = "ssh"
gateway  = "dvpn@198.51.100.2"
idle     = "1m"
"""

SOCKETS = ("dvpn-dataplane.socket", "dvpn-dataplane6.socket", "dvpn-dataplane-control.socket")


PROGRAMS = os.environ.get("BIN", str(PROJECT / ".build/programs"))


@functools.cache
def package(version: str = "") -> Path:
    """The Debian package of the programs under test, made once a run and not compressed."""
    directory = tempfile.mkdtemp(prefix="dvpn-package-")
    atexit.register(shutil.rmtree, directory)
    build = ["env", "COMPRESSION=none", *([f"VERSION={version}"] if version else [])]
    return Path(call(*build, str(PROJECT / "Scripts/build-deb"), PROGRAMS, directory).splitlines()[-1])


class Machine:
    """A box by name, in the network of a host of a lab that is up."""

    def __init__(self, lab: Lab, host: str = "gw") -> None:
        self.lab = lab
        self.host = host
        self.name = re.sub(r"[^a-z0-9]+", "-", lab.name.lower())

    def up(self) -> None:
        holder = json.loads((self.lab.directory / "hosts.json").read_text())[self.host]
        call("env", f"BOX_NETNS=/proc/{holder}/ns/net", BOX, "up", self.name)

    def set_up(self) -> None:
        """Installs dvpn and configures it, and does not start it."""
        self.install()
        self.write_secrets()
        self.configure(CONFIG)

    def down(self) -> None:
        call(BOX, "down", self.name)

    def reboot(self) -> None:
        call(BOX, "reboot", self.name)

    def run(self, *command: str, check: bool = True, timeout: float = 60,
            input: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a command in the box to its end; `check` raises LabError with the command's own words."""
        result = subprocess.run([BOX, "exec", self.name, *command], text=True, timeout=timeout,
                                input=input, capture_output=True,
                                stdin=subprocess.DEVNULL if input is None else None)
        if check and result.returncode != 0:
            raise LabError(f"{' '.join(command)}: exit {result.returncode}\n"
                           f"{result.stdout[-2000:]}{result.stderr[-2000:]}")
        return result

    def spawn(self, *command: str) -> subprocess.Popen[str]:
        """A command in the box, for the caller to read and to end."""
        return subprocess.Popen([BOX, "exec", self.name, *command], text=True, bufsize=1,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def shell(self, script: str) -> str:
        return self.run("sh", "-ec", script).stdout

    def push(self, source: Path | str, target: str) -> None:
        call(BOX, "push", self.name, str(source), target)

    def write(self, path: str, text: str, owner: str = "root", mode: str = "0644") -> None:
        self.run("install", "-D", "-m", mode, "-o", owner, "/dev/stdin", path, input=text)

    # --- dvpn -------------------------------------------------------------------------------------

    def install(self, version: str = "") -> None:
        """As a person does, with dpkg; `version`: another one than the programs' own."""
        self.push(package(version), "/root/dvpn.deb")
        self.run("dpkg", "--install", "/root/dvpn.deb")

    def purge(self) -> None:
        self.run("dpkg", "--purge", "dvpn")

    def make_install(self) -> None:
        """`make install`, without the package. The programs are built outside."""
        with tempfile.TemporaryDirectory() as tree:
            call("make", "-C", str(PROJECT), "install", f"BIN={PROGRAMS}", f"DESTDIR={tree}", "PREFIX=/usr")
            os.chmod(tree, 0o755)
            self.push(f"{tree}/.", "/")
        self.run("systemd-sysusers", "dvpn.conf")
        self.run("systemd-tmpfiles", "--create", "dvpn.conf")
        self.systemctl("daemon-reload")
        self.run("journalctl", "--update-catalog")
        self.systemctl("reload", "dbus")

    def write_secrets(self) -> None:
        ssh = self.lab.directory / "ssh"
        for name in ("id_ed25519", "known_hosts"):
            self.write(f"/etc/dvpn/ssh/{name}", (ssh / name).read_text(), "dvpn-ssh", "0600")

    def configure(self, text: str) -> None:
        self.write("/etc/dvpn/dvpn.toml", text)

    def drop_in(self, unit: str, text: str) -> None:
        """As `systemctl edit` leaves it."""
        self.write(f"/etc/systemd/system/{unit}.d/test.conf", text)
        self.systemctl("daemon-reload")

    def remove_drop_ins(self) -> None:
        self.shell("rm -rf /etc/systemd/system/dvpn*.d")
        self.systemctl("daemon-reload")

    def uninstall(self) -> None:
        self.shell("mkdir -p /root/project/systemd /root/project/man")
        for name in ("Makefile", "Scripts", "systemd", "man"):
            self.push(PROJECT / name, "/root/project/")
        self.run("make", "-C", "/root/project", "uninstall", "PREFIX=/usr")

    def page(self, host: str = "lan", address: str = "10.1.2.10") -> str:
        """What the web server behind the tunnel says to a host of the lab."""
        return self.lab.run(host, "curl", "--silent", "--show-error", "--max-time", "20",
                            f"http://{address}/").stdout

    def own_state(self) -> str:
        """What of the gateway's network is dvpn's, as text to compare."""
        text = self.lab.host_state()
        text = re.sub(r"packets \d+ bytes \d+|handle \d+|used \d+|# .*\n", "", text)
        # A new doorbell has another number; neighbours and caches come and go.
        text = re.sub(r"^\d+: |if\d+|(cache|expires) .*", "", text, flags=re.MULTILINE)
        return "\n".join(sorted(line.strip() for line in text.splitlines() if "dvpn" in line or "387" in line))

    def leaked(self) -> int:
        """Packets of private networks that the WAN has seen."""
        text = self.lab.run("wan", "nft", "list", "counter", "inet", "watch", "leaked").stdout
        return int(re.search(r"packets (\d+)", text)[1])

    def talk(self) -> Talk:
        """An open connection from the LAN to the echo server behind the tunnel."""
        return Talk(self.lab.spawn("lan", PYTHON, CLIENT, "talk", "10.1.2.10", "7"))

    # --- systemd ----------------------------------------------------------------------------------

    def systemctl(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run("systemctl", *arguments, check=check)

    def is_active(self, unit: str) -> bool:
        return self.systemctl("is-active", "--quiet", unit, check=False).returncode == 0

    def property(self, unit: str, name: str) -> str:
        return self.systemctl("show", "--value", f"--property={name}", unit).stdout.strip()

    def pid(self, unit: str) -> int:
        """The unit's main process as the box sees it; 0: none."""
        return int(self.property(unit, "MainPID"))

    def wait_for(self, unit: str, name: str, pattern: str, timeout: float = 15) -> str:
        """Waits until a property of a unit matches."""
        def reached() -> str | None:
            value = self.property(unit, name)
            return value if re.search(pattern, value) else None
        return wait_until(reached, timeout, f"{unit}: {name} to match {pattern}")

    def journal(self, unit: str = "dvpn*", since: str = "") -> str:
        """What a unit wrote; all of them where its name is empty."""
        chosen = [f"--unit={unit}"] if unit else []
        after = [f"--since={since}"] if since else []
        return self.run("journalctl", "--no-pager", "--output=cat", *chosen, *after).stdout

    def now(self) -> str:
        """A moment, for `journal`."""
        return self.run("date", "+@%s.%6N").stdout.strip()

    def dvpnctl(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run("dvpnctl", *arguments, check=check)


@contextmanager
def booted(machine: Machine) -> Iterator[Machine]:
    """Brings the machine's lab and the machine up, and takes both down again."""
    try:
        machine.lab.up()
        machine.up()
        yield machine
    finally:
        machine.down()
        machine.lab.down()
