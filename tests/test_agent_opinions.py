"""Validators that ask: judges, second opinions and votes, metered like anything else."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from steps import PRICE, Lab, short
from test_step import ANY

from agentflow import Budget, Ladder, Step, Tier, Verdict
from agentflow import validators as v
from agentflow.testing import ScriptedEngine, chat


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


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
