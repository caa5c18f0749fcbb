"""Limits on time end what they limit: requests, agents, runs."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dspy
import pytest

from agentflow import Budget, Ladder, Step, Tier, agents, deadlines, ending, pipeline, run
from agentflow import validators as v
from agentflow.testing import ScriptedEngine, chat
from agentflow.usage import FREE


class Stuck(dspy.Module):  # type: ignore[misc]  # dspy is untyped
    async def aforward(self, **inputs: Any) -> Any:
        await asyncio.Event().wait()


class Blocked(dspy.Module):  # type: ignore[misc]  # dspy is untyped
    def forward(self, **inputs: Any) -> Any:
        threading.Event().wait(LONG)


LONG = 20.0
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


@pipeline
async def swallow_once() -> str:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        await asyncio.Event().wait()
    return "never"


@pipeline
async def spawn_blocked() -> list[str]:
    async with agents(each=Budget(seconds=0.05)) as team:
        team.spawn(lambda: threading.Event().wait(LONG))
        team.within(Budget(seconds=30)).spawn(answer, question="Is there time?")
    return [child.outcome.limit_hit.split(" ")[0] or child.outcome.status for child in team.children]


@pipeline
async def swallowed_below() -> None:
    async with agents() as team:
        team.spawn(swallow_once)


def block(question: str) -> dict[str, str]:
    threading.Event().wait(LONG)
    return {"answer": "yes"}


def by_function(function: Callable[..., Any]) -> Step:
    return Step("question -> answer", validate=v.one_of("answer", "yes"), ladder=Ladder(Tier(function)), name="f")


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


@pytest.mark.parametrize("module", [Stuck, Blocked], ids=["awaits", "blocks"])
def test_a_step_ends_when_its_module_does_not(module: type[dspy.Module], tmp_path: Path) -> None:
    """The time of a step limits its module too, and what it ends with names the limit."""
    step = Step(module(), validate=v.none(reason="it never answers"), name="stuck")

    @pipeline
    async def ask() -> tuple[str, str]:
        outcome = await step.within(Budget(seconds=0.05), key="once").aperform(question="Anybody?")
        return outcome.status, outcome.limit_hit

    outcome = run(ask(), ladder=ladder(), budget=Budget(tokens=TOKENS), state=tmp_path, resumable=False)

    assert outcome.value == ("budget_exhausted", "seconds of /stuck:once")


def test_a_step_waits_for_money_only_while_it_has_time(tmp_path: Path) -> None:
    """Somebody else holds the last call: the wait ends with the step's own time, not with the other's call."""
    engine = ScriptedEngine(lambda _: chat(answer="yes"), latency=0.5)

    @pipeline
    async def wait_in_line() -> tuple[str, str, bool]:
        first = asyncio.ensure_future(answer.aperform(question="Who is first?"))
        while not engine.inflight:
            await asyncio.sleep(0)
        outcome = await answer.within(Budget(seconds=0.05), key="second").aperform(question="Who is second?")
        return outcome.status, outcome.limit_hit, (await first).accepted

    tiers, budget = Ladder(Tier("test/any", engine=engine, price=FREE)), Budget(calls=1, tokens=TOKENS)

    outcome = run(wait_in_line(), ladder=tiers, budget=budget, state=tmp_path, resumable=False)

    assert outcome.value == ("budget_exhausted", "seconds of /answer:second", True)


def test_a_child_that_blocks_its_thread_is_left_behind(tmp_path: Path) -> None:
    """Nobody waits for a thread that can send nothing more."""
    outcome = run(spawn_blocked(), ladder=ladder(latency=0.2), budget=Budget(tokens=TOKENS), state=tmp_path)

    assert outcome.value == ["seconds", "accepted"]


@pytest.mark.parametrize("call", [swallow_once, swallowed_below], ids=["pipeline", "child"])
def test_a_cancellation_that_is_swallowed_comes_again(call: Any, tmp_path: Path) -> None:
    """After every grace, until the agent ends."""
    outcome = run(call(), ladder=ladder(), budget=Budget(tokens=TOKENS, seconds=0.05), state=tmp_path)

    assert (outcome.status, outcome.limit_hit) == ("budget_exhausted", "seconds of the run")


def test_a_function_that_blocks_holds_up_no_run(tmp_path: Path) -> None:
    """Neither its agent nor the end of the process waits for it."""
    step, begun = by_function(block), time.monotonic()

    @pipeline
    async def ask() -> None:
        await step.acall(question="How long?")

    budget = Budget(tokens=TOKENS, seconds=0.05)
    outcome = run(ask(), ladder=ladder(), budget=budget, state=tmp_path, resumable=False)

    assert (outcome.status, outcome.limit_hit) == ("budget_exhausted", "seconds of the run")
    assert time.monotonic() - begun < LONG / 2


def test_functions_run_side_by_side(tmp_path: Path) -> None:
    """As many as there are places for, however few processors there are."""
    together = threading.Barrier(40)

    def meet(question: str) -> dict[str, str]:
        together.wait(LONG)
        return {"answer": "yes"}

    step = by_function(meet)

    @pipeline
    async def ask() -> int:
        async with agents(limit=64) as team:
            children = [team.spawn(step, question=str(number)) for number in range(40)]
        return sum(child.outcome.accepted for child in children)

    outcome = run(ask(), ladder=ladder(), budget=Budget(tokens=TOKENS), state=tmp_path, resumable=False)

    assert outcome.value == 40


def test_closing_work_is_not_disturbed(tmp_path: Path) -> None:
    """It may take many graces: only who does nothing of the kind is stopped again."""
    budget = Budget(tokens=TOKENS, seconds=0.05)

    outcome = run(close_late(), ladder=ladder(0.4), budget=budget, ending=Budget(calls=1), state=tmp_path)

    assert outcome.value == "yes"


@pipeline
async def cling() -> None:
    while len(SWALLOWED) < 2:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            SWALLOWED.append(1)
    await asyncio.Event().wait()


SWALLOWED: list[int] = []


def test_who_stops_a_run_is_obeyed_by_code_that_clings_to_it(tmp_path: Path) -> None:
    """A cancellation that is swallowed is said again."""
    stop = threading.Event()
    stop.set()

    outcome = run(cling(), ladder=ladder(), budget=Budget(tokens=TOKENS), stop=stop, state=tmp_path)

    assert outcome.status == "cancelled"
    assert len(SWALLOWED) == 2
