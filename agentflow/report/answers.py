"""What a report says, as frozen values. Nothing is computed or formatted here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agentflow.budget import Budget
from agentflow.usage import NOTHING, Amount


@dataclass(frozen=True, slots=True)
class TierFacts:
    """What one tier did for one step."""

    tier: str
    attempts: int = 0
    accepted: int = 0
    rejected: int = 0
    escalated: int = 0
    """Steps that had to go on to another tier."""
    replayed: int = 0
    """Attempts that the journal answered: nothing was paid again."""
    is_function: bool = False
    """Whether a plain function answered: no tokens, no cost."""
    input_tokens: int = 0
    """Raw tokens, not weighted."""
    output_tokens: int = 0
    spent: Amount = NOTHING
    p50: float | None = None
    """Seconds of a middling attempt, replayed ones left out. None: there was no other."""
    p95: float | None = None
    """Seconds that 95 % of the attempts did not exceed."""
    confidence: float | None = None
    """Mean log-probability of a middling answer. None: no answer said how sure the model was."""
    reasons: Mapping[str, int] = field(default_factory=dict)
    """How often which kind of failure was found, most frequent first."""


@dataclass(frozen=True, slots=True)
class StepFacts:
    """All work done under one step's name."""

    step: str
    outcomes: Mapping[str, int]
    """How many ended with which status; `unfinished` for those the journal knows only calls of."""
    spent: Amount
    tiers: tuple[TierFacts, ...]
    """In the order in which they were tried."""
    is_nested: bool = False
    """Whether it only ever served another step, as a judge does; it then counts as no outcome of its own."""

    @property
    def accepted(self) -> int:
        """How many were proven."""
        return self.outcomes.get("accepted", 0)


@dataclass(frozen=True, slots=True)
class Example:
    """One of the outcomes that were not accepted."""

    path: str
    feedback: str
    inputs: str
    """JSON, cut to what can be shown."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Outcomes of one step that were not accepted for the same reason."""

    step: str
    status: str
    reason: str
    """The verdict's kind, such as `occurs_in:total`, or the status where no validator spoke last."""
    count: int
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class TopTier:
    """What the accepted outcomes would have cost on the strongest tier alone. An estimate."""

    tier: str
    amount: Amount
    covers: int
    """Accepted outcomes that the estimate speaks for."""
    of: int
    """Accepted outcomes in all."""
    how: str
    """How it was estimated, in words."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Requests by their fate."""

    settled: int = 0
    unknown: int = 0
    """Charged in full because nobody knows whether they were billed."""
    released: int = 0
    """Certainly not billed."""
    open: int = 0
    """On the wire, or left there by a process that died."""
    reused: int = 0
    """Answered from another run."""
    from_cassette: int = 0
    """Answered from a cassette: what they are charged was not paid."""


@dataclass(frozen=True, slots=True)
class UnknownCall:
    """A request that was charged in full because nobody knows whether it was billed."""

    path: str
    tier: str
    spent: Amount
    reason: str
    """Such as a timeout; empty when the process died before it could say."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Why the run is not finished or not accepted, and what can be done."""

    limit_hit: str
    feedback: str
    advice: str
    """One sentence; empty when there is nothing to do."""
    command: str
    """What to type; empty when nothing helps."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a journal says about one run."""

    run: str
    pipeline: str
    status: str
    """The outcome's status, or `running`, or `interrupted` when the process died."""
    started_at: str
    seconds: float
    """Time in which a live process held the run, over all sittings."""
    budget: Budget
    account: str
    """The standing account that pays; empty: none."""
    spent: Amount
    unknown: Amount
    """Part of `spent` nobody can vouch for."""
    over_bound: Amount
    """Charged above what a provider had declared possible."""
    outcomes: Mapping[str, int]
    """Steps by how they ended, nested ones left out."""
    labelled: int
    """Steps about which somebody said what is right."""
    policy: str
    """The beginning of the checksum of the policy in force; empty: none."""
    agents: Mapping[str, int]
    """Spawned agents by how they ended."""
    steps: tuple[StepFacts, ...]
    rejections: tuple[Rejection, ...]
    cost_per_accepted: int | None
    """Nano-USD, everything charged divided by accepted outcomes. None: nothing was accepted."""
    tokens_per_accepted: int | None
    top_tier: TopTier | None
    """None: unknowable."""
    calls: Calls
    replayed: int
    """Attempts that the journal answered."""
    by_function: int
    """Accepted attempts that a plain function made."""
    unknown_calls: tuple[UnknownCall, ...]
    """Every request behind `unknown` that the journal still lists."""
    kept: Mapping[str, str]
    """JSON of the values the pipeline kept, by name."""
    stop: Stop | None
    """None: accepted, or still running."""
