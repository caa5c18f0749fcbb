"""From which score on answers can be believed: a threshold chosen on labelled answers, with a stated confidence.

No score is computed here, and nothing is chosen on what shall later be measured: see `half_of`. When the evidence
cannot support a threshold, there is none.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

from agentflow.errors import DefinitionError
from agentflow.intervals import chance_of_at_least, lower_bound

STARTS = 2
"""Places at which a descent begins: a wrong answer near the top ends one, not both. Each has its share of the doubt."""
ROUNDING = 1e-12


class Scored(NamedTuple):
    """One labelled answer."""

    score: float
    """The higher, the surer: a mean log-probability, a share of samples that agree."""
    is_right: bool


@dataclass(frozen=True, slots=True)
class Threshold:
    """The lowest score from which on answers were proven to be right often enough."""

    value: float
    """Accept a score of this or more."""
    target: float
    """The share of accepted answers that must be right."""
    confidence: float
    n: int
    """Labelled answers with such a score."""
    right: int
    of: int
    """Labelled answers in all."""

    @property
    def at_least(self) -> float:
        """The share proven by these counts alone, as if no other threshold had been looked at."""
        return lower_bound(self.right, self.n, self.confidence)


def choose(
    evidence: Sequence[Scored], *, target: float, confidence: float = 0.95, starts: int = STARTS
) -> Threshold | None:
    """The lowest threshold from which on a share of *target* is right; in a share of *confidence* of all choices it is.

    None: these labels cannot support any. Fixed-sequence testing with several starts, Algorithm 1 of Angelopoulos,
    Bates, Candès, Jordan and Lei, "Learn then Test" (Annals of Applied Statistics 19(2), 2025; arXiv 2110.01052), with
    exact binomial p-values. Each descent begins at a rank fixed in advance, goes down while the hypothesis "too few are
    right" is refuted at (1 - confidence) / starts, and ends at the first that stands. The promise is for answers drawn
    like those labelled, and where the chance of being right does not fall as the score rises.
    """
    _checked(evidence, target, confidence, starts)
    doubt = (1 - confidence) / starts
    steps = list(_descent(evidence))
    begins = _starts(len(evidence), least_evidence(target, doubt), starts)
    passed = [place for begin in begins for place in _run(steps, begin, target, doubt)]
    if not passed:
        return None
    value, n, right = steps[max(passed)]
    return Threshold(value, target, confidence, n, right, len(evidence))


def half_of(id: str) -> Literal["calibration", "test"]:
    """Which half an example belongs to, by its id alone: equal everywhere and always, whatever else is in the set."""
    odd = hashlib.sha256(id.encode("utf-8", "surrogatepass")).digest()[0] % 2
    return "test" if odd else "calibration"


def finite(value: object) -> float | None:
    """*value* as a score to compare with a threshold; None when it is no finite number, or a bool."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def least_evidence(target: float, doubt: float) -> int:
    """How many answers, all of them right, it takes to prove *target* at that doubt."""
    return max(1, math.ceil(math.log(doubt) / math.log(target) - 1e-9))


class _Step(NamedTuple):
    """Everything with at least that score."""

    value: float
    n: int
    right: int


def _descent(evidence: Sequence[Scored]) -> Iterator[_Step]:
    """From the strictest threshold down, one step for each different score."""
    n = right = 0
    ordered = sorted(evidence, key=lambda each: -each.score)
    for value, group in groupby(ordered, key=lambda each: each.score):
        labels = [each.is_right for each in group]
        n, right = n + len(labels), right + sum(labels)
        yield _Step(value, n, right)


def _starts(size: int, first: int, starts: int) -> Iterator[int]:
    """Ranks evenly spread from *first*, the least that could prove anything, downwards; no label is looked at."""
    if first <= size:
        yield from (first + (size - first) * place // starts for place in range(starts))


def _run(steps: Sequence[_Step], start: int, target: float, doubt: float) -> Iterator[int]:
    """Places of the steps from rank *start* down that refute "too few are right", up to the first that does not."""
    for place, step in enumerate(steps):
        if step.n < start:
            continue
        if chance_of_at_least(step.right, step.n, target) > doubt + ROUNDING:
            return
        yield place


def _checked(evidence: Sequence[Scored], target: float, confidence: float, starts: int) -> None:
    for name, share in (("target", target), ("confidence", confidence)):
        if not 0 < share < 1:
            raise DefinitionError(f"{name}={share!r} must lie between 0 and 1, such as 0.95")
    if starts < 1:
        raise DefinitionError(f"starts={starts}: a descent begins somewhere")
    for each in evidence:
        if finite(each.score) is None:
            raise DefinitionError(f"a score of {each.score!r} orders nothing; leave answers of unknown score out")
