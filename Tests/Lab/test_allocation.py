"""The dataplane allocates nothing once it runs: counted, beside what the compiler proves."""
import shutil
import subprocess
from pathlib import Path

import pytest

from laboratory import wait_until

HERE = Path(__file__).parent


@pytest.fixture
def counted(stopped, tmp_path):
    """dvpn with a dataplane whose allocator calls are counted, and a function that tells how many."""
    library = tmp_path / "mallocount.so"
    compiler = shutil.which("cc") or "clang"  # Swift brings the latter
    subprocess.run([compiler, "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library,
                    HERE / "mallocount.c"], check=True)
    calls = stopped.directory / "mallocount"
    calls.unlink(missing_ok=True)
    stopped.start("gw", "dataplane", "env", f"LD_PRELOAD={library}", f"MALLOCOUNT={calls}",
                  stopped.program("dvpn-dataplane"), "--listen", "3876",
                  "--control", "/run/dvpn/control.sock", "--user", "dvpn", "--workers", "2")
    wait_until(lambda: stopped.listens("gw", 3876), 10, "the dataplane to listen")
    stopped.start_controlplane()
    return stopped, lambda: int.from_bytes(calls.read_bytes()[:8], "little")


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
