"""A dial of ten seconds is not taken for the round-trip time of the path."""
import contextlib
import re

import pytest


CLIENTS = ["lan", "gw"]
TARGETS = ["10.1.2.10", "fd00:1:2::10"]


@pytest.mark.parametrize("timestamps", [1, 0])
def test_a_long_dial_leaves_a_short_round_trip(stopped, timestamps):
    def set_timestamps(value):
        for client in CLIENTS:
            stopped.run(client, "sysctl", "--quiet", "--write", f"net.ipv4.tcp_timestamps={value}")

    set_timestamps(timestamps)
    try:
        stopped.start_dvpn(stopped.config_text(port=2210))
        with contextlib.ExitStack() as ends:
            # One dial, for which all wait.
            talks = [(client, target, ends.enter_context(stopped.talk(client, target)))
                     for client in CLIENTS for target in TARGETS]
            for client, target, talk in talks:
                found = talk.connected()
                assert found["result"] == "connected" and found["seconds"] >= 8, (client, target)
                for number in range(5):
                    assert talk.say(f"line {number}") == f"line {number}"
                seen = stopped.run(client, "ss", "-H", "-tin", "dst", f"[{target}]" if ":" in target else target,
                                   "and", "dport", "=", ":7")
                assert float(re.search(r"\brtt:([\d.]+)/", seen.stdout)[1]) < 50, (client, target)
                assert float(re.search(r"\brto:([\d.]+)", seen.stdout)[1]) < 1000, (client, target)
    finally:
        set_timestamps(1)
