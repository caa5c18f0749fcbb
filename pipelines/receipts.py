"""Till receipts into checked records: company, date, total and what adds up to it, proven by the receipt or rejected.

    agentflow run pipelines/receipts.py --usd 0.50 examples/receipts/

Nothing is guessed. A value is accepted when the receipt proves it; or when nothing on the receipt speaks against it,
and two readers give it or one model is as sure of it as thresholds fitted on labelled receipts ask for. Everything else
is left out of the record, with the reason in its place. What the receipt does not have at all, such as a tax, is left
out without one.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import dspy
from receipt_rules import (
    Source,
    are_the_lines,
    company_by_cue,
    company_by_suffix,
    date_by_mention,
    found,
    is_of_a_model,
    is_readable,
    is_seconded,
    is_the_company,
    is_the_purchase_date,
    is_the_subtotal,
    is_the_tax,
    is_the_total,
    left_out,
    lines_by_row,
    lines_of,
    lists_things,
    may_be_the_company,
    may_be_the_date,
    may_be_the_total,
    names_subtotal,
    names_tax,
    subtotal_by_label,
    tax_by_sum,
    total_by_label,
    total_by_payment,
)

from agentflow import ConfigurationError, EngineFailed, Ladder, Step, StepRejected, Tier, Verdict, agents, pipeline
from agentflow import validators as v
from agentflow.gates import Entry, Gate, load_gate
from agentflow.nano.shipped import FOLDER, checksum_of
from agentflow.validators.combine import Rule

AT_ONCE = 64
"""Receipts that are read at the same time."""
NO_ANSWER = "nobody on the ladder had an answer"
NO_PROOF = "nothing that is printed for it adds up with the total"
SMALL_MODELS = (Tier("local/nano-s", max_tokens=128), Tier("local/nano-m", attempts=2, max_tokens=128))
"""They write no longer answers when they are right, and the smaller one that errs seldom mends it."""
GATE = Path(__file__).parent / "receipt_rules" / "gate.json"
"""From which confidence on a model is believed without a proof."""
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


class Wanted(NamedTuple):
    """One of the fields that make a record, who reads it, and what it takes to be believed."""

    signature: type[dspy.Signature]
    functions: tuple[Callable[[str], Any], ...]
    is_printed: Rule
    """What every answer must be."""
    is_proven: Callable[..., Verdict]
    """Whether the receipt itself proves the answer, whoever gave it."""
    may_be: Callable[..., Verdict]
    """Whether nothing on the receipt speaks against an answer that it does not prove."""


WANTED = {
    "company": Wanted(
        ReadCompany,
        (company_by_suffix, company_by_cue),
        v.occurs_in("company", source="receipt"),
        is_the_company,
        may_be_the_company,
    ),
    "date": Wanted(
        ReadDate,
        (date_by_mention,),
        v.occurs_in("date", source="receipt"),
        is_the_purchase_date,
        may_be_the_date,
    ),
    "total": Wanted(
        ReadTotal,
        (total_by_label, total_by_payment),
        v.occurs_in("total", source="receipt") & v.positive("total"),
        is_the_total,
        may_be_the_total,
    ),
}


def reader(field: str, gate: Gate | None = None) -> Step:
    """Functions, then models; a model is believed without a proof when another reader says the same, or *gate* does."""
    wanted, name = WANTED[field], f"read_{field}"
    is_backed = v.as_validator(is_seconded)
    if gate is not None:
        is_backed = is_backed | v.gate(gate, step=name)
    return Step(
        wanted.signature,
        validate=wanted.is_printed & (wanted.is_proven | (is_of_a_model & (wanted.may_be & is_backed))),
        check_inputs=is_a_receipt,
        ladder=Ladder(*map(Tier, wanted.functions), *SMALL_MODELS),
        name=name,
    )


def claimant(field: str, model: Tier) -> Step:
    """*model* alone, once, believed where nothing proves it and nothing speaks against it: thresholds are for these.

    With answers that the receipt proves among them, they would vouch for easy receipts and be used on hard ones.
    """
    wanted = WANTED[field]
    return Step(
        wanted.signature,
        validate=wanted.is_printed & v.as_validator(wanted.may_be) & ~v.as_validator(wanted.is_proven),
        check_inputs=is_a_receipt,
        ladder=Ladder(replace(model, attempts=1)),
        name=f"read_{field}",
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
PARTS: Readers = {"subtotal": read_subtotal, "tax": read_tax, "items": read_lines}
UNGATED: Readers = {**{field: reader(field) for field in WANTED}, **PARTS}


def gated(path: Path = GATE) -> Readers:
    """The steps with the thresholds of confidence in this file; without such a file, with none.

    Raises `ConfigurationError` for thresholds that were fitted on other weights than those that are installed.
    """
    if not path.is_file():
        return UNGATED
    gate = load_gate(path)
    return {**{field: reader(field, _checked(gate, f"read_{field}", path)) for field in WANTED}, **PARTS}


def _checked(gate: Gate, step: str, path: Path) -> Gate:
    entries = gate.steps.get(step, {})
    stale = [tier.label for tier in SMALL_MODELS if not _is_of_weights(entries.get(tier.label), tier)]
    if stale:
        raise ConfigurationError(
            f"{path} has no threshold of {stale[0]} for {step} that was fitted on the weights that are installed; "
            f"fit them again: python -m tests.benchmarks.receipts FILE --fit {path}"
        )
    return gate


def _is_of_weights(entry: Entry | None, tier: Tier) -> bool:
    return entry is not None and weights_of(tier.label) in entry.source


def weights_of(model: str) -> str:
    """Which weights an embedded model has, as a gate names them in its source."""
    file = f"{model.removeprefix('local/')}.gguf"
    return f"{file} sha256:{checksum_of(FOLDER / file)[:16]}"


IS_PRINTED = {"subtotal": names_subtotal, "tax": names_tax, "items": lists_things}
"""Whether the receipt has such a field at all; every receipt has the others."""
FIELDS = ("company", "date", "total", "lines", "subtotal", "tax")


@pipeline
async def receipts(paths: list[str]) -> list[dict[str, Any]]:
    """One record per receipt of these text files, JSONL files and folders, in the order in which they were found."""
    return await read_all(paths, gated())


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
