"""Which tier tries next: a pure function of the ladder, its policy, the attempts so far and the tiers skipped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from agentflow.attempt import Attempt, Tier
from agentflow.errors import ConfigurationError, DefinitionError
from agentflow.policies import Plan, refuse_strangers
from agentflow.progress import NOT_BELIEVED
from agentflow.verdict import Verdict


@dataclass(frozen=True, slots=True, init=False)
class Ladder:
    """Tiers from cheap to strong. A step climbs only when its validator says no."""

    tiers: tuple[Tier, ...]
    plan: Plan | None
    """The policy for the step that climbs it. None: in the order given, and what validators accept is believed."""

    def __init__(self, *tiers: Tier, plan: Plan | None = None) -> None:
        if not tiers:
            raise DefinitionError("a Ladder needs at least one Tier")
        for tier in tiers:
            if not isinstance(tier, Tier):
                raise DefinitionError(f"a Ladder is made of Tiers, not of {tier!r}")
        labels = [tier.label for tier in tiers]
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            raise DefinitionError(f"two tiers are called {twice[0]!r}; give one of them another name=")
        object.__setattr__(self, "tiers", tiers)
        object.__setattr__(self, "plan", plan)

    def __deepcopy__(self, memo: dict[int, Any]) -> Ladder:
        return self  # its engines are shared on purpose

    def next_tier(self, attempts: Sequence[Attempt], skipped: Collection[str]) -> Tier | None:
        """The first tier with tries left that was not skipped; None at the top of the ladder."""
        for tier in self.tiers:
            tried = sum(attempt.tier == tier.label for attempt in attempts)
            allowed = 1 if tier.is_function else tier.attempts
            if tier.label not in skipped and tried < allowed and not _is_done(self, tier, attempts):
                return tier
        return None

    def under(self, plan: Plan) -> Ladder:
        """The ladder as a policy wants it climbed; tiers that cannot serve stay away.

        Raises `ConfigurationError` for tiers that the plan was not made for, and when none of its own is there.
        """
        by_label = {tier.label: tier for tier in self.tiers}
        refuse_strangers(plan, by_label)
        chosen = [by_label[rung.tier] for rung in plan.rungs if rung.tier in by_label]
        if not chosen:
            asked = ", ".join(rung.tier for rung in plan.rungs)
            raise ConfigurationError(f"the policy asks {asked}, none of which can serve here; calibrate without them")
        return Ladder(*chosen, plan=plan)

    def judged(self, tier: Tier, verdict: Verdict, confidence: float | None) -> Verdict:
        """The verdict on an answer of *tier*, once the policy has had its say."""
        return verdict if self.plan is None else self.plan.judged(tier.label, verdict, confidence)

    @property
    def identity(self) -> str:
        """A short hash of everything that decides who tries, in which order, and how often."""
        told: list[object] = [[tier.identity, tier.attempts] for tier in self.tiers]
        text = json.dumps(told if self.plan is None else [*told, self.plan.rule])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def without_functions(self) -> tuple[Tier, ...]:
        """The tiers that put requests on the wire."""
        return tuple(tier for tier in self.tiers if not tier.is_function)


def _is_done(ladder: Ladder, tier: Tier, attempts: Sequence[Attempt]) -> bool:
    """Whether a later tier already tried, for nobody climbs down; or its answer was good and only not sure enough."""
    later = {other.label for other in ladder.tiers[ladder.tiers.index(tier) + 1 :]}
    return any(
        attempt.tier in later or (attempt.tier == tier.label and attempt.verdict.kind == NOT_BELIEVED)
        for attempt in attempts
    )
