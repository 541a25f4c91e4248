"""When a tunnel cannot be had the client hears it at once, `status` says why, and nobody hammers."""
import os
import shutil
import time

import pytest

from laboratory import wait_until


def refused_promptly(lab, within=8):
    found = lab.connect("lan", "10.1.2.10")
    assert found["result"] in ("unreachable", "refused", "reset")
    assert found["seconds"] < within


def further_tries_make_no_dial(lab):
    """More connections find the same answer at once, and the gateway hears nothing of them."""
    tries = lab.tries()
    for _ in range(5):
        refused_promptly(lab, within=2)
    assert lab.tries() == tries


def dials(lab):
    return lab.log("controlplane").count("→ dialling")


@pytest.mark.parametrize("setting, file, code", [
    ("identity", "wrong_key", "authentication"),
    ("known_hosts", "wrong_known_hosts", "host-key-changed")])
def test_wrong_credentials_lock_the_network(stopped, setting, file, code):
    tries = stopped.tries()
    stopped.start_dvpn(stopped.config_text(**{setting: str(stopped.directory / "ssh" / file)}))
    refused_promptly(stopped)
    network = stopped.wait_for_state("locked")
    assert network["last_error"]["code"] == code
    assert stopped.tries() == tries + 1
    further_tries_make_no_dial(stopped)


def test_a_lock_outlives_a_restart_and_ends_with_the_right_key(stopped):
    wrong = stopped.config_text(identity=str(stopped.directory / "ssh" / "wrong_key"))
    stopped.start_dvpn(wrong)
    refused_promptly(stopped)
    stopped.wait_for_state("locked")
    stopped.stop_dvpn()
    stopped.start_dvpn(wrong)
    assert stopped.network()["state"] == "locked"
    further_tries_make_no_dial(stopped)
    stopped.config.write_text(stopped.original_config)
    stopped.dvpnctl("reload")
    assert "hello" in stopped.get("lan", "10.1.2.10")


def test_a_reload_says_that_another_secret_has_ended_a_lock(stopped):
    """The configuration is the same: the file that it names is another one."""
    right, key = (stopped.directory / "ssh" / name for name in ("id_ed25519", "changing_key"))
    shutil.copy(stopped.directory / "ssh" / "wrong_key", key)
    os.chown(key, right.stat().st_uid, right.stat().st_gid)
    stopped.start_dvpn(stopped.config_text(identity=str(key)))
    refused_promptly(stopped)
    stopped.wait_for_state("locked")
    assert stopped.dvpnctl("reload").stdout == "nothing has changed\n"
    key.write_bytes(right.read_bytes())
    assert stopped.dvpnctl("reload").stdout == "unlocked, with another secret: home\n"
    assert "hello" in stopped.get("lan", "10.1.2.10")


@pytest.mark.parametrize("settings, code", [
    ({"gateway": "dvpn@198.51.100.9"}, "unreachable"),  # nobody has that address
    ({"port": 2223}, "unreachable"),                    # silence
    ({"port": 2300}, "refused"),                        # nobody listens
    ({"gateway": "dvpn@no-such-name.example"}, "name-not-resolved")])
def test_a_dead_gateway_means_hold_off(stopped, settings, code):
    stopped.start_dvpn(stopped.config_text(**settings))
    refused_promptly(stopped, within=31)
    network = stopped.wait_for_state("holdoff")
    assert network["last_error"]["code"] == code
    assert network["next_retry"]
    # Clients that go on trying for 6 s make a dial only as often as the growing hold-off lets them.
    begun, before = time.monotonic(), dials(stopped)
    while time.monotonic() - begun < 6:
        refused_promptly(stopped, within=31)
    assert dials(stopped) - before <= 4


def test_status_says_why_the_last_dial_failed_until_one_succeeds(stopped):
    """Also after the hold-off, which ends without anybody's doing."""
    stopped.start_dvpn(stopped.config_text(port=2300))
    refused_promptly(stopped)
    stopped.wait_for_state("idle")
    network = stopped.network()
    assert network["failed"] and network["last_error"]["code"] == "refused"
    said = stopped.dvpnctl("status").stdout
    assert "its last dial failed: " in said and "the next packet dials again" in said
    stopped.config.write_text(stopped.original_config)
    stopped.dvpnctl("reload")
    assert "hello" in stopped.get("lan", "10.1.2.10")
    assert "failed" not in stopped.network()


def test_hold_off_ends_by_itself(stopped):
    stopped.run("sshgw", "ip", "link", "set", "wan0", "down")
    try:
        stopped.start_dvpn()
        refused_promptly(stopped, within=31)
        stopped.wait_for_state("holdoff")
    finally:
        stopped.run("sshgw", "ip", "-batch", "-", input="""
            link set wan0 up
            addr replace 2001:db8:51::2/64 dev wan0 nodad
            route replace default via 198.51.100.1
            route replace default via 2001:db8:51::1
        """)
    wait_until(lambda: stopped.connect("lan", "10.1.2.10")["result"] == "connected", 60)


def test_a_gateway_that_refuses_one_port_serves_the_others(stopped):
    stopped.start_dvpn(stopped.config_text(port=2222))
    assert "hello" in stopped.get("lan", "10.1.2.10")
    found = stopped.connect("lan", "10.1.2.10", 7)
    assert found["result"] in ("refused", "unreachable")
    assert stopped.network()["state"] == "up"


def test_a_killed_sshd_ends_its_connections_and_the_next_one_dials(dvpn):
    with dvpn.talk("lan", "10.1.2.10") as talk:
        talk.connected()
        assert talk.say("before") == "before"
        begun = time.monotonic()
        sessions = dvpn.run("sshgw", "pgrep", "-u", "dvpn", "-x", "sshd").stdout.split()
        # A session that was asked for once may have ended by itself meanwhile.
        dvpn.run("sshgw", "kill", "-KILL", *sessions, check=False)
        assert talk.end(close=False, timeout=10) in ("reset", "fin")
        assert time.monotonic() - begun < 5
    wait_until(lambda: dvpn.connect("lan", "10.1.2.10")["result"] == "connected", 20)
    assert "hello" in dvpn.get("lan", "10.1.2.10")


def test_a_download_over_a_killed_sshd_does_not_look_complete(dvpn):
    dvpn.get("lan", "10.1.2.10")
    download = dvpn.spawn("lan", "/usr/bin/python3", str(dvpn.client_path), "download", "10.1.2.10",
                          str(2 << 30))
    wait_until(lambda: dvpn.network()["connections"]["open"] == 1, 10)
    sessions = dvpn.run("sshgw", "pgrep", "-u", "dvpn", "-x", "sshd").stdout.split()
    dvpn.run("sshgw", "kill", "-KILL", *sessions)
    out, _ = download.communicate(timeout=30)
    assert '"end": "reset"' in out
