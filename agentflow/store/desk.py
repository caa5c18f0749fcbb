"""Where one process writes: its connection, its ledger, its epoch, and one transaction per batch of work.

A piece of work that fails by its own fault is undone alone. When the store itself fails, the whole batch is undone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, NamedTuple, TypeAlias

from agentflow.store.file import StoreFile, is_fatal
from agentflow.store.ledger import Ledger
from agentflow.store.locks import Turn
from agentflow.store.owners import Owners

Act: TypeAlias = "Callable[[Desk], Any]"
"""A piece of work: it writes with what the desk holds, inside the desk's transaction."""


class Result(NamedTuple):
    """What a piece of work gave, or the error that undid it."""

    value: Any = None
    error: Exception | None = None


class Desk:
    """Opened by the writer's thread, used by it alone."""

    def __init__(self, file: StoreFile, clock: Callable[[], float], *, compact_steps: bool) -> None:
        self.connection = file.writer()
        with ExitStack() as undoing:
            undoing.callback(self.connection.close)
            self.ledger = Ledger(self.connection, clock, compact_steps=compact_steps)
            self.owners = Owners(self.connection, self.ledger, file.locks)
            undoing.callback(self.owners.close)
            self._turn = Turn(file.locks)
            undoing.callback(self._turn.close)
            with self._turn, self._transaction():
                self.owners.enter()
            undoing.pop_all()  # open from here on

    def write(self, take: Callable[[], Sequence[Act]]) -> list[Result]:
        """Wait for this process's turn, take what is there by then, and commit it."""
        with self._turn:
            batch = take()
            try:
                with self._transaction():
                    return [Result(act(self)) for act in batch]
            except Exception as error:  # because a bad event must not take down the others of its batch
                if is_fatal(error):
                    raise
            with self._transaction():
                return [self._attempt(act) for act in batch]

    def close(self, *, in_order: bool) -> None:
        """Give up what this process holds, and close. Out of order, whoever looks next charges what is left open."""
        if in_order:
            with suppress(sqlite3.Error, OSError), self._turn, self._transaction():
                self.owners.leave()
        self.connection.close()
        self.owners.close()
        self._turn.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            self.ledger.register.refresh()
            yield
            self.ledger.register.flush()
            self.connection.execute("COMMIT")
        except BaseException:
            self.ledger.register.forget()
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    def _attempt(self, act: Act) -> Result:
        self.connection.execute("SAVEPOINT attempt")
        try:
            value = act(self)
            self.ledger.register.flush()
        except Exception as error:  # because its author is told through the future, and nobody else has to know
            if is_fatal(error):
                raise
            self.ledger.register.forget()
            self.connection.execute("ROLLBACK TO attempt")
            self.connection.execute("RELEASE attempt")
            return Result(error=error)
        self.connection.execute("RELEASE attempt")
        return Result(value)
