"""Places at a provider as futures, for threads and for tasks of any loop.

Waiting here holds no reservation, and nothing is sent: whoever is refused here was certainly not billed.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager, suppress

from dspy import lm15

from agentflow.engines.gate import FAILURES_TO_OPEN, Ending, Gate, Ticket
from agentflow.settings import ProviderLimits

LONGEST_WAIT = 86_400.0
"""Seconds; what is longer than a day is no limit, and no clock of a lock takes it."""


class ProviderDown(lm15.ServerError):  # type: ignore[misc]  # dspy is untyped
    """The provider failed five times in a row and is left alone for a while; nothing was sent."""

    nothing_sent = True


class NoPlace(lm15.TimeoutError):  # type: ignore[misc]  # dspy is untyped
    """No place at the provider came free in time; nothing was sent."""

    nothing_sent = True


class Entry:
    """One request's place: wait for `future`, ask the provider, then `leave`; or `give_up` waiting."""

    def __init__(self, limiter: Limiter, tokens: int) -> None:
        self._limiter = limiter
        self.ticket = Ticket(tokens)
        self.future: Future[None] = Future()
        """Done when the request may go. Fails with `ProviderDown` while the breaker is open."""

    def leave(self, error: BaseException | None = None, *, tokens: int | None = None) -> None:
        """Give the place back, with what went wrong, or with the tokens it really took. Twice is once."""
        self._limiter.leave(self, error, tokens=tokens)

    def give_up(self) -> None:
        """Leave the line, or the place that came too late."""
        self._limiter.give_up(self)


class Limiter:
    """The gate of one provider. Every method may be called from any thread and returns at once."""

    def __init__(
        self,
        provider: str,
        limits: ProviderLimits | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        later: Callable[[float, Callable[[], None]], object] | None = None,
    ) -> None:
        self.provider = provider
        self._gate = Gate(limits or ProviderLimits())
        self._clock = clock
        self._later = later or _start_timer
        self._lock = threading.Lock()
        self._entries: dict[int, Entry] = {}
        """Who waits, by the identity of the ticket."""
        self._alarm_at = math.inf

    @property
    def inflight(self) -> int:
        """Requests let in and not yet left."""
        return self._gate.inflight

    @property
    def waiting(self) -> int:
        """Requests in line."""
        return len(self._gate.line)

    def enter(self, tokens: int, *, timeout: float) -> Entry:
        """Wait for a place. Raises `ProviderDown` at once while the breaker is open, `NoPlace` after *timeout*."""
        entry = self.line_up(tokens)
        with self._kept(entry):
            entry.future.result(min(timeout, LONGEST_WAIT))
        return entry

    async def aenter(self, tokens: int, *, timeout: float) -> Entry:
        """Wait for a place. Raises `ProviderDown` at once while the breaker is open, `NoPlace` after *timeout*."""
        entry = self.line_up(tokens)
        with self._kept(entry):
            if entry.future.done():
                entry.future.result()  # the usual case: no line, no detour through the loop
            else:
                async with asyncio.timeout(min(timeout, LONGEST_WAIT)):
                    await asyncio.wrap_future(entry.future)
        return entry

    def line_up(self, tokens: int) -> Entry:
        """Stand in line for a request of up to so many tokens, without waiting."""
        entry = Entry(self, tokens)

        def join(now: float) -> None:
            self._entries[id(entry.ticket)] = entry
            self._gate.join(entry.ticket, now)

        self._act(join)
        return entry

    def leave(self, entry: Entry, error: BaseException | None = None, *, tokens: int | None = None) -> None:
        """What `Entry.leave` does."""
        after = getattr(error, "retry_after", None)
        ending = ending_of(error)
        self._act(lambda now: self._gate.leave(entry.ticket, ending, now, tokens=tokens, retry_after=after))

    def give_up(self, entry: Entry) -> None:
        """What `Entry.give_up` does."""

        def drop(now: float) -> None:
            self._entries.pop(id(entry.ticket), None)
            self._gate.drop(entry.ticket, now)

        self._act(drop)
        entry.future.cancel()

    @contextmanager
    def _kept(self, entry: Entry) -> Iterator[None]:
        """Give the place up when waiting for it ends in any other way than getting it."""
        try:
            yield
        except TimeoutError as error:
            entry.give_up()
            if isinstance(error, lm15.LM15Error):
                raise
            raise NoPlace(f"no place at {self.provider} came free in time; raise its limits or wait longer") from None
        except BaseException:
            entry.give_up()
            raise

    def _act(self, act: Callable[[float], None]) -> None:
        """Decide under the lock, tell those concerned outside of it: their callbacks are not ours."""
        with self._lock:
            now = self._clock()
            act(now)
            told = [(self._entries.pop(id(ticket), None), ticket.state) for ticket in self._gate.called]
            self._gate.called.clear()
            down = self._down(now) if any(state == "refused" for _, state in told) else None
            alarm = self._next_alarm(now)
        for entry, state in told:
            if entry is not None:
                _tell(entry.future, down if state == "refused" else None)
        if alarm is not None:
            self._later(alarm, self._ring)

    def _next_alarm(self, now: float) -> float | None:
        """In how many seconds the first in line may go by time alone, unless an alarm before that is set."""
        at = self._gate.opens_at(now)
        if at is math.inf or self._alarm_at <= at:
            return None
        self._alarm_at = at
        return max(0.0, at - now)

    def _ring(self) -> None:
        def admit(now: float) -> None:
            self._alarm_at = math.inf
            self._gate.admit(now)

        self._act(admit)

    def _down(self, now: float) -> ProviderDown:
        pause = max(0.0, self._gate.open_until - now)
        return ProviderDown(
            f"{self.provider} failed {FAILURES_TO_OPEN} times in a row and is left alone for {pause:.0f} s",
            provider=self.provider,
            retry_after=pause,
        )


class Limiters:
    """One limiter per provider and address, made when first asked for. Limits are set per provider."""

    def __init__(
        self, limits: Mapping[str, ProviderLimits] | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = dict(limits or {})
        self._clock = clock
        self._lock = threading.Lock()
        self._limiters: dict[tuple[str, str], Limiter] = {}

    def of(self, provider: str, at: str | None = None) -> Limiter:
        """The limiter that everybody shares who asks *provider* at that address; one server's failures are its own."""
        place = (provider, at or "")
        with self._lock:
            if place not in self._limiters:
                self._limiters[place] = Limiter(at or provider, self._limits.get(provider), clock=self._clock)
            return self._limiters[place]


def ending_of(error: BaseException | None) -> Ending:
    """What an error says about the provider's standing; one about the request itself is an answer."""
    if error is None:
        return "answered"
    if isinstance(error, lm15.RateLimitError):
        return "limited"
    if isinstance(error, (lm15.ServerError, lm15.TimeoutError, lm15.TransportError)):
        return "failed"
    return "answered" if isinstance(error, lm15.ProviderError) else "nothing"


def _tell(future: Future[None], error: ProviderDown | None) -> None:
    with suppress(InvalidStateError):  # cancelled meanwhile: whoever cancelled gives up the place
        future.set_result(None) if error is None else future.set_exception(error)


def _start_timer(seconds: float, ring: Callable[[], None]) -> threading.Timer:
    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    return timer
