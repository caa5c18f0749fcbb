"""Writes for its process: takes everything that is queued, commits once, then completes the futures.

Whoever waits for a write commits it in its own thread, together with what others have queued meanwhile; a thread of the
writer's own commits what nobody waits for. Submitting never waits. Once the store itself has failed, every later write
fails at once: nothing is ever acknowledged that was not committed.
"""

from __future__ import annotations

import atexit
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeVar

from agentflow.errors import AgentFlowError, StoreFailed
from agentflow.store.desk import Act, Desk, Result
from agentflow.store.file import StoreFile

T = TypeVar("T")

_BATCH = 1_000
"""Most pieces of work in one transaction, so that other processes get their turn."""

_LATEST_SECONDS = 0.02
"""How long what was queued waits for somebody who waits for it, before the writer's own thread commits it."""


class Written(Future[T]):
    """Done once it is committed. Waiting for it commits it."""

    def __init__(self, writer: Writer) -> None:
        super().__init__()
        self._writer = writer

    def result(self, timeout: float | None = None) -> T:
        """What the work gave, committed here and now unless it was already."""
        while timeout is None and not self.done():
            self._writer.write()
        return super().result(timeout)

    def hasten(self) -> None:
        """Have it committed at once: here where that cannot block, otherwise by the writer's own thread."""
        if not self.done():
            self._writer.write_unless_it_blocks()


class _Work(NamedTuple):
    act: Act
    future: Future[Any]


class Writer:
    """The only one in this process who writes to the file. Its thread starts with the first piece of work."""

    def __init__(self, file: StoreFile, clock: Callable[[], float], *, compact_steps: bool) -> None:
        self._file = file
        self._clock = clock
        self._compact_steps = compact_steps
        self._queue: deque[_Work] = deque()
        self._lock = threading.Lock()
        self._desk: Desk | None = None
        self._at_desk = threading.Lock()
        """Held by the thread that writes."""
        self._thread: threading.Thread | None = None
        self._is_watched = False
        """Whether the writer's own thread will look at the queue soon."""
        self._called, self._hurried = threading.Event(), threading.Event()
        self._is_closing = False
        self._refusal: StoreFailed | None = None
        """Why nothing is accepted any more. None: it is."""
        self._failure: StoreFailed | None = None
        """Why nothing can be written any more. None: it can."""
        self._process = os.getpid()

    def submit(self, act: Callable[[Desk], T]) -> Written[T]:
        """Have *act* performed after everything submitted before it; the future is done after commit."""
        future: Written[T] = Written(self)
        future.set_running_or_notify_cancel()  # from here on nobody can cancel it: intents and settles are shielded
        with self._lock:
            if self._refusal is not None:
                future.set_exception(StoreFailed(str(self._refusal)))
                return future
            self._queue.append(_Work(act, future))
            if not self._is_watched:
                self._is_watched = True
                self._called.set()
            if self._thread is None:
                self._start()
        return future

    def hurry(self) -> None:
        """Have the writer's own thread commit at once what is queued."""
        self._hurried.set()

    def write(self) -> None:
        """Commit what is queued in this thread, once whoever writes is done."""
        with self._at_desk:
            self._write_queued(may_block=True)

    def write_unless_it_blocks(self) -> None:
        """Commit what is queued in this thread if no other thread or process writes and the disk is not waited for."""
        is_written = False
        if self._file.durability == "process" and self._at_desk.acquire(blocking=False):
            try:
                is_written = self._write_queued(may_block=False)
            finally:
                self._at_desk.release()
        if not is_written:
            self.hurry()

    def close(self) -> None:
        """Write what is queued, give up what this process holds, and stop."""
        if os.getpid() != self._process:
            return  # at the end of a forked child: thread, file and claims are the parent's
        with self._lock:
            self._refusal = self._refusal or StoreFailed(f"the store {self._file.path} is closed; open it again")
            thread, self._thread = self._thread, None
            self._is_closing = True
        if thread is not None:
            atexit.unregister(self.close)
            self._called.set()
            self.hurry()
            thread.join()

    def _start(self) -> None:
        atexit.register(self.close)
        self._thread = threading.Thread(target=self._serve, name="agentflow-store", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        """Look after what nobody commits himself, until the end."""
        while not self._is_closing:
            self._called.wait()
            self._called.clear()
            self._hurried.wait(_LATEST_SECONDS)
            self._hurried.clear()
            with self._lock:
                self._is_watched = False
            self.write()
            if self._queue:
                self._called.set()
        with self._at_desk:
            while self._queue:
                self._write_queued(may_block=True)
            if self._desk is not None:
                self._desk.close(in_order=self._failure is None)

    def _write_queued(self, *, may_block: bool) -> bool:
        """Commit one batch; False when that would have blocked."""
        desk = self._desk or (self._open() if may_block and self._failure is None else None)
        batch: list[_Work] = []
        if self._failure is not None:
            self._fill(batch)
            self._refuse(batch)
        elif self._queue:
            return desk is not None and self._write(desk, batch, may_block=may_block)
        return True

    def _write(self, desk: Desk, batch: list[_Work], *, may_block: bool) -> bool:
        try:
            results = desk.write(lambda: self._fill(batch), may_block=may_block)
            if results is not None:
                _complete(batch, results)
            return results is not None
        except Exception as error:  # noqa: BLE001  # because whatever it is, no future may be left waiting
            self._fail(self._file.explain(error, run=desk.owners.held))
            self._refuse(batch)
            return True
        except BaseException:  # an interrupt, meant for the thread that happens to write here
            self._put_right(desk, batch)
            raise

    def _put_right(self, desk: Desk, batch: list[_Work]) -> None:
        """Complete what was committed before an interrupt came, and have the writer's own thread write the rest."""
        if batch and desk.committed is not None:
            _complete(batch, desk.committed)
            return
        if batch and self._queue and self._queue[0] is batch[-1]:
            batch.pop()
        self._queue.extendleft(reversed(batch))
        self._called.set()
        self.hurry()

    def _open(self) -> Desk | None:
        try:
            self._desk = Desk(self._file, self._clock, compact_steps=self._compact_steps)
        except (sqlite3.Error, OSError) as error:
            self._fail(self._file.explain(error))
        return self._desk

    def _fill(self, batch: list[_Work]) -> list[Act]:
        """Take what is queued, up to a batch."""
        while self._queue and len(batch) < _BATCH:
            batch.append(self._queue[0])
            self._queue.popleft()
        return [work.act for work in batch]

    def _fail(self, failure: StoreFailed) -> None:
        with self._lock:
            self._failure = self._refusal = failure

    def _refuse(self, batch: list[_Work]) -> None:
        for work in batch:
            work.future.set_exception(StoreFailed(str(self._failure)))


def _complete(batch: list[_Work], results: Sequence[Result]) -> None:
    for work, result in zip(batch, results, strict=True):
        if not work.future.done():
            _tell(work.future, result)


def _tell(future: Future[Any], result: Result) -> None:
    error = result.error
    if error is None:
        future.set_result(result.value)
    elif isinstance(error, AgentFlowError):
        future.set_exception(error)
    else:
        failure = StoreFailed(f"the store refused this write and kept nothing of it: {error}")
        failure.__cause__ = error
        future.set_exception(failure)
