"""Synchronous steps in asynchronous code: the loop stays free, and all passes as if nothing were there."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import dspy
import pytest

from agentflow import Step, agents, arun, bridge, pipeline, validators
from tests.crews import answering, ask, options, perform, soon

COLOUR: contextvars.ContextVar[str] = contextvars.ContextVar("colour", default="none")


def sync(question: str = "?") -> str:
    return str(ask(question=question).answer)


async def through(coroutine: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Await a coroutine from synchronous code on the bridge."""
    return bridge.wait_for(coroutine())


def on_a_bridged_loop(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    def run() -> Any:
        with asyncio.Runner() as runner:
            bridge.bridge_tasks(runner.get_loop())
            return runner.run(work())

    return soon(run)


async def asked_in(where: str) -> str:
    match where:
        case "itself":
            return sync()
        case "a task":
            return await asyncio.create_task(through_sync())
        case "a gather":
            return (await asyncio.gather(through_sync(), through_sync()))[1]
        case "a task group":
            async with asyncio.TaskGroup() as group:
                task = group.create_task(through_sync())
            return task.result()
        case _:
            async with asyncio.timeout(5):
                return sync()


async def through_sync() -> str:
    return sync()


@pytest.mark.parametrize("where", ["itself", "a task", "a gather", "a task group", "a timeout"])
def test_a_sync_step_leaves_the_loop_free(tmp_path: Path, where: str) -> None:
    """While a step called synchronously waits for its answer, a heartbeat goes on beating, in tasks of any origin."""
    engine, beats = answering(latency=0.1), 0

    async def heartbeat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.005)
            beats += bool(engine.inflight)

    async def work() -> str:
        beating = asyncio.create_task(heartbeat())
        try:
            return await asked_in(where)
        finally:
            beating.cancel()

    assert perform(work, tmp_path, engine).value == "yes"
    assert beats >= 5


def test_context_variables_pass_over_the_bridge_both_ways() -> None:
    """What synchronous code sets is seen by what it awaits, and what that sets is seen after it."""

    async def inner() -> str:
        seen = COLOUR.get()
        await asyncio.sleep(0)
        COLOUR.set("blue")
        return seen

    async def work() -> tuple[str, str]:
        COLOUR.set("red")
        await asyncio.sleep(0)
        with dspy.context(shade="dark"):
            seen = await through(inner)
        return seen, COLOUR.get()

    assert on_a_bridged_loop(work) == ("red", "blue")


def test_an_error_reaches_the_synchronous_code_that_asked() -> None:
    """It can be caught there, and the code goes on to ask again."""

    async def broken() -> None:
        await asyncio.sleep(0)
        raise KeyError("gone")

    async def whole() -> str:
        return "whole"

    async def work() -> str:
        with pytest.raises(KeyError, match="gone"):
            bridge.wait_for(broken())
        return bridge.wait_for(whole())

    assert on_a_bridged_loop(work) == "whole"


def test_a_cancellation_reaches_the_synchronous_code_and_what_it_awaits() -> None:
    """Both clean up, and the task ends cancelled."""
    cleaned = []

    async def slow() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            cleaned.append("awaited")

    async def victim() -> None:
        try:
            bridge.wait_for(slow())
        finally:
            cleaned.append("synchronous")

    async def work() -> bool:
        task = asyncio.create_task(victim())
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert on_a_bridged_loop(work) is True
    assert cleaned == ["awaited", "synchronous"]


def test_a_timeout_inside_stops_a_synchronous_wait() -> None:
    """`asyncio.timeout` works around synchronous code that awaits."""

    async def work() -> str:
        try:
            async with asyncio.timeout(0.01):
                bridge.wait_for(asyncio.sleep(30))
        except TimeoutError:
            return "in time"
        return "late"

    assert on_a_bridged_loop(work) == "in time"


@pytest.mark.parametrize("depth", [1, 2, 5, 50])
def test_synchronous_and_asynchronous_code_may_alternate_to_any_depth(depth: int) -> None:
    """What synchronous code awaits may call synchronous code that awaits, and so on."""

    async def down(left: int) -> int:
        await asyncio.sleep(0)
        value = bridge.wait_for(down(left - 1)) if left else 0
        await asyncio.sleep(0)
        return int(value) + 1

    async def work() -> list[int]:
        return list(await asyncio.gather(*(down(depth) for _ in range(3))))

    assert on_a_bridged_loop(work) == [depth + 1] * 3


def test_a_bridge_across_a_bridge_finds_its_way_back() -> None:
    """A coroutine bridged by hand inside a bridged task may be taken up again by another greenlet."""

    async def inner() -> str:
        for _ in range(3):
            bridge.wait_for(asyncio.sleep(0))
            await asyncio.sleep(0)
        return "back"

    async def work() -> str:
        return str(await bridge.bridged(inner()))

    assert on_a_bridged_loop(work) == "back"


class Pair(dspy.Module):  # type: ignore[misc]  # dspy is untyped
    """A module whose asynchronous face calls steps synchronously."""

    def __init__(self) -> None:
        super().__init__()
        self.first = ask

    def forward(self, question: str) -> Any:
        return dspy.Prediction(answer=self.first(question=question).answer)

    async def aforward(self, question: str) -> Any:
        await asyncio.sleep(0)
        return self.forward(question)


def test_a_step_of_steps_works_synchronously_inside_an_async_pipeline(tmp_path: Path) -> None:
    """A synchronous step whose module awaits and calls another step synchronously."""
    outer = Step(Pair(), validate=validators.none(reason="made of a checked step"), name="outer")

    async def work() -> str:
        return str(outer(question="?").answer)

    assert perform(work, tmp_path).value == "yes"


def test_a_task_cancelled_before_its_first_step_complains_of_nothing() -> None:
    """No coroutine is left that was never awaited: warnings are errors here."""

    async def never() -> None:
        raise AssertionError("it must not begin")

    async def work() -> int:
        tasks = [asyncio.create_task(never()) for _ in range(3)]
        for task in tasks:
            task.cancel()
        return sum(task.cancelled() for task in (await asyncio.wait(tasks))[0])

    assert on_a_bridged_loop(work) == 3


def test_an_interrupt_passes_over_the_bridge() -> None:
    """KeyboardInterrupt in what synchronous code awaits leaves the loop as it would anywhere."""

    async def interrupted() -> None:
        raise KeyboardInterrupt

    async def work() -> None:
        bridge.wait_for(interrupted())

    with pytest.raises(KeyboardInterrupt):
        on_a_bridged_loop(work)


def test_on_a_foreign_loop_a_pipeline_and_its_children_stand_on_a_bridge(tmp_path: Path) -> None:
    """`arun` bridges what it starts itself."""

    async def child() -> str:
        return sync("child")

    async def work() -> list[str]:
        async with agents() as team:
            spawned = team.spawn(child)
        return [sync("own"), spawned.outcome.value]

    outcome = soon(lambda: asyncio.run(arun(pipeline(work)(), **options(tmp_path))))

    assert outcome.value == ["yes", "yes"]


def test_on_a_foreign_loop_a_task_of_ones_own_must_await_its_steps(tmp_path: Path) -> None:
    """There a synchronous call would block the loop, and the error says what to write instead."""

    async def work() -> str:
        return await asyncio.create_task(through_sync())

    outcome = soon(lambda: asyncio.run(arun(pipeline(work)(), **options(tmp_path))))

    assert outcome.status == "failed"
    assert "write `await ask.acall(…)`" in outcome.feedback


def test_a_thread_of_the_pipeline_waits_on_its_own(tmp_path: Path) -> None:
    """Code in a thread is on no bridge: it blocks its thread, and the loop goes on."""
    engine = answering(latency=0.02)

    async def work() -> tuple[str, str]:
        name = await asyncio.to_thread(lambda: f"{threading.current_thread() is threading.main_thread()}")
        return name, await asyncio.to_thread(sync)

    assert perform(work, tmp_path, engine).value == ("False", "yes")
