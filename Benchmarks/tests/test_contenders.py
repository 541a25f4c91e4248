"""The list of contenders."""
from pathlib import Path

import pytest

import contender
import measurements
from testbed import Placement

LISTED = contender.parsed((Path(__file__).resolve().parent.parent / "contenders.toml").read_text())


def test_a_contender_is_a_few_lines():
    [mine] = contender.parsed('[mine]\nabout = "my own"\nstart = "mine $port"\n')
    assert (mine.name, mine.start, mine.rules, mine.kind, mine.origin) == (
        "mine", "mine $port", "redirect", "forwarder", "client")
    assert [test.name for test in measurements.TESTS if test.fits(mine)] == [
        "bulk-up-1", "bulk-up-8", "bulk-up-64", "bulk-down-1", "bulk-down-8", "bulk-down-64", "connections-1",
        "connections-64", "connections-512", "trips-1"]


@pytest.mark.parametrize("text, words", [
    ('[x]\nstart = "y"', "about"),
    ('[x]\nabout = "y"\nstrat = "z"', "unknown: strat"),
    ('[x]\nabout = "y"\nrules = "none"', "rules are"),
    ('x = 1', "needs a table"),
])
def test_a_mistake_in_the_list_is_named(text, words):
    with pytest.raises(contender.ContenderError, match=words):
        contender.parsed(text)


def test_a_contender_whose_program_is_not_here_says_so(monkeypatch):
    monkeypatch.setenv("BIN", "/nowhere")
    [mine] = contender.parsed('[x]\nabout = "y"\nneeds = ["sh", "/no/such", "$bin/dvpn-dataplane"]')
    assert mine.missing() == ["/no/such", "/nowhere/dvpn-dataplane"]


def test_a_test_may_be_chosen_by_pattern():
    [mine] = contender.parsed('[x]\nabout = "y"\ntests = ["bulk-*-1", "trips-1"]')
    assert [test.name for test in measurements.TESTS if test.fits(mine)] == ["bulk-up-1", "bulk-down-1", "trips-1"]


def test_the_quick_run_has_the_baselines_and_both_connect_modes():
    assert {c.name for c in LISTED if c.quick} >= {
        "direct", "reference", "haproxy", "dvpn-truthful", "dvpn-eager", "dvpn-ssh", "ssh-L"}


@pytest.mark.parametrize("cores, load, server, one, two", [
    ([0], [0], [0], [0], [0]),
    ([0, 1], [0], [0], [1], [0, 1]),
    ([2, 3, 5, 7], [2], [3], [7], [5, 7]),
])
def test_a_contender_is_alone_on_its_processor_where_there_are_two(cores, load, server, one, two):
    placement = Placement(cores)
    assert (placement.load(), placement.server()) == (load, server)
    assert (placement.contender(), placement.contender(2)) == (one, two)
    assert placement.is_alone(one) == (len(cores) > 1)
