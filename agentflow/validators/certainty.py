"""Validators of how sure a model was of its answer: by thresholds of one's own, or by those of a gate file.

Being sure is no proof of being right: a threshold means what the labels it was chosen on mean, and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agentflow.errors import DefinitionError
from agentflow.gates import Gate, load_gate
from agentflow.thresholds import finite
from agentflow.validators.combine import Rule
from agentflow.verdict import Case, Verdict


def confident(at_least: float | Mapping[str, float]) -> Rule:
    """Accept when the mean log-probability of the answer's tokens is this or more; by the tier's label in a mapping.

    A tier that a mapping does not name has no threshold, so its answers pass. What a plain function answers passes; a
    model that does not say how sure it was is not believed.
    """
    if isinstance(at_least, Mapping):
        return Confident(tuple(sorted((tier, _checked(value)) for tier, value in at_least.items())), None)
    return Confident((), _checked(at_least))


def gate(source: Gate | str | Path | Mapping[str, object], *, step: str) -> Rule:
    """Accept what is sure enough by the thresholds of *source*, a gate, its file or its JSON object, for that *step*.

    A tier whose threshold is null is never believed on confidence alone; one that is not named has none and passes. A
    file is read once, here.
    """
    entries = _gate(source).of_step(step)
    return Confident(tuple(sorted((tier, finite(entry.threshold)) for tier, entry in entries.items())), None)


@dataclass(frozen=True, slots=True)
class Confident(Rule):
    """Accepts what the model was sure of."""

    by_tier: tuple[tuple[str, float | None], ...]
    """Thresholds by label. None: no answer of this tier is sure enough."""
    of_all: float | None
    """For tiers that are not named. None: they need not be sure."""

    def judge(self, case: Case) -> Verdict:
        thresholds = dict(self.by_tier)
        if case.by_function or (case.tier not in thresholds and self.of_all is None):
            return Verdict(True)
        threshold = thresholds.get(case.tier, self.of_all)
        if threshold is None:
            said = f"the model was unsure: no answer of {case.tier} could be believed without a proof"
            return Verdict(False, said, kind=self.label)
        if case.confidence is None:
            said = "the model did not say how sure it was; ask a tier that does"
            return Verdict(False, said, kind=f"undecided:{self.label}")
        if case.confidence >= threshold:
            return Verdict(True)
        said = f"the model was unsure: {case.confidence:.3f} per token, and {threshold:.3f} is needed"
        return Verdict(False, said, kind=self.label)

    def claim(self) -> str:
        return "the model was sure of its answer"

    @property
    def is_total(self) -> bool:
        return True


def _gate(source: Gate | str | Path | Mapping[str, object]) -> Gate:
    if isinstance(source, Gate):
        return source
    return Gate.of(source) if isinstance(source, Mapping) else load_gate(Path(source))


def _checked(value: object) -> float:
    threshold = finite(value)
    if threshold is None:
        raise DefinitionError(f"confident takes a mean log-probability such as -0.2, or one by tier, not {value!r}")
    return threshold
