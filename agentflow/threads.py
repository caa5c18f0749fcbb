"""Threads for code that blocks, and how long anybody waits for them: never for one that nothing depends on any more."""

from __future__ import annotations

import asyncio
import contextvars
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from agentflow import deadlines
from agentflow.scope import Scope

MOST_IDLE = 16
LOOK_SECONDS = 0.02
"""How often a thread whose time is over is looked at while requests of its own settle."""


async def in_thread(function: Callable[[], Any], scope: Scope) -> Any:
    """What *function* gives in a thread of its own, so that it may wait for other agents without stopping them.

    Cancelled, it halts the scope's account and waits for the thread while a request below is on the wire, or for the
    grace. After that the thread is left behind: it can send nothing more, and no exit waits for it.
    """
    waiting = asyncio.wrap_future(started(function))
    try:
        return await asyncio.shield(waiting)
    except asyncio.CancelledError:
        scope.account.halt("cancelled")
        await _back_or_left(waiting, scope)
        raise


def started(function: Callable[[], Any]) -> Future[Any]:
    """What *function* gives in a daemon thread, in a copy of this context. It never waits for a thread to come free."""
    context, done = contextvars.copy_context(), Future[Any]()
    done.set_running_or_notify_cancel()  # it cannot be called back

    def work() -> None:
        try:
            done.set_result(context.run(function))
        except StopIteration as error:
            done.set_exception(RuntimeError(f"raised {error!r}"))  # asyncio cannot carry it, and would never come back
        except BaseException as error:  # noqa: BLE001  # because it must cross to whoever waits
            done.set_exception(error)

    try:
        jobs = _idle.pop()
    except IndexError:
        jobs = SimpleQueue()
        threading.Thread(target=_serve, args=[jobs], name="agentflow-user-code", daemon=True).start()
    jobs.put(work)
    return done


_idle: list[SimpleQueue[Callable[[], None]]] = []
"""Where threads with nothing to do wait: to start one anew takes longer than most functions."""
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)  # no thread survives a fork


def _serve(jobs: SimpleQueue[Callable[[], None]]) -> None:
    while True:
        job = jobs.get()
        job()
        del job  # it holds what it gave
        if len(_idle) >= MOST_IDLE:
            return
        _idle.append(jobs)


async def _back_or_left(waiting: asyncio.Future[Any], scope: Scope) -> None:
    """Wait until the thread is back, or need not be waited for."""
    now = asyncio.get_running_loop().time
    end = now() + _patience(scope)
    while not waiting.done():
        left = end - now()
        if left <= 0 and scope.may_be_left:
            waiting.cancel()
            return
        with suppress(asyncio.CancelledError):  # a second time: the first one is raised again by whoever called
            await asyncio.wait([waiting], timeout=max(left, LOOK_SECONDS))
    waiting.exception()  # it was seen: the cancellation is what counts


def _patience(scope: Scope) -> float:
    """The grace, less what has passed of it since a deadline."""
    late = scope.is_late
    since = 0.0 if late is None or late.deadline is None else scope.run.clock() - late.deadline
    return max(0.0, deadlines.GRACE_SECONDS - since)
