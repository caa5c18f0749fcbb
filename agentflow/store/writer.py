"""One thread that writes for its process: takes everything that is queued, commits once, then completes the futures.

Submitting never waits. Once the store itself has failed, every later write fails at once: nothing is ever acknowledged
that was not committed.
"""

from __future__ import annotations

import atexit
import os
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, TypeVar

from agentflow.errors import AgentFlowError, StoreFailed
from agentflow.store.desk import Act, Desk, Result
from agentflow.store.file import StoreFile

T = TypeVar("T")

_BATCH = 1_000
"""Most pieces of work in one transaction, so that other processes get their turn."""


class _Work(NamedTuple):
    act: Act
    future: Future[Any]


class Writer:
    """The only one in this process who writes to the file. Its thread starts with the first piece of work."""

    def __init__(self, file: StoreFile, clock: Callable[[], float], *, compact_steps: bool) -> None:
        self._file = file
        self._clock = clock
        self._compact_steps = compact_steps
        self._queue: SimpleQueue[_Work | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._refusal: StoreFailed | None = None
        """Why nothing is accepted any more. None: it is."""
        self._failure: StoreFailed | None = None
        """Why nothing can be written any more. None: it can."""
        self._process = os.getpid()

    def submit(self, act: Callable[[Desk], T]) -> Future[T]:
        """Have *act* performed after everything submitted before it; the future is done after commit."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()  # from here on nobody can cancel it: intents and settles are shielded
        with self._lock:
            if self._refusal is not None:
                future.set_exception(StoreFailed(str(self._refusal)))
                return future
            self._queue.put(_Work(act, future))
            if self._thread is None:
                self._start()
        return future

    def close(self) -> None:
        """Write what is queued, give up what this process holds, and stop."""
        if os.getpid() != self._process:
            return  # at the end of a forked child: thread, file and claims are the parent's
        with self._lock:
            self._refusal = self._refusal or StoreFailed(f"the store {self._file.path} is closed; open it again")
            thread, self._thread = self._thread, None
        if thread is not None:
            atexit.unregister(self.close)
            self._queue.put(None)
            thread.join()

    def _start(self) -> None:
        atexit.register(self.close)
        self._thread = threading.Thread(target=self._serve, name="agentflow-store", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        desk = self._open()
        while (first := self._queue.get()) is not None:
            batch = [first]
            if desk is not None and self._failure is None:
                self._write(desk, batch)
            else:
                self._refuse(batch)
        if desk is not None:
            desk.close(in_order=self._failure is None)

    def _open(self) -> Desk | None:
        try:
            return Desk(self._file, self._clock, compact_steps=self._compact_steps)
        except (sqlite3.Error, OSError) as error:
            self._fail(self._file.explain(error))
            return None

    def _write(self, desk: Desk, batch: list[_Work]) -> None:
        try:
            results = desk.write(lambda: self._fill(batch))
        except Exception as error:  # noqa: BLE001  # because whatever it is, no future may be left waiting
            self._fail(self._file.explain(error, run=desk.owners.held))
            self._refuse(batch)
            return
        for work, result in zip(batch, results, strict=True):
            _complete(work.future, result)

    def _fill(self, batch: list[_Work]) -> list[Act]:
        """Add what was queued while we waited for our turn."""
        while len(batch) < _BATCH:
            try:
                work = self._queue.get_nowait()
            except Empty:
                break
            if work is None:
                self._queue.put(None)  # closing: nothing comes after it
                break
            batch.append(work)
        return [work.act for work in batch]

    def _fail(self, failure: StoreFailed) -> None:
        with self._lock:
            self._failure = self._refusal = failure

    def _refuse(self, batch: list[_Work]) -> None:
        for work in batch:
            work.future.set_exception(StoreFailed(str(self._failure)))


def _complete(future: Future[Any], result: Result) -> None:
    error = result.error
    if error is None:
        future.set_result(result.value)
    elif isinstance(error, AgentFlowError):
        future.set_exception(error)
    else:
        failure = StoreFailed(f"the store refused this write and kept nothing of it: {error}")
        failure.__cause__ = error
        future.set_exception(failure)
