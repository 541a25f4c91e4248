"""A dial of ten seconds is not taken for the round-trip time of the path."""
import re

import pytest


@pytest.mark.parametrize("client", ["lan", "gw"])
@pytest.mark.parametrize("target", ["10.1.2.10", "fd00:1:2::10"])
@pytest.mark.parametrize("timestamps", [1, 0])
def test_a_long_dial_leaves_a_short_round_trip(stopped, client, target, timestamps):
    stopped.run(client, "sysctl", "--quiet", "--write", f"net.ipv4.tcp_timestamps={timestamps}")
    try:
        stopped.start_dvpn(stopped.config_text(port=2210))
        with stopped.talk(client, target) as talk:
            found = talk.connected()
            assert found["result"] == "connected" and found["seconds"] >= 9
            for number in range(5):
                assert talk.say(f"line {number}") == f"line {number}"
            seen = stopped.run(client, "ss", "-H", "-tin", "dst", f"[{target}]" if ":" in target else target, "and", "dport", "=", ":7")
            assert float(re.search(r"\brtt:([\d.]+)/", seen.stdout)[1]) < 50
            assert float(re.search(r"\brto:([\d.]+)", seen.stdout)[1]) < 1000
    finally:
        stopped.run(client, "sysctl", "--quiet", "--write", "net.ipv4.tcp_timestamps=1")
