"""Money for one request: waits where refunds may come, asks standing accounts for more, and never overdraws."""

from __future__ import annotations

from agentflow.account import Account
from agentflow.effects import Pause, Wait, Work
from agentflow.reservation import Ask, Refusal, Reservation, Ticket
from agentflow.scope import Run, Scope
from agentflow.usage import NOTHING, Amount

GRANT_POLL_SECONDS = 0.05
"""How often a process asks again for money that another process holds."""
GRANTED_CALLS = 4
"""How many calls' worth a process asks of a standing account at once."""


def reserve(scope: Scope, ask: Ask) -> Work[Reservation | Refusal]:
    """A reservation on the scope's account, or the refusal that no waiting will change."""
    run, standing = scope.run, scope.run.standing
    while True:
        answer = scope.account.reserve(ask, wait=run.on_full_wait and standing is None)
        if standing is not None and isinstance(answer, Refusal):
            if answer.blamed is standing and (yield from _grow(run, standing, ask)):
                continue
            answer = scope.account.reserve(ask, wait=run.on_full_wait)
        if isinstance(answer, Ticket):
            answer = yield from _wait_in_line(run, answer)
        if isinstance(answer, Reservation) or standing is None or answer.blamed is not standing:
            return answer
        if not (yield from _others_may_return(run, standing)):
            return answer


def _wait_in_line(run: Run, ticket: Ticket) -> Work[Reservation | Refusal]:
    """Wait for room; who stops waiting, for whatever reason, leaves no hold behind."""
    try:
        answer: Reservation | Refusal = yield Wait(ticket.future, run.time_left())
    except TimeoutError:
        ticket.give_up()
        return Refusal(run.account, "seconds")
    except BaseException:
        ticket.give_up()
        raise
    return answer


def _grow(run: Run, standing: Account, ask: Ask) -> Work[bool]:
    """Ask the store for more of the standing account, some calls' worth while it has plenty."""
    least = ask.amount(ask.floor)
    wanted = sum((ask.amount(ask.cap) for _ in range(GRANTED_CALLS)), NOTHING)
    granted: Amount | None = yield Wait(run.store.grant(standing.path, wanted, least))
    if granted is None:
        return False
    standing.grow(granted)
    return True


def _others_may_return(run: Run, standing: Account) -> Work[bool]:
    """Whether it is worth asking again: other living processes hold money of the account."""
    left = run.time_left()
    if not run.on_full_wait or left == 0.0:
        return False
    yield Wait(run.store.give_back(standing.path, standing.shrink_to_used()))
    if not run.store.others_hold(standing.path):
        return False
    yield Pause(GRANT_POLL_SECONDS if left is None else min(GRANT_POLL_SECONDS, left))
    return True
