"""Any other tunnel: a start command, a device, a stop command. Here a real OpenVPN, once as a program that
stays and once as one that leaves its tunnel behind."""
import pytest

from laboratory import wait_until

CORP = "10.66.0.10"


def detached(lab):
    """The same OpenVPN as a daemon, as wg-quick or strongSwan leave theirs."""
    start = [*lab.vpn.openvpn_client(), "--daemon", "--writepid", "/run/openvpn.pid"]
    stop = ["/bin/sh", "-c", "kill $(cat /run/openvpn.pid)"]
    return {"start": start, "stop": stop}


@pytest.fixture(params=["stays", "leaves"])
def tunnel(request, work):
    work.start_dvpn(work.vpn_config("command", command=detached(work) if request.param == "leaves" else {}))
    return work


def up(tunnel):
    """Its far end may still believe in the last test's client: OpenVPN with a static key knows no hello."""
    wait_until(lambda: tunnel.ping("lan", CORP, timeout=1) is not None, 10, "the first answer")


@pytest.mark.parametrize("client", ["lan", "gw"])
def test_the_first_packet_of_each_kind_is_answered(tunnel, client):
    assert tunnel.ping(client, CORP) is not None
    assert tunnel.network("work")["device"] == "dv-ovpn"
    assert tunnel.client(client, "datagrams", CORP, 7)["answered"] == 1
    assert "hello from 10.66.0.10, you are 10.66.202.2" in tunnel.get(client, CORP)
    assert tunnel.dig(client, "www.corp.example").answers == [CORP]
    assert tunnel.connect(client, CORP, 81)["result"] == "refused"
    found = tunnel.client(client, "download", CORP, 3_000_000)
    assert found["sha256"] == found["expected"]


def test_an_idle_tunnel_goes_away_and_comes_back(tunnel):
    for _ in range(2):
        assert "hello" in tunnel.get("lan", CORP)
        tunnel.wait_for_state("idle", "work", 15)
        assert tunnel.pids("openvpn") == []
        assert "dv-ovpn" not in tunnel.run("gw", "ip", "link").stdout


def test_a_killed_program_comes_back_with_the_next_demand(tunnel):
    up(tunnel)
    pid, = tunnel.pids("openvpn")
    tunnel.run("gw", "kill", "-KILL", str(pid))
    wait_until(lambda: tunnel.ping("lan", CORP, timeout=1) is not None, 20)


def test_cleanup_ends_it(tunnel):
    up(tunnel)
    tunnel.stop_dvpn()
    assert tunnel.pids("openvpn") == []
    assert "dv-ovpn" not in tunnel.run("gw", "ip", "link").stdout


def test_a_restarted_controlplane_takes_it_over(tunnel):
    up(tunnel)
    before = tunnel.pids("openvpn")
    tunnel.end("controlplane", "KILL")
    tunnel.start_controlplane()
    assert tunnel.network("work")["state"] == "up"
    assert tunnel.ping("lan", CORP) is not None
    assert tunnel.pids("openvpn") == before
    tunnel.wait_for_state("idle", "work", 15)
    assert tunnel.pids("openvpn") == []


def test_a_start_command_that_fails_means_hold_off(work):
    work.start_dvpn(work.vpn_config("command", command={
        "start": ["/bin/sh", "-c", "echo no luck today; exit 3"], "device": "dv-none"}))
    found = work.connect("lan", CORP)
    assert found["result"] in ("unreachable", "refused") and found["seconds"] < 10
    network = work.wait_for_state("holdoff", "work")
    assert "status 3" in network["last_error"]["text"]


def test_a_start_command_that_says_that_its_credentials_were_refused_locks(work):
    started = work.directory / "started"
    work.start_dvpn(work.vpn_config("command", command={
        "start": ["/bin/sh", "-c", f"echo >>{started}; echo AUTH_FAILED; exit 77"], "device": "dv-none"}))
    found = work.connect("lan", CORP)
    assert found["result"] in ("unreachable", "refused") and found["seconds"] < 10
    network = work.wait_for_state("locked", "work")
    assert network["last_error"]["code"] == "authentication"
    for _ in range(3):
        assert work.connect("lan", CORP)["result"] in ("unreachable", "refused")
    assert started.read_text() == "\n"


def test_a_program_that_never_gets_ready_is_ended(work):
    work.start_dvpn(work.vpn_config("command", command={"ready": {"file": "/run/never-there"}}))
    found = work.connect("lan", CORP, timeout=60)
    assert found["result"] in ("unreachable", "refused") and found["seconds"] < 35
    wait_until(lambda: work.pids("openvpn") == [], 20)


def test_a_device_of_another_name_is_used_as_it_is_called(work):
    start = ["wg7" if word == "dv-ovpn" else word for word in work.vpn.openvpn_client()]
    work.start_dvpn(work.vpn_config("command", command={"start": start, "device": "wg7"}))
    assert work.ping("lan", CORP) is not None
    assert work.network("work")["device"] == "wg7"
