"""Lets synchronous code await inside an event loop without blocking it: the one file that touches greenlet.

A coroutine is driven inside a greenlet. When code below it calls a step synchronously, the greenlet steps aside, the
step is awaited on the loop like any other, and the call returns with its result.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")


class _Asked:
    """A coroutine that synchronous code wants awaited."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self.coroutine = coroutine


class bridged:  # because it is awaited like a function's result
    """Await `bridged(coroutine)` instead of *coroutine*, and synchronous calls below it may await."""

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, Any, Any]:
        resume: Callable[[Any], Any] = self._coroutine.send
        value: Any = None
        while True:
            moved = yield from _move(resume, value)
            if isinstance(moved, _Returned):
                return moved.value
            try:
                value, resume = (yield moved), self._coroutine.send
            except BaseException as error:  # noqa: BLE001  # because whatever is thrown in belongs to the coroutine
                value, resume = error, self._coroutine.throw


def can_wait() -> bool:
    """Whether the running code stands on a bridge."""
    return isinstance(getcurrent(), _Bridge)


def wait_for(coroutine: Coroutine[Any, Any, T]) -> T:
    """Have *coroutine* awaited by the loop below the bridge, and give its result."""
    bridge = getcurrent()
    result: T = bridge.parent.switch(_Asked(coroutine))
    return result


def bridge_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Drive every task of *loop* over a bridge, those the user's own code starts included."""
    loop.set_task_factory(_make_task)


def drives(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether every task of *loop* stands on a bridge."""
    return loop.get_task_factory() is _make_task


def _make_task(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
    task: asyncio.Task[Any] = asyncio.Task(_over(coroutine), loop=loop, **options)
    task.add_done_callback(lambda _: coroutine.close())  # cancelled before its first step, it was never begun
    return task


async def _over(coroutine: Coroutine[Any, Any, T]) -> T:
    return await bridged(coroutine)  # type: ignore[no-any-return]  # what the coroutine returns


class _Bridge(greenlet):  # type: ignore[misc]  # greenlet is not looked into
    """A greenlet in the context of whoever runs it."""


class _Returned:
    """The coroutine is over."""

    def __init__(self, value: Any) -> None:
        self.value = value


def _move(resume: Callable[[Any], Any], value: Any) -> Generator[Any, Any, Any]:
    """Run the coroutine until it yields or returns, awaiting on its behalf what synchronous code asks for."""

    def run() -> Any:
        try:
            return resume(value)
        except StopIteration as end:
            return _Returned(end.value)

    bridge = _Bridge(run)
    bridge.gr_context = getcurrent().gr_context
    result = bridge.switch()
    while isinstance(result, _Asked):
        try:
            answer = yield from bridged(result.coroutine).__await__()
        except BaseException as error:  # noqa: BLE001  # because it belongs to the code that asked
            bridge.parent = getcurrent()
            result = bridge.throw(error)
        else:
            bridge.parent = getcurrent()  # the task may have been taken up by another greenlet meanwhile
            result = bridge.switch(answer)
    return result
