"""The tree of accounts: what is held, what is spent, who waits for whom; no sequence of events overdraws it."""

from __future__ import annotations

import copy
import pickle
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import dspy
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from agentflow.account import Account
from agentflow.budget import Budget
from agentflow.reservation import Ask, Refusal, Reservation, Ticket
from agentflow.usage import FREE, NOTHING, RESOURCES, Amount, Price, Rate

PRICE = Price((Rate(1_000_000, 2_000_000, 1_000_000, 1_000_000),))
"""One nano-USD for a token read, two for one written."""


def ask(read: int = 10, cap: int = 10, floor: int | None = None, *, price: Price = PRICE) -> Ask:
    return Ask(read, cap, cap if floor is None else floor, price)


def held(account: Account, asked: Ask | None = None) -> Reservation:
    answer = account.reserve(asked or ask())
    assert isinstance(answer, Reservation), answer
    return answer


def refused(account: Account, asked: Ask | None = None) -> Refusal:
    answer = account.reserve(asked or ask())
    assert isinstance(answer, Refusal), answer
    return answer


def in_line(account: Account, asked: Ask | None = None) -> Ticket:
    answer = account.reserve(asked or ask())
    assert isinstance(answer, Ticket), answer
    return answer


def child(parent: Account, path: str = "child", **limits: int) -> Account:
    return Account(Budget(**limits), path=path, parent=parent)  # type: ignore[arg-type]  # a limit of any kind


def carved(parent: Account, path: str = "carved", **limits: int) -> Account:
    account = child(parent, path, **limits)
    assert account.carve() is None
    return account


# reserving and settling


def test_a_reservation_is_held_on_every_ancestor() -> None:
    """All accounts up to the root hold it, or none."""
    root = Account(Budget(tokens=100))
    leaf = child(child(root, calls=5), tokens=30)

    first = held(leaf)
    refusal = leaf.reserve(ask(20, 20), wait=False)

    assert isinstance(refusal, Refusal)
    assert [account.held for account in leaf.chain()] == [first.amount] * 3
    assert refusal.limit_hit == "tokens of child"


def test_settling_charges_what_was_consumed_and_frees_the_rest() -> None:
    """The rest can be reserved again; a second settlement changes nothing."""
    root = Account(Budget(tokens=20))
    first = held(root)

    first.settle(Amount(5, 5, 1))
    first.lose()

    assert (root.spent, root.held) == (Amount(5, 5, 1), NOTHING)
    assert held(root, ask(10, 5)).cap == 5


def test_a_lost_answer_is_charged_in_full_and_known_as_unknown() -> None:
    """Nobody can say whether it was billed, so it was."""
    root = Account(Budget(tokens=20))

    held(root).lose()

    assert root.spent == root.unknown == Amount(30, 20, 1)


def test_a_released_request_costs_nothing() -> None:
    """Not even a call."""
    root = Account(Budget(calls=1))

    held(root).release()

    assert held(root).cap == 10


def test_what_lies_above_the_bound_is_recorded_on_every_ancestor() -> None:
    """The truth is entered, and the limit stays broken by exactly that much."""
    root = Account(Budget(tokens=20))
    leaf = child(root, tokens=20)

    over = held(leaf).settle(Amount(30, 50, 1))

    assert over == Amount(0, 30, 0)
    assert [account.over_bound for account in leaf.chain()] == [over, over]
    assert root.available.tokens == -30


def test_the_cap_is_clipped_to_what_is_left_but_not_below_the_floor() -> None:
    """A smaller answer is asked for rather than none, down to the floor."""
    root = Account(Budget(tokens=25))

    assert held(root, ask(10, 100, 10)).cap == 15
    assert refused(Account(Budget(tokens=19)), ask(10, 100, 10)).resource == "tokens"


@pytest.mark.parametrize("weight", [0.0, 0.1, 1 / 3, 0.7, 1.0, 1.5, 7.3])
def test_weighted_tokens_round_up_and_never_shrink(weight: float) -> None:
    """A larger answer never counts less, and no answer less than its exact weight."""
    asked = Ask(7, 500, 1, FREE, weight)

    counts = [asked.amount(written).tokens for written in range(500)]

    assert counts == sorted(counts)
    assert all(count >= (7 + written) * weight - 1e-6 for written, count in enumerate(counts))


def test_the_largest_cap_is_the_largest_that_fits() -> None:
    """One token more would not."""
    asked = ask(10, 1_000, 1)
    for room in range(12, 400, 7):
        cap = asked.largest_cap(Amount(room, 2**60, 2**60))
        assert cap is not None
        assert asked.amount(cap).usd <= room < asked.amount(cap + 1).usd


# refusing and waiting


def test_who_can_be_helped_by_a_refund_waits_and_others_are_refused_at_once() -> None:
    """With nothing on the wire, nothing will come back."""
    root = Account(Budget(tokens=20))
    first = held(root)
    ticket = in_line(root)

    assert not ticket.future.done()
    first.release()

    assert isinstance(ticket.future.result(0), Reservation)


def test_whoever_waits_in_vain_is_refused_when_the_last_request_settles() -> None:
    """No ticket is left without an answer."""
    root = Account(Budget(tokens=20))
    first = held(root)
    tickets = [in_line(root) for _ in range(100)]

    first.lose()

    answers = [ticket.future.result(0) for ticket in tickets]
    assert all(isinstance(answer, Refusal) and answer.blamed is root for answer in answers)


def test_nobody_waits_for_a_refund_that_could_not_help() -> None:
    """An account of one's own that is empty for good refuses, whatever else is on the wire."""
    root = Account(Budget(tokens=20))
    held(root)

    refusal = refused(child(root, "poor", tokens=5))

    assert refusal.limit_hit == "tokens of poor"


def test_whoever_came_first_is_served_first() -> None:
    """A small request does not overtake a large one that waits for the same account."""
    root = Account(Budget(tokens=40))
    first, second = held(root), held(root)
    large, small = in_line(root, ask(20, 20)), in_line(child(root), ask(5, 5))

    first.release()
    assert not large.future.done()
    assert not small.future.done()
    second.release()

    assert isinstance(large.future.result(0), Reservation)


def test_a_line_at_one_child_does_not_stop_its_siblings() -> None:
    """Whoever waits for an account of its own leaves the room of others alone."""
    root = Account(Budget(tokens=100))
    poor = child(root, "poor", tokens=20)
    held(poor)
    in_line(poor)

    assert held(child(root, "sibling")).cap == 10


def test_a_ticket_moves_on_when_another_account_comes_to_lack_room() -> None:
    """It leaves the line it has come to the front of to those behind it."""
    root = Account(Budget(tokens=60))
    narrow = child(root, "narrow", tokens=30)
    own, other = held(narrow, ask(10, 15)), held(root, ask(10, 25))
    waits_twice = in_line(narrow, ask(10, 20))
    sibling = in_line(child(root, "sibling"), ask(10, 10))

    other.release()

    assert not waits_twice.future.done()
    assert isinstance(sibling.future.result(0), Reservation)
    own.release()
    assert isinstance(waits_twice.future.result(0), Reservation)


def test_whoever_gives_up_leaves_no_hold() -> None:
    """Neither in line, nor with what was granted meanwhile."""
    root = Account(Budget(tokens=20))
    first = held(root)
    early, late = in_line(root), in_line(root)

    early.give_up()
    first.release()
    late.give_up()

    assert (root.held, root.on_wire) == (NOTHING, 0)


def test_ten_thousand_in_line_are_served_in_linear_time() -> None:
    """Each settlement looks at the front of the line only."""
    root = Account(Budget(calls=10_001))
    blocker = held(root, ask(1, 1))
    root.charge(Amount(calls=9_999))
    first = held(root, ask(1, 1))
    tickets = [in_line(root, ask(1, 1)) for _ in range(10_000)]

    started = time.process_time()
    for ticket in tickets:
        first.release()
        answer = ticket.future.result(0)
        assert isinstance(answer, Reservation)
        first = answer
    blocker.release()

    assert time.process_time() - started < 5


def test_ten_thousand_can_leave_the_line() -> None:
    """Cancelling all of them takes no longer than serving them."""
    root = Account(Budget(calls=1))
    first = held(root)
    tickets = [in_line(root) for _ in range(10_000)]

    started = time.process_time()
    for ticket in reversed(tickets):
        ticket.give_up()
    first.release()

    assert time.process_time() - started < 5
    assert root.held == NOTHING


# carving


def test_a_carve_cannot_be_starved_by_siblings() -> None:
    """What was set aside is there when everything else is gone, even behind a line."""
    root = Account(Budget(calls=3))
    own = carved(root, calls=1)
    held(root)
    held(root)
    in_line(root)

    assert held(own).amount.calls == 1


def test_what_a_carve_did_not_spend_comes_back() -> None:
    """To whoever asks next, and never more than was set aside."""
    root = Account(Budget(tokens=100))
    own = carved(root, tokens=80)
    held(own).settle(Amount(5, 5, 1))

    own.close()
    own.close()

    assert (root.spent.tokens, root.held) == (5, NOTHING)


def test_a_carve_larger_than_what_is_left_is_refused_at_once() -> None:
    """Nothing is held for it, and requests on the wire are no reason to wait."""
    root = Account(Budget(tokens=100))
    held(root)

    refusal = child(root, "greedy", tokens=81).carve()

    assert refusal is not None
    assert refusal.limit_hit == "tokens of the run"
    assert root.held.tokens == 20


def test_nested_carves_of_different_resources_are_counted_once() -> None:
    """Each level holds what it set aside, and passes on what it did not."""
    root = Account(Budget(usd=1, tokens=1_000, calls=100))
    outer = carved(root, "outer", tokens=500)
    inner = carved(outer, "inner", calls=10)
    assert (root.held, outer.held) == (Amount(0, 500, 10), Amount(0, 0, 10))

    held(inner).settle(Amount(7, 7, 1))

    assert root.held == Amount(0, 493, 9)
    inner.close()
    outer.close()
    assert (root.held, root.spent) == (NOTHING, Amount(7, 7, 1))


def test_requests_below_a_carve_may_refund_what_was_not_carved() -> None:
    """A sibling waits for tokens that a child with carved calls will give back."""
    root = Account(Budget(tokens=20, calls=10))
    first = held(carved(root, calls=2))

    ticket = in_line(root)
    first.release()

    assert isinstance(ticket.future.result(0), Reservation)


def test_carves_are_no_refunds_to_come() -> None:
    """Whoever lacks what others set aside is refused, though their requests are on the wire."""
    root = Account(Budget(calls=2))
    held(carved(root, calls=2))

    assert refused(root).limit_hit == "calls of the run"


def test_a_broken_bound_in_a_carve_does_not_lend_out_what_its_siblings_hold() -> None:
    """The rest of the carve stays held for what is still on the wire in it."""
    root = Account(Budget(tokens=60))
    own = carved(root, tokens=40)
    fat, honest = held(own), held(own)

    fat.settle(Amount(30, 50, 1))
    assert refused(root).resource == "tokens"
    honest.lose()

    assert (root.spent.tokens, root.held.tokens, root.over_bound.tokens) == (70, 0, 30)


def test_an_account_closed_with_a_request_on_the_wire_keeps_what_it_holds() -> None:
    """The request is charged when it settles, and only then is the rest given back."""
    root = Account(Budget(tokens=100))
    own = carved(root, tokens=60)
    late = held(own)

    own.close()
    assert root.held.tokens == 20
    late.lose()

    assert (root.held, root.spent.tokens) == (NOTHING, 20)


def test_an_account_that_ended_pays_for_nothing_more() -> None:
    """Work that outlives its agent is refused: its outcome is written."""
    own = carved(Account(Budget(tokens=100)), tokens=60)

    own.close()

    assert refused(own).limit_hit == "the agent has ended"


def test_nothing_is_carved_from_an_account_that_ended() -> None:
    """It gave back what it had."""
    own = carved(Account(Budget(calls=5)), calls=2)
    own.close()

    refusal = child(own, calls=1).carve()

    assert refusal is not None
    assert refusal.limit_hit == "the agent has ended"


def test_a_carve_of_a_resumed_run_sets_aside_only_what_it_has_left() -> None:
    """What it spent in an earlier sitting is on the run's account already, and its replay costs nothing again."""
    root = Account(Budget(calls=10))
    root.is_run = True
    root.charge(Amount(calls=6))
    own = child(root, calls=8)

    assert own.carve(settled=Amount(calls=6)) is None
    for _ in range(6):
        own.charge_replayed(Amount(calls=1))

    assert (own.available.calls, root.held.calls, root.available.calls) == (2, 2, 2)


# latches


def test_a_refused_agent_is_latched_alone() -> None:
    """Those below it and beside it go on."""
    root = Account(Budget(tokens=100))
    agent, sibling = child(root, "agent"), child(root, "sibling")

    agent.latch("too large")

    assert refused(agent).limit_hit == "too large"
    assert held(child(agent)).cap == held(sibling).cap == 10


def test_a_spent_ancestor_stops_everybody_but_the_carved() -> None:
    """Those have their own."""
    root = Account(Budget(tokens=100))
    own = carved(root, tokens=20)

    root.exhaust("tokens of the run")

    assert refused(child(root)).limit_hit == "tokens of the run"
    assert held(child(own)).cap == 10


def test_a_halted_ancestor_stops_everybody_but_the_closing_work() -> None:
    """A deadline is no respecter of carves."""
    root = Account(Budget(tokens=100))
    own, ending = carved(root, tokens=20), carved(root, tokens=20)
    ending.is_exempt = True

    root.halt("seconds of the run")

    assert refused(own).limit_hit == "seconds of the run"
    assert held(child(ending)).cap == 10


def test_a_latch_answers_whoever_waits_under_it_and_lets_others_move_up() -> None:
    """The line goes on behind those who are taken out of it."""
    root = Account(Budget(tokens=40))
    stopped = child(root, "stopped")
    first, _ = held(root), held(root)
    large, small = in_line(stopped, ask(20, 20)), in_line(root, ask(5, 5))
    first.release()

    stopped.halt("cancelled")

    answer = large.future.result(0)
    assert isinstance(answer, Refusal)
    assert answer.limit_hit == "cancelled"
    assert isinstance(small.future.result(0), Reservation)


# copies and threads


def test_a_copied_program_spends_on_the_same_account() -> None:
    """There is one ledger, whatever DSPy copies."""
    root = Account(Budget(tokens=20))
    program = dspy.Predict("question -> answer")
    program.account = root

    assert program.deepcopy().account is copy.copy(root) is copy.deepcopy(root) is root
    with pytest.raises(TypeError, match="one ledger"):
        pickle.dumps(root)


@pytest.mark.slow
def test_two_hundred_threads_never_overdraw_one_tree() -> None:
    """Reservations are atomic over all ancestors; every ticket is answered, and in the end nothing is held."""
    root = Account(Budget(tokens=20_000, calls=1_500))
    children = [child(root, f"{n}", tokens=2_000) for n in range(10)]
    overdrawn, start = [], threading.Barrier(200)

    def work(number: int) -> None:
        account = children[number % 10]
        start.wait()
        for turn in range(20):
            answer = account.reserve(ask(5 + turn, 20, 5))
            if isinstance(answer, Ticket):
                answer = answer.future.result(20)
            overdrawn.extend(a for a in account.chain() if min(a.available.tokens, a.available.calls) < 0)
            if isinstance(answer, Reservation):
                answer.settle([answer.amount, NOTHING, Amount(3, 3, 1)][turn % 3])

    with ThreadPoolExecutor(200) as threads:
        list(threads.map(work, range(200)))

    assert not overdrawn
    assert all((a.held, a.on_wire) == (NOTHING, 0) for a in [root, *children])
    assert sum((a.spent for a in children), NOTHING) == root.spent


# any sequence of events


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
