"""This process's part of a standing account: it grows with what the store grants, and shrinks with what goes back."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future

from agentflow.account import Account
from agentflow.budget import Budget
from agentflow.usage import NOTHING, Amount


class Standing(Account):
    """The root of a run's tree where a standing account pays. What was not granted cannot be spent."""

    may_grow = True

    def __init__(self, name: str, allowance: Budget) -> None:
        super().__init__(Budget(usd=0, tokens=0, calls=0), path=name)
        self.budget = allowance
        self._turns: deque[Future[None]] = deque()
        self._over_returned = NOTHING
        """What lies above bounds and was returned to the store already."""

    @property
    def is_asking(self) -> bool:
        """Whether somebody has the turn: what was granted is not idle, though nothing is on the wire yet."""
        return bool(self._turns)

    def line_up(self) -> Future[None]:
        """A turn to ask the store and to reserve what it grants: one at a time, first come, first served."""
        turn: Future[None] = Future()
        turn.set_running_or_notify_cancel()
        with self._tree.lock:
            self._turns.append(turn)
            is_first = self._turns[0] is turn
        if is_first:
            turn.set_result(None)
        return turn

    def leave(self, turn: Future[None]) -> None:
        """End a turn, or give up waiting for it."""
        with self._tree.lock:
            was_first = self._turns[0] is turn
            self._turns.remove(turn)
            following = self._turns[0] if was_first and self._turns else None
        if following is not None:
            following.set_result(None)

    def grow(self, amount: Amount) -> None:
        """Raise the limit by what was granted."""
        with self._tree.lock:
            self._limit += amount
        self._tree.admit((self,))

    def shrink_to_used(self) -> Amount:
        """Lower the limit to what is spent and held; gives what was left, to be returned.

        The store takes nothing out of a grant for what lies above a bound, so that much more is left of it.
        """
        with self._tree.lock:
            granted = self._limit + self.over_bound - self._over_returned
            used = self.spent + self.held
            self._limit, self._over_returned = granted.at_most(used), self.over_bound
            return granted.excess_over(used)
