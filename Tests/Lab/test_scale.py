"""The dataplane with as many networks as it takes."""
import concurrent.futures
import json
import re
import threading
import time

import pytest

import configuration as configuration_of_tests
from laboratory import PYTHON, wait_until

NETWORKS = 65_536


def configuration(lab, moved=0):
    """The lab's two networks and as many others as there may be, of which the last `moved` have other
    prefixes than without it."""
    others = "".join(f"""
[[network]]
name     = "site-{number}"
prefixes = ["{11 if number < NETWORKS - 2 - moved else 12}.{number >> 8}.{number & 255}.0/24"]
via      = "direct"
""" for number in range(NETWORKS - 2))
    return lab.config_text(idle="60s") + others


@pytest.fixture
def large(stopped):
    stopped.start_dvpn(configuration(stopped))
    return stopped


# A change of fewer networks goes as a patch of the table (`NetworkTable.patchMax`).
MOVED = 5_000
# Bytes of one network and of one prefix on the link (docs/protocol.md).
TABLE = NETWORKS * (44 + 24)


def test_a_new_table_of_65536_networks_disturbs_no_connection(large, capsys):
    def trips(*options):
        return large.spawn("lan", PYTHON, str(large.client_path), "echo", "10.9.0.10", "7", *options)

    def result(process, told=None):
        out, error = process.communicate(told, timeout=90)
        assert process.returncode == 0, error
        return json.loads(out.splitlines()[-1])

    def transfers(*what):
        """One after the other, so that one is under way at any time."""
        found = []
        while not swapped.is_set():
            found.append(large.client("lan", *what))
        return found

    workers = int(what_there_is(large)["threads"])
    assert len(large.status()["networks"]) == NETWORKS
    assert "hello" in large.get("lan", "10.1.2.10")
    calm = result(trips("--seconds", "3"))
    swapped = threading.Event()
    with large.talk("lan", "10.1.2.10") as talk, concurrent.futures.ThreadPoolExecutor() as pool:
        talk.connected()
        busy = trips("--until-told", "--seconds", "300")
        # Through a socket of the host's own and through ssh.
        ways = [pool.submit(transfers, "download", "10.9.0.10", 1 << 30),
                pool.submit(transfers, "upload", "10.1.2.10", 256 << 20)]
        try:
            before, tries = written(large), 0
            large.config.write_text(configuration(large, MOVED))
            reload = large.spawn("gw", large.program("dvpnctl"), "--runtime-dir", "/run/dvpn", "reload")
            while reload.poll() is None:
                assert large.connect("lan2", "10.9.0.10")["result"] == "connected"
                tries += 1
            assert reload.returncode == 0 and tries > 5
            # Patches are a fraction of it; the rest may still be on its way to a busy worker.
            wait_until(lambda: written(large) - before >= workers * TABLE, 15, "a whole table for each worker")
            sent = written(large) - before
            assert talk.say("the same connection") == "the same connection"
        finally:
            swapped.set()
        during = result(busy, "enough\n")
        for found in (found for way in ways for found in way.result()):
            assert found["sha256"] == found["expected"]
    for number, first in ((NETWORKS - 3, 12), (NETWORKS - 2 - MOVED, 12), (NETWORKS - 3 - MOVED, 11)):
        prefix = f"{first}.{number >> 8}.{number & 255}.0/24"
        assert asked(large, f"site-{number}")["prefixes"] == [prefix]
    with capsys.disabled():
        print(f"\n  {sent >> 10} KiB written for a table of {TABLE >> 10} KiB to each of {workers} workers")
        for name, seen in (("calm", calm), ("new table, two transfers", during)):
            print(f"  round trips, {name}: " + ", ".join(
                f"{key} {seen[key] * 1e6:.0f} µs" for key in ("p50", "p99", "p999", "slowest")))


# A map of as many lines, each of which names another gateway. The first is the lab's.

def gateway_map(lab, gateways):
    return "10.1.2.10 home #!198.51.100.2\n" + "".join(
        f"11.{number >> 8}.{number & 255}.1 site-{number} #!{gateway}\n"
        for number, gateway in enumerate(gateways))


def start_with_map(lab, lines, names=None):
    lab.map = lab.directory / "gateways"
    lab.gateways = [f"gw-{number}.invalid" for number in range(lines - 1)]
    lab.map.write_text(gateway_map(lab, lab.gateways))
    ssh = f"{lab.directory}/ssh"
    lab.start_dvpn(configuration_of_tests.text([], names) + f"""
[[map]]
file = "{lab.map}"
user = "dvpn"
[map.ssh]
identity    = "{ssh}/id_ed25519"
known-hosts = "{ssh}/known_hosts"
""")


def what_there_is(lab):
    """Everything but routes and elements of sets, of which there is one for each block of prefixes."""
    ruleset = lab.run("gw", "nft", "--stateless", "list", "ruleset").stdout
    pids = {name: lab.pid(name) for name in ("controlplane", "dataplane")}
    return {
        "rules": "\n".join(line for line in ruleset.splitlines() if "elements" not in line),
        "policy": lab.run("gw", "ip", "rule").stdout,
        "sockets": lab.run("gw", "ss", "-aH", "exclude", "time-wait").stdout.count("\n"),
        "links": lab.run("gw", "ip", "-brief", "link").stdout.count("\n"),
        "children": lab.run("gw", "pgrep", "-P", str(pids["controlplane"]), check=False).stdout,
        "descriptors": [len(lab.run("gw", "ls", f"/proc/{pid}/fd").stdout.split()) for pid in pids.values()],
        "threads": lab.run("gw", "sh", "-c", f"ls /proc/{pids['dataplane']}/task | wc -l").stdout,
        # Of dvpn's and of everybody else on the host: programs by their names.
        "processes": sorted(line.split()[1] for line in lab.run(
            "gw", "pgrep", "--ns", str(pids["controlplane"]), "--nslist", "net", "-l", "").stdout.splitlines()),
        # Of the kernel: timerfd_create(2), timer_create(2).
        "timers": [lab.run("gw", "sh", "-c", f"cat /proc/{pid}/fdinfo/* /proc/{pid}/timers 2>/dev/null"
                           " | grep -cE '^(clockid|ID):'", check=False).stdout for pid in pids.values()],
    }


def what_stays(lab):
    """The same, once it is twice the same: what was asked a moment ago still has its sockets."""
    seen = [what_there_is(lab)]

    def is_calm():
        seen.append(what_there_is(lab))
        return seen[-1] == seen[-2]
    wait_until(is_calm, 30, "two looks that see the same")
    return seen[-1]


def wakings(lab, seconds):
    """How often a thread of the two planes went back to sleep in a while in which nothing happened: timers of
    their own are no kernel's, but each of them would wake somebody."""
    def count():
        files = " ".join(f"/proc/{lab.pid(name)}/task/*/status" for name in ("controlplane", "dataplane"))
        lines = lab.shell("gw", f"cat {files} 2>/dev/null; true").splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))
    before = count()
    time.sleep(seconds)
    return count() - before


def resident(lab):
    status = "".join(lab.run("gw", "cat", f"/proc/{lab.pid(name)}/status").stdout
                     for name in ("controlplane", "dataplane"))
    return sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def asked(lab, name):
    """The report of one network: one of all is as long as the map."""
    answer = lab.run("gw", "curl", "--silent", "--unix-socket", "/run/dvpn/api.sock", f"http://dvpn/v1/networks/{name}")
    return json.loads(answer.stdout)["networks"][0]


def written(lab):
    """Bytes that the controlplane has written so far, to the dataplane among others."""
    io = lab.run("gw", "cat", f"/proc/{lab.pid('controlplane')}/io").stdout
    return int(dict(line.split(": ") for line in io.splitlines())["wchar"])


# Of one look of `dvpnctl watch`, whatever is configured: the status, so many networks, the last events.
LOOK = ["status?limit=0", "networks?limit=256", "events"]
LOOK_BYTES, LOOK_SECONDS = 500_000, 1.0


def test_a_look_at_65536_networks_costs_what_is_in_use(large, capsys):
    assert "hello" in large.get("lan", "10.1.2.10")

    def ask(path):
        words = ["--output", "-", "--write-out", "\n%{size_download} %{time_total}"]
        answer, numbers = large.run("gw", "curl", "--silent", *words, "--unix-socket", "/run/dvpn/api.sock",
                                    f"http://dvpn/v1/{path}").stdout.rsplit("\n", 1)
        size, seconds = numbers.split()
        return json.loads(answer), int(size), float(seconds)

    looks = [ask(path) for path in LOOK]
    size, seconds = sum(look[1] for look in looks), sum(look[2] for look in looks)
    whole = [ask(path) for path in ("status", "networks")]
    with capsys.disabled():
        print(f"\na look at {NETWORKS} networks: {size / 1e3:.0f} kB in {seconds * 1e3:.0f} ms; with all of them "
              f"{sum(w[1] for w in whole) / 1e6:.0f} MB in {sum(w[2] for w in whole):.1f} s")
    assert size < LOOK_BYTES and seconds < LOOK_SECONDS
    status, networks = looks[0][0], looks[1][0]["networks"]
    # Nobody is forgotten: all are counted, and those of whom there is something to say come first.
    assert status["networks"] == [] and sum(status["states"].values()) == NETWORKS
    assert status["states"] == {"up": 1, "routed": NETWORKS - 1} == {
        state: [n["state"] for n in whole[0][0]["networks"]].count(state) for state in ("up", "routed")}
    assert len(networks) == 256 and networks[0]["name"] == "home" and networks[0]["state"] == "up"
    assert networks[0]["bytes_in"] > 0

    begun = time.monotonic()
    screen = large.dvpnctl("watch", "--once").stdout
    took = time.monotonic() - begun
    assert took < 3 * LOOK_SECONDS, took
    assert f"{NETWORKS} networks: 1 up, {NETWORKS - 1} routed" in screen
    assert re.search(r"^home +up ", screen, re.M) and re.search(r"^and \d+ more", screen, re.M)
    assert len(screen.splitlines()) < 24
    listed = large.dvpnctl("status").stdout
    assert re.search(r"^home +up ", listed, re.M) and f"{NETWORKS - 1} more are idle or routed" in listed
    assert large.dvpnctl("wait", "--timeout", "0").returncode == 0


def test_a_map_of_65536_lines_has_nothing_for_a_gateway_that_is_idle(stopped, capsys):
    begin = time.monotonic()
    start_with_map(stopped, 1)
    wait_until(lambda: "linked to worker" in stopped.log("controlplane"), 10)
    # What the start has left to do is done after the first.
    calm = min(wakings(stopped, 3) for _ in range(3))
    few = what_stays(stopped)
    stopped.stop_dvpn()
    start_with_map(stopped, NETWORKS)
    wait_until(lambda: stopped.log("controlplane").count("linked to worker") >= 2, 10)
    busy = min(wakings(stopped, 3) for _ in range(3))
    many = what_stays(stopped)
    assert many == few
    assert few["processes"] == ["dvpn-controlpla", "dvpn-dataplane"] + [
        name for name in few["processes"] if not name.startswith("dvpn-")]
    assert busy < calm + 100

    # One line more or less is a few frames, not a table; and what is open stays so.
    assert "hello" in stopped.get("lan", "10.1.2.10")
    with stopped.talk("lan", "10.1.2.10") as talk:
        talk.connected()
        before = written(stopped)
        stopped.gateways[-1] = "198.51.100.2"
        new = stopped.map.with_suffix(".new")
        new.write_text(gateway_map(stopped, stopped.gateways))
        new.rename(stopped.map)
        name = f"site-{NETWORKS - 2}"
        wait_until(lambda: asked(stopped, name)["gateway"] == "dvpn@198.51.100.2", 10)
        sent = written(stopped) - before
        assert sent < 1 << 20
        assert talk.say("the same connection") == "the same connection"
    assert stopped.ssh_masters() == 1
    # Twice what is promised: the bound is for those who double it by mistake.
    assert resident(stopped) < 128
    assert time.monotonic() - begin < 120
    with capsys.disabled():
        print(f"\n  wakings in 3 s: {calm} with one line, {busy} with all", end="")
        print(f"\n  one changed line: {sent} bytes written; both planes: {resident(stopped):.0f} MiB")


def test_the_names_of_65536_networks_are_served(stopped, capsys):
    """By a dnsmasq of our own, which reads them as a hosts file."""
    def answers(name, address):
        return stopped.dig("lan", name, timeout=1).answers == [address]

    begin = time.monotonic()
    start_with_map(stopped, NETWORKS, names=configuration_of_tests.MANAGED)
    last = NETWORKS - 2
    wait_until(lambda: answers(f"site-{last}", f"11.{last >> 8}.{last & 255}.1"), 60, "the last name")
    started = time.monotonic() - begin
    status = stopped.run("gw", "cat", f"/proc/{stopped.pids('dnsmasq')[0]}/status").stdout
    memory = int(dict(line.split(":\t") for line in status.splitlines())["VmRSS"].split()[0]) / 1024
    assert stopped.dig("lan", "-x", "11.7.7.1").answers == [f"site-{7 * 256 + 7}."]
    begin = time.monotonic()
    stopped.map.write_text(stopped.map.read_text().replace(" site-5 ", " another "))
    wait_until(lambda: answers("another", "11.0.5.1"), 30, "the other name")
    changed = time.monotonic() - begin
    asked = stopped.dig("lan", "site-9").seconds
    # Without the daemons' start by the lab, of which the second is the most.
    assert started < 20 and changed < 5 and memory < 64
    with capsys.disabled():
        print(f"\n  65,536 names: served after {started:.1f} s, dnsmasq has {memory:.0f} MiB;"
              f" another name after {changed:.1f} s; an answer takes {asked * 1000:.0f} ms")
