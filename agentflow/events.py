"""The sentences a journal can contain. Each is a frozen value; the store decides how it is kept.

Payloads are JSON texts. Amounts are integers. Nothing here holds a credential or a provider's headers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from agentflow.usage import NOTHING, Amount, Usage


@dataclass(frozen=True, slots=True)
class CallId:
    """Which call: content, never a counter or an order of completion."""

    run: str
    path: str
    """Where in the tree of agents and steps it was asked."""
    key: str
    """Hash of the tier's identity and the canonical request before clipping."""
    occurrence: int
    """Ordinal of the same key in the same path, taken when asked, from 0."""
    wire: int = 0
    """Ordinal of the transport attempt, from 0: each is a request and a reservation of its own."""


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run exists, with everything needed to start it again."""

    run: str
    pipeline: str
    """`file.py:function`, or empty when the run cannot be resumed from the shell."""
    source_hash: str
    arguments: str
    """JSON."""
    budget: str
    """JSON."""
    ladder: str
    """JSON: labels and identities of the tiers, for people and for comparison."""
    prices: str
    """JSON: the price of every model of the run, as pinned at its start."""
    account: str = ""
    """The standing account that pays; empty: none."""
    resumable: bool = True
    options: str = "{}"
    """JSON: how the run is run, where that is not as usual; a resumed run goes on in the same way."""
    policy: str = ""
    """JSON of the policy in force from the first call to the last, whoever resumes the run; empty: none."""
    started_at: str = ""
    """Wall clock, ISO 8601 with offset; for people only."""


@dataclass(frozen=True, slots=True)
class RunContinued:
    """The run goes on in another sitting, perhaps with a raised budget."""

    run: str
    budget: str
    account: str = ""
    """The standing account that pays from now on; empty: the one that paid before, if any."""


@dataclass(frozen=True, slots=True)
class RunTicked:
    """A live process held the run for so much longer."""

    run: str
    seconds: float


@dataclass(frozen=True, slots=True)
class RunFinished:
    """A sitting of the run ended."""

    run: str
    status: str
    value: str = "null"
    """JSON of what the pipeline returned."""
    feedback: str = ""
    limit_hit: str = ""
    partial: str = "{}"


@dataclass(frozen=True, slots=True)
class CallIntended:
    """A request is about to leave; until it is settled its reservation counts as spent."""

    id: CallId
    tier: str
    model: str
    reserved: Amount
    bound: str
    """Kind of bound: exact, tokenizer, byte or declared."""
    cap: int
    """Output tokens allowed on the wire."""
    account: str = ""
    """The standing account that pays; empty: none."""


@dataclass(frozen=True, slots=True)
class CallSettled:
    """The answer came and is charged. The first settlement of a call wins."""

    id: CallId
    spent: Amount
    usage: Usage
    response: str
    """JSON of the canonical response."""
    finish: str
    clipped: bool = False
    """Whether the answer was cut off by our own cap below the tier's."""
    over_bound: Amount = NOTHING
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class CallReleased:
    """The request was certainly not billed; nothing is charged."""

    id: CallId
    reason: str


@dataclass(frozen=True, slots=True)
class CallLost:
    """Nobody knows whether the request was billed; the whole reservation is charged."""

    id: CallId
    reason: str


@dataclass(frozen=True, slots=True)
class TierSkipped:
    """The ladder went past a tier that did not fit the budget or could not serve."""

    run: str
    path: str
    tier: str
    reason: str


@dataclass(frozen=True, slots=True)
class StepFinished:
    """A step has its outcome; it is looked up before anything is called again."""

    run: str
    path: str
    step: str
    """The step's name."""
    identity: str
    """Hash of step, validator, ladder and inputs."""
    status: str
    prediction: str
    """JSON of the accepted output fields, or of the last ones that could be parsed; null when there are none."""
    attempts: str
    """JSON list, one object per attempt: tier, accepted, score, kind, feedback, spent, usage, seconds, replayed,
    by_function, text, and where they are known confidence, evidence and, where it was rejected, the prediction."""
    spent: Amount = NOTHING
    feedback: str = ""
    inputs: str = "null"
    """JSON of the inputs, cut to what a report can show."""
    replayable: bool = True
    """Whether the outcome may stand for the step on resume; a plain function's is computed again instead."""


@dataclass(frozen=True, slots=True)
class OutcomeLabelled:
    """Somebody who knows the truth said it about a finished step. The latest word counts; earlier ones stay."""

    run: str
    path: str
    label: str
    """JSON of a `Label`."""


@dataclass(frozen=True, slots=True)
class AgentFinished:
    """A spawned agent has its outcome."""

    run: str
    path: str
    status: str
    spent: Amount = NOTHING
    feedback: str = ""
    limit_hit: str = ""


@dataclass(frozen=True, slots=True)
class ValueKept:
    """A pipeline asked that this value survive whatever comes."""

    run: str
    name: str
    value: str
    """JSON."""


@dataclass(frozen=True, slots=True)
class BoundBroken:
    """A provider charged more than its declared bound; its model gets nothing more until someone trusts it again."""

    run: str
    model: str
    reason: str


@dataclass(frozen=True, slots=True)
class ModelTrusted:
    """A person trusts the model's bound again."""

    model: str


Event: TypeAlias = (
    RunStarted
    | RunContinued
    | RunTicked
    | RunFinished
    | CallIntended
    | CallSettled
    | CallReleased
    | CallLost
    | TierSkipped
    | StepFinished
    | OutcomeLabelled
    | AgentFinished
    | ValueKept
    | BoundBroken
    | ModelTrusted
)
