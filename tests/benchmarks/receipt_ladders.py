"""Two ladders on the same receipts: what one gains over the other in whole records, and at which cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import Any, Final

from agentflow.errors import ConfigurationError
from agentflow.nano import NAMES
from agentflow.nano.shipped import FOLDER

SAMPLES: Final = 10_000
SEED: Final = 20_240_229
CONFIDENCE: Final = 0.95

Told = Mapping[str, Any]
"""The figures of one reading: `seconds`, and in `by_record` `right` and `weighted_tokens` by receipt."""


@cache
def weight_of(tier: str) -> float:
    """What a token of this tier counts: the bytes of weights behind it, as a share of the largest model's; 0 without.

    Eight bits each, so this is the share of parameters.
    """
    sizes = {f"local/{name}": (FOLDER / f"{name}.gguf").stat().st_size for name in NAMES}
    return sizes.get(tier, 0) / max(sizes.values())


def against(mine: Told, other: Told) -> dict[str, Any]:
    """How *mine* differs from *other*, with 95 % intervals of a bootstrap over receipts that keeps pairs together.

    Raises `ConfigurationError` unless both read the same receipts.
    """
    ours, theirs = mine["by_record"], other["by_record"]
    if not ours or set(ours) != set(theirs):
        raise ConfigurationError("the other result is of other receipts; make both from the same file and half")
    pairs = [(ours[id], theirs[id]) for id in sorted(ours)]
    return {
        "n": len(pairs),
        "right": _difference([(float(one["right"]), float(two["right"])) for one, two in pairs]),
        "weighted_tokens": _ratio([(one["weighted_tokens"], two["weighted_tokens"]) for one, two in pairs]),
        "seconds": round(mine["seconds"] / (other["seconds"] or 1.0), 3),
    }


def _difference(pairs: Sequence[tuple[float, float]]) -> dict[str, float]:
    """The mean difference."""
    differences = [one - two for one, two in pairs]
    means = [sum(sample) / len(sample) for sample in _resampled(differences)]
    return _figure(sum(differences) / len(differences), means)


def _ratio(pairs: Sequence[tuple[float, float]]) -> dict[str, float] | None:
    """The one sum as a share of the other; None where there is nothing to have a share of."""
    if not sum(two for _, two in pairs):
        return None
    shares = [_share(sample) for sample in _resampled(pairs)]
    return _figure(_share(pairs), shares)


def _share(pairs: Sequence[tuple[float, float]]) -> float:
    return sum(one for one, _ in pairs) / (sum(two for _, two in pairs) or 1.0)


def _resampled(values: Sequence[Any]) -> list[list[Any]]:
    random = Random(SEED)
    return [random.choices(values, k=len(values)) for _ in range(SAMPLES)]


def _figure(value: float, samples: list[float]) -> dict[str, float]:
    ordered = sorted(samples)
    tail = int(len(ordered) * (1 - CONFIDENCE) / 2)
    return {"value": round(value, 4), "low": round(ordered[tail], 4), "high": round(ordered[-1 - tail], 4)}
