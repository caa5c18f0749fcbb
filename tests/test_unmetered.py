"""No way leads past the meter: a model that the run does not meter is not asked inside it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import dspy
import pytest
from dspy import lm15

from agentflow import Budget, Ladder, Step, Tier, pipeline, run
from agentflow import validators as v
from agentflow.testing import ScriptedEngine, chat, respond

ASKED: list[Any] = []


class FreeEngine:
    """Answers without anybody's leave."""

    supports_function_calling = supports_reasoning = supports_response_schema = False
    supported_params: frozenset[str] = frozenset()

    def complete(self, request: lm15.Request) -> lm15.Response:
        ASKED.append(request)
        return respond(request, chat(answer="yes"))


class FreeAsyncEngine(FreeEngine):
    async def complete(self, request: lm15.Request) -> lm15.Response:  # type: ignore[override]
        return FreeEngine.complete(self, request)


class FreeLM(dspy.BaseLM):  # type: ignore[misc]  # dspy is untyped
    """A model class with a door of its own."""

    def __call__(self, *args: Any, **options: Any) -> list[str]:
        ASKED.append(args)
        return [chat(answer="yes")]


def free_lm() -> dspy.LM:
    return dspy.LM("free/lunch", engine=FreeEngine(), async_engine=FreeAsyncEngine(), cache=False)


class Sneaky(dspy.Module):  # type: ignore[misc]  # dspy is untyped
    """Asks a model of its own choice."""

    def __init__(self) -> None:
        super().__init__()
        self.ask = dspy.Predict("question -> answer")

    def forward(self, **inputs: Any) -> Any:
        with dspy.context(lm=free_lm()):
            return self.ask(**inputs)


sneak = Step(Sneaky(), validate=v.none(reason="the way is what matters"), name="sneak")


@pipeline
def through_a_step() -> str:
    return str(sneak(question="Really?").answer)


@pipeline
def through_the_context() -> str:
    with dspy.context(lm=free_lm()):
        return str(dspy.Predict("question -> answer")(question="Really?").answer)


@pipeline
async def through_a_task() -> Any:
    return await asyncio.ensure_future(free_lm().acall("Really?"))


@pipeline
def through_a_class_of_ones_own() -> str:
    with dspy.context(lm=FreeLM("free/lunch")):
        return str(dspy.Predict("question -> answer")(question="Really?").answer)


@pipeline
def through_the_back_door() -> Any:
    return free_lm().forward("Really?")


@pipeline
def through_an_embedder() -> Any:
    return dspy.Embedder(lambda texts: ASKED.append(texts) or [[0.0]])(["Really?"])


@pipeline
def through_nobody() -> str:
    return str(dspy.Predict("question -> answer")(question="Really?").answer)


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(through_a_step, id="in a module"),
        pytest.param(through_the_context, id="in the context"),
        pytest.param(through_a_task, id="in a task"),
        pytest.param(through_a_class_of_ones_own, id="of a class of its own"),
        pytest.param(through_the_back_door, id="by the back door"),
        pytest.param(through_an_embedder, id="that embeds"),
    ],
)
def test_a_model_of_ones_own_is_refused_inside_a_run(way: Any, tmp_path: Path) -> None:
    """Nothing is sent that nobody reserved."""
    ladder = Ladder(Tier("test/any", engine=ScriptedEngine(lambda _: chat(answer="yes"))))
    ASKED.clear()

    outcome = run(way(), ladder=ladder, budget=Budget(tokens=9_999), state=tmp_path)

    assert outcome.status == "failed"
    assert "not metered" in outcome.feedback
    assert ASKED == []


def test_a_prompt_outside_of_any_step_is_refused_in_words(tmp_path: Path) -> None:
    """There is no tier to ask, and no validator to believe."""
    ladder = Ladder(Tier("test/any", engine=ScriptedEngine(lambda _: chat(answer="yes"))))

    outcome = run(through_nobody(), ladder=ladder, budget=Budget(tokens=9_999), state=tmp_path)

    assert outcome.status == "failed"
    assert "make it a Step" in outcome.feedback


def test_outside_a_run_dspy_is_left_alone() -> None:
    """Importing AgentFlow changes nothing for programs of one's own."""
    assert free_lm()("Really?")
