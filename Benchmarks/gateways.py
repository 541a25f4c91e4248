"""dvpn on the lab's gateway with a gateway map of so many lines: what it costs (run by `scale`)."""
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "Tests/Lab"))

from basics import wait_until
from laboratory import PYTHON, Lab

NETWORKS_MAX = 65_536
FIRST_PORT = 20_000  # of the sshd instances, one for each gateway that can be active
JAIL = """\
AllowTcpForwarding local
AllowStreamLocalForwarding no
AllowAgentForwarding no
X11Forwarding no
PermitTTY no
PermitTunnel no
PermitListen none
MaxSessions 1
ForceCommand /bin/false
"""

NAMES = """
[dns]
mode = "managed"
listen = ["127.0.0.1"]
upstream = ["203.0.113.1"]
"""

# Inside gw. Asks what only a dataplane answers that has taken in its table, until it does; then every
# worker has been asked. Prints when that was, in seconds of CLOCK_MONOTONIC.
SERVED = """
import socket, sys, time
path, wanted = sys.argv[1], sys.argv[2].encode()
request = b"GET " + sys.argv[3].encode() + b" HTTP/1.1\\r\\nHost: dvpn\\r\\n\\r\\n"
while True:
    try:
        with socket.socket(socket.AF_UNIX) as api:
            api.connect(path)
            api.sendall(request)
            answer = api.recv(65536)
        if answer.startswith(b"HTTP/1.1 200") and wanted in answer:
            break
    except OSError:
        pass
    time.sleep(0.001)
print(time.monotonic())
"""

# Inside gw. Asks its resolver for a name until the answer is that address; prints when that was.
ASKED = """
import socket, struct, sys, time
name, wanted = sys.argv[1], socket.inet_aton(sys.argv[2])
labels = b"".join(bytes([len(word)]) + word.encode() for word in name.split("."))
question = struct.pack("!6H", 1, 256, 1, 0, 0, 0) + labels + struct.pack("!B2H", 0, 1, 1)
while True:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.settimeout(0.1)
            asker.connect(("127.0.0.1", 53))
            asker.send(question)
            if asker.recv(512).endswith(wanted):
                break
    except OSError:
        pass
    time.sleep(0.001)
print(time.monotonic())
"""

# Inside lan. Keeps one connection to each address and sends a byte on each every second.
VISITOR = """
import asyncio, json, sys, time
addresses, seconds = sys.argv[2:], float(sys.argv[1])
async def visit(address, delay):
    await asyncio.sleep(delay)
    begin = time.monotonic()
    reader, writer = await asyncio.open_connection(address, 7)
    writer.write(b"x"); await reader.readexactly(1)
    first = time.monotonic() - begin
    print(json.dumps({"address": address, "first_ms": first * 1000}), flush=True)
    end, count = time.monotonic() + seconds, 1
    while time.monotonic() < end:
        await asyncio.sleep(1)
        writer.write(b"x"); await reader.readexactly(1)
        count += 1
    return count
async def main():
    print(json.dumps({"trips": sum(await asyncio.gather(
        *(visit(address, number * 0.02) for number, address in enumerate(addresses))))}), flush=True)
asyncio.run(main())
"""

# Inside gw: memory, processor time, descriptors and wake-ups of everything that is dvpn's.
COSTS = """
import json, os, pathlib
found = []
for path in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        name = (path / "comm").read_text().strip()
        if name not in ("dvpn-dataplane", "dvpn-controlpla", "ssh", "dnsmasq"):
            continue
        # The lab's other hosts have resolvers, too.
        if os.readlink(path / "ns/net") != os.readlink("/proc/self/ns/net"):
            continue
        rollup = dict(line.split(":", 1) for line in (path / "smaps_rollup").read_text().splitlines()[1:])
        fields = (path / "stat").read_text().rpartition(")")[2].split()
        wakes = 0
        for task in (path / "task").iterdir():
            status = dict(line.split(":", 1) for line in (task / "status").read_text().splitlines() if ":" in line)
            wakes += int(status["voluntary_ctxt_switches"])
        found.append({"name": name, "rss_kib": int(rollup["Rss"].split()[0]), "pss_kib": int(rollup["Pss"].split()[0]),
                      "cpu_s": (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"),
                      "descriptors": len(os.listdir(path / "fd")), "wakes": wakes})
    except (FileNotFoundError, ProcessLookupError):
        pass
print(json.dumps(found))
"""


def lines(count: int, active: int, scattered: bool = False) -> Iterator[str]:
    """A map of so many lines. The first ones name gateways that are there; every other its own that is not.

    There are no more networks than 65,536: further lines are of further hosts in them. Scattered prefixes
    have a gap behind each, so that no two make one route.
    """
    for number in range(count):
        network, host = number % NETWORKS_MAX, 1 + number // NETWORKS_MAX
        if network < active:
            yield f"{active_address(network, host)} active-{network} #!198.51.100.2:{FIRST_PORT + network}"
        else:
            block = 11 + (network >> 16)
            yield f"{block}.{network >> 8 & 255}.{network & 255}.{host} site-{network} #!gw-{network}.invalid"


def active_address(number: int, host: int = 10) -> str:
    return f"10.{100 + number // 256}.{number % 256}.{host}"


class Site:
    """A lab whose gateway runs dvpn; use it as a context."""

    def __init__(self, active: int, name: str = f"scale-{os.getpid()}") -> None:
        self.lab = Lab(name)
        self.active = active
        self.map = self.lab.directory / "gateways"

    def __enter__(self) -> "Site":
        self.lab.up()
        # Every address of the active networks is one of the private host's.
        self.lab.run("priv", "ip", "route", "add", "local", "10.100.0.0/15", "dev", "lo")
        self.lab.run("sshgw", "ip", "route", "add", "10.100.0.0/15", "via", "10.1.2.10")
        for number in range(self.active):
            self.lab.start_sshd("sshgw", f"sshd-{number}", f"Port {FIRST_PORT + number}\n{JAIL}")
        if self.active:
            wait_until(lambda: self.lab.listens("sshgw", FIRST_PORT + self.active - 1), 20, "the last sshd")
        return self

    def __exit__(self, *_: object) -> None:
        self.lab.down()

    # --- dvpn ---------------------------------------------------------------------------------------

    def configure(self, count: int, scattered: bool = False, names: bool = False) -> None:
        """Before `start`; with `names` a dnsmasq of dvpn's own serves the map's names."""
        ssh = f"{self.lab.directory}/ssh"
        self.map.write_text("\n".join(lines(count, self.active)) + "\n")
        self.lab.config.write_text(f"""
lan = ["br-lan"]
{NAMES if names else ""}
[[map]]
file = "{self.map}"
user = "dvpn"
prefix4 = {25 if scattered else 24}
idle = "10m"
[map.ssh]
identity    = "{ssh}/id_ed25519"
known-hosts = "{ssh}/known_hosts"
""")

    def start(self) -> float:
        """Both planes from nothing; seconds until every worker has the table."""
        begin = self._launch()
        return self._served("/v1/connections?network=active-0", "") - begin

    def start_names(self) -> float:
        """The same; seconds until the name of the map's last line is known."""
        address, name, *_ = self.map.read_text().splitlines()[-1].split()
        begin = self._launch()
        return float(self.lab.run("gw", PYTHON, "-c", ASKED, name, address).stdout) - begin

    def _launch(self) -> float:
        """Starts both; returns when the second one was."""
        begin = time.monotonic()
        for name, command in (
                ("dataplane", ["dvpn-dataplane", "--listen", "3876", "--control", "/run/dvpn/control.sock",
                               "--user", "dvpn"]),
                ("controlplane", ["dvpn-controlplane", "--config", str(self.lab.config), "--runtime-dir", "/run/dvpn",
                                  "--state-dir", str(self.lab.directory / "state")])):
            if name == "controlplane":
                wait_until(lambda: self.lab.listens("gw", 3876), 10, "the dataplane")
                begin = time.monotonic()
            self.lab.start("gw", name, self.lab.program(command[0]), *command[1:])
        return begin

    def stop(self) -> None:
        self.lab.stop_dvpn()

    def change_line(self, place: int, gateway: str) -> float:
        """Another gateway for one line, by a new file in the old one's place; seconds until it holds."""
        text = self.map.read_text().splitlines()
        address, name = text[place].split()[:2]
        text[place] = f"{address} {name} #!{gateway}"
        return self._change("\n".join(text) + "\n", name, gateway)

    def add_line(self, address: str, name: str, gateway: str) -> float:
        return self._change(self.map.read_text() + f"{address} {name} #!{gateway}\n", name, gateway)

    def rename_line(self, place: int, name: str) -> float:
        """Another name for one line; seconds until the resolver knows it."""
        text = self.map.read_text().splitlines()
        address, _, gateway = text[place].split()
        text[place] = f"{address} {name} {gateway}"
        return self._replace("\n".join(text) + "\n", ASKED, name, address)

    def _change(self, text: str, name: str, gateway: str) -> float:
        return self._replace(text, SERVED, "/run/dvpn/api.sock", gateway, f"/v1/networks/{name}")

    def _replace(self, text: str, *waiting: str) -> float:
        new = self.map.with_suffix(".new")
        new.write_text(text)
        waiter = self.lab.spawn("gw", PYTHON, "-c", *waiting)
        time.sleep(0.5)  # it has asked a few times, and is not started while the clock runs
        begin = time.monotonic()
        new.rename(self.map)
        out, _ = waiter.communicate(timeout=60)
        return float(out) - begin

    def _served(self, path: str, wanted: str) -> float:
        return float(self.lab.run("gw", PYTHON, "-c", SERVED, "/run/dvpn/api.sock", wanted, path).stdout)

    # --- what it costs ------------------------------------------------------------------------------

    def costs(self) -> list[dict]:
        return json.loads(self.lab.run("gw", PYTHON, "-c", COSTS).stdout)

    def memory(self) -> dict[str, float]:
        """MiB of each plane (RSS), of all that is dvpn's (PSS), and of one master."""
        found = self.costs()
        masters = [process for process in found if process["name"] == "ssh"]
        return {
            "controlplane": sum(p["rss_kib"] for p in found if p["name"] == "dvpn-controlpla") / 1024,
            "dataplane": sum(p["rss_kib"] for p in found if p["name"] == "dvpn-dataplane") / 1024,
            "dnsmasq": sum(p["rss_kib"] for p in found if p["name"] == "dnsmasq") / 1024,
            "all": sum(p["pss_kib"] for p in found) / 1024,
            "master": statistics.mean(p["pss_kib"] for p in masters) / 1024 if masters else 0,
            "masters": len(masters), "processes": len(found),
            "descriptors": sum(p["descriptors"] for p in found)}

    def load(self, seconds: float) -> dict[str, float]:
        """Processor time and wake-ups per second of all that is dvpn's, over so many seconds."""
        before, begin = self.costs(), time.monotonic()
        time.sleep(seconds)
        after, passed = self.costs(), time.monotonic() - begin
        return {
            f"{name}_per_s": (sum(p[key] for p in after) - sum(p[key] for p in before)) * factor / passed
            for name, key, factor in (("cpu_ms", "cpu_s", 1000), ("wakes", "wakes", 1))}

    def kernel(self) -> dict[str, int]:
        """What there is for the map in the kernel."""
        routes = self.lab.run("gw", "ip", "route", "show", "table", "all", "proto", "214").stdout
        rules = self.lab.run("gw", "nft", "--handle", "--stateless", "list", "ruleset").stdout
        elements = sum(line.count(",") + 1 for line in rules.splitlines()
                       if line.startswith("\t\telements") or line.startswith("\t\t\t     "))
        return {"routes": routes.count("\n"), "ip_rules": self.lab.run("gw", "ip", "rule").stdout.count("\n"),
                "nft_rules": sum(1 for line in rules.splitlines()
                                 if "# handle" in line and line.startswith("\t\t")),
                "nft_elements": elements,
                "sockets": self.lab.run("gw", "ss", "-aH").stdout.count("\n")}

    def visit(self, count: int, seconds: float, measure: float = 0) -> dict:
        """A connection to each of so many networks, and a byte on each every second.

        With `measure` the processor time of that many seconds of it is taken, once all are there.
        """
        visitor = self.lab.spawn("lan", PYTHON, "-c", VISITOR, str(seconds), *map(active_address, range(count)))
        firsts: list[float] = []
        found: dict = {}
        for line in visitor.stdout:
            answer = json.loads(line)
            if "trips" in answer:
                found["trips"] = answer["trips"]
                continue
            firsts.append(answer["first_ms"])
            if len(firsts) == count and measure:
                found |= self.load(measure)
                found |= self.memory()
        visitor.wait(30)
        if len(firsts) != count:
            raise TimeoutError(f"{len(firsts)} of {count} gateways were reached:\n{self.lab.log('controlplane')[-2000:]}")
        return found | {"first_ms": statistics.median(firsts), "first_ms_worst": max(firsts)}
