"""dvpnctl events, and connections --kill."""
import json

import pytest

from laboratory import wait_until


def test_events_tell_what_happened_and_go_on(dvpn):
    follower = dvpn.spawn("gw", dvpn.program("dvpnctl"), "--runtime-dir", "/run/dvpn", "events", "--follow",
                          "--network", "home")
    try:
        dvpn.get("lan", "10.1.2.10")
        seen = ""
        while "→ up" not in seen:
            line = follower.stdout.readline()
            assert line, f"it ended: {seen}"
            seen += line
        assert "→ dialling: demand: tcp" in seen
    finally:
        follower.kill()
        follower.wait()
    events = [json.loads(line) for line in dvpn.dvpnctl("events", "--json").stdout.splitlines()]
    up = next(event for event in events if event["event"] == "network-up")
    assert up["networks"] == ["home"] and up["fields"]["state"] == "up"
    assert [event["id"] for event in events] == sorted(event["id"] for event in events)


def test_a_connection_can_be_ended(dvpn):
    with dvpn.talk("lan", "10.1.2.10") as talk:
        talk.connected()
        assert talk.say("hello") == "hello"
        [found] = json.loads(dvpn.dvpnctl("connections", "--json").stdout)["connections"]
        refused = dvpn.dvpnctl("connections", "--kill", "1", check=False)
        assert refused.returncode == 1 and "there is no connection 1" in refused.stderr
        killed = dvpn.dvpnctl("connections", "--kill", found["id"]).stdout
        assert found["source"] in killed
        assert talk.end(close=False) == "reset"
    wait_until(lambda: not json.loads(dvpn.dvpnctl("connections", "--json").stdout)["connections"], 5,
               "no connection")


@pytest.mark.parametrize("follow", [[], ["--follow"]])
def test_events_of_a_network_that_nobody_has_are_a_mistake(dvpn, follow):
    said = dvpn.dvpnctl("events", "--network", "nobody", *follow, check=False)
    assert said.returncode == 1 and said.stdout == "" and 'no network is called "nobody"' in said.stderr
    assert dvpn.dvpnctl("events", "--network", "home").stdout == ""  # nothing has happened to it yet
