"""Static forwards: a place to listen on the gateway, and a connection through the network's tunnel for
everybody who comes there, dialled on demand."""
import pytest

from laboratory import LabError, wait_until

WEB, ECHO = "10.1.2.10:80", "10.1.2.10:7"


def forwards(lab, *lines, **settings):
    """dvpn.toml with forwards: each is where it listens, where it leads, and more lines."""
    text = lab.config_text(**settings)
    for listen, target, *more in lines:
        text += "\n".join(["", "[[forward]]", f'listen = "{listen}"', f'to = "{target}"', 'network = "home"',
                           *more, ""])
    return text


def page(lab, listen, host="gw"):
    """The web server's page, by a forward."""
    if listen.startswith("/"):
        where = ["--unix-socket", listen, "http://web/"]
    else:
        where = [f"http://{listen}/"]
    return lab.run(host, "curl", "--silent", "--show-error", "--max-time", "20", *where).stdout


def refuses(lab, port):
    return lab.connect("gw", "127.0.0.1", port)["result"] == "refused"


@pytest.mark.parametrize("listen", ["127.0.0.1:25", "[::1]:25", "/run/dvpn/mail.sock"])
def test_a_forward_dials_when_somebody_comes(stopped, listen):
    stopped.start_dvpn(forwards(stopped, (listen, WEB)))
    assert stopped.network()["state"] == "idle" and stopped.ssh_masters() == 0
    assert "hello from 10.1.2.10" in page(stopped, listen)
    assert stopped.network()["state"] == "up"
    stopped.wait_for_state("idle")
    assert "hello from 10.1.2.10" in page(stopped, listen)


def test_the_lan_can_be_served_by_a_forward(stopped):
    stopped.start_dvpn(forwards(stopped, ("192.168.77.1:8080", WEB)))
    assert "hello from 10.1.2.10" in page(stopped, "192.168.77.1:8080", "lan")


def test_it_is_the_dataplane_that_accepts(stopped):
    """And the listener is there for whoever comes while neither of the two is."""
    stopped.start_dvpn(forwards(stopped, ("127.0.0.1:8007", ECHO)))
    with stopped.talk("gw", "127.0.0.1", 8007) as talk:
        talk.connected()
        assert talk.say("one") == "one"
        stopped.end("controlplane", "KILL")
        assert talk.say("two") == "two"
        with stopped.talk("gw", "127.0.0.1", 8007) as other:
            other.connected()
            assert other.say("three") == "three"
        stopped.start_controlplane()
        assert talk.say("four") == "four"
        with stopped.talk("gw", "127.0.0.1", 8007) as other:
            other.connected()
            assert other.say("five") == "five"


def test_a_name_is_looked_up_on_the_far_side(stopped):
    """Nobody listens on port 22 of the gateway itself."""
    stopped.start_dvpn(forwards(stopped, ("127.0.0.1:8022", "localhost:22")))
    banner = stopped.run("gw", "python3", "-c", "import socket; "
                         "print(socket.create_connection(('127.0.0.1', 8022), 20).recv(64))")
    assert "SSH-2.0-" in banner.stdout


def test_a_unix_socket_is_for_whom_its_mode_says(stopped):
    path = "/run/dvpn/mail.sock"
    stopped.start_dvpn(forwards(stopped, (path, WEB, 'mode = "0660"', 'group = "dvpn-admin"')))
    assert stopped.run("gw", "stat", "-c", "%a %G %U", path).stdout == "660 dvpn-admin root\n"
    with pytest.raises(LabError):
        stopped.run("gw", "setpriv", "--reuid=rob", "--regid=rob", "--clear-groups", "curl", "--silent",
                    "--unix-socket", path, "http://web/")
    assert "hello" in stopped.run("gw", "setpriv", "--reuid=rob", "--regid=rob", "--groups=dvpn-admin", "curl",
                                  "--silent", "--unix-socket", path, "http://web/").stdout


@pytest.mark.parametrize("listen", ["127.0.0.1:8080", "/run/dvpn/web.sock"])
def test_a_restart_of_the_controlplane_leaves_no_gap_and_dials_for_nobody(stopped, listen):
    stopped.start_dvpn(forwards(stopped, (listen, WEB)))
    for how in ("TERM", "KILL"):
        stopped.end("controlplane", how)
        stopped.start_controlplane()
        assert stopped.network()["state"] == "idle"
        assert "hello from 10.1.2.10" in page(stopped, listen)
        stopped.wait_for_state("idle")


@pytest.mark.parametrize("listen", ["127.0.0.1:8080", "/run/dvpn/web.sock"])
def test_who_comes_while_the_dataplane_is_away_is_served_by_the_next(stopped, listen):
    stopped.start_dvpn(forwards(stopped, (listen, WEB)))
    stopped.end("dataplane", "KILL")
    where = ["--unix-socket", listen, "http://web/"] if listen.startswith("/") else [f"http://{listen}/"]
    with stopped.spawn("gw", "curl", "--silent", "--show-error", "--max-time", "30", *where) as waiting:
        if not listen.startswith("/"):
            wait_until(lambda: stopped.run("gw", "ss", "-Htn", "state", "established", "dport = :8080").stdout,
                       5, "the connection")
        stopped.start_dataplane()
        out, _ = waiting.communicate(timeout=30)
    assert "hello from 10.1.2.10" in out


def test_a_reload_touches_single_forwards(stopped):
    stopped.start_dvpn(forwards(stopped, ("127.0.0.1:8007", ECHO), ("127.0.0.1:8001", WEB)))
    with stopped.talk("gw", "127.0.0.1", 8007) as talk:
        talk.connected()
        assert talk.say("one") == "one"
        stopped.config.write_text(forwards(
            stopped, ("127.0.0.1:8007", ECHO), ("127.0.0.1:8002", WEB), ("127.0.0.1:8003", "10.1.2.10:81")))
        stopped.dvpnctl("reload")
        assert "hello" in page(stopped, "127.0.0.1:8002")
        wait_until(lambda: refuses(stopped, 8001), 5, "the end of a listener")
        # Another target at the same place.
        stopped.config.write_text(forwards(stopped, ("127.0.0.1:8007", ECHO), ("127.0.0.1:8003", WEB)))
        stopped.dvpnctl("reload")
        assert "hello" in page(stopped, "127.0.0.1:8003")
        wait_until(lambda: refuses(stopped, 8002), 5, "the end of a listener")
        assert talk.say("two") == "two"
    assert stopped.logins() > 0


def test_a_place_that_is_taken_is_told_with_its_line_and_changes_nothing(stopped):
    stopped.start_dvpn(forwards(stopped, ("127.0.0.1:8001", WEB)))
    with stopped.spawn("gw", "python3", "-c", "import socket; s = socket.create_server(('127.0.0.1', 8025)); "
                       "print('there', flush=True); input()") as other:
        assert other.stdout.readline() == "there\n"
        stopped.config.write_text(forwards(stopped, ("127.0.0.1:8002", WEB), ("127.0.0.1:8025", WEB)))
        answer = stopped.dvpnctl("reload", check=False)
        line = stopped.config.read_text().splitlines().index('listen = "127.0.0.1:8025"') + 1
        assert answer.returncode == 78
        assert f"{stopped.config}:{line}:10: error: 127.0.0.1:8025 is in use by another program" in answer.stderr
        assert "hello" in page(stopped, "127.0.0.1:8001")
        wait_until(lambda: refuses(stopped, 8002), 5, "the end of a listener")
        # At a start the rest works, and the place is had as soon as it is free.
        stopped.end("controlplane")
        stopped.start_controlplane()
        assert "hello" in page(stopped, "127.0.0.1:8002")
        health = [entry for entry in stopped.status()["health"] if entry["code"] == "forward-failed"]
        assert len(health) == 1 and f"{stopped.config}:{line}:10" in health[0]["text"]
        other.communicate("\n", timeout=10)
    wait_until(lambda: stopped.connect("gw", "127.0.0.1", 8025)["result"] == "connected", 10, "the listener")
    wait_until(lambda: "forward-failed" not in [e["code"] for e in stopped.status()["health"]], 5)


def test_a_reload_that_fails_late_leaves_every_forward_as_it_was(stopped):
    path = "/run/dvpn/web.sock"
    stopped.start_dvpn(forwards(stopped, (path, WEB, 'mode = "0600"'), ("127.0.0.1:8001", WEB)))
    stopped.config.write_text(forwards(stopped, (path, WEB, 'mode = "0666"'), ("127.0.0.1:8002", WEB)))
    # The host cannot be changed.
    nft = stopped.run("gw", "which", "nft").stdout.strip()
    stopped.run("gw", "mount", "--bind", "/bin/false", nft)
    try:
        answer = stopped.dvpnctl("reload", check=False)
    finally:
        stopped.run("gw", "umount", nft)
    assert answer.returncode != 0 and "the host could not be changed" in answer.stderr
    assert stopped.run("gw", "stat", "-c", "%a", path).stdout == "600\n"
    for listen in (path, "127.0.0.1:8001"):
        assert "hello" in page(stopped, listen)
    wait_until(lambda: refuses(stopped, 8002), 5, "the end of a listener")
    assert ".web.sock.new" not in stopped.run("gw", "ls", "-A", "/run/dvpn").stdout
    stopped.dvpnctl("reload")
    assert stopped.run("gw", "stat", "-c", "%a", path).stdout == "666\n"
    for listen in (path, "127.0.0.1:8002"):
        assert "hello" in page(stopped, listen)


def test_a_network_that_cannot_be_had_resets_who_comes(stopped):
    stopped.start_dvpn(forwards(stopped, ("127.0.0.1:8001", WEB), ("127.0.0.1:8081", "10.1.2.10:81")))
    stopped.dvpnctl("down", "home")
    with pytest.raises(LabError, match="reset|connect"):
        page(stopped, "127.0.0.1:8001")
    stopped.dvpnctl("up", "home")
    assert "hello" in page(stopped, "127.0.0.1:8001")
    # A far side that refuses, too: the client was in already.
    with pytest.raises(LabError, match="reset|connect"):
        page(stopped, "127.0.0.1:8081")
