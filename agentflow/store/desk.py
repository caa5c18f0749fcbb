"""Where one process writes: its connection, its ledger, its epoch, and one transaction per batch of work.

A piece of work that fails by its own fault is undone alone. When the store itself fails, the whole batch is undone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, NamedTuple, TypeAlias

from agentflow.store.file import CHECKPOINT_PAGES, StoreFile, is_busy, is_fatal
from agentflow.store.ledger import Ledger
from agentflow.store.locks import Turn
from agentflow.store.owners import Owners

_HASTY = 200
"""So many commits that may not block, and then one that may: it brings the log of the last ones into the file."""

Act: TypeAlias = "Callable[[Desk], Any]"
"""A piece of work: it writes with what the desk holds, inside the desk's transaction."""


class Result(NamedTuple):
    """What a piece of work gave, or the error that undid it."""

    value: Any = None
    error: Exception | None = None


class Desk:
    """Used by one thread at a time."""

    def __init__(self, file: StoreFile, clock: Callable[[], float], *, compact_steps: bool) -> None:
        self.connection = file.writer()
        self.committed: list[Result] | None = None
        """What the work gave that was committed last. None: it was undone."""
        self._results: list[Result] = []
        self._may_block, self._hasty = True, 0
        self._manners = (("busy_timeout", int(file.patience * 1_000), 0), ("wal_autocheckpoint", CHECKPOINT_PAGES, 0))
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

    def write(self, take: Callable[[], Sequence[Act]], *, may_block: bool = True) -> list[Result] | None:
        """Wait for this process's turn, take what is there by then, and commit it.

        Unless it *may_block*, nothing is waited for, and None says that nothing was taken either.
        """
        self.committed = None
        if not self._turn.begin(may_block=may_block):
            return None
        try:
            return self._write(take) if self._begin(may_block=may_block) else None
        finally:
            self._turn.end()

    def _write(self, take: Callable[[], Sequence[Act]]) -> list[Result]:
        """In an open transaction, or in two when some of the work fails by its own fault."""
        batch: Sequence[Act] = ()
        try:
            with self._committing():
                batch = take()
                self._results = [Result(act(self)) for act in batch]
            return self._results
        except Exception as error:  # because a bad event must not take down the others of its batch
            if is_fatal(error):
                raise
        with self._transaction():
            self._results = [self._attempt(act) for act in batch]
        return self._results

    def close(self, *, in_order: bool) -> None:
        """Give up what this process holds, and close. Out of order, whoever looks next charges what is left open."""
        if in_order:
            with suppress(sqlite3.Error, OSError), self._turn, self._transaction():
                self.owners.leave()
        self.connection.close()
        self.owners.close()
        self._turn.close()

    def _begin(self, *, may_block: bool) -> bool:
        """Open a transaction; False when another program holds the file, or when it is time to look after the log."""
        if may_block is not self._may_block:
            self._may_block = may_block
            for setting, patient, hasty in self._manners:
                self.connection.execute(f"PRAGMA {setting} = {patient if may_block else hasty}")
        self._hasty = 0 if may_block else self._hasty + 1
        if self._hasty > _HASTY:
            return False
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if may_block or not is_busy(error):
                raise
            return False
        return True

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        with self._committing():
            yield

    @contextmanager
    def _committing(self) -> Iterator[None]:
        """Commit what is done in this block, or undo all of it."""
        try:
            self.ledger.register.refresh()
            yield
            self.ledger.register.flush()
            self.connection.execute("COMMIT")
            self.committed = self._results
        except BaseException:
            self.ledger.register.forget()
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            else:
                self.committed = self._results
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
