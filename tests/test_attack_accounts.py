"""Accounts under any sequence of events: nothing is overdrawn, nobody is forgotten, and first come is first served."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from test_account import PRICE, ask

from agentflow.account import Account
from agentflow.budget import Budget
from agentflow.reservation import Ask, Reservation, Ticket
from agentflow.usage import FREE, NOTHING, RESOURCES, Amount

LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "usd": st.integers(0, 400).map(lambda nano: f"{nano}e-9"),
        "tokens": st.integers(0, 300),
        "calls": st.integers(0, 12),
    },
)
ASKS = st.builds(ask, st.integers(1, 30), st.integers(5, 30), st.integers(1, 5), price=st.sampled_from([PRICE, FREE]))


class Tree(RuleBasedStateMachine):
    """Accounts under any sequence of events, beside a ledger that adds everything up by hand."""

    accounts = Bundle("accounts")
    open = Bundle("open")

    def __init__(self) -> None:
        super().__init__()
        self.tree: list[Account] = []
        self.spent: dict[int, Amount] = {}
        self.on_wire: list[Reservation] = []
        self.tickets: list[Ticket] = []

    @initialize(target=accounts, limits=LIMITS)
    def start(self, limits: dict[str, object]) -> Account:
        return self._entered(Account(Budget(**limits), path="root"))  # type: ignore[arg-type]  # a limit of any kind

    @rule(target=accounts, parent=accounts, limits=LIMITS)
    def spawn(self, parent: Account, limits: dict[str, object]) -> Account:
        return self._entered(Account(Budget(**limits), path=f"{len(self.tree)}", parent=parent))  # type: ignore[arg-type]  # the same

    @rule(target=accounts, parent=accounts, limits=LIMITS)
    def carve(self, parent: Account, limits: dict[str, object]) -> Account:
        account = self.spawn(parent, limits)
        before = [above.held for above in account.chain()]
        if account.carve() is not None:
            assert [above.held for above in account.chain()] == before
        return account

    @rule(target=open, account=accounts, asked=ASKS, wait=st.booleans())
    def reserve(self, account: Account, asked: Ask, *, wait: bool) -> object:
        answer = account.reserve(asked, wait=wait)
        if isinstance(answer, Ticket):
            assert wait
            self.tickets.append(answer)
        elif isinstance(answer, Reservation):
            self.on_wire.append(answer)
            assert not wait or not [t for t in self.tickets if t.account is account and t.ask.price is asked.price]
        else:
            assert answer.blamed in account.chain()
            assert answer.limit_hit
        return multiple(*self._granted(answer))

    @rule(target=open, reservation=consumes(open), how=st.sampled_from(["settle", "lose", "release", "over"]))
    def end(self, reservation: Reservation, how: str) -> object:
        amount = reservation.amount
        spent = {
            "settle": Amount(amount.usd // 2, amount.tokens // 2, 1),
            "lose": amount,
            "release": NOTHING,
            "over": amount + Amount(7, 90, 0),
        }[how]
        self.on_wire.remove(reservation)
        reservation.settle(spent)
        for account in reservation.account.chain():
            self.spent[id(account)] += spent
        return multiple(*self._granted())

    @rule(target=open, account=accounts, how=st.sampled_from(["close", "halt", "latch", "exhaust"]))
    def stop(self, account: Account, how: str) -> object:
        account.close() if how == "close" else getattr(account, how)(how)
        return multiple(*self._granted())

    @rule(target=open, number=st.integers(0, 9))
    def give_up(self, number: int) -> object:
        if self.tickets:
            self.tickets.pop(number % len(self.tickets)).give_up()
        return multiple(*self._granted())

    @invariant()
    def nothing_is_overdrawn(self) -> None:
        for account in self.tree:
            room = account._limit + account.over_bound
            assert not (account.spent + account.held).excess_over(room), account.path
            assert account.spent == self.spent[id(account)]

    @invariant()
    def a_carve_covers_what_it_holds(self) -> None:
        for account in self.tree:
            assert not account.held.only(account._carved).excess_over(account._set_aside), account.path

    @invariant()
    def what_is_held_is_what_is_on_the_wire_or_set_aside(self) -> None:
        for account in self.tree:
            direct = [r.amount for r in self.on_wire if r.account is account]
            below = [
                c._set_aside + c.held.only(RESOURCES - c._carved) if c._carved else c.held
                for c in self.tree
                if c.parent is account
            ]
            assert account.held == sum([*direct, *below], NOTHING), account.path

    @invariant()
    def whoever_waits_can_still_be_helped(self) -> None:
        assert not self.tickets or self.on_wire
        for ticket in self.tickets:
            least = ticket.ask.amount(ticket.ask.floor)
            short = ticket.account.shortage(least)
            assert ticket.line in ticket.account.chain()
            assert not ticket.account.halted
            assert short is not None or ticket.account._line_before(least, ticket.order) is not None

    def teardown(self) -> None:
        while self.on_wire:
            self.end(self.on_wire[0], "lose")
        assert not self.tickets
        for account in reversed(self.tree):
            account.close()
        assert all((account.held, account.on_wire) == (NOTHING, 0) for account in self.tree)

    def _entered(self, account: Account) -> Account:
        self.tree.append(account)
        self.spent[id(account)] = NOTHING
        return account

    def _granted(self, answer: object = None) -> list[Reservation]:
        """The reservations that came of the last event; nobody was overtaken by a later one of the same account."""
        granted = [answer] if isinstance(answer, Reservation) else []
        done = [ticket for ticket in self.tickets if ticket.future.done()]
        self.tickets = [ticket for ticket in self.tickets if not ticket.future.done()]
        for ticket in done:
            came = ticket.future.result(0)
            if isinstance(came, Reservation):
                alike = [t for t in self.tickets if t.account is ticket.account and t.ask.price is ticket.ask.price]
                assert not [t for t in alike if t.order < ticket.order]
                self.on_wire.append(came)
                granted.append(came)
        return granted


Tree.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestNoSequenceOfEventsOverdrawsATree = pytest.mark.slow(Tree.TestCase)
