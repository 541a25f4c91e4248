"""`make demo-systemd` runs to its end, and leaves nothing behind when it is interrupted."""
import os
import signal
import subprocess
from pathlib import Path

from laboratory import wait_until
from machine import PROJECT, package

DEMO = str(PROJECT / "Scripts/demo-systemd")


def remains(number: int) -> list[str]:
    """What there is of the demo whose process has the number."""
    name = f"dvpn-demo-{number}"
    places = [Path("/run/dvpn-box") / name, Path(os.environ.get("TMPDIR", "/tmp")) / f"dvpn-lab-{name}"]
    return [str(place) for place in places if place.exists()]


def start() -> subprocess.Popen[str]:
    return subprocess.Popen([DEMO], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, start_new_session=True,
                            env=os.environ | {"DEB": str(package())})


def test_the_demo_shows_it_all_and_cleans_up() -> None:
    with start() as demo:
        said = demo.communicate(timeout=180)[0]
    assert demo.returncode == 0, said
    assert said.count("hello from 10.1.2.10") == 3, said
    for words in ("is-active dvpn.target", "/org/dvpn1/network/home", "DVPN_DESTINATION", "unknown key",
                  "nothing of them is left"):
        assert words in said, said
    assert remains(demo.pid) == []


def test_interrupted_it_cleans_up_too() -> None:
    with start() as demo:
        for line in demo.stdout:
            if "dpkg --install" in line:
                break
        assert len(remains(demo.pid)) == 2
        os.killpg(demo.pid, signal.SIGINT)
        said = demo.communicate(timeout=60)[0]
    assert demo.returncode == 130, said
    wait_until(lambda: remains(demo.pid) == [], 20, "everything to be gone")
