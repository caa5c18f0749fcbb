"""Finished steps of a journal with what is known to be true about them: attempts that were right, or wrong.

Read only. Steps that served a validator are no outcomes of their own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentflow.labels import Label
from agentflow.policies import evidence_of
from agentflow.progress import NO_ANSWER_OF_A_FUNCTION, NOT_BELIEVED
from agentflow.store import StepRow, Store
from agentflow.thresholds import finite
from agentflow.verdict import Verdict

NO_PREDICTION = frozenset({"truncated", "refused", "empty", "parse", "step_rejected", NO_ANSWER_OF_A_FUNCTION})
"""Attempts rejected for these reasons answered nothing, so they cannot have been right."""


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt, and whether it was right."""

    tier: str
    accepted: bool
    """Whether validators accepted it, whatever a policy thought of it."""
    kind: str
    """Why validators did not."""
    is_right: bool | None
    """None: nobody knows."""
    evidence: Mapping[str, float]
    usd: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Known:
    """One finished step, and the truth as far as it is known."""

    run: str
    path: str
    step: str
    inputs: str
    """A hash of them: equal in all runs."""
    status: str
    prediction: Mapping[str, Any] | None
    label: Label | None
    tries: tuple[Try, ...]

    @property
    def is_right(self) -> bool | None:
        """Whether what it gave was right. None: nobody knows, or it gave nothing."""
        if self.label is None or self.prediction is None:
            return None
        return self.label.judge(self.prediction, self.prediction)


def known_outcomes(store: Store, runs: Sequence[str]) -> list[Known]:
    """Every finished step of *runs*, ids or beginnings of them, in that order and by path.

    Right values that a label gives hold wherever the step was asked the same.
    """
    rows = [(run, row) for run in runs for row in outcome_rows(store, run)]
    labels = {run: {path: Label.parse(text) for path, text in store.labels(run).items()} for run in runs}
    truths: dict[tuple[str, str], Label] = {}
    for run, row in rows:
        label = labels[run].get(row.path)
        if label is not None and label.correct:
            key = row.step, inputs_of(row)
            truths[key] = label.over(truths.get(key))
    return [_known(run, row, labels[run].get(row.path) or truths.get((row.step, inputs_of(row)))) for run, row in rows]


def outcome_rows(store: Store, run: str) -> list[StepRow]:
    """The finished steps of a run, without those that were performed for a validator."""
    return [row for row in store.steps(run) if not _served_a_validator(row.path)]


def inputs_of(row: StepRow) -> str:
    """A hash of the step's inputs: the one in its path, or of what the journal shows of them."""
    last = row.path.rpartition("/")[2]
    if "#" in last:
        return last.partition("#")[2].partition(".")[0]
    return hashlib.blake2b(row.inputs.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def fields_of(row: StepRow) -> Mapping[str, Any] | None:
    """The step's prediction as JSON values; None when it gave none that could be kept."""
    plain = json.loads(row.prediction)
    return plain if isinstance(plain, dict) else None


def _served_a_validator(path: str) -> bool:
    return any(part.startswith("check:") for part in path.split("/"))


def _known(run: str, row: StepRow, label: Label | None) -> Known:
    fields = fields_of(row)
    tries = tuple(_tries(json.loads(row.attempts or "[]"), fields, label))
    return Known(run, row.path, row.step, inputs_of(row), row.status, fields, label, tries)


def _tries(attempts: list[dict[str, Any]], fields: Mapping[str, Any] | None, label: Label | None) -> Iterator[Try]:
    for plain in attempts:
        kind = str(plain.get("kind") or "")
        accepted = bool(plain.get("accepted"))
        said = fields if accepted else plain.get("prediction")
        verdict = Verdict(accepted, score=plain.get("score"), evidence=tuple((plain.get("evidence") or {}).items()))
        spent = plain.get("spent") or {}
        yield Try(
            tier=str(plain.get("tier", "")),
            accepted=accepted or kind == NOT_BELIEVED,
            kind=kind,
            is_right=_is_right(said, kind, fields, label),
            evidence=evidence_of(verdict, finite(plain.get("confidence"))),
            usd=int(spent.get("usd") or 0),
            tokens=int(spent.get("tokens") or 0),
        )


def _is_right(said: Any, kind: str, fields: Mapping[str, Any] | None, label: Label | None) -> bool | None:
    if label is None:
        return None
    if isinstance(said, dict):
        return label.judge(said, fields)
    return False if kind in NO_PREDICTION else None
