"""Medians, paired comparisons and bootstrap intervals."""
import random

import pytest

import figures


@pytest.mark.parametrize("values, median, spread", [
    ([], None, None),
    ([None, None], None, None),
    ([3.0], 3, (3, 3)),
    ([5.0, None, 1.0, 2.0], 2, (1, 5)),
])
def test_a_round_without_a_value_is_left_out(values, median, spread):
    assert figures.median(values) == median
    assert figures.spread(values) == spread


def test_rounds_are_compared_with_themselves():
    # Both are slower in the second round: together they are not.
    assert figures.ratios([2.0, 20.0, 4.0], [1.0, 10.0, 2.0]) == [2, 2, 2]
    assert figures.differences([9.0, 90.0], [3.0, 30.0], [1.0, 10.0]) == [5, 50]


def test_a_round_that_lacks_one_side_is_left_out():
    assert figures.ratios([2.0, None, 6.0, 8.0], [1.0, 1.0, None, 2.0]) == [2, 4]
    assert figures.ratios([1.0, 1.0], [0.0, 2.0]) == [0.5]
    assert figures.ratios([1.0, 1.0, 1.0], [2.0]) == [0.5]


def test_the_interval_of_few_values_reaches_over_all_of_them():
    assert figures.interval([]) is None
    assert figures.interval([7.0, None]) == (7, 7)
    assert figures.interval([3.0, 1.0, 5.0, 2.0, 4.0]) == (1, 5)


def test_the_interval_is_the_same_every_time():
    values = [random.Random(1).gauss(10, 2) for _ in range(15)]
    assert figures.interval(values) == figures.interval(list(values))


def test_one_wild_round_of_fifteen_does_not_move_the_interval_much():
    calm = [1.00 + 0.01 * n for n in range(15)]
    low, high = figures.interval(calm[:-1] + [50.0])
    assert 1.00 <= low < figures.median(calm) < high <= 1.13


def test_the_interval_covers_the_median_about_as_often_as_it_says():
    chance, covered = random.Random(2), 0
    for _ in range(60):
        low, high = figures.interval([chance.lognormvariate(0, 0.2) for _ in range(15)])
        covered += low <= 1 <= high
    assert 48 <= covered < 60
