"""The tree of accounts: what is held, what is spent, who waits for whom; no sequence of events overdraws it."""

from __future__ import annotations

import copy
import pickle
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import dspy
import pytest

from agentflow.account import Account
from agentflow.budget import Budget
from agentflow.reservation import Ask, Refusal, Reservation, Ticket
from agentflow.usage import FREE, NOTHING, Amount, Price, Rate

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


@pytest.mark.slow
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
