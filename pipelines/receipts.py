"""Till receipts into checked records: company, date, total and what adds up to it, proven by the receipt or rejected.

    agentflow run pipelines/receipts.py --usd 0.50 examples/receipts/

Nothing is guessed: what the last tier cannot prove is left out of the record, with the reason in its place. What the
receipt does not have at all, such as a tax, is left out without one.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import dspy
from receipt_rules import (
    Source,
    are_the_lines,
    company_by_suffix,
    date_by_mention,
    found,
    is_readable,
    is_the_company,
    is_the_purchase_date,
    is_the_subtotal,
    is_the_tax,
    is_the_total,
    left_out,
    lines_by_row,
    lines_of,
    lists_things,
    names_subtotal,
    names_tax,
    subtotal_by_label,
    tax_by_sum,
    total_by_label,
    total_by_payment,
)

from agentflow import EngineFailed, Ladder, Step, StepRejected, Tier, Verdict, agents, pipeline
from agentflow import validators as v
from agentflow.gates import load_gate

AT_ONCE = 64
"""Receipts that are read at the same time."""
NO_ANSWER = "nobody on the ladder had an answer"
NO_PROOF = "nothing that is printed for it adds up with the total"
SMALL_MODELS = tuple(Tier(f"local/{name}", attempts=2, max_tokens=128) for name in ("nano-s", "nano-m"))
"""They write no longer answers when they are right."""
PARTS_MODELS: tuple[Tier, ...] = ()
"""Who is asked for subtotal, tax and lines where no function found what adds up."""


class ReadCompany(dspy.Signature):
    """Read the name of the shop from a till receipt, as it is printed."""

    receipt: str = dspy.InputField()
    company: str = dspy.OutputField()


class ReadDate(dspy.Signature):
    """Read the day of purchase from a till receipt."""

    receipt: str = dspy.InputField()
    date: datetime.date = dspy.OutputField()


class ReadTotal(dspy.Signature):
    """Read the total amount payable from a till receipt."""

    receipt: str = dspy.InputField()
    total: Decimal = dspy.OutputField()


class ReadSubtotal(dspy.Signature):
    """Read the sum before tax, service and rounding from a till receipt."""

    receipt: str = dspy.InputField()
    subtotal: Decimal = dspy.OutputField()


class ReadTax(dspy.Signature):
    """Read the amount of tax from a till receipt."""

    receipt: str = dspy.InputField()
    tax: Decimal = dspy.OutputField()


class ReadLines(dspy.Signature):
    """Read what was bought from a till receipt, one `quantity | name | amount` per row."""

    receipt: str = dspy.InputField()
    items: str = dspy.OutputField()


def is_a_receipt(inputs: Mapping[str, Any]) -> Verdict:
    """Whether it is worth asking anybody."""
    return is_readable(inputs["receipt"])


read_company = Step(
    ReadCompany,
    validate=v.occurs_in("company", source="receipt") & is_the_company,
    check_inputs=is_a_receipt,
    ladder=Ladder(Tier(company_by_suffix), *SMALL_MODELS),
    name="read_company",
)
read_date = Step(
    ReadDate,
    validate=v.occurs_in("date", source="receipt") & is_the_purchase_date,
    check_inputs=is_a_receipt,
    ladder=Ladder(Tier(date_by_mention), *SMALL_MODELS),
    name="read_date",
)
read_total = Step(
    ReadTotal,
    validate=v.occurs_in("total", source="receipt") & v.positive("total") & is_the_total,
    check_inputs=is_a_receipt,
    ladder=Ladder(Tier(total_by_label), Tier(total_by_payment), *SMALL_MODELS),
    name="read_total",
)
read_subtotal = Step(
    ReadSubtotal,
    validate=is_the_subtotal,
    check_inputs=is_a_receipt,
    ladder=Ladder(Tier(subtotal_by_label), *PARTS_MODELS),
    name="read_subtotal",
)
read_tax = Step(
    ReadTax,
    validate=is_the_tax,
    check_inputs=is_a_receipt,
    ladder=Ladder(Tier(tax_by_sum), *PARTS_MODELS),
    name="read_tax",
)
read_lines = Step(
    ReadLines,
    validate=are_the_lines,
    check_inputs=is_a_receipt,
    ladder=Ladder(Tier(lines_by_row), *PARTS_MODELS),
    name="read_lines",
)

Readers = Mapping[str, Step]
"""Steps by the output field of each."""
UNGATED: Readers = {
    "company": read_company,
    "date": read_date,
    "total": read_total,
    "subtotal": read_subtotal,
    "tax": read_tax,
    "items": read_lines,
}


def gated(readers: Readers, gate: Path) -> Readers:
    """The same steps, believing models only where the thresholds in *gate* say so; without such a file, unchanged.

    A tier for which the labels supported no threshold is left to the other validators.
    """
    if not gate.is_file():
        return readers
    proven = {
        step: {tier: entry.threshold for tier, entry in tiers.items() if entry.threshold is not None}
        for step, tiers in load_gate(gate).steps.items()
    }
    return {field: _gated(step, proven.get(step.name)) for field, step in readers.items()}


def _gated(step: Step, thresholds: Mapping[str, float] | None) -> Step:
    if not thresholds:
        return step
    judge = step.validator & v.confident(thresholds)
    return Step(step.signature, validate=judge, check_inputs=is_a_receipt, ladder=step.ladder, name=step.name)


READERS = gated(UNGATED, Path(__file__).parent / "receipt_rules" / "gate.json")
IS_PRINTED = {"subtotal": names_subtotal, "tax": names_tax, "items": lists_things}
"""Whether the receipt has such a field at all; every receipt has the others."""
FIELDS = ("company", "date", "total", "lines", "subtotal", "tax")


@pipeline
async def receipts(paths: list[str]) -> list[dict[str, Any]]:
    """One record per receipt of these text files, JSONL files and folders, in the order in which they were found."""
    return await read_all(paths, READERS)


async def read_all(paths: list[str], readers: Readers) -> list[dict[str, Any]]:
    """The same with other steps; a field without one is not read."""
    sources = list(found(paths))
    read = partial(read_receipt, readers)
    async with agents(limit=AT_ONCE) as team:
        children = [
            None if source.problem else team.within(key=source.file).spawn(read, file=source.file, receipt=source.text)
            for source in sources
        ]
    return [_record(source, child) for source, child in zip(sources, children, strict=True)]


async def read_receipt(readers: Readers, file: str, receipt: str) -> dict[str, Any]:
    """What this receipt proves of itself, and for every other field that it has the reason why not."""
    read: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    for field, step in readers.items():
        if field in IS_PRINTED and not IS_PRINTED[field](receipt):
            continue
        try:
            read[field] = (await step.acall(receipt=receipt))[field]
        except StepRejected as rejection:
            reasons[field] = rejection.outcome.feedback or (NO_PROOF if field in IS_PRINTED else NO_ANSWER)
        except EngineFailed as error:
            reasons[field] = str(error)
    reasons |= left_out(receipt, read)
    values = {_called(field): _written(field, read[field]) for field in read if field not in reasons}
    rejected = {_called(field): reason for field, reason in reasons.items()}
    return {"file": file, **dict.fromkeys(FIELDS), **values, "rejected": rejected}


def _called(field: str) -> str:
    """What the record calls an output field."""
    return "lines" if field == "items" else field


def _written(field: str, value: Any) -> Any:
    """A value as the record shows it: texts, amounts with two places, lines as objects."""
    if field == "items":
        return [
            {"quantity": line.quantity or None, "name": line.name, "amount": f"{line.amount:.2f}"}
            for line in lines_of(value)
        ]
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value)


def _record(source: Source, child: Any) -> dict[str, Any]:
    """The child's record, or an empty one with the reason why there is none."""
    if child is not None and child.outcome.accepted:
        return dict(child.outcome.value)
    reason = source.problem or child.outcome.feedback or child.outcome.limit_hit or child.outcome.status
    return {"file": source.file, **dict.fromkeys(FIELDS), "rejected": {"receipt": reason}}
