"""Validators of one plain value: a choice, a pattern, a length, a range, a sign."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sized
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from agentflow.errors import DefinitionError
from agentflow.validators.combine import Rule
from agentflow.validators.field_rule import FieldRule, quoted, unreadable
from agentflow.validators.numerals import number
from agentflow.validators.written_dates import day
from agentflow.verdict import Verdict

Unit = Literal["characters", "words", "items"]
Bound: TypeAlias = int | float | Decimal | dt.date

LONGEST_MATCHED = 10_000
"""Characters above which a value is rejected unread: a pattern's time must not be an answer's to choose."""


def one_of(field: str, *choices: object, casefold: bool = True) -> Rule:
    """Accept one of *choices*; of texts the case and outer white space do not count unless *casefold* is False."""
    if not choices:
        raise DefinitionError(f"one_of({field!r}) needs at least one choice")
    return OneOf(field, choices, casefold)


def matches(field: str, pattern: str | re.Pattern[str]) -> Rule:
    """Accept a text that *pattern* matches as a whole.

    Python's patterns have no time limit: write one without nested repetitions. A text over 10,000 characters is
    rejected without being tried.
    """
    try:
        return Matches(field, re.compile(pattern))
    except re.error as error:
        raise DefinitionError(f"matches({field!r}): {pattern!r} is no pattern: {error}") from error


def length(field: str, *, at_least: int = 0, at_most: int | None = None, unit: Unit = "characters") -> Rule:
    """Accept so many characters or words of a text, or items of a list."""
    if unit not in ("characters", "words", "items"):
        raise DefinitionError(f"length({field!r}): unit={unit!r}; it counts characters, words or items")
    if at_least < 0 or (at_most is not None and at_most < at_least) or (at_least == 0 and at_most is None):
        raise DefinitionError(f"length({field!r}): at_least={at_least}, at_most={at_most} says nothing")
    return Length(field, at_least, at_most, unit)


def between(field: str, low: Bound | None, high: Bound | None) -> Rule:
    """Accept a number or a date from *low* to *high*, both included; None leaves a side open."""
    bounds = [bound for bound in (low, high) if bound is not None]
    comparable = [_comparable(bound, bound) for bound in bounds]
    if not bounds or None in comparable or len({type(each) for each in comparable}) > 1:
        raise DefinitionError(f"between({field!r}, {low!r}, {high!r}): give one or two numbers, or dates")
    if len(comparable) == 2 and comparable[0] > comparable[1]:
        raise DefinitionError(f"between({field!r}, {low!r}, {high!r}): the range is empty")
    return Between(field, low, high)


def positive(field: str) -> Rule:
    """Accept a number above zero."""
    return Positive(field)


@dataclass(frozen=True, slots=True)
class OneOf(FieldRule):
    """Accepts a value among choices."""

    choices: tuple[object, ...]
    casefold: bool

    def weigh(self, value: Any) -> Verdict:
        wanted = self._plain(value)
        if any(type(choice) is type(wanted) and choice == wanted for choice in map(self._plain, self.choices)):
            return Verdict(True)
        return self.must(f"be one of {self._listed()}", value)

    def claim(self) -> str:
        return f"`{self.field}` is one of {self._listed()}"

    @property
    def label(self) -> str:
        return f"one_of:{self.field}"

    def _plain(self, value: object) -> object:
        if isinstance(value, str):
            return " ".join(value.casefold().split()) if self.casefold else value
        exact = number(value)
        return value if exact is None else exact

    def _listed(self) -> str:
        shown = [quoted(choice, 20).strip('"') for choice in self.choices[:8]]
        return ", ".join(shown) + (", …" if len(self.choices) > len(shown) else "")


@dataclass(frozen=True, slots=True)
class Matches(FieldRule):
    """Accepts a text of a form."""

    pattern: re.Pattern[str]

    def weigh(self, value: Any) -> Verdict:
        if not isinstance(value, str):
            return unreadable(self.field, value, "a text")
        if len(value) <= LONGEST_MATCHED and self.pattern.fullmatch(value):
            return Verdict(True)
        return self.must(f"match {self.pattern.pattern[:80]} as a whole", value)

    def claim(self) -> str:
        return f"`{self.field}` matches {self.pattern.pattern[:80]}"


@dataclass(frozen=True, slots=True)
class Length(FieldRule):
    """Accepts a value of a size."""

    at_least: int
    at_most: int | None
    unit: Unit

    def weigh(self, value: Any) -> Verdict:
        size = self._size(value)
        if size is None:
            return unreadable(self.field, value, "a list" if self.unit == "items" else "a text")
        if size >= self.at_least and (self.at_most is None or size <= self.at_most):
            return Verdict(True)
        return Verdict(False, f"`{self.field}` has {size} {self.unit}; give {self._wanted()}", kind=self.label)

    def claim(self) -> str:
        return f"`{self.field}` has {self._wanted()} {self.unit}"

    def _size(self, value: object) -> int | None:
        if isinstance(value, str):
            return None if self.unit == "items" else len(value) if self.unit == "characters" else len(value.split())
        return len(value) if self.unit == "items" and isinstance(value, Sized) else None

    def _wanted(self) -> str:
        if self.at_most is None:
            return f"at least {self.at_least}"
        return f"{self.at_least} to {self.at_most}" if self.at_least else f"at most {self.at_most}"


@dataclass(frozen=True, slots=True)
class Between(FieldRule):
    """Accepts a number or date in a range."""

    low: Bound | None
    high: Bound | None

    def weigh(self, value: Any) -> Verdict:
        kind = self.low if self.low is not None else self.high
        found = _comparable(value, kind)
        if found is None:
            return unreadable(self.field, value, "a date" if isinstance(kind, dt.date) else "a number")
        low, high = _comparable(self.low, kind), _comparable(self.high, kind)
        if (low is None or low <= found) and (high is None or found <= high):
            return Verdict(True)
        return self.must(self._wanted(), value)

    def claim(self) -> str:
        return f"`{self.field}` lies in the range it must {self._wanted()}"

    def _wanted(self) -> str:
        if self.low is None:
            return f"be at most {self.high}"
        return f"be at least {self.low}" if self.high is None else f"lie between {self.low} and {self.high}"


@dataclass(frozen=True, slots=True)
class Positive(FieldRule):
    """Accepts a number above zero."""

    def weigh(self, value: Any) -> Verdict:
        found = number(value)
        if found is None:
            return unreadable(self.field, value, "a number")
        return Verdict(True) if found > 0 else self.must("be above zero", value)

    def claim(self) -> str:
        return f"`{self.field}` is positive"


def _comparable(value: object, kind: object) -> Any:
    return day(value) if isinstance(kind, dt.date) else number(value)
