"""What the journal has of a dvpn that runs as units, and its objects on the box's bus."""
import json
import re

import pytest
from laboratory import wait_until
from machine import CONFIG, PROJECT, Machine

CATALOG: dict[str, str] = {}  # subject -> MESSAGE_ID
for _entry in (PROJECT / "systemd/dvpn.catalog").read_text().split("\n-- ")[1:]:
    CATALOG[re.search(r"^Subject: (.*)$", _entry, re.MULTILINE)[1]] = _entry[:32]
UP = CATALOG["Network @DVPN_NETWORK@ is up"]
DIALLING = CATALOG["Network @DVPN_NETWORK@ is being dialled"]
LOCKED = CATALOG["Network @DVPN_NETWORK@ is locked"]
ENDED = CATALOG["A connection to @DVPN_NETWORK@ has ended"]
SAID = CATALOG["A tunnel client has printed something"]

HOME = ("org.dvpn1", "/org/dvpn1/network/home", "org.dvpn1.Network")


def records(machine: Machine, since: str, **fields: str) -> list[dict]:
    """The controlplane's records with these values; journalctl's own matches lose the first one."""
    text = machine.run("journalctl", "--no-pager", "--output=json", f"--since={since}").stdout
    wanted = (fields | {"SYSLOG_IDENTIFIER": "dvpn-controlplane"}).items()
    return [record for record in map(json.loads, text.splitlines())
            if all(record.get(name) == value for name, value in wanted)]


def await_record(machine: Machine, since: str, **fields: str) -> dict:
    return wait_until(lambda: records(machine, since, **fields), 10, f"a record with {fields}")[0]


def test_states_and_connections_are_records_with_fields(dvpn: Machine) -> None:
    since = dvpn.now()
    assert "hello" in dvpn.page()
    ended = await_record(dvpn, since, MESSAGE_ID=ENDED)
    assert ended["DVPN_NETWORK"] == "home" and ended["DVPN_RESULT"] == "ok"
    assert re.fullmatch(r"192\.168\.77\.\d+:\d+", ended["DVPN_SOURCE"])
    assert ended["DVPN_DESTINATION"] == "10.1.2.10:80"
    assert int(ended["DVPN_BYTES_IN"]) > 0 < int(ended["DVPN_BYTES_OUT"])
    assert ended["PRIORITY"] == "6" and ended["_SYSTEMD_UNIT"] == "dvpn-controlplane.service"
    assert ended["CODE_FILE"].endswith(".swift") and int(ended["CODE_LINE"]) > 0
    (dialling,) = records(dvpn, since, MESSAGE_ID=DIALLING, DVPN_NETWORK="home")
    assert dialling["DVPN_STATE_BEFORE"] == "idle" and "→ 10.1.2.10:80" in dialling["DVPN_CAUSE"]
    (up,) = records(dvpn, since, MESSAGE_ID=UP, DVPN_STATE="up")
    assert up["PRIORITY"] == "5" and "home: dialling → up" in up["MESSAGE"]


def test_everything_from_start_to_end_is_explained(dvpn: Machine) -> None:
    since = dvpn.now()
    assert "hello" in dvpn.page()
    await_record(dvpn, since, MESSAGE_ID=ENDED)
    text = dvpn.run("journalctl", "--no-pager", "--catalog", f"--since={since}").stdout
    assert "Subject: Network home is up" in text and "carries connections now" in text
    assert re.search(r"From 192\.168\.77\.\d+:\d+ to 10\.1\.2\.10:80: ok", text)


def test_what_a_client_prints_is_tagged_with_its_network(stopped: Machine) -> None:
    stopped.write("/etc/dvpn/ssh/wrong_key", (stopped.lab.directory / "ssh/wrong_key").read_text(),
                  "dvpn-ssh", "0600")
    stopped.configure(CONFIG + '[network.ssh]\nidentity = "/etc/dvpn/ssh/wrong_key"\n')
    since = stopped.now()
    stopped.systemctl("start", "dvpn.target", "dvpn-online.target")
    assert stopped.dvpnctl("up", "home", check=False).returncode != 0
    said = await_record(stopped, since, MESSAGE_ID=SAID, DVPN_PROGRAM="ssh")
    assert said["DVPN_NETWORK"] == "home" and "Permission denied" in said["MESSAGE"]
    locked = await_record(stopped, since, MESSAGE_ID=LOCKED)
    assert locked["DVPN_NETWORK"] == "home"


@pytest.mark.parametrize("path", ["/org/dvpn1", "/org/dvpn1/network/home"])
def test_the_bus_of_the_system_has_it_with_the_installed_policy(dvpn: Machine, path: str) -> None:
    def tree() -> list[str]:
        return dvpn.run("runuser", "-u", "nobody", "--", "busctl", "tree", "--list", "org.dvpn1",
                        check=False).stdout.split()
    wait_until(lambda: path in tree(), 10, "dvpn on the bus")
    assert ".PropertiesChanged" in dvpn.run("busctl", "introspect", "org.dvpn1", path).stdout
    refused = dvpn.run("runuser", "-u", "nobody", "--", "busctl", "call", *HOME, "Up", check=False)
    assert refused.returncode != 0 and "Access denied" in refused.stderr
    dvpn.run("busctl", "call", *HOME, "Up")
    assert dvpn.run("busctl", "get-property", *HOME, "State").stdout.strip() == 's "up"'


def test_a_question_on_the_bus_starts_a_controlplane_that_is_enabled(dvpn: Machine) -> None:
    dvpn.systemctl("stop", "dvpn-controlplane")
    asked = dvpn.run("busctl", "get-property", *HOME, "State", check=False)
    assert asked.returncode != 0 and not dvpn.is_active("dvpn-controlplane")
    dvpn.systemctl("enable", "--quiet", "dvpn.target")
    assert dvpn.run("busctl", "get-property", *HOME, "State").stdout.strip() == 's "idle"'
    assert dvpn.is_active("dvpn-controlplane")
