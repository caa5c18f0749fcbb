"""Who may ask a provider now: places, requests and tokens per minute, and a breaker when it is down.

Pure decisions: time is told, nobody waits here, and one thread enters at a time.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Literal

from agentflow.settings import ProviderLimits

MINUTE = 60.0
FAILURES_TO_OPEN = 5
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 60.0
"""Seconds the breaker stays open, doubled each time a probe fails."""
LONGEST_RETRY_AFTER = 30.0
LEAST_SHARE = 1 / 16
RECOVERY = 1 / 64
"""How much of the configured rates each success gives back."""

Ending = Literal["answered", "limited", "failed", "nothing"]
"""How a request ended for the provider's standing; `nothing`: it tells nothing, such as a cancellation."""


@dataclass(slots=True, eq=False)
class Ticket:
    """One request's place in the line, then at the provider."""

    tokens: int
    state: Literal["waiting", "in", "refused", "gone"] = "waiting"
    entered_at: float = 0.0
    is_probe: bool = False
    counted: Passage | None = None
    """Its tokens in the window of the last minute."""


class Gate:
    """Who may go now, first come first served. Pure: time is told, nobody waits, one thread at a time."""

    def __init__(self, limits: ProviderLimits) -> None:
        self.limits = limits
        self.line: deque[Ticket] = deque()
        self.called: list[Ticket] = []
        """Who was let in or refused and has not been told; whoever tells them empties it."""
        self.inflight = 0
        self.places = math.inf if limits.concurrency is None else float(limits.concurrency)
        self.share = 1.0
        """Part of the configured rates in force: halved when the provider complains, slowly given back."""
        self.open_until = -math.inf
        """Until when the breaker lets nobody through."""
        self._requests, self._tokens = Window(), Window()
        self._paused_until = self._halved_at = -math.inf
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._probe: Ticket | None = None

    def join(self, ticket: Ticket, now: float) -> None:
        """Stand in line, or be refused while the breaker is open."""
        if now < self.open_until:
            self._refuse(ticket)
            return
        self.line.append(ticket)
        self.admit(now)

    def admit(self, now: float) -> None:
        """Let in, in order, everyone who may go now."""
        while self.line and self.opens_at(now) <= now:
            ticket = self.line.popleft()
            ticket.state, ticket.entered_at = "in", now
            if self._failures >= FAILURES_TO_OPEN:
                ticket.is_probe, self._probe = True, ticket
            self.inflight += 1
            self._requests.add(1, now)
            ticket.counted = self._tokens.add(ticket.tokens, now)
            self.called.append(ticket)

    def opens_at(self, now: float) -> float:
        """When the first in line may go; infinite when only somebody's leaving can tell."""
        if not self.line or self.inflight >= max(1, int(min(self.places, 1e9))) or self._probe is not None:
            return math.inf
        at = max(now, self._paused_until, self.open_until)
        if self.limits.rpm is not None:
            at = max(at, self._requests.opens_at(1, max(1.0, self.limits.rpm * self.share), now))
        if self.limits.tpm is not None:
            at = max(at, self._tokens.opens_at(self.line[0].tokens, max(1.0, self.limits.tpm * self.share), now))
        return at

    def drop(self, ticket: Ticket, now: float) -> None:
        """Forget somebody who stopped waiting, or who was let in and never went."""
        if ticket.state == "in":
            self.leave(ticket, "nothing", now, tokens=0)
        elif ticket.state == "waiting":
            self.line.remove(ticket)
            ticket.state = "gone"
            self.admit(now)

    def leave(
        self, ticket: Ticket, ending: Ending, now: float, *, tokens: int | None = None, retry_after: float | None = None
    ) -> None:
        """Give the place back and learn from how it went. A second leave changes nothing."""
        if ticket.state != "in":
            return
        ticket.state = "gone"
        self.inflight -= 1
        if tokens is not None and ticket.counted is not None:
            self._tokens.correct(ticket.counted, tokens, now)
        if self._probe is ticket:
            self._probe = None
        if ending == "answered":
            self._answered()
        elif ending == "limited":
            self._limited(ticket, now, retry_after)
        elif ending == "failed":
            self._failed(ticket, now)
        self.admit(now)

    def _answered(self) -> None:
        self._failures, self._pause, self.open_until = 0, FIRST_PAUSE, -math.inf
        self.share = min(1.0, self.share + RECOVERY)
        most = math.inf if self.limits.concurrency is None else float(self.limits.concurrency)
        if self.places < most:
            self.places = min(most, self.places + 1 / self.places)

    def _limited(self, ticket: Ticket, now: float, retry_after: float | None) -> None:
        self._failures = 0
        if retry_after is not None:
            self._paused_until = max(self._paused_until, now + min(retry_after, LONGEST_RETRY_AFTER))
        if ticket.entered_at < self._halved_at:
            return  # it went out before the last halving: one complaint, told several times
        self._halved_at = now
        self.share = max(LEAST_SHARE, self.share / 2)
        self.places = max(1.0, min(self.places, float(self.inflight + 1)) / 2)

    def _failed(self, ticket: Ticket, now: float) -> None:
        self._failures += 1
        if self._failures < FAILURES_TO_OPEN or now < self.open_until:
            return
        self._pause = min(LONGEST_PAUSE, self._pause * 2) if ticket.is_probe else FIRST_PAUSE
        self.open_until = now + self._pause
        while self.line:
            self._refuse(self.line.popleft())

    def _refuse(self, ticket: Ticket) -> None:
        ticket.state = "refused"
        self.called.append(ticket)


@dataclass(slots=True, eq=False)
class Passage:
    """Something that went through at a time, of a size that may be corrected."""

    at: float
    size: int


class Window:
    """What went through in the last minute."""

    def __init__(self) -> None:
        self._passages: deque[Passage] = deque()
        self._total = 0

    def opens_at(self, amount: int, limit: float, now: float) -> float:
        """When *amount* fits under *limit*; more than the whole limit fits alone."""
        self._forget(now)
        excess = self._total + amount - limit
        if excess <= 0:
            return now
        freed, opens = 0, now
        for passage in self._passages:
            freed, opens = freed + passage.size, passage.at + MINUTE
            if freed >= excess:
                break
        return opens

    def add(self, amount: int, now: float) -> Passage:
        """Count *amount*."""
        passage = Passage(now, amount)
        self._passages.append(passage)
        self._total += amount
        return passage

    def correct(self, passage: Passage, size: int, now: float) -> None:
        """Count *passage* as *size* after all, if it still counts."""
        self._forget(now)
        if self._passages and self._passages[0].at <= passage.at:
            self._total += size - passage.size
            passage.size = size

    def _forget(self, now: float) -> None:
        while self._passages and self._passages[0].at + MINUTE <= now:
            self._total -= self._passages.popleft().size
