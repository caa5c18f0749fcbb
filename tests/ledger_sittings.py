"""A simulated process beside its accounts as kept by hand: each answer is held against the books when it is decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ledger_model import Books, Limits, Node, Numbers, Request, plain, total
from ledger_processes import TEAM, Errand, Process

from agentflow.account import Account
from agentflow.budget import Budget
from agentflow.events import CallId
from agentflow.reservation import Ask, Refusal, Reservation
from agentflow.standing import Standing
from agentflow.store.sqlite import SQLiteStore


@dataclass(eq=False)
class Sent:
    """A request on the wire."""

    id: CallId
    reservation: Reservation
    request: Request


class Sitting(Process):
    """A process, and its accounts as kept by hand."""

    def __init__(self, store: SQLiteStore, run: str, limits: dict[str, Any], *, team: Budget | None = None) -> None:
        standing = None if team is None else Standing(TEAM, team)
        account = Account(Budget(**limits), parent=standing)
        super().__init__(store, run, account, standing)
        self.books = Books()
        self.limits, self.is_on_team = limits, team is not None
        self.accounts: dict[Account, Node] = {}
        self.sent: list[Sent] = []
        self.replayable: list[tuple[Node, Numbers]] = []
        self.answered_before: dict[CallId, tuple[Numbers, Numbers]] = {}
        """Calls of the run that were answered in earlier sittings: what was charged, and how much above its bound."""
        self.granted: dict[Reservation, Request] = {}
        """Given to whoever waited, and not yet taken up."""
        if standing is not None:
            self.enter(standing, None).knows_all = True
        self.enter(account, self.accounts.get(standing) if standing is not None else None).knows_all = True

    @property
    def own(self) -> list[tuple[Account, Node]]:
        """The run's account and those below it."""
        return [(account, node) for account, node in self.accounts.items() if account is not self.run.standing]

    def enter(self, account: Account, parent: Node | None) -> Node:
        budget = account.budget
        limit: Limits = (budget.nano, budget.tokens, budget.calls)
        node = Node(account.path, (None, None, None) if account is self.run.standing else limit, parent)
        below = f"{account.path}/"
        known = [charged for id, charged in self.answered_before.items() if f"{id.path}/".startswith(below)]
        node.known, node.known_over = total(spent for spent, _ in known), total(over for _, over in known)
        self.books.nodes.append(node)
        self.accounts[account] = node
        return node

    def expect(self, errand: Errand) -> None:
        """Note what its ticket resolves to as soon as that is decided."""
        for ticket in self.tickets():
            if ticket.future is errand.parked and ticket.ask is errand.ask:
                ticket.future.add_done_callback(lambda done: self.note(errand, done.result()))

    def note(self, errand: Errand, answer: Reservation | Refusal) -> None:
        """Hold the answer against the books, which stand as they did when it was decided."""
        node, asked = self.accounts[errand.account], errand.ask
        assert asked is not None
        if isinstance(answer, Refusal):
            if answer.blamed is not self.run.standing:
                self.justify(node, asked, answer)
            return
        assert not self.books.is_stopped(node), "something went out under a latch"
        assert not self.books.short(node, plain(answer.amount)), "it does not fit"
        if answer.cap < asked.cap and not self.is_on_team:
            assert self.books.short(node, plain(asked.amount(answer.cap + 1))), "clipped more than it had to be"
        self.granted[answer] = Request(node, plain(answer.amount))
        self.books.requests.append(self.granted[answer])

    def justify(self, node: Node, asked: Ask, refusal: Refusal) -> None:
        """A refusal names an account that has too little, and that nothing on the wire can help."""
        if refusal.resource == "latch":
            assert self.books.is_stopped(node), refusal.limit_hit
            return
        blamed = self.accounts[refusal.blamed]
        assert blamed in self.books.short(node, plain(asked.amount(asked.floor))), (
            f"refused for want of what is there: {refusal.limit_hit}"
        )
        assert not self.books.may_get_back(blamed), "refused though something may come back"
