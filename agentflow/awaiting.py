"""Brings the user's code to whoever drives a step: coroutines where there is no event loop, blocking code where one is.

Nothing is decided here, and nothing is left behind: who stops waiting stops the work first.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from agentflow import compat
from agentflow.account import Account
from agentflow.budget import Budget
from agentflow.effects import Call
from agentflow.scope import Scope


def calling(module: Any, inputs: Mapping[str, Any], scope: Scope) -> Call:
    """Call a module. One that has only a synchronous side is called in a thread, so that the loop stays free."""
    if compat.has_async_side(module):
        return Call(lambda: module(**inputs), lambda: module.acall(**inputs))
    return Call(lambda: module(**inputs), lambda: _in_thread(lambda: module(**inputs), scope))


def awaiting(awaitable: Awaitable[Any]) -> Call:
    """Await a coroutine, in a thread of its own where no event loop can."""

    async def finish() -> Any:
        return await awaitable

    return Call(lambda: _started(lambda: asyncio.run(finish())).result(), finish)


async def _in_thread(function: Callable[[], Any], scope: Scope) -> Any:
    """Cancelled, it lets what is on the wire settle, sends nothing more, and comes back when the thread did."""
    account = Account(Budget(), path=scope.account.path, parent=scope.account)

    def inside() -> Any:
        with compat.entering(replace(scope, account=account)):
            return function()

    waiting = asyncio.wrap_future(_started(inside))
    try:
        return await asyncio.shield(waiting)
    except asyncio.CancelledError:
        account.halt("cancelled")
        while not waiting.done():
            try:
                await asyncio.wait([waiting])
            except asyncio.CancelledError:  # a second time: the thread is still on its way out
                continue
        waiting.exception()  # it was seen: the cancellation is what counts
        raise
    finally:
        account.close()


def _started(function: Callable[[], Any]) -> Future[Any]:
    """What *function* gives in a thread of its own, in a copy of this context."""
    context, done = contextvars.copy_context(), Future[Any]()

    def work() -> None:
        try:
            done.set_result(context.run(function))
        except BaseException as error:  # noqa: BLE001  # because it must cross to whoever waits
            done.set_exception(error)

    threading.Thread(target=work, name="agentflow-user-code", daemon=True).start()
    return done
