"""Children made from a source: taken late, given in order or as they end, and forgotten once given."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import dspy
import pytest

from agentflow import agents
from tests.crews import nap, perform


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
