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
    changing = ("/page/networks/home/up", "/page/networks/home/release", "/page/reload", "/v1/networks/home/up")
    for path in changing:
        for header in ("Origin: http://evil.example", "Sec-Fetch-Site: cross-site"):
            assert ask(web, path, "--request", "POST", "--header", header)[0] == 403
        assert ask(web, path, "--request", "POST", token=None)[0] == 401
        # Nothing is changed by reading.
        assert ask(web, path)[0] in (404, 405)
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


@pytest.fixture
def secure(stopped):
    """The page at an address of the WAN, with a certificate of its own."""
    renew(stopped, "first")
    token = stopped.directory / "web-token"
    token.write_text(TOKEN + "\n")
    token.chmod(0o600)
    stopped.start_dvpn(stopped.config_text() + f'''
[web]
listen = "203.0.113.2:8443"
names = ["gw.example"]
token = {{ file = "{token}" }}
certificate = "{stopped.directory}/web.crt"
key = "{stopped.directory}/web.key"
''')
    wait_until(lambda: stopped.listens("gw", 8443), 10, "the web page")
    return stopped


def renew(lab, organisation):
    """Another certificate, in the same files."""
    files = [str(lab.directory / name) for name in ("web.key", "web.crt")]
    lab.run("gw", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-keyout", files[0], "-out", files[1], "-subj", f"/O={organisation}/CN=gw.example",
            "-addext", "subjectAltName=DNS:gw.example,IP:203.0.113.2")
    (lab.directory / "web.key").chmod(0o600)


def ask_securely(lab, url, *options):
    """(status, what else curl said) of a request over TLS, the certificate checked."""
    result = lab.run("gw", "curl", "--silent", "--show-error", "--max-time", "20", "--cacert",
                     f"{lab.directory}/web.crt", "--resolve", "gw.example:8443:203.0.113.2", "--write-out",
                     "\n%{http_code}", "--header", f"Authorization: Bearer {TOKEN}", *options, url, check=False)
    return int(result.stdout.rsplit("\n", 1)[1]), result.stdout + result.stderr


def test_an_address_that_others_reach_speaks_tls_and_nothing_else(secure):
    for place in ("203.0.113.2:8443", "gw.example:8443"):
        assert ask_securely(secure, f"https://{place}/v1/status")[0] == 200
    assert ask_securely(secure, "http://203.0.113.2:8443/v1/status")[0] in (0, 400)
    assert ask_securely(secure, "https://203.0.113.2:8443/v1/status", "--header", "Host: evil.example:8443")[0] == 403
    old = ask_securely(secure, "https://203.0.113.2:8443/v1/status", "--tls-max", "1.1", "--ciphers", "ALL@SECLEVEL=0")
    assert old[0] == 0, old
    # Our own page may act, another one may not, and one without TLS is another one.
    for origin, status in (("https://gw.example:8443", 303), ("http://gw.example:8443", 403)):
        assert ask_securely(secure, "https://gw.example:8443/page/networks/home/down", "--request", "POST",
                            "--header", f"Origin: {origin}")[0] == status


def test_a_renewed_certificate_is_shown_after_a_reload(secure):
    assert "O = first" in shown(secure)
    renew(secure, "second")
    secure.dvpnctl("reload")
    wait_until(lambda: "O = second" in shown(secure), 10, "the new certificate")


def shown(lab):
    """The subject of the certificate that the page shows."""
    return lab.shell("gw", "openssl s_client -connect 203.0.113.2:8443 </dev/null 2>/dev/null"
                           " | openssl x509 -noout -subject || true")


def test_a_key_that_others_can_read_is_not_used(secure):
    (secure.directory / "web.key").chmod(0o644)
    secure.end("controlplane")
    secure.start_controlplane()
    wait_until(lambda: "so that others can read the secret" in secure.log("controlplane"), 10, "the complaint")
    assert not secure.listens("gw", 8443)
