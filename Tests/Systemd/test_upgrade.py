"""An upgrade of the package while it is in use: nobody notices."""
import json
from contextlib import ExitStack
from subprocess import Popen

import pytest
from laboratory import PYTHON
from machine import CLIENT, CONFIG, Machine

DAEMONS = ("dvpn-controlplane", "dvpn-dataplane")
HOME, NEAR = "10.1.2.10", "10.9.0.10"
DIRECT = '\n[[network]]\nname = "near"\nprefixes = ["10.9.0.0/24"]\nvia = "direct"\n'
IDLE, IN_PIPES, FLOWING = 1000, 64 << 20, 1 << 30


def found(client: Popen[str], line: str = "") -> dict:
    """Gives a client that has paused its line, and returns what it saw."""
    return json.loads(client.communicate(line, timeout=120)[0].splitlines()[-1])


def test_an_upgrade_loses_no_connection(stopped: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine = stopped
    machine.configure(CONFIG + DIRECT)
    machine.systemctl("enable", "--now", "dvpn.target")

    with ExitStack() as clients, machine.talk() as talk:
        def client(*arguments: object) -> Popen[str]:
            process = clients.enter_context(machine.lab.spawn("lan", PYTHON, CLIENT, *map(str, arguments)))
            clients.callback(process.kill)
            return process

        idle, waiting = client("hold", NEAR, 7, IDLE), client("download", HOME, IN_PIPES, "--pause")
        pulse = client("echo", NEAR, 7, "--seconds", 120, "--until-told")
        flowing = [client(verb, NEAR, FLOWING) for verb in ("download", "upload")]
        assert talk.connected()["result"] == "connected"
        for paused in (idle, waiting):
            assert json.loads(paused.stdout.readline()) == {"paused": True}
        before = {unit: machine.pid(unit) for unit in DAEMONS}
        try:
            machine.install("99.0-1")
            for unit in DAEMONS:
                assert machine.pid(unit) not in (0, before[unit]), unit
            stall = found(pulse, "go\n")["slowest"] * 1000
            with capsys.disabled():
                print(f"\nthe longest stall of a message during an upgrade: {stall:.0f} ms")
            assert talk.say("still") == "still"
            assert found(idle, "go\n")["second"] == {"served": IDLE}
            for transfer in (found(waiting, "go\n"), *map(found, flowing)):
                assert transfer["sha256"] == transfer["expected"], transfer
        finally:
            machine.purge()
            machine.install()
