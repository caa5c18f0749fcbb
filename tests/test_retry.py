"""What is asked again, when, and what never is."""

from __future__ import annotations

from random import Random

import pytest
from dspy import lm15

from agentflow.engines.retry import NO_RETRY, Retry


@pytest.mark.parametrize(
    ("error", "failures", "left", "least", "most"),
    [
        pytest.param(lm15.ServerError("x"), 1, None, 0.25, 0.5, id="soon"),
        pytest.param(lm15.ServerError("x"), 2, None, 0.5, 1.0, id="then later"),
        pytest.param(lm15.RateLimitError("x", retry_after=7), 1, None, 7, 7.5, id="as asked"),
        pytest.param(lm15.RateLimitError("x", retry_after=9_999), 1, None, 30, 30.5, id="not longer than is sane"),
        pytest.param(lm15.RateLimitError("x"), 7, None, 10, 20, id="often while nothing is billed"),
        pytest.param(lm15.TransportError("x"), 1, 60.0, 0.25, 0.5, id="with time left"),
    ],
)
def test_what_may_pass_is_tried_again(
    error: Exception, failures: int, left: float | None, least: float, most: float
) -> None:
    """Delays double, jitter, and obey the provider within reason."""
    for seed in range(20):
        delay = Retry().next_delay(failures, error, left, Random(seed))
        assert delay is not None
        assert least <= delay <= most


@pytest.mark.parametrize(
    ("retry", "error", "failures", "left"),
    [
        pytest.param(Retry(), lm15.AuthError("x"), 1, None, id="wrong key"),
        pytest.param(Retry(), lm15.InvalidRequestError("x"), 1, None, id="wrong request"),
        pytest.param(Retry(), lm15.UnsupportedFeatureError("x"), 1, None, id="not possible"),
        pytest.param(Retry(), lm15.ProviderError("x"), 1, None, id="nobody knows what"),
        pytest.param(Retry(), ValueError("x"), 1, None, id="a bug"),
        pytest.param(Retry(), lm15.TimeoutError("x"), 3, None, id="paid for three times"),
        pytest.param(Retry(), lm15.RateLimitError("x"), 8, None, id="refused eight times"),
        pytest.param(Retry(), lm15.RateLimitError("x", retry_after=7), 1, 6.0, id="longer than there is time"),
        pytest.param(NO_RETRY, lm15.ServerError("x"), 1, None, id="told not to"),
    ],
)
def test_what_will_not_pass_is_not_tried_again(
    retry: Retry, error: Exception, failures: int, left: float | None
) -> None:
    """A further request needs a reason, a reservation and time."""
    assert retry.next_delay(failures, error, left, Random(0)) is None
