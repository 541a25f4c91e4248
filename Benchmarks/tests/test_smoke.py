"""Every contender that is installed carries a connection; nothing of a run is left behind."""
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import tools
from contender import Running, parsed
from testbed import Testbed, wait_until

HERE = Path(__file__).resolve().parent.parent
LISTED = {c.name: c for c in parsed((HERE / "contenders.toml").read_text())}
# They do not pass the client's FIN on, or not alone.
WITHOUT_HALF_CLOSE = {"socket-proxyd", "redsocks"}

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root: run `sudo make test`")


@pytest.fixture(scope="module")
def testbed():
    with Testbed(list(LISTED), tools.build()) as built:
        yield built


@pytest.mark.parametrize("name", LISTED)
def test_it_carries_connections(testbed, name):
    missing = LISTED[name].missing()
    if missing:
        pytest.skip(f"missing: {', '.join(missing)} (Scripts/install-packages bench)")
    running = Running(LISTED[name], testbed)
    if LISTED[name].rules != "route":
        # Nobody else does it: what arrives later came through the contender.
        assert "error" in running.load("connections", limit=1, seconds=0.1)
    running.start()
    try:
        found = running.load("verify", limit=300_000)
        assert found["data"] == "ok"
        assert (found["half_close"] == "ok") == (name not in WITHOUT_HALF_CLOSE)
        if LISTED[name].start:
            assert running.load("connections", count=8, seconds=0.2)["cpu_us"] > 0
    finally:
        running.stop()
    assert running.pids() == []


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_of_a_run_that_is_interrupted(tmp_path, end):
    bench = subprocess.Popen(
        [sys.executable, str(HERE / "bench"), "--only", "reference", "--tests", "trips-1", "--rounds", "1000",
         "--seconds", "0.1", "--output", str(tmp_path / "out")],
        env=os.environ | {"TMPDIR": str(tmp_path)}, stderr=subprocess.PIPE, text=True)
    with bench:
        assert "round 1" in bench.stderr.readline()
        [directory] = tmp_path.glob("dvpn-bench-*")
        assert processes(str(directory))
        bench.send_signal(end)
        bench.wait(20)
    wait_until(lambda: not directory.exists() and not processes(str(directory)), 20, "the run to vanish")
    assert not (tmp_path / "out.json").exists()


def processes(word: str) -> list[str]:
    """Command lines that have the word in them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        found += [line] if word in line else []
    return found


def test_a_short_run_writes_figures_and_a_report(tmp_path):
    out = tmp_path / "out"
    subprocess.run([HERE / "bench", "--only", "direct,reference", "--tests", "trips-1,connections-1", "--rounds", "2",
                    "--seconds", "0.1", "--output", out], check=True, capture_output=True)
    text = out.with_suffix(".md").read_text()
    assert "### trips-1" in text and "| reference |" in text
    again = subprocess.run([HERE / "bench", "--render", out.with_suffix(".json")], check=True, capture_output=True,
                           text=True).stdout
    assert again.strip() == text.strip()
