"""What may be said of an allowance, and that saying it twice changes nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from agentflow import Budget
from agentflow.errors import ConfigurationError


@pytest.mark.parametrize(
    "budget",
    [
        pytest.param(Budget(), id="nothing is limited"),
        pytest.param(Budget(usd="0.50", tokens=10, calls=0), id="money, tokens and calls"),
        pytest.param(Budget(seconds=1.5, depth=2, live=1, agents=9), id="time and people"),
    ],
)
def test_a_budget_reads_back_what_it_writes(budget: Budget) -> None:
    """To the nano-dollar, limit by limit."""
    again = Budget.from_json(budget.to_json())

    assert again.nano == budget.nano
    assert again.to_json() == budget.to_json()


@pytest.mark.parametrize("usd", ["0.1", 0.1, Decimal("0.1")], ids=["text", "float", "decimal"])
def test_money_is_what_is_written(usd: object) -> None:
    """A tenth of a dollar is a hundred million nano-dollars, however it is given."""
    assert Budget(usd=usd).nano == 100_000_000  # type: ignore[arg-type]  # every kind that is allowed


def test_money_too_fine_for_a_nano_dollar_is_rounded_up() -> None:
    """Nobody is given less than was said."""
    assert Budget(usd="0.0000000001").nano == 1


def test_of_two_budgets_the_tighter_limit_holds() -> None:
    """Limit by limit; what only one of them limits is limited."""
    both = Budget(usd="1", calls=5).narrowed(Budget(usd="0.25", calls=9, tokens=7))

    assert (both.nano, both.calls, both.tokens) == (250_000_000, 5, 7)


@pytest.mark.parametrize("limit", ["usd", "tokens", "calls", "seconds", "depth", "live", "agents"])
def test_no_limit_is_negative(limit: str) -> None:
    """It is refused where it is written."""
    with pytest.raises(ConfigurationError, match=limit):
        Budget(**{limit: -1})  # type: ignore[arg-type]  # each is a number


def test_a_limit_that_does_not_exist_is_named() -> None:
    """A misspelt limit would be none."""
    with pytest.raises(ConfigurationError, match="dollars"):
        Budget.from_json('{"dollars": 3}')
