"""Places at work: of a team, and of every account above it that limits its live agents.

An agent that waits for others gives its place back meanwhile, so that nobody waits for whom it keeps out.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from weakref import WeakSet

from agentflow import compat
from agentflow.account import Account

Start = Callable[["Place"], bool]
"""Starts somebody on a free place; False when nobody is in line."""

_COUNTING = threading.Lock()
"""Teams of one run may live on event loops of different threads, and share the `live` of its accounts."""


class Place:
    """One agent's place. It is given back while the agent waits for others, and at its end.

    An agent whose own tasks wait for several things at once is at rest until the last of them goes on.
    """

    __slots__ = ("_is_left", "_places", "_resting")

    def __init__(self, places: Places) -> None:
        self._places = places
        self._resting = 0
        self._is_left = False

    def rest(self) -> None:
        """Give the place back for now."""
        self._resting += 1
        if self._resting == 1 and not self._is_left:
            self._places.give_back()

    async def wake(self) -> None:
        """Take a place again, before whoever starts. Cancelled, it goes on at once, to be stopped."""
        was_granted = False
        try:
            if self._resting == 1 and not self._is_left:
                await self._places.take_again()
                was_granted = True
        finally:
            self._resting -= 1
            is_at_work = not self._resting and not self._is_left
            if was_granted and not is_at_work:  # it left, or began to wait again, while it stood in line
                self._places.give_back()
            elif is_at_work and not was_granted:
                self._places.count(+1)

    def wake_at_once(self) -> None:
        """Go on without waiting for a place: the work is being stopped."""
        self._resting -= 1
        if not self._resting and not self._is_left:
            self._places.count(+1)

    def leave(self) -> None:
        """Give the place back for good."""
        if not self._is_left:
            self._is_left = True
            if not self._resting:
                self._places.give_back()


class Places:
    """The places of one team. Whoever is started, is started on the event loop of the team."""

    def __init__(self, limit: int, account: Account, start: Start) -> None:
        self.limit = limit
        self._start = start
        self._loop = asyncio.get_running_loop()
        self._taken = 0
        self._limited = [above for above in account.chain() if above.budget.live is not None]
        self._waking: deque[asyncio.Future[None]] = deque()
        self._neighbours: WeakSet[Places] = account.neighbours
        self._neighbours.add(self)

    def fill(self) -> None:
        """Let in whoever may work now: first those who were at work before."""
        if not self.is_here():
            with suppress(RuntimeError):  # that loop is closed, and nobody waits there any more
                self._loop.call_soon_threadsafe(self.fill)
            return
        while self._take():
            if self._waking:
                self._grant(self._waking.popleft())
            elif not self._start(Place(self)):
                self.count(-1)
                return

    def give_back(self) -> None:
        """One place is free."""
        self.count(-1)
        self.fill()
        if self._limited:
            for other in list(self._neighbours):
                other.fill()

    async def take_again(self) -> None:
        """Wait for a place in front of all who have not started."""
        if not self._waking and self._take():
            return
        waker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waking.append(waker)
        self.fill()
        try:
            await waker
        except asyncio.CancelledError:
            if waker.done() and not waker.cancelled():
                self.give_back()  # granted in the same instant
            raise

    def count(self, change: int) -> None:
        """Enter that so many more are at work."""
        with _COUNTING:
            self._enter(change)

    def full_account(self) -> Account | None:
        """The outermost account that has as many live agents as it allows; None when one more may work."""
        return next((account for account in reversed(self._limited) if _is_full(account)), None)

    def is_here(self) -> bool:
        """Whether this code runs on the event loop of the team."""
        try:
            return asyncio.get_running_loop() is self._loop
        except RuntimeError:
            return False

    def _take(self) -> bool:
        """Take a place if one is free."""
        with _COUNTING:
            if self._taken >= self.limit or any(_is_full(account) for account in self._limited):
                return False
            self._enter(+1)
            return True

    def _enter(self, change: int) -> None:
        self._taken += change
        for account in self._limited:
            account.live += change

    def _grant(self, waker: asyncio.Future[None]) -> None:
        """Let one in on a place that is entered already."""
        loop = waker.get_loop()
        if loop is self._loop:
            self._wake(waker)
        else:
            loop.call_soon_threadsafe(self._wake, waker)

    def _wake(self, waker: asyncio.Future[None]) -> None:
        if waker.done():
            self.give_back()
        else:
            waker.set_result(None)


@asynccontextmanager
async def resting() -> AsyncIterator[None]:
    """Give the agent's place back while it waits for others, and take a new one to go on."""
    scope = compat.current_scope()
    place: Place | None = scope.place if scope is not None else None
    if place is None:
        yield
        return
    place.rest()
    try:
        yield
    except BaseException:
        place.wake_at_once()
        raise
    await place.wake()


def _is_full(account: Account) -> bool:
    return account.budget.live is not None and account.live >= account.budget.live
