"""Processes that spend, simulated in one thread: each has its own store, its own accounts, and errands under way.

An errand is the house's own work of reserving or carving, taken one wait at a time, so that a test decides who is next.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from agentflow.account import Account
from agentflow.effects import Pause, Work
from agentflow.engines.tiers import Tiers
from agentflow.errors import StoreFailed
from agentflow.events import Event
from agentflow.reservation import Ask, Ticket
from agentflow.scope import Run, Scope
from agentflow.standing import Standing
from agentflow.store import Store
from agentflow.store.sqlite import SQLiteStore
from agentflow.usage import Amount

TEAM = "team"


class Prompt:
    """A store whose writes are committed when they return; once it is killed it swallows them."""

    def __init__(self, store: SQLiteStore) -> None:
        self.store = store
        self.is_dead = False

    def append(self, *events: Event) -> Future[Any]:
        return self._done(lambda: self.store.append(*events))

    def grant(self, account: str, want: Amount, least: Amount) -> Future[Any]:
        return self._done(lambda: self.store.grant(account, want, least))

    def give_back(self, account: str, amount: Amount) -> Future[Any]:
        return self._done(lambda: self.store.give_back(account, amount))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def _done(self, act: Callable[[], Future[Any]]) -> Future[Any]:
        if self.is_dead:
            nothing: Future[Any] = Future()
            nothing.set_result(None)
            return nothing
        future = act()
        with suppress(StoreFailed):  # whoever looks at the future is told
            future.result()
        return future


def kill(store: SQLiteStore) -> None:
    """Let go of the store as a killed process does: nothing is settled, nothing given back, the lock is free."""
    store._writer._fail(StoreFailed("killed"))
    store.close()


@dataclass(eq=False)
class Errand:
    """One piece of work under way: who asked for what, and how its answer is taken."""

    work: Work[Any]
    account: Account
    ask: Ask | None
    finish: Callable[[Any], None]
    parked: Future[Any] | None = None
    """What it waits for. None: for time to pass."""
    is_over: bool = False


class Process:
    """One process that holds one run."""

    def __init__(self, store: SQLiteStore, run: str, account: Account, standing: Standing | None) -> None:
        self.store = Prompt(store)
        self.name = run
        self.errands: list[Errand] = []
        account.is_run = True
        self.run = Run(run, cast("Store", self.store), account, cast("Tiers", None), standing=standing)

    def scope(self, account: Account) -> Scope:
        return Scope(self.run, account, account.path)

    def begin(self, errand: Errand) -> None:
        self.errands.append(errand)
        self.go_on(errand)

    def go_on(self, errand: Errand, error: BaseException | None = None) -> None:
        """Let it work until it must wait for somebody else, or for time."""
        result = errand.parked.result() if errand.parked is not None and error is None else None
        try:
            while True:
                effect = errand.work.throw(error) if error is not None else errand.work.send(result)
                error, result = None, None
                if isinstance(effect, Pause):
                    errand.parked = None
                    return
                future = cast("Any", effect).future
                if self.is_of_somebody(future):
                    errand.parked = future
                    self.expect(errand)
                    return
                try:
                    result = future.result(30)
                except StoreFailed as failed:
                    error = failed
        except StopIteration as end:
            self._end(errand)
            errand.finish(end.value)
        except CancelledError:
            self._end(errand)

    def expect(self, errand: Errand) -> None:
        """It has begun to wait for somebody."""

    def is_of_somebody(self, future: Future[Any]) -> bool:
        """Whether only another errand can bring it about."""
        if future.done():
            return False
        turns = self.run.standing._turns if self.run.standing is not None else ()
        return future in turns or any(ticket.future is future for ticket in self.tickets())

    def tickets(self) -> list[Ticket]:
        return list(self.run.account._tree.tickets)

    def settle_down(self) -> None:
        """Whoever's turn has come goes on."""
        while ready := [e for e in self.errands if e.parked is not None and e.parked.done()]:
            self.go_on(ready[0])

    def pump(self) -> None:
        """Time has passed."""
        for errand in [e for e in self.errands if e.parked is None]:
            if not errand.is_over:
                self.go_on(errand)
                self.settle_down()

    def die(self) -> None:
        self.store.is_dead = True
        kill(self.store.store)

    def _end(self, errand: Errand) -> None:
        errand.is_over = True
        self.errands.remove(errand)
