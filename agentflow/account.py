"""The tree of accounts that is never overdrawn: reserve before a call, settle after it.

On every account, always: spent + held <= limit + over_bound. Decisions only: no clock, no database, no waiting here; a
`Ticket` is a promise that whoever drives the call may wait for.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import count
from typing import Any
from weakref import WeakSet

from agentflow.budget import Budget, unlimited
from agentflow.reservation import Ask, Refusal, Reservation, Ticket
from agentflow.usage import NOTHING, RESOURCES, Amount, Resource

Answer = Reservation | Refusal


class Account:
    """One node of the tree. Safe to use from any thread; copying it gives itself."""

    may_grow = False
    """Whether its limit is only what was granted so far, so that any other account that lacks room is to blame."""

    def __init__(self, limit: Budget, *, path: str = "", parent: Account | None = None) -> None:
        self.path, self.parent, self.budget = path, parent, limit
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.spent, self.held, self.unknown, self.over_bound = NOTHING, NOTHING, NOTHING, NOTHING
        self.on_wire = 0
        """Requests that may still give something back to this account."""
        self.agents = 0
        """Agents spawned below, in all."""
        self.live = 0
        """Agents at work below, where that is limited."""
        self.deadline: float | None = None
        """On the run's clock; nothing goes out from here or below after it. None: none of its own."""
        self.deadline_hit = ""
        """The limit that the deadline stands for."""
        self.is_exempt = False
        """Whether latches of ancestors do not stop it: the account for closing work."""
        self.is_run = False
        """Whether this is the account of a whole run; its ancestor, if any, is a standing account."""
        self._limit, self._limited = _limits(limit), _limited(limit)
        self._carved: frozenset[Resource] = frozenset()
        self._set_aside = NOTHING
        """Held on the ancestors for this account: never less than it holds itself, nor than it may still spend."""
        self._foreseen = NOTHING
        """Part of what is spent that a replay has still to show."""
        self._is_closed = False
        self._halted = self._exhausted = self._latched = ""
        self._line: list[tuple[int, Ticket]] = []
        self._waiting = 0
        """Tickets of this account and those below, wherever they stand in line."""
        self._tree: _Tree = _Tree() if parent is None else parent._tree

    def __deepcopy__(self, memo: dict[int, object]) -> Account:
        return self

    def __copy__(self) -> Account:
        return self

    def __reduce__(self) -> str:
        raise TypeError("an Account is never copied or sent elsewhere: there must be one ledger")

    # reading

    def chain(self) -> Iterator[Account]:
        """This account and its ancestors, outwards."""
        node: Account | None = self
        while node is not None:
            yield node
            node = node.parent

    @property
    def available(self) -> Amount:
        """What is left here, ancestors not considered."""
        return self._limit - self.spent - self.held

    @property
    def halted(self) -> str:
        """Why nothing more goes out from here; empty while something may."""
        reason, is_carved = self._latched, False
        for account in self.chain():
            reason = reason or account._halted or ("" if is_carved else account._exhausted)
            if reason or account.is_exempt:
                break
            is_carved = is_carved or bool(account._carved)
        return reason

    @property
    def neighbours(self) -> WeakSet[Any]:
        """Whoever hands out places below any account of this tree."""
        return self._tree.neighbours

    def fits(self, ask: Ask) -> bool:
        """Whether the largest answer the ask allows could be paid for now."""
        with self._tree.lock:
            return self.shortage(ask.amount(ask.cap)) is None

    def shortage(self, amount: Amount, *, below: Account | None = None) -> Refusal | None:
        """What forbids to hold *amount* here and up to, but without, *below*; None when nothing does.

        The outermost limit is to blame, but one that no refund can mend goes before one that may be mended.
        """
        blamed: Refusal | None = None
        with self._tree.lock:
            for account, need in self._needs(amount):
                if account is below:
                    break
                short = need.lacking_in(account.available)
                if not short or (blamed is not None and account.may_grow):
                    continue
                if blamed is None or not account.on_wire or blamed.blamed.on_wire:
                    blamed = Refusal(account, short)
        return blamed

    def need_at(self, ancestor: Account, amount: Amount) -> Amount:
        """What *ancestor* must hold when this account holds *amount*."""
        return next((need for account, need in self._needs(amount) if account is ancestor), NOTHING)

    def carvable(self) -> Amount:
        """What `carve` sets aside: what was spent in an earlier sitting its ancestors know of."""
        return self._limit.excess_over(self._foreseen).only(self._limited)

    # money

    def reserve(self, ask: Ask, *, wait: bool = True) -> Reservation | Ticket | Refusal:
        """Hold an upper bound here and on every ancestor, or nowhere.

        A ticket is given only while requests on the wire below the blamed account can still make room.
        """
        with self._tree.lock:
            if reason := self.halted:
                return Refusal(self, "latch", reason)
            least = ask.amount(ask.floor)
            short = self.shortage(least)
            if short is not None and not (wait and short.blamed.on_wire):
                return short
            line = short.blamed if short is not None else self._line_before(least) if wait else None
            if line is None:
                return self._hold(ask)
            ticket = Ticket(self, ask, next(self._tree.order))
            self._tree.stand(ticket, line)
            return ticket

    def charge(self, spent: Amount, *, unknown: Amount = NOTHING, over_bound: Amount = NOTHING) -> None:
        """Enter what was charged in an earlier sitting, here only."""
        with self._tree.lock:
            self.spent += spent
            self.unknown += unknown
            self.over_bound += over_bound

    def foresee(self, spent: Amount, *, over_bound: Amount = NOTHING) -> None:
        """Enter what was charged in an earlier sitting, here only, before anything else and before replays show it."""
        self.charge(spent, over_bound=over_bound)
        self._foreseen += spent

    def charge_replayed(self, spent: Amount) -> None:
        """Enter a call of an earlier sitting on this account and those above it, the run's own excepted: it knows."""
        with self._tree.lock:
            returned = NOTHING
            for account in self.chain():
                account.held -= returned
                if account.parent is not None and not account.is_run:
                    account.spent += spent.excess_over(account._foreseen)
                    account._foreseen -= spent.at_most(account._foreseen)
                returned = account._pass_on(returned)
        self._tree.admit(self.chain())

    def carve(self) -> Refusal | None:
        """Set this account's whole limit aside on its ancestors, so that nobody else can spend it."""
        assert self.parent is not None
        assert not self.held, "an account is carved before anything is held on it"
        with self._tree.lock:
            amount = self.carvable()
            if reason := self.parent.halted:
                return Refusal(self.parent, "latch", reason)
            if short := self.parent.shortage(amount):
                return short
            for account, need in self.parent._needs(amount):
                account.held += need
            self._carved, self._set_aside = self._limited, amount
            return None

    def close(self) -> None:
        """End: nothing more goes out from here, and what was carved and not spent goes back.

        A request that is still on the wire gives back what it leaves when it settles.
        """
        with self._tree.lock:
            self._is_closed = True
            self._book(NOTHING, NOTHING)
        self.halt("the agent has ended")
        self._tree.admit(self.chain())

    # people

    def admit_agent(self) -> Refusal | None:
        """Count one more agent below this account, or name the limit on depth or fan-out that forbids it."""
        with self._tree.lock:
            for account in self.chain():
                allowed = account.budget
                if allowed.depth is not None and self.depth + 1 - account.depth > allowed.depth:
                    return Refusal(account, "depth")
                if allowed.agents is not None and account.agents >= allowed.agents:
                    return Refusal(account, "agents")
            for account in self.chain():
                account.agents += 1
            return None

    # latches: whoever waits under one is told

    def halt(self, reason: str) -> None:
        """Nothing more goes out from here or below: a deadline, a cancellation."""
        self._halted = self._halted or reason
        self._tell_halted()

    def exhaust(self, reason: str) -> None:
        """Too little is left for any call: nothing more goes out from here or below, carves excepted."""
        self._exhausted = self._exhausted or reason
        self._tell_halted()

    def latch(self, reason: str) -> None:
        """Nothing more goes out from this very account; those below may have room of their own."""
        self._latched = self._latched or reason
        self._tell_halted()

    # inside

    def _needs(self, amount: Amount) -> Iterator[tuple[Account, Amount]]:
        """Each account outwards with what it must hold: above a carve, what was carved is held already."""
        for account in self.chain():
            yield account, amount
            if account._carved:
                amount = amount.only(RESOURCES - account._carved)

    def _hold(self, ask: Ask) -> Reservation:
        """The largest reservation there is room for; the floor has room."""
        cap = ask.largest_cap(_room(self._needs(unlimited())))
        assert cap is not None
        amount = ask.amount(cap)
        for account, need in self._needs(amount):
            account.held += need
            account.on_wire += account._may_refund(need)
        return Reservation(self, amount, cap)

    def settle_reservation(self, reservation: Reservation, spent: Amount, *, unknown: bool) -> Amount:
        with self._tree.lock:
            if not reservation.is_open:
                return NOTHING
            reservation.is_open = False
            for account, need in self._needs(reservation.amount):
                account.on_wire -= account._may_refund(need)
            over = self._book(reservation.amount, spent, unknown=unknown)
        self._tree.admit(self.chain())
        return over

    def _book(self, held: Amount, spent: Amount, *, unknown: bool = False) -> Amount:
        """Turn what was held into what was spent, all the way out; gives what lies above the bound."""
        over, returned = spent.excess_over(held), NOTHING
        for account, need in self._needs(held):
            account.held -= need + returned
            if spent:
                account.spent += spent
                account.over_bound += over
                account.unknown += spent if unknown else NOTHING
            returned = account._pass_on(returned)
        return over

    def _pass_on(self, returned: Amount) -> Amount:
        """What the ancestors need no longer hold: for a carve below, and for this account where it is one."""
        if not self._carved:
            return returned
        room = NOTHING if self._is_closed else self._limit - self.spent
        keep = self._set_aside.at_most(self.held + room.excess_over(self.held)).only(self._carved)
        freed, self._set_aside = self._set_aside - keep, keep
        return returned.only(RESOURCES - self._carved) + freed

    def _may_refund(self, need: Amount) -> bool:
        """Whether a request that needs so much here may give something back."""
        limited = self._limited
        return bool((need.usd and "usd" in limited) or (need.tokens and "tokens" in limited)
                    or (need.calls and "calls" in limited))  # fmt: skip

    # the line: first come, first served on each account

    def _line_before(self, least: Amount, order: int | None = None) -> Account | None:
        """An account that must hold some of *least*, and where others wait already: those before *order*, or any."""
        for account, need in self._needs(least) if self._tree.tickets else ():
            first = account._first()
            if first is not None and (order is None or first.order < order) and account._may_refund(need):
                return account
        return None

    def _first(self) -> Ticket | None:
        """The ticket in front; those that left are dropped."""
        while self._line and self._line[0][1].line is not self:
            heappop(self._line)
        return self._line[0][1] if self._line else None

    def leave_line(self, ticket: Ticket) -> bool:
        with self._tree.lock:
            line = ticket.line
            if line is None:
                return False
            self._tree.dismiss(ticket)
        self._tree.admit((line,))
        return True

    def _tell_halted(self) -> None:
        """Refuse whoever stands in line under a latch."""
        with self._tree.lock:
            halted = [ticket for ticket in self._tree.tickets if ticket.account.halted] if self._waiting else []
            lines = [line for ticket in halted if (line := ticket.line) is not None]
            for ticket in halted:
                self._tree.dismiss(ticket)
        for ticket in halted:
            ticket.future.set_result(Refusal(ticket.account, "latch", ticket.account.halted))
        self._tree.admit(lines)


class _Tree:
    """What all accounts of one tree share."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.order = count()
        self.tickets: dict[Ticket, None] = {}
        """Everybody in line anywhere."""
        self.neighbours: WeakSet[Any] = WeakSet()

    def stand(self, ticket: Ticket, line: Account) -> None:
        """Put *ticket* in line, in its order; one that stands elsewhere moves."""
        if ticket.line is None:
            self.tickets[ticket] = None
            for account in ticket.account.chain():
                account._waiting += 1
        ticket.line = line
        heappush(line._line, (ticket.order, ticket))

    def dismiss(self, ticket: Ticket) -> None:
        """Take *ticket* out of its line."""
        ticket.line = None
        del self.tickets[ticket]
        for account in ticket.account.chain():
            account._waiting -= 1

    def admit(self, changed: Iterable[Account]) -> None:
        """Serve the lines of accounts that may have room, and refuse whom nothing can help any more."""
        if not self.tickets:
            return
        served: list[tuple[Ticket, Answer]] = []
        with self.lock:
            for account in changed:
                while (ticket := account._first()) is not None:
                    answer = self._answer(ticket)
                    if isinstance(answer, Account):
                        if answer is account:
                            break
                        self.stand(ticket, answer)
                        continue
                    self.dismiss(ticket)
                    served.append((ticket, answer))
        for ticket, answer in served:
            ticket.future.set_result(answer)

    def _answer(self, ticket: Ticket) -> Answer | Account:
        """What becomes of the first in a line: an answer, or the account in whose line it must wait."""
        account, least = ticket.account, ticket.ask.amount(ticket.ask.floor)
        short = account.shortage(least)
        if short is not None:
            return short.blamed if short.blamed.on_wire else short
        return account._line_before(least, ticket.order) or account._hold(ticket.ask)


def _limits(budget: Budget) -> Amount:
    limits = (budget.nano, budget.tokens, budget.calls)
    return Amount(*(unlimited().calls if limit is None else limit for limit in limits))


def _limited(budget: Budget) -> frozenset[Resource]:
    """The resources that *budget* limits."""
    return frozenset(resource for resource in RESOURCES if getattr(budget, resource) is not None)


def _room(needs: Iterable[tuple[Account, Amount]]) -> Amount:
    """The least that any account has left, of the resources that must be held there."""
    room = unlimited()
    for account, need in needs:
        left = account.available
        room = Amount(
            min(room.usd, left.usd) if need.usd else room.usd,
            min(room.tokens, left.tokens) if need.tokens else room.tokens,
            min(room.calls, left.calls) if need.calls else room.calls,
        )
    return room
