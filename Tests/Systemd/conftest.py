"""Fixtures of the tests under a real systemd. Every test is one sentence about units, true or false.

    bare      a lab of the module's own whose gateway is a box without dvpn
    machine   one that all tests share, with dvpn's package installed and configured; to be looked at
    stopped   the same, dvpn not started; after the test dvpn is stopped, without drop-ins and configured as before
    dvpn      the same with `systemctl start dvpn.target` done and both daemons linked
"""
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "Lab")]

from basics import end_as_interrupted
from laboratory import Lab
from machine import CONFIG, Machine, booted


@pytest.fixture(scope="session", autouse=True)
def _root() -> None:
    if os.geteuid() != 0:
        pytest.skip("a systemd in namespaces needs root: run `sudo make test`")


@pytest.fixture(scope="module")
def bare() -> Iterator[Machine]:
    with booted(Machine(Lab(f"bare-{os.getpid()}"))) as machine:
        yield machine


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    with booted(Machine(Lab(f"systemd-{os.getpid()}"))) as machine:
        machine.set_up()
        yield machine


@pytest.fixture
def stopped(machine: Machine) -> Iterator[Machine]:
    yield machine
    machine.systemctl("stop", "dvpn.target", "dvpn-online.target")
    machine.systemctl("disable", "--quiet", "dvpn.target")
    machine.systemctl("reset-failed")
    machine.remove_drop_ins()
    machine.configure(CONFIG)
    machine.shell("rm -rf /var/lib/dvpn/* /etc/dvpn/gateways /etc/dvpn/secrets /etc/dvpn/ssh/wrong_key "
                  "/etc/systemd/system/dvpn-guest.service")


@pytest.fixture
def dvpn(stopped: Machine) -> Machine:
    stopped.systemctl("start", "dvpn.target", "dvpn-online.target")
    return stopped


def pytest_configure() -> None:
    # pytest ends by a signal without its fixtures, and so without their boxes.
    end_as_interrupted()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A failed test shows what the box's journal has to say."""
    outcome = yield
    report = outcome.get_result()
    arguments = getattr(item, "funcargs", {})
    machine = next((value for value in arguments.values() if isinstance(value, Machine)), None)
    if report.when == "call" and report.failed and machine is not None:
        try:
            report.sections.append(("the box's journal", machine.journal()[-6000:]))
        except Exception as error:
            report.sections.append(("the box's journal", str(error)))
