"""Loops are proven, slow progress is left alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow.errors import DefinitionError
from agentflow.progress import (
    Evidence,
    Fingerprint,
    Loop,
    Watch,
    canonical,
    evidence,
    fingerprint_of,
    looks_same,
    nudge,
)


def failed(output: object, *, inputs: object = "q", kind: str = "wrong", **more: Any) -> Fingerprint:
    """One rejected attempt at the same step."""
    made = fingerprint_of(step="step", inputs=inputs, kind=kind, output=output, **more)
    assert made is not None
    return made


def signals(watch: Watch, history: list[Fingerprint | None]) -> list[str]:
    """What a watch says after each attempt."""
    return [watch.observe(fingerprint) for fingerprint in history]


@pytest.mark.parametrize(
    ("answers", "trips"),
    [
        pytest.param("AA", False, id="twice is no loop"),
        pytest.param("AAA", True, id="three times the same is one"),
        pytest.param("XYAAA", True, id="whatever came before"),
        pytest.param("AABAA", False, id="unless something else came between"),
        pytest.param("ABABA", False, id="five of ping-pong is not yet one"),
        pytest.param("ABABAB", True, id="six is"),
        pytest.param("ABCABCABC", True, id="three times around three is"),
        pytest.param("ABCDABCDABCD", True, id="three times around four is"),
        pytest.param("ABCDEABCDEABCDE", False, id="a period of five is beyond the law"),
        pytest.param("ABCDEFGHIJKLMNOP", False, id="new answers are none"),
    ],
)
def test_a_cycle_repeated_three_times_is_a_loop(answers: str, trips: bool) -> None:
    """A period of one to four, three times over, is evidence."""
    found = evidence([failed(answer) for answer in answers])

    assert (found is not None) is trips


@pytest.mark.parametrize("cycle", ["A", "AB", "ABC", "ABCD"])
def test_a_loop_is_nudged_once_and_then_stopped(cycle: str) -> None:
    """The first proof warns, the second stops, and a stopped agent stays stopped."""
    said = signals(Watch(), [failed(answer) for answer in cycle * 7])

    assert said.index("nudge") == 3 * len(cycle) - 1
    assert said.index("stop") == 6 * len(cycle) - 1
    assert set(said[6 * len(cycle) :]) == {"stop"}


def test_after_the_nudge_the_window_starts_anew() -> None:
    """An agent that changes its ways is not held to its past."""
    said = signals(Watch(), [failed(answer) for answer in "AAA" + "AABCDEFGH"])

    assert said.count("nudge") == 1
    assert "stop" not in said


@pytest.mark.parametrize(
    "phrasing",
    [
        pytest.param("find the total please, try number {}", id="a counter in a sentence"),
        pytest.param("receipt " + " ".join(f"word{n}" for n in range(60)) + " attempt {}", id="a word in a document"),
    ],
)
def test_a_rephrased_question_with_the_same_wrong_answer_is_a_loop(phrasing: str) -> None:
    """The words of the question do not hide that nothing changes."""
    history = [failed("5.00", inputs=phrasing.format(n)) for n in range(6)]

    assert signals(Watch(), list(history)) == ["go", "go", "nudge", "go", "go", "stop"]


@pytest.mark.parametrize("size", [1, 3, 40], ids=["a word", "a line", "a document"])
@pytest.mark.parametrize("answer", ["", "unknown"], ids=["no answer", "one answer for all"])
def test_the_same_fault_in_different_documents_is_no_loop(size: int, answer: str) -> None:
    """A batch with many bad papers is work, not a circle."""
    papers = [" ".join(f"line{n}of{paper}" for n in range(size)) for paper in range(20)]

    assert set(signals(Watch(), [failed(answer, inputs=paper, score=0.0) for paper in papers])) == {"go"}


def test_the_same_words_around_other_figures_are_no_rephrasing() -> None:
    """Receipts of one shop differ in their amounts and in nothing else."""
    papers = [f"shop tea {n}.{n + 10} total {n * 31}" for n in range(30)]

    assert set(signals(Watch(), [failed("unknown", inputs=paper, score=0.0) for paper in papers])) == {"go"}


def test_the_same_accepted_answer_to_different_questions_is_no_loop() -> None:
    """A hundred mails may all be spam."""
    history = [fingerprint_of(step="s", inputs=f"mail {n}", kind="", output="spam", score=1.0) for n in range(100)]

    assert set(signals(Watch(), history)) == {"go"}


def test_the_same_call_again_and_again_is_a_loop_even_when_it_works() -> None:
    """Reading one file three times is not getting anywhere."""
    history = [fingerprint_of(step="read", inputs="a.txt", kind="", output="text") for _ in range(3)]

    assert signals(Watch(), history)[-1] == "nudge"


def test_a_score_that_never_rises_is_a_loop() -> None:
    """New answers that are no better than the first are no progress."""
    history = [failed(f"answer {n}", score=0.5 - n / 100) for n in range(8)]

    assert signals(Watch(), list(history)) == ["go", "go", "go", "nudge", "go", "go", "go", "stop"]


@given(st.lists(st.floats(0, 1), min_size=5, max_size=40, unique=True))
@settings(deadline=None)
def test_a_slow_but_improving_agent_goes_on(scores: list[float]) -> None:
    """Any rise at all is progress, even with the same answer and the same fault."""
    history = [failed("same", score=score) for score in sorted(scores)]

    assert set(signals(Watch(), list(history))) == {"go"}


def test_an_improvement_every_third_attempt_is_enough() -> None:
    """What counts is the best so far, not the last one."""
    scores = [0.1, 0.0, 0.0, 0.2, 0.1, 0.1, 0.3, 0.1, 0.1, 0.4]

    assert set(signals(Watch(), [failed(n, score=score) for n, score in enumerate(scores)])) == {"go"}


def test_failures_on_other_work_do_not_add_up() -> None:
    """Four questions failed once each are not one question failed four times."""
    history = [failed(n, inputs=" ".join(f"{word}{n}" for word in "abcdefg"), score=0.0) for n in range(12)]

    assert set(signals(Watch(), list(history))) == {"go"}


def test_an_accepted_answer_ends_a_streak_of_failures() -> None:
    """What failed below and was proven above is progress."""
    accepted = fingerprint_of(step="large", inputs="q", kind="", output=1, score=1.0)
    streak = [failed(1, score=0.0), failed(2, score=0.0), accepted]

    assert evidence([each for each in streak * 3 if each], Loop(period=1)) is None


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param([f"state {n}" for n in range(30)], id="whose key changes"),
        pytest.param([None] * 30, id="opted out"),
    ],
)
def test_a_polling_tool_goes_on(keys: list[str | None]) -> None:
    """The caller says what makes one poll differ from the last."""
    history = [
        fingerprint_of(step="poll", inputs="job", kind="waiting", output="busy", score=0.0, loop_key=key)
        for key in keys
    ]

    assert set(signals(Watch(), history)) == {"go"}


def test_a_polling_tool_whose_key_stands_still_is_stopped() -> None:
    """Declared identity is believed both ways."""
    history = [fingerprint_of(step="poll", inputs="job", kind="waiting", output=n, loop_key="stuck") for n in range(6)]

    assert signals(Watch(), list(history))[-1] == "stop"


def test_an_opted_out_attempt_is_invisible_to_the_others() -> None:
    """Polling between the turns of a loop does not hide it."""
    poll = fingerprint_of(step="poll", inputs="", kind="", output="", loop_key=None)

    assert signals(Watch(), [failed("A"), poll, failed("A"), poll, failed("A")])[-1] == "nudge"


@pytest.mark.parametrize("kind", ["consensus", "no_answer"])
def test_votes_and_functions_without_an_answer_are_no_evidence(kind: str) -> None:
    """The same vote again is what a consensus is made of."""
    assert fingerprint_of(step="s", inputs="q", kind=kind, output="A", score=0.0) is None


def test_memory_is_bounded() -> None:
    """A watch remembers two windows, however long it watches."""
    watch = Watch(Loop(repeats=3, period=4))

    signals(watch, [failed(n, inputs=str(n)) for n in range(500)])

    assert len(watch._history) == 24


@pytest.mark.parametrize(
    ("found", "words"),
    [
        pytest.param(evidence([failed("A")] * 3), ["step", "3 times", "wrong"], id="one answer"),
        pytest.param(evidence([failed("A"), failed("B")] * 3), ["2 attempts", "3 times"], id="a cycle"),
        pytest.param(evidence([failed(n, score=0.0) for n in range(4)]), ["3 attempts", "no better"], id="no better"),
    ],
)
def test_a_nudge_quotes_the_evidence(found: Evidence | None, words: list[str]) -> None:
    """Whoever is nudged learns what was seen, in at most 60 tokens or so."""
    assert found is not None

    assert all(word in nudge(found) for word in words)
    assert len(nudge(found)) < 260


@pytest.mark.parametrize("wrong", [{"repeats": 1}, {"period": 0}, {"no_better": 0}])
def test_a_policy_that_would_stop_everything_is_refused(wrong: dict[str, int]) -> None:
    """One occurrence is never a loop."""
    with pytest.raises(DefinitionError, match="at least"):
        Loop(**wrong)


@dataclass(frozen=True)
class Pair:
    """Something of a user's own."""

    left: Decimal
    right: date


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(Decimal("12.50"), Decimal("12.5"), id="trailing zeros"),
        pytest.param(12.5, Decimal("12.5"), id="floats and decimals"),
        pytest.param({"b": 1, "a": 2}, {"a": 2, "b": 1}, id="the order of keys"),
        pytest.param({"x", "y", "z"}, {"z", "y", "x"}, id="the order of a set"),
        pytest.param(object(), object(), id="addresses"),
        pytest.param(Pair(Decimal("1.0"), date(2018, 3, 12)), {"left": 1, "right": "2018-03-12"}, id="dataclasses"),
    ],
)
def test_meaning_not_form_is_hashed(one: object, other: object) -> None:
    """What does not change an answer does not change its text."""
    assert canonical(one) == canonical(other)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals() | st.dates() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.integers() | st.text(), inner) | st.tuples(inner, inner),
)


@pytest.mark.slow
@given(ANYTHING, ANYTHING)
@settings(deadline=None)
def test_anything_has_a_fingerprint(inputs: object, output: object) -> None:
    """No value of a prediction can break the watch."""
    first, second = failed(output, inputs=inputs), failed(output, inputs=inputs)

    assert first == second
    assert looks_same(first, second)


def test_what_holds_itself_still_has_a_text() -> None:
    """A value nested without end is named, not followed."""
    endless: list[object] = []
    endless.append(endless)

    assert "unwritable" in canonical(endless)
    assert "unwritable" in canonical(10**5000)
