"""The web page in a real Chromium."""
import pytest

from browser_window import AXE, PAGE, PROJECT, Window, web
from laboratory import wait_until

SHOTS = PROJECT / ".build/screenshots"
HOME = "#network-home"


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


def test_the_page_can_be_read_by_everybody(page, window):
    """axe-core's serious findings, in light and dark, on a desk and on a phone."""
    window.open(url=PAGE)
    page.get("lan", "10.1.2.10")
    window.wait(css=f"{HOME}.up")
    for is_dark in (False, True):
        window.dark(is_dark=is_dark)
        for width, height in ((1280, 900), (360, 780)):
            window.size(width=width, height=height)
            window.shot(path=str(SHOTS / f"{'dark' if is_dark else 'light'}-{width}.png"))
            assert window.axe(path=str(AXE)) == []
            assert window.run(script="return document.documentElement.scrollWidth <= window.innerWidth"), width


def test_without_scripts_the_page_works_too(page):
    window = Window(page, "--no-scripts")
    try:
        window.open(url=PAGE)
        window.wait(css="#live", text="As of")
        window.click(css=f"{HOME} [aria-label='Up: home']")
        window.wait(css=f"{HOME}.up .state", text="up")
    finally:
        window.close()
