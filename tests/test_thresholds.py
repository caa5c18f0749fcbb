"""Thresholds chosen on labelled answers: they keep their promise, and there is none where the labels are too few."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow.errors import DefinitionError
from agentflow.intervals import chance_of_at_least, lower_bound
from agentflow.thresholds import Scored, choose, half_of, least_evidence

EVIDENCE = st.lists(st.builds(Scored, st.integers(-20, 0).map(lambda n: n / 10), st.booleans()), max_size=80)


def answers(*rows: tuple[float, int, int]) -> list[Scored]:
    """For each score so many right and so many wrong answers."""
    return [Scored(score, place < right) for score, right, wrong in rows for place in range(right + wrong)]


# what is chosen


def test_the_lowest_threshold_that_is_proven_is_chosen() -> None:
    """Fifty at each of three scores: all right, all right, mostly wrong."""
    threshold = choose(answers((-0.1, 50, 0), (-0.5, 50, 0), (-2.0, 20, 30)), target=0.9, confidence=0.95)

    assert threshold is not None
    assert (threshold.value, threshold.n, threshold.right, threshold.of) == (-0.5, 100, 100, 150)
    assert threshold.at_least == lower_bound(100, 100, 0.95) > 0.97


@pytest.mark.parametrize(
    "evidence",
    [
        pytest.param([], id="no labels"),
        pytest.param(answers((-0.1, 35, 0)), id="one right answer too few for 90 % at 95 % and two starts"),
        pytest.param(answers((-0.1, 90, 10)), id="the target itself, which proves nothing better"),
        pytest.param(answers((-0.1, 0, 100)), id="everything wrong"),
        pytest.param(answers((-0.1, 100, 100), (-0.5, 100, 0)), id="the surest are wrong"),
    ],
)
def test_there_is_none_where_the_labels_cannot_support_one(evidence: list[Scored]) -> None:
    """Nothing is made up from too little."""
    assert choose(evidence, target=0.9) is None


def test_the_least_evidence_is_what_it_takes() -> None:
    """One more right answer than too few, and there is a threshold."""
    enough = least_evidence(0.9, 0.025)

    assert choose(answers((-0.1, enough - 1, 0)), target=0.9) is None
    assert choose(answers((-0.1, enough, 0)), target=0.9) is not None
    assert choose(answers((-0.1, 2, 0)), target=0.5, confidence=0.75, starts=1) is not None


def test_answers_of_one_score_stand_or_fall_together() -> None:
    """Wherever the labels lie in the list, a threshold cannot part equals."""
    mixed = answers((-0.1, 60, 0), (-0.3, 30, 40))
    shuffled = random.Random(1).sample(mixed, len(mixed))

    threshold = choose(shuffled, target=0.9)

    assert threshold == choose(mixed, target=0.9)
    assert threshold is not None
    assert (threshold.value, threshold.n) == (-0.1, 60)


@given(EVIDENCE, st.sampled_from([0.5, 0.7, 0.9]), st.sampled_from([0.6, 0.9, 0.99]), st.integers(1, 4))
@settings(max_examples=150, deadline=None)
def test_what_is_chosen_is_proven_by_its_own_counts(
    evidence: list[Scored], target: float, confidence: float, starts: int
) -> None:
    """The counts are those of the evidence, and their exact bound reaches the target."""
    threshold = choose(evidence, target=target, confidence=confidence, starts=starts)

    if threshold is not None:
        above = [each for each in evidence if each.score >= threshold.value]
        assert (threshold.n, threshold.right) == (len(above), sum(each.is_right for each in above))
        assert threshold.at_least >= target - 1e-9


@given(EVIDENCE, st.integers(0, 30))
@settings(max_examples=100, deadline=None)
def test_turning_a_wrong_answer_right_never_raises_the_threshold(evidence: list[Scored], place: int) -> None:
    """Better evidence supports at least as much."""
    before = choose(evidence, target=0.7, confidence=0.8)
    mended = [Scored(each.score, True) if at == place else each for at, each in enumerate(evidence)]

    after = choose(mended, target=0.7, confidence=0.8)

    if before is not None:
        assert after is not None
        assert after.value <= before.value


# the promise

TARGET, CONFIDENCE, WORLDS, GRID = 0.9, 0.9, 400, 2_000
"""A choice whose true share of right answers is below the target happens in at most one of ten worlds."""


def sigmoid(score: float) -> float:
    """The surer, the righter."""
    return 1 / (1 + math.exp(-10 * (score - 0.4)))


def barely_wrong(score: float) -> float:
    """Every threshold is a violation, by a hair."""
    return 0.895


def in_steps(score: float) -> float:
    """Right for the upper half, a little too rarely below."""
    return 0.95 if score >= 0.5 else 0.8


def worst_at_the_top(score: float) -> float:
    """Against the assumption: the surest are wrong."""
    return 0.5 if score > 0.9 else 0.93


def true_share(chance: Callable[[float], float], threshold: float) -> float:
    """What share of all answers with such a score is right."""
    above = [chance(place / GRID) for place in range(GRID) if place / GRID >= threshold]
    return sum(above) / len(above) if above else 1.0


@pytest.mark.parametrize("chance", [sigmoid, barely_wrong, in_steps, worst_at_the_top], ids=lambda each: each.__name__)
@pytest.mark.parametrize(("n", "levels"), [(60, 1_000), (250, 1_000), (250, 5)], ids=["few", "many", "five scores"])
def test_a_threshold_is_wrong_no_more_often_than_it_says(chance: Callable[[float], float], n: int, levels: int) -> None:
    """In four hundred worlds of answers drawn at random, for thresholds chosen in each of them."""
    rng, wrong = random.Random(f"{chance.__name__} {n} {levels}"), 0
    for _ in range(WORLDS):
        drawn = [rng.random() for _ in range(n)]
        evidence = [Scored(math.floor(score * levels) / levels, rng.random() < chance(score)) for score in drawn]
        threshold = choose(evidence, target=TARGET, confidence=CONFIDENCE)
        wrong += threshold is not None and true_share(chance, threshold.value) < TARGET

    sampling_error = 3 * math.sqrt(CONFIDENCE * (1 - CONFIDENCE) / WORLDS)
    assert wrong / WORLDS <= 1 - CONFIDENCE + sampling_error


def test_taking_the_best_looking_threshold_would_break_the_promise() -> None:
    """The test above can fail: without the order of testing, luck is taken for proof."""
    rng, wrong = random.Random(7), 0
    for _ in range(WORLDS):
        labels = [rng.random() < barely_wrong(0) for _ in range(250)]
        rights = [sum(labels[:n]) for n in range(251)]
        wrong += any(chance_of_at_least(rights[n], n, TARGET) <= 1 - CONFIDENCE for n in range(22, 251, 3))

    assert wrong / WORLDS > 0.2


# halves


def test_the_halves_are_what_they_have_always_been() -> None:
    """They depend on the id alone, in every process and version."""
    assert [half_of(id) for id in ("", "a", "receipt-1", "X51005200931", "é", "\udc80")] == [
        "test", "calibration", "calibration", "calibration", "calibration", "test",
    ]  # fmt: skip


def test_the_halves_are_halves() -> None:
    """Consecutive ids fall on either side."""
    calibration = sum(half_of(f"receipt-{number}") == "calibration" for number in range(2_000))

    assert 900 < calibration < 1_100


@pytest.mark.parametrize(
    ("ask", "complaint"),
    [
        pytest.param(lambda: choose([], target=1.0), "target=1.0", id="certainty"),
        pytest.param(lambda: choose([], target=0.9, confidence=95), "confidence=95", id="percent"),
        pytest.param(lambda: choose([], target=0.9, starts=0), "starts=0", id="no start"),
        pytest.param(lambda: choose([Scored(math.nan, True)], target=0.9), "nan orders nothing", id="no number"),
        pytest.param(lambda: choose([Scored(-math.inf, True)], target=0.9), "-inf orders nothing", id="no end"),
    ],
)
def test_what_cannot_be_promised_is_refused(ask: Callable[[], object], complaint: str) -> None:
    """In words that name the value."""
    with pytest.raises(DefinitionError, match=complaint):
        ask()
