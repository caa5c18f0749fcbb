"""Validators of dates."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from agentflow.errors import DefinitionError
from agentflow.validators.combine import Rule
from agentflow.validators.field_rule import FieldRule, unreadable
from agentflow.validators.written_dates import date_readings, day
from agentflow.verdict import Verdict


def date(field: str, *, earliest: dt.date | str | None = None, latest: dt.date | str | None = None) -> Rule:
    """Accept a calendar date, not before *earliest* and not after *latest*, both included.

    A text counts when it is a date and nothing else; where day and month may be exchanged, one reading in the range is
    enough. There is no clock here: for "not after today" give the date.
    """
    rule = Dated(field, _bound(field, earliest), _bound(field, latest))
    if rule.earliest and rule.latest and rule.earliest > rule.latest:
        raise DefinitionError(f"date({field!r}): no date lies between {rule.earliest} and {rule.latest}")
    return rule


@dataclass(frozen=True, slots=True)
class Dated(FieldRule):
    """Accepts a date in a range."""

    earliest: dt.date | None
    latest: dt.date | None

    def weigh(self, value: Any) -> Verdict:
        sure = day(value)
        possible = {sure} if sure else date_readings(value) if isinstance(value, str) else frozenset()
        if not possible:
            return unreadable(self.field, value, "a date such as 2018-03-12")
        if any(self._is_in_range(each) for each in possible):
            return Verdict(True)
        return self.must(self._wanted(), value)

    def claim(self) -> str:
        return f"`{self.field}` is a date that must {self._wanted()}"

    @property
    def label(self) -> str:
        return f"date:{self.field}"

    def _is_in_range(self, found: dt.date) -> bool:
        return (self.earliest is None or self.earliest <= found) and (self.latest is None or found <= self.latest)

    def _wanted(self) -> str:
        sides = [f"{word} {bound}" for word, bound in (("from", self.earliest), ("to", self.latest)) if bound]
        return f"lie {' '.join(sides)}" if sides else "exist"


def _bound(field: str, bound: dt.date | str | None) -> dt.date | None:
    found = day(bound)
    if bound is not None and found is None:
        raise DefinitionError(f"date({field!r}): {bound!r} is no date; give a date or YYYY-MM-DD")
    return found
