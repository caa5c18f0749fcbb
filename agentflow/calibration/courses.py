"""What would have become of inputs under another plan: every tier's answer to each of them, and the courses of plans.

Where a plan asks a tier that was never tried on an input, nobody knows: it counts as believed and wrong.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from agentflow.calibration.outcomes import Known, Try


@dataclass(frozen=True, slots=True)
class Answer:
    """What one tier came to on one input, all its tries together."""

    accepted: bool
    """Whether validators accepted the last of them."""
    is_right: bool
    """Known where it was accepted; otherwise of no account."""
    evidence: Mapping[str, float]
    usd: int
    tokens: int


class Rule(NamedTuple):
    """When a tier is believed."""

    tier: str
    evidence: str | None = None
    """None: whenever validators accept."""
    threshold: float | None = None

    def believes(self, answer: Answer) -> bool:
        """Whether this answer would have been believed."""
        if not answer.accepted or self.evidence is None or self.threshold is None:
            return answer.accepted
        return answer.evidence.get(self.evidence, float("-inf")) >= self.threshold


@dataclass(frozen=True, slots=True)
class Case:
    """One input, and what each tier that was tried came to."""

    inputs: str
    answers: Mapping[str, Answer]


@dataclass(slots=True)
class Tally:
    """What came of the inputs that reached one tier."""

    reached: int = 0
    believed: int = 0
    right: int = 0
    unseen: int = 0
    usd: int = 0
    tokens: int = 0

    @property
    def n(self) -> int:
        """Answers that count as believed: where nobody knows, the worst is assumed."""
        return self.believed + self.unseen


@dataclass(frozen=True, slots=True)
class Course:
    """What came of many inputs under one plan."""

    n: int
    tallies: tuple[Tally, ...]
    """By the plan's tiers, in its order."""

    @property
    def right(self) -> int:
        """Right answers that were believed."""
        return sum(tally.right for tally in self.tallies)

    @property
    def believed(self) -> int:
        """Answers that were believed, right or wrong."""
        return sum(tally.believed for tally in self.tallies)

    @property
    def unseen(self) -> int:
        """Inputs on which the plan left what is known."""
        return sum(tally.unseen for tally in self.tallies)

    @property
    def usd(self) -> int:
        """Nano-USD."""
        return sum(tally.usd for tally in self.tallies)

    @property
    def tokens(self) -> int:
        """Counted as budgets count them."""
        return sum(tally.tokens for tally in self.tallies)

    @property
    def price_of_right(self) -> tuple[float, float]:
        """Money, then tokens, for one right answer."""
        return (self.usd / self.right, self.tokens / self.right) if self.right else (float("inf"), float("inf"))


def cases_of(known: Iterable[Known]) -> list[Case]:
    """One case for each input about which the truth is known, by its hash. Of equal attempts the first counts."""
    answers: dict[str, dict[str, Answer]] = defaultdict(dict)
    for outcome in known:
        if outcome.label is None:
            continue
        for tier in dict.fromkeys(attempt.tier for attempt in outcome.tries):
            answer = _answer([attempt for attempt in outcome.tries if attempt.tier == tier])
            if answer is not None:
                answers[outcome.inputs].setdefault(tier, answer)
    return [Case(inputs, by_tier) for inputs, by_tier in sorted(answers.items())]


def tiers_of(cases: Sequence[Case]) -> list[str]:
    """Every tier that was tried, cheap to dear."""
    spent: Counter[str] = Counter()
    tokens: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for case in cases:
        for tier, answer in case.answers.items():
            spent[tier] += answer.usd
            tokens[tier] += answer.tokens
            tried[tier] += 1
    return sorted(tried, key=lambda tier: (spent[tier] / tried[tier], tokens[tier] / tried[tier], tier))


def follow(cases: Sequence[Case], rules: Sequence[Rule], means: Mapping[str, tuple[int, int]]) -> Course:
    """What comes of *cases* under *rules*; *means* are each tier's usual cost, for where it was never tried."""
    tallies = tuple(Tally() for _ in rules)
    for case in cases:
        for rule, tally in zip(rules, tallies, strict=True):
            tally.reached += 1
            answer = case.answers.get(rule.tier)
            if answer is None:
                usd, tokens = means[rule.tier]
                tally.unseen, tally.usd, tally.tokens = tally.unseen + 1, tally.usd + usd, tally.tokens + tokens
                break
            tally.usd, tally.tokens = tally.usd + answer.usd, tally.tokens + answer.tokens
            if rule.believes(answer):
                tally.believed, tally.right = tally.believed + 1, tally.right + answer.is_right
                break
    return Course(len(cases), tallies)


def mean_costs(cases: Sequence[Case], tiers: Iterable[str]) -> dict[str, tuple[int, int]]:
    """What each tier usually costs for one input, in nano-USD and tokens, rounded up."""
    found = {}
    for tier in tiers:
        tried = [case.answers[tier] for case in cases if tier in case.answers]
        usd, tokens = sum(answer.usd for answer in tried), sum(answer.tokens for answer in tried)
        found[tier] = (-(-usd // max(1, len(tried))), -(-tokens // max(1, len(tried))))
    return found


def _answer(tries: Sequence[Try]) -> Answer | None:
    """What a tier came to; None where it was accepted and nobody knows whether it was right."""
    last = tries[-1]
    if last.accepted and last.is_right is None:
        return None
    usd, tokens = sum(each.usd for each in tries), sum(each.tokens for each in tries)
    return Answer(last.accepted, bool(last.is_right), last.evidence, usd, tokens)
