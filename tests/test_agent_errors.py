"""What goes wrong below a step: errors of one's own code, of the configuration, of engines and of modules inside."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import dspy
import pytest
from dspy import lm15
from steps import Lab, rungs, short
from test_step import ANY

from agentflow import EngineFailed, Step
from agentflow.errors import ConfigurationError, UnsupportedSignature
from agentflow.testing import ScriptedEngine, chat


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


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
