"""The receipts pipeline run unattended on labelled receipts, and every attempt that its journal tells of."""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from agentflow import Budget, Ladder, Step, Tier, pipeline, run
from agentflow.errors import ConfigurationError
from agentflow.events import AgentFinished, Event
from agentflow.nano.adapter import NanoAdapter
from agentflow.store import StepRow
from agentflow.store.sqlite import open_store

from .receipt_truth import FIELDS, Labelled, comparable

sys.path.insert(0, str(Path(__file__).parents[2] / "pipelines"))  # where `agentflow run` finds a pipeline's neighbours
receipts = importlib.import_module("receipts")

TOKENS_PER_RECEIPT = 20_000
"""Far more than a receipt can take: a budget that is never the reason for a figure."""
PLACE = f"{receipts.read_receipt.__name__}:"
"""How the place of a receipt in the journal begins; what follows is its id."""
NO_VALUE = frozenset({"parse", "truncated", "empty", "no_answer", "inputs"})
"""Kinds of verdicts on attempts that gave no value to judge."""


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt at one field of one receipt."""

    id: str
    field: str
    tier: str
    by_function: bool
    accepted: bool
    kind: str
    value: str | None
    """In comparable form. None: there was none, or not one that could be understood."""
    tokens: int
    usd: int
    """Nano-USD."""
    seconds: float
    confidence: float | None
    """Mean log-probability. None: unknown."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one run of the pipeline made of the receipts."""

    values: Mapping[str, Mapping[str, str]]
    """Accepted values in comparable form, by receipt and field."""
    tries: tuple[Try, ...]
    seconds: float
    """Time of the whole run."""
    fields: tuple[str, ...]
    """What was asked for."""


def reading_of(rows: list[Labelled], chosen: Mapping[str, Step], tell: Callable[[str], None]) -> Reading:
    """Run the pipeline on *rows* with these steps. Raises `ConfigurationError` when it fails."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "receipts.jsonl"
        plain = [json.dumps({"id": row.id, "lines": row.text.splitlines()}) for row in rows]  # the truth stays here
        file.write_text("\n".join(plain), encoding="utf-8")
        started = time.perf_counter()
        outcome = run(
            _reading_with(chosen)([str(file)]),
            budget=Budget(tokens=TOKENS_PER_RECEIPT * len(rows)),
            state=Path(folder),
            resumable=False,
            on_event=_progress(len(rows), tell),
        )
        seconds = time.perf_counter() - started
        if not outcome.accepted:
            raise ConfigurationError(f"the run ended as {outcome.status}: {outcome.feedback or outcome.error}")
        texts = {row.id: row.text for row in rows}
        tries = tuple(_tries(outcome.database, outcome.run, chosen, texts))
    values = {record["file"]: _values(record) for record in outcome.value}
    return Reading(values, tries, seconds, tuple(field for field in FIELDS if field in chosen))


def readers(*, functions: bool, models: Sequence[str] = (), gate: Path | None = None) -> dict[str, Step]:
    """The pipeline's steps, without function tiers or with these models alone where asked for; no step without tiers.

    *gate* None: without thresholds of confidence. Raises `ConfigurationError` for a gate that cannot be used.
    """
    steps = receipts.gated(gate) if gate else receipts.UNGATED
    kept = {field: _tiers(step, functions=functions, models=models) for field, step in steps.items()}
    return {field: _on_ladder(steps[field], tiers) for field, tiers in kept.items() if tiers}


def claimants(model: Tier) -> dict[str, Step]:
    """The steps on whose answers thresholds for *model* are fitted."""
    return {field: receipts.claimant(field, model) for field in receipts.WANTED}


def _tiers(step: Step, *, functions: bool, models: Sequence[str]) -> tuple[Tier, ...]:
    tiers = step.ladder.tiers if step.ladder else ()
    asked = [f"local/{model}" for model in models]
    return tuple(tier for tier in tiers if (functions if tier.is_function else not asked or tier.label in asked))


def _on_ladder(step: Step, tiers: Sequence[Tier]) -> Step:
    return Step(
        step.signature,
        validate=step.validator,
        check_inputs=receipts.is_a_receipt,
        ladder=Ladder(*tiers),
        name=step.name,
    )


def _reading_with(chosen: Mapping[str, Step]) -> Any:
    @pipeline
    async def reading(paths: list[str]) -> Any:
        return await receipts.read_all(paths, chosen)

    return reading


def _progress(count: int, tell: Callable[[str], None]) -> Callable[[Event], None]:
    done: list[Event] = []

    def on_event(event: Event) -> None:
        if isinstance(event, AgentFinished):
            done.append(event)
            if len(done) % 10 == 0 or len(done) == count:
                tell(f"{len(done)} of {count} receipts")

    return on_event


def _values(record: Mapping[str, Any]) -> dict[str, str]:
    found = {field: comparable(field, record[field]) for field in FIELDS if record[field] is not None}
    return {field: value for field, value in found.items() if value is not None}


def _tries(database: Path, run: str, chosen: Mapping[str, Step], texts: Mapping[str, str]) -> Iterator[Try]:
    fields = {step.name: field for field, step in chosen.items()}
    store = open_store(database, read_only=True)
    try:
        for row in store.steps(run):
            if fields.get(row.step) in FIELDS:
                yield from _tries_of(row, fields[row.step], chosen, texts)
    finally:
        store.close()


def _tries_of(row: StepRow, field: str, chosen: Mapping[str, Step], texts: Mapping[str, str]) -> Iterator[Try]:
    place = next(part for part in row.path.split("/") if part.startswith(PLACE))
    id = unquote(place.removeprefix(PLACE).partition(".")[0])
    for plain in json.loads(row.attempts):
        value = _value(plain, row, chosen[field], field, texts[id])
        yield Try(
            id=id,
            field=field,
            tier=plain["tier"],
            by_function=plain["by_function"],
            accepted=plain["accepted"],
            kind=plain["kind"],
            value=None if value is None else comparable(field, str(value)),
            tokens=plain["spent"]["tokens"],
            usd=plain["spent"]["usd"],
            seconds=plain["seconds"],
            confidence=plain.get("confidence"),
        )


def _value(plain: Mapping[str, Any], row: StepRow, step: Step, field: str, text: str) -> Any:
    """What the attempt answered: the prediction, or what a rejected answer says when it is read again."""
    if plain["accepted"]:
        return json.loads(row.prediction)[field]
    if plain["kind"] in NO_VALUE:
        return None
    if plain["by_function"]:
        return _recomputed(step, plain["tier"], field, text)
    try:
        return NanoAdapter().parse(step.signature, plain["text"])[field]
    except Exception:  # noqa: BLE001 because an adapter may refuse an answer in any way, and that is no value
        return None


def _recomputed(step: Step, tier: str, field: str, text: str) -> Any:
    """What a function says: the journal keeps no rejected answers of functions."""
    functions = [each.model for each in (step.ladder.tiers if step.ladder else ()) if each.label == tier]
    answer = functions[0](text) if functions and callable(functions[0]) else None
    return answer[field] if answer else None
