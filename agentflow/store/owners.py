"""Who writes and who holds which run, as epochs: each process takes one, with a lock that ends when the process does.

Inside the open transaction. Nothing here guesses that a process is dead: its lock can be taken, or it is alive.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from agentflow.errors import RunIsLive, UnknownRun
from agentflow.store import standing
from agentflow.store.ledger import Ledger
from agentflow.store.locks import LockFile, is_held

OWNER_DIED = "owner died"
"""Why a request whose process is gone is `unknown`."""


class Owners:
    """The epochs of a store, seen by one of them."""

    def __init__(self, connection: sqlite3.Connection, ledger: Ledger, folder: Path) -> None:
        self._ledger = ledger
        self._connection = connection
        self._folder = folder
        self._lock: LockFile | None = None
        self.held = "RUN"
        """The run claimed last, for messages that say what to resume."""

    def enter(self) -> None:
        """Take an epoch, locked before anyone can see it."""
        cursor = self._connection.execute("INSERT INTO owner (pid) VALUES (?)", (os.getpid(),))
        epoch = int(cursor.lastrowid or 0)
        self._lock = LockFile(lock_path(self._folder, epoch))
        self._lock.lock()
        self._ledger.epoch = epoch

    def bury_dead(self) -> None:
        """Charge what dead owners left open, return their grants and drop their claims."""
        rows = self._connection.execute("SELECT epoch FROM owner WHERE epoch <> ?", (self._ledger.epoch,)).fetchall()
        for (epoch,) in rows:
            if not is_held(lock_path(self._folder, epoch)):
                self._bury(epoch, OWNER_DIED)

    def leave(self) -> None:
        """Give up everything this process holds; what it left open nobody will settle."""
        self._bury(self._ledger.epoch, "closed while in flight")

    def claim(self, run: str) -> None:
        """Hold *run*, unless a living owner does."""
        row = self._connection.execute(
            "SELECT run.epoch, pid FROM run LEFT JOIN owner ON owner.epoch = run.epoch WHERE name = ?", (run,)
        ).fetchone()
        if row is None:
            raise UnknownRun(f"there is no run {run} in the store; `agentflow runs` lists them")
        epoch, pid = row
        if epoch is not None:
            raise RunIsLive(f"run {run} is held by process {pid}; wait for it or stop it first: `kill -INT {pid}`")
        self._connection.execute("UPDATE run SET epoch = ? WHERE name = ?", (self._ledger.epoch, run))
        self.held = run

    def release(self, run: str) -> None:
        """Give *run* back, if it is ours."""
        self._connection.execute("UPDATE run SET epoch = NULL WHERE name = ? AND epoch = ?", (run, self._ledger.epoch))

    def close(self) -> None:
        """Let the lock go; what is still in our name is buried by the next one who looks."""
        if self._lock is not None:
            self._lock.close()

    def _bury(self, epoch: int, reason: str) -> None:
        self._ledger.calls.lose_all(epoch, reason)
        standing.return_grants(self._connection, epoch)
        self._connection.execute("UPDATE run SET epoch = NULL WHERE epoch = ?", (epoch,))
        self._connection.execute("DELETE FROM owner WHERE epoch = ?", (epoch,))
        # The number is never used again, so the file may go before the commit: without its lock it proves nothing.
        lock_path(self._folder, epoch).unlink(missing_ok=True)


def lock_path(folder: Path, epoch: int) -> Path:
    """The file whose lock the owner *epoch* holds for life."""
    return folder / str(epoch)
