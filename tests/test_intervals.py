"""Intervals around a share: known values, and how often they are right."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow.errors import DefinitionError
from agentflow.intervals import Interval, chance_of_at_least, clopper_pearson, lower_bound, upper_bound, wilson

COUNTS = st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
CONFIDENCE = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.999])


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [
        pytest.param(0, 10, 0.0, 0.3085, id="none of ten"),
        pytest.param(10, 10, 0.6915, 1.0, id="all of ten"),
        pytest.param(5, 10, 0.1871, 0.8129, id="half of ten"),
        pytest.param(8, 10, 0.4439, 0.9748, id="eight of ten"),
        pytest.param(81, 263, 0.2527, 0.3676, id="Newcombe 1998, method 5, first"),
        pytest.param(0, 0, 0.0, 1.0, id="nothing is known"),
    ],
)
def test_clopper_pearson_gives_the_known_values(right: int, n: int, low: float, high: float) -> None:
    """As tables print them, at 95 %."""
    assert clopper_pearson(right, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [
        pytest.param(81, 263, 0.2553, 0.3662, id="Newcombe 1998, method 3, first"),
        pytest.param(15, 148, 0.0624, 0.1605, id="Newcombe 1998, method 3, second"),
        pytest.param(0, 20, 0.0, 0.1611, id="Newcombe 1998, method 3, third"),
        pytest.param(1, 29, 0.0061, 0.1718, id="Newcombe 1998, method 3, fourth"),
        pytest.param(0, 0, 0.0, 1.0, id="nothing is known"),
    ],
)
def test_wilson_gives_the_published_values(right: int, n: int, low: float, high: float) -> None:
    """The examples of the paper that compared seven methods print four digits of these."""
    assert wilson(right, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("n", [1, 29, 1_000])
def test_all_right_is_bounded_in_closed_form(n: int) -> None:
    """The n-th root of the doubt: 29 right of 29 prove 90 % at 95 %, 28 do not."""
    assert lower_bound(n, n, 0.95) == pytest.approx(0.05 ** (1 / n), abs=1e-12)


@given(COUNTS, st.floats(0.001, 0.999))
@settings(max_examples=150, deadline=None)
def test_the_chance_is_the_sum_of_the_binomial(counts: tuple[int, int], share: float) -> None:
    """The fast way gives what adding up gives."""
    right, n = counts
    terms = (math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(right, n + 1))

    assert chance_of_at_least(right, n, share) == pytest.approx(math.fsum(terms), abs=1e-10)


def covered(interval: Callable[[int, int, float], Interval], n: int, share: float, confidence: float) -> float:
    """How often the interval holds the true share, added up over everything that can be counted."""
    chances = (math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1))
    intervals = (interval(k, n, confidence) for k in range(n + 1))
    return math.fsum(chance for chance, (low, high) in zip(chances, intervals, strict=True) if low <= share <= high)


@given(st.integers(1, 40), st.floats(0.01, 0.99), CONFIDENCE)
@settings(max_examples=60, deadline=None)
def test_the_exact_interval_is_right_as_often_as_it_says(n: int, share: float, confidence: float) -> None:
    """For every n and every share, not on the average."""
    assert covered(clopper_pearson, n, share, confidence) >= confidence - 1e-9


def test_the_score_interval_is_right_on_the_average() -> None:
    """It may miss a little more often at single shares."""
    shares = [place / 50 for place in range(1, 50)]

    mean = math.fsum(covered(wilson, 30, share, 0.95) for share in shares) / len(shares)

    assert mean == pytest.approx(0.95, abs=0.01)
    assert min(covered(wilson, 30, share, 0.95) for share in shares) < 0.95


@given(COUNTS, CONFIDENCE)
@settings(max_examples=100, deadline=None)
def test_intervals_hold_what_was_seen(counts: tuple[int, int], confidence: float) -> None:
    """They are ordered, lie within 0 and 1, and mirror each other."""
    right, n = counts
    for interval in (clopper_pearson, wilson):
        low, high = interval(right, n, confidence)
        mirrored = interval(n - right, n, confidence)

        assert 0 <= low <= (right / n if n else low) <= high <= 1
        assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((low, high), abs=1e-9)


def test_more_evidence_narrows_the_bounds() -> None:
    """Nine of ten say less than nine hundred of a thousand."""
    assert lower_bound(9, 10) < lower_bound(90, 100) < lower_bound(900, 1_000) < 0.9
    assert 0.9 < upper_bound(900_000, 1_000_000) < 0.9006


@pytest.mark.parametrize(
    ("ask", "complaint"),
    [
        pytest.param(lambda: lower_bound(3, 2), "3 right out of 2", id="more right than there were"),
        pytest.param(lambda: wilson(-1, 2), "-1 right out of 2", id="a negative count"),
        pytest.param(lambda: clopper_pearson(1, 2, 1.0), "confidence=", id="certainty"),
        pytest.param(lambda: wilson(1, 2, 95), "confidence=95", id="percent"),
        pytest.param(lambda: lower_bound(1, 2, float("nan")), "confidence=nan", id="no number"),
    ],
)
def test_counts_and_shares_that_make_no_sense_are_refused(ask: Callable[[], object], complaint: str) -> None:
    """In words that name the value."""
    with pytest.raises(DefinitionError, match=complaint):
        ask()
