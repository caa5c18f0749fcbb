"""Limits on time: at its deadline an account is latched, and an agent that still does not end is stopped soon after."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from agentflow.account import Account
from agentflow.budget import Budget, moment
from agentflow.errors import BudgetHalt

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
def deadline_of(account: Account, clock: Callable[[], float]) -> Iterator[None]:
    """Latch *account* at its own deadline, and stop the task of this block if it is still at work soon after.

    Raises `BudgetHalt` in place of the cancellation.
    """
    if account.deadline is None:
        yield
        return
    loop, task, is_late = asyncio.get_running_loop(), asyncio.current_task(), False

    def stop() -> None:
        nonlocal is_late
        is_late = True
        assert task is not None
        task.cancel()

    left = max(0.0, account.deadline - clock())
    alarms = [loop.call_later(left, account.halt, account.deadline_hit), loop.call_later(left + GRACE_SECONDS, stop)]
    try:
        yield
    except asyncio.CancelledError:
        if is_late and task is not None and task.uncancel() == 0:
            raise BudgetHalt(account.deadline_hit, account.path) from None
        raise
    finally:
        for alarm in alarms:
            alarm.cancel()


def _limits(budget: Budget, used: float) -> Iterator[tuple[str, float]]:
    """How many seconds from now each limit on time leaves."""
    if budget.seconds is not None:
        yield "seconds", max(0.0, budget.seconds - used)
    if budget.until is not None:
        yield "until", max(0.0, (moment(budget.until) - datetime.now(UTC)).total_seconds())
