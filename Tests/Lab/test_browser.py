"""The web page in a real Chromium. What it looked like is in .build/screenshots afterwards."""
import os
import shutil

import pytest

import concentrator
import page_scene
from browser_window import AXE, PAGE, PROJECT, Window, web
from laboratory import wait_until

SHOTS = PROJECT / ".build/screenshots"
HOME = "#network-home"
WORK, CORP = "#network-work", "10.66.0.10"


@pytest.fixture
def page(stopped):
    stopped.start_dvpn(stopped.config_text() + web(stopped))
    wait_until(lambda: stopped.listens("gw", 9876), 10, "the web page")
    return stopped


@pytest.fixture
def window(page):
    window = Window(page)
    yield window
    window.close()


def test_the_page_shows_what_the_tunnel_does_and_its_buttons_work(page, window):
    window.open(url=PAGE)
    window.wait(css="#live", text="Live.")
    window.wait(css=f"{HOME}.idle .state", text="idle")
    # Nobody touches the page: the tunnel comes up by a connection.
    page.get("lan", "10.1.2.10")
    window.wait(css=f"{HOME}.up .state", text="up", seconds=5)
    window.wait(css="table", text="network-up")
    window.shot(path=str(SHOTS / "up.png"))
    window.click(css=f"{HOME} [aria-label='Down: home']")
    window.wait(css=f"{HOME}.idle .state", text="idle")
    window.wait(css=f"{HOME} .reason", text="held down by an operator")
    # By keyboard, too.
    window.run(script="document.querySelector('[aria-label=\"Up: home\"]').focus()")
    window.press(keys=["ENTER"])
    window.wait(css=f"{HOME}.up .state", text="up")
    assert page.network()["state"] == "up"
    assert window.complaints() == []


def test_what_goes_on_is_drawn(page, window):
    window.open(url=PAGE)
    with page.talk("lan", "10.1.2.10") as talk:
        talk.connected()
        window.wait(css="#main", text="10.1.2.10:7")
        for number in range(200):
            talk.say(f"{number} " + "x" * 2000)
        window.wait(css=f"{HOME} .plot svg")
        window.wait(css=f"{HOME} .plot p", text="in, ")


def test_an_error_is_told_in_words(page, window):
    page.config.write_text(page.config.read_text().replace("[network.ssh]", "[network.ssh]\nport = 9"))
    page.dvpnctl("reload")
    window.open(url=PAGE)
    window.click(css=f"{HOME} [aria-label='Up: home']")
    window.wait(css="header .message", text="network home")
    window.wait(css=f"{HOME}.holdoff .state", text="holdoff")


def test_a_locked_network_is_unlocked(page, window):
    """Its gateway takes no other key than the one that comes after the lock."""
    right, key = (page.directory / "ssh" / name for name in ("id_ed25519", "page_key"))
    shutil.copy(page.directory / "ssh" / "wrong_key", key)
    os.chown(key, right.stat().st_uid, right.stat().st_gid)
    page.config.write_text(page.config.read_text().replace(str(right), str(key)))
    page.dvpnctl("reload")
    window.open(url=PAGE)
    window.click(css=f"{HOME} [aria-label='Up: home']")
    window.wait(css=f"{HOME}.locked .state", text="locked")
    # No packet dials it, and neither does Unlock.
    key.write_bytes(right.read_bytes())
    assert page.connect("lan", "10.1.2.10")["result"] != "connected"
    window.click(css=f"{HOME} [aria-label='Unlock: home']")
    window.wait(css=f"{HOME}.idle .state", text="idle")
    assert "hello" in page.get("lan", "10.1.2.10")
    window.wait(css=f"{HOME}.up .state", text="up")


@pytest.mark.parametrize("kind", ["vpnc", "openconnect"])
def test_a_network_that_a_wrong_password_locked_says_so_and_is_unlocked(work, kind):
    password = work.vpn.directory / "page.secret"
    password.touch(mode=0o600)
    password.write_text("not-the-Secret\n")
    changes = {kind: {"password": work.vpn.secret("page")}}
    work.start_dvpn(work.vpn_config(kind, idle="60s", **changes) + web(work))
    wait_until(lambda: work.listens("gw", 9876), 10, "the web page")
    window = Window(work)
    try:
        window.open(url=PAGE)
        window.wait(css=f"{WORK}.idle .state", text="idle")
        # Nobody touches the page: a packet dials, and is refused.
        assert work.ping("lan", CORP) is None
        window.wait(css=f"{WORK}.locked .state", text="locked")
        window.wait(css=f"{WORK} .reason", text=f"{concentrator.GATEWAY} refuses username or password")
        # No packet dials it although the password is the right one now, before Unlock.
        password.write_text(f"{concentrator.PASSWORD}\n")
        assert work.ping("lan", CORP) is None
        window.wait(css=f"{WORK}.locked .state", text="locked")
        window.click(css=f"{WORK} [aria-label='Unlock: work']")
        window.wait(css=f"{WORK}.idle .state", text="idle")
        assert not work.pids(kind), "Unlock does not dial"
        assert work.ping("lan", CORP) is not None
        window.wait(css=f"{WORK}.up .state", text="up")
        assert "refuses" not in window.wait(css=f"{WORK} .reason")
        assert window.complaints() == []
    finally:
        window.close()


def test_what_waits_is_listed_while_it_waits(page, window):
    # A gateway that never answers.
    page.config.write_text(page.config.read_text().replace("[network.ssh]", "[network.ssh]\nport = 2223"))
    page.dvpnctl("reload")
    window.open(url=PAGE)
    window.wait(css="#part-parked", text="Nothing waits.")
    with page.spawn("lan", "curl", "--silent", "--max-time", "60", "http://10.1.2.10/") as client:
        for words in ("192.168.77.10:", "tcp 10.1.2.10:80", "30 s", "dialling"):
            window.wait(css="#parked-home", text=words)
        window.click(css=f"{HOME} [aria-label='Down: home']")
        window.wait(css="#part-parked", text="Nothing waits.")
        client.communicate(timeout=10)
    assert window.complaints() == []


def test_the_files_are_checked_whenever_they_change(page, window):
    window.open(url=PAGE)
    window.wait(css="#part-configuration", text="everything in the files is in force.")
    right = page.config.read_text()
    page.config.write_text(right.replace("gateway  =", "gatway   ="))
    line = right[:right.index("gateway  =")].count("\n") + 1
    window.wait(css=".mistakes li", text=f"{page.config}:{line}:1 ")
    window.wait(css=".mistakes li pre", text='gatway   = "dvpn@198.51.100.2"')
    assert window.axe(path=str(AXE)) == []
    window.shot(path=str(SHOTS / "mistake.png"))
    # It is not in force.
    assert page.get("lan", "10.1.2.10")

    page.config.write_text(right.replace("10.9.0.0/24", "10.8.0.0/24").replace('lan = ', 'hold = "20s"\nlan = '))
    window.wait(css="#part-configuration .card", text="near")
    window.wait(css="#part-configuration .card", text="hold")
    window.click(css="#reload")
    window.wait(css="#part-configuration", text="everything in the files is in force.")
    window.wait(css="#network-near", text="10.8.0.0/24")
    # A drop-in counts, too.
    drop_ins = page.config.with_suffix(".d")
    drop_ins.mkdir()
    try:
        (drop_ins / "a.toml").write_text("[[network]]\n")
        window.wait(css=".mistakes li", text=f"{drop_ins}/a.toml:1:3 ")
    finally:
        shutil.rmtree(drop_ins)
    window.wait(css="#part-configuration", text="everything in the files is in force.")
    assert window.complaints() == []


def routes(lab):
    return lab.run("gw", "ip", "route", "show", "table", "all", "10.1.2.0/24").stdout


def test_a_network_is_released_and_resumed(page, window):
    before = routes(page)
    assert before
    window.open(url=PAGE)
    window.click(css=f"{HOME} [aria-label='Release: home']")
    window.wait(css=f"{HOME}.released .state", text="released")
    assert routes(page) == ""
    window.click(css=f"{HOME} [aria-label='Resume: home']")
    window.wait(css=f"{HOME}.idle .state", text="idle")
    assert routes(page) == before
    assert page.get("lan", "10.1.2.10")
    assert window.complaints() == []


def test_of_many_networks_those_are_shown_that_matter_and_that_are_looked_for(page, window):
    sites = "".join(f'\n[[network]]\nname = "site-{n}"\nprefixes = ["11.0.{n}.0/24"]\nvia = "direct"\n'
                    for n in range(250))
    page.config.write_text(page.config.read_text().replace("\n[web]", sites + "\n[web]"))
    page.dvpnctl("reload")
    page.dvpnctl("release", "site-7")
    window.open(url=PAGE)
    window.wait(css="#part-networks .rest", text="251 more are not shown.")
    window.wait(css="#network-site-7.released")
    assert page.get("lan", "10.1.2.10")
    window.wait(css=f"{HOME}.up")
    window.type(css="#find", text="11.0.249.")
    window.click(css="#find-it")
    window.wait(css="#network-site-249.routed")
    window.wait(css="#part-networks .rest", text="251 more are not shown.")
    assert window.complaints() == []


def test_who_reads_keeps_his_place_while_the_page_is_fresh(page, window):
    window.open(url=PAGE)
    window.wait(css="#live", text="Live.")
    window.wait(css="#up-home")
    window.run(script="""
        window.button = document.querySelector("#up-home");
        button.focus();
        getSelection().selectAllChildren(document.querySelector("#network-near .reason"));""")
    page.dvpnctl("reload")
    window.wait(css="#part-events", text="reloaded")
    assert window.run(script="return document.activeElement === button && button.id === 'up-home'")
    assert window.run(script="return getSelection().toString()") == "reached by the host's own routes"
    # A button that goes leaves the focus where it was, on the network, and not on the next button.
    window.press(keys=["ENTER"])
    window.wait(css=f"{HOME}.up #down-home")
    assert window.run(script="return document.activeElement.matches('#network-home h3')")
    assert window.press(keys=["TAB"]) == "Down: home"
    # What somebody types is not disturbed.
    window.type(css="#find", text="ho")
    page.dvpnctl("down", "home")
    window.wait(css=f"{HOME}.idle #up-home")
    window.type(css="#find", text="me")
    assert window.run(script="return document.activeElement.id + '=' + document.activeElement.value") == "find=home"


def test_the_page_can_be_read_by_everybody(page, window):
    """axe-core's serious findings with networks in all states, in light and dark, on a desk and on a phone."""
    page.config.write_text(page_scene.config(page))
    page.dvpnctl("reload")
    page_scene.play(page)
    window.open(url=PAGE)
    for name, state in page_scene.STATES.items():
        window.wait(css=f"#network-{name}.{state}")
    with page.talk("lan", "10.1.2.10") as talk:
        talk.connected()
        talk.say("x" * 3000)
        window.wait(css="#part-connections", text="10.1.2.10:7")
        for is_dark in (False, True):
            window.dark(is_dark=is_dark)
            for width, height in ((1280, 900), (360, 780)):
                window.size(width=width, height=height)
                window.shot(path=str(SHOTS / f"{'dark' if is_dark else 'light'}-{width}.png"))
                assert window.axe(path=str(AXE)) == []
                assert window.run(script="return document.documentElement.scrollWidth <= window.innerWidth"), width
    assert window.complaints() == []


def test_without_scripts_the_page_works_too(page):
    window = Window(page, "--no-scripts")
    try:
        window.open(url=PAGE)
        window.wait(css="#live", text="As of")
        window.click(css=f"{HOME} [aria-label='Up: home']")
        window.wait(css=f"{HOME}.up .state", text="up")
        window.wait(css="#part-parked", text="Nothing waits.")
        window.wait(css="#part-configuration", text="everything in the files is in force.")
        page.config.write_text("gatway = 1\n")
        window.open(url=PAGE)
        window.wait(css=".mistakes li", text=f"{page.config}:1:1 ")
        window.click(css=f"{HOME} [aria-label='Release: home']")
        window.wait(css=f"{HOME}.released .state", text="released")
    finally:
        window.close()
