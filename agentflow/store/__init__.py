"""The journal and the ledger in one database: what every store promises.

A store never decides. It writes what it is told, each batch in one transaction, acknowledges after commit, and reads
back. Result and settlement of a call are one event, so they cannot be torn apart.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal, Protocol

from agentflow.events import AgentFinished, CallId, Event
from agentflow.usage import Amount, Usage

Durability = Literal["process", "power"]
"""`process`: what was acknowledged survives `kill -9`. `power`: it survives a power cut as well."""

CallStatus = Literal["intended", "done", "released", "unknown"]


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run as the store knows it."""

    run: str
    pipeline: str
    source_hash: str
    arguments: str
    budget: str
    ladder: str
    prices: str
    account: str
    resumable: bool
    started_at: str
    seconds: float
    """Time in which a live process held the run, over all sittings."""
    status: str
    """Empty while unfinished, else the status of the last sitting."""
    value: str
    feedback: str
    limit_hit: str
    partial: str
    is_live: bool
    """Whether a living process holds it now."""
    options: str = "{}"
    """JSON: how the run is run, where that is not as usual."""
    policy: str = ""
    """JSON of the policy in force; empty: none."""


@dataclass(frozen=True, slots=True)
class CallRow:
    """One request on the wire."""

    id: CallId
    tier: str
    model: str
    status: CallStatus
    reserved: Amount
    spent: Amount
    """What was charged: the settlement, the whole reservation when unknown, nothing when released."""
    usage: Usage
    response: str
    """JSON, empty unless done."""
    finish: str
    clipped: bool
    cap: int
    bound: str
    over_bound: Amount
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """One finished step."""

    path: str
    step: str
    identity: str
    status: str
    prediction: str
    attempts: str
    spent: Amount
    feedback: str
    inputs: str
    replayable: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """What one run was charged."""

    spent: Amount
    """Everything charged, `unknown` and `over_bound` included."""
    unknown: Amount
    over_bound: Amount


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A standing account: outlives runs, shared by processes."""

    name: str
    limit: str
    """JSON of its Budget."""
    spent: Amount
    granted: Amount
    """Out with living processes, not yet spent or given back."""
    over_bound: Amount


class Store(Protocol):
    """Journal and ledger. All methods may be called from any thread.

    Methods that write return a future that is done after commit; submitting never blocks on the disk. Writes of one
    process are applied in the order they were submitted. Every method raises, and every future may fail with,
    `StoreFailed`.
    """

    def append(self, *events: Event) -> Future[None]:
        """Write *events* in one transaction. A second settlement of a settled call changes nothing."""
        ...

    def claim(self, run: str) -> None:
        """Hold *run* for this process until `release` or death, charging what dead owners left open.

        Raises `RunIsLive` when another living process holds it, `UnknownRun` when it does not exist.
        """
        ...

    def release(self, run: str) -> None:
        """Give *run* back."""
        ...

    def run(self, run: str) -> RunRow:
        """Raises `UnknownRun`. An unambiguous prefix of the id, or `last`, will do."""
        ...

    def runs(self) -> list[RunRow]:
        """All runs, newest first."""
        ...

    def call(self, id: CallId) -> CallRow | None:
        """The settled call of this run, path, key and occurrence, whatever its wire ordinal."""
        ...

    def next_wire(self, id: CallId) -> int:
        """The first wire ordinal not yet used for this run, path, key and occurrence."""
        ...

    def calls(self, run: str) -> list[CallRow]:
        """Every request of a run, in the order of intent."""
        ...

    def reusable_call(self, run: str, key: str, occurrence: int) -> CallRow | None:
        """The settled call of that run with this key, wherever it was asked: the *occurrence*-th in path order."""
        ...

    def step(self, run: str, path: str) -> StepRow | None:
        """The finished step at *path*."""
        ...

    def steps(self, run: str) -> list[StepRow]:
        """Every finished step of a run, by path."""
        ...

    def labels(self, run: str) -> dict[str, str]:
        """Path to JSON of the latest label of every labelled step of a run."""
        ...

    def agents(self, run: str) -> list[AgentFinished]:
        """How every finished agent of a run ended, by path."""
        ...

    def kept(self, run: str) -> dict[str, str]:
        """Name to JSON of the values a run's pipeline kept."""
        ...

    def skips(self, run: str, path: str) -> list[str]:
        """Labels of the tiers skipped at *path*. Skips of unfinished steps are dropped by `RunContinued` with another
        budget."""
        ...

    def totals(self, run: str) -> Totals:
        """What the run was charged so far."""
        ...

    def distrusted(self) -> dict[str, str]:
        """Models whose bound was broken, with the reason."""
        ...

    def open_account(self, name: str, limit: str) -> StandingRow:
        """Create the standing account *name*, or set its limit."""
        ...

    def accounts(self) -> list[StandingRow]:
        """All standing accounts by name."""
        ...

    def grant(self, account: str, want: Amount, least: Amount) -> Future[Amount | None]:
        """Move up to *want*, at least *least*, of what the account has left to this process; None: not even that.

        Raises `UnknownRun` never; an unknown account is a `StoreFailed` that names `agentflow accounts open`.
        """
        ...

    def give_back(self, account: str, amount: Amount) -> Future[None]:
        """Return what this process was granted and did not use."""
        ...

    def others_hold(self, account: str) -> bool:
        """Whether other living processes still hold grants of the account, dead ones being charged first."""
        ...

    def prune(self, older_than_days: float) -> int:
        """Delete finished runs older than that; how many."""
        ...

    def close(self) -> None:
        """Write what is queued, give up every claim, and stop."""
        ...
