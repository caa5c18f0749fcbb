"""The tree of accounts that is never overdrawn: reserve before a call, settle after it.

On every account, always: spent + held <= limit + over_bound. Decisions only: no clock, no database, no waiting here; a
`Ticket` is a promise that whoever drives the call may wait for.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import Any
from weakref import WeakSet

from agentflow.budget import Budget, unlimited
from agentflow.reservation import Ask, Refusal, Reservation, Ticket
from agentflow.usage import NOTHING, RESOURCES, Amount, Resource


class Account:
    """One node of the tree. Safe to use from any thread; copying it gives itself."""

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
        self.is_exempt = False
        """Whether latches of ancestors do not stop it: the account for closing work."""
        self._limit = _limits(limit)
        self._carved: Amount | None = None
        self._carve_left = NOTHING
        self._halted = ""
        self._queue: deque[Ticket] = deque()
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
        for account in self.chain():
            if account._halted:
                return account._halted
            if account.is_exempt:
                break
        return ""

    @property
    def neighbours(self) -> WeakSet[Any]:
        """Whoever hands out places below any account of this tree."""
        return self._tree.neighbours

    # money

    def reserve(self, ask: Ask, *, wait: bool = True) -> Reservation | Ticket | Refusal:
        """Hold an upper bound here and on every ancestor, or nowhere.

        A ticket is given only while requests on the wire below the blamed account can still make room.
        """
        with self._tree.lock:
            if self.halted:
                return Refusal(self, "latch", self.halted)
            queued = next((a for a in self.chain() if a._queue), None) if wait else None
            if queued is None:
                granted = self._try(ask)
                if isinstance(granted, Reservation) or not wait or not granted.blamed.on_wire:
                    return granted
                queued = granted.blamed
            ticket = Ticket(self, ask)
            queued._queue.append(ticket)
            self._tree.waiting[id(queued)] = queued
            return ticket

    def fits(self, ask: Ask) -> bool:
        """Whether the largest answer the ask allows could be paid for now."""
        with self._tree.lock:
            return not any(need.lacking_in(a.available) for a, need in self._needs(ask.amount(ask.cap)))

    def charge(self, spent: Amount, *, unknown: Amount = NOTHING, over_bound: Amount = NOTHING) -> None:
        """Enter what was charged in an earlier sitting, here only."""
        with self._tree.lock:
            self.spent += spent
            self.unknown += unknown
            self.over_bound += over_bound

    def charge_replayed(self, spent: Amount) -> None:
        """Enter a call of an earlier sitting on this account and those above it, the run's own excepted: it knows."""
        with self._tree.lock:
            for account in self.chain():
                if account.parent is None or account.is_run:
                    break
                account.spent += spent

    is_run = False
    """Whether this is the account of a whole run; its ancestor, if any, is a standing account."""

    def grow(self, amount: Amount) -> None:
        """Raise the limit: a standing account was granted more."""
        with self._tree.lock:
            self._limit += amount
        self._admit()

    def shrink_to_used(self) -> Amount:
        """Lower the limit to what is spent and held; gives what was left, to be returned."""
        with self._tree.lock:
            left = _finite(self.available)
            left = Amount(max(0, left.usd), max(0, left.tokens), max(0, left.calls))
            self._limit -= left
            return left

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

    def carve(self) -> Refusal | None:
        """Set this account's whole limit aside on its ancestors, so that nobody else can spend it."""
        with self._tree.lock:
            amount = _finite(self._limit)
            assert self.parent is not None
            needs = list(self.parent._needs(amount))
            for account, need in reversed(needs):
                if short := need.lacking_in(account.available):
                    return Refusal(account, short)
            for account, need in needs:
                account.held += need
            self._carved, self._carve_left = self._limit, amount
            return None

    def close(self) -> None:
        """Give back what was carved and not spent."""
        with self._tree.lock:
            left, self._carve_left = self._carve_left, NOTHING
            self._carved = None
            if left and self.parent is not None:
                for account, need in self.parent._needs(left):
                    account.held -= need
        self._admit()

    def halt(self, reason: str) -> None:
        """Latch: nothing more goes out from here or below, and whoever waits is told."""
        with self._tree.lock:
            self._halted = self._halted or reason
            refused = self._refuse_halted()
        for ticket, refusal in refused:
            ticket.future.set_result(refusal)
        self._admit()

    # inside

    def _needs(self, amount: Amount) -> Iterator[tuple[Account, Amount]]:
        """Each account outwards with what it must hold: above a carve, what was carved is held already."""
        for account in self.chain():
            yield account, amount
            if account._carved is not None:
                amount = amount.only(_unlimited(account._carved))

    def _try(self, ask: Ask) -> Reservation | Refusal:
        room = _room([(a, need) for a, need in self._needs(unlimited())])
        cap = ask.largest_cap(room)
        if cap is None:
            return self._refuse(ask.amount(ask.floor))
        amount = ask.amount(cap)
        for account, need in self._needs(amount):
            account.held += need
        for account in self._refundable():
            account.on_wire += 1
        return Reservation(self, amount, cap)

    def _refuse(self, amount: Amount) -> Refusal:
        for account, need in reversed(list(self._needs(amount))):  # root first: blame the outermost limit
            if short := need.lacking_in(account.available):
                return Refusal(account, short)
        raise AssertionError("refused although every account has room")

    def _refundable(self) -> Iterator[Account]:
        """The accounts that get something back when a request of this one settles: up to the first carve."""
        for account in self.chain():
            yield account
            if account._carved is not None:
                return

    def settle_reservation(self, reservation: Reservation, spent: Amount, *, unknown: bool) -> Amount:
        with self._tree.lock:
            if not reservation.is_open:
                return NOTHING
            reservation.is_open = False
            over = spent.excess_over(reservation.amount)
            given_back = NOTHING
            for account, need in self._needs(reservation.amount):
                account.held -= need + given_back
                account.spent += spent
                account.over_bound += over
                account.unknown += spent if unknown else NOTHING
                if account._carved is not None:
                    used = spent.only(_limited(account._carved)).at_most(account._carve_left)
                    account._carve_left -= used
                    given_back = given_back.only(_unlimited(account._carved)) + used
            for account in self._refundable():
                account.on_wire -= 1
        self._admit()
        return over

    def leave_queue(self, ticket: Ticket) -> bool:
        with self._tree.lock:
            for account in self.chain():
                if ticket in account._queue:
                    account._queue.remove(ticket)
                    break
            else:
                return False
        self._admit()
        return True

    def _admit(self) -> None:
        """Serve the queues, first come first served on each account, and refuse whom nothing can help any more."""
        if not self._tree.waiting:
            return
        with self._tree.lock:
            served: list[tuple[Ticket, Reservation | Refusal]] = []
            for account in list(self._tree.waiting.values()):
                while account._queue and (answer := account._answer_head()) is not None:
                    served.append((account._queue.popleft(), answer))
                if not account._queue:
                    self._tree.waiting.pop(id(account), None)
        for ticket, answer in served:
            ticket.future.set_result(answer)

    def _refuse_halted(self) -> list[tuple[Ticket, Refusal]]:
        """Take out of every queue whoever stands under a latch."""
        refused: list[tuple[Ticket, Refusal]] = []
        for account in self._tree.waiting.values():
            for ticket in [ticket for ticket in account._queue if ticket.account.halted]:
                account._queue.remove(ticket)
                refused.append((ticket, Refusal(ticket.account, "latch", ticket.account.halted)))
        return refused

    def _answer_head(self) -> Reservation | Refusal | None:
        head = self._queue[0]
        answer = head.account._try(head.ask)
        if isinstance(answer, Refusal) and answer.blamed.on_wire:
            return None
        return answer


class _Tree:
    """What all accounts of one tree share."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.waiting: dict[int, Account] = {}
        self.neighbours: WeakSet[Any] = WeakSet()


def _limits(budget: Budget) -> Amount:
    most = unlimited()
    return Amount(
        usd=most.usd if budget.nano is None else budget.nano,
        tokens=most.tokens if budget.tokens is None else budget.tokens,
        calls=most.calls if budget.calls is None else budget.calls,
    )


def _room(needs: list[tuple[Account, Amount]]) -> Amount:
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


def _limited(limit: Amount) -> frozenset[Resource]:
    most = unlimited()
    limited = (("usd", limit.usd < most.usd // 2), ("tokens", limit.tokens < most.tokens // 2),
               ("calls", limit.calls < most.calls // 2))  # fmt: skip
    return frozenset(resource for resource, is_limited in limited if is_limited)  # type: ignore[misc]  # str is Resource


def _unlimited(limit: Amount) -> frozenset[Resource]:
    return RESOURCES - _limited(limit)


def _finite(amount: Amount) -> Amount:
    return amount.only(_limited(amount))
