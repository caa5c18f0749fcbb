"""The journal's rows gathered by step: each piece of work with its attempts and the requests it paid for."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agentflow.store import CallRow, StepRow, Store
from agentflow.thresholds import finite
from agentflow.usage import NOTHING, Amount

UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt as the journal keeps it."""

    tier: str
    accepted: bool
    kind: str
    spent: Amount
    input_tokens: int
    output_tokens: int
    seconds: float
    replayed: bool
    by_function: bool
    confidence: float | None
    """Mean log-probability of the answer. None: unknown."""


@dataclass(frozen=True, slots=True)
class Work:
    """One step at one place: finished with an outcome, or only known by its requests."""

    path: str
    step: str
    status: str
    feedback: str
    inputs: str
    tries: tuple[Try, ...]
    calls: tuple[CallRow, ...]
    is_nested: bool

    def spent_on(self, tier: str) -> Amount:
        """What *tier* was charged: by its requests, or by its attempts where the requests were compacted away."""
        if self.calls:
            return total(call.spent for call in self.calls if call.tier == tier)
        return total(attempt.spent for attempt in self.tries if attempt.tier == tier)

    def tokens_of(self, tier: str) -> tuple[int, int]:
        """Raw tokens *tier* read and wrote, as far as they are known."""
        if self.calls:
            usages = [call.usage for call in self.calls if call.tier == tier and call.status == "done"]
            return sum(usage.input_tokens or 0 for usage in usages), sum(usage.output_tokens or 0 for usage in usages)
        tries = [attempt for attempt in self.tries if attempt.tier == tier]
        return sum(attempt.input_tokens for attempt in tries), sum(attempt.output_tokens for attempt in tries)

    @property
    def tiers(self) -> list[str]:
        """Tiers in the order in which they were tried."""
        return list(dict.fromkeys([*(attempt.tier for attempt in self.tries), *(call.tier for call in self.calls)]))

    @property
    def last_kind(self) -> str:
        """What the last verdict found, empty when none was spoken."""
        return next((attempt.kind for attempt in reversed(self.tries) if attempt.kind), "")


def gather(store: Store, run: str) -> list[Work]:
    """Every piece of work of *run*, by path."""
    rows = {row.path: row for row in store.steps(run)}
    calls: dict[str, list[CallRow]] = defaultdict(list)
    for call in store.calls(run):
        calls[_owner(call.id.path, rows)].append(call)
    finished = [_finished(row, calls.pop(row.path, []), rows) for row in rows.values()]
    unfinished = [_unfinished(path, left) for path, left in calls.items()]
    return sorted([*finished, *unfinished], key=lambda work: work.path)


def total(amounts: Iterable[Amount]) -> Amount:
    """The sum."""
    return sum(amounts, NOTHING)


def step_name(path: str) -> str:
    """The step's name in a path such as `/totals/read_total#1f3a.2`."""
    return path.rpartition("/")[2].split("#")[0].split(":")[0]


def _owner(path: str, rows: Mapping[str, StepRow]) -> str:
    """The nearest finished step at or above *path*, or *path* itself."""
    return next((place for place in _upwards(path) if place in rows), path)


def _upwards(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path.rpartition("/")[0]


def _finished(row: StepRow, calls: list[CallRow], rows: Mapping[str, StepRow]) -> Work:
    above = row.path.rpartition("/")[0]
    nested = any(place in rows for place in _upwards(above))
    tries = tuple(_try(plain) for plain in json.loads(row.attempts or "[]"))
    return Work(row.path, row.step, row.status, row.feedback, row.inputs, tries, tuple(calls), nested)


def _unfinished(path: str, calls: list[CallRow]) -> Work:
    return Work(path, step_name(path), UNFINISHED, "", "null", (), tuple(calls), is_nested=False)


def _try(plain: Mapping[str, Any]) -> Try:
    spent, usage = plain.get("spent") or {}, plain.get("usage") or {}
    return Try(
        tier=str(plain.get("tier", "")),
        accepted=bool(plain.get("accepted")),
        kind=str(plain.get("kind") or ""),
        spent=Amount(**{name: int(spent.get(name) or 0) for name in ("usd", "tokens", "calls")}),
        input_tokens=usage.get("input_tokens") or 0,
        output_tokens=usage.get("output_tokens") or 0,
        seconds=float(plain.get("seconds") or 0.0),
        replayed=bool(plain.get("replayed")),
        by_function=bool(plain.get("by_function")),
        confidence=finite(plain.get("confidence")),
    )
