"""The API itself: what it answers is what it says it answers, and nothing makes it fall over."""
import json
import os
import re
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from laboratory import PROJECT, PYTHON, wait_until
from test_web import HOST, TOKEN, ask, web  # noqa: F401: a fixture

RAW = str(Path(__file__).parent / "raw.py")
SCHEMATHESIS = PROJECT / ".build/lab/schemathesis"
# It never ends by itself: tests of its own are in test_web.py.
STREAM = ["--exclude-operation-id", "eventStream"]


@pytest.fixture(scope="session")
def schemathesis() -> Path:
    subprocess.run([PROJECT / "Scripts/fetch-schemathesis"], check=True, timeout=600)
    return SCHEMATHESIS


# What is a name of a host, no pattern says; so a target may be refused that the description allows. And a path
# that is too long for us is 413, whatever is in it.
SETTINGS = """
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429", "5xx"]

[[operations]]
include-operation-id = "explain"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "400"]

[[operations]]
include-operation-id = "explainTry"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "400"]
"""


def survives(lab, path, url, *options):
    """Runs schemathesis against a server; raises LabError with what it found.

    Networks are called as they are, beside names that nobody has: else all but 404 would hardly be seen.
    """
    document = get(lab, "/v1/openapi.json")
    for operations in document["paths"].values():
        for operation in operations.values():
            # Where one header is described it sends others, which every server has to pass over, and takes that for
            # a mistake. Last-Event-ID has a test of its own.
            operation["parameters"] = [p for p in operation.get("parameters", []) if p["in"] != "header"]
            for parameter in operation["parameters"]:
                if parameter["name"] in ("name", "network"):
                    parameter["schema"] = {"enum": [network["name"] for network in lab.status()["networks"]] + ["none"]}
    file, settings = lab.directory / "openapi.json", lab.directory / "schemathesis.toml"
    file.write_text(json.dumps(document))
    settings.write_text(SETTINGS)
    return lab.run("gw", "env", f"PYTHONPATH={path}", "PYTHONDONTWRITEBYTECODE=1", "HOME=/tmp", "COLUMNS=150",
                   PYTHON, f"{path}/bin/schemathesis", "--config-file", str(settings), "--no-color", "run",
                   "--url", url, "--checks", "all", "--workers", "4",
                   "--continue-on-failure", "--request-timeout", "60", "--seed", "1", "--warnings", "off",
                   "--generation-database", "none", *STREAM, *options, str(file), timeout=600).stdout


@contextmanager
def relayed(lab):
    """The Unix socket at a TCP port of the gateway, for programs that know nothing else."""
    relay = lab.spawn("gw", PYTHON, RAW, "relay", "9878", "/run/dvpn/api.sock")
    try:
        wait_until(lambda: lab.listens("gw", 9878), 10, "the relay")
        yield "http://127.0.0.1:9878"
    finally:
        relay.kill()
        relay.wait()


def test_every_answer_is_as_described_over_tcp(web, schemathesis):
    said = survives(web, schemathesis, f"http://{HOST}", "--max-examples", "12",
                    "--header", f"Authorization: Bearer {TOKEN}")
    print(said)
    assert web.network()["state"] in ("idle", "up", "released", "dialling", "cleaning")


def test_every_answer_is_as_described_on_the_socket(dvpn, schemathesis):
    with relayed(dvpn) as url:
        # Whoever may open the socket needs no token.
        survives(dvpn, schemathesis, url, "--max-examples", "4", "--phases",
                 "examples,coverage,fuzzing", "--exclude-checks", "ignored_auth")
    assert dvpn.status()["dataplane"]["connected"]


def test_no_key_is_answered_that_is_not_described(dvpn):
    """Readers ignore what they do not know; so this is about the description."""
    dvpn.get("lan", "10.1.2.10")
    document = get(dvpn, "/v1/openapi.json")
    schemas = document["components"]["schemas"]

    def check(value, schema, place):
        if "$ref" in schema:
            schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
        if isinstance(value, list):
            for item in value:
                check(item, schema["items"], place + "[]")
        elif isinstance(value, dict) and "properties" in schema:
            assert set(schema["required"]) <= set(value) <= set(schema["properties"]), place
            for key, item in value.items():
                check(item, schema["properties"][key], f"{place}.{key}")

    with dvpn.talk("lan", "10.1.2.10") as talk:
        talk.connected()
        for path, operations in document["paths"].items():
            content = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            if "$ref" not in schema or "{name}" in path:
                continue
            answer = get(dvpn, path + ("?target=10.1.2.10" if path.endswith("explain") else ""))
            assert answer["schema"] == 1, path
            check(answer, schema, path)


def test_what_waits_is_told_with_its_cause(stopped):
    # A gateway that answers nothing: the packet waits as long as it may.
    stopped.start_dvpn(stopped.config_text(port=2299, hold="20s"))
    stopped.run("sshgw", "nft", "add table inet deaf; add chain inet deaf in { type filter hook input priority 0; };"
                " add rule inet deaf in tcp dport 2299 drop")
    assert get(stopped, "/v1/parked") == {"schema": 1, "parked": []}
    client = stopped.spawn("lan", PYTHON, stopped.client_path, "connect", "10.1.2.10", "80", "--timeout", "15")
    try:
        [waiting] = wait_until(lambda: get(stopped, "/v1/parked")["parked"], 10, "a parked packet")
        assert waiting["network"] == "home" and waiting["packets"] >= 1 and waiting["hold_ms"] == 20_000
        assert re.fullmatch(r"tcp 192\.168\.77\.\d+:\d+ → 10\.1\.2\.10:80", waiting["first"])
        assert get(stopped, "/v1/parked?network=home")["parked"]
        assert get(stopped, "/v1/parked?network=none", 404)["error"]["code"] == "unknown-network"
    finally:
        client.kill()
        client.wait()
        stopped.run("sshgw", "nft", "delete", "table", "inet", "deaf", check=False)


def test_the_configuration_in_force_has_no_secret_in_it(web):
    text = json.dumps(get(web, "/v1/configuration"))
    assert TOKEN not in text and "BEGIN OPENSSH" not in text
    report = json.loads(text)
    assert report["files"][0].endswith("dvpn.toml") and report["web"]["listen"] == HOST
    home = next(network for network in report["networks"] if network["name"] == "home")
    assert home["via"] == "ssh" and home["prefixes"][0] == "10.1.2.0/24"
    assert re.search(r"dvpn\.toml:\d+:\d+$", home["source"])


def get(lab, path, status=200):
    """What the API answers on its socket."""
    out = lab.run("gw", "curl", "--silent", "--show-error", "--max-time", "30", "--write-out", "\n%{http_code}",
                  "--unix-socket", "/run/dvpn/api.sock", f"http://dvpn{path}").stdout
    body, code = out.rsplit("\n", 1)
    assert int(code) == status, out
    return json.loads(body)


def post(lab, path, status=200):
    out = lab.run("gw", "curl", "--silent", "--show-error", "--max-time", "60", "--write-out", "\n%{http_code}",
                  "--request", "POST", "--unix-socket", "/run/dvpn/api.sock", f"http://dvpn{path}").stdout
    body, code = out.rsplit("\n", 1)
    assert int(code) == status, out
    return json.loads(body)


def test_a_body_of_unknown_length_is_measured_as_it_comes(dvpn):
    out = dvpn.run("gw", "curl", "--silent", "--max-time", "30", "--write-out", "\n%{http_code}", "--request", "POST",
                   "--header", "Transfer-Encoding: chunked", "--data-binary", "@-", "--unix-socket",
                   "/run/dvpn/api.sock", "http://dvpn/v1/networks/home/secret", input="x" * 5_000).stdout
    body, code = out.rsplit("\n", 1)
    assert code == "413" and json.loads(body)["error"]["code"] == "too-large"


@pytest.mark.parametrize("where", ["query", "header"])
def test_events_begin_after_a_number_and_after_nothing_else(dvpn, where):
    def events(after):
        words = [f"http://dvpn/v1/events?after={after}"] if where == "query" else [
            "--header", f"Last-Event-ID: {after}", "http://dvpn/v1/events?after=0"]
        return json.loads(dvpn.run("gw", "curl", "--silent", "--unix-socket", "/run/dvpn/api.sock", *words).stdout)

    ids = [event["id"] for event in events(0)["events"]]
    assert len(ids) > 1
    assert [event["id"] for event in events(ids[0])["events"]][:1] == [ids[1]]
    assert events("soon")["error"]["code"] == "bad-request"


def private_state(lab):
    """What of the network "home" is on the gateway."""
    return [word for word in ("10.1.2.0/24",) if word in
            lab.run("gw", "ip", "route", "show", "table", "all").stdout
            + lab.run("gw", "nft", "list", "ruleset").stdout]


def test_a_released_network_is_the_hosts_own_until_it_is_resumed(dvpn):
    assert "hello" in dvpn.get("lan", "10.1.2.10")
    assert private_state(dvpn)
    [released] = post(dvpn, "/v1/networks/home/release")["networks"]
    assert released["state"] == "released" and released["prefixes"]
    assert not private_state(dvpn) and dvpn.ssh_masters() == 0
    # The others are as they were.
    assert "hello" in dvpn.get("lan", "10.9.0.10")
    assert dvpn.network()["state"] == "released"
    # In the office the network is there: a router on the LAN's side stands for it.
    dvpn.run("gw", "ip", "address", "add", "10.1.2.10/32", "dev", "lo")
    try:
        assert dvpn.connect("lan", "10.1.2.10", 9)["result"] == "refused"
    finally:
        dvpn.run("gw", "ip", "address", "delete", "10.1.2.10/32", "dev", "lo")
    for verb in ("up", "down", "unlock", "secret"):
        assert post(dvpn, f"/v1/networks/home/{verb}", 409)["error"]["code"] == "released"
    assert post(dvpn, "/v1/networks/home/release")["networks"][0]["state"] == "released"
    assert post(dvpn, "/v1/networks/none/release", 404)
    steps = get(dvpn, "/v1/explain?target=10.1.2.10")["steps"]
    assert any("released" in step["text"] for step in steps)
    # It outlives the controlplane.
    dvpn.end("controlplane", "KILL")
    dvpn.start_controlplane()
    assert dvpn.network()["state"] == "released" and not private_state(dvpn)
    [resumed] = post(dvpn, "/v1/networks/home/resume")["networks"]
    assert resumed["state"] == "idle" and private_state(dvpn)
    assert post(dvpn, "/v1/networks/home/resume", 409)["error"]["code"] == "not-released"
    assert "hello" in dvpn.get("lan", "10.1.2.10")


def test_a_reload_takes_released_networks_back(dvpn):
    order = [network["name"] for network in dvpn.status()["networks"]]
    post(dvpn, "/v1/networks/home/release")
    assert [network["name"] for network in dvpn.status()["networks"]] == order
    configured = get(dvpn, "/v1/configuration")["networks"]
    assert [network["name"] for network in configured if network.get("released")] == ["home"]
    assert post(dvpn, "/v1/reload")["added"] == ["home"]
    assert dvpn.network()["state"] == "idle" and "hello" in dvpn.get("lan", "10.1.2.10")


def test_a_network_with_the_hosts_own_routes_can_be_released_too(dvpn):
    name = next(n["name"] for n in dvpn.status()["networks"] if n["state"] == "routed")
    prefix = dvpn.network(name)["prefixes"][0]
    assert prefix in dvpn.run("gw", "nft", "list", "ruleset").stdout
    post(dvpn, f"/v1/networks/{name}/release")
    assert prefix not in dvpn.run("gw", "nft", "list", "ruleset").stdout
    post(dvpn, f"/v1/networks/{name}/resume")
    assert prefix in dvpn.run("gw", "nft", "list", "ruleset").stdout


def resident(lab):
    """The controlplane's memory, in bytes."""
    text = lab.shell("gw", f"cat /proc/{lab.pid('controlplane')}/status")
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) * 1024


def test_ten_thousand_slow_listeners_are_limited_and_told_so(web):
    before = resident(web)
    slow = web.spawn("gw", PYTHON, str(Path(__file__).parent / "slow.py"), "10000", "127.0.0.1", "9876", TOKEN)
    try:
        answers = json.loads(slow.stdout.readline())
        print(answers)
        assert answers["200"] <= 32 and answers["200"] > 0
        assert answers["503"] == answers["later"] == 10_000 - answers["200"]
        # Those that hold on hinder neither the data path nor the Unix socket.
        assert "hello" in web.get("lan", "10.1.2.10")
        assert web.network()["state"] == "up"
        grown = resident(web) - before
        print(f"{grown >> 20} MiB more")
        assert grown < 64 << 20
    finally:
        slow.kill()
        slow.wait()
    # They have gone, and there is room.
    wait_until(lambda: ask(web, "/v1/status")[0] == 200, 15, "an answer over TCP")


GARBAGE = [
    b"\x00" * 1_000, os.urandom(4_096), b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n", b"POST /v1/reload HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    b"POST /v1/networks/home/secret HTTP/1.1\r\nHost: dvpn\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n", b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
    b"GET /%ff%00 HTTP/1.1\r\nHost: dvpn\r\n\r\n",
]


@pytest.mark.parametrize("place", ["/run/dvpn/api.sock", HOST])
def test_garbage_is_refused_and_hinders_nobody(web, place):
    for garbage in GARBAGE:
        answer = subprocess.run(web.argv("gw", PYTHON, RAW, "say", place), input=garbage, capture_output=True,
                                check=True, timeout=20).stdout
        # Half a greeting of TLS is no request yet, and gets no answer.
        assert answer == b"" or re.match(rb"HTTP/1\.1 4\d\d ", answer), (garbage[:40], answer[:80])
        assert answer or not garbage.startswith(b"GET"), garbage[:40]
    assert ask(web, "/v1/status")[0] == 200
    assert web.network()["state"] == "idle"
