"""Validators say yes, or no and what to change, whatever they are given."""

from __future__ import annotations

import asyncio
import functools
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from types import FunctionType
from typing import Any

import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow import validators as v
from agentflow.attempt import Attempt, Outcome
from agentflow.errors import DefinitionError
from agentflow.validators.structure import structure, unparsed
from agentflow.verdict import Case, Check, Finding, Validator, Verdict

D = Decimal


class Item(pydantic.BaseModel):
    """A line of a bill."""

    name: str
    price: Decimal


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


# stock

SCHEMA = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}

STOCK = [
    (v.one_of("x", "cash", "card"), ["cash", " CARD "], ["cheque", 1, True, [], "cash card"]),
    (v.one_of("x", "A", casefold=False), ["A"], ["a"]),
    (v.one_of("x", 1, 2), [1, 2.0, D("1")], [3, "1", True]),
    (v.matches("x", r"[A-Z]{2}\d+"), ["AB1"], ["AB", "xAB1", "AB1 ", 5, "A" * 10_001]),
    (v.length("x", at_most=3), ["", "abc"], ["abcd", 5, [1]]),
    (v.length("x", at_least=2, unit="words"), ["a b", "a b c"], ["a", "", 2]),
    (v.length("x", at_least=1, at_most=2, unit="items"), [[1], {"a": 1}, (1, 2)], [[], [1, 2, 3], "ab", 5]),
    (v.between("x", 1, D("2.5")), [1, 2.5, D("2.50"), "2,5", "1.5"], [0, 2.51, "three", True, float("nan"), []]),
    (v.between("x", 1, None), [1, 10**30], [0]),
    (v.between("x", date(2018, 1, 1), None), [date(2018, 3, 12), "2018-03-12"], [date(2017, 1, 1), 5, "x"]),
    (v.positive("x"), [1, D("0.01"), "12.50", 1e-9], [0, -1, D("-0.0"), "free", True, float("inf"), None]),
    (v.date("x"), [date(2018, 3, 12), "2018-03-12", "12 Mar 2018", "03/04/2018"], ["31/02/2018", "soon", 5, ""]),
    (v.date("x", latest=date(2018, 6, 30)), ["2018-06-30", "04/12/2018"], ["2018-07-01", "13/12/2018"]),
    (v.date("x", earliest="2018-01-01"), ["2018-06-30"], ["2017-12-31"]),
    (v.json_schema("x", SCHEMA), [{"a": 1}, '{"a": 1}'], [{"a": "1"}, "{", "[" * 100_000, {}, [], object()]),
    (v.json_schema("x", {"items": {"type": "number"}, "type": "array"}), [(1, D("2.5"))], [[1, "a"]]),
    (v.model("x", Item), [Item(name="a", price=D(1)), {"name": "a", "price": "1"}], ["", {}, 5, []]),
    (v.model("x", Item), ['{"name":"a","price":1}'], ['{"name":"a"}', "[" * 100_000]),
    (v.none(reason="it is only a draft"), ["anything", None], []),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "good", "bad"), STOCK, ids=lambda each: getattr(each, "label", ""))
def test_stock_validators_tell_right_from_wrong(rule: Validator, good: list[object], bad: list[object]) -> None:
    """Each rejection names its class, the field, and what to do, in few words."""
    assert [value for value in good if not judged(rule, x(value))] == []
    for verdict in [judged(rule, x(value)) for value in bad]:
        assert not verdict
        assert ":x" in verdict.kind
        assert "`x`" in verdict.feedback
        assert len(verdict.feedback) < 240


JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text() | st.dates() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
RULES = [rule for rule, _, _ in STOCK] + [
    v.occurs_in("x", source="s"),
    v.adds_up("x", parts=["y", "s"]),
    v.consensus(on="x", ahead=2),
]


@given(st.one_of(JUNK, st.fixed_dictionaries({"x": JUNK, "y": JUNK})), JUNK)
@settings(deadline=None)
def test_no_prediction_breaks_a_stock_validator(prediction: Any, source: Any) -> None:
    """Whatever a model answers gets a verdict, also negated and combined."""
    for rule in RULES:
        judged(rule, prediction, s=source)
        judged(~rule & rule | rule, prediction, s=source)


def test_a_field_may_be_named_like_a_method() -> None:
    """A Prediction's `items` is the field, not the method."""
    dspy = pytest.importorskip("dspy")

    assert judged(v.length("items", at_least=1, unit="items"), dspy.Prediction(items=[1]))
    assert judged(v.length("items", at_least=1, unit="items"), dspy.Prediction(x=1)).kind == "missing:items"


@pytest.mark.parametrize(
    ("define", "complaint"),
    [
        pytest.param(lambda: v.one_of("x"), "at least one choice", id="no choice"),
        pytest.param(lambda: v.matches("x", "("), "no pattern", id="no pattern"),
        pytest.param(lambda: v.length("x"), "says nothing", id="no limit"),
        pytest.param(lambda: v.length("x", at_least=3, at_most=2), "says nothing", id="no such length"),
        pytest.param(lambda: v.length("x", at_most=3, unit="lines"), "characters, words", id="no such unit"),  # type: ignore[arg-type]
        pytest.param(lambda: v.between("x", 2, 1), "empty", id="an empty range"),
        pytest.param(lambda: v.between("x", 2, date(2018, 1, 1)), "two numbers", id="a mixed range"),
        pytest.param(lambda: v.between("x", None, None), "two numbers", id="no range"),
        pytest.param(lambda: v.date("x", earliest="soon"), "no date", id="no date"),
        pytest.param(lambda: v.date("x", earliest="2019-01-01", latest="2018-01-01"), "no date lies", id="no day"),
        pytest.param(lambda: v.json_schema("x", {"type": "thing"}), "no valid schema", id="no schema"),
        pytest.param(lambda: v.model("x", dict), "BaseModel", id="no model"),
        pytest.param(lambda: v.adds_up("x", parts=[]), "list of parts", id="no parts"),
        pytest.param(lambda: v.adds_up("x", parts=["y"], tolerance="-1"), "not negative", id="a negative tolerance"),
        pytest.param(lambda: v.none(reason=" "), "needs a reason", id="no reason"),
        pytest.param(lambda: v.predicate(5), "takes a function", id="no function"),  # type: ignore[arg-type]
        pytest.param(lambda: v.positive("x") & 5, "no validator", id="combined with no validator"),
    ],
)
def test_a_validator_that_cannot_work_is_refused_when_defined(define: Callable[[], object], complaint: str) -> None:
    """Not at three in the morning."""
    with pytest.raises(DefinitionError, match=complaint):
        define()


def test_a_schema_fetches_nothing() -> None:
    """A reference to the network is an error of the author's, not a request."""
    rule = v.json_schema("x", {"$ref": "http://127.0.0.1:9/schema.json"})

    with pytest.raises(DefinitionError, match="put it into the schema"):
        judged(rule, x(1))


@pytest.mark.parametrize(
    ("prediction", "inputs", "kind"),
    [
        pytest.param({"total": D("0.30"), "items": [D("0.10"), D("0.20")]}, {}, "", id="exact decimals"),
        pytest.param({"total": 0.3, "items": [0.1, 0.2]}, {}, "", id="floats by what they say"),
        pytest.param({"total": "1,234.50", "items": ["1000", "234.50"]}, {}, "", id="texts"),
        pytest.param({"total": 3, "items": [{"price": 1}, {"price": 2}]}, {}, "", id="objects in a list"),
        pytest.param({"total": 3}, {"items": [1, 2]}, "", id="parts from the inputs"),
        pytest.param({"total": 0, "items": []}, {}, "", id="nothing costs nothing"),
        pytest.param({"total": 3, "items": [1, D("2.01")]}, {}, "adds_up:total", id="a wrong sum"),
        pytest.param({"total": D("1e30"), "items": [D("1e30"), 1]}, {}, "adds_up:total", id="no digit is lost"),
        pytest.param({"total": 3}, {}, "missing:items", id="no parts"),
        pytest.param({"items": [1]}, {}, "missing:total", id="no total"),
        pytest.param({"total": 3, "items": [1, "two"]}, {}, "unreadable:items", id="a part that is no number"),
        pytest.param({"total": 3, "items": {"a": 3}}, {}, "unreadable:items", id="a part that is an object"),
    ],
)
def test_parts_add_up(prediction: dict[str, object], inputs: dict[str, object], kind: str) -> None:
    """The sum is exact, wherever its parts come from."""
    path = "items.price" if "price" in str(prediction) else "items"

    assert judged(v.adds_up("total", parts=[path]), prediction, **inputs).kind == kind


def test_a_sum_may_be_off_by_its_tolerance() -> None:
    """Rounding by five cents is allowed when it is said."""
    rule = v.adds_up("total", parts=["net", "tax"], tolerance="0.02")

    assert judged(rule, {"total": D("10.02"), "net": 9, "tax": 1})
    assert "`net` + `tax` add up to 10" in judged(rule, {"total": D("10.03"), "net": 9, "tax": 1}).feedback


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


# structure


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        pytest.param({"finish": "stop", "text": "x"}, "", "", id="whole"),
        pytest.param({"finish": "tool_call", "text": ""}, "", "", id="a call of a tool"),
        pytest.param({"finish": "", "text": ""}, "", "", id="nothing was asked"),
        pytest.param({"finish": "length", "text": "x", "cap": 64}, "truncated", "cut off at 64 tokens", id="cut off"),
        pytest.param({"finish": "length", "text": "x", "complaint": "bad"}, "truncated", "briefly", id="cut off first"),
        pytest.param({"finish": "error", "text": "x"}, "truncated", "broke off", id="broken off"),
        pytest.param({"finish": "content_filter", "text": ""}, "refused", "withheld", id="withheld"),
        pytest.param({"finish": "stop", "text": " \n"}, "empty", "empty", id="empty"),
        pytest.param({"finish": "stop", "text": "x", "complaint": "no `a`"}, "parse", "no `a`", id="unreadable"),
    ],
)
def test_structure_comes_first(answer: dict[str, Any], kind: str, words: str) -> None:
    """An answer that is cut off, empty, withheld or unreadable is a rejection that says so."""
    verdict = structure(**{"complaint": "", **answer})

    assert (verdict.accepted, verdict.kind) == (not kind, kind)
    assert words in verdict.feedback


def test_a_parser_may_complain_at_length() -> None:
    """Feedback stays short, whatever the parser says."""
    verdict = unparsed("expected a decimal " * 1_000, expected="[[ ## total ## ]] " * 100)

    assert "Expected: [[ ## total ## ]]" in verdict.feedback
    assert len(verdict.feedback) < 320


def test_attempts_of_other_kinds_do_not_vote() -> None:
    """Only what lacked nothing but votes counts."""
    earlier = (Attempt("t", Verdict(False, "no", kind="positive:x"), x(1)),) * 5

    found = v.consensus(on="x").judge(Case({}, x(1), earlier))

    assert isinstance(found, Verdict)
    assert not found
