"""Nothing waits for ever: each of these once could, and each has a short deadline."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from agentflow import Budget, Ladder, Tier, agents, compat, pipeline
from agentflow.engines.tiers import Tiers
from agentflow.events import CallIntended, CallSettled, Event
from agentflow.prices import PriceTable
from agentflow.runs import RunOptions
from agentflow.settings import load_settings
from agentflow.sitting import Sitting
from agentflow.store import Store
from agentflow.store.sqlite import open_store
from tests.crews import FREE, PLENTY, answering, ask, ladder_of, perform, soon
from tests.stores import started

pytestmark = pytest.mark.slow


def database_in(state: Path) -> Path:
    return load_settings({"state": str(state)}).database


async def tree(depth: int, name: str = "") -> int:
    """An agent with two children each, so deep, that asks once itself."""
    asked = int(bool((await ask.acall(question=f"at {depth} {name}")).answer))
    if depth:
        async with agents(limit=1) as team:
            children = [team.spawn(tree, depth=depth - 1, name=f"{name}{side}") for side in "lr"]
        asked += sum(child.outcome.value for child in children)
    return asked


@pytest.mark.parametrize(
    "budget",
    [
        pytest.param(Budget(tokens=10**7, live=1), id="when one agent may live at all"),
        pytest.param(Budget(tokens=10**7), id="when every team takes one at a time"),
    ],
)
def test_parents_that_wait_for_children_make_room_for_them(tmp_path: Path, budget: Budget) -> None:
    """Four levels of agents end, one at work at a time."""
    engine = answering()

    outcome = perform(lambda: tree(3), tmp_path, engine, budget=budget)

    assert outcome.value == engine.calls == 15
    if budget.live:
        assert engine.peak == 1


def test_awaiting_a_child_makes_room_as_leaving_the_block_does(tmp_path: Path) -> None:
    """At `live=1` a parent awaits each child in turn, asks in between, and all of them end."""

    async def parent(name: str) -> int:
        async with agents() as team:
            first = await team.spawn(ask, question=f"{name} first")
            await ask.acall(question=f"{name} between")
            second = await team.spawn(ask, question=f"{name} second")
        return int(first.accepted + second.accepted)

    async def work() -> list[int]:
        async with agents() as team:
            parents = [team.spawn(parent, name=name) for name in "abc"]
        return [one.outcome.value for one in parents]

    assert perform(work, tmp_path, budget=Budget(tokens=10**7, live=1)).value == [2, 2, 2]


def test_gathering_children_and_own_steps_at_once_ends(tmp_path: Path) -> None:
    """An agent that rests in several tasks at once, and works in others, neither hangs nor loses its place."""

    async def parent(name: str) -> int:
        async with agents() as team:
            children = [team.spawn(ask, question=f"{name}{number}") for number in range(4)]
            steps = [ask.acall(question=f"{name} own {number}") for number in range(3)]
            await asyncio.gather(*children, *steps)
            await asyncio.gather(*children, children[0], ask.acall(question=f"{name} again"))
        return len(children)

    async def work() -> tuple[int, int]:
        async with agents(limit=2) as team:
            parents = [team.spawn(parent, name=name) for name in "abcde"]
        scope = compat.current_scope()
        assert scope is not None
        return sum(one.outcome.value for one in parents), scope.account.live

    assert perform(work, tmp_path, budget=Budget(tokens=10**7, live=1)).value == (20, 0)


def test_cancelling_agents_while_they_wake_loses_no_place(tmp_path: Path) -> None:
    """Whoever is cancelled in line for a place leaves the line; the places add up in the end."""

    async def parent(number: int) -> None:
        async with agents() as team:
            child = team.spawn(asyncio.sleep, delay=0)
            async with asyncio.timeout(0.001 * (number % 4)):
                await child

    async def work() -> int:
        async with agents(limit=8) as team:
            for number in range(40):
                team.spawn(parent, number=number)
                await asyncio.sleep(0)
            await asyncio.sleep(0.005)
            team.cancel()
        scope = compat.current_scope()
        assert scope is not None
        return scope.account.live

    assert perform(work, tmp_path, budget=Budget(tokens=10**7, live=2)).value == 0


def test_a_carve_larger_than_what_is_left_is_refused_at_once(tmp_path: Path) -> None:
    """A carve waits for nobody: the child ends exhausted and names the limit, its siblings go on."""

    async def work() -> list[str]:
        async with agents(share="carve", each=Budget(calls=6)) as team:
            children = [team.within(key=str(n)).spawn(asyncio.sleep, delay=0.01) for n in range(3)]
            outcomes = [(await child).limit_hit for child in children]
            outcomes.append((await team.spawn(ask, question="?")).status)
        return outcomes

    outcome = perform(work, tmp_path, budget=Budget(tokens=10**6, calls=10))

    assert outcome.value == ["", "calls of the run", "calls of the run", "accepted"]
    assert not outcome.held


def test_waiting_for_money_that_is_on_the_wire_ends(tmp_path: Path) -> None:
    """Forty children share room for three requests at a time; sync ones wait in their threads."""
    engine = answering(latency=0.001)

    def sync(question: str) -> str:
        return str(ask(question=question).answer)

    async def work() -> int:
        async with agents() as team:
            children = [team.spawn(sync if number % 2 else ask, question=str(number)) for number in range(40)]
        return sum(child.outcome.accepted for child in children)

    outcome = perform(
        work, tmp_path, engine, budget=Budget(tokens=40 * 140), ladder=ladder_of(engine, max_tokens=1_000)
    )

    assert engine.calls == outcome.value
    assert outcome.value >= 10
    assert not outcome.held


def test_two_hundred_sync_children_do_not_wait_for_threads_of_a_pool(tmp_path: Path) -> None:
    """Sync children have threads of their own: all of them can be at work at once, and each may wait for another."""
    barrier: asyncio.Queue[int] = asyncio.Queue()
    gate = Future[None]()

    def child(number: int) -> int:
        barrier.put_nowait(number)
        if barrier.qsize() == 200:
            gate.set_result(None)
        gate.result(15)
        return int(bool(ask(question=str(number)).answer))

    async def work() -> int:
        async with agents(limit=200) as team:
            children = [team.spawn(child, number=number) for number in range(200)]
        return sum(one.outcome.value for one in children)

    assert perform(work, tmp_path).value == 200


# a slow journal


class SlowStore:
    """A store whose acknowledgements of some events come only when they are let go."""

    def __init__(self, store: Store, kind: type[Event]) -> None:
        self._store, self._kind = store, kind
        self.held: list[Future[None]] = []
        self.reached = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def append(self, *events: Event) -> Future[None]:
        written = self._store.append(*events)
        if not any(isinstance(event, self._kind) for event in events):
            return written
        written.result()
        self.held.append(Future())
        self.reached.set()
        return self.held[-1]


@pytest.mark.parametrize(("kind", "calls"), [(CallIntended, 0), (CallSettled, 1)], ids=["the intent", "the settlement"])
def test_cancelling_while_the_journal_is_slow_leaves_no_hold(tmp_path: Path, kind: type[Event], calls: int) -> None:
    """A child cancelled while its intent or settlement is being written ends, and nothing stays held."""
    engine = answering()

    async def sit() -> tuple[Any, Any]:
        store = open_store(database_in(tmp_path))
        slow = SlowStore(store, kind)

        async def work() -> str:
            async with agents() as team:
                child = team.spawn(ask, question="?")
                await slow.reached.wait()
                team.cancel()
            return child.outcome.status

        store.append(started("run-1", budget=PLENTY.to_json())).result()
        tiers = Tiers(load_settings({}), PriceTable({}))
        bound, ladder = pipeline(work)(), ladder_of(engine)
        sitting = Sitting(bound, slow, store.run("run-1"), tiers, ladder, RunOptions(), opening=started("run-1"))  # type: ignore[arg-type]
        try:
            return await sitting.hold(), store.totals("run-1")
        finally:
            store.close()

    outcome, totals = soon(lambda: asyncio.run(sit()))

    assert outcome.value == "cancelled"
    assert not outcome.held
    assert engine.calls == outcome.spent.calls == totals.spent.calls == calls


# a dead neighbour


HOLDER = """
    import os, sys, threading
    from pathlib import Path
    from agentflow import Budget, Ladder, Tier, pipeline, run
    from agentflow.testing import ScriptedEngine
    from tests.crews import FREE, ask

    def never(request):
        print("on the wire", flush=True)
        threading.Event().wait()

    @pipeline
    def work():
        ask(question="?")

    tier = Tier("test/never", engine=ScriptedEngine(never), price=FREE, max_tokens=100, min_tokens=100)
    run(work(), ladder=Ladder(tier), account="shared", state=Path(sys.argv[1]), resumable=False)
"""


def test_who_waits_behind_a_killed_process_is_told(tmp_path: Path) -> None:
    """What a dead process had on the wire is charged, and whoever waited for it hears that nothing comes back."""
    store = open_store(database_in(tmp_path))
    store.open_account("shared", Budget(tokens=1_400).to_json())
    store.close()
    command = [sys.executable, "-c", textwrap.dedent(HOLDER), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "on the wire\n"

        async def work() -> tuple[bool, str]:
            async with agents() as team:
                child = team.spawn(ask, question="mine")
                await asyncio.sleep(0.3)
                has_waited = not child.is_done
                holder.send_signal(signal.SIGKILL)
            return has_waited, child.outcome.status

        dear = Tier("test/yes", engine=answering(), price=FREE, max_tokens=1_250, min_tokens=1_250)
        outcome = perform(work, tmp_path, budget=None, account="shared", ladder=Ladder(dear))

    assert outcome.value == (True, "budget_exhausted")
    store = open_store(database_in(tmp_path))
    (standing,) = store.accounts()
    store.close()
    assert 0 < standing.spent.tokens <= 1_400
    assert not standing.granted
