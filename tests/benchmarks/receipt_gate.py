"""Thresholds of confidence for the receipts pipeline, fitted on labelled receipts, each model read alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from agentflow.errors import ConfigurationError
from agentflow.gates import Entry, Gate
from agentflow.thresholds import Scored

from .receipt_runs import Try, claimants, reading_of, receipts
from .receipt_truth import Labelled

CONFIDENCE = 0.95


def gate_of(rows: Sequence[Labelled], *, target: float, source: str, tell: Callable[[str], None]) -> Gate:
    """The gate that these receipts support: every model reads each of them once, without functions and alone.

    Raises `ConfigurationError` when the weights are replaced meanwhile.
    """
    tries: list[Try] = []
    weights = _weights()
    for model in receipts.SMALL_MODELS:
        tries += reading_of(list(rows), claimants(model), tell).tries
    if _weights() != weights:
        raise ConfigurationError("the weights were replaced while thresholds were fitted on them; fit again")
    return fitted(rows, tries, target=target, source=source)


def fitted(rows: Sequence[Labelled], tries: Iterable[Try], *, target: float, source: str) -> Gate:
    """Thresholds by step and model, of the answers that the receipt neither proves nor contradicts.

    Each names the weights that gave its answers, so that no others are believed by it.
    """
    truths = {row.id: row.truth for row in rows}
    steps: dict[str, dict[str, Entry]] = defaultdict(dict)
    evidence: dict[tuple[str, str], list[Scored]] = {
        (f"read_{field}", model.label): [] for field in receipts.WANTED for model in receipts.SMALL_MODELS
    }
    for each in tries:
        if each.accepted and each.confidence is not None and each.field in truths[each.id]:
            is_right = each.value == truths[each.id][each.field]
            evidence[f"read_{each.field}", each.tier].append(Scored(each.confidence, is_right))
    for (step, model), some in evidence.items():
        named = f"{source}, {receipts.weights_of(model)}"
        steps[step][model] = Entry.fitted(some, target=target, confidence=CONFIDENCE, source=named)
    return Gate(steps)


def _weights() -> list[str]:
    return [receipts.weights_of(model.label) for model in receipts.SMALL_MODELS]
