"""What is measured: the tests of every round, and those that need a fresh process and run once."""
import json
import os
import re
import resource
import signal
import struct
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from contender import Contender, ContenderError, Running
from testbed import wait_until

IDLE_LEVELS = [1000, 3000, 9500, 50_000]


def descriptors(level: int) -> int:
    """What a forwarder needs to hold so many connections: two each, and some for itself."""
    return level * 2 + level // 10


def possible(levels: list[int], hard: int) -> tuple[list[int], dict[str, str]]:
    """The levels of idle connections that a limit of descriptors allows, and why not the others."""
    if hard == resource.RLIM_INFINITY:
        return levels, {}
    return [level for level in levels if descriptors(level) <= hard], {
        f"idle-{level}": f"RLIMIT_NOFILE is {hard:,} here, and {descriptors(level):,} are needed"
        for level in levels if descriptors(level) > hard}


@dataclass(frozen=True)
class Test:
    """One run of the load generator, the same for all contenders of its kinds."""

    __test__ = False

    name: str
    mode: str
    options: dict[str, object] = field(default_factory=dict)
    kinds: tuple[str, ...] = ("forwarder",)
    quick: bool = False
    stretch: float = 1  # of the measuring time: for what happens seldom

    def fits(self, contender: Contender) -> bool:
        if contender.tests:
            return any(Path(self.name).match(pattern) for pattern in contender.tests)
        return contender.kind in self.kinds

    def run(self, running: Running, seconds: float) -> dict[str, object]:
        warm_up = min(0.2, seconds / 4) * self.stretch
        return running.load(self.mode, **self.options, seconds=seconds * self.stretch, warm_up=warm_up)


BOTH = ("forwarder", "ssh")
TESTS = [
    Test("bulk-up-1", "bulk", {"up": True, "count": 1}, BOTH, quick=True),
    Test("bulk-up-8", "bulk", {"up": True, "count": 8}),
    Test("bulk-up-64", "bulk", {"up": True, "count": 64}),
    Test("bulk-down-1", "bulk", {"count": 1}, BOTH),
    Test("bulk-down-8", "bulk", {"count": 8}, quick=True),
    Test("bulk-down-64", "bulk", {"count": 64}),
    Test("connections-1", "connections", {"count": 1}, quick=True),
    Test("connections-64", "connections", {"count": 64}, BOTH, quick=True),
    Test("connections-512", "connections", {"count": 512}),
    Test("trips-1", "trips", {"count": 1}, BOTH, quick=True),
    # A stall is 44 ms, and none comes while a fresh connection is still acknowledged quickly.
    Test("split-trips-1", "trips", {"count": 1, "split": True}, ("ssh",), quick=True, stretch=2.5),
]


# --- memory ---------------------------------------------------------------------------------------


def resident_bytes(pid: int) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Rss:\s+(\d+)", text, re.MULTILINE)[1]) * 1024


def pipe_ends(pid: int) -> int:
    directory = f"/proc/{pid}/fd"
    return sum(os.readlink(f"{directory}/{fd}").startswith("pipe:") for fd in os.listdir(directory))


def kernel_bytes() -> int:
    """What the whole machine's kernel holds for objects, stacks and page tables."""
    fields = dict(re.findall(r"^(\w+):\s+(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE))
    return sum(int(fields.get(name, 0)) for name in ("Slab", "KernelStack", "PageTables", "Percpu")) * 1024


def _memory(running: Running) -> tuple[int, int, int]:
    pids = running.pids()
    return sum(map(resident_bytes, pids)), kernel_bytes(), sum(map(pipe_ends, pids))


def idle(running: Running, levels: list[int]) -> dict[str, dict[str, float]]:
    """Test name -> bytes for each idle connection, of all processes of the contender and of the kernel.

    The kernel's part has the ends of client and server in it, as that of `direct` has.
    """
    found, held = {}, []
    time.sleep(1)  # what the test before left to the kernel is freed late
    user, kernel, pipes = _memory(running)
    working = 0
    try:
        for level in levels:
            process = running.spawn_load("idle", count=level - working, seconds=30)
            held.append(process)
            working += json.loads(process.stdout.readline())["working"]
            time.sleep(0.5)
            now = _memory(running)
            found[f"idle-{level}"] = {
                "working": working, "user_bytes": (now[0] - user) / working,
                "kernel_bytes": (now[1] - kernel) / working, "pipe_ends": (now[2] - pipes) / working}
            if working < level:
                break
    finally:
        for process in held:
            process.communicate("")
    return found


def at_rest(running: Running) -> dict[str, float]:
    """Sizes in KiB: the program, with the libraries that it maps, and what is resident."""
    main = running.main_program()
    maps = Path(f"/proc/{main}/maps").read_text()
    mapped = {line.split(maxsplit=5)[5] for line in maps.splitlines() if " r-xp " in line and "/" in line}
    sizes = [os.path.getsize(path) for path in mapped if os.path.exists(path)]
    return {"program_kib": os.path.getsize(f"/proc/{main}/exe") / 1024, "mapped_kib": sum(sizes) / 1024,
            "rss_kib": resident_bytes(main) / 1024,
            "all_rss_kib": sum(map(resident_bytes, running.pids())) / 1024}


# --- allocator ------------------------------------------------------------------------------------


def allocations(running: Running, gib: float) -> dict[str, float] | None:
    """Calls of the allocator by a fresh main program, after a warm-up. None: they cannot be counted.

    The program must not run yet; it is stopped at the end.
    """
    counter = running.directory / "allocations"
    counter.unlink(missing_ok=True)
    running.start({"LD_PRELOAD": str(running.testbed.tools / "mallocount.so"), "MALLOCOUNT": str(counter)})
    try:
        def calls() -> int:
            time.sleep(0.2)  # connections that the load has just left are still being closed
            return struct.unpack_from("Q", counter.read_bytes())[0]

        if not counter.exists():
            return None
        running.load("connections", count=64, limit=2000, seconds=10)
        for up in (True, False):
            running.load("bulk", count=8, up=up, seconds=0.3)
        before = calls()
        served = running.load("connections", count=64, limit=10000, seconds=20).get("served", 0)
        between = calls()
        carried, deadline, up = 0.0, time.monotonic() + 20, True
        while carried < gib and time.monotonic() < deadline:
            carried += running.load("bulk", count=8, up=up, seconds=1).get("gib", 0)
            up = not up
        after = calls()
    finally:
        running.stop()
    if not served or not carried:
        raise ContenderError(f"{running.contender.name}: {served} connections, {carried} GiB")
    return {"per_10k_connections": (between - before) * 10000 / served,
            "per_10_gib": (after - between) * 10 / carried, "served": served, "gib": carried}


# --- system calls ---------------------------------------------------------------------------------


def calls(running: Running) -> dict[str, dict[str, float]]:
    """Test name -> system calls of the main program, as strace counts them: for each short connection,
    for each GiB. strace slows the program and so changes what it finds ready at once: exact for a
    connection, indicative for a GiB."""
    found = {}
    for test, mode, options, unit in [
        ("calls-1", "connections", {"count": 1, "limit": 1000}, "served"),
        ("calls-64", "connections", {"count": 64, "limit": 2000}, "served"),
        ("calls-up-8", "bulk", {"count": 8, "up": True}, "gib"),
        ("calls-down-8", "bulk", {"count": 8}, "gib"),
    ]:
        table = running.directory / "calls"
        strace = subprocess.Popen(
            ["strace", "-c", "-f", "-qq", "-U", "name,calls", "-o", table, "-p", str(running.main_program())])
        try:
            wait_until(lambda: traced(running.main_program()), 5, "strace")
            done = running.load(mode, **options, seconds=5 if mode == "connections" else 1).get(unit, 0)
        finally:
            strace.send_signal(signal.SIGINT)
            strace.wait()
        if not done:
            raise ContenderError(f"{running.contender.name}: {test}: nothing was carried")
        counted = {name: int(number) for name, number in re.findall(r"^(\w+)\s+(\d+)$", table.read_text(), re.M)}
        counted.pop("total", None)
        found[test] = {"calls": sum(counted.values()) / done} | {
            f"calls_{name}": number / done for name, number in counted.items()}
    return found


def traced(pid: int) -> bool:
    return not re.search(r"^TracerPid:\s+0$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)


# --- activation -----------------------------------------------------------------------------------


def activation(running: Running, times: int) -> list[dict[str, float]]:
    """From exec of the main program to the first byte that a waiting client gets."""
    found = []
    for _ in range(times):
        main = running.main_program()
        running.deactivate()
        wait_until(lambda: not os.path.exists(f"/proc/{main}"), 5, "the end of the program")
        running.wait_for_knock()
        with running.spawn_load("first", seconds=5) as client:
            json.loads(client.stdout.readline())
            time.sleep(0.01)
            begun = running.activate()
            out, errors = client.communicate(timeout=20)
        if client.returncode != 0:
            raise ContenderError(f"{running.contender.name}: not activated: {errors}")
        answer = json.loads(out.splitlines()[-1])
        found.append({"first_byte_ms": (answer["answered_ns"] - begun) / 1e6, "tries": answer["tries"]})
    return found


# --- lookup ---------------------------------------------------------------------------------------

SIZES = [4 ** power for power in range(11)]


def lookups(tools: Path, times: int) -> dict[str, list[dict[str, float]]]:
    """Test name -> nanoseconds of a lookup in a table of so many prefixes, IPv4 and IPv6."""
    found: dict[str, list[dict[str, float]]] = {}
    for _ in range(times):
        out = subprocess.run([tools / "lookup", *map(str, SIZES)], check=True, capture_output=True, text=True).stdout
        rows: dict[int, dict[str, float]] = {}
        for row in map(json.loads, out.splitlines()):
            rows.setdefault(row["prefixes"], {})[f"ns_ipv{row['family']}"] = row["ps"] / 1000
        for size, values in rows.items():
            found.setdefault(f"lookup-{size}", []).append(values)
    return found


def guarded(name: str, body: Callable[[], object], complain: Callable[[str], None]) -> object:
    """The body's result; None, with the complaint made, where the contender fails."""
    try:
        return body()
    except (ContenderError, OSError, TimeoutError, ValueError) as error:
        complain(f"{name}: {error}")
        return None
