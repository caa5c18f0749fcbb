"""Places: who is let in, who gives way, and that they add up whatever happens."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

import pytest

from agentflow.account import Account
from agentflow.budget import Budget
from agentflow.places import Place, Places
from tests.crews import soon


class Line:
    """People in line for places, and the places of those who came in."""

    def __init__(self, limit: int, account: Account | None = None, people: int = 0) -> None:
        self.people = people
        self.at_work: list[Place] = []
        self.account = account if account is not None else Account(Budget())
        self.places = Places(limit, self.account, self.start)

    def start(self, place: Place) -> bool:
        if not self.people:
            return False
        self.people -= 1
        self.at_work.append(place)
        return True


def on_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an asynchronous test on a loop of its own."""

    @wraps(test)
    def run(**given: Any) -> None:
        soon(lambda: asyncio.run(test(**given)))

    return run


async def turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@on_a_loop
async def test_as_many_come_in_as_there_are_places() -> None:
    """Places fill up to the limit, and one left twice is free once."""
    line = Line(2, people=5)

    line.places.fill()
    line.places.fill()

    assert len(line.at_work) == 2
    line.at_work[0].leave()
    line.at_work[0].leave()
    assert len(line.at_work) == 3


@on_a_loop
async def test_who_wakes_goes_before_who_starts() -> None:
    """An agent that was at work before is let in first."""
    line = Line(1, people=3)
    line.places.fill()
    first = line.at_work[0]
    first.rest()
    waking = asyncio.ensure_future(first.wake())
    await turn()

    line.at_work[1].leave()
    await turn()

    assert waking.done()
    assert len(line.at_work) == 2
    first.leave()
    assert len(line.at_work) == 3


@on_a_loop
async def test_an_agent_that_rests_twice_is_at_rest_until_the_last_wakes() -> None:
    """Two tasks of one agent may wait at once, and it holds no place meanwhile."""
    line = Line(1, people=2)
    line.places.fill()
    first = line.at_work[0]
    first.rest()
    first.rest()

    await first.wake()

    assert len(line.at_work) == 2
    waking = asyncio.ensure_future(first.wake())
    await turn()
    assert not waking.done()
    line.at_work[1].leave()
    await waking


@on_a_loop
async def test_resting_again_while_waking_counts_once() -> None:
    """A place granted to an agent that waits again is given on."""
    line = Line(1, people=2)
    line.places.fill()
    first, second = line.at_work[0], None
    first.rest()
    second = line.at_work[1]
    waking = asyncio.ensure_future(first.wake())
    await turn()
    first.rest()

    second.leave()
    await waking

    line.people = 1
    line.places.fill()
    assert len(line.at_work) == 3
    line.at_work[2].leave()
    await first.wake()
    first.leave()
    line.people = 2
    line.places.fill()
    assert len(line.at_work) == 4


@pytest.mark.parametrize("is_granted", [False, True], ids=["in line", "in the instant it is let in"])
@on_a_loop
async def test_who_is_cancelled_while_waking_holds_one_place_until_it_leaves(is_granted: bool) -> None:
    """It goes on at once, to be stopped, and leaves nothing behind."""
    line = Line(1, Account(Budget(live=1)), people=2)
    line.places.fill()
    first = line.at_work[0]
    first.rest()
    waking = asyncio.ensure_future(first.wake())
    await turn()

    if is_granted:
        line.at_work[1].leave()
    waking.cancel()
    await asyncio.wait([waking])

    first.leave()
    if not is_granted:
        line.at_work[1].leave()
    assert line.account.live == 0
    later = asyncio.ensure_future(line.places.take_again())
    await turn()
    assert later.done()


@on_a_loop
async def test_a_task_that_outlives_its_agent_takes_no_place() -> None:
    """Whoever left cannot come back."""
    line = Line(1, Account(Budget(live=1)), people=1)
    line.places.fill()
    place = line.at_work[0]
    place.rest()
    place.leave()

    await place.wake()
    place.rest()
    await place.wake()

    assert line.account.live == 0


@on_a_loop
async def test_a_place_given_back_lets_in_another_team() -> None:
    """Teams below one limited account fill each other's places."""
    run = Account(Budget(live=1))
    here, there = Line(5, run, people=1), Line(5, Account(Budget(), parent=run), people=1)
    here.places.fill()
    there.places.fill()
    assert not there.at_work

    here.at_work[0].leave()

    assert len(there.at_work) == 1
    assert run.live == 1


def test_teams_on_loops_of_two_threads_share_the_places_of_a_run() -> None:
    """What is given back on one loop lets somebody in on the other, and nobody is started on a wrong loop."""
    run, are_started = Account(Budget(live=1)), list[str]()
    may_leave, is_in = threading.Event(), threading.Event()

    async def first() -> None:
        line = Line(1, run, people=1)
        line.places.fill()
        is_in.set()
        await asyncio.get_running_loop().run_in_executor(None, may_leave.wait)
        line.at_work[0].leave()

    async def second() -> None:
        is_in.wait()
        line = Line(1, run, people=1)
        line.places.fill()
        assert not line.at_work
        may_leave.set()
        while not line.at_work:
            await asyncio.sleep(0.001)
        are_started.append(threading.current_thread().name)

    def both() -> None:
        thread = threading.Thread(target=lambda: asyncio.run(first()), daemon=True)
        thread.start()
        asyncio.run(second())
        thread.join()

    soon(both)

    assert len(are_started) == 1
    assert run.live == 1
