"""Which tests a machine allows."""
import resource

import pytest

import measurements


@pytest.mark.parametrize("hard, levels, why_not", [
    (resource.RLIM_INFINITY, [1000, 3000, 9500, 50_000], []),
    (1 << 20, [1000, 3000, 9500, 50_000], []),
    (20_000, [1000, 3000, 9500], ["idle-50000"]),
    (4_096, [1000], ["idle-3000", "idle-9500", "idle-50000"]),
])
def test_as_many_idle_connections_as_the_limit_of_descriptors_allows(hard, levels, why_not):
    found, left_out = measurements.possible(measurements.IDLE_LEVELS, hard)
    assert (found, list(left_out)) == (levels, why_not)


def test_what_the_limit_does_not_allow_is_named_with_both_figures():
    _, left_out = measurements.possible([50_000], 20_000)
    assert left_out == {"idle-50000": "RLIMIT_NOFILE is 20,000 here, and 105,000 are needed"}
