"""The queue of test files (Tests/run), with files that take no time."""
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

RUN = Path(__file__).resolve().parents[1] / "run"
ONCE_BAD = """
from pathlib import Path
flag = Path(__file__).with_name("flag")
def test_first():
    was = flag.exists()
    flag.touch()
    assert was
def test_second():
    pass
"""
WAITS = """
import pytest, time
from pathlib import Path
@pytest.fixture
def lab():
    yield Path(__file__).with_suffix(".up").touch()
    Path(__file__).with_suffix(".down").touch()
def test_waits(lab):
    time.sleep(60)
"""


def run(directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([RUN, *options, directory], text=True, capture_output=True, timeout=60)


def test_every_file_is_run_and_what_it_says_is_shown(tmp_path):
    for name in "abc":
        (tmp_path / f"test_{name}.py").write_text(f"def test_{name}(): pass\n")
    done = run(tmp_path, "--jobs", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in "abc":
        assert f"test_{name}.py::test_{name} PASSED" in done.stdout
    assert "3 files in" in done.stdout


def test_what_failed_is_tried_again_alone_and_may_pass(tmp_path):
    (tmp_path / "test_a.py").write_text(ONCE_BAD)
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    _, words, again = done.stdout.partition("Once more, alone: what failed in")
    assert words and "1 passed" in again and "test_second" not in again


@pytest.mark.parametrize("text", ["def test_it(): assert False", "import nothing_of_this_name"])
def test_what_fails_is_named(tmp_path, text):
    (tmp_path / "test_a.py").write_text(text + "\n")
    (tmp_path / "test_b.py").write_text("def test_it(): pass\n")
    done = run(tmp_path)
    failed = next(line for line in done.stdout.splitlines() if line.startswith("Failed: "))
    assert done.returncode == 1 and "test_a.py" in failed and "test_b.py" not in failed


def test_a_leak_is_a_failure_though_its_test_passes_afterwards(tmp_path):
    (tmp_path / "test_a.py").write_text("""
import os
def test_it():
    open(os.environ["DVPN_LEAKS"], "a").write("test_it")
""")
    done = run(tmp_path)
    assert done.returncode == 1 and "seen on the WAN, in: test_it" in done.stdout


def test_interrupted_each_file_cleans_up(tmp_path):
    for name in "abc":
        (tmp_path / f"test_{name}.py").write_text(WAITS)
    with subprocess.Popen([RUN, "--jobs", "2", tmp_path], stdout=subprocess.DEVNULL) as running:
        while len(list(tmp_path.glob("*.up"))) < 2:
            assert running.poll() is None
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 130
    assert len(list(tmp_path.glob("*.down"))) == 2 and len(list(tmp_path.glob("*.up"))) == 2
