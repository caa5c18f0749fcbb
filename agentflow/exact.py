"""Numbers and dates read exactly from the text a model wrote, without passing through a float.

DSPy's own parsers turn `12.50` into 12.5 and refuse `1,234.50`. What is ambiguous here is an error, not a guess.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

EXACT_TYPES = (Decimal, date, datetime)

_NUMBER = re.compile(r"[-+−]?\s*\d[\d.,'’\s]*")
_AROUND = re.compile(r"[^\d]{0,12}")
"""What may stand before or after an amount: a currency's sign or name, brackets."""
_NOTHING = frozenset({"", "none", "null", "n/a"})
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@cache
def is_exact(annotation: Any) -> bool:
    """Whether values of this type, or values inside them, must be read from the raw text."""
    if annotation in EXACT_TYPES or annotation in (int, float):
        return True
    if isinstance(annotation, type) and hasattr(annotation, "model_fields"):
        return any(is_exact(field.annotation) for field in annotation.model_fields.values())
    return any(is_exact(inner) for inner in get_args(annotation) if inner is not annotation)


def read(text: str, annotation: Any) -> Any:
    """The value of type *annotation* that *text* states. Raises ValueError in words a model can act on."""
    text = text.strip()
    if _is_optional(annotation):
        if text.casefold() in _NOTHING:
            return None
        annotation = next(inner for inner in get_args(annotation) if inner is not NoneType)
    if annotation is Decimal:
        return read_number(text)
    if annotation is int:
        number = read_number(text)
        if number != number.to_integral_value():
            raise ValueError(f"{text!r} is not a whole number")
        return int(number)
    if annotation is float:
        return float(read_number(text))
    if annotation is date:
        return read_date(text)
    return _read_json(text, annotation)


def read_number(text: str) -> Decimal:
    """The one number in *text*: grouping, a currency and a sign may stand around it.

    The last separator is the decimal one, unless it groups: `1,234` is 1234, `1.234,50` and `1,234.50` are 1234.50,
    `12,50` is 12.50, `1.234` is 1.234.
    """
    found = _NUMBER.findall(text)
    if len(found) != 1:
        raise ValueError(f"{text[:40]!r} should be one number and nothing else")
    around = text.split(found[0])
    if not all(_AROUND.fullmatch(rest) for rest in around):
        raise ValueError(f"{text[:40]!r} should be one number and nothing else")
    digits = re.sub(r"[\s'’]", "", found[0]).replace("−", "-").rstrip(".,")
    if around[0].strip().endswith("(") and around[1].strip().startswith(")"):
        digits = "-" + digits
    try:
        return Decimal(_without_grouping(digits))
    except InvalidOperation:
        raise ValueError(f"{text[:40]!r} is no number; write it like 1234.50") from None


def read_date(text: str) -> date:
    """The date in *text*: ISO, with a month's name, or in figures where only one reading is possible."""
    try:
        return date.fromisoformat(text[:10] if re.match(r"\d{4}-\d\d-\d\d[T ]", text) else text)
    except ValueError:
        pass
    named = re.fullmatch(
        r"(?:(\d{1,2})[.\s-]*)?([A-Za-z]{3,9})[.,\s-]*(?:(\d{1,2})(?:st|nd|rd|th)?[,\s]+)?(\d{4})", text
    )
    if named and named[2][:3].casefold() in _MONTHS and bool(named[1]) != bool(named[3]):
        return date(int(named[4]), _MONTHS.index(named[2][:3].casefold()) + 1, int(named[1] or named[3]))
    figures = re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", text)
    if figures:
        first, second, year = (int(figure) for figure in figures.groups())
        readings = {(first, second), (second, first)} if first <= 12 and second <= 12 else {_day_month(first, second)}
        if len(readings) == 1:
            day, month = readings.pop()
            return date(year, month, day)
    raise ValueError(f"{text[:40]!r} is no unambiguous date; write it as YYYY-MM-DD")


def read_json(text: str) -> Any:
    """JSON with every number kept exactly as a Decimal or int; a code fence around it is no matter."""
    fenced = re.fullmatch(r"```\w*\s*(.*?)\s*```", text.strip(), re.DOTALL)
    return json.loads(fenced[1] if fenced else text, parse_float=Decimal)


def _read_json(text: str, annotation: Any) -> Any:
    from pydantic import TypeAdapter

    try:
        plain = read_json(text)
    except json.JSONDecodeError:
        plain = text
    return TypeAdapter(annotation).validate_python(plain)


def _without_grouping(digits: str) -> str:
    commas, dots = digits.count(","), digits.count(".")
    if commas and dots:
        decimal = max(digits.rfind(","), digits.rfind("."))
        whole = re.sub(r"[.,]", "", digits[:decimal])
        return f"{whole}.{digits[decimal + 1 :]}"
    if commas > 1 or dots > 1 or re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", digits):
        return digits.replace(",", "").replace(".", "")
    return digits.replace(",", ".")


def _day_month(first: int, second: int) -> tuple[int, int]:
    return (first, second) if first > 12 else (second, first)


def _is_optional(annotation: Any) -> bool:
    return (
        get_origin(annotation) in (Union, UnionType)
        and NoneType in get_args(annotation)
        and len(get_args(annotation)) == 2
    )
