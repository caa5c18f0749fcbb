"""What is set aside for one agent is there for it, counted once, and comes back when it ends."""

from __future__ import annotations

from test_account import carved, child, held, in_line, refused

from agentflow.account import Account
from agentflow.budget import Budget
from agentflow.reservation import Reservation
from agentflow.usage import NOTHING, Amount


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

    own.foresee(Amount(calls=6))
    assert own.carve() is None
    for _ in range(6):
        own.charge_replayed(Amount(calls=1))

    assert (own.available.calls, root.held.calls, root.available.calls) == (2, 2, 2)
