"""Places in line at a provider, for threads and for tasks of any loop.

Waiting here holds no reservation, and nothing is sent: whoever is refused here was certainly not billed.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from dspy import lm15

from agentflow.engines.gate import FAILURES_TO_OPEN, Ending, Gate, Ticket
from agentflow.settings import ProviderLimits

LONGEST_NAP = 3_600.0


class ProviderDown(lm15.ServerError):  # type: ignore[misc]  # dspy is untyped
    """The provider failed five times in a row and is left alone for a while; nothing was sent."""

    nothing_sent = True


class NoPlace(lm15.TimeoutError):  # type: ignore[misc]  # dspy is untyped
    """No place at the provider came free in time; nothing was sent."""

    nothing_sent = True


class Limiter:
    """The gate of one provider, for waiting threads and tasks of any loop."""

    def __init__(
        self, provider: str, limits: ProviderLimits | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.provider = provider
        self._gate = Gate(limits or ProviderLimits())
        self._clock = clock
        self._lock = threading.RLock()

    @property
    def inflight(self) -> int:
        """Requests let in and not yet left."""
        return self._gate.inflight

    @property
    def waiting(self) -> int:
        """Requests in line."""
        return len(self._gate.line)

    def enter(self, tokens: int, *, timeout: float) -> Ticket:
        """Wait for a place. Raises `ProviderDown` at once while the breaker is open, `NoPlace` after *timeout*."""
        event = threading.Event()
        ticket = self._join(tokens, event.set)
        try:
            for patience in self._waits(ticket, timeout):
                event.wait(patience)
                event.clear()
        except BaseException:
            self._abandon(ticket)
            raise
        return ticket

    async def aenter(self, tokens: int, *, timeout: float) -> Ticket:
        """Wait for a place. Raises `ProviderDown` at once while the breaker is open, `NoPlace` after *timeout*."""
        event, loop = asyncio.Event(), asyncio.get_running_loop()
        ticket = self._join(tokens, lambda: _set_from_anywhere(loop, event))
        try:
            for patience in self._waits(ticket, timeout):
                with suppress(TimeoutError):
                    async with asyncio.timeout(patience):
                        await event.wait()
                event.clear()
        except BaseException:
            self._abandon(ticket)
            raise
        return ticket

    def leave(self, ticket: Ticket, error: BaseException | None = None, *, tokens: int | None = None) -> None:
        """Give the place back, with what went wrong, or with the tokens it really took."""
        with self._lock:
            self._gate.leave(
                ticket,
                ending_of(error),
                self._clock(),
                tokens=tokens,
                retry_after=getattr(error, "retry_after", None),
            )

    def _join(self, tokens: int, wake: Callable[[], object]) -> Ticket:
        ticket = Ticket(tokens, wake)
        with self._lock:
            self._gate.join(ticket, self._clock())
        return ticket

    def _waits(self, ticket: Ticket, timeout: float) -> Iterator[float]:
        """How long to wait for a wake-up, again and again, until the ticket is in."""
        give_up = self._clock() + timeout
        while True:
            with self._lock:
                now = self._clock()
                self._gate.admit(now)
                if ticket.state == "in":
                    return
                self._check(ticket, now, give_up)
                is_first = self._gate.line[0] is ticket
                until = min(give_up, self._gate.opens_at(now) if is_first else math.inf)
            yield max(0.0, min(LONGEST_NAP, until - now))

    def _check(self, ticket: Ticket, now: float, give_up: float) -> None:
        if ticket.state == "refused":
            pause = max(0.0, self._gate.open_until - now)
            raise ProviderDown(
                f"{self.provider} failed {FAILURES_TO_OPEN} times in a row and is left alone for {pause:.0f} s",
                provider=self.provider,
                retry_after=pause,
            )
        if now >= give_up:
            raise NoPlace(f"no place at {self.provider} within the time left; raise its limits or wait longer")

    def _abandon(self, ticket: Ticket) -> None:
        with self._lock:
            self._gate.drop(ticket, self._clock())


class Limiters:
    """One limiter per provider, made when first asked for."""

    def __init__(
        self, limits: Mapping[str, ProviderLimits] | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = dict(limits or {})
        self._clock = clock
        self._lock = threading.Lock()
        self._limiters: dict[str, Limiter] = {}

    def of(self, provider: str) -> Limiter:
        """The limiter that everybody who asks *provider* shares."""
        with self._lock:
            if provider not in self._limiters:
                self._limiters[provider] = Limiter(provider, self._limits.get(provider), clock=self._clock)
            return self._limiters[provider]


def ending_of(error: BaseException | None) -> Ending:
    """What an error says about the provider's standing; one about the request itself is an answer."""
    if error is None:
        return "answered"
    if isinstance(error, lm15.RateLimitError):
        return "limited"
    if isinstance(error, (lm15.ServerError, lm15.TimeoutError, lm15.TransportError)):
        return "failed"
    return "answered" if isinstance(error, lm15.ProviderError) else "nothing"


def _set_from_anywhere(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    with suppress(RuntimeError):  # the waiter's loop was closed: nobody is left to wake
        loop.call_soon_threadsafe(event.set)
