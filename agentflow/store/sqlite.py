"""The store in one SQLite file: journal, ledger, owners and standing accounts, committed together.

Never two threads of a process writing at once, never a pickle, never an answer before the commit. Processes share the
file, each with runs of its own. After a fork the child opens its own.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from agentflow.errors import StoreFailed
from agentflow.events import AgentFinished, CallId, Event
from agentflow.store import CallRow, Durability, RunRow, StandingRow, StepRow, Totals, standing
from agentflow.store.desk import Desk
from agentflow.store.file import StoreFile
from agentflow.store.pruning import prune_runs
from agentflow.store.reader import Reader
from agentflow.store.writer import T, Writer
from agentflow.usage import Amount

DAY = 86_400.0


class SQLiteStore:
    """Journal and ledger in the file at *path*; see `Store` for what its methods promise."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        durability: Durability = "process",
        clock: Callable[[], float] = time.time,
        read_only: bool = False,
        compact_steps: bool = False,
        patience: float = 30.0,
    ) -> None:
        """Open the file, created or migrated unless *read_only*.

        *compact_steps* drops the answers below a step as soon as it is finished. *patience* is how many seconds to
        wait for a program other than AgentFlow that holds the file.
        """
        self._file = StoreFile(Path(path), durability, patience)
        if not read_only:
            self._file.prepare()
        self._reader = Reader(self._file, read_only=read_only)
        self._writer = Writer(self._file, clock, compact_steps=compact_steps)
        self._read_only = read_only
        self._clock = clock
        self._process = os.getpid()

    def append(self, *events: Event) -> Future[None]:
        """Write *events* in one transaction, at the latest when somebody waits for it."""
        return self._submit(lambda desk: desk.ledger.write(events))

    def claim(self, run: str) -> None:
        """Hold *run* for this process, charging first what dead owners left open."""
        self._submit(lambda desk: desk.owners.bury_dead())
        self._submit(lambda desk: desk.owners.claim(run)).result()

    def release(self, run: str) -> None:
        """Give *run* back."""
        self._submit(lambda desk: desk.owners.release(run)).result()

    def run(self, run: str) -> RunRow:
        """One run by name, prefix or `last`."""
        return self._read().run(run)

    def runs(self) -> list[RunRow]:
        """All runs, newest first."""
        return self._read().runs()

    def call(self, id: CallId) -> CallRow | None:
        """The settled call of this identity, whatever its wire ordinal."""
        return self._read().call(id)

    def next_wire(self, id: CallId) -> int:
        """The first wire ordinal not yet used for this identity."""
        return self._read().next_wire(id)

    def calls(self, run: str) -> list[CallRow]:
        """Every request of a run, in the order of intent."""
        return self._read().calls(run)

    def reusable_call(self, run: str, key: str, occurrence: int) -> CallRow | None:
        """The *occurrence*-th settled call with this key, in path order."""
        return self._read().reusable_call(run, key, occurrence)

    def step(self, run: str, path: str) -> StepRow | None:
        """The finished step at *path*."""
        return self._read().step(run, path)

    def steps(self, run: str) -> list[StepRow]:
        """Every finished step, by path."""
        return self._read().steps(run)

    def labels(self, run: str) -> dict[str, str]:
        """The latest label of every labelled step, by path."""
        return self._read().labels(run)

    def agents(self, run: str) -> list[AgentFinished]:
        """How every finished agent ended, by path."""
        return self._read().agents(run)

    def kept(self, run: str) -> dict[str, str]:
        """What the pipeline asked to keep."""
        return self._read().kept(run)

    def skips(self, run: str, path: str) -> list[str]:
        """Labels of the tiers skipped at *path*."""
        return self._read().skips(run, path)

    def totals(self, run: str) -> Totals:
        """What the run was charged so far."""
        return self._read().totals(run)

    def distrusted(self) -> dict[str, str]:
        """Models whose bound was broken, with the reason."""
        return self._read().distrusted()

    def open_account(self, name: str, limit: str) -> StandingRow:
        """Create a standing account, or set its limit."""
        return self._submit(lambda desk: standing.open_account(desk.connection, name, limit)).result()

    def accounts(self) -> list[StandingRow]:
        """All standing accounts by name."""
        return self._read().accounts()

    def grant(self, account: str, want: Amount, least: Amount) -> Future[Amount | None]:
        """Move up to *want*, at least *least*, to this process; what dead owners held counts as returned."""

        def act(desk: Desk) -> Amount | None:
            id, epoch = standing.account_id(desk.connection, account), desk.ledger.epoch
            got = standing.grant(desk.connection, id, epoch, want=want, least=least)
            if got is None:
                desk.owners.bury_dead()
                got = standing.grant(desk.connection, id, epoch, want=want, least=least)
            return got

        return self._submit(act, hurry=True)

    def give_back(self, account: str, amount: Amount) -> Future[None]:
        """Return what this process was granted and did not use."""

        def act(desk: Desk) -> None:
            id = standing.account_id(desk.connection, account)
            standing.give_back(desk.connection, id, desk.ledger.epoch, amount)

        return self._submit(act, hurry=True)

    def others_hold(self, account: str) -> bool:
        """Whether other living processes hold grants of the account."""

        def act(desk: Desk) -> bool:
            desk.owners.bury_dead()
            id = standing.account_id(desk.connection, account)
            return standing.others_hold(desk.connection, id, desk.ledger.epoch)

        return self._submit(act).result()

    def compact(self, run: str) -> None:
        """Drop the answers of calls whose step is finished; what they cost stays."""
        self._submit(lambda desk: desk.ledger.compact(run)).result()

    def prune(self, older_than_days: float) -> int:
        """Delete finished runs that nobody has touched for so long, and give their space back; how many."""
        before = self._clock() - older_than_days * DAY

        def act(desk: Desk) -> int:
            desk.owners.bury_dead()
            return prune_runs(desk.connection, before)

        return self._submit(act).result()

    def close(self) -> None:
        """Write what is queued, give up every claim, and stop."""
        if os.getpid() == self._process:  # a forked child leaves its parent's store alone
            self._writer.close()
            self._reader.close()

    def _submit(self, act: Callable[[Desk], T], *, hurry: bool = False) -> Future[T]:
        self._refuse_after_fork()
        if self._read_only:
            refused: Future[T] = Future()
            refused.set_exception(StoreFailed(f"{self._file.path} was opened for reading only"))
            return refused
        written = self._writer.submit(act)
        if hurry:
            self._writer.hurry()
        return written

    def _read(self) -> Reader:
        self._refuse_after_fork()
        return self._reader

    def _refuse_after_fork(self) -> None:
        if os.getpid() != self._process:
            raise StoreFailed(f"this store belongs to process {self._process}; open {self._file.path} after the fork")


def open_store(
    path: str | os.PathLike[str], *, durability: Durability = "process", read_only: bool = False
) -> SQLiteStore:
    """Open the store at *path*, created unless *read_only*, which also works in a folder that cannot be written."""
    return SQLiteStore(path, durability=durability, read_only=read_only)
