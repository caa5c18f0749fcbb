"""What the embedded model was trained to do, and which of it a step's signature asks for. It never guesses a task.

    X  a receipt or invoice  ->  vendor|YYYY-MM-DD|CUR|12.50+3.25|15.75
    D  a date as written     ->  YYYY-MM-DD
    A  an amount as written  ->  CUR 15.75

A signature that asks for the date alone gets D on the string most like it, one that asks for the total alone gets A:
small tasks are what a small model is right about. Everything else gets X on the lines that matter most.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, Literal

from agentflow.errors import UnsupportedSignature
from agentflow.nano import view

Code = Literal["X", "D", "A"]

KNOWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("company", "vendor", "merchant", "store"), "vendor"),
        **dict.fromkeys(("total", "amount", "total_amount"), "total"),
        "date": "date",
        "currency": "currency",
    }
)
"""What each output field's name means to the model."""

_PLACES: Final[Mapping[Code, tuple[str, ...]]] = MappingProxyType(
    {"X": ("vendor", "date", "currency", "amounts", "total"), "D": ("date",), "A": ("currency", "total")}
)
_BETWEEN: Final[Mapping[Code, str]] = MappingProxyType({"X": "|", "D": "\n", "A": " "})
_VIEWS: Final[Mapping[Code, Callable[[str], str]]] = MappingProxyType(
    {"X": view.whole, "D": view.date, "A": view.total}
)
_NUMBER = re.compile(r"\d{1,12}\.\d\d")


@dataclass(frozen=True, slots=True)
class Task:
    """One signature, as the model understands it."""

    code: Code
    source: str
    """The input field that holds the text."""
    outputs: Mapping[str, type]
    """Type by output field."""

    def prompt(self, text: str) -> str:
        """What the model reads: the task's letter and a bounded view of *text*."""
        return f"{self.code}:{_VIEWS[self.code](text)}\n="

    def values(self, answer: str) -> dict[str, Any]:
        """Typed values of the output fields. Raises `ValueError` when the answer has not the trained form."""
        parts = answer.strip().split(_BETWEEN[self.code])
        places = _PLACES[self.code]
        if len(parts) != len(places):
            raise ValueError(f"{len(parts)} parts instead of {len(places)} in {answer!r}")
        said = dict(zip(places, parts, strict=True))
        return {field: _typed(said[KNOWN[field]], kind, field) for field, kind in self.outputs.items()}


def task_of(signature: Any) -> Task:
    """The task a signature asks for. Raises `UnsupportedSignature` when the model was not trained for it."""
    inputs, outputs = signature.input_fields, signature.output_fields
    if len(inputs) != 1 or any(field.annotation is not str for field in inputs.values()):
        raise _unsupported(signature, "it must have one input, the receipt's text as a str")
    strange = sorted(set(outputs) - set(KNOWN))
    if strange or not outputs:
        raise _unsupported(signature, f"{', '.join(strange) or 'no output'} is none of {', '.join(KNOWN)}")
    kinds = {name: field.annotation for name, field in outputs.items()}
    for name, kind in kinds.items():
        if kind not in _KINDS[KNOWN[name]]:
            raise _unsupported(signature, f"{name} must be a {' or '.join(k.__name__ for k in _KINDS[KNOWN[name]])}")
    return Task(_code({KNOWN[name] for name in outputs}), next(iter(inputs)), kinds)


def is_prompt(text: str) -> bool:
    """Whether *text* is a prompt of one of the tasks."""
    return text[:2] in {"X:", "D:", "A:"} and text.endswith("\n=")


_KINDS: Final[Mapping[str, tuple[type, ...]]] = MappingProxyType(
    {"vendor": (str,), "date": (date, str), "currency": (str,), "total": (Decimal, float, str)}
)


def _code(asked: set[str]) -> Code:
    if asked == {"date"}:
        return "D"
    return "A" if asked == {"total"} else "X"


def _typed(text: str, kind: type, field: str) -> Any:
    """The value as its type, a number exactly as it is written."""
    if KNOWN[field] == "date":
        day = date.fromisoformat(text)
        return day if kind is date else text
    if KNOWN[field] == "total" and not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is no amount")
    if not text:
        raise ValueError(f"{field} is empty")
    return kind(text)


def _unsupported(signature: Any, why: str) -> UnsupportedSignature:
    name = getattr(signature, "__name__", "the signature")
    return UnsupportedSignature(
        f"the embedded model was not trained for {name} ({signature.signature}): {why}; "
        "configure a general model for this step, e.g. Tier('openai/gpt-5-mini')"
    )
