"""What a reading of labelled receipts comes to: pure counts with exact intervals, ready for JSON."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agentflow.intervals import clopper_pearson

from .receipt_ladders import weight_of
from .receipt_runs import Reading, Try
from .receipt_truth import WHOLE, Labelled

Json = dict[str, Any]
CONFIDENCE = 0.95


def figures_of(rows: Sequence[Labelled], reading: Reading) -> Json:
    """Everything that is told of one run of the pipeline."""
    truths = {row.id: row.truth for row in rows}
    fields = [field for field in reading.fields if any(field in row.truth for row in rows)]
    records = _records(rows, reading)
    return {
        "seconds": round(reading.seconds, 2),
        "fields": {field: _field(field, rows, reading) for field in fields},
        "records": records,
        "tiers": _tiers(reading.tries, truths),
        "validators": {field: _validators(field, reading.tries, truths) for field in fields},
        "unvalidated": {field: _unvalidated(field, rows, reading.tries) for field in fields},
        "cost_per_right_record": _cost(reading, records["right"]["count"]),
        "by_record": _by_record(rows, reading),
    }


def share(count: int, of: int) -> Json:
    """A share with its exact 95 % interval; without one where there is nothing to have a share of."""
    if not of:
        return {"count": count, "of": of, "share": None, "low": None, "high": None}
    low, high = clopper_pearson(count, of, CONFIDENCE)
    return {"count": count, "of": of, "share": round(count / of, 4), "low": round(low, 4), "high": round(high, 4)}


def _field(field: str, rows: Sequence[Labelled], reading: Reading) -> Json:
    known = [row for row in rows if field in row.truth]
    answers = {row.id: reading.values[row.id].get(field) for row in rows if row.id in reading.values}
    accepted = [row for row in known if answers.get(row.id) is not None]
    right = sum(answers[row.id] == row.truth[field] for row in accepted)
    untold = [row for row in rows if field not in row.truth]
    return {
        "n": len(known),
        "without_truth": len(untold),
        "accepted_without_truth": sum(answers.get(row.id) is not None for row in untold),
        "right": share(right, len(known)),
        "accepted": share(len(accepted), len(known)),
        "right_among_accepted": share(right, len(accepted)),
        "rejected": len(known) - len(accepted),
    }


def _records(rows: Sequence[Labelled], reading: Reading) -> Json:
    """Whole records: company, date and total."""
    known = [row for row in rows if all(field in row.truth for field in WHOLE)]
    whole = {row.id: [reading.values.get(row.id, {}).get(field) for field in WHOLE] for row in known}
    complete = [row for row in known if None not in whole[row.id]]
    right = sum(whole[row.id] == [row.truth[field] for field in WHOLE] for row in complete)
    return {
        "n": len(known),
        "right": share(right, len(known)),
        "accepted": share(len(complete), len(known)),
        "right_among_accepted": share(right, len(complete)),
    }


def _by_record(rows: Sequence[Labelled], reading: Reading) -> Json:
    """Of each receipt whose truth is known: whether the whole record is right, and what it took."""
    spent: dict[str, list[Try]] = defaultdict(list)
    for each in reading.tries:
        spent[each.id].append(each)
    return {
        row.id: {
            "right": all(reading.values.get(row.id, {}).get(field) == row.truth[field] for field in WHOLE),
            "weighted_tokens": round(sum(each.tokens * weight_of(each.tier) for each in spent[row.id]), 1),
        }
        for row in rows
        if all(field in row.truth for field in WHOLE)
    }


def _tiers(tries: Iterable[Try], truths: Mapping[str, Mapping[str, str]]) -> Json:
    """By tier and field: attempts, what was accepted of them, what of that was right, tokens, seconds."""
    grouped: dict[str, dict[str, list[Try]]] = defaultdict(lambda: defaultdict(list))
    for each in tries:
        grouped[each.tier][each.field].append(each)
    return {
        tier: {field: _tier(field, some, truths) for field, some in by_field.items()}
        for tier, by_field in grouped.items()
    }


def _tier(field: str, tries: Sequence[Try], truths: Mapping[str, Mapping[str, str]]) -> Json:
    accepted = [each for each in tries if each.accepted]
    known = [each for each in accepted if field in truths[each.id]]
    return {
        "is_function": tries[0].by_function,
        "attempts": len(tries),
        "accepted": len(accepted),
        "right_among_accepted": share(sum(each.value == truths[each.id][field] for each in known), len(known)),
        "tokens": sum(each.tokens for each in tries),
        "usd": sum(each.usd for each in tries) / 1e9,
        "seconds": round(sum(each.seconds for each in tries), 3),
    }


def _validators(field: str, tries: Iterable[Try], truths: Mapping[str, Mapping[str, str]]) -> Json:
    """Wrong answers let through and right ones refused, over all attempts that gave a value whose truth is known."""
    judged = [each for each in tries if each.field == field and each.value is not None and field in truths[each.id]]
    right = [each for each in judged if each.value == truths[each.id][field]]
    wrong = [each for each in judged if each.value != truths[each.id][field]]
    refused = Counter(each.kind for each in judged if not each.accepted)
    unjustly = Counter(each.kind for each in right if not each.accepted)
    accepted = {each.id for each in judged if each.accepted}
    return {
        "false_accepts": share(sum(each.accepted for each in wrong), len(wrong)),
        "false_rejects": share(sum(not each.accepted for each in right), len(right)),
        "receipts_lost": len({each.id for each in right} - accepted),
        "by_kind": {kind: {"rejected": count, "right": unjustly[kind]} for kind, count in refused.most_common()},
    }


def _unvalidated(field: str, rows: Sequence[Labelled], tries: Iterable[Try]) -> Json:
    """The first value that anybody gave, as if nothing judged it."""
    first: dict[str, str | None] = {}
    for each in tries:
        if each.field == field and each.value is not None:
            first.setdefault(each.id, each.value)
    known = [row for row in rows if field in row.truth]
    right = sum(first.get(row.id) == row.truth[field] for row in known)
    return {
        "right": share(right, len(known)),
        "right_among_answered": share(right, sum(row.id in first for row in known)),
    }


def _cost(reading: Reading, right: int) -> Json:
    tokens, usd = sum(each.tokens for each in reading.tries), sum(each.usd for each in reading.tries) / 1e9
    if not right:
        return {"usd": None, "tokens": None, "seconds": None}
    return {"usd": usd / right, "tokens": round(tokens / right, 1), "seconds": round(reading.seconds / right, 3)}
