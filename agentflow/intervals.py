"""How sure a share is: intervals around `right` out of `n`.

Pure arithmetic on counts, exact to about twelve digits for any n below a million. Nothing is sampled here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import NamedTuple

from agentflow.errors import DefinitionError

HALVINGS = 60
"""Bisections of [0, 1] until a bound is exact to the last bit that matters."""
TERMS = 100_000
"""Most steps of the continued fraction; it needs about the square root of n."""
TINY = 1e-300
"""Stands for zero where a division would not survive it."""


class Interval(NamedTuple):
    """Where a share lies, both ends included."""

    low: float
    high: float


def clopper_pearson(right: int, n: int, confidence: float = 0.95) -> Interval:
    """The exact two-sided interval: it holds the true share at least as often as *confidence* says, whatever n."""
    one_sided = (1 + _share("confidence", confidence)) / 2
    return Interval(lower_bound(right, n, one_sided), upper_bound(right, n, one_sided))


def wilson(right: int, n: int, confidence: float = 0.95) -> Interval:
    """The two-sided score interval: shorter than the exact one, and right as often only on the average."""
    _counted(right, n)
    if n == 0:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf((1 + _share("confidence", confidence)) / 2)
    share, spread = right / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    reach = z / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    return Interval(0.0 if right == 0 else max(0.0, middle - reach), 1.0 if right == n else min(1.0, middle + reach))


def lower_bound(right: int, n: int, confidence: float = 0.95) -> float:
    """The exact one-sided bound: the true share is at least this, with *confidence* (Clopper and Pearson, 1934)."""
    _counted(right, n)
    doubt = 1 - _share("confidence", confidence)
    if right == 0:
        return 0.0
    return _crossing(lambda share: chance_of_at_least(right, n, share) >= doubt)


def upper_bound(right: int, n: int, confidence: float = 0.95) -> float:
    """The exact one-sided bound: the true share is at most this, with *confidence*."""
    _counted(right, n)
    return 1 - lower_bound(n - right, n, confidence)


def chance_of_at_least(right: int, n: int, share: float) -> float:
    """The probability of *right* or more out of *n* when each is right with probability *share*."""
    _counted(right, n)
    if right == 0 or share >= 1:
        return 1.0
    if share <= 0:
        return 0.0
    return _incomplete_beta(right, n - right + 1, share)


def _crossing(is_above: Callable[[float], bool]) -> float:
    """The largest share known to lie below the place in [0, 1] from which on *is_above* holds."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if is_above(middle) else (middle, high)
    return low


def _incomplete_beta(a: int, b: int, x: float) -> float:
    """The regularised incomplete beta function, from the side on which its continued fraction converges fast."""
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(b, a, 1 - x)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return min(1.0, math.exp(log_front) / (a * _continued_fraction(a, b, x)))


def _continued_fraction(a: int, b: int, x: float) -> float:
    """The denominator of the function's continued fraction, by Lentz's method."""
    value, upper, lower = 1.0, 1.0, 0.0
    for step in range(1, TERMS):
        half = step // 2
        if step % 2:
            factor = -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
        else:
            factor = half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))
        lower = 1 / (1 + factor * lower or TINY)
        upper = 1 + factor / upper or TINY
        value *= upper * lower
        if abs(1 - upper * lower) < 1e-15:
            break
    return value


def _counted(right: int, n: int) -> None:
    if not 0 <= right <= n:
        raise DefinitionError(f"{right} right out of {n}: count from 0 to n")


def _share(name: str, value: float) -> float:
    if not 0 < value < 1:
        raise DefinitionError(f"{name}={value!r} must lie between 0 and 1, such as 0.95")
    return value
