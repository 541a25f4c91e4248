"""A dataplane that ends leaves its connections with the controlplane, without systemd, too."""
import time

from laboratory import PYTHON, wait_until

TARGETS = ("10.1.2.10", "10.9.0.10", "fd00:1:2::10", "fd00:9::10")


def restart(lab, *options):
    lab.end("dataplane")
    lab.start_dataplane(*options)
    wait_until(lambda: lab.status()["dataplane"]["connected"], 10)


def test_a_restart_loses_nothing(dvpn):
    talks = [dvpn.talk("lan", target) for target in TARGETS]
    try:
        for talk in talks:
            talk.connected()
        for workers in ("1", "3", "2"):
            restart(dvpn, "--workers", workers)
            for number, talk in enumerate(talks):
                assert talk.say(f"{workers} {number}") == f"{workers} {number}"
            wait_until(lambda: dvpn.network()["connections"]["open"] == 2, 5)
    finally:
        for talk in talks:
            talk.__exit__()
    wait_until(lambda: dvpn.network()["connections"]["open"] == 0, 5)


def test_a_client_that_was_let_in_early_gets_its_far_side_afterwards(stopped):
    stopped.config.write_text(stopped.config_text(connect="eager", gateway="dvpn@198.51.100.99"))
    stopped.start_dvpn()
    # No gateway answers: the client waits for its far side.
    with stopped.talk("lan", "10.1.2.10") as talk:
        assert talk.connected()["result"] == "connected"
        wait_until(lambda: stopped.network()["connections"]["parked"] == 1, 5)
        restart(stopped)
        wait_until(lambda: stopped.network()["connections"]["parked"] == 1, 5)
        stopped.config.write_text(stopped.config_text(connect="eager"))
        stopped.dvpnctl("reload")
        assert talk.say("at last") == "at last"


def test_what_nobody_takes_over_is_reset(dvpn):
    """After half a minute, of which this test waits."""
    with dvpn.talk("lan", "10.9.0.10") as talk:
        talk.connected()
        assert talk.say("one") == "one"
        dvpn.end("dataplane")
        assert talk.end(close=False, timeout=45) == "reset"
    assert "nobody takes the last dataplane's connections over: they end (no dataplane at" \
        in dvpn.log("controlplane")
    dvpn.start_dataplane()
    wait_until(lambda: dvpn.status()["dataplane"]["connected"], 10)
    assert "hello" in dvpn.get("lan", "10.9.0.10")


# Answers at the dataplane's socket, and never to a hello.
REFUSER = """
import socket
server = socket.socket(socket.AF_UNIX)
server.bind("/run/dvpn/control.sock")
server.listen()
while True:
    server.accept()[0].close()
"""


def test_half_a_minute_counts_from_the_dataplanes_end_and_not_from_its_last_link(dvpn):
    """A dataplane works without a link, and what it leaves is not thrown away for that."""
    with dvpn.talk("lan", "10.9.0.10") as talk:
        talk.connected()
        assert talk.say("linked") == "linked"
        dvpn.run("gw", "mv", "/run/dvpn/control.sock", "/run/dvpn/away.sock")
        with dvpn.spawn("gw", PYTHON, "-c", REFUSER) as refuser:
            try:
                # A doorbell that was made anew needs a new link.
                dvpn.run("gw", "ip", "link", "delete", "dvpn0")
                wait_until(lambda: "is there, but cannot be linked" in dvpn.log("controlplane"), 10)
                time.sleep(31)
                assert talk.say("not linked") == "not linked"
                dvpn.end("dataplane")
                time.sleep(6)  # more than one look
            finally:
                refuser.kill()
        dvpn.start_dataplane()
        assert talk.say("another") == "another"
    assert "connections over: they end" not in dvpn.log("controlplane")
