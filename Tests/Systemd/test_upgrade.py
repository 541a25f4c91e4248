"""An upgrade of the package while it is in use: nobody notices."""
import json
import time
from contextlib import ExitStack
from subprocess import Popen

import pytest
from laboratory import PYTHON, wait_until
from machine import CLIENT, CONFIG, Machine, package

DAEMONS = ("dvpn-controlplane", "dvpn-dataplane")
HOME, NEAR = "10.1.2.10", "10.9.0.10"
DIRECT = '\n[[network]]\nname = "near"\nprefixes = ["10.9.0.0/24"]\nvia = "direct"\n'
IDLE, IN_PIPES, FLOWING = 1000, 64 << 20, 1 << 30
PACE = 20_000_000  # client.py --until-told


def found(client: Popen[str], line: str = "") -> dict:
    """Gives a client that has paused its line, and returns what it saw."""
    return json.loads(client.communicate(line, timeout=120)[0].splitlines()[-1])


def moved(machine: Machine) -> list[int]:
    """How many bytes have come through by now in each of the transfers that flow."""
    listed = json.loads(machine.dvpnctl("connections", "--json", check=False).stdout)["connections"]
    return sorted(c["bytes_in"] + c["bytes_out"] for c in listed if c["target"] in (f"{NEAR}:19", f"{NEAR}:9"))


def test_an_upgrade_loses_no_connection(stopped: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine = stopped
    package("99.0-1")  # made before anything flows
    machine.configure(CONFIG + DIRECT)
    machine.systemctl("enable", "--now", "dvpn.target")

    with ExitStack() as clients, machine.talk() as talk:
        def client(*arguments: object) -> Popen[str]:
            process = clients.enter_context(machine.lab.spawn("lan", PYTHON, CLIENT, *map(str, arguments)))
            clients.callback(process.kill)
            return process

        idle, waiting = client("hold", NEAR, 7, IDLE), client("download", HOME, IN_PIPES, "--pause")
        pulse = client("echo", NEAR, 7, "--seconds", 120, "--until-told")
        flowing = [client(verb, NEAR, FLOWING, "--until-told") for verb in ("download", "upload")]
        assert talk.connected()["result"] == "connected"
        for paused in (idle, waiting):
            assert json.loads(paused.stdout.readline()) == {"paused": True}
        before = {unit: machine.pid(unit) for unit in DAEMONS}
        try:
            early = wait_until(lambda: len(found := moved(machine)) == 2 and min(found) > 0 and found, 10)
            begun = time.monotonic()
            machine.install("99.0-1")
            took = time.monotonic() - begun
            for unit in DAEMONS:
                assert machine.pid(unit) not in (0, before[unit]), unit
            late = wait_until(lambda: len(found := moved(machine)) == 2 and found, 10)
            # They flowed before, flowed meanwhile but for the stall, and have not come to their end.
            with capsys.disabled():
                print(f"\n{took:.1f} s of upgrade; bytes before: {early}, after: {late}")
            assert all(after - before > took * PACE / 2 for before, after in zip(early, late))
            assert max(late) < FLOWING and all(client.poll() is None for client in flowing)
            stall = found(pulse, "go\n")["slowest"] * 1000
            with capsys.disabled():
                print(f"\nthe longest stall of a message during an upgrade: {stall:.0f} ms")
            assert talk.say("still") == "still"
            assert found(idle, "go\n")["second"] == {"served": IDLE}
            for transfer in (found(waiting, "go\n"), *(found(client, "go\n") for client in flowing)):
                assert transfer["sha256"] == transfer["expected"], transfer
        finally:
            machine.purge()
            machine.install()
