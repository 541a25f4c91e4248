"""docs/howto.md: every command in it is run, in its order and on the host that it names."""
import itertools
import os
import re
from pathlib import Path

import pytest

from laboratory import PROJECT, wait_until
from sites import HOSTS, INSTALLED, Sites

PAGE = PROJECT / "docs/howto.md"
# ```sh gw-a gw-b: run on both.
BLOCK = re.compile(r"^```sh (?P<hosts>[\w -]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SITES = ("a", "b", "c")


def blocks(text):
    return [(host, found["text"]) for found in BLOCK.finditer(text) for host in found["hosts"].split()]


@pytest.fixture(scope="module")
def sites():
    lab = Sites(f"sites-{os.getpid()}")
    lab.up()
    yield lab
    lab.down()


@pytest.fixture(scope="module")
def done(sites):
    """All that the page says, done; `said` is what each block printed."""
    sites.said = [(host, text, sites.run_page(host, text)) for host, text in blocks(PAGE.read_text())]
    return sites


def test_every_block_of_the_page_names_a_host(request):
    text = PAGE.read_text()
    # A block without a host would not be run.
    assert len(re.findall(r"^```sh", text, re.MULTILINE)) == len(BLOCK.findall(text)) > 5
    assert {host for host, _ in blocks(text)} <= set(HOSTS)


def test_what_the_page_says_leads_from_nothing_to_working(done):
    pages = [said for _, text, said in done.said if "curl" in text]
    assert pages and all("hello from" in said for said in pages)
    for name in ("pc-b", "nas"):
        assert any(name in text and "curl" in text for _, text, _ in done.said)


def test_three_sites_reach_each_other_by_name_and_no_tunnel_stands_when_nobody_talks(done):
    def idle():
        return all(done.masters(host) == 0 for host in INSTALLED)

    wait_until(idle, 60, "every tunnel to end")
    for one, other in itertools.permutations(SITES, 2):
        number = SITES.index(other) + 1
        page = done.run(f"pc-{one}", "curl", "--silent", "--show-error", "--max-time", "20", f"http://pc-{other}/")
        assert f"hello from 10.1.{number}.10" in page.stdout
        address = done.run(f"pc-{one}", "dig", "+short", "-x", f"10.1.{number}.10").stdout
        assert address.startswith(f"pc-{other}")
    assert all(done.masters(f"gw-{name}") > 0 for name in SITES)
    wait_until(idle, 60, "every tunnel to end")
    # Nobody on the internet was asked for a private name.
    assert not re.search(r"query\[\w+\] (pc-|nas)", done.log("dns-net"))
