"""Till receipts into checked records: company, date and total, each proven by the receipt itself or rejected.

    agentflow run pipelines/receipts.py --usd 0.50 examples/receipts/

Nothing is guessed: what the last tier cannot prove is left out of the record, with the reason in its place.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import dspy
from receipt_rules import (
    MOST_BYTES,
    company_by_suffix,
    date_by_mention,
    is_readable,
    is_the_company,
    is_the_purchase_date,
    is_the_total,
    total_by_label,
)

from agentflow import ConfigurationError, Ladder, Step, StepRejected, Tier, agents, pipeline
from agentflow import validators as v

AT_ONCE = 64
"""Receipts that are read at the same time."""
SMALL_MODELS = (Tier("local/nano-s", attempts=2), Tier("local/nano-m", attempts=2))


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


read_company = Step(
    ReadCompany,
    validate=v.occurs_in("company", source="receipt") & is_the_company,
    check_inputs=is_readable,
    ladder=Ladder(Tier(company_by_suffix), *SMALL_MODELS),
    name="read_company",
)
read_date = Step(
    ReadDate,
    validate=v.occurs_in("date", source="receipt") & is_the_purchase_date,
    check_inputs=is_readable,
    ladder=Ladder(Tier(date_by_mention), *SMALL_MODELS),
    name="read_date",
)
read_total = Step(
    ReadTotal,
    validate=v.occurs_in("total", source="receipt") & v.positive("total") & is_the_total,
    check_inputs=is_readable,
    ladder=Ladder(Tier(total_by_label), *SMALL_MODELS),
    name="read_total",
)


class Source(NamedTuple):
    """A receipt as it was handed in."""

    file: str
    text: str
    problem: str = ""
    """Why it cannot be read; empty when it can."""


@pipeline
async def receipts(paths: list[str]) -> list[dict[str, Any]]:
    """One record per receipt, in the order in which they were found."""
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
            record["rejected"][field] = rejection.outcome.feedback
        else:
            value = prediction[field]
            record[field] = f"{value:.2f}" if isinstance(value, Decimal) else str(value)
    return record


def found(paths: list[str]) -> Iterator[Source]:
    """Every receipt in these text files, JSONL files and folders. Raises `ConfigurationError` where there is none."""
    if not paths:
        raise ConfigurationError("no receipts were given; pass text files, .jsonl files or folders of .txt files")
    for path in map(Path, paths):
        if path.is_dir():
            yield from _in_folder(path)
        elif not path.is_file():
            raise ConfigurationError(f"{path} does not exist; pass text files, .jsonl files or folders of .txt files")
        elif path.suffix == ".jsonl":
            yield from _in_lines(path)
        else:
            yield _in_file(path, path.name)


def _in_folder(folder: Path) -> Iterator[Source]:
    files = sorted(path for path in folder.rglob("*.txt") if path.is_file())
    if not files:
        raise ConfigurationError(f"{folder} holds no .txt files; put the text of each receipt into one")
    return (_in_file(path, str(path.relative_to(folder))) for path in files)


def _in_file(path: Path, name: str) -> Source:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        return Source(name, "", f"{name} cannot be read: {error.strerror}")
    if len(content) > MOST_BYTES:
        return Source(name, "", f"{name}: the receipt has more than {MOST_BYTES:,} bytes; pass one file per receipt")
    return _checked(name, _decoded(content))


def _in_lines(path: Path) -> Iterator[Source]:
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield _in_object(f"{path.name}:{number}", line)


def _in_object(name: str, line: str) -> Source:
    try:
        item = json.loads(line)
    except ValueError:
        return Source(name, "", f"{name} is not JSON; every line holds one object with `text` or `lines`")
    text = item.get("text", item.get("lines")) if isinstance(item, dict) else None
    if isinstance(text, list) and all(isinstance(row, str) for row in text):
        text = "\n".join(text)
    if not isinstance(text, str):
        return Source(name, "", f"{name} has no `text` and no list of `lines`")
    return _checked(str(item.get("id", name)), text)


def _checked(name: str, text: str) -> Source:
    verdict = is_readable(text)
    return Source(name, text) if verdict else Source(name, "", f"{name}: {verdict.feedback}")


def _decoded(content: bytes) -> str:
    """The text of a file: Unicode, or what older tills write; what is no text keeps its strange signs."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _record(source: Source, child: Any) -> dict[str, Any]:
    """The child's record, or an empty one with the reason why there is none."""
    if child is not None and child.outcome.accepted:
        return dict(child.outcome.value)
    reason = source.problem or child.outcome.feedback or child.outcome.limit_hit or child.outcome.status
    return {"file": source.file, "company": None, "date": None, "total": None, "rejected": {"receipt": reason}}
