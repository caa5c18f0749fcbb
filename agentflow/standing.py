"""This process's part of a standing account: it grows with what the store grants, and shrinks with what goes back."""

from __future__ import annotations

from agentflow.account import Account
from agentflow.budget import Budget
from agentflow.usage import Amount


class Standing(Account):
    """The root of a run's tree where a standing account pays. What was not granted cannot be spent."""

    def __init__(self, name: str) -> None:
        super().__init__(Budget(usd=0, tokens=0, calls=0), path=name)

    def grow(self, amount: Amount) -> None:
        """Raise the limit by what was granted."""
        with self._tree.lock:
            self._limit += amount
        self._tree.admit((self,))

    def shrink_to_used(self) -> Amount:
        """Lower the limit to what is spent and held; gives what was left, to be returned."""
        with self._tree.lock:
            left = self.available
            left = Amount(max(0, left.usd), max(0, left.tokens), max(0, left.calls))
            self._limit -= left
            return left
