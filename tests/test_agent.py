"""One step from its first attempt to its outcome: what is asked again, with which words, and what it costs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import dspy
import pytest
from pydantic import BaseModel
from steps import PRICE, Lab, short
from test_step import ANY, Pair

from agentflow import Budget, BudgetHalt, Ladder, Step, StepRejected, Tier, compat
from agentflow import validators as v
from agentflow.testing import ScriptedEngine, chat, count_tokens, respond


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


# attempts and feedback


@pytest.mark.parametrize("target", ["q -> a", dspy.ChainOfThought("q -> a")], ids=["predict", "chain of thought"])
def test_feedback_reaches_the_next_attempt_in_its_last_message_only(lab: Lab, target: Any) -> None:
    """System message, demos and inputs are those of the first attempt, byte for byte."""
    step = Step(target, validate=short)
    (step.module.predict if target != "q -> a" else step.module).demos = [dspy.Example(q="1", reasoning="r", a="x")]
    wrong, right = (chat(reasoning="r", a=a) for a in ("wrong", "ok"))

    outcome = lab.perform(step, [wrong, right], q="?")

    first, second = lab.engine.requests
    assert outcome.accepted
    assert first.system == second.system
    assert first.messages[:-1] == second.messages[:-1]
    assert lab.prompts[1].startswith(lab.prompts[0])
    assert "5 letters; use fewer than 3" in lab.prompts[1].removeprefix(lab.prompts[0])


def test_an_attempt_costs_at_most_what_it_quotes_and_sixty_tokens(lab: Lab) -> None:
    """And as much the fifth time as the second."""
    lab.perform(Step("q -> a", validate=short), [chat(a="wrong" + str(n)) for n in range(5)], q="?")
    base, *more = [count_tokens(prompt) for prompt in lab.prompts]
    quoted = count_tokens(chat(a="wrong0")) + count_tokens("6 letters; use fewer than 3")

    assert len(more) == 4
    assert all(tokens - base <= quoted + 60 for tokens in more)
    assert more[0] == more[1] == more[2]  # the fifth attempt has the nudge


def test_a_step_climbs_only_when_the_validator_says_no(lab: Lab) -> None:
    """Two tries below, then the stronger tier, which is told what was wrong."""
    weak, strong = ScriptedEngine(lambda _: chat(a="wrong")), ScriptedEngine([chat(a="ok")])
    ladder = Ladder(
        Tier("test/weak", engine=weak, attempts=2, price=PRICE), Tier("test/strong", engine=strong, price=PRICE)
    )

    outcome = lab.perform(Step("q -> a", validate=short, ladder=ladder), q="?")

    assert [attempt.tier for attempt in outcome.attempts] == ["test/weak", "test/weak", "test/strong"]
    assert (weak.calls, strong.calls) == (2, 1)
    assert "use fewer than 3" in str(strong.requests[0].messages[-1])


def test_a_module_of_several_prompts_hears_of_its_fault_through_the_field_named(lab: Lab) -> None:
    """No prompt of it is touched otherwise; the first attempt gets an empty text."""
    step = Step(Pair(), validate=v.length("answer", at_most=2), feedback_field="advice")
    wrong, right = chat(answer="wrong"), chat(answer="ok")

    outcome = lab.perform(step, [chat(draft="d"), wrong, chat(draft="d"), right], question="?")

    assert outcome.accepted
    assert lab.prompts[0] == lab.prompts[2]
    assert "[[ ## advice ## ]]\n\n" in lab.prompts[1]
    assert "`answer`" in lab.prompts[3].partition("[[ ## advice ## ]]")[2].partition("\n\n")[0]


def test_without_a_feedback_field_such_a_module_gets_a_fresh_sample(lab: Lab) -> None:
    """The step says so, and the same prompts go out again."""
    step = Step(Pair(), validate=v.length("answer", at_most=2))

    lab.perform(step, [chat(draft="d"), chat(answer="wrong"), chat(draft="d"), chat(answer="ok")], question="?")

    assert not step.takes_feedback
    assert lab.prompts[:2] == lab.prompts[2:]


# functions


def test_a_function_without_an_answer_leaves_it_to_the_next_tier(lab: Lab) -> None:
    """It costs nothing, and what it answered wrongly is not shown to a model."""
    engine = ScriptedEngine([chat(a="ok")])
    ladder = Ladder(
        Tier(lambda q: None, name="none"),
        Tier(lambda q: "wrong", name="wrong"),
        Tier("test/m", engine=engine, price=PRICE),
    )

    outcome = lab.perform(Step("q -> a", validate=short, ladder=ladder), q="?")

    assert [attempt.verdict.kind for attempt in outcome.attempts[:2]] == ["no_answer", "short"]
    assert outcome.prediction.a == "ok"
    assert [attempt.by_function for attempt in outcome.attempts] == [True, True, False]
    assert "It was not accepted" not in str(engine.requests[0].messages)


async def later(q: str) -> dict[str, str]:
    await asyncio.sleep(0)
    return {"a": "ok"}


def fails(q: str) -> Any:
    raise ZeroDivisionError("by hand")


@pytest.mark.parametrize("use_async", [True, False], ids=["async", "sync"])
def test_a_function_may_be_async(lab: Lab, use_async: bool) -> None:
    """It is awaited, in an event loop or without."""
    step = Step("q -> a", validate=short, ladder=Ladder(Tier(later)))

    async def awaited() -> str:
        return str((await step.acall(q="?")).a)

    assert lab.run(awaited if use_async else lambda: step(q="?").a).value == "ok"


@pytest.mark.parametrize(
    ("function", "error"),
    [
        pytest.param(fails, "ZeroDivisionError: by hand", id="an exception"),
        pytest.param(lambda q: {"b": "x"}, "returned the fields ['b']", id="another field"),
        pytest.param(lambda q: {"a": "x", "b": "y"}, "returned the fields ['a', 'b']", id="a field too many"),
        pytest.param(lambda q: {"a": 3}, "wrong type", id="another type"),
    ],
)
def test_a_function_that_is_wrong_is_an_error_of_the_pipeline(lab: Lab, function: Any, error: str) -> None:
    """No other tier would mend it."""
    outcome = lab.run(lambda: Step("q -> a", validate=ANY, ladder=Ladder(Tier(function)))(q="?"))

    assert outcome.status == "failed"
    assert error in outcome.feedback


# structure


def cut(request: Any) -> Any:
    return replace(respond(request, chat(a="the beginn")), finish_reason="length")


def withheld(request: Any) -> Any:
    return replace(respond(request, "no"), finish_reason="content_filter")


@pytest.mark.parametrize(
    ("signature", "answer", "kind", "words"),
    [
        pytest.param("q -> a", cut, "truncated", "cut off", id="cut off"),
        pytest.param("q -> a", withheld, "refused", "content filter", id="withheld"),
        pytest.param("q -> a", lambda _: "", "empty", "empty", id="empty"),
        pytest.param("q -> a", lambda _: "I think it is 4.", "parse", "missing `a`", id="unparsable"),
        pytest.param("q -> a, b", lambda _: chat(a="x"), "parse", "missing `b`", id="a field missing"),
        pytest.param("q -> a: Literal['x', 'y']", lambda _: chat(a="z"), "parse", "'x' or 'y'", id="no such literal"),
        pytest.param("q -> a: int", lambda _: chat(a="four"), "parse", "one number", id="no number"),
        pytest.param("q -> a: list[int]", lambda _: chat(a="1 and 2"), "parse", "JSON", id="no list"),
    ],
)
def test_a_malformed_answer_is_rejected_after_one_paid_call(
    lab: Lab, signature: str, answer: Callable[[Any], Any], kind: str, words: str
) -> None:
    """There is no second call behind one's back, and the words say what is wrong."""
    step = Step(signature, validate=ANY)
    outcome = lab.run(lambda: step(q="?"), answer)

    assert outcome.status == "rejected"
    assert isinstance(outcome.error, StepRejected)
    assert outcome.error.outcome.attempts[0].verdict.kind == kind
    assert words in outcome.feedback
    assert (lab.engine.calls, lab.calls) == (1, 1)


def test_an_enum_that_is_none_is_told_the_members(lab: Lab) -> None:
    """So that the next attempt can choose one."""
    signature = dspy.Signature({"q": (str, dspy.InputField()), "a": (Colour, dspy.OutputField())}, "Choose.")

    outcome = lab.perform(Step(signature, validate=ANY), [chat(a="green"), chat(a="red")], q="?")

    assert outcome.prediction.a is Colour.RED
    assert "none of red, blue" in lab.prompts[1]


def test_dspys_own_line_about_cut_answers_stays_quiet(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    """The report says it already."""
    lab.run(lambda: Step("q -> a", validate=ANY)(q="?"), cut)

    assert "truncated" not in caplog.text


# budget


def test_a_halted_step_latches_what_called_it(lab: Lab) -> None:
    """A call that raises for want of money is the last thing its agent puts on the wire."""
    step = Step("q -> a", validate=short)

    async def work() -> None:
        with pytest.raises(BudgetHalt, match="calls"):
            await step.within(Budget(calls=1)).acall(q="?")
        await step.acall(q="once more")

    outcome = lab.run(work, lambda _: chat(a="wrong"), attempts=3)

    assert outcome.status == "budget_exhausted"
    assert lab.engine.calls == 1


def test_a_performance_that_runs_out_leaves_its_agent_at_work(lab: Lab) -> None:
    """Its outcome says so; what the agent has left is its own."""
    step = Step("q -> a", validate=short)

    async def work() -> list[str]:
        return [(await each.aperform(q="?")).status for each in (step.within(Budget(calls=1)), step)]

    outcome = lab.run(work, [chat(a="wrong"), chat(a="ok")], attempts=3)

    assert outcome.value == ["budget_exhausted", "accepted"]


# what is kept


def test_a_recorded_prediction_is_the_original() -> None:
    """Decimals, dates, models and what a module adds besides come back equal; what cannot is not recorded."""

    class Line(BaseModel):
        price: Decimal
        bought: date | None

    fields: dict[str, Any] = {
        "total": Decimal, "day": date, "lines": list[Line], "kind": Literal["a", "b"], "colour": Colour,
        "tags": set[str], "either": str | date, "maybe": Decimal | None,
    }  # fmt: skip
    outputs = {name: (kind, dspy.OutputField()) for name, kind in fields.items()}
    signature = dspy.Signature({"q": (str, dspy.InputField()), **outputs}, "Read.")
    prediction = dspy.Prediction(
        total=Decimal("12.50"), day=date(2024, 3, 5), lines=[Line(price=Decimal("1.10"), bought=None)], kind="a",
        colour=Colour.RED, tags={"x", "y"}, either="2024-03-05", maybe=None, trajectory={"thought_0": "t"},
    )  # fmt: skip

    text = compat.dump_fields(signature, prediction)

    assert text is not None
    loaded = compat.load_fields(signature, text)
    assert dict(loaded.items()) == dict(prediction.items())
    assert str(loaded.total) == "12.50"
    assert (
        compat.dump_fields(signature, dspy.Prediction(**{**dict(prediction.items()), "either": date(2024, 1, 1)}))
        is None
    )
    assert compat.dump_fields(signature, dspy.Prediction(**dict(prediction.items()), more=object())) is None
