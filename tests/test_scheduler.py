"""Children at work: how many at a time, in which order, and under which names."""

from __future__ import annotations

import asyncio
import tracemalloc
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agentflow import Budget, agents
from tests.crews import answering, ask, nap, perform


def live_tasks() -> int:
    return len(asyncio.all_tasks())


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
