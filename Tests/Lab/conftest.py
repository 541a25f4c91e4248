"""Fixtures of the lab tests. Every test is one sentence about the product, true or false.

    lab            a lab of the test module's own, up, dvpn not running (laboratory.Lab, with more below)
    dvpn           the same lab with both daemons running; after the test they are stopped, the host is
                   cleaned up and dvpn.toml is as the lab wrote it
"""
import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from laboratory import Lab, LabError, PYTHON, wait_until

CLIENT = str(Path(__file__).parent / "client.py")
_numbers = itertools.count()


class TestLab(Lab):
    """A lab with the words that tests use."""

    __test__ = False

    def client(self, host: str, *arguments: object, timeout: float = 120) -> dict:
        """Runs client.py on a host to its end and returns what it found."""
        result = self.run(host, PYTHON, CLIENT, *map(str, arguments), timeout=timeout)
        return json.loads(result.stdout.splitlines()[-1])

    def connect(self, host: str, target: str, port: int = 80, timeout: float = 30) -> dict:
        """{"result": "connected" | "refused" | "unreachable" | "reset" | "timeout", "seconds": s}"""
        return self.client(host, "connect", target, port, "--timeout", timeout)

    def get(self, host: str, target: str, timeout: float = 30) -> str:
        """The web server's page; raises LabError when it cannot be had."""
        name = f"[{target}]" if ":" in target else target
        return self.run(host, "curl", "--silent", "--show-error", "--max-time", str(timeout),
                        f"http://{name}/").stdout

    client_path = CLIENT

    def talk(self, host: str, target: str, port: int = 7) -> "Talk":
        """An open connection, to send lines over while the test does something to dvpn."""
        return Talk(self.spawn(host, PYTHON, CLIENT, "talk", target, str(port)))

    def status(self) -> dict:
        # It exits with 4 when something is wrong, and tells what all the same.
        return json.loads(self.dvpnctl("status", "--json", check=False).stdout)

    def network(self, name: str = "home") -> dict:
        return next(n for n in self.status()["networks"] if n["name"] == name)

    def wait_for_state(self, state: str, name: str = "home", timeout: float = 15) -> dict:
        def reached() -> dict | None:
            network = self.network(name)
            return network if network["state"] == state else None
        return wait_until(reached, timeout, f"network {name} to be {state}")

    def config_text(self, **settings: object) -> str:
        """dvpn.toml with some values of network "home" or the top level replaced or added.

        Top level: lan, hold. [network.ssh]: port, identity, known_hosts, connections_per_master.
        Everything else belongs to the network. None removes a line.
        """
        text = self.original_config
        for key, value in settings.items():
            text = _set(text, key.replace("_", "-"), value)
        return text

    def logins(self) -> int:
        """How many ssh connections sshd has let in so far: masters, in other words."""
        return self.log("sshd").count("Accepted publickey for dvpn")

    def tries(self) -> int:
        """How many TCP connections sshd has seen so far."""
        return self.log("sshd").count("\nConnection from ")

    def leaked(self) -> int:
        """Packets to a private address that the WAN has seen."""
        text = self.run("wan", "nft", "list", "counter", "inet", "watch", "leaked").stdout
        return int(re.search(r"packets (\d+)", text)[1])

    def ssh_masters(self) -> int:
        """Processes of dvpn-ssh on the gateway."""
        return len(self.run("gw", "pgrep", "-u", "dvpn-ssh", "-x", "ssh", check=False).stdout.split())

    def host_state(self) -> str:
        """Everything of gw that dvpn may change, as text to compare."""
        commands = ("ip -d link", "ip -4 addr", "ip -6 addr", "ip -4 rule", "ip -6 rule",
                    "ip -4 route show table all", "ip -6 route show table all", "nft list ruleset",
                    "sysctl -a --pattern ^net[.]")
        parts = [f"# {c}\n{self.run('gw', *c.split()).stdout}" for c in commands]
        # What counts or runs down by itself is no state.
        return re.sub(r"(expires|valid_lft|preferred_lft|\w+_timer|\w+_count =) +\S+", r"\1", "".join(parts))


class Talk:
    """A connection that is held open by a process on a host (client.py talk)."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def __enter__(self) -> "Talk":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def connected(self) -> dict:
        """Waits for connect(): {"result": "connected", "seconds": s}, or another result."""
        return json.loads(self.process.stdout.readline())

    def say(self, line: str) -> str:
        """Sends a line and returns the one that comes back."""
        self.process.stdin.write(line + "\n")
        return self.process.stdout.readline().rstrip("\n")

    def end(self, close: bool = True, timeout: float = 30) -> str:
        """Closes our side unless told not to, and returns how it ended: "fin", "reset", ..."""
        if close:
            self.process.stdin.close()
            self.process.stdin = None
        # What was read by `say` is gone; the rest ends with the last line of JSON.
        rest, _ = self.process.communicate(timeout=timeout)
        return json.loads(rest.splitlines()[-1])["end"]


SSH_KEYS = {"port", "identity", "known-hosts", "session", "far-end", "connections-per-master"}
TOP_KEYS = {"lan", "hold"}


def without_counts(text: str) -> str:
    """A rule set's text without what its counters say."""
    return re.sub(r"packets \d+ bytes \d+", "packets", text)


def _set(text: str, key: str, value: object) -> str:
    line = "" if value is None else f"{key} = {json.dumps(value)}\n"
    top, _, rest = text.partition("[[network]]")
    home, _, others = rest.partition("\n[[network]]")
    network, _, ssh = home.partition("[network.ssh]\n")
    pattern = re.compile(rf"^{re.escape(key)}\s*=.*\n", re.MULTILINE)
    if key in TOP_KEYS:
        top = line + pattern.sub("", top)
    elif key in SSH_KEYS:
        ssh = pattern.sub("", ssh) + line
    else:
        network = pattern.sub("", network) + line
    return f"{top}[[network]]{network}[network.ssh]\n{ssh}\n[[network]]{others}"


@pytest.fixture(scope="session", autouse=True)
def _root() -> None:
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root: run `sudo make test`")


@pytest.fixture(scope="module")
def new_lab() -> Iterator[Callable[[], TestLab]]:
    """Makes further labs; each is taken down at the end of the module."""
    labs = []

    def make() -> TestLab:
        lab = TestLab(f"test-{os.getpid()}-{next(_numbers)}")
        labs.append(lab)
        lab.up()
        lab.original_config = lab.config.read_text()
        return lab

    yield make
    for lab in labs:
        lab.down()


@pytest.fixture(scope="module")
def lab(new_lab: Callable[[], TestLab]) -> TestLab:
    return new_lab()


@pytest.fixture
def stopped(lab: TestLab) -> Iterator[TestLab]:
    """The lab without daemons; whatever the test starts is stopped and cleaned up after it."""
    yield lab
    for name in ("controlplane", "dataplane"):
        try:
            lab.end(name)
        except TimeoutError:
            pass
    lab.cleanup()
    lab.config.write_text(lab.original_config)
    for name in ("locks.json",):
        (lab.directory / "state" / name).unlink(missing_ok=True)


@pytest.fixture
def dvpn(stopped: TestLab) -> TestLab:
    stopped.start_dvpn()
    return stopped


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A failed test shows the ends of the daemons' logs."""
    outcome = yield
    report = outcome.get_result()
    lab = getattr(item, "funcargs", {}).get("lab")
    if report.failed and isinstance(lab, Lab):
        for name in ("controlplane", "dataplane", "sshd"):
            report.sections.append((f"log {name}", lab.log(name)[-3000:]))
