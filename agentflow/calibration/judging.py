"""Validators measured like models: what they let pass and turn away, beside accepting or rejecting everything.

Counting only; what is not labelled is left out, and said to be.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agentflow.calibration.outcomes import Known, Try
from agentflow.intervals import clopper_pearson

CHAINS = (1, 10, 100)
"""Lengths of chains for which it is said how reliable they would be."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, and where the true share lies."""

    count: int
    of: int
    share: float | None
    """None: of nothing."""
    low: float
    high: float

    @classmethod
    def measured(cls, count: int, of: int, confidence: float) -> Share:
        """With the exact two-sided interval."""
        low, high = clopper_pearson(count, of, confidence)
        return cls(count, of, count / of if of else None, low, high)


@dataclass(frozen=True, slots=True)
class Rejections:
    """What one validator turned away, by the kind of its verdicts."""

    kind: str
    right: int
    """False rejects."""
    wrong: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """How one step's validators judged one tier's answers."""

    step: str
    tier: str
    n: int
    """Attempts that are known to have been right or wrong."""
    unknown: int
    """Attempts about which no label says anything."""
    accepted_right: int
    accepted_wrong: int
    rejected_right: int
    rejected_wrong: int
    false_accepts: Share
    """Wrong ones among what was accepted."""
    false_rejects: Share
    """Right ones among what is right, turned away."""
    caught: Share
    """Wrong ones among what is wrong, turned away."""
    decided_well: Share
    """Right ones accepted and wrong ones rejected, among all."""
    accept_all: Share
    """The same, had everything been accepted: the share of right answers."""
    reject_all: Share
    rejections: tuple[Rejections, ...]
    """By kind, most frequent first."""


@dataclass(frozen=True, slots=True)
class Chain:
    """What right outcomes of a step mean for a chain of so many, if errors do not depend on each other."""

    length: int
    reliability: float | None
    """None: nothing was accepted."""
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class StepJudgement:
    """One step: its accepted outcomes, and its tiers."""

    step: str
    outcomes: int
    labelled: int
    right: Share
    """Right ones among the accepted outcomes that are labelled."""
    chains: tuple[Chain, ...]
    tiers: tuple[Judgement, ...]


def judge_validators(known: Sequence[Known], *, confidence: float = 0.95) -> tuple[StepJudgement, ...]:
    """How good the validators of each step were, by step name."""
    by_step: dict[str, list[Known]] = defaultdict(list)
    for outcome in known:
        by_step[outcome.step].append(outcome)
    return tuple(_of_step(step, group, confidence) for step, group in sorted(by_step.items()))


def _of_step(step: str, outcomes: Sequence[Known], confidence: float) -> StepJudgement:
    by_tier: dict[str, list[Try]] = defaultdict(list)
    for outcome in outcomes:
        for attempt in outcome.tries:
            by_tier[attempt.tier].append(attempt)
    accepted = [outcome.is_right for outcome in outcomes if outcome.status == "accepted"]
    right = Share.measured(accepted.count(True), len(accepted) - accepted.count(None), confidence)
    return StepJudgement(
        step=step,
        outcomes=len(outcomes),
        labelled=sum(outcome.label is not None for outcome in outcomes),
        right=right,
        chains=tuple(_chain(right, length) for length in CHAINS),
        tiers=tuple(_of_tier(step, tier, tries, confidence) for tier, tries in by_tier.items()),
    )


def _chain(right: Share, length: int) -> Chain:
    share = None if right.share is None else right.share**length
    return Chain(length, share, right.low**length, right.high**length)


def _of_tier(step: str, tier: str, tries: Sequence[Try], confidence: float) -> Judgement:
    counts = Counter((attempt.accepted, attempt.is_right) for attempt in tries)
    accepted_right, accepted_wrong = counts[True, True], counts[True, False]
    rejected_right, rejected_wrong = counts[False, True], counts[False, False]
    right, wrong = accepted_right + rejected_right, accepted_wrong + rejected_wrong

    def share(count: int, of: int) -> Share:
        return Share.measured(count, of, confidence)

    return Judgement(
        step=step,
        tier=tier,
        n=right + wrong,
        unknown=len(tries) - right - wrong,
        accepted_right=accepted_right,
        accepted_wrong=accepted_wrong,
        rejected_right=rejected_right,
        rejected_wrong=rejected_wrong,
        false_accepts=share(accepted_wrong, accepted_right + accepted_wrong),
        false_rejects=share(rejected_right, right),
        caught=share(rejected_wrong, wrong),
        decided_well=share(accepted_right + rejected_wrong, right + wrong),
        accept_all=share(right, right + wrong),
        reject_all=share(wrong, right + wrong),
        rejections=_rejections(attempt for attempt in tries if not attempt.accepted),
    )


def _rejections(tries: Iterable[Try]) -> tuple[Rejections, ...]:
    kinds: dict[str, Counter[bool | None]] = defaultdict(Counter)
    for attempt in tries:
        kinds[attempt.kind or "unnamed"][attempt.is_right] += 1
    found = [Rejections(kind, counts[True], counts[False], counts[None]) for kind, counts in kinds.items()]
    return tuple(sorted(found, key=lambda each: (-each.right - each.wrong - each.unknown, each.kind)))
