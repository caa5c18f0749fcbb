"""Which tier tries next: in order, as often as it may, past those that do not fit, and never down."""

from __future__ import annotations

import copy

import pytest

from agentflow import Attempt, Ladder, Tier, Verdict

SMALL, LARGE = Tier("a/small", attempts=2), Tier("a/large")
FUNCTION = Tier(len, name="count", attempts=5)
LADDER = Ladder(FUNCTION, SMALL, LARGE)


def failed(*labels: str) -> list[Attempt]:
    return [Attempt(label, Verdict(False)) for label in labels]


@pytest.mark.parametrize(
    ("attempts", "skipped", "expected"),
    [
        pytest.param([], [], FUNCTION, id="the function first"),
        pytest.param(["count"], [], SMALL, id="once, whatever it is allowed: it would say the same"),
        pytest.param(["count", "a/small"], [], SMALL, id="then the small one, twice"),
        pytest.param(["count", "a/small", "a/small"], [], LARGE, id="then the large one"),
        pytest.param(["count", "a/small", "a/small", "a/large"], [], None, id="then nobody"),
        pytest.param([], ["count"], SMALL, id="past what was skipped"),
        pytest.param(["count", "a/small"], ["a/small"], LARGE, id="past what ran out of money half way"),
        pytest.param(["a/large"], [], None, id="and never down again"),
        pytest.param([], ["count", "a/small", "a/large"], None, id="nobody is left"),
    ],
)
def test_who_tries_next(attempts: list[str], skipped: list[str], expected: Tier | None) -> None:
    """A pure function of the attempts and the skips."""
    assert LADDER.next_tier(failed(*attempts), skipped) == expected


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Ladder(SMALL, LARGE), id="a tier less"),
        pytest.param(Ladder(FUNCTION, LARGE, SMALL), id="another order"),
        pytest.param(Ladder(FUNCTION, Tier("a/small", attempts=3), LARGE), id="more tries"),
        pytest.param(Ladder(FUNCTION, Tier("a/small", attempts=2, max_tokens=9), LARGE), id="another cap"),
        pytest.param(Ladder(FUNCTION, Tier("a/small", attempts=2, temperature=1.0), LARGE), id="another temperature"),
    ],
)
def test_identity_is_all_that_decides_who_tries(other: Ladder) -> None:
    """An outcome recorded on one ladder does not stand for another."""
    assert other.identity != LADDER.identity
    assert LADDER.identity == Ladder(FUNCTION, SMALL, LARGE).identity


def test_a_copy_is_the_same_ladder() -> None:
    """DSPy copies programs; engines are shared on purpose."""
    assert copy.deepcopy(LADDER) is LADDER
    assert LADDER.without_functions() == (SMALL, LARGE)
