"""Whether a failed request is worth another, and when: a decision, not a loop.

Nothing waits here and nothing is sent; each further request takes a reservation of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import tenacity
from dspy import lm15

from agentflow.engines.billing import certainly_unbilled

PASSING = (lm15.RateLimitError, lm15.ServerError, lm15.TimeoutError, lm15.TransportError, lm15.LockTimeoutError)
"""Failures that may be gone in a moment."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a request goes out again, and how long it waits before."""

    attempts: int = 3
    """Requests in all while each failure may have been billed."""
    unbilled_attempts: int = 8
    """Requests in all while none was billed: refused for their rate, or never sent."""
    first_delay: float = 0.5
    """Seconds, doubled with each failure, then shortened by chance to between half and all of it."""
    longest_delay: float = 20.0
    longest_retry_after: float = 30.0
    """Most seconds that a provider's Retry-After is obeyed."""

    def next_delay(self, failures: int, error: BaseException, time_left: float | None, random: Random) -> float | None:
        """Seconds until the next request after so many failures, or None when there shall be none."""
        if not isinstance(error, PASSING) or self._is_enough(failures, error):
            return None
        delay = self._backoff(failures, random)
        asked: float | None = getattr(error, "retry_after", None)
        if asked is not None:
            delay = max(delay, min(asked, self.longest_retry_after) + random.random() * self.first_delay)
        return None if time_left is not None and delay >= time_left else delay

    def _is_enough(self, failures: int, error: BaseException) -> bool:
        most = self.unbilled_attempts if certainly_unbilled(error) else self.attempts
        return tenacity.stop_after_attempt(most)(_state(failures))

    def _backoff(self, failures: int, random: Random) -> float:
        grown = tenacity.wait_exponential(multiplier=self.first_delay, max=self.longest_delay)(_state(failures))
        return grown * (0.5 + random.random() / 2)


NO_RETRY = Retry(attempts=1, unbilled_attempts=1)


def _state(failures: int) -> tenacity.RetryCallState:
    state = tenacity.RetryCallState(tenacity.Retrying(), None, (), {})
    state.attempt_number = failures
    return state
