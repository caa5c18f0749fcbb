"""Values as they stand on a receipt: what a printed text means, and how a value is printed. Nothing is rounded."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any, Final

from agentflow import exact
from agentflow.nano.page import plain
from agentflow.validators.written_dates import date_readings, dates_in

NONE: Final = "none"
"""The model's word for a question that the text does not answer."""

_LONGEST_DATE = 5
"""Words of one printed date at most."""
_AMOUNT = re.compile(r"(?<![\w.,])[^\W\d_]{0,3}[^\w\s.,]{0,2}(\d[\d.,']*(?: \d{3})*(?:[.,]\d+)?)(?!\d)")


def read_date(text: str) -> datetime.date:
    """The day that *text* names, the day before the month unless that is impossible. Raises `ValueError`."""
    possible = date_readings(text) or dates_in(text[:80])
    if not possible:
        raise ValueError(f"{text[:40]!r} is no date")
    first = re.search(r"\d{1,2}", text)
    is_day_first = [day for day in possible if first and day.day == int(first[0])]
    return min(is_day_first or possible)


def read_number(text: str) -> Decimal:
    """The amount that *text* is, every digit of it. Raises `ValueError`."""
    return exact.read_number(text)


def find(value: Any, text: str) -> str | None:
    """How *value* is printed in *text*; None where it is not."""
    if isinstance(value, datetime.date):
        return _first_date(value, text)
    if isinstance(value, Decimal | float | int):
        return _first_amount(Decimal(str(value)), text)
    if isinstance(value, list | tuple):
        value = "\n".join(map(str, value))
    return _rows(str(value), text) if "|" in str(value) else _part(str(value), text)


def stands_in(part: str, text: str) -> bool:
    """Whether *part* is printed in *text* and no part of a longer number, however the white space lies."""
    part = _words(part)
    before = r"(?<!\d)(?<!\d[.,])" if part[:1].isdigit() else ""
    after = r"(?!\d)(?![.,]\d)" if part[-1:].isdigit() else ""
    return re.search(before + re.escape(part) + after, _words(text)) is not None


def _part(value: str, text: str) -> str | None:
    """A piece of the text, in the letters in which it is printed."""
    found = re.search(re.escape(_words(plain(value))), _words(text), re.IGNORECASE)
    return found[0] if found and found[0] else None


def _rows(value: str, text: str) -> str | None:
    """Rows of a table that the text says in its own way, so that only their words are looked for."""
    rows = [_words(row) for row in value.splitlines()]
    words = {word for row in rows for word in row.replace("|", " ").split()}
    return "\n".join(rows) if words and all(word in text for word in words) else None


def _first_date(day: datetime.date, text: str) -> str | None:
    for line in text.splitlines():
        parts = _parts(line) if day in dates_in(line) else []
        for part in parts:
            if day in date_readings(part) and read_date(part) == day:
                return part
    return None


def _parts(line: str) -> list[str]:
    """What could be a date, the shortest first."""
    words = line.split()
    spans = ((start, start + length) for length in range(1, _LONGEST_DATE + 1) for start in range(len(words)))
    return [" ".join(words[start:end]).strip(".,:;()") for start, end in spans if end <= len(words)]


def _first_amount(amount: Decimal, text: str) -> str | None:
    for match in _AMOUNT.finditer(text):
        printed = match[1].rstrip(".,' ")
        try:
            if read_number(printed) == abs(amount):
                return printed
        except ValueError:
            continue
    return None


def _words(text: str) -> str:
    return " ".join(text.split())
