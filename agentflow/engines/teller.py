"""Money for one request: waits where refunds may come, asks standing accounts for more, and never overdraws."""

from __future__ import annotations

from concurrent.futures import Future

from agentflow.account import Account
from agentflow.effects import Pause, Wait, Work
from agentflow.errors import StoreFailed
from agentflow.reservation import Ask, Refusal, Reservation, Ticket
from agentflow.scope import Run, Scope
from agentflow.standing import Standing
from agentflow.threads import started
from agentflow.usage import Amount

GRANT_POLL_SECONDS = 0.05
"""How often a process asks again for money that another process holds, half as long again by chance."""


def reserve(scope: Scope, ask: Ask) -> Work[Reservation | Refusal]:
    """A reservation on the scope's account, or the refusal that no waiting will change."""
    run, standing = scope.run, scope.run.standing
    while True:
        if standing is None or not scope.account.need_at(standing, ask.amount(ask.cap)):
            answer = scope.account.reserve(ask, wait=run.on_full_wait)
        else:
            answer = yield from _at_the_desk(scope, standing, ask)
        if isinstance(answer, Ticket):
            answer = yield from _wait(scope, answer)
            if isinstance(answer, Refusal) and answer.blamed is standing:
                continue  # nothing comes back here any more, but other processes may return something
        return answer


def carve(run: Run, account: Account) -> Work[Refusal | None]:
    """Set an account's limit aside, of the standing account too where one pays."""
    if run.standing is None or account.parent is None:
        return account.carve()
    amount = account.carvable()
    scope, turn = Scope(run, account), run.standing.line_up()
    try:
        yield Wait(turn, scope.time_left())
        yield from _grow(run, run.standing, account.parent, most=amount, least=amount)
        return account.carve()
    except TimeoutError:
        return _too_late(scope)
    finally:
        run.standing.leave(turn)
        return_unused(run)


def return_unused(run: Run) -> None:
    """Give back what this process was granted, unless requests on the wire may need it."""
    standing = run.standing
    if standing is None or standing.on_wire or standing.is_asking:
        return
    if unused := standing.shrink_to_used():
        run.store.give_back(standing.path, unused)


def _at_the_desk(scope: Scope, standing: Standing, ask: Ask) -> Work[Reservation | Ticket | Refusal]:
    """Ask the store for what is lacking and reserve it, in turn.

    A refusal is final when a grant was refused after nobody else held anything, and still nobody does.
    """
    run, account = scope.run, scope.account
    turn, is_alone = standing.line_up(), False
    try:
        yield Wait(turn, scope.time_left())
        while True:
            yield from _grow(run, standing, account, most=ask.amount(ask.cap), least=ask.amount(ask.floor))
            answer = account.reserve(ask, wait=run.on_full_wait)
            if not isinstance(answer, Refusal) or answer.blamed is not standing or is_alone or not run.on_full_wait:
                return answer
            is_alone = not (yield from _others_may_return(scope, standing))
    except TimeoutError:
        return _too_late(scope)
    finally:
        standing.leave(turn)
        return_unused(run)


def _wait(scope: Scope, ticket: Ticket) -> Work[Reservation | Refusal]:
    """Wait for room; who stops waiting, for whatever reason, leaves no hold behind."""
    try:
        answer: Reservation | Refusal = yield Wait(ticket.future, scope.time_left())
    except TimeoutError:
        ticket.give_up()
        return _too_late(scope)
    except BaseException:
        ticket.give_up()
        raise
    return answer


def _grow(run: Run, standing: Standing, account: Account, *, most: Amount, least: Amount) -> Work[None]:
    """Ask the store for what this process lacks of the standing account, unless another limit forbids it anyhow."""
    while account.shortage(least, below=standing) is None:
        wanted = account.need_at(standing, most).excess_over(standing.available)
        if not wanted:
            return
        needed = account.need_at(standing, least).excess_over(standing.available)
        granted: Amount | None = yield Wait(_granted(run, standing, wanted, needed))
        if granted is None or wanted.excess_over(granted):
            return


def _granted(run: Run, standing: Standing, want: Amount, least: Amount) -> Future[Amount | None]:
    """What the store grants, entered whoever still waits for it: a cancelled agent loses no money of others."""
    entered: Future[Amount | None] = Future()

    def enter(granting: Future[Amount | None]) -> None:
        try:
            granted = granting.result()
        except StoreFailed as error:
            entered.set_exception(error)
            return
        if granted is not None:
            standing.grow(granted)
        entered.set_result(granted)

    entered.set_running_or_notify_cancel()
    run.store.grant(standing.path, want, least).add_done_callback(enter)
    return entered


def _others_may_return(scope: Scope, standing: Standing) -> Work[bool]:
    """Return what is unused here, and wait a moment when other living processes hold money; whether they do."""
    run = scope.run
    yield Wait(run.store.give_back(standing.path, standing.shrink_to_used()))
    if not (yield Wait(started(lambda: run.store.others_hold(standing.path)))):
        return False
    left = scope.time_left()
    if left == 0.0:
        raise TimeoutError
    pause = GRANT_POLL_SECONDS * (1 + run.random.random() / 2)
    yield Pause(pause if left is None else min(pause, left))
    return True


def _too_late(scope: Scope) -> Refusal:
    late = scope.first_late
    assert late is not None, "without a deadline nobody stops waiting"
    return Refusal(late, "seconds", late.deadline_hit)
