"""Goals: their file, and verdicts on results."""
from pathlib import Path

import pytest

import contender
import goals
import measurements
import report

HERE = Path(__file__).resolve().parent.parent
RATIO = goals.Goal("CPU", "us", "cpu_us", ["connections-*"], to="them", at_most=1.0)
RESULTS = {
    "connections-1": {
        "us": [{"cpu_us": 80.0}, {"cpu_us": 82.0}, None],
        "them": [{"cpu_us": 100.0}, {"cpu_us": 100.0}, {"cpu_us": 100.0}],
        "base": [{"cpu_us": 50.0}, {"cpu_us": 50.0}, {"cpu_us": 50.0}]},
    "connections-64": {"us": [{"cpu_us": 130.0}], "them": [{"cpu_us": 100.0}]},
    "connections-512": {"them": [{"cpu_us": 100.0}]},
    "trips-1": {"us": [{"cpu_us": 1.0}], "them": [{"cpu_us": 1.0}]},
}


@pytest.mark.parametrize("interval, at_most, at_least, verdict", [
    ((0.8, 0.9), 1.0, None, "met"),
    ((0.8, 1.0), 1.0, None, "met"),
    ((0.8, 1.1), 1.0, None, "undecided"),
    ((1.0, 1.1), 1.0, None, "undecided"),
    ((1.01, 1.1), 1.0, None, "missed"),
    ((1.05, 1.2), None, 1.05, "met"),
    ((1.04, 1.2), None, 1.05, "undecided"),
    ((0.9, 1.04), None, 1.05, "missed"),
    ((0.0, 0.0), 0, None, "met"),
    (None, 1.0, None, "not measured"),
])
def test_a_verdict_needs_the_whole_interval_on_one_side(interval, at_most, at_least, verdict):
    assert goals.verdict(interval, at_most, at_least) == verdict


def test_a_goal_is_judged_in_every_test_that_its_contender_ran():
    found = goals.findings([RATIO], RESULTS)
    assert [(f.test, f.verdict, f.rounds) for f in found] == [
        ("connections-1", "met", 2), ("connections-64", "missed", 1)]
    assert found[0].median == pytest.approx(0.81)
    assert found[0].interval == pytest.approx((0.80, 0.82))


def test_a_goal_whose_test_was_not_run_is_not_measured():
    missing = goals.Goal("memory", "us", "user_bytes", ["idle-*"], at_most=256)
    assert [(f.verdict, f.median) for f in goals.findings([missing], RESULTS)] == [("not measured", None)]
    other = goals.Goal("CPU", "us", "cpu_us", ["connections-1"], to="nobody", at_most=1.0)
    assert [f.verdict for f in goals.findings([other], RESULTS)] == ["not measured"]


def test_differences_and_values():
    less = goals.Goal("part", "us", "cpu_us", ["connections-1"], minus=["base"], at_most=15)
    assert [(f.kind, f.median, f.verdict) for f in goals.findings([less], RESULTS)] == [("difference", 31, "missed")]
    value = goals.Goal("value", "us", "cpu_us", ["connections-1"], at_least=80)
    assert [(f.kind, f.median, f.verdict) for f in goals.findings([value], RESULTS)] == [("value", 81, "met")]


@pytest.mark.parametrize("text", [
    'text = "x"\nof = "a"\nmetric = "m"\ntests = []\nat_most = 1\nat_least = 1',
    'text = "x"\nof = "a"\nmetric = "m"\ntests = []',
    'text = "x"\nof = "a"\nmetric = "m"\ntests = []\nat_most = 1\nto = "b"\nminus = ["c"]',
    'text = "x"\nof = "a"\nmetric = "m"\ntests = []\nat_moist = 1',
])
def test_a_goal_that_is_not_one_is_refused(text):
    with pytest.raises(ValueError):
        goals.parsed(f"[[goal]]\n{text}")


def test_goals_speak_of_contenders_tests_and_metrics_that_exist():
    names = {c.name for c in contender.parsed((HERE / "contenders.toml").read_text())}
    tests = [test.name for test in measurements.TESTS] + [f"idle-{n}" for n in measurements.IDLE_LEVELS]
    tests += [*report.ONCE, "calls-1", "calls-64", *(f"lookup-{size}" for size in measurements.SIZES)]
    metrics = {metric for c in report.COLUMNS.values() for metric, _ in (c.main, c.cost, *c.others)}
    metrics |= {metric for _, columns in report.ONCE.values() for metric, _ in columns}
    metrics |= {metric for metric, _ in report.IDLE} | {"calls", *report.LOOKUP}
    for goal in goals.parsed((HERE / "goals.toml").read_text()):
        assert {goal.of, goal.to or goal.of, *goal.minus} <= names, goal
        assert goal.metric in metrics, goal
        assert goals.findings([goal], {test: {goal.of: []} for test in tests})[0].test in tests, goal
