"""docs/howto.md: every command in it is run, in its order and on the host that it names."""
import itertools
import os
import re

import pytest

import pages
from laboratory import wait_until
from sites import HOSTS, INSTALLED, Sites

SITES = ("a", "b", "c")
BLOCKS = pages.blocks("howto.md")


@pytest.fixture(scope="module")
def sites():
    lab = Sites(f"sites-{os.getpid()}")
    lab.up()
    yield lab
    lab.down()


@pytest.fixture(scope="module")
def done(sites):
    """All that the page says, done; `said` is what each block printed."""
    sites.said = [(block.text, sites.run_page(block.host, block.text)) for block in BLOCKS]
    return sites


def test_every_block_of_the_page_names_a_host_of_the_lab():
    assert {block.host for block in BLOCKS} <= set(HOSTS)


def test_what_the_page_says_leads_from_nothing_to_working(done):
    answers = [said for text, said in done.said if "curl" in text]
    assert answers and all("hello from" in said for said in answers)
    for name in ("pc-b", "nas"):
        assert any(name in text and "curl" in text for text, _ in done.said)


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
