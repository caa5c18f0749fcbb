"""A policy from labelled outcomes: chosen on one part, proven on another, measured on the half that chose nothing.

The halves are by a hash of the inputs. Plans are proven from the safest down, at the stated confidence, up to the first
that cannot be: fixed-sequence testing of what was chosen on other inputs (Laufer-Goldshtein and others, "Efficiently
controlling multiple risks with Pareto testing", 2023). No threshold is ever moved by a test input.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentflow.calibration.courses import Case, Course, Rule, cases_of, follow, mean_costs, tiers_of
from agentflow.calibration.outcomes import Known
from agentflow.calibration.search import Candidate, candidates, doubt_of
from agentflow.errors import ConfigurationError
from agentflow.intervals import clopper_pearson, lower_bound
from agentflow.policies import Figures, Plan, Policy, Rung
from agentflow.thresholds import half_of, least_evidence

LEAST_ANSWERED = 0.98
"""The share of attainable answers that a cheaper plan must still give."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked of a policy."""

    target: float
    """The share of believed answers that shall be right, on every tier."""
    confidence: float = 0.95
    least_answered: float = LEAST_ANSWERED

    def __post_init__(self) -> None:
        for name in ("target", "confidence"):
            if not 0 < getattr(self, name) < 1:
                raise ConfigurationError(f"--{name} {getattr(self, name)} must lie between 0 and 1, such as 0.95")
        if not 0 <= self.least_answered <= 1:
            raise ConfigurationError(f"--least-answered {self.least_answered} must lie from 0 to 1, such as 0.98")


@dataclass(frozen=True, slots=True)
class Fitted:
    """What the labels of one step support."""

    step: str
    cases: int
    """Inputs about which the truth is known."""
    plan: Plan | None
    """None: none could be proven."""
    static: Figures
    """The same tiers on the test half, cheap to dear, believed whenever validators accept."""
    why_not: str = ""
    """In words, where there is no plan."""


def fit(known: Sequence[Known], terms: Terms) -> tuple[Fitted, ...]:
    """What can be proven for each step with labels, by its name."""
    by_step: dict[str, list[Known]] = defaultdict(list)
    for outcome in known:
        if outcome.label is not None:
            by_step[outcome.step].append(outcome)
    return tuple(_fit_step(step, cases_of(group), terms) for step, group in sorted(by_step.items()))


def policy_of(fitted: Sequence[Fitted], known: Sequence[Known], terms: Terms) -> Policy | None:
    """The policy of all steps; None unless every labelled one has a plan."""
    steps = {each.step: each.plan for each in fitted if each.plan is not None}
    if not steps or len(steps) != len(fitted):
        return None
    return Policy(terms.target, terms.confidence, steps, hashes_of(known))


def hashes_of(known: Sequence[Known]) -> dict[str, str]:
    """Each run with a hash of its labelled outcomes: other labels, or other outcomes, are other data."""
    lines: dict[str, list[str]] = defaultdict(list)
    for outcome in known:
        if outcome.label is not None:
            tries = [[each.tier, each.accepted, each.is_right, dict(each.evidence)] for each in outcome.tries]
            lines[outcome.run].append(json.dumps([outcome.path, outcome.label.to_json(), tries], sort_keys=True))
    return {run: hashlib.sha256("\n".join(sorted(told)).encode()).hexdigest() for run, told in lines.items()}


def _fit_step(step: str, cases: Sequence[Case], terms: Terms) -> Fitted:
    parts = _parts(step, cases)
    tiers = tiers_of(cases)
    means = mean_costs([*parts["choosing"], *parts["proving"]], tiers)
    static = _figures(follow(parts["test"], [Rule(tier) for tier in tiers], means), terms.confidence)
    ways = candidates(
        parts["choosing"], target=terms.target, confidence=terms.confidence, least_answered=terms.least_answered
    )
    best = _proven(ways, parts["proving"], means, terms)
    if best is None:
        return Fitted(step, len(cases), None, static, _why_not(step, parts, bool(ways), terms))
    rules = best[0].rules
    test = _figures(follow(parts["test"], rules, means), terms.confidence)
    rungs = tuple(_rung(rule, place, best, terms.confidence) for place, rule in enumerate(rules))
    skipped = tuple(tier for tier in tiers if tier not in {rule.tier for rule in rules})
    return Fitted(step, len(cases), Plan(rungs, skipped, test), static)


def _proven(
    ways: Sequence[Candidate], cases: Sequence[Case], means: Mapping[str, tuple[int, int]], terms: Terms
) -> tuple[Candidate, Course] | None:
    """The last plan, and so the cheapest, before the first that cannot be proven; with its course on these inputs."""
    best: tuple[Candidate, Course] | None = None
    for way in ways:
        proof = follow(cases, way.rules, means)
        if doubt_of(proof, terms.target) > 1 - terms.confidence:
            break
        best = way, proof
    return best


def _parts(step: str, cases: Sequence[Case]) -> Mapping[str, list[Case]]:
    """Half for the test, a sixth to choose on, a third to prove on: each input's own affair, whatever is beside it."""
    parts: dict[str, list[Case]] = {"choosing": [], "proving": [], "test": []}
    for case in cases:
        if half_of(f"{step}:{case.inputs}") == "test":
            parts["test"].append(case)
        else:
            drawn = hashlib.sha256(f"choosing:{step}:{case.inputs}".encode("utf-8", "surrogatepass")).digest()[0]
            parts["choosing" if drawn % 3 == 0 else "proving"].append(case)
    return parts


def _rung(rule: Rule, place: int, best: tuple[Candidate, Course], confidence: float) -> Rung:
    proof, chosen = best[1].tallies[place], best[0].course.tallies[place]
    reached = proof.reached + chosen.reached
    return Rung(
        tier=rule.tier,
        evidence=rule.evidence,
        threshold=rule.threshold,
        n=proof.n,
        right=proof.right,
        precision=lower_bound(proof.right, proof.n, confidence),
        usd=-(-(proof.usd + chosen.usd) // reached),
        tokens=-(-(proof.tokens + chosen.tokens) // reached),
    )


def _figures(course: Course, confidence: float) -> Figures:
    n = course.believed + course.unseen
    low, high = clopper_pearson(course.right, n, confidence)
    return Figures(course.n, course.believed, course.right, course.unseen, low, high, course.usd, course.tokens)


def _why_not(step: str, parts: Mapping[str, Sequence[Case]], is_hopeful: bool, terms: Terms) -> str:
    """What is lacking, and what would help."""
    least = least_evidence(terms.target, 1 - terms.confidence)
    counts = {name: len(cases) for name, cases in parts.items()}
    proven = f"a share of {terms.target:g} at a confidence of {terms.confidence:g}"
    have = f"{counts['choosing']} inputs to choose on and {counts['proving']} to prove on"
    if counts["proving"] < least or not counts["choosing"]:
        return f"{step}: {have} cannot prove {proven}; that takes {least} believed answers, all of them right"
    if not is_hopeful:
        return f"{step}: on {have}, no tier with any of its evidence is right often enough for {proven}"
    first, other = counts["choosing"], counts["proving"]
    return f"{step}: a plan that looked good on {first} inputs could not prove {proven} on {other} others"
