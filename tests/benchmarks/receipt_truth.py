"""Labelled receipts, and when a value that was read is the right one. Nothing is read here that is not in the file."""

from __future__ import annotations

import datetime
import gzip
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Literal, NamedTuple

from agentflow.errors import ConfigurationError
from agentflow.thresholds import half_of

Half = Literal["calibration", "test", "all"]
FIELDS = ("company", "date", "total", "subtotal", "tax")
"""What can be compared. The first three make a whole record."""
WHOLE = FIELDS[:3]
DATES = (
    *("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d %b %Y", "%d %B %Y", "%d/%b/%Y"),
    *("%d-%b-%Y", "%d/%m/%y", "%d-%m-%y", "%d.%m.%y", "%d %b %y", "%d-%b-%y", "%d/%b/%y", "%b %d, %Y", "%B %d, %Y"),
)
"""Ways in which a true date may be written: the day before the month, unless the year comes first."""


class Labelled(NamedTuple):
    """A receipt and what is true of it."""

    id: str
    text: str
    truth: Mapping[str, str]
    """By field, in comparable form. A field that the file does not tell is absent."""
    unreadable: tuple[str, ...]
    """Fields whose truth the file tells in a form that means nothing."""


def read_labelled(file: Path, half: Half = "all", limit: int | None = None) -> list[Labelled]:
    """The receipts of *file*, one JSON object per line, gzipped or not, of one half by the hash of their ids.

    Each has an `id`, `lines` (a list of texts) or `text`, and the truth in `key` or beside them. Raises
    `ConfigurationError` that names the first line that is no such object.
    """
    rows: dict[str, Labelled] = {}
    for number, line in enumerate(_lines(file), start=1):
        if line.strip():
            row = _labelled(line, f"{file}, line {number}")
            if row.id in rows:
                raise ConfigurationError(f"{file}, line {number}: the id {row.id!r} was there before; ids must differ")
            rows[row.id] = row
    if not rows:
        raise ConfigurationError(f"{file} holds no receipts; each line is an object with id, lines and key")
    chosen = [row for row in rows.values() if half in ("all", half_of(row.id))]
    return chosen[:limit]


def comparable(field: str, value: str) -> str | None:
    """*value* in the form in which two of them are compared; None when it is no such thing."""
    if field == "company":
        plain = unicodedata.normalize("NFKC", value).casefold()
        return "".join(sign for sign in plain if sign.isalnum()) or None
    return _day(value) if field == "date" else _amount(value)


def fingerprint(file: Path) -> str:
    """A hash of what the file holds."""
    return f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()[:16]}"


def _lines(file: Path) -> Iterator[str]:
    try:
        with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as opened:
            yield from opened
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read: {error}; pass JSON lines, gzipped or not") from error


def _labelled(line: str, where: str) -> Labelled:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{where} is not JSON: {error}") from error
    lines = row.get("lines", row.get("text")) if isinstance(row, dict) else None
    if isinstance(lines, str):
        lines = lines.splitlines()
    if not isinstance(lines, list) or not all(isinstance(each, str) for each in lines):
        raise ConfigurationError(f"{where} has no `lines`: a list of texts, or `text`")
    if not isinstance(row.get("id"), str) or not row["id"]:
        raise ConfigurationError(f"{where} has no `id`: a text that no other line has")
    key = row.get("key", row)
    if not isinstance(key, dict):
        raise ConfigurationError(f"{where}: `key` is {key!r}; it is an object with {', '.join(WHOLE)}")
    told = {field: str(key[field]).strip() for field in FIELDS if key.get(field) not in (None, "")}
    values = {field: comparable(field, value) for field, value in told.items() if value != "none"}
    truth = {field: value for field, value in values.items() if value is not None}
    return Labelled(row["id"], "\n".join(lines), truth, tuple(field for field in values if field not in truth))


def _day(value: str) -> str | None:
    plain = " ".join(value.replace(",", ", ").split()).replace(" ,", ",")
    for form in DATES:
        try:
            return datetime.datetime.strptime(plain, form).date().isoformat()
        except ValueError:
            continue
    return None


def _amount(value: str) -> str | None:
    """The number without currency; a comma or point with one or two digits behind it, at the end, is decimal."""
    digits = re.sub(r"^[^\d-]+|[^\d]+$", "", value.replace(" ", ""))
    whole, _, cents = re.sub(r"[.,](\d{1,2})$", r"|\1", digits).partition("|")
    try:
        number = Decimal(f"{re.sub(r'[.,]', '', whole) or '0'}.{cents or '0'}")
    except InvalidOperation:
        return None
    return f"{number:.2f}" if number.is_finite() and digits else None
