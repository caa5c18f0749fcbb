"""What validators of one field share: fetching its value, and saying that it is not there.

A value may be of any type, however wrong: that is a verdict, never an exception.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

from agentflow.validators.combine import Rule
from agentflow.verdict import Case, Verdict

QUOTED = 60
"""Characters of a value that feedback repeats."""


@dataclass(frozen=True, slots=True)
class FieldRule(Rule):
    """Judges the value of one output field."""

    field: str

    def judge(self, case: Case) -> Verdict:
        value = value_of(case.prediction, self.field)
        if value is None:
            return missing(self.field)
        return self.weigh(value)

    @abstractmethod
    def weigh(self, value: Any) -> Verdict:
        """Decide on a value that is there, of whatever type."""

    @property
    def label(self) -> str:
        return f"{type(self).__name__.casefold()}:{self.field}"

    @property
    def is_total(self) -> bool:
        return True

    def fields(self) -> frozenset[str]:
        return frozenset({self.field})

    def must(self, want: str, value: object) -> Verdict:
        """A rejection that names the field, what it holds, and what it must be."""
        return Verdict(False, f"`{self.field}` is {quoted(value)}; it must {want}", kind=self.label)


def value_of(prediction: Any, field: str) -> Any:
    """The value of a field, or None when it is not there."""
    try:  # items first: a Prediction has methods that a field may be named after
        return prediction[field]
    except Exception:  # noqa: BLE001 because a prediction of any class may lack items, or this one
        pass
    try:
        value = getattr(prediction, field, None)
    except Exception:  # noqa: BLE001 because a property of somebody's class may fail in any way
        return None
    return None if callable(value) else value


def missing(field: str) -> Verdict:
    """The rejection of an answer without this field."""
    return Verdict(False, f"`{field}` is missing; give it", kind=f"missing:{field}")


def unreadable(field: str, value: object, expected: str) -> Verdict:
    """The rejection of a value that is no such thing at all."""
    return Verdict(False, f"`{field}` is {quoted(value)}; give {expected}", kind=f"unreadable:{field}")


def quoted(value: object, limit: int = QUOTED) -> str:
    """A value as feedback shows it: short, on one line."""
    try:
        text = value if isinstance(value, str) else str(value)
    except Exception:  # noqa: BLE001 because a value may have any class, and its own __str__ may fail
        return f"an unprintable {type(value).__name__}"
    line = " ".join(text[: 4 * limit].split())
    cut = line if len(line) <= limit and len(text) <= 4 * limit else f"{line[:limit]}…"
    return f'"{cut}"' if isinstance(value, str) else cut
