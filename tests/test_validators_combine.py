"""Functions are validators, validators combine, and each has one identity."""

from __future__ import annotations

import asyncio
import functools
import re
import subprocess
import sys
from collections.abc import Mapping
from types import FunctionType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow import validators as v
from agentflow.attempt import Outcome
from agentflow.errors import DefinitionError
from agentflow.verdict import Case, Check, Finding, Validator, Verdict


class Ours:
    """A validator of somebody's own class."""

    def judge(self, case: Case) -> Finding:
        return Verdict(case.prediction["x"] == 1, "make `x` 1")

    def fields(self) -> frozenset[str]:
        return frozenset({"x"})

    def identity(self) -> str:
        return "ours"


def judged(validator: Any, prediction: Any, **inputs: Any) -> Verdict:
    """The verdict, when it comes at once."""
    found = v.as_validator(validator).judge(Case(inputs, prediction))
    assert isinstance(found, Verdict)
    return found


def x(value: object) -> dict[str, object]:
    """A prediction with one field."""
    return {"x": value}


def settle(finding: Finding, outcome: Outcome) -> Verdict:
    """The verdict after everything asked for came out as *outcome*."""
    while not isinstance(finding, Verdict):
        finding = finding.then(outcome) if isinstance(finding, Check) else asyncio.run(awaited(finding))
    return finding


async def awaited(finding: Any) -> Any:
    """What an awaitable gives."""
    return await finding


ASKS = v.predicate(lambda case: Check("somebody", case.inputs, then=lambda outcome: Verdict(outcome.accepted, "ask")))


async def is_one_later(inputs: Mapping[str, Any], prediction: Any) -> bool:
    """`x` is one."""
    await asyncio.sleep(0)
    return bool(prediction["x"] == 1)


# functions


def test_plain_functions_are_validators() -> None:
    """A bool, a bool with feedback, a Verdict; of inputs and prediction, or of the case."""

    def is_one(inputs: Mapping[str, Any], prediction: Any) -> bool:
        """`x` is one."""
        return bool(prediction["x"] == 1)

    def told(case: Case) -> tuple[bool, str]:
        return case.prediction["x"] == case.inputs["want"], "make it what was wanted"

    assert judged(is_one, x(1))
    assert judged(is_one, x(2)) == Verdict(False, "this must hold: `x` is one.", kind="is_one")
    assert judged(told, x(2), want=1) == Verdict(False, "make it what was wanted", kind="told")
    assert judged(lambda case: Verdict(False, score=0.5), x(1)).kind == "<lambda>"
    assert judged(v.predicate(is_one, feedback="make it 1", name="one"), x(2)) == Verdict(
        False, "make it 1", kind="one"
    )


def test_a_metric_of_dspy_is_a_validator() -> None:
    """Further parameters with defaults are left alone."""

    def metric(example: Any, prediction: Any, trace: Any = None) -> bool:
        return trace is None

    assert judged(metric, x(1))


@pytest.mark.parametrize(
    "function",
    [
        pytest.param(lambda: True, id="none"),
        pytest.param(lambda prediction: True, id="one that is no case"),
        pytest.param(lambda a, b, c: True, id="three"),
        pytest.param(lambda a, b, *, c: True, id="a needed keyword"),
        pytest.param(lambda *args: True, id="any number"),
        pytest.param(functools.partial(lambda a, b: True, 1), id="one left over"),
    ],
)
def test_the_parameters_of_a_function_are_checked_at_definition(function: Any) -> None:
    """The message says what is expected."""
    with pytest.raises(DefinitionError, match=r"must take \(inputs, prediction\), or one parameter named `case`"):
        v.as_validator(function)


@pytest.mark.parametrize("said", [None, 1, "yes", (True,), (True, 1)])
def test_a_function_that_says_neither_yes_nor_no_is_an_error(said: object) -> None:
    """Truthiness is not proof."""
    with pytest.raises(DefinitionError, match="return a Verdict, a bool or"):
        judged(lambda inputs, prediction: said, x(1))


def test_what_a_function_raises_is_not_caught() -> None:
    """An error in a validator is the pipeline's, not the answer's."""
    with pytest.raises(ZeroDivisionError, match="division"):
        judged(lambda inputs, prediction: 1 / 0, x(1))


def test_a_validator_of_another_class_combines() -> None:
    """The protocol is enough."""
    assert judged(v.as_validator(Ours()) & v.positive("x"), x(1))
    assert judged(Ours(), x(2)).kind == "ours"


def test_every_failure_has_a_class() -> None:
    """Also one that comes after a check, or loops of it would not be seen."""
    finding = v.predicate(ASKS.function, name="asks").judge(Case({}, x(1)))  # type: ignore[attr-defined]  # a Function

    assert settle(finding, Outcome("rejected")).kind == "asks"


# combinations


def test_and_reports_every_fault_that_can_be_told() -> None:
    """The first failure names the kind; one attempt can repair them all; equal words are said once."""
    rule = v.positive("x") & v.one_of("y", "a") & v.positive("z") & v.length("z", at_least=1)

    verdict = judged(rule, {"x": -1, "y": "b"})

    assert verdict.kind == "positive:x"
    assert (
        verdict.feedback == '`x` is -1; it must be above zero; `y` is "b"; it must be one of a; `z` is missing; give it'
    )


def test_functions_and_checks_after_a_failure_are_not_run() -> None:
    """They may rely on what stands before them, and checks cost money."""
    rule = v.length("x", at_least=1, unit="items") & (lambda inputs, prediction: prediction["x"][0] > 0) & ASKS

    assert judged(rule, x([])).kind == "length:x"


def test_the_score_of_and_rises_as_parts_pass() -> None:
    """Which is what tells slow progress from none."""
    rule = v.positive("x") & v.positive("y") & (lambda inputs, prediction: prediction["z"])
    predictions = [{"z": True}, {"x": 1, "z": True}, {"x": 1, "y": 1, "z": False}, {"x": 1, "y": 1, "z": True}]

    assert [judged(rule, each).score for each in predictions] == [0, pytest.approx(1 / 3), pytest.approx(2 / 3), 1]


def test_or_offers_all_ways_out() -> None:
    """The score is that of the best, and later parts are not run once one accepts."""
    rule = v.positive("x") | v.one_of("x", "free") | (lambda inputs, prediction: (prediction["x"] == "?", "or ask"))

    assert judged(rule, x("FREE"))
    verdict = judged(rule, x(-1))
    assert verdict.feedback == "`x` is -1; it must be above zero; or `x` is -1; it must be one of free; or or ask"
    assert verdict.kind == "positive:x|one_of:x|<lambda>"


def test_not_says_what_must_not_be() -> None:
    """And turns the score around."""
    verdict = judged(~v.one_of("x", "unknown"), x("Unknown"))

    assert verdict == Verdict(False, "this must not be so: `x` is one of unknown", 0.0, "not one_of:x")
    assert judged(~v.one_of("x", "unknown"), x("cash"))


@pytest.mark.parametrize("prediction", [{}, {"x": None}, {"x": "many"}])
def test_not_does_not_turn_ignorance_into_proof(prediction: dict[str, object]) -> None:
    """A value that is missing or unreadable is rejected, negated or not."""
    assert not judged(~v.positive("x"), prediction)
    assert not judged(~(v.positive("x") | v.between("x", 1, 2)), prediction)


@given(st.integers(-3, 3), st.integers(-3, 3))
@settings(deadline=None)
def test_de_morgan_holds_for_values_that_are_there(left: int, right: int) -> None:
    """Not both is either not, for any nesting."""
    a, b, case = v.positive("a"), v.one_of("b", 0, 1), {"a": left, "b": right}

    assert judged(~(a & b), case).accepted == judged(~a | ~b, case).accepted
    assert judged(~(a | b), case).accepted == judged(~a & ~b, case).accepted
    assert judged(~~a, case) == judged(a, case)


@pytest.mark.parametrize(
    ("rule", "accepts"),
    [
        pytest.param(v.positive("x") & ASKS, {(1, True)}, id="and"),
        pytest.param(ASKS & v.positive("x"), {(1, True)}, id="and, asked first"),
        pytest.param(v.positive("x") | ASKS, {(1, True), (1, False), (-1, True)}, id="or"),
        pytest.param(ASKS | v.positive("x"), {(1, True), (1, False), (-1, True)}, id="or, asked first"),
        pytest.param(~ASKS, {(1, False), (-1, False)}, id="not"),
        pytest.param(is_one_later & ASKS, {(1, True)}, id="awaited, then asked"),
        pytest.param(ASKS & v.as_validator(is_one_later), {(1, True)}, id="asked, then awaited"),
        pytest.param(~v.as_validator(is_one_later) & ~ASKS, {(-1, False)}, id="all of it"),
        pytest.param((ASKS & ASKS) | (is_one_later | ASKS), {(1, True), (1, False), (-1, True)}, id="nested"),
    ],
)
def test_combinations_wait_for_their_parts(rule: Validator, accepts: set[tuple[int, bool]]) -> None:
    """Whether a part decides, asks or has to be awaited, the whole decides the same."""
    cases = [(value, approved) for value in (1, -1) for approved in (True, False)]

    accepted = {
        (value, approved)
        for value, approved in cases
        if settle(rule.judge(Case({}, x(value))), Outcome("accepted" if approved else "rejected"))
    }

    assert accepted == accepts


def test_nothing_is_awaited_or_asked_for_nothing() -> None:
    """A coroutine is only made where it will be used, or Python would warn."""
    rule = v.positive("x") & v.as_validator(is_one_later)

    assert isinstance(rule.judge(Case({}, x(-1))), Verdict)


def test_a_combination_reads_the_fields_of_its_parts() -> None:
    """So a misspelt one is found when the step is defined."""
    rule = ~v.positive("a") & (v.occurs_in("b", source="c") | v.adds_up("d", parts=["e.price"]))

    assert rule.fields() == {"a", "b", "c", "d", "e"}


# identity

LIMIT = 5


def above_limit(inputs: Mapping[str, Any], prediction: Any) -> bool:
    """A validator with a limit beside it."""
    return bool(prediction["x"] > LIMIT)


def closing_over(limit: object) -> Any:
    """A validator that depends on what it closes over."""
    return v.as_validator(lambda inputs, prediction: prediction["x"] > limit)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (v.positive("x"), v.positive("y")),
        (v.one_of("x", "a"), v.one_of("x", "a", casefold=False)),
        (v.one_of("x", 1), v.one_of("x", "1")),
        (v.matches("x", "a"), v.matches("x", re.compile("a", re.IGNORECASE))),
        (v.positive("x") & v.positive("y"), v.positive("x") | v.positive("y")),
        (v.positive("x"), ~v.positive("x")),
        (closing_over(1), closing_over(2)),
        (closing_over({"b", "a"}), closing_over({"b", "c"})),
        (v.predicate(lambda i, p: p["x"] > 0), v.predicate(lambda i, p: p["x"] < 0)),
        (v.consensus(on="x"), v.consensus(on="x", ahead=3)),
        (v.json_schema("x", {"type": "object"}), v.json_schema("x", {"type": "array"})),
        tuple(v.as_validator(functools.partial(lambda k, i, p: k, limit)) for limit in (1, 2)),
    ],
    ids=lambda each: each.label,
)  # fmt: skip
def test_identity_changes_with_the_judgement(one: Validator, other: Validator) -> None:
    """Every parameter, and what a function closes over, counts."""
    assert one.identity() != other.identity()
    assert " at 0x" not in one.identity()


def test_identity_sees_a_changed_constant() -> None:
    """A limit beside the function is part of what it says."""
    edited = FunctionType(above_limit.__code__, {**globals(), "LIMIT": 6}, "above_limit")

    assert v.as_validator(edited).identity() != v.as_validator(above_limit).identity()


def test_identity_is_equal_in_every_process() -> None:
    """No address and no order of a set is in it."""
    code = (
        "from agentflow import validators as v; w={'b','a','c'}\n"
        "r = v.one_of('x', 1, 'a') & v.matches('x', 'a') | ~v.predicate(lambda i, p: p['x'] in w, name='n')\n"
        "print(r.identity())"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }

    assert len(texts) == 1


def test_importing_validators_loads_nothing_heavy() -> None:
    """Schemas and models are imported when they are asked for."""
    heavy = "{'dspy', 'litellm', 'numpy', 'pydantic', 'jsonschema'}"
    code = f"import sys, agentflow.validators, agentflow.progress; print({heavy} & set(sys.modules) or 'none')"

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout

    assert shown.strip() == "none"
