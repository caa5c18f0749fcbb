"""What one request may consume at most, and what comes of asking an account for it."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentflow.usage import NOTHING, Amount, Price

if TYPE_CHECKING:
    from agentflow.account import Account


@dataclass(frozen=True, slots=True)
class Ask:
    """What one request may consume at most, and between which caps on its output it may be clipped."""

    input_tokens: int
    cap: int
    floor: int
    price: Price
    token_weight: float = 1.0
    bound: str = "declared"
    """The kind of bound on the input."""

    def amount(self, output_tokens: int) -> Amount:
        """The upper bound with the output capped at *output_tokens*."""
        tokens = self.input_tokens + output_tokens
        return Amount(self.price.ceiling(self.input_tokens, output_tokens), weighted(tokens, self.token_weight), 1)

    def largest_cap(self, room: Amount) -> int | None:
        """The largest cap whose amount fits into *room*; None when not even the floor does."""
        if not self.amount(self.cap).lacking_in(room):
            return self.cap
        if self.amount(self.floor).lacking_in(room):
            return None
        low, high = self.floor, self.cap
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.amount(middle).lacking_in(room) else (middle, high)
        return low


@dataclass(frozen=True, slots=True)
class Refusal:
    """No room: which account is to blame, and for which resource."""

    blamed: Account
    resource: str
    reason: str = ""

    @property
    def limit_hit(self) -> str:
        """Such as `usd of totals/read_total`."""
        return self.reason or f"{self.resource} of {self.blamed.path or 'the run'}"


class Reservation:
    """Money put aside on an account and all its ancestors. Settled exactly once."""

    __slots__ = ("account", "amount", "cap", "is_open")

    def __init__(self, account: Account, amount: Amount, cap: int) -> None:
        self.account, self.amount, self.cap = account, amount, cap
        self.is_open = True

    def settle(self, spent: Amount) -> Amount:
        """Charge what was consumed; gives what lies above the bound."""
        return self.account.settle_reservation(self, spent, unknown=False)

    def lose(self) -> None:
        """Charge everything: nobody knows whether it was billed."""
        self.account.settle_reservation(self, self.amount, unknown=True)

    def release(self) -> None:
        """Charge nothing: it was certainly not billed."""
        self.account.settle_reservation(self, NOTHING, unknown=False)


class Ticket:
    """A place in the line of an account; resolves to a Reservation or a Refusal."""

    def __init__(self, account: Account, ask: Ask, order: int) -> None:
        self.account, self.ask, self.order = account, ask, order
        self.line: Account | None = None
        """The account in whose line it stands; None once it was answered or left."""
        self.future: Future[Reservation | Refusal] = Future()
        self.future.set_running_or_notify_cancel()  # only `give_up` may end it

    def give_up(self) -> None:
        """Leave the line; what was granted meanwhile is released."""
        if self.account.leave_line(self):
            return
        granted = self.future.result()
        if isinstance(granted, Reservation):
            granted.release()


def weighted(tokens: int, weight: float) -> int:
    """What *tokens* count against a limit, rounded up."""
    return tokens if weight == 1.0 else -int(-tokens * weight // 1)
