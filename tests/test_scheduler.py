"""Children at work: how many, in which order, what becomes of them, and what they leave behind."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import re
import tracemalloc
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import dspy
import pytest

from agentflow import (
    Budget,
    BudgetHalt,
    DefinitionError,
    EngineFailed,
    NoAccount,
    Step,
    StepRejected,
    agents,
    compat,
    pipeline,
)
from agentflow.errors import LoopHalt
from tests.crews import answering, ask, perform, soon

COLOUR: contextvars.ContextVar[str] = contextvars.ContextVar("colour", default="none")


def live_tasks() -> int:
    return len(asyncio.all_tasks())


async def nap(**inputs: Any) -> Any:
    await asyncio.sleep(0.001)
    return inputs.get("number")


def account() -> Any:
    scope = compat.current_scope()
    assert scope is not None
    return scope.account


# how many


@pytest.mark.slow
def test_ten_thousand_spawned_children_are_not_ten_thousand_tasks(tmp_path: Path) -> None:
    """At most `limit` children are tasks at a time, however many are spawned."""
    most = 0

    async def child(number: int) -> int:
        nonlocal most
        most = max(most, live_tasks())
        await asyncio.sleep(0)
        return number

    async def work() -> int:
        async with agents(limit=64) as team:
            children = [team.spawn(child, number=number) for number in range(10_000)]
        return sum(one.outcome.value for one in children)

    outcome = perform(work, tmp_path)

    assert outcome.value == sum(range(10_000))
    assert most < 64 + 20


@pytest.mark.parametrize(("limit", "live"), [(3, None), (50, 3)], ids=["by the team's limit", "by the budget's live"])
def test_no_more_children_are_at_work_than_allowed(tmp_path: Path, limit: int, live: int | None) -> None:
    """The engine never sees more requests at once than agents may be at work."""
    engine = answering(latency=0.03)

    async def work() -> None:
        async with agents(limit=limit) as team:
            for number in range(30):
                team.spawn(ask, question=str(number))

    outcome = perform(work, tmp_path, engine, budget=Budget(tokens=1_000_000, live=live))

    assert outcome.accepted
    assert engine.calls == 30
    assert engine.peak == 3


def test_teams_of_one_run_share_its_live_places(tmp_path: Path) -> None:
    """`live` bounds the agents of all teams of a run together, and no team starves."""
    engine = answering(latency=0.03)

    async def half(name: str) -> int:
        async with agents(limit=50) as team:
            children = [team.spawn(ask, question=f"{name}{number}") for number in range(10)]
        return sum(child.outcome.accepted for child in children)

    async def work() -> int:
        return sum(await asyncio.gather(half("a"), half("b")))

    outcome = perform(work, tmp_path, engine, budget=Budget(tokens=1_000_000, live=4))

    assert outcome.value == 20
    assert engine.peak == 4


def test_refusing_instead_of_waiting_ends_a_child_for_whom_there_is_no_live_place(tmp_path: Path) -> None:
    """With `on_full="refuse"`, one child too many ends at once and names the limit."""

    async def work() -> list[str]:
        async with agents() as team:
            children = [team.spawn(nap, number=number) for number in range(3)]
        return [child.outcome.limit_hit for child in children]

    outcome = perform(work, tmp_path, budget=Budget(tokens=1, live=2), on_full="refuse")

    assert outcome.value == ["", "", "live of the run"]


@pytest.mark.parametrize(
    ("budget", "limit_hit"),
    [
        pytest.param(Budget(tokens=1, agents=2), "agents of the run", id="fan-out"),
        pytest.param(Budget(tokens=1, depth=0), "depth of the run", id="depth"),
    ],
)
def test_a_child_beyond_a_limit_ends_at_once_and_names_it(tmp_path: Path, budget: Budget, limit_hit: str) -> None:
    """Depth and fan-out are refused at spawn; nothing is started."""

    async def work() -> Any:
        async with agents() as team:
            children = [team.spawn(nap, number=number) for number in range(3)]
            assert children[-1].is_done
        return children[-1].outcome.status, children[-1].outcome.limit_hit

    outcome = perform(work, tmp_path, budget=budget)

    assert outcome.value == ("budget_exhausted", limit_hit)


def test_depth_counts_agents_above_agents(tmp_path: Path) -> None:
    """With `depth=2` a grandchild works, and its child is refused."""

    async def dig(left: int) -> str:
        async with agents() as team:
            child = team.spawn(dig, left=left - 1) if left else None
        return "floor" if child is None else str(child.outcome.value or child.outcome.limit_hit)

    outcome = perform(partial(dig, left=5), tmp_path, budget=Budget(tokens=1, depth=2))

    assert outcome.value == "depth of the run"


@pytest.mark.slow
def test_a_thousand_spawned_children_take_at_most_three_megabytes(tmp_path: Path) -> None:
    """What a child needs while it is in line, at work and kept by its parent is bounded."""

    async def work() -> float:
        async with agents(limit=64) as team:
            for number in range(100):
                team.spawn(nap, number=-number)
        before = tracemalloc.get_traced_memory()[0]
        async with agents(limit=64) as team:
            for number in range(3_000):
                team.spawn(nap, number=number)
        return (tracemalloc.get_traced_memory()[1] - before) / 3_000

    tracemalloc.start()
    try:
        outcome = perform(work, tmp_path)
    finally:
        tracemalloc.stop()

    assert outcome.value <= 3_000


# map


def test_map_takes_items_as_late_as_it_can(tmp_path: Path) -> None:
    """At most two windows of items are in hand, so an endless source is no danger."""
    taken = 0

    def endless() -> Iterator[dict[str, int]]:
        nonlocal taken
        while True:
            taken += 1
            yield {"number": taken}

    async def work() -> tuple[int, int]:
        seen = 0
        async with agents(limit=4) as team:
            async for _ in team.map(nap, endless()):
                seen += 1
                assert taken - seen <= 8
                if seen == 100:
                    break
        return seen, len(team.children)

    assert perform(work, tmp_path).value == (100, 0)


@pytest.mark.parametrize("ordered", [True, False], ids=["in order", "as completed"])
def test_map_gives_children_in_the_order_asked_for(tmp_path: Path, ordered: bool) -> None:
    """With `ordered` children come as their items did; otherwise the quick ones come first."""

    async def work() -> list[int]:
        first_may_go = asyncio.Event()

        async def child(number: int) -> int:
            await (first_may_go.wait() if number == 0 else asyncio.sleep(0))
            if number == 5:
                first_may_go.set()
            return number

        async with agents(limit=3) as team:
            items = ({"number": number} for number in range(6))
            return [one.outcome.value async for one in team.map(child, items, ordered=ordered)]

    values = perform(work, tmp_path).value

    assert sorted(values) == list(range(6))
    assert (values == list(range(6))) is ordered
    assert (values[0] == 0) is ordered


@pytest.mark.slow
def test_map_drops_a_child_once_it_was_yielded(tmp_path: Path) -> None:
    """A child is forgotten when the loop goes on, so memory does not grow with the number of items."""

    async def work() -> int:
        gc.freeze()  # only what this test makes is looked through
        seen: list[weakref.ref[Any]] = []
        most = 0
        async with agents(limit=2) as team:
            async for child in team.map(nap, ({"number": number} for number in range(50))):
                seen.append(weakref.ref(child))
                del child
                gc.collect()
                most = max(most, sum(reference() is not None for reference in seen))
        return most

    most = perform(work, tmp_path).value
    gc.unfreeze()

    assert most <= 8


def test_a_slow_source_does_not_hold_back_finished_children(tmp_path: Path) -> None:
    """While an async source waits, children that ended are yielded: here the source waits for one of them."""

    async def work() -> list[int]:
        first_ended = asyncio.Event()

        async def slowly() -> AsyncIterator[dict[str, int]]:
            yield {"number": 0}
            await first_ended.wait()
            yield {"number": 1}

        got = []
        async with agents() as team:
            async for child in team.map(nap, slowly()):
                got.append(child.outcome.value)
                first_ended.set()
        return got

    assert perform(work, tmp_path).value == [0, 1]


def test_an_async_source_keeps_its_context_from_item_to_item(tmp_path: Path) -> None:
    """A source may hold `dspy.context` open across its items."""

    async def source() -> AsyncIterator[dict[str, int]]:
        with dspy.context(colour="red"):
            for number in range(3):
                yield {"number": number}

    async def work() -> int:
        async with agents(limit=1) as team:
            return len([child async for child in team.map(nap, source())])

    assert perform(work, tmp_path).value == 3


def broken(kind: str) -> Any:
    if kind == "strings":
        return ["not", "a", "mapping"]
    if kind == "none":
        return [None]

    def failing() -> Iterator[dict[str, int]]:
        yield {"number": 1}
        raise OSError("the disk is gone")

    async def afailing() -> AsyncIterator[dict[str, int]]:
        for item in failing():
            yield item

    return failing() if kind == "sync" else afailing()


@pytest.mark.parametrize(
    ("kind", "message"),
    [("strings", "inputs of each child by name"), ("none", "by name"), ("sync", "disk"), ("async", "disk")],
)
def test_a_source_that_fails_is_heard_of(tmp_path: Path, kind: str, message: str) -> None:
    """An error of the source leaves the block like any other, and nothing hangs."""

    async def work() -> None:
        async with agents() as team:
            async for _ in team.map(nap, broken(kind)):
                pass

    outcome = perform(work, tmp_path)

    assert outcome.status == "failed"
    assert message in outcome.feedback


def test_two_maps_of_one_team_run_side_by_side(tmp_path: Path) -> None:
    """Each map yields its own children, and neither misses a wake-up."""

    async def work() -> list[int]:
        async with agents(limit=3) as team:

            async def total(start: int) -> int:
                items = ({"number": number} for number in range(start, start + 20))
                return sum([child.outcome.value async for child in team.map(nap, items)])

            return list(await asyncio.gather(total(0), total(100)))

    assert perform(work, tmp_path).value == [sum(range(20)), sum(range(100, 120))]


# order and identity


def test_higher_priority_starts_first(tmp_path: Path) -> None:
    """Among those in line the highest priority starts first, equals in order of spawning."""
    started: list[str] = []

    async def child(name: str) -> None:
        started.append(name)

    async def work() -> None:
        async with agents(limit=1) as team:
            team.spawn(child, name="first")
            team.spawn(child, name="low")
            team.within(priority=5).spawn(child, name="high")
            team.spawn(child, name="low too")

    perform(work, tmp_path)

    assert started == ["first", "high", "low", "low too"]


def test_equal_children_get_ordinals_and_keys_name_others(tmp_path: Path) -> None:
    """A child's path is its content, an ordinal among equals, or the caller's key."""

    async def work() -> list[str]:
        async with agents() as team:
            twins = [team.spawn(nap, number=1) for _ in range(2)]
            keyed = [team.within(key="k").spawn(nap, number=n) for n in range(2)]
        return [child.path for child in twins + keyed]

    first, second, third, fourth = perform(work, tmp_path).value

    assert second == f"{first}.1"
    assert (third, fourth) == ("/nap:k", "/nap:k.1")


# what becomes of them


def raising(error: BaseException) -> Callable[[], Any]:
    async def child() -> None:
        raise error

    return child


async def in_a_group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(raising(BudgetHalt("usd of the run"))())
        group.create_task(asyncio.sleep(10))


def without_place(feedback: str) -> str:
    """A feedback without the line of this file that it names."""
    return re.sub(r" \(test_scheduler\.py:\d+\)$", "", feedback)


ENDINGS = [
    pytest.param(raising(ValueError("odd")), "failed", "ValueError: odd", id="an error of the user's code fails it"),
    pytest.param(raising(SystemExit(3)), "failed", "SystemExit: 3", id="so does leaving the interpreter"),
    pytest.param(raising(BudgetHalt("usd of x")), "budget_exhausted", "usd of x", id="a halt exhausts it"),
    pytest.param(in_a_group, "budget_exhausted", "usd of the run", id="also inside an exception group"),
    pytest.param(raising(LoopHalt("again")), "no_progress", "again", id="a loop is no progress"),
    pytest.param(raising(EngineFailed("down")), "engine_failed", "down", id="a provider's failure is named so"),
    pytest.param(raising(asyncio.CancelledError()), "cancelled", "cancelled", id="a cancellation cancels it"),
    pytest.param(
        lambda: next(iter(())), "failed", "RuntimeError: raised StopIteration()", id="even StopIteration ends"
    ),
]


@pytest.mark.parametrize(("target", "status", "feedback"), ENDINGS)
def test_whatever_a_child_raises_becomes_its_outcome(
    tmp_path: Path, target: Callable[[], Any], status: str, feedback: str
) -> None:
    """No error of a child leaves it, and its siblings go on."""

    async def work() -> tuple[str, str, str]:
        async with agents() as team:
            child, sibling = team.spawn(target), team.spawn(nap, number=1)
        return child.outcome.status, child.outcome.feedback, sibling.outcome.status

    seen = perform(work, tmp_path).value

    assert (seen[0], without_place(seen[1]), seen[2]) == (status, feedback, "accepted")


def test_a_rejected_step_ends_its_child_rejected_either_way(tmp_path: Path) -> None:
    """Spawned as a step or called inside a function, a rejection is a rejection, with the validator's words."""
    picky = Step("question -> answer", validate=lambda inputs, prediction: False, name="picky")

    async def caller(question: str) -> None:
        await picky.acall(question=question)

    async def work() -> list[Any]:
        async with agents() as team:
            children = [team.spawn(picky, question="a"), team.spawn(caller, question="b")]
        return [(child.outcome.status, type(child.outcome.error)) for child in children]

    assert perform(work, tmp_path).value == [("rejected", type(None)), ("rejected", StepRejected)]


class Plain(dspy.Module):  # type: ignore[misc]  # dspy is untyped
    def forward(self, question: str) -> str:
        return str(ask(question=question).answer)


class Awaited(dspy.Module):  # type: ignore[misc]  # dspy is untyped
    async def aforward(self, question: str) -> str:
        return str((await ask.acall(question=question)).answer)

    def method(self, question: str) -> str:
        return str(ask(question=question).answer)

    async def amethod(self, question: str) -> str:
        return str(ask(question=question).answer)


class Callable_:
    def __call__(self, question: str) -> str:
        return str(ask(question=question).answer)


class AsyncCallable:
    async def __call__(self, question: str) -> str:
        return str(ask(question=question).answer)


async def a_function(question: str) -> str:
    return str((await ask.acall(question=question)).answer)


def function(question: str) -> str:
    return str(ask(question=question).answer)


TARGETS = {
    "a step": ask,
    "a step within": ask.within(Budget(calls=3), key="k"),
    "a sync module": Plain(),
    "an async module": Awaited(),
    "a pipeline": pipeline(a_function),
    "a sync pipeline": pipeline(function),
    "a pipeline of a module": pipeline(Awaited()),
    "a pipeline of a sync module": pipeline(Plain()),
    "an async function": a_function,
    "a sync function": function,
    "a lambda": lambda question: function(question),
    "a lambda that gives a coroutine": lambda question: a_function(question),
    "a partial function": partial(function),
    "a partial async function": partial(a_function),
    "a method": Awaited().method,
    "an async method": Awaited().amethod,
    "a callable object": Callable_(),
    "an async callable object": AsyncCallable(),
}


@pytest.mark.parametrize("name", TARGETS)
def test_a_child_can_be_made_of_anything_that_can_be_called(tmp_path: Path, name: str) -> None:
    """Steps, modules, pipelines and functions of every kind do the work and spend on their own account."""

    async def work() -> tuple[str, Any, int]:
        async with agents() as team:
            outcome = await team.spawn(TARGETS[name], question="?")
        return outcome.status, getattr(outcome.value, "answer", outcome.value), outcome.spent.calls

    assert perform(work, tmp_path).value == ("accepted", "yes", 1)


def test_a_pipeline_with_its_arguments_can_be_spawned_as_it_stands(tmp_path: Path) -> None:
    """`spawn(totals(receipts))` does what it reads like."""

    async def work() -> str:
        async with agents() as team:
            return str((await team.spawn(pipeline(a_function)(question="?"))).value)

    assert perform(work, tmp_path).value == "yes"


def test_what_cannot_be_called_is_refused_where_it_is_spawned(tmp_path: Path) -> None:
    """The error names the thing, and comes from `spawn`, not from the child."""

    async def work() -> None:
        async with agents() as team:
            team.spawn("ask", question="?")

    assert "not of 'ask'" in perform(work, tmp_path).feedback


# waiting and stopping


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
