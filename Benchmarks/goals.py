"""Goals and verdicts. Pure: results in, verdicts out.

Results are {test: {contender: [{metric: value} or None, one a round]}}.
"""
import fnmatch
import tomllib
from dataclasses import dataclass, field, fields

import figures

Results = dict[str, dict[str, list[dict[str, float] | None]]]


@dataclass(frozen=True)
class Goal:
    """A table of goals.toml, where the keys are explained."""

    text: str
    of: str
    metric: str
    tests: list[str]
    to: str = ""
    minus: list[str] = field(default_factory=list)
    at_most: float | None = None
    at_least: float | None = None


@dataclass(frozen=True)
class Finding:
    """What a goal came to in one test."""

    text: str
    test: str
    kind: str  # "ratio", "difference" or "value"
    bound: str  # "≤ 1.00"
    rounds: int
    median: float | None
    interval: tuple[float, float] | None
    verdict: str  # "met", "missed", "undecided" or "not measured"


def parsed(text: str) -> list[Goal]:
    """The goals of a TOML text; raises ValueError with the mistake."""
    known = {f.name for f in fields(Goal)}
    goals = []
    for table in tomllib.loads(text)["goal"]:
        wrong = set(table) - known
        if wrong or ("at_most" in table) == ("at_least" in table) or ("to" in table and "minus" in table):
            raise ValueError(f"goal {table.get('text')}: unknown keys, or not one bound and one comparison")
        goals.append(Goal(**table))
    return goals


def column(results: Results, test: str, contender: str, metric: str) -> list[float | None]:
    """A contender's metric in a test, round by round."""
    rounds = results.get(test, {}).get(contender, [])
    return [values.get(metric) if values else None for values in rounds]


def verdict(interval: tuple[float, float] | None, at_most: float | None, at_least: float | None) -> str:
    """Met: all of the interval is within the bound. Missed: none of it is."""
    if interval is None:
        return "not measured"
    low, high = interval
    if at_most is not None:
        return "met" if high <= at_most else "missed" if low > at_most else "undecided"
    return "met" if low >= at_least else "missed" if high < at_least else "undecided"


def judged(goal: Goal, results: Results, test: str) -> Finding:
    """One goal in one test."""
    ours = column(results, test, goal.of, goal.metric)
    if goal.to:
        kind, values = "ratio", figures.ratios(ours, column(results, test, goal.to, goal.metric))
    elif goal.minus:
        others = [column(results, test, other, goal.metric) for other in goal.minus]
        kind, values = "difference", figures.differences(ours, *others)
    else:
        kind, values = "value", figures.present(ours)
    interval = figures.interval(values)
    bound = f"≤ {goal.at_most:g}" if goal.at_most is not None else f"≥ {goal.at_least:g}"
    return Finding(goal.text, test, kind, bound, len(values), figures.median(values), interval,
                   verdict(interval, goal.at_most, goal.at_least))


def findings(goals: list[Goal], results: Results) -> list[Finding]:
    """Every goal in every test that it speaks of and its contender ran; else one "not measured"."""
    found = []
    for goal in goals:
        tests = [test for test, rounds in results.items() if goal.of in rounds
                 and any(fnmatch.fnmatchcase(test, pattern) for pattern in goal.tests)]
        found += [judged(goal, results, test) for test in tests or goal.tests[:1]]
    return found
