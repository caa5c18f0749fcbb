"""Limits on time end what they limit: requests, agents, runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agentflow import Budget, Ladder, Step, Tier, agents, deadlines, ending, pipeline, run
from agentflow import validators as v
from agentflow.testing import ScriptedEngine, chat
from agentflow.usage import FREE

answer = Step("question -> answer", validate=v.one_of("answer", "yes"))
TOKENS = 1_000_000


@pipeline
async def hang() -> None:
    await asyncio.Event().wait()


@pipeline
async def one_hangs() -> list[str]:
    async def forever() -> None:
        await asyncio.Event().wait()

    async with agents(each=Budget(seconds=0.05)) as team:
        team.spawn(forever)
        team.within(Budget(seconds=30)).spawn(answer, question="Is there time?")
    return [child.outcome.limit_hit.split(" ")[0] or child.outcome.status for child in team.children]


@pipeline
async def ask_briefly() -> str:
    outcome = await answer.within(Budget(seconds=0.05)).aperform(question="Quick?")
    return f"{outcome.status}: {outcome.limit_hit.split(' ')[0]}"


@pipeline
async def close_late() -> str:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        with ending():
            return (await answer.acall(question="What is left to say?")).answer
    return "never"


@pytest.fixture(autouse=True)
def _no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the user's code gets to end by itself is short here."""
    monkeypatch.setattr(deadlines, "GRACE_SECONDS", 0.05)


def ladder(latency: float = 0.0) -> Ladder:
    engine = ScriptedEngine(lambda _: chat(answer="yes"), latency=latency)
    return Ladder(Tier("test/any", engine=engine, price=FREE))


def test_a_run_that_hangs_ends_at_its_deadline(tmp_path: Path) -> None:
    """Nothing waits for ever, not even for the user's own code."""
    outcome = run(hang(), ladder=ladder(), budget=Budget(tokens=TOKENS, seconds=0.1), state=tmp_path)

    assert (outcome.status, outcome.limit_hit) == ("budget_exhausted", "seconds of the run")


def test_a_moment_that_has_passed_ends_a_run_at_once(tmp_path: Path) -> None:
    """A limit on the wall clock is a deadline like any other; without an offset it is local time."""
    outcome = run(hang(), ladder=ladder(), budget=Budget(tokens=TOKENS, until="2001-01-01T00:00"), state=tmp_path)

    assert (outcome.status, outcome.limit_hit) == ("budget_exhausted", "until of the run")


def test_a_child_that_hangs_ends_alone(tmp_path: Path) -> None:
    """Its sibling has time, and takes it."""
    outcome = run(one_hangs(), ladder=ladder(latency=0.2), budget=Budget(tokens=TOKENS), state=tmp_path)

    assert outcome.value == ["seconds", "accepted"]


def test_a_request_is_over_when_the_time_of_its_step_is(tmp_path: Path) -> None:
    """Its timeout is cut to the nearest deadline, and what nobody can tell is charged."""
    outcome = run(ask_briefly(), ladder=ladder(latency=5.0), budget=Budget(tokens=TOKENS), state=tmp_path)

    assert outcome.value == "budget_exhausted: seconds"
    assert outcome.unknown.calls == 1


def test_closing_work_has_its_time_after_the_deadline(tmp_path: Path) -> None:
    """What was set aside for the ending can be spent when everything else is over."""
    budget = Budget(tokens=TOKENS, seconds=0.1)

    outcome = run(close_late(), ladder=ladder(0.05), budget=budget, ending=Budget(calls=1), state=tmp_path)

    assert outcome.value == "yes"
    assert outcome.unknown.calls == 0
