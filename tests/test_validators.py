"""Validators say yes, or no and what to change, whatever they are given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow import validators as v
from agentflow.errors import DefinitionError
from agentflow.validators.structure import structure, unparsed
from agentflow.verdict import Case, Validator, Verdict

D = Decimal


class Item(pydantic.BaseModel):
    """A line of a bill."""

    name: str
    price: Decimal


def judged(validator: Any, prediction: Any, **inputs: Any) -> Verdict:
    """The verdict, when it comes at once."""
    found = v.as_validator(validator).judge(Case(inputs, prediction))
    assert isinstance(found, Verdict)
    return found


def x(value: object) -> dict[str, object]:
    """A prediction with one field."""
    return {"x": value}


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


@pytest.mark.slow
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
