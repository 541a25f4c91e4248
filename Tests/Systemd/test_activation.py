"""Who is started by whom, and in which order."""
import pytest
from machine import SOCKETS, Machine


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]"])
def test_the_first_connection_starts_the_dataplane(stopped: Machine, address: str) -> None:
    stopped.systemctl("start", *SOCKETS)
    assert not stopped.is_active("dvpn-dataplane")
    stopped.run("curl", "--silent", "--max-time", "1", f"http://{address}:3876/", check=False)
    stopped.wait_for("dvpn-dataplane", "ActiveState", "^active")


def test_the_link_starts_the_dataplane(stopped: Machine) -> None:
    stopped.systemctl("start", *SOCKETS)
    assert not stopped.is_active("dvpn-dataplane")
    stopped.systemctl("start", "dvpn-controlplane")
    stopped.wait_for("dvpn-dataplane", "ActiveState", "^active")
    assert "hello" in stopped.page()


def test_the_dataplane_may_be_there_first(stopped: Machine) -> None:
    stopped.systemctl("start", "dvpn-dataplane")
    stopped.systemctl("start", "dvpn-controlplane")
    assert "hello" in stopped.page()


def test_a_dataplane_that_is_stopped_comes_back_for_the_link(dvpn: Machine) -> None:
    before = dvpn.pid("dvpn-dataplane")
    dvpn.systemctl("stop", "dvpn-dataplane")
    dvpn.wait_for("dvpn-dataplane", "ActiveState", "^active")
    assert dvpn.pid("dvpn-dataplane") != before
    assert "hello" in dvpn.page()


def test_without_its_sockets_the_controlplane_says_that_it_is_degraded(dvpn: Machine) -> None:
    dvpn.systemctl("stop", *SOCKETS, "dvpn-dataplane")
    dvpn.wait_for("dvpn-controlplane", "StatusText", "^degraded: the dataplane is not connected")
    dvpn.systemctl("start", *SOCKETS)
    dvpn.wait_for("dvpn-controlplane", "StatusText", "^1 network")
    assert "hello" in dvpn.page()
