"""The dataplane allocates nothing once it runs: counted, beside what the compiler proves."""
import shutil
import subprocess
from pathlib import Path

import pytest

from laboratory import wait_until

HERE = Path(__file__).parent
CORP = "10.66.0.10"


def start_counted(lab, tmp_path):
    """Starts dvpn with a dataplane whose allocator calls are counted; returns what tells how many."""
    library = tmp_path / "mallocount.so"
    compiler = shutil.which("cc") or "clang"  # Swift brings the latter
    subprocess.run([compiler, "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library,
                    HERE / "mallocount.c"], check=True)
    calls = lab.directory / "mallocount"
    calls.unlink(missing_ok=True)
    lab.start("gw", "dataplane", "env", f"LD_PRELOAD={library}", f"MALLOCOUNT={calls}",
              lab.program("dvpn-dataplane"), "--listen", "3876",
              "--control", "/run/dvpn/control.sock", "--user", "dvpn", "--workers", "2")
    wait_until(lambda: lab.listens("gw", 3876), 10, "the dataplane to listen")
    lab.start_controlplane()
    return lambda: int.from_bytes(calls.read_bytes()[:8], "little")


@pytest.fixture
def counted(stopped, tmp_path):
    return stopped, start_counted(stopped, tmp_path)


def test_ten_thousand_connections_and_a_gibibyte_cost_no_allocation(counted):
    lab, calls = counted
    lab.connect("lan", "10.9.0.10")
    lab.connect("lan", "10.1.2.10")
    warm = calls()
    assert warm > 0, "the counter does not count"
    for target in ("10.9.0.10", "fd00:9::10", "10.1.2.10", "fd00:1:2::10"):
        assert lab.client("lan", "many", target, 7, 2500)["results"] == {"served": 2500}
    for target in ("10.9.0.10", "10.1.2.10"):
        lab.connect("lan", target, 81)
        done = lab.client("lan", "download", target, 1 << 29)
        assert done["sha256"] == done["expected"]
        done = lab.client("lan", "upload", target, 1 << 29)
        assert done["sha256"] == done["expected"]
    assert calls() - warm == 0
    counters = lab.status()["dataplane"]["counters"]
    assert counters["paired"] >= 10_000 and counters["bytesIn"] + counters["bytesOut"] > 1 << 31


def test_waiting_new_tables_and_another_controlplane_cost_none(counted):
    lab, calls = counted
    lab.connect("lan", "10.1.2.10")
    warm = calls()
    generations = []
    for idle in ("2s", "1s", "2s", "1s"):
        lab.config.write_text(lab.config_text(idle=idle))
        lab.dvpnctl("reload")
        lab.wait_for_state("idle", "home")
        # They wait for the dial.
        assert lab.client("lan", "many", "10.1.2.10", 7, 100)["results"] == {"served": 100}
        lab.end("controlplane", "KILL")
        lab.start_controlplane()
        assert "hello" in lab.get("lan", "10.1.2.10")
        generations.append(lab.status()["dataplane"]["pid"])
    assert len(set(generations)) == 1, "another dataplane counted"
    assert lab.status()["dataplane"]["counters"]["releasedSyn"] >= 400
    assert calls() - warm == 0


def test_packets_that_wait_for_their_tunnel_cost_none(work, tmp_path):
    """A network of a real VPN client: its packets are held while it dials, sent on when it is up, and
    answered where it must not dial."""
    work.config.write_text(work.vpn_config(idle="1s", tcp="route"))
    calls = start_counted(work, tmp_path)

    def counters():
        return work.status()["dataplane"]["counters"]

    assert work.client("lan", "datagrams", CORP, 7)["answered"] == 1
    work.wait_for_state("idle", "work")
    warm, before = calls(), counters()
    assert warm > 0, "the counter does not count"
    for host in ("lan", "gw"):
        assert work.client(host, "datagrams", CORP, 7, "--count", 200)["answered"] == 200
        work.wait_for_state("idle", "work")
    assert work.ping("lan", CORP, "-s", 3000) is not None  # in fragments
    work.wait_for_state("idle", "work")
    assert work.client("lan", "many", CORP, 7, 100)["results"] == {"served": 100}
    work.dvpnctl("down", "work")
    refused = work.client("lan", "datagrams", CORP, 7, "--count", 20, "--timeout", 2)
    assert refused["answered"] == 0 and refused["error"] == "unreachable"
    grown = {name: value - before[name] for name, value in counters().items()}
    # Of 400 datagrams and 100 SYNs the last may find the tunnel up.
    assert grown["packetsParked"] >= 400 and grown["packetsReleased"] >= 400
    assert grown["packetsRefused"] > 0
    assert calls() - warm == 0
