"""What the operator sees who installs dvpn on a system that has never had it, from the package to a reboot."""
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

from laboratory import wait_until
from machine import CONFIG, Machine

HOME = ("org.dvpn1", "/org/dvpn1/network/home", "org.dvpn1.Network")
RUNNING = ("dvpn.target", "dvpn-guard.service", "dvpn-host.service", "dvpn-controlplane.service",
           "dvpn-dataplane.service")


def test_from_the_package_to_a_reboot(bare: Machine) -> None:
    lab = bare.lab
    untouched = lab.host_state()
    bare.install()
    # Nothing happens before it is configured, and nothing after that before it is enabled.
    assert bare.systemctl("is-enabled", "dvpn.target", check=False).stdout.strip() == "disabled"
    bare.run("systemctl", "preset", "dvpn.target")
    assert bare.systemctl("is-enabled", "dvpn.target", check=False).stdout.strip() == "disabled"
    assert bare.shell("pgrep dvpn || true") == ""
    assert bare.shell("id -u dvpn; id -u dvpn-ssh; stat --format=%U:%G:%a /etc/dvpn/ssh").split()[2] \
        == "root:dvpn-ssh:750"
    bare.write_secrets()
    bare.configure(CONFIG)
    assert "no mistakes; 1 network" in bare.run("dvpn-controlplane", "--check").stdout
    # Whoever asks on the bus does not start it either.
    bare.run("runuser", "-u", "nobody", "--", "busctl", "tree", "org.dvpn1", check=False)
    assert bare.systemctl("is-active", "dvpn-controlplane", check=False).stdout.strip() == "inactive"
    assert lab.host_state() == untouched

    since = bare.now()
    bare.systemctl("enable", "--now", "dvpn.target")
    assert "hello" in bare.page()
    for unit in RUNNING:
        assert bare.systemctl("is-active", unit).stdout.strip() == "active", unit
    assert "home" in bare.dvpnctl("status").stdout

    on_the_bus(bare)
    in_the_journal(bare, since)

    bare.reboot()
    assert "hello" in bare.page()
    for unit in RUNNING:
        assert bare.is_active(unit), unit

    bare.systemctl("stop", "dvpn.target")
    assert lab.host_state() == untouched


def on_the_bus(machine: Machine) -> None:
    def tree() -> list[str]:
        return machine.run("busctl", "tree", "--list", "org.dvpn1", check=False).stdout.split()
    wait_until(lambda: "/org/dvpn1/network/home" in tree(), 10, "dvpn on the bus")
    shown = machine.run("busctl", "introspect", *HOME).stdout
    assert {".State", ".Up", ".StateChanged"} <= {line.split()[0] for line in shown.splitlines()}
    assert machine.run("busctl", "get-property", *HOME, "State").stdout == 's "up"\n'
    listed = machine.run("busctl", "call", "org.dvpn1", "/org/dvpn1", "org.dvpn1.Manager", "ListNetworks")
    assert listed.stdout == 'a(sos) 1 "home" "/org/dvpn1/network/home" "up"\n'

    with monitor(machine) as messages:
        machine.run("busctl", "call", *HOME, "Down")
        steps = []
        while not steps or steps[-1][1] != "idle":
            steps.append(next(m["payload"]["data"] for m in messages if m.get("member") == "StateChanged"))
    assert steps[0][0] == "up"
    assert machine.run("busctl", "get-property", *HOME, "State").stdout == 's "idle"\n'
    machine.run("busctl", "call", *HOME, "Up")
    assert "hello" in machine.page()


@contextmanager
def monitor(machine: Machine) -> Iterator[Iterator[dict]]:
    """What dvpn says on the bus from now on, message by message, for half a minute at most."""
    with machine.spawn("timeout", "30", "stdbuf", "-oL", "busctl", "--json=short", "monitor",
                       "org.dvpn1") as process:
        try:
            assert any("Monitoring" in line for line in process.stdout)
            yield (json.loads(line) for line in process.stdout if line.startswith("{"))
        finally:
            process.kill()


def in_the_journal(machine: Machine, since: str) -> None:
    """As docs/monitoring.md says: `journalctl -t dvpn-controlplane -o json`."""
    def ended() -> dict | None:
        text = machine.run("journalctl", "--no-pager", "-t", "dvpn-controlplane", "-o", "json",
                           f"--since={since}", "DVPN_RESULT=ok").stdout
        return json.loads(text.splitlines()[0]) if text.strip() else None
    record = wait_until(ended, 10, "the record of a connection")
    assert record["DVPN_NETWORK"] == "home" and record["DVPN_DESTINATION"] == "10.1.2.10:80"
    assert re.fullmatch(r"192\.168\.77\.10:\d+", record["DVPN_SOURCE"])
    assert int(record["DVPN_BYTES_IN"]) > 0 and int(record["DVPN_BYTES_OUT"]) > 0
    assert len(record["MESSAGE_ID"]) == 32
    said = machine.run("journalctl", "--no-pager", "-o", "cat", f"--since={since}").stdout
    # libdispatch's complaint about threads that it wanted to be faster.
    assert "thread priority" not in said
