"""Small runs for tests of agents: a step that costs one call, an engine that answers at once, and a deadline."""

from __future__ import annotations

import asyncio
import faulthandler
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from agentflow import Budget, Ladder, Price, Step, Tier, compat, pipeline, run, validators
from agentflow.runs import RunOutcome
from agentflow.testing import ScriptedEngine, chat

T = TypeVar("T")

FREE = Price.per_million(0, 0)
PLENTY = Budget(tokens=50_000_000)
ask = Step("question -> answer", validate=validators.none(reason="any answer will do here"), name="ask", loop_key=None)


def answering(latency: float = 0.0) -> ScriptedEngine:
    """An engine that says yes to everything."""
    return ScriptedEngine(lambda request: chat(answer="yes"), latency=latency)


def ladder_of(engine: ScriptedEngine, *, attempts: int = 1, max_tokens: int = 64) -> Ladder:
    return Ladder(Tier("test/yes", engine=engine, price=FREE, attempts=attempts, max_tokens=max_tokens, min_tokens=16))


def options(state: Path, engine: ScriptedEngine | None = None, **more: Any) -> dict[str, Any]:
    """Options of a run that need not be resumed."""
    ladder = ladder_of(engine if engine is not None else answering())
    return {"ladder": ladder, "budget": PLENTY, "state": state, "resumable": False, **more}


def perform(work: Callable[..., Any], state: Path, engine: ScriptedEngine | None = None, **more: Any) -> RunOutcome:
    """Run a function as a pipeline, and give up when it hangs."""
    return soon(lambda: run(pipeline(work)(), **options(state, engine, **more)))


def soon(work: Callable[[], T], *, seconds: float = 20.0) -> T:
    """What *work* gives; a test that waits longer shows where every thread stands, and fails."""
    done = Future[T]()

    def attempt() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001  # because it must cross to the waiting test
            done.set_exception(error)

    threading.Thread(target=attempt, daemon=True).start()
    try:
        return done.result(seconds)
    except TimeoutError:
        if not done.done():
            faulthandler.dump_traceback()
        raise


async def nap(**inputs: Any) -> Any:
    await asyncio.sleep(0.001)
    return inputs.get("number")


def account() -> Any:
    scope = compat.current_scope()
    assert scope is not None
    return scope.account


def raising(error: BaseException) -> Callable[[], Any]:
    async def child() -> None:
        raise error

    return child


def without_place(feedback: str) -> str:
    """A feedback without the line that it names."""
    return re.sub(r" \(\w+\.py:\d+\)$", "", feedback)
