"""Prompts rendered once: byte for byte what DSPy sends, whatever the fields, the demos and the feedback are."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

import dspy
import pytest
from dspy.clients.execution import _canonical, prepare
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from agentflow import Budget, Price, Tier, compat
from agentflow.account import Account
from agentflow.adapters import ExactChatAdapter, ExactJSONAdapter, note_of
from agentflow.asking import _new_route
from agentflow.engines.faces import AsyncMeteredEngine, MeteredEngine
from agentflow.engines.limits import Limiter
from agentflow.engines.metered import Meter
from agentflow.engines.retry import Retry
from agentflow.rendering import form_of
from agentflow.scope import Flight, Run, Scope
from agentflow.testing import ScriptedEngine


class Colour(Enum):
    RED = "red"
    BLUE = 2


class Line(BaseModel):
    name: str
    price: Decimal
    day: date | None = None


class Bill(BaseModel):
    lines: list[Line]
    colour: Colour


LINE = Line(name="tea", price=Decimal("1.50"), day=date(2024, 2, 29))
VALUES: dict[Any, list[Any]] = {
    str: ["plain", "", "two\nlines ## ]]", '{"a": 1}', ["one", "tw«o»"], []],
    int: [0, -3, 10**30],
    float: [0.5, 1e30, float("inf")],
    bool: [True, False],
    Decimal: [Decimal("12.50"), Decimal("1E+5")],
    date: [date(2024, 2, 29)],
    Literal["a", 'b"', 3]: ["a", 3],
    Colour: [Colour.RED, Colour.BLUE],
    str | None: ["text", None],
    Decimal | None: [Decimal("1.10"), None],
    list[str]: [["a", "b"], []],
    list[Line]: [[LINE, LINE], []],
    dict[str, int]: [{"a": 1}, {}],
    dict[str, list[Decimal]]: [{"a": [Decimal("1.5")]}],
    Line: [LINE],
    Bill: [Bill(lines=[LINE], colour=Colour.RED)],
    dspy.Code: [dspy.Code(code="pass")],
    dspy.History: [dspy.History(messages=[])],
}  # fmt: skip
WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r"), max_size=12)
PAIRS = [
    pytest.param(ExactChatAdapter(), dspy.ChatAdapter(), id="chat"),
    pytest.param(ExactJSONAdapter(), dspy.JSONAdapter(), id="json"),
]
pytestmark = pytest.mark.filterwarnings("ignore:The .prefix. argument:DeprecationWarning")
PATIENT = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def questions(draw: st.DrawFn) -> tuple[type[dspy.Signature], list[dspy.Example], dict[str, Any]]:
    """A signature of any fields, demos for it, some with fields missing, and inputs."""
    options = st.fixed_dictionaries({}, optional={"desc": WORDS, "prefix": WORDS})
    kinds = list(VALUES)
    inputs = {f"in{n}": kind for n, kind in enumerate(draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4)))}
    outputs = {
        f"out{n}": kind for n, kind in enumerate(draw(st.lists(st.sampled_from(kinds[:-1]), min_size=1, max_size=4)))
    }
    fields = {name: (kind, dspy.InputField(**draw(options))) for name, kind in inputs.items()}
    fields |= {name: (kind, dspy.OutputField(**draw(options))) for name, kind in outputs.items()}
    signature = dspy.Signature(fields, draw(WORDS) or "Do it.")
    texts = {name: kind for name, kind in (inputs | outputs).items() if kind is not dspy.History}
    demo = st.fixed_dictionaries(
        {}, optional={name: st.sampled_from([*VALUES[kind], None]) for name, kind in texts.items()}
    )
    demos = [dspy.Example(each) for each in draw(st.lists(demo, max_size=3))]
    return signature, demos, {name: draw(st.sampled_from(VALUES[kind])) for name, kind in inputs.items()}


@pytest.mark.parametrize(("own", "dspys"), PAIRS)
@PATIENT
@given(question=questions())
def test_messages_are_dspys_own(own: Any, dspys: Any, question: Any) -> None:
    """The first time and again, when everything but the inputs is remembered."""
    signature, demos, inputs = question
    expected = dspys.format(signature, demos, dict(inputs))

    assert own.format(signature, demos, dict(inputs)) == expected
    assert own.format(signature, demos, dict(inputs)) == expected


@pytest.mark.parametrize(("own", "dspys"), PAIRS)
@PATIENT
@given(question=questions(), said=WORDS, previous=WORDS)
def test_requests_and_their_keys_are_those_of_dspys_own_way(
    own: Any, dspys: Any, question: Any, said: str, previous: str
) -> None:
    """What goes on the wire, and the key in the journal, do not depend on which way led there; feedback included."""
    signature, demos, inputs = question
    lm, options = metered_lm(), dict[str, Any]()
    form = form_of(own, signature)
    shown = form.demos(own, signature, demos) if form.is_text else []
    route = _new_route(form, own, lm, signature, shown) if form.is_text else None
    if route is None:
        return
    note = note_of(Flight(feedback=said, previous=previous))
    messages = dspys.format(signature, demos, dict(inputs))
    messages[-1]["content"] += f"\n\n{note}" if note else ""
    if isinstance(own, ExactJSONAdapter):
        dspys._prepare_response_format(lm, options, signature)
    expected = _canonical(prepare(lm, None, messages, options))

    request, key = route.request_for(form.last(inputs) + (f"\n\n{note}" if note else ""))

    assert request == expected
    assert key == compat.call_key(lm.engine.meter.tier.identity, expected)


@pytest.mark.parametrize(("own", "dspys"), PAIRS)
def test_the_feedback_comes_last(own: Any, dspys: Any) -> None:
    """After everything that DSPy says, in the last message."""
    scope = a_scope(Flight(feedback="too long", previous="abc"))
    signature = dspy.Signature("question -> answer: int")
    with compat.entering(scope):
        messages = own.format(signature, [], {"question": "q"})

    expected = dspys.format(signature, [], {"question": "q"})
    expected[-1]["content"] += f"\n\n{note_of(scope.flight)}"  # type: ignore[arg-type]  # there is one
    assert messages == expected


@pytest.mark.parametrize("change", ["value", "member", "new", "fewer", "type"])
def test_a_changed_demo_is_rendered_anew(change: str) -> None:
    """However it was changed: optimisers may work on the very list."""
    signature = dspy.Signature("question, hints: list[str] -> answer: int")
    demos = [dspy.Example(question="q", hints=["h"], answer=1), dspy.Example(question="r", hints=["i"], answer=2)]
    own, inputs = ExactChatAdapter(), {"question": "now", "hints": []}
    own.format(signature, demos, inputs)
    match change:
        case "value":
            demos[0]["question"] = "other"
        case "member":
            demos[1]["hints"].append("more")
        case "new":
            demos.append(dspy.Example(question="s", answer=3))
        case "fewer":
            del demos[0]
        case _:
            demos[0]["answer"] = True

    assert own.format(signature, demos, inputs) == dspy.ChatAdapter().format(signature, demos, inputs)


def test_messages_belong_to_whoever_asked_for_them() -> None:
    """Writing on them changes nothing for the next one."""
    signature, demos = dspy.Signature("question -> answer"), [dspy.Example(question="q", answer="a")]
    for message in ExactChatAdapter().format(signature, demos, {"question": "now"}):
        message["content"] = "changed"

    messages = ExactChatAdapter().format(signature, demos, {"question": "now"})

    assert messages == dspy.ChatAdapter().format(signature, demos, {"question": "now"})


def metered_lm() -> dspy.LM:
    tier, engine = Tier("test/model", temperature=0.5, price=Price.per_million(1, 1)), ScriptedEngine([])
    meter = Meter(tier, engine, tier.price, Limiter("test"), Retry())
    return compat.lm_for("test/model", MeteredEngine(meter), AsyncMeteredEngine(meter), temperature=0.5)


def a_scope(flight: Flight) -> Scope:
    account = Account(Budget())
    run = Run("r", None, account, None)  # type: ignore[arg-type]  # nothing is written, and no tier is opened
    return Scope(run, account, flight=flight)
