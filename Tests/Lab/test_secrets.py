"""Where secrets come from: a person who is asked while a packet waits, or systemd's credentials."""
import json
from concurrent.futures import ThreadPoolExecutor

import concentrator
from laboratory import wait_until

CORP = "10.66.0.10"
# In place of the file that the network has otherwise.
ASK = {"ask": True, "file": None}


def login(lab, secret):
    return lab.run("gw", lab.program("dvpnctl"), "--runtime-dir", "/run/dvpn", "login", "work", input=f"{secret}\n")


def asks(lab):
    return lab.network("work").get("asks")


def test_a_packet_waits_until_a_person_has_given_the_password(work):
    work.start_dvpn(work.vpn_config(idle="60s", vpnc={"password": ASK}))
    with ThreadPoolExecutor() as pool:
        ping = pool.submit(work.run, "lan", "ping", "-n", "-c1", "-W50", CORP)
        wait_until(lambda: asks(work), 5, "a question")
        assert concentrator.USER in asks(work)
        assert "dvpnctl login work" in work.dvpnctl("status", check=False).stdout
        # Nobody waits in vain who brings it up by hand: he hears what it waits for.
        said = work.dvpnctl("up", "work", check=False)
        assert "dvpnctl login work" in said.stdout and said.returncode == 4
        said = work.dvpnctl("up", "work", "--json", check=False)
        assert "dvpnctl login work" in said.stderr and said.returncode == 4
        assert json.loads(said.stdout)["networks"][0]["asks"] == asks(work)
        empty = work.run("gw", "curl", "--silent", "--data", "", "--unix-socket", "/run/dvpn/api.sock",
                         "http://dvpn/v1/networks/work/secret").stdout
        assert json.loads(empty)["error"]["code"] == "bad-request" and asks(work)
        assert not ping.done()
        assert "work is up" in login(work, concentrator.PASSWORD).stdout
        assert "1 received" in ping.result().stdout
    assert asks(work) is None
    pid = int(work.run("gw", "pgrep", "-x", "vpnc").stdout)
    assert concentrator.PASSWORD not in work.visible(pid)


def test_a_credential_of_systemds_is_a_secret(work, monkeypatch, tmp_path):
    (tmp_path / "work.password").write_text(f"{concentrator.PASSWORD}\n")
    (tmp_path / "work.password").chmod(0o400)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    work.start_dvpn(work.vpn_config(vpnc={"password": {"credential": "work.password", "file": None}}))
    assert "1 received" in work.run("lan", "ping", "-n", "-c1", "-W5", CORP).stdout
    pid = int(work.run("gw", "pgrep", "-x", "vpnc").stdout)
    assert concentrator.PASSWORD not in work.visible(pid)


def test_login_dials_a_network_that_nobody_has_wanted_yet(work):
    work.start_dvpn(work.vpn_config(idle="60s", vpnc={"password": ASK}))
    assert work.network("work")["state"] == "idle"
    assert "work is up" in login(work, concentrator.PASSWORD).stdout
    assert "1 received" in work.run("lan", "ping", "-n", "-c1", "-W5", CORP).stdout
    # It is up, and nothing is asked any more.
    assert "work is up" in work.dvpnctl("login", "work").stdout
