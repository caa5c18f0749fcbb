"""Which plans are worth proving: every order of every subset of a few tiers, each with thresholds chosen on one part.

Nothing is proven here. What is chosen on these inputs is tested on others, in the order in which it is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from agentflow.calibration.courses import Answer, Case, Course, Rule, follow, mean_costs, tiers_of
from agentflow.errors import ConfigurationError
from agentflow.intervals import chance_of_at_least
from agentflow.thresholds import least_evidence

MOST_TIERS = 5
"""Of six tiers there are 1,956 plans, of seven 13,699."""
STEPS = 12
"""How many degrees of strictness are looked at between the target and certainty."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plan with its thresholds, and what it came to where they were chosen."""

    rules: tuple[Rule, ...]
    course: Course
    doubt: float
    """How likely counts as good as these are when too few are right on some tier."""


def candidates(cases: Sequence[Case], *, target: float, confidence: float, least_answered: float) -> list[Candidate]:
    """Plans to prove, the safest first, each cheaper for a right answer than all before it.

    Those that believe fewer answers than *least_answered* of what the best of them does are left out: it is cheap to
    answer only what is easy. Empty: nothing here would meet the target.
    """
    tiers = tiers_of(cases)
    if len(tiers) > MOST_TIERS:
        raise ConfigurationError(
            f"{len(tiers)} tiers were tried, and {MOST_TIERS} can be compared; leave out the runs of some of them"
        )
    found = list(_all(cases, tiers, target, confidence))
    certain = [each for each in found if each.doubt <= 1 - confidence] or found
    enough = least_answered * max((each.course.believed for each in certain), default=0)
    frontier: list[Candidate] = []
    for each in sorted(found, key=lambda each: (each.doubt, each.course.price_of_right)):
        is_cheaper = not frontier or each.course.price_of_right < frontier[-1].course.price_of_right
        if each.course.believed >= enough and is_cheaper:
            frontier.append(each)
    return frontier


def doubt_of(course: Course, target: float) -> float:
    """The probability of counts as good as these when too few are right on at least one tier that was believed."""
    return max(chance_of_at_least(tally.right, tally.n, target) if tally.n else 1.0 for tally in course.tallies)


def _all(cases: Sequence[Case], tiers: Sequence[str], target: float, confidence: float) -> Iterator[Candidate]:
    means = mean_costs(cases, tiers)
    least = least_evidence(target, 1 - confidence) // 2  # twice as many inputs are to prove it on
    seen: set[tuple[Rule, ...]] = set()
    for size in range(1, len(tiers) + 1):
        for order in permutations(tiers, size):
            for step in range(STEPS):
                rules = _rules(cases, order, target + (1 - target) * step / STEPS, least)
                if rules is not None and rules not in seen:
                    seen.add(rules)
                    course = follow(cases, rules, means)
                    yield Candidate(rules, course, doubt_of(course, target))


def _rules(cases: Sequence[Case], order: Sequence[str], strictness: float, least: int) -> tuple[Rule, ...] | None:
    """A threshold for each tier in turn, chosen on the inputs that come to it; None where one cannot be believed."""
    rules: list[Rule] = []
    left = cases
    for tier in order:
        rule = _rule(tier, [case.answers[tier] for case in left if tier in case.answers], strictness, least)
        if rule is None:
            return None
        rules.append(rule)
        left = [case for case in left if tier not in case.answers or not rule.believes(case.answers[tier])]
    return tuple(rules)


def _rule(tier: str, answers: Sequence[Answer], strictness: float, least: int) -> Rule | None:
    """The most generous rule by which so many of the believed answers are right."""
    accepted = [answer for answer in answers if answer.accepted]
    if len(accepted) >= least and sum(answer.is_right for answer in accepted) >= strictness * len(accepted):
        return Rule(tier)
    best: tuple[int, Rule] | None = None
    for name in sorted({name for answer in accepted for name in answer.evidence}):
        found = _descended(tier, name, accepted, strictness, least)
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    return best[1] if best is not None else None


def _descended(
    tier: str, name: str, accepted: Sequence[Answer], strictness: float, least: int
) -> tuple[int, Rule] | None:
    """The lowest threshold on one evidence that keeps so many right, and how many answers it lets pass."""
    ordered = sorted((answer for answer in accepted if name in answer.evidence), key=lambda a: -a.evidence[name])
    right, best = 0, None
    for n, answer in enumerate(ordered, 1):
        right += answer.is_right
        is_last_of_its_score = n == len(ordered) or ordered[n].evidence[name] != answer.evidence[name]
        if is_last_of_its_score and n >= least and right >= strictness * n:
            best = n, Rule(tier, name, answer.evidence[name])
    return best
