"""What a piece of work asks the outside to do, and the two drivers that do it: one that blocks, one that awaits.

The logic of a call or a step is written once, as a generator of effects; nothing here decides anything.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

T = TypeVar("T")


class Effect(Protocol):
    """Something the outside must do before the work can go on."""

    def perform(self) -> Any:
        """Do it, blocking this thread."""
        ...

    async def aperform(self) -> Any:
        """Do it without blocking the event loop."""
        ...


Work: TypeAlias = Generator[Effect, Any, T]
"""A generator that yields effects, is sent their results, and returns its own."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait for a future of another thread. Cancelling the wait leaves the future alone."""

    future: Future[Any]
    seconds: float | None = None
    """None: as long as it takes. Raises TimeoutError when the time is over."""

    def perform(self) -> Any:
        return self.future.result(self.seconds)

    async def aperform(self) -> Any:
        hasten = getattr(self.future, "hasten", None)  # what the store has still to write can be had at once
        if hasten is not None and not self.future.done():
            await asyncio.sleep(0)  # whoever is ready to write something writes it first: one commit serves all
            hasten()
        if self.future.done():
            return self.future.result()
        return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self.future)), self.seconds)


@dataclass(frozen=True, slots=True)
class Pause:
    """Let time pass."""

    seconds: float

    def perform(self) -> None:
        time.sleep(self.seconds)

    async def aperform(self) -> None:
        await asyncio.sleep(self.seconds)


@dataclass(frozen=True, slots=True)
class Call:
    """Call a function, or await its asynchronous twin."""

    plain: Callable[[], Any]
    awaited: Callable[[], Awaitable[Any]]

    def perform(self) -> Any:
        return self.plain()

    async def aperform(self) -> Any:
        return await self.awaited()


@dataclass(frozen=True, slots=True)
class Emit:
    """Show the consumer of a stream one event."""

    event: Any

    def perform(self) -> None:
        raise TypeError("only a stream can emit")

    async def aperform(self) -> None:
        raise TypeError("only a stream can emit")


def drive(work: Work[T]) -> T:
    """Run *work* to its end in this thread."""
    try:
        effect = next(work)
        while True:
            try:
                result = effect.perform()
            except BaseException as error:  # noqa: BLE001  # because the work decides what each failure means
                effect = work.throw(error)
            else:
                effect = work.send(result)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # a generator's return value is typed by its Work


async def adrive(work: Work[T]) -> T:
    """Run *work* to its end on this event loop. Cancellation is thrown into the work, which must clean up at once."""
    try:
        effect = next(work)
        while True:
            try:
                result = await effect.aperform()
            except BaseException as error:  # noqa: BLE001  # because the work decides what each failure means
                effect = work.throw(error)
            else:
                effect = work.send(result)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # a generator's return value is typed by its Work


class Abandoned(BaseException):
    """The consumer of a stream left before its end. A GeneratorExit would leave the work no way to clean up."""


def drive_stream(work: Work[None]) -> Generator[Any, None, None]:
    """Run *work* in this thread and yield what it emits. Closing it early throws `Abandoned` into the work."""
    try:
        effect = next(work)
        while True:
            try:
                result = (yield effect.event) if isinstance(effect, Emit) else effect.perform()
            except GeneratorExit:
                effect = work.throw(Abandoned())
            except BaseException as error:  # noqa: BLE001  # because the work decides what each failure means
                effect = work.throw(error)
            else:
                effect = work.send(result)
    except (StopIteration, Abandoned):
        return


async def adrive_stream(work: Work[None]) -> AsyncGenerator[Any, None]:
    """Run *work* on this event loop and yield what it emits. Closing it early throws `Abandoned` into the work."""
    try:
        effect = next(work)
        while True:
            try:
                result = (yield effect.event) if isinstance(effect, Emit) else await effect.aperform()
            except GeneratorExit:
                effect = work.throw(Abandoned())
            except BaseException as error:  # noqa: BLE001  # because the work decides what each failure means
                effect = work.throw(error)
            else:
                effect = work.send(result)
    except (StopIteration, Abandoned):
        return
