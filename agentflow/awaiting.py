"""Awaits the user's coroutines from a step that is driven without an event loop."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Awaitable
from typing import Any

from agentflow.effects import Call


def awaiting(awaitable: Awaitable[Any]) -> Call:
    """Await a coroutine of the user's, in a thread of its own where no event loop can."""

    async def finish() -> Any:
        return await awaitable

    def in_thread() -> Any:
        context = contextvars.copy_context()
        answer: list[Any] = []

        def work() -> None:
            try:
                answer.append(context.run(asyncio.run, finish()))
            except BaseException as error:  # noqa: BLE001  # because it must cross to the waiting thread
                answer.append(error)

        thread = threading.Thread(target=work, name="agentflow-validator")
        thread.start()
        thread.join()
        if isinstance(answer[0], BaseException):
            raise answer[0]
        return answer[0]

    return Call(in_thread, finish)
