"""One step from its first attempt to its outcome: what is asked again, with which words, and what it costs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import dspy
import pytest
from dspy import lm15
from pydantic import BaseModel
from steps import PRICE, Lab
from test_step import ANY, Pair

from agentflow import Budget, BudgetHalt, EngineFailed, Ladder, Step, StepRejected, Tier, Verdict, compat
from agentflow import validators as v
from agentflow.errors import ConfigurationError, UnsupportedSignature
from agentflow.testing import ScriptedEngine, chat, count_tokens, respond


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def short(inputs: Any, prediction: Any) -> Verdict:
    return Verdict(len(prediction.a) < 3, f"{len(prediction.a)} letters; use fewer than 3", kind="short")


def rungs(*engines: ScriptedEngine, attempts: int = 1) -> Ladder:
    return Ladder(*(Tier(f"test/t{n}", engine=each, price=PRICE, attempts=attempts) for n, each in enumerate(engines)))


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


# errors


class Broken(dspy.Module):
    def forward(self, q: str) -> dspy.Prediction:
        raise LookupError("of its own")


class Nothing(dspy.Module):
    def __init__(self) -> None:
        super().__init__()
        self.ask = dspy.Predict("q -> a")

    def forward(self, q: str) -> None:
        self.ask(q=q)


def raises(inputs: Any, prediction: Any) -> bool:
    raise LookupError("of its own")


async def araises(inputs: Any, prediction: Any) -> bool:
    raise LookupError("of its own")


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "sync"])
@pytest.mark.parametrize(
    "step",
    [
        pytest.param(Step("q -> a", validate=raises), id="a validator"),
        pytest.param(Step("q -> a", validate=araises), id="an async validator"),
        pytest.param(Step("q -> a", validate=ANY, check_inputs=lambda inputs: raises(inputs, None)), id="a check"),
        pytest.param(Step(Broken(), validate=ANY), id="a module"),
    ],
)
def test_an_error_of_ones_own_code_reaches_the_caller(lab: Lab, step: Step, is_async: bool) -> None:
    """As what it was, with the money settled."""

    async def awaited() -> None:
        await step.acall(q="?")

    outcome = lab.run(awaited if is_async else lambda: step(q="?"), [chat(a="x")])

    assert outcome.status == "failed"
    assert isinstance(outcome.error, LookupError)
    assert not outcome.held
    assert outcome.spent.calls == lab.engine.calls


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(UnsupportedSignature("not this one"), UnsupportedSignature, id="of the embedded model"),
        pytest.param(ConfigurationError("set a key"), ConfigurationError, id="of the configuration"),
    ],
)
def test_what_the_configuration_gets_wrong_surfaces_as_itself(lab: Lab, error: Any, expected: Any) -> None:
    """DSPy wraps what an engine raises; whoever must act hears the original words."""
    outcome = lab.run(lambda: Step("q -> a", validate=ANY)(q="?"), [error])

    assert outcome.status == "failed"
    assert type(outcome.error) is expected
    assert str(error) in outcome.feedback


class Unbounded(ScriptedEngine):
    def bound(self, request: Any) -> Any:
        raise lm15.UnsupportedFeatureError("nobody can say what this picture costs")


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        pytest.param(Unbounded([]), "nobody can say", id="no bound"),
        pytest.param(ScriptedEngine(lambda _: lm15.AuthError("no such key")), "no such key", id="no key"),
        pytest.param(ScriptedEngine(lambda _: ValueError("a bug")), "a bug", id="a bug of the engine"),
    ],
)
def test_a_tier_that_cannot_serve_is_skipped(lab: Lab, first: ScriptedEngine, reason: str) -> None:
    """The next one answers; when there is none, the outcome gives the reason."""
    second = ScriptedEngine([chat(a="ok")])

    assert lab.perform(Step("q -> a", validate=short, ladder=rungs(first, second)), q="?").accepted

    alone = lab.run(lambda: Step("q -> a", validate=short, ladder=rungs(first))(q="?"))
    assert alone.status == "engine_failed"
    assert reason in alone.feedback


def test_what_a_lost_request_cost_is_counted(lab: Lab) -> None:
    """A tier that timed out is skipped, and its reservation is part of what the step spent."""
    step = Step("q -> a", validate=short, ladder=rungs(ScriptedEngine(lambda _: ValueError("who knows"))))

    outcome = lab.perform(step, q="?")

    assert (outcome.status, outcome.attempts, outcome.spent.calls) == ("engine_failed", (), 1)


def test_a_module_that_gives_nothing_is_rejected(lab: Lab) -> None:
    """None is no prediction, and no validator should have to say so."""
    outcome = lab.perform(Step(Nothing(), validate=short), [chat(a="x")], q="?")

    assert (outcome.status, outcome.attempts[0].verdict.kind) == ("rejected", "empty")


class Outer(dspy.Module):
    def __init__(self, step: Step) -> None:
        super().__init__()
        self.step = step

    def forward(self, q: str) -> dspy.Prediction:
        return self.step(q=q)


def test_a_step_inside_a_step_is_rejected_in_its_own_words(lab: Lab) -> None:
    """The outer step's feedback is not about parsing."""
    step = Step(Outer(Step("q -> a", validate=short, name="inner")), validate=ANY)

    outcome = lab.perform(step, lambda _: chat(a="wrong"), q="?")

    assert outcome.attempts[0].verdict.kind == "step_rejected"
    assert "use fewer than 3" in outcome.feedback
    assert "could not be read" not in outcome.feedback


class Blocking(dspy.Module):
    """Two prompts and no asynchronous side."""

    def __init__(self) -> None:
        super().__init__()
        self.ask = dspy.Predict("q -> a")

    def forward(self, q: str) -> dspy.Prediction:
        self.ask(q=q)
        return self.ask(q=q)


def test_a_module_without_an_asynchronous_side_can_be_awaited(lab: Lab) -> None:
    """It works in a thread, its calls are metered, and the loop goes on meanwhile."""
    both = threading.Barrier(2, timeout=10)

    async def work() -> list[str]:
        step = Step(Blocking(), validate=ANY)
        return [each.a for each in await asyncio.gather(step.acall(q="1"), step.acall(q="2"))]

    def answer(request: Any) -> str:
        both.wait()
        return chat(a="x")

    assert lab.run(work, answer).value == ["x", "x"]
    assert lab.calls == 4


def test_a_cancelled_blocking_module_settles_and_sends_nothing_more(lab: Lab) -> None:
    """The request on the wire is charged, the second of its prompts never leaves, and the agent works on."""
    sent, go_on = threading.Event(), threading.Event()
    step = Step(Blocking(), validate=ANY)

    def answer(request: Any) -> str:
        sent.set()
        go_on.wait(10)
        return chat(a="x")

    async def work() -> str:
        task = asyncio.ensure_future(step.acall(q="?"))
        await asyncio.to_thread(sent.wait, 10)
        task.cancel()
        asyncio.get_running_loop().call_later(0.05, go_on.set)
        await asyncio.wait([task])
        assert task.cancelled()
        assert lab.engine.calls == 1
        return str((await step.acall(q="another")).a)

    outcome = lab.run(work, answer)

    assert (outcome.value, outcome.held.calls, lab.engine.calls) == ("x", 0, 3)


def test_a_provider_that_fails_inside_a_module_fails_the_step(lab: Lab) -> None:
    """An outcome says so, and the outer ladder is not climbed for it."""
    inner = Step("q -> a", validate=ANY, ladder=rungs(ScriptedEngine([lm15.AuthError("no key")])))

    outcome = lab.perform(Step(Outer(inner), validate=ANY), [chat(a="x")], q="?")

    assert outcome.status == "engine_failed"
    assert isinstance(outcome.error, EngineFailed)


# validators that ask


async def patient(inputs: Any, prediction: Any) -> Verdict:
    await asyncio.sleep(0)
    return short(inputs, prediction)


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "sync"])
def test_a_validator_may_be_async(lab: Lab, is_async: bool) -> None:
    """In an event loop or without."""
    step = Step("q -> a", validate=patient)

    async def awaited() -> str:
        return str((await step.acall(q="?")).a)

    outcome = lab.run(awaited if is_async else lambda: step(q="?").a, [chat(a="wrong"), chat(a="ok")], attempts=2)

    assert outcome.value == "ok"


def judged(engine: ScriptedEngine) -> Step:
    judge = Step(
        "q, a -> good: bool", validate=ANY, name="judge", ladder=Ladder(Tier("t/j", engine=engine, price=PRICE))
    )
    return Step("q -> a", validate=v.judge(judge, accept=lambda said: said.good))


def test_a_judge_is_metered(lab: Lab) -> None:
    """Its calls are in the journal, and part of what the attempt cost."""
    judge = ScriptedEngine([chat(good=False), chat(good=True)])

    outcome = lab.perform(judged(judge), [chat(a="x"), chat(a="y")], q="?")

    assert outcome.prediction.a == "y"
    assert (lab.calls, outcome.spent.calls) == (4, 4)


def test_a_judge_without_money_rejects_nothing(lab: Lab) -> None:
    """The outcome is that the budget is spent, and says what the answer before it cost."""
    judge = ScriptedEngine([chat(good=True)])

    outcome = lab.perform(judged(judge), [chat(a="x")], budget=Budget(calls=1, tokens=10_000), q="?")

    assert outcome.status == "budget_exhausted"
    assert (judge.calls, outcome.spent.calls) == (0, 1)


@pytest.mark.parametrize("second", ["x", "y"], ids=["agrees", "differs"])
@pytest.mark.parametrize("kind", ["tier", "step"])
def test_a_second_opinion_decides(lab: Lab, kind: str, second: str) -> None:
    """Of another tier for the same step, or of another step that takes some of the inputs."""
    tier = Tier("test/second", engine=ScriptedEngine(lambda _: chat(a=second)), price=PRICE)
    other = tier if kind == "tier" else Step("q -> a", validate=ANY, name="other", ladder=Ladder(tier))
    step = Step("q, more -> a", validate=v.agrees_with(other, on="a"))

    outcome = lab.perform(step, [chat(a="x")], q="?", more="")

    assert outcome.accepted is (second == "x")
    assert lab.calls == 2


def test_votes_are_fresh_samples(lab: Lab) -> None:
    """No vote is told of another, and repeating one is no loop."""
    answers = [chat(a=a) for a in ("x", "y", "x", "y", "x", "x")]

    outcome = lab.perform(Step("q -> a", validate=v.consensus(on="a", ahead=2)), answers, q="?")

    assert outcome.prediction.a == "x"
    assert len(outcome.attempts) == 6
    assert len(set(lab.prompts)) == 1


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


# optimisers


def test_an_optimiser_learns_from_accepted_answers_only(lab: Lab) -> None:
    """Demos are accepted outputs with the base inputs; what a function answered is none."""
    step = Step(Pair(), validate=v.length("answer", at_most=2), feedback_field="advice")
    examples = [dspy.Example(question=f"q{n}", answer="ok").with_inputs("question") for n in range(3)]
    answers = [chat(draft="bad"), chat(answer="wrong"), chat(draft="good"), chat(answer="ok")] * 3

    def compile_() -> Any:
        optimiser = dspy.BootstrapFewShot(metric=lambda *_: True, max_labeled_demos=0)
        return optimiser.compile(Asker(step), trainset=examples)

    found: list[Any] = []
    outcome = lab.run(lambda: found.append(compile_()), answers, attempts=2)

    demos = [demo for predictor in found[0].predictors() for demo in predictor.demos]
    assert outcome.status == "accepted"
    assert {demo.get("draft") for demo in demos} == {"good"}
    assert {demo.get("advice", "") for demo in demos} == {""}
    assert {demo.get("answer", "ok") for demo in demos} == {"ok"}


class Asker(dspy.Module):
    def __init__(self, step: Step) -> None:
        super().__init__()
        self.step = step

    def forward(self, question: str) -> dspy.Prediction:
        return self.step(question=question)


def test_a_functions_answers_are_never_demos(lab: Lab) -> None:
    """They would teach a model what needs no model."""
    step = Step("question -> answer", validate=ANY, ladder=Ladder(Tier(lambda question: "x")))
    examples = [dspy.Example(question="q", answer="x").with_inputs("question")]
    found: list[Any] = []

    def compile_() -> None:
        optimiser = dspy.BootstrapFewShot(metric=lambda *_: True, max_labeled_demos=0)
        found.append(optimiser.compile(Asker(step), trainset=examples))

    assert lab.run(compile_).status == "accepted"
    assert found[0].predictors()[0].demos == []


def test_a_rejected_step_scores_zero(lab: Lab) -> None:
    """For DSPy's Evaluate it is an exception like any other; the rest goes on."""
    step = Step("question -> answer", validate=v.length("answer", at_most=2))
    examples = [dspy.Example(question=q).with_inputs("question") for q in ("a", "b")]

    def evaluate() -> float:
        judge = dspy.Evaluate(devset=examples, metric=lambda *_: 1.0, num_threads=2, max_errors=10)
        return float(judge(step).score)

    outcome = lab.run(
        evaluate, lambda request: chat(answer="ok" if "\na\n" in str(request.messages[-1].parts[0].text) else "wrong")
    )

    assert outcome.value == 50.0


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
