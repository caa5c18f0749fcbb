"""Grounding: does the value stand in the text it was read from?

What cannot be found as a whole, in any way it is usually written, is rejected. A source is scanned once, in time
proportional to its length, and never raises.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cached_property, lru_cache

from agentflow.validators.combine import Rule
from agentflow.validators.field_rule import missing, quoted, unreadable, value_of
from agentflow.validators.numerals import CURRENCIES, canonical_number, number_readings, numbers_in
from agentflow.validators.wording import normalised, words
from agentflow.validators.written_dates import date_readings, dates_in
from agentflow.verdict import Case, Verdict

LONG = 50_000
"""Characters above which few scanned sources are kept."""
DEEPEST = 20
"""Levels of lists and objects that are looked into."""

_MONEY = re.compile(
    r"(?P<before>[^\W\d]{0,4}\.?|[^\w\s+()-]?) ?(?P<number>[-+(]*\d[^a-z]*?) ?(?P<behind>[^\W\d]{0,4}|[^\w\s()-]?)"
)


def occurs_in(field: str, *, source: str) -> Rule:
    """Accept when the value of *field* stands in the input *source*, as a whole.

    Numbers match whatever their separators, currency and trailing zeros; dates in any usual order and eight languages,
    day and month exchanged included; texts by whole words without case, punctuation and line breaks; of lists and
    objects every item must be found. An empty list claims nothing and is accepted.
    """
    return OccursIn(field, source)


@dataclass(frozen=True, slots=True)
class OccursIn(Rule):
    """Accepts a value that stands in a source."""

    field: str
    source: str

    def judge(self, case: Case) -> Verdict:
        value, text = value_of(case.prediction, self.field), _as_text(case.inputs.get(self.source))
        if value is None or not text.strip():
            return missing(self.source if value is not None else self.field)
        where = _scanned(text)
        for item in _leaves(value, DEEPEST):
            is_found = _finds(where, item)
            if is_found is None:
                return unreadable(self.field, item, "a text, number or date that can be looked up")
            if not is_found:
                return self._absent(item)
        return Verdict(True)

    def claim(self) -> str:
        return f"`{self.field}` stands in `{self.source}`"

    @property
    def label(self) -> str:
        return f"occurs_in:{self.field}"

    @property
    def is_total(self) -> bool:
        return True

    def fields(self) -> frozenset[str]:
        return frozenset({self.field, self.source})

    def _absent(self, item: object) -> Verdict:
        if item == "":
            return missing(self.field)
        said = (
            f"`{self.field}` {quoted(item)} does not stand in `{self.source}`; copy it exactly as it is written there"
        )
        return Verdict(False, said, kind=self.label)


class Scanned:
    """A source, read once: its words, numbers and dates, each when first asked for."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def words(self) -> str:
        return words(self._text)

    @cached_property
    def numbers(self) -> frozenset[str]:
        return numbers_in(self._text)

    @cached_property
    def dates(self) -> frozenset[dt.date]:
        return dates_in(self._text)

    @cached_property
    def folded(self) -> str:
        return " ".join(normalised(self._text).split())


def _scanned(text: str) -> Scanned:
    return _long_scanned(text) if len(text) > LONG else _short_scanned(text)


@lru_cache(maxsize=2)
def _long_scanned(text: str) -> Scanned:
    return Scanned(text)


@lru_cache(maxsize=128)  # as many as agents work on at a time, each asking for several fields
def _short_scanned(text: str) -> Scanned:
    return Scanned(text)


def _as_text(source: object) -> str:
    if isinstance(source, str):
        return source
    if source is None:
        return ""
    return "\n".join(str(item) for item in _leaves(source, DEEPEST))


def _leaves(value: object, levels: int) -> Iterator[object]:
    """The values inside lists, mappings and models; what is nested too deeply comes as it is."""
    if isinstance(value, Enum):
        value = value.value
    if levels and isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _leaves(item, levels - 1)
    elif levels and isinstance(value, Mapping):
        yield from _leaves(list(value.values()), levels - 1)
    elif levels and callable(getattr(type(value), "model_dump", None)):
        yield from _leaves(vars(value), levels - 1)
    else:
        yield value


def _finds(where: Scanned, value: object) -> bool | None:
    """Whether the value stands there; None when it is nothing that could."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float | Decimal):
        return canonical_number(value) in where.numbers
    if isinstance(value, dt.date):
        day = value.date() if isinstance(value, dt.datetime) else value
        return day in where.dates
    return _finds_text(where, value) if isinstance(value, str) else None


def _finds_text(where: Scanned, value: str) -> bool:
    numbers = number_readings(value)
    days = date_readings(value)
    if not numbers.isdisjoint(where.numbers) or (days and not days.isdisjoint(where.dates)):
        return True
    if numbers:
        return False
    said = words(value)
    if said.strip():
        return said in where.words or _finds_money(where, value)
    mark = " ".join(normalised(value).split())
    return bool(mark) and mark in where.folded


def _finds_money(where: Scanned, value: str) -> bool:
    """An amount with its currency, however they are joined: the number and the currency must both be there."""
    matched = _MONEY.fullmatch(normalised(value[:60]).strip())
    if matched is None or len(value) > 60:
        return False
    numbers = number_readings(matched["number"])
    marks = {mark for mark in (matched["before"].rstrip("."), matched["behind"]) if mark}
    is_known = all(mark in CURRENCIES or not mark.isalpha() for mark in marks)
    is_there = all(mark in where.folded for mark in marks)
    return is_known and is_there and not numbers.isdisjoint(where.numbers)
