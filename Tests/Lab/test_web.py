"""The API over TCP, and the page on it, as a browser's requests meet it."""
import re

import pytest

from laboratory import wait_until

TOKEN = "0123456789abcdef0123456789abcdef"
HOST = "127.0.0.1:9876"


@pytest.fixture
def web(stopped):
    path = stopped.directory / "web-token"
    path.write_text(TOKEN + "\n")
    path.chmod(0o600)
    stopped.start_dvpn(stopped.config_text() + f'\n[web]\nlisten = "{HOST}"\ntoken = {{ file = "{path}" }}\n')
    wait_until(lambda: stopped.listens("gw", 9876), 10, "the web page")
    return stopped


def ask(lab, path, *options, token=TOKEN, host=None):
    """(status, body) of an answer."""
    words = ["--header", f"Host: {host}"] if host else []
    if token:
        words += ["--header", f"Authorization: Bearer {token}"]
    out = lab.run("gw", "curl", "--silent", "--show-error", "--max-time", "30", "--write-out", "\n%{http_code}",
                  *words, *options, f"http://{HOST}{path}").stdout
    body, status = out.rsplit("\n", 1)
    return int(status), body


def test_the_page_is_complete_without_scripts(web):
    status, text = ask(web, "/", token=None)
    assert status == 401
    status, text = ask(web, "/", "--user", f"me:{TOKEN}", token=None)
    assert status == 200
    assert re.search(r'<li class="network idle" id="network-home".*?10\.1\.2\.0/24', text, re.DOTALL)
    # A form that a browser sends: it comes back to the page, where the network is up.
    status, _ = ask(web, "/page/networks/home/up", "--request", "POST", "--header", f"Origin: http://{HOST}")
    assert status == 303
    status, text = ask(web, "/page/main")
    assert 'class="network up" id="network-home"' in text and "network-up" in text
    assert web.network()["state"] == "up"


def test_who_has_no_token_or_comes_from_elsewhere_gets_nothing(web):
    assert ask(web, "/v1/status", token=None)[0] == 401
    assert ask(web, "/v1/status", token=TOKEN[:-1])[0] == 401
    assert ask(web, "/metrics", token=None)[0] == 401
    assert ask(web, "/v1/status")[0] == 200
    # DNS rebinding: the attacker's name points here.
    assert ask(web, "/v1/status", host="evil.example:9876")[0] == 403
    # Another page in the same browser, which has the password.
    for header in ("Origin: http://evil.example", "Sec-Fetch-Site: cross-site"):
        assert ask(web, "/page/networks/home/up", "--request", "POST", "--header", header)[0] == 403
        assert ask(web, "/v1/networks/home/up", "--request", "POST", "--header", header)[0] == 403
    # Nothing is changed by reading.
    assert ask(web, "/v1/networks/home/up")[0] in (404, 405)
    assert ask(web, "/page/networks/home/up")[0] in (404, 405)
    assert web.network()["state"] == "idle"
    assert "access-control" not in web.run(
        "gw", "curl", "--silent", "--include", "--user", f":{TOKEN}", "--header", "Origin: http://evil.example",
        f"http://{HOST}/v1/status").stdout.lower()


def test_an_event_comes_as_it_happens(web):
    stream = web.spawn("gw", "curl", "--silent", "--no-buffer", "--max-time", "20", "--user", f":{TOKEN}",
                       f"http://{HOST}/v1/events/stream?after=0")
    wait_until(lambda: '"event":"link-up"' in ask(web, "/v1/events")[1], 10, "events")
    web.get("lan", "10.1.2.10")
    text = ""
    while "event: network-up\n" not in text:
        line = stream.stdout.readline()
        assert line, f"the stream ended: {text}"
        text += line
    assert "event: network-dialling\n" in text
    numbers = [int(number) for number in re.findall(r"^id: (\d+)$", text, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    stream.kill()
    stream.wait()


def test_listeners_beyond_the_limit_are_told_so_and_hinder_nobody(web):
    streams = [web.spawn("gw", "curl", "--silent", "--no-buffer", "--user", f":{TOKEN}",
                         f"http://{HOST}/v1/events/stream") for _ in range(33)]
    try:
        wait_until(lambda: any(stream.poll() is not None for stream in streams), 10, "one too many")
        [refused] = [stream for stream in streams if stream.poll() is not None]
        assert "which is the limit" in refused.stdout.read()
        assert ask(web, "/v1/status")[0] == 200
        assert web.dvpnctl("status", check=False).returncode == 0
    finally:
        for stream in streams:
            stream.kill()
            stream.wait()


def test_the_page_follows_the_configuration(web):
    text = web.config.read_text()
    web.config.write_text(text.replace("9876", "9877"))
    web.dvpnctl("reload")
    wait_until(lambda: web.listens("gw", 9877) and not web.listens("gw", 9876), 10, "the other port")
    web.config.write_text(text[:text.index("[web]")])
    web.dvpnctl("reload")
    wait_until(lambda: not web.listens("gw", 9877), 10, "no page")


def test_an_end_does_not_wait_for_those_who_listen(web):
    stream = web.spawn("gw", "curl", "--silent", "--no-buffer", "--user", f":{TOKEN}",
                       f"http://{HOST}/v1/events/stream?after=0")
    assert stream.stdout.readline()
    web.end("controlplane")
    stream.wait(timeout=10)
