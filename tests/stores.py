"""The stores that are held to the contract, and events to try them with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from agentflow.events import CallId, CallIntended, CallSettled, RunStarted, StepFinished
from agentflow.store import Store
from agentflow.store.sqlite import SQLiteStore
from agentflow.usage import NOTHING, Amount, Usage

STORES: dict[str, Callable[[Path], Store]] = {"sqlite": lambda folder: SQLiteStore(folder / "state" / "agentflow.db")}
"""Each opens the store in a folder, as another owner every time."""

KEY = "ab" * 32
RESERVED = Amount(100, 50, 1)
SPENT = Amount(60, 30, 1)


@contextmanager
def opener(open_store: Callable[[Path], Store], folder: Path) -> Iterator[Callable[[], Store]]:
    """Opens the same store again and again, and closes all of them in the end."""
    opened: list[Store] = []

    def open_one() -> Store:
        opened.append(open_store(folder))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


def with_run(store: Store) -> Store:
    """The store with a run, `run-1`, that this process holds."""
    store.append(started("run-1")).result()
    store.claim("run-1")
    return store


def started(run: str, **more: Any) -> RunStarted:
    return replace(RunStarted(run, "p.py:f", "h", "[]", "{}", "[]", "{}"), **more)


def call_id(path: str = "totals/read/1", key: str = KEY, occurrence: int = 0, wire: int = 0) -> CallId:
    return CallId("run-1", path, key, occurrence, wire)


def intended(id: CallId, reserved: Amount = RESERVED, account: str = "") -> CallIntended:
    return CallIntended(id, "small", "openai/small", reserved, "byte", 256, account)


def settled(id: CallId, spent: Amount = SPENT, response: str = '{"a":1}', over_bound: Amount = NOTHING) -> CallSettled:
    return CallSettled(id, spent, Usage(20, 10, 5, 0, 3), response, "stop", False, over_bound, 0.25)


def finished(path: str, **more: Any) -> StepFinished:
    return replace(StepFinished("run-1", path, "read", "cd" * 16, "accepted", "{}", "[]"), **more)
