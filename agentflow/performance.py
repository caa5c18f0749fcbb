"""One performance of a step as values: what is to be done, and what it has come to so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from agentflow.attempt import Attempt
from agentflow.ladder import Ladder
from agentflow.progress import Evidence, Watch
from agentflow.scope import Scope, fingerprint
from agentflow.usage import NOTHING, Amount
from agentflow.validators.identity import stable

if TYPE_CHECKING:
    from agentflow.step import Step


@dataclass(frozen=True, slots=True)
class Task:
    """One performance of a step: what to do, with what, where."""

    step: Step
    inputs: Mapping[str, Any]
    scope: Scope
    ladder: Ladder

    @property
    def identity(self) -> str:
        """What must be unchanged for a recorded outcome to stand."""
        return fingerprint([self.step.identity, ladder_identity(self.ladder), dict(self.inputs)])


@dataclass(frozen=True, slots=True)
class Skip:
    """A tier that could not even try."""

    tier: str
    reason: str
    is_refusal: bool
    """Whether money was short, as against a provider that could not serve."""
    spent: Amount = NOTHING
    """Charged all the same: for a request that was lost, or for the first ones of several."""


@dataclass(slots=True)
class Progress:
    """What a performance has come to so far."""

    watch: Watch
    """Sees the attempts of this performance."""
    inner: Watch
    """Sees what happens inside them: tools that are called, steps that are performed."""
    known: Evidence | None
    """What the agent had been nudged for when this performance began: it could not know more."""
    attempts: list[Attempt] = field(default_factory=list)
    skips: dict[str, Skip] = field(default_factory=dict)
    was_clipped: bool = False
    """Whether our own cap cut an answer off: with more money it might have been another."""
    lost: Amount = NOTHING
    """Charged for an attempt that a halt ended."""

    @property
    def spent(self) -> Amount:
        """Charged for attempts and for what never became one."""
        tried = [each.spent for each in self.attempts] + [each.spent for each in self.skips.values()]
        return sum(tried, self.lost)


@lru_cache(maxsize=256)
def ladder_identity(ladder: Ladder) -> str:
    """The ladder with everything that its plain functions are made of."""
    functions = [stable(tier.model) for tier in ladder.tiers if tier.is_function]
    return fingerprint([ladder.identity, functions])
