"""Brings the user's code to whoever drives a step: coroutines where there is no event loop, blocking code where one is.

Nothing is decided here: who stops waiting stops the work first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from agentflow import compat
from agentflow.account import Account
from agentflow.budget import Budget
from agentflow.effects import Call
from agentflow.scope import Scope
from agentflow.threads import in_thread, started


def calling(module: Any, inputs: Mapping[str, Any], scope: Scope) -> Call:
    """Call a module. One that has only a synchronous side is called in a thread, so that the loop stays free."""
    if compat.has_async_side(module):
        return Call(lambda: module(**inputs), lambda: module.acall(**inputs))
    return blocking(lambda: module(**inputs), scope)


def blocking(function: Callable[[], Any], scope: Scope) -> Call:
    """Call code that blocks: here, or in a thread where it would block an event loop."""

    def here() -> Any:
        with compat.entering(scope):
            return function()

    return Call(here, lambda: _apart(function, scope))


def awaiting(awaitable: Awaitable[Any]) -> Call:
    """Await a coroutine, in a thread of its own where no event loop can."""

    async def finish() -> Any:
        return await awaitable

    return Call(lambda: started(lambda: asyncio.run(finish())).result(), finish)


async def _apart(function: Callable[[], Any], scope: Scope) -> Any:
    """In a thread, on an account of its own: halting that stops nobody else."""
    account = Account(Budget(), path=scope.account.path, parent=scope.account)
    apart = replace(scope, account=account)

    def inside() -> Any:
        with compat.entering(apart):
            return function()

    try:
        return await in_thread(inside, apart)
    finally:
        account.close()
