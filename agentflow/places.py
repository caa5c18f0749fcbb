"""Places at work: of a team, and of every account above it that limits its live agents. Belongs to one event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from weakref import WeakSet

from agentflow.account import Account

Start = Callable[["Place"], bool]
"""Starts somebody on a free place; False when nobody is in line."""


class Place:
    """One agent's place. It is given back while the agent waits for others, and at its end."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._resting = 0
        self._is_left = False

    def rest(self) -> None:
        """Give the place back for now."""
        self._resting += 1
        if self._resting == 1:
            self._places.give_back()

    async def wake(self) -> None:
        """Take a place again; whoever wakes goes before whoever starts."""
        if self._resting == 1:
            await self._places.take_again()
        self._resting -= 1

    def wake_at_once(self) -> None:
        """Go on without waiting for a place: the work is being stopped."""
        if self._resting == 1:
            self._places.count(+1)
        self._resting -= 1

    def leave(self) -> None:
        """Give the place back for good."""
        if not self._is_left:
            self._is_left = True
            if not self._resting:
                self._places.give_back()


class Places:
    """The places of one team."""

    def __init__(self, limit: int, account: Account, start: Start) -> None:
        self.limit = limit
        self._start = start
        self._taken = 0
        self._limited = [above for above in account.chain() if above.budget.live is not None]
        self._waking: deque[asyncio.Future[None]] = deque()
        self._neighbours: WeakSet[Places] = account.neighbours
        self._neighbours.add(self)

    def fill(self) -> None:
        """Let in whoever may work now: first those who were at work before."""
        while self._is_free():
            if self._waking:
                waker = self._waking.popleft()
                if not waker.done():
                    self.count(+1)
                    waker.set_result(None)
            else:
                self.count(+1)
                if not self._start(Place(self)):
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
        if self._is_free() and not self._waking:
            self.count(+1)
            return
        waker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waking.append(waker)
        try:
            await waker
        except asyncio.CancelledError:
            if not waker.done() or waker.cancelled():
                self.count(+1)  # the place will be left by whoever ends the cancelled agent
            raise

    def count(self, change: int) -> None:
        """Enter that so many more are at work."""
        self._taken += change
        for account in self._limited:
            account.live += change

    def _is_free(self) -> bool:
        return self._taken < self.limit and all(
            account.live < account.budget.live for account in self._limited if account.budget.live is not None
        )
