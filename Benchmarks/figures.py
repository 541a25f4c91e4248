"""Statistics of measured figures. Pure; a list has one value a round, None where a round has none."""
import random
import statistics
from collections.abc import Callable, Sequence

Values = Sequence[float | None]

RESAMPLES = 4000
LEVEL = 0.90


def present(values: Values) -> list[float]:
    return [value for value in values if value is not None]


def median(values: Values) -> float | None:
    found = present(values)
    return statistics.median(found) if found else None


def spread(values: Values) -> tuple[float, float] | None:
    """The lowest and the highest."""
    found = present(values)
    return (min(found), max(found)) if found else None


def paired(combine: Callable[..., float], *columns: Values) -> list[float]:
    """Combines the values of each round that has all of them.

    Rounds are compared with themselves: what disturbs a round disturbs all contenders in it.
    """
    return [combine(*row) for row in zip(*columns, strict=False) if None not in row]


def ratios(ours: Values, theirs: Values) -> list[float]:
    """Ours divided by theirs, round by round; rounds in which theirs is 0 say nothing."""
    return paired(lambda our, their: our / their, ours, [value or None for value in theirs])


def differences(ours: Values, *others: Values) -> list[float]:
    """Ours less all others, round by round."""
    return paired(lambda first, *rest: first - sum(rest), ours, *others)


def interval(values: Values) -> tuple[float, float] | None:
    """The 90 % bootstrap interval of the median (percentile method), the same for the same values.

    Of five values it reaches from the lowest to the highest; one value is its own interval.
    """
    found = present(values)
    if not found:
        return None
    chance = random.Random(3876)
    medians = sorted(statistics.median(chance.choices(found, k=len(found))) for _ in range(RESAMPLES))
    cut = int(RESAMPLES * (1 - LEVEL) / 2)
    return medians[cut], medians[-1 - cut]
