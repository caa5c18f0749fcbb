"""Which tier tries next: a pure function of the ladder, the attempts so far and the tiers that were skipped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from agentflow.attempt import Attempt, Tier
from agentflow.errors import DefinitionError


@dataclass(frozen=True, slots=True, init=False)
class Ladder:
    """Tiers from cheap to strong. A step climbs only when its validator says no."""

    tiers: tuple[Tier, ...]

    def __init__(self, *tiers: Tier) -> None:
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

    def __deepcopy__(self, memo: dict[int, Any]) -> Ladder:
        return self  # its engines are shared on purpose

    def next_tier(self, attempts: Sequence[Attempt], skipped: Collection[str]) -> Tier | None:
        """The first tier with tries left that was not skipped; None at the top of the ladder."""
        for tier in self.tiers:
            tried = sum(attempt.tier == tier.label for attempt in attempts)
            allowed = 1 if tier.is_function else tier.attempts
            if tier.label not in skipped and tried < allowed and not _climbed_past(self, tier, attempts):
                return tier
        return None

    @property
    def identity(self) -> str:
        """A short hash of everything that decides who tries, in which order, and how often."""
        text = json.dumps([[tier.identity, tier.attempts] for tier in self.tiers])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def without_functions(self) -> tuple[Tier, ...]:
        """The tiers that put requests on the wire."""
        return tuple(tier for tier in self.tiers if not tier.is_function)


def _climbed_past(ladder: Ladder, tier: Tier, attempts: Sequence[Attempt]) -> bool:
    """Whether a later tier already tried: nobody climbs down."""
    later = {other.label for other in ladder.tiers[ladder.tiers.index(tier) + 1 :]}
    return any(attempt.tier in later for attempt in attempts)
