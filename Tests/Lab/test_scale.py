"""The dataplane with as many networks as it takes."""
import json

import pytest

from laboratory import PYTHON

NETWORKS = 65_536


def configuration(lab, last):
    """The lab's two networks and as many others as there may be; `last` is the last one's prefix."""
    prefixes = [f"11.{number >> 8}.{number & 255}.0/24" for number in range(NETWORKS - 3)] + [last]
    others = "".join(f"""
[[network]]
name     = "site-{number}"
prefixes = ["{prefix}"]
via      = "direct"
""" for number, prefix in enumerate(prefixes))
    return lab.config_text(idle="60s") + others


@pytest.fixture
def large(stopped):
    stopped.start_dvpn(configuration(stopped, "12.0.0.0/24"))
    return stopped


def test_a_new_table_of_65536_networks_disturbs_no_connection(large, capsys):
    def client(*arguments):
        return large.spawn("lan", PYTHON, str(large.client_path), *map(str, arguments))

    def trips(seconds):
        return client("echo", "10.9.0.10", 7, "--seconds", seconds)

    def result(process):
        out, error = process.communicate(timeout=90)
        assert process.returncode == 0, error
        return json.loads(out.splitlines()[-1])

    assert len(large.status()["networks"]) == NETWORKS
    assert "hello" in large.get("lan", "10.1.2.10")
    calm = result(trips(3))
    with large.talk("lan", "10.1.2.10") as talk:
        talk.connected()
        download = client("download", "10.9.0.10", 8 << 30)
        busy, upload = trips(20), client("upload", "10.1.2.10", 256 << 20)
        large.config.write_text(configuration(large, "12.0.1.0/24"))
        reload = large.spawn("gw", large.program("dvpnctl"), "--runtime-dir", "/run/dvpn", "reload")
        tries = 0
        while reload.poll() is None:
            assert large.connect("lan2", "10.9.0.10")["result"] == "connected"
            tries += 1
        assert reload.returncode == 0 and tries > 5
        assert talk.say("the same connection") == "the same connection"
        found, sent, during = result(download), result(upload), result(busy)
    assert found["end"] == "fin" and found["sha256"] == found["expected"]
    assert sent["sha256"] == sent["expected"]
    assert large.network(f"site-{NETWORKS - 3}")["prefixes"] == ["12.0.1.0/24"]
    with capsys.disabled():
        for name, seen in (("calm", calm), ("new table, two transfers", during)):
            print(f"\n  round trips, {name}: " + ", ".join(
                f"{key} {seen[key] * 1e6:.0f} µs" for key in ("p50", "p99", "p999", "slowest")), end="")
        print()
