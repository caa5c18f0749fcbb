"""Till receipts into checked records: company, date and total, each proven by the receipt itself or rejected.

    agentflow run pipelines/receipts.py --usd 0.50 examples/receipts/

Nothing is guessed: what the last tier cannot prove is left out of the record, with the reason in its place.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import dspy
from receipt_rules import (
    Source,
    company_by_suffix,
    date_by_mention,
    found,
    is_readable,
    is_the_company,
    is_the_purchase_date,
    is_the_total,
    total_by_label,
)

from agentflow import EngineFailed, Ladder, Step, StepRejected, Tier, Verdict, agents, pipeline
from agentflow import validators as v

AT_ONCE = 64
"""Receipts that are read at the same time."""
NO_ANSWER = "nobody on the ladder had an answer"
SMALL_MODELS = tuple(Tier(f"local/{name}", attempts=2, max_tokens=128) for name in ("nano-s", "nano-m"))
"""They write no longer answers when they are right."""


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
    ladder=Ladder(Tier(total_by_label), *SMALL_MODELS),
    name="read_total",
)


@pipeline
async def receipts(paths: list[str]) -> list[dict[str, Any]]:
    """One record per receipt of these text files, JSONL files and folders, in the order in which they were found."""
    sources = list(found(paths))
    async with agents(limit=AT_ONCE) as team:
        children = [
            None if source.problem else team.spawn(read_receipt, file=source.file, receipt=source.text)
            for source in sources
        ]
    return [_record(source, child) for source, child in zip(sources, children, strict=True)]


async def read_receipt(file: str, receipt: str) -> dict[str, Any]:
    """What this receipt proves of itself, and for every other field the reason why not."""
    record: dict[str, Any] = {"file": file, "company": None, "date": None, "total": None, "rejected": {}}
    for field, step in (("company", read_company), ("date", read_date), ("total", read_total)):
        try:
            prediction = await step.acall(receipt=receipt)
        except StepRejected as rejection:
            record["rejected"][field] = rejection.outcome.feedback or NO_ANSWER
        except EngineFailed as error:
            record["rejected"][field] = str(error)
        else:
            value = prediction[field]
            record[field] = f"{value:.2f}" if isinstance(value, Decimal) else str(value)
    return record


def _record(source: Source, child: Any) -> dict[str, Any]:
    """The child's record, or an empty one with the reason why there is none."""
    if child is not None and child.outcome.accepted:
        return dict(child.outcome.value)
    reason = source.problem or child.outcome.feedback or child.outcome.limit_hit or child.outcome.status
    return {"file": source.file, "company": None, "date": None, "total": None, "rejected": {"receipt": reason}}
