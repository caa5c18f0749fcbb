"""Waiting for children, stopping them, and what a team refuses."""

from __future__ import annotations

import asyncio
import contextvars
from pathlib import Path
from typing import Any

import dspy
import pytest

from agentflow import Budget, DefinitionError, NoAccount, agents
from tests.crews import account, answering, ask, nap, perform, raising, soon, without_place

COLOUR: contextvars.ContextVar[str] = contextvars.ContextVar("colour", default="none")


def test_a_child_can_be_awaited_twice_and_not_read_before_it_ended(tmp_path: Path) -> None:
    """The outcome stays; asking for it too early says how to wait."""

    async def work() -> tuple[int, int]:
        async with agents() as team:
            child = team.spawn(nap, number=7)
            with pytest.raises(DefinitionError, match=r"has not ended; `await` the child"):
                _ = child.outcome
            return (await child).value, (await child).value

    assert perform(work, tmp_path).value == (7, 7)


def test_a_failing_child_stops_its_siblings_only_when_asked(tmp_path: Path) -> None:
    """With `cancel_on_failure` those at work are cancelled, those in line never start, and all of them say why."""
    started: list[str] = []

    async def forever(name: str) -> None:
        started.append(name)
        await asyncio.Event().wait()

    async def work() -> list[str]:
        async with agents(limit=2, cancel_on_failure=True) as team:
            children = [team.spawn(forever, name="a"), team.spawn(raising(ValueError("x"))), team.spawn(nap, number=1)]
        late = [child.outcome for child in children]
        assert "ended failed" in late[0].feedback
        return [outcome.status for outcome in late]

    assert perform(work, tmp_path).value == ["cancelled", "failed", "cancelled"]
    assert started == ["a"]


def test_a_cancelled_parent_settles_its_children(tmp_path: Path) -> None:
    """Cancelling an agent stops the whole tree below it; nothing stays held, what was on the wire is unknown."""
    engine = answering(latency=30.0)

    async def parent() -> None:
        async with agents() as team:
            for number in range(5):
                team.spawn(ask, question=str(number))

    async def work() -> tuple[str, Any]:
        async with agents() as team:
            child = team.spawn(parent)
            while engine.inflight < 5:
                await asyncio.sleep(0.001)
            team.cancel()
        return child.outcome.status, account().held.calls

    outcome = perform(work, tmp_path, engine)

    assert outcome.value == ("cancelled", 0)
    assert outcome.unknown.calls == 5
    assert engine.inflight == 0


def test_a_cancelled_sync_child_comes_back_before_its_team_does(tmp_path: Path) -> None:
    """The thread of a cancelled child sends nothing more, and the block waits for it."""
    engine = answering(latency=0.05)

    def chain() -> None:
        for number in range(1_000):
            ask(question=str(number))

    async def work() -> tuple[str, int]:
        async with agents() as team:
            child = team.spawn(chain)
            while not engine.calls:
                await asyncio.sleep(0.001)
            team.cancel()
        return child.outcome.status, engine.inflight

    outcome = perform(work, tmp_path, engine)

    assert outcome.value == ("cancelled", 0)
    assert engine.calls <= 2
    assert not outcome.held


def test_an_exception_in_the_block_stops_and_settles_the_children(tmp_path: Path) -> None:
    """The block's own error comes out once every child has ended."""
    engine, ended = answering(latency=30.0), []

    async def child() -> None:
        try:
            await ask.acall(question="?")
        finally:
            ended.append(account().held.calls)

    async def work() -> None:
        async with agents() as team:
            team.spawn(child)
            while not engine.inflight:
                await asyncio.sleep(0.001)
            raise KeyError("mine")

    outcome = perform(work, tmp_path, engine)

    assert (outcome.status, without_place(outcome.feedback)) == ("failed", "KeyError: 'mine'")
    assert ended == [0]
    assert not outcome.held


def test_a_team_takes_no_children_after_its_block(tmp_path: Path) -> None:
    """A late spawn is an error at once, not a child that never ends."""

    async def work() -> None:
        async with agents() as team:
            pass
        team.spawn(nap)

    assert "spawned after its team had ended" in perform(work, tmp_path).feedback


def test_a_child_of_a_cancelled_team_ends_cancelled(tmp_path: Path) -> None:
    """Spawning into a cancelled team starts nothing."""

    async def work() -> tuple[str, str]:
        async with agents() as team:
            team.cancel("enough")
            child = team.spawn(nap)
        return child.outcome.status, child.outcome.feedback

    assert perform(work, tmp_path).value == ("cancelled", "enough")


def test_spawning_from_a_thread_is_refused(tmp_path: Path) -> None:
    """A sync child runs in a thread, where the team's loop cannot be touched."""

    async def work() -> str:
        async with agents() as team:
            return str((await team.spawn(lambda: team.spawn(nap))).feedback)

    assert "was spawned from a thread" in perform(work, tmp_path).value


def test_agents_outside_a_run_are_refused() -> None:
    """There is nobody who would pay."""

    async def work() -> None:
        async with agents():
            pass

    with pytest.raises(NoAccount, match="outside a run"):
        soon(lambda: asyncio.run(work()))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"limit": 0}, "at least one"),
        ({"each": 5}, "a child's budget is a Budget"),
        ({"ladder": "openai/x"}, "takes a Ladder"),
        ({"share": "half"}, "'ceiling' or 'carve'"),
    ],
    ids=lambda value: "" if isinstance(value, str) else next(iter(value)),
)
def test_options_of_a_team_are_checked(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    """A wrong option is an error where it stands."""

    async def work() -> None:
        async with agents(**options):
            pass

    assert message in perform(work, tmp_path).feedback


def test_the_context_of_a_child_is_the_one_it_was_spawned_in(tmp_path: Path) -> None:
    """DSPy settings and context variables are copied at spawn, not at start, and changes stay inside."""

    async def child() -> tuple[str, Any]:
        seen = COLOUR.get(), dspy.settings.get("shade")
        COLOUR.set("child")
        return seen

    async def work() -> tuple[Any, str]:
        async with agents(limit=1) as team:
            blocker = team.spawn(nap)
            COLOUR.set("red")
            with dspy.context(shade="dark"):
                late = team.spawn(child)
            COLOUR.set("blue")
            await blocker
        return late.outcome.value, COLOUR.get()

    assert perform(work, tmp_path).value == (("red", "dark"), "blue")


def test_a_child_has_seconds_of_its_own(tmp_path: Path) -> None:
    """When a child's own time is over nothing more is sent for it, and its siblings go on."""
    engine = answering(latency=0.02)

    async def slow() -> None:
        while True:
            await ask.acall(question="slow")

    async def work() -> tuple[str, str, str]:
        async with agents() as team:
            hurried = team.within(Budget(seconds=0.1), key="hurried").spawn(slow)
            sibling = team.spawn(ask, question="?")
        return hurried.outcome.status, hurried.outcome.limit_hit, sibling.outcome.status

    assert perform(work, tmp_path, engine).value == ("budget_exhausted", "seconds of /slow:hurried", "accepted")
