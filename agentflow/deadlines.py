"""Limits on time: at its deadline an account is latched, and an agent that does not end is stopped after a grace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from agentflow.account import Account
from agentflow.budget import Budget, moment
from agentflow.errors import BudgetHalt
from agentflow.scope import Scope

GRACE_SECONDS = 2.0
"""What an agent's own code gets after its deadline to notice that nothing goes out any more."""


def set_deadline(account: Account, clock: Callable[[], float], *, used: float = 0.0) -> None:
    """Enter when the account's time is over, *used* seconds of it being gone already."""
    limits = dict(_limits(account.budget, used))
    if limits:
        first = min(limits, key=limits.__getitem__)
        account.deadline = clock() + limits[first]
        account.deadline_hit = f"{first} of {account.path or 'the run'}"


@contextmanager
def deadline_of(scope: Scope) -> Iterator[None]:
    """Latch the scope's account at its own deadline, and stop the task of this block while it is at work after that.

    Raises `BudgetHalt` in place of the cancellation.
    """
    account = scope.account
    if account.deadline is None:
        yield
        return
    alarm = _Alarm(scope, account.deadline)
    try:
        yield
    except asyncio.CancelledError:
        if alarm.take_back():
            raise BudgetHalt(account.deadline_hit, account.path) from None
        raise
    finally:
        alarm.take_back()


@contextmanager
def undisturbed(scope: Scope) -> Iterator[None]:
    """Nobody is stopped for being late while work in this block is closing work."""
    if not scope.is_exempt:
        yield
        return
    work = object()
    scope.run.closing.add(work)
    try:
        yield
    finally:
        scope.run.closing.discard(work)


class _Alarm:
    """Stops a task after its deadline, and again after every grace: code may have swallowed the cancellation."""

    def __init__(self, scope: Scope, deadline: float) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._run, self._task, self._before, self._sent = scope.run, task, task.cancelling(), 0
        self._loop = asyncio.get_running_loop()
        left = max(0.0, deadline - scope.run.clock())
        self._latching = self._loop.call_later(left, scope.account.halt, scope.account.deadline_hit)
        self._stopping = self._loop.call_later(left + GRACE_SECONDS, self._stop)

    def take_back(self) -> bool:
        """End, and undo what was sent to the task; whether nobody else had cancelled it."""
        self._latching.cancel()
        self._stopping.cancel()
        sent, self._sent = self._sent, 0
        for _ in range(sent):
            self._task.uncancel()
        return sent > 0 and self._task.cancelling() <= self._before

    def _stop(self) -> None:
        if not self._run.is_closing:
            self._sent += 1
            self._task.cancel()
        self._stopping = self._loop.call_later(GRACE_SECONDS, self._stop)


def _limits(budget: Budget, used: float) -> Iterator[tuple[str, float]]:
    """How many seconds from now each limit on time leaves."""
    if budget.seconds is not None:
        yield "seconds", max(0.0, budget.seconds - used)
    if budget.until is not None:
        yield "until", max(0.0, (moment(budget.until) - datetime.now(UTC)).total_seconds())
