"""Several workers in one dataplane share the connections and behave like one."""
import json
import re

import pytest

from laboratory import PYTHON, wait_until

TARGETS = ("10.9.0.10", "fd00:9::10", "10.1.2.10", "fd00:1:2::10")
CORP = "10.66.0.10"


def start(lab, config=None, workers=3):
    if config is not None:
        lab.config.write_text(config)
    lab.start_dataplane("--workers", str(workers))
    lab.start_controlplane()
    wait_until(lambda: lab.status()["dataplane"]["connected"], 10)


def counters(lab):
    return lab.status()["dataplane"]["counters"]


def carriers(lab):
    """The workers that carry the connections that are open now: their numbers are in the ids."""
    found = json.loads(lab.dvpnctl("connections", "--json").stdout)["connections"]
    return {int(connection["id"], 16) >> 24 & 0xff for connection in found}


def assert_all_carry(lab, target, count=300):
    """Many connections at once are served, by more than one worker; returns the workers."""
    seen = set()
    while len(seen) < 2:
        client = lab.spawn("lan", PYTHON, lab.client_path, "many", target, "7", str(count))
        while client.poll() is None:
            seen |= carriers(lab)
        found = json.loads(client.communicate()[0].splitlines()[-1])
        assert found["results"] == {"served": count}
    return seen


@pytest.mark.parametrize("mode", ["truthful", "eager"])
def test_connections_are_right_and_shared(stopped, mode):
    start(stopped, stopped.config_text(connect=mode) + f'connect = "{mode}"\n')
    for target in TARGETS:
        assert stopped.client("lan", "many", target, 7, 300)["results"] == {"served": 300}
        assert "hello" in stopped.get("gw", target)
    for target in ("10.1.2.10", "10.9.0.10"):
        assert assert_all_carry(stopped, target) <= {0, 1, 2}
    figures = counters(stopped)
    assert figures["strays"] == figures["loops"] == figures["synDropped"] == figures["acceptLimited"] == 0
    assert (figures["handedOn"] > 0) == (mode == "truthful")
    if mode == "truthful":
        for port, result in ((81, "refused"), (82, "timeout")):
            assert stopped.connect("lan", "10.9.0.10", port, timeout=2)["result"] == result


def test_nobody_waits_for_the_kernels_table_of_descriptors(stopped):
    """It is doubled only after a grace period (FDSize in proc(5) is its length): so it is long from the start."""
    start(stopped)
    process = f"/proc/{stopped.pid('dataplane')}"
    found = stopped.run("gw", "cat", f"{process}/limits", f"{process}/status").stdout
    most = int(re.search(r"^Max open files +\d+ +(\d+)", found, re.M)[1])
    assert int(re.search(r"^FDSize:\s+(\d+)", found, re.M)[1]) >= min(most, 32_768)


def test_twelve_held_open_are_listed_with_three_workers(stopped):
    start(stopped)
    talks = [stopped.talk("lan", "10.1.2.10") for _ in range(24)]
    try:
        for talk in talks:
            talk.connected()
        for number, talk in enumerate(talks):
            assert talk.say(f"line {number}") == f"line {number}"
        wait_until(lambda: stopped.network()["connections"]["open"] == 24, 5)
        assert carriers(stopped) == {0, 1, 2}
        assert counters(stopped)["openNow"] == 24
    finally:
        for talk in talks:
            talk.__exit__()
    wait_until(lambda: stopped.network()["connections"]["open"] == 0, 5)


def test_every_worker_gets_its_tables_again_after_a_kill(stopped):
    start(stopped)
    with stopped.talk("lan", "10.1.2.10") as talk:
        talk.connected()
        stopped.end("controlplane", "KILL")
        assert talk.say("alone") == "alone"
        assert stopped.client("lan", "many", "10.1.2.10", 7, 100)["results"] == {"served": 100}
        stopped.config.write_text(stopped.original_config.replace('"10.9.0.0/24"', '"10.8.0.0/24"'))
        stopped.start_controlplane()
        wait_until(lambda: stopped.status()["dataplane"]["connected"], 10)
        assert talk.say("again") == "again"
        # By whichever worker: the new table, too.
        assert stopped.client("lan", "many", "10.1.2.10", 7, 100)["results"] == {"served": 100}
        found = stopped.client("lan", "many", "10.9.0.10", 7, 30, "--timeout", 1)
        assert "served" not in found["results"]
    # The sum of all workers says when nothing is open.
    stopped.wait_for_state("idle")
    stopped.end("dataplane", "KILL")
    wait_until(lambda: not stopped.status()["dataplane"]["connected"], 10)
    stopped.start_dataplane("--workers", "2")
    wait_until(lambda: stopped.status()["dataplane"]["connected"], 10)
    for target in ("10.1.2.10", "fd00:1:2::10"):
        assert stopped.client("lan", "many", target, 7, 100)["results"] == {"served": 100}
        assert "hello" in stopped.get("gw", target)
    assert stopped.log("controlplane").count("linked to worker 1 of 2 ") == 1


def test_packets_that_any_worker_holds_are_released(work):
    start(work, work.vpn_config())
    # Each is a flow of its own, and comes to one of three queues.
    assert work.client("lan", "datagrams", CORP, 7, "--count", 200)["answered"] == 200
    assert counters(work)["packetsReleased"] >= 200
    assert counters(work)["packetsDropped"] == 0
    assert work.client("lan", "many", CORP, 7, 200)["results"] == {"served": 200}
