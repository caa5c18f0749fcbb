"""Second opinions: agreement, consensus and judges ask, and perform nothing."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from agentflow import validators as v
from agentflow.attempt import Attempt, Outcome, Status, Tier
from agentflow.errors import DefinitionError
from agentflow.verdict import Case, Check, Finding, Verdict

D = Decimal


class Opinion:
    """Stands where a step stands: something that can be performed."""

    name = "opinion"
    identity = "opinion 1"

    def perform(self, **inputs: Any) -> Outcome:
        raise AssertionError("a validator performed something itself")


OPINION = Opinion()


def outcome(value: Any, status: Status = "accepted", feedback: str = "") -> Outcome:
    """What came out of a second opinion."""
    return Outcome(status, value, feedback=feedback)


def asked(finding: Finding) -> Check:
    """The check that a validator asks for."""
    assert isinstance(finding, Check)
    return finding


def decided(finding: Finding) -> Verdict:
    """The verdict that a validator gives."""
    assert isinstance(finding, Verdict)
    return finding


# agreement


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        pytest.param(D("12.50"), D("12.5"), id="trailing zeros"),
        pytest.param(D("1234.50"), "1,234.50", id="a number and its text"),
        pytest.param(12, 12.0, id="an integer and a float"),
        pytest.param(date(2018, 3, 12), "12 Mar 2018", id="a date and its text"),
        pytest.param("Sushi  BAR", "sushi bar.", id="a name in other letters"),
        pytest.param(["a", 1], ("A", 1.0), id="lists"),
        pytest.param({"a": 1, "b": "x"}, {"b": "X", "a": D(1)}, id="objects"),
    ],
)
def test_two_answers_agree_by_meaning(mine: object, theirs: object) -> None:
    """How a value is written does not matter."""
    check = asked(v.agrees_with(OPINION, on="x").judge(Case({"q": 1}, {"x": mine})))

    assert check.perform is OPINION
    assert check.inputs == {"q": 1}
    assert decided(check.then(outcome({"x": theirs})))


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [(1, 2), ("a", "b"), ("USD 5", "EUR 5"), (True, 1), ("0012", "12"), ([1, 2], [2, 1]), ("***", "---"), (1, None)],
)
def test_two_answers_that_mean_different_things_disagree(mine: object, theirs: object) -> None:
    """The other's value is not given away: the next attempt would copy it."""
    check = asked(v.agrees_with(OPINION, on=["x"]).judge(Case({}, {"x": mine})))

    verdict = decided(check.then(outcome({"x": theirs})))

    assert not verdict
    assert verdict.kind == "agrees_with:x"
    assert verdict.feedback == "a second, independent answer differs in `x`; work it out again with care"


@pytest.mark.parametrize("status", ["rejected", "engine_failed", "budget_exhausted", "no_progress", "failed"])
def test_a_second_answer_that_was_not_proven_is_no_agreement(status: Status) -> None:
    """Nor is it disagreement, so negating it proves nothing either."""
    rule = v.agrees_with(OPINION, on="x")
    nothing = outcome(None, status, "`x` is missing")

    verdict = decided(asked(rule.judge(Case({}, {"x": 1}))).then(nothing))

    assert (verdict.accepted, verdict.kind) == (False, "undecided:agrees_with")
    assert "`x` is missing" in verdict.feedback
    assert not decided(asked((~rule).judge(Case({}, {"x": 1}))).then(nothing))


def test_agreement_on_some_fields_scores_in_part() -> None:
    """Two of three is better than one."""
    check = asked(v.agrees_with(Tier("a/b"), on=["x", "y", "z"]).judge(Case({}, {"x": 1, "y": 2, "z": 3})))

    assert decided(check.then(outcome({"x": 1, "y": 2, "z": 4}))).score == pytest.approx(2 / 3)


def test_nobody_is_asked_about_a_missing_value() -> None:
    """A second opinion costs money."""
    assert decided(v.agrees_with(OPINION, on="x").judge(Case({}, {}))).kind == "missing:x"


# consensus


def poll(answers: list[object], ahead: int) -> list[Verdict]:
    """The verdicts on answers given one after the other, until one is accepted."""
    rule, verdicts = v.consensus(on="x", ahead=ahead), []
    earlier: tuple[Attempt, ...] = ()
    for answer in answers:
        verdicts.append(decided(rule.judge(Case({}, {"x": answer}, earlier))))
        if verdicts[-1].accepted:
            break
        earlier = (*earlier, Attempt("tier", verdicts[-1], {"x": answer}))
    return verdicts


@pytest.mark.parametrize(
    ("answers", "ahead", "accepted_at"),
    [
        pytest.param([1], 1, 1, id="one vote is enough when one is asked for"),
        pytest.param([1, 1], 2, 2, id="two alike at once"),
        pytest.param([1, 2, 1], 2, None, id="two to one do not lead by two"),
        pytest.param([1, 2, 1, 1], 2, 4, id="three to one do"),
        pytest.param([2, 1, "1.00", D("1.0"), " 1 "], 3, 5, id="votes count by meaning"),
        pytest.param([1, 2] * 10, 2, None, id="a tie never ends"),
    ],
)
def test_the_first_answer_ahead_wins(answers: list[object], ahead: int, accepted_at: int | None) -> None:
    """Votes are pure: counted anew from the attempts each time."""
    verdicts = poll(answers, ahead)

    assert (len(verdicts) if verdicts[-1].accepted else None) == accepted_at


def test_a_lack_of_votes_has_no_feedback() -> None:
    """The next attempt must be a fresh sample; others do not speak for it either."""
    verdict = decided((v.consensus(on="x") & v.positive("x")).judge(Case({}, {"x": -1})))

    assert (verdict.kind, verdict.feedback) == ("consensus", "")


def test_an_answer_with_another_fault_casts_no_vote() -> None:
    """It is the other fault's kind that is recorded."""
    verdict = decided((v.positive("x") & v.consensus(on="x")).judge(Case({}, {"x": -1})))

    assert verdict.kind == "positive:x"


def test_attempts_of_other_kinds_do_not_vote() -> None:
    """Only what lacked nothing but votes counts."""
    earlier = (Attempt("t", Verdict(False, "no", kind="positive:x"), {"x": 1}),) * 5

    assert not decided(v.consensus(on="x").judge(Case({}, {"x": 1}, earlier)))


# judge


def approves(prediction: Mapping[str, Any]) -> tuple[bool, str]:
    """The judge says yes."""
    return prediction["good"], "be kinder " * 100


def test_a_judge_is_asked_with_inputs_and_outputs() -> None:
    """Unless it is told otherwise."""
    case = Case({"q": 1}, {"x": 2})
    narrow = v.judge(OPINION, accept=approves, inputs=lambda case: {"answer": case.prediction["x"]})

    assert asked(v.judge(OPINION, accept=approves).judge(case)).inputs == {"q": 1, "x": 2}
    assert asked(narrow.judge(case)).inputs == {"answer": 2}


def test_a_judge_decides_with_its_words() -> None:
    """They are cut to what an attempt may cost."""
    check = asked(v.judge(OPINION, accept=approves).judge(Case({}, {"x": 2})))

    assert decided(check.then(outcome({"good": True})))
    verdict = decided(check.then(outcome({"good": False})))
    assert verdict.kind == "judge"
    assert verdict.feedback.startswith("be kinder")
    assert len(verdict.feedback) < 250


def test_a_judge_whose_own_answer_is_rejected_accepts_nothing() -> None:
    """What is not decided is not accepted, negated or not."""
    for rule in (v.judge(OPINION, accept=approves), ~v.judge(OPINION, accept=approves)):
        verdict = decided(asked(rule.judge(Case({}, {"x": 2}))).then(outcome(None, "rejected", "no verdict")))

        assert (verdict.accepted, verdict.kind) == (False, "undecided:judge")


def test_optimisers_do_not_see_the_judge() -> None:
    """Neither DSPy's walk over modules nor a deep copy reaches it."""
    dspy = pytest.importorskip("dspy")

    class Judged(dspy.Module):  # type: ignore[misc]  # dspy is untyped
        def __init__(self, judge: Any) -> None:
            super().__init__()
            self.answer = dspy.Predict("q -> a")
            self.validator = v.positive("a") & v.judge(judge, accept=approves) & v.agrees_with(judge, on="a")

    second = dspy.Predict("q, a -> good: bool")
    second.perform = lambda **inputs: None
    module = Judged(second)

    assert [name for name, _ in module.named_predictors()] == ["answer"]
    assert copy.deepcopy(module).validator == module.validator
    assert module.deepcopy().validator == module.validator


@pytest.mark.parametrize(
    ("define", "complaint"),
    [
        pytest.param(lambda: v.agrees_with("gpt", on="x"), "a Tier or a Step", id="no step"),
        pytest.param(lambda: v.agrees_with(OPINION, on=[]), "the field to compare", id="no field"),
        pytest.param(lambda: v.consensus(on="x", ahead=0), "one vote or more", id="no lead"),
        pytest.param(lambda: v.judge(len, accept=approves), "takes a Step", id="no judge"),
        pytest.param(lambda: v.judge(OPINION, accept=True), "needs accept=", id="no decision"),
    ],
)
def test_an_opinion_that_cannot_be_asked_is_refused_when_defined(define: Any, complaint: str) -> None:
    """Not at three in the morning."""
    with pytest.raises(DefinitionError, match=complaint):
        define()


def test_the_identity_of_an_opinion_is_that_of_who_is_asked() -> None:
    """Another judge judges differently."""
    one, other = Opinion(), Opinion()
    other.identity = "opinion 2"

    assert v.judge(one, accept=approves).identity() != v.judge(other, accept=approves).identity()
    assert v.agrees_with(Tier("a/b"), on="x").identity() != v.agrees_with(Tier("a/c"), on="x").identity()
