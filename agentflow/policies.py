"""The policy of a ladder: whom to ask in which order, and from which evidence on each tier's answers are believed.

It is learned elsewhere, from labelled outcomes, and frozen: nothing here changes it, and no run learns from itself. A
file that was edited, or that holds a word that is not understood, is refused by name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from agentflow.errors import ConfigurationError
from agentflow.progress import NOT_BELIEVED
from agentflow.strict import (
    Form,
    as_object,
    exactly,
    fitting,
    is_count,
    is_share,
    is_text,
    read_object,
    read_text,
    refuse,
)
from agentflow.thresholds import finite
from agentflow.verdict import Verdict

VERSION = 1
SCORE, CONFIDENCE = "score", "confidence"
"""Evidence that every attempt may have; all other evidence goes by the name its validator gave it."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One tier of a plan, when its answers are believed, and what that rests on."""

    tier: str
    evidence: str | None
    """What must reach the threshold. None: the validators' word is enough."""
    threshold: float | None
    n: int
    """Labelled answers that were believed by this rule, on inputs that chose nothing."""
    right: int
    precision: float
    """The share of believed answers that is right, at least, at the policy's confidence."""
    usd: int
    """Nano-USD that one performance which comes to this tier is expected to cost there."""
    tokens: int

    def believes(self, verdict: Verdict, confidence: float | None) -> bool:
        """Whether an answer that validators accepted is sure enough. What is unknown is not."""
        if self.evidence is None or self.threshold is None:
            return True
        value = evidence_of(verdict, confidence).get(self.evidence)
        return value is not None and value >= self.threshold


@dataclass(frozen=True, slots=True)
class Figures:
    """What following a plan came to, or would have come to, on labelled inputs that chose nothing of it."""

    n: int
    """Inputs."""
    believed: int
    right: int
    """Of those believed."""
    unseen: int
    """Inputs on which the plan asks a tier that was never tried there; they count as believed and wrong."""
    low: float
    """The share of right among believed answers, at least, at the policy's confidence."""
    high: float
    usd: int
    """Nano-USD for all inputs."""
    tokens: int

    @property
    def usd_per_right(self) -> float | None:
        """None: nothing was right."""
        return self.usd / self.right if self.right else None


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom a step asks, in this order."""

    rungs: tuple[Rung, ...]
    skipped: tuple[str, ...]
    """Tiers of the ladder that are never asked: they make a right answer dearer."""
    test: Figures

    def judged(self, tier: str, verdict: Verdict, confidence: float | None) -> Verdict:
        """The verdict, turned into a rejection where *tier*'s answer was accepted and is not sure enough."""
        rung = next((each for each in self.rungs if each.tier == tier), None)
        if not verdict.accepted or rung is None or rung.believes(verdict, confidence):
            return verdict
        value = evidence_of(verdict, confidence).get(str(rung.evidence))
        known, needed = "unknown" if value is None else f"{value:.3f}", f"{rung.threshold:.3f}"
        said = f"not sure enough: the {rung.evidence} of {tier} is {known}, and the policy asks for {needed}"
        return Verdict(False, said, verdict.score, NOT_BELIEVED, verdict.evidence)

    @property
    def tiers(self) -> frozenset[str]:
        """Every tier it was made for."""
        return frozenset(self.skipped) | {rung.tier for rung in self.rungs}

    @property
    def rule(self) -> list[object]:
        """All that decides, without what it rests on."""
        return [[rung.tier, rung.evidence, rung.threshold] for rung in self.rungs]


@dataclass(frozen=True, slots=True)
class Policy:
    """Plans by step."""

    target: float
    """The share of believed answers that shall be right."""
    confidence: float
    steps: Mapping[str, Plan]
    runs: Mapping[str, str]
    """The runs it was learned from, with a hash of their labelled outcomes."""

    @property
    def checksum(self) -> str:
        """SHA-256 of everything else."""
        text = json.dumps(self._plain(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def to_json(self) -> str:
        """A file's text, sorted, so that two of them can be compared."""
        plain = self._plain() | {"checksum": self.checksum}
        return json.dumps(plain, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def parse(cls, text: str, *, name: str = "the policy") -> Policy:
        """The policy that `to_json` wrote. Raises `ConfigurationError`."""
        plain = read_object(text, name, "policy")
        exactly(plain, ("version", "target", "confidence", "steps", "runs", "checksum"), name)
        if plain["version"] != VERSION or isinstance(plain["version"], bool):
            refuse(f"{name}: version", plain["version"], f"{VERSION}; a newer AgentFlow may read it")
        for key in ("target", "confidence"):
            if not is_share(plain[key]):
                refuse(f"{name}: {key}", plain[key], "a share between 0 and 1")
        steps = as_object(plain["steps"], f"{name}: steps")
        runs = as_object(plain["runs"], f"{name}: runs")
        found = cls(
            float(plain["target"]),  # type: ignore[arg-type]  # it was looked at
            float(plain["confidence"]),  # type: ignore[arg-type]
            {step: _plan(told, f"{name}: steps.{step}") for step, told in steps.items()},
            {run: str(hash) for run, hash in runs.items()},
        )
        if plain["checksum"] != found.checksum:
            raise ConfigurationError(f"{name} was changed after it was made: its checksum is another; calibrate again")
        return found

    def check(self, ladders: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Raise `ConfigurationError` unless its steps are among *ladders*, steps with their tiers, and fit them."""
        known = sorted({step for step, _ in ladders})
        if strange := sorted(set(self.steps) - set(known)):
            seen = ", ".join(known) or "none that can be seen"
            raise ConfigurationError(f"the policy is for a step {strange[0]!r}; the pipeline has {seen}")
        for step, labels in ladders:
            plan = self.steps.get(step)
            if plan is None:
                continue
            refuse_strangers(plan, labels)
            if absent := sorted(plan.tiers - set(labels)):
                ladder = ", ".join(labels) or "empty"
                said = f"the policy names the tier {absent[0]!r} for step {step!r}; its ladder is {ladder}"
                raise ConfigurationError(f"{said}: give the ladder it was calibrated on")

    def _plain(self) -> dict[str, object]:
        steps = {step: asdict(plan) for step, plan in self.steps.items()}
        shares = {"target": self.target, "confidence": self.confidence}
        return {"version": VERSION, "steps": steps, "runs": dict(self.runs), **shares}


def load_policy(path: Path) -> Policy:
    """The policy in a file. Raises `ConfigurationError` when it cannot be read or is not one."""
    return Policy.parse(read_text(path, "policy"), name=str(path))


def refuse_strangers(plan: Plan, labels: Collection[str]) -> None:
    """Raise `ConfigurationError` for tiers that the plan was made without: nothing is known about their answers."""
    if strange := sorted(set(labels) - plan.tiers):
        known = ", ".join(sorted(plan.tiers))
        raise ConfigurationError(f"the policy was made without the tier {strange[0]!r}, of {known}; calibrate with it")


def evidence_of(verdict: Verdict, confidence: float | None) -> dict[str, float]:
    """Everything about an accepted answer that a threshold may stand on; what is no number is left out."""
    told = [*verdict.evidence, (SCORE, verdict.score), (CONFIDENCE, confidence)]
    known = ((name, finite(value)) for name, value in told)
    return {name: value for name, value in known if value is not None}


def _plan(plain: object, where: str) -> Plan:
    told = as_object(plain, where)
    exactly(told, ("rungs", "skipped", "test"), where)
    rungs, skipped = told["rungs"], told["skipped"]
    if not isinstance(rungs, list) or not rungs:
        refuse(f"{where}.rungs", rungs, "a list of one tier or more")
    if not isinstance(skipped, list) or not all(isinstance(tier, str) for tier in skipped):
        refuse(f"{where}.skipped", skipped, "a list of tiers")
    plan = Plan(
        tuple(_rung(each, f"{where}.rungs[{place}]") for place, each in enumerate(rungs)),
        tuple(skipped),
        Figures(**fitting(told["test"], _FIGURES, f"{where}.test")),  # type: ignore[arg-type]  # each was looked at
    )
    if len(plan.tiers) != len(rungs) + len(skipped):
        refuse(where, [rung.tier for rung in plan.rungs] + skipped, "each tier once")
    return plan


def _rung(plain: object, where: str) -> Rung:
    rung = Rung(**fitting(plain, _RUNG, where))  # type: ignore[arg-type]  # each was looked at
    if (rung.evidence is None) != (rung.threshold is None):
        refuse(f"{where}.threshold", rung.threshold, "a number beside an evidence, null beside none")
    if rung.right > rung.n:
        refuse(f"{where}.right", rung.right, f"at most n, which is {rung.n}")
    return rung


def _is_part(value: object) -> bool:
    share = finite(value)
    return share is not None and 0 <= share <= 1


_COUNT: Form = (is_count, "a count")
_PART: Form = (_is_part, "a share from 0 to 1")
_RUNG: Mapping[str, Form] = {
    "tier": (lambda value: isinstance(value, str) and bool(value), "the name of a tier"),
    "evidence": (lambda value: value is None or is_text(value), "the name of an evidence, or null"),
    "threshold": (lambda value: value is None or finite(value) is not None, "a number, or null"),
    "n": _COUNT,
    "right": _COUNT,
    "precision": _PART,
    "usd": _COUNT,
    "tokens": _COUNT,
}
_FIGURES: Mapping[str, Form] = {
    "n": _COUNT,
    "believed": _COUNT,
    "right": _COUNT,
    "unseen": _COUNT,
    "low": _PART,
    "high": _PART,
    "usd": _COUNT,
    "tokens": _COUNT,
}
