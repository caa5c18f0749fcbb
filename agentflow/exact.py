"""Numbers and dates read exactly from the text a model wrote, without passing through a float.

DSPy's own parsers turn `12.50` into 12.5 and refuse `1,234.50`. What is ambiguous here is an error, never a guess.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

if TYPE_CHECKING:
    from pydantic import TypeAdapter

EXACT_TYPES = (Decimal, int, float, date, datetime)

_PLAIN = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?")
_SIGNS = str.maketrans({"−": "-", "–": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "’": "'"})
_GROUP = re.compile(r"\d,\d{3}")
_DIGITS = re.compile(r"\d(?:[\d.,' ]*\d)?|(?<!\w)[.,]\d+")
_GROUPED = re.compile(
    r"(?P<whole>\d{1,3}(?:(?P<mark>[,.' ])\d{3})(?:(?P=mark)\d{3})*)(?:(?!(?P=mark))[.,](?P<rest>\d+))?"
)
_INDIAN = re.compile(r"(?P<whole>\d{1,2}(?:,\d{2})+,\d{3})(?:\.(?P<rest>\d+))?")
_UNGROUPED = re.compile(r"(?P<whole>\d*)(?:[.,](?P<rest>\d+))?")
_CURRENCY = re.compile(r"[A-Z]{3}|RM|Rs\.?|kr\.?|zł|Kč|Ft|lei|TL|S?Fr\.?|[A-Z]{1,2}\$|(?i:euros?|dollars?|pounds?)")
_MAGNITUDES = frozenset({"MIO", "MRD", "MLN", "BIO"})
_NOTHING = frozenset({"", "none", "null", "n/a"})
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[.\s/-]*([A-Za-z]{3,9})[.,\s/-]*(\d{4})")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})[.\s]*(\d{1,2})(?:st|nd|rd|th)?[,\s]+(\d{4})")


def is_exact(annotation: Any) -> bool:
    """Whether values of this type, or values inside them, must be read from the raw text."""
    try:
        return _is_exact(annotation)
    except TypeError:  # some annotations cannot be hashed
        return _holds_exact(annotation, frozenset())


def read(text: str, annotation: Any) -> Any:
    """The value of type *annotation* that *text* states. Raises ValueError in words a model can act on."""
    text = text.strip()
    if get_origin(annotation) is Annotated:
        return _validated(read(text, get_args(annotation)[0]), annotation)
    if _is_optional(annotation):
        if text.casefold() in _NOTHING:
            return None
        return read(text, _of_optional(annotation))
    if annotation in EXACT_TYPES:
        return _read_one(text, annotation)
    plain = _read_plain(text, annotation)
    return _validated(_exactly(plain, annotation), annotation)


def read_number(text: str) -> Decimal:
    """The one number in *text*: a currency, a sign, brackets and grouping may belong to it, other words may not.

    The last separator is the decimal one, unless it groups: `1,234` is 1234, `1.234,50` and `1,234.50` are 1234.50,
    `12,50` is 12.50, `1.234` is 1.234.
    """
    text = _unquoted(text)
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    found = _DIGITS.findall(text.translate(_SIGNS))
    if len(found) != 1:
        raise ValueError(f"{_shown(text)} should be one number and nothing else, like 1234.50")
    before, _, after = text.translate(_SIGNS).partition(found[0])
    number = _ungrouped(found[0], text)
    return number.copy_negate() if _is_negative(before, after, text) else number


def read_date(text: str) -> date:
    """The date in *text*: ISO, with a month's name, or in figures where only one reading is possible."""
    text = _unquoted(text)
    try:
        return date.fromisoformat(text[:10] if re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:", text) else text)
    except ValueError:
        pass
    try:
        if found := _read_named(text) or _read_figures(text):
            return found
    except ValueError as error:  # the 31st of February
        raise ValueError(f"{_shown(text)} is no date: {error}") from None
    raise ValueError(f"{_shown(text)} is no unambiguous date; write it as YYYY-MM-DD")


def read_json(text: str) -> Any:
    """JSON with every number kept exactly as a Decimal or int; a code fence around it is no matter."""
    fenced = re.fullmatch(r"```\w*\s*(.*?)\s*```", text.strip(), re.DOTALL) if "```" in text else None
    return json.loads(fenced[1] if fenced else text, parse_float=Decimal)


@lru_cache(maxsize=1_024)
def type_adapter(annotation: Any) -> TypeAdapter[Any]:
    """Reads and writes values of that type, built once. Raises TypeError for a type that cannot be hashed."""
    from pydantic import TypeAdapter

    return TypeAdapter(annotation)


def inexact(value: Any) -> Any:
    """The same JSON value with floats for Decimals, for types that have no exact numbers in them."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {key: inexact(item) for key, item in value.items()}
    return [inexact(item) for item in value] if isinstance(value, list) else value


def _read_one(text: str, annotation: Any) -> Any:
    if annotation is date:
        return read_date(text)
    if annotation is datetime:
        return _read_moment(text)
    number = read_number(text)
    if annotation is int and number != number.to_integral_value():
        raise ValueError(f"{_shown(text)} is not a whole number")
    return annotation(number)


def _read_moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(_unquoted(text))
    except ValueError:
        raise ValueError(f"{_shown(text)} is no date with time; write it as YYYY-MM-DDTHH:MM:SS") from None


def _read_plain(text: str, annotation: Any) -> Any:
    """What the text says as JSON, or the text itself where a text is allowed."""
    try:
        plain = read_json(text)
    except json.JSONDecodeError as error:
        if _is_structured(annotation):
            hint = "numbers without grouping, such as 1234.50"
            raise ValueError(f"{_shown(text)} is not valid JSON ({error.msg}); write JSON, with {hint}") from None
        return text
    if _GROUP.search(text) and any(_looks_grouped(numbers) for numbers in re.findall(r"\[[^\[\]]*\]", text)):
        raise ValueError(f"{_shown(text)} can be read in two ways; write numbers without grouping, such as [1234.50]")
    return plain


def _exactly(plain: Any, annotation: Any) -> Any:
    """*plain* with the texts at places of exact types read, such as `"RM 60.30"` for a Decimal."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if _is_optional(annotation) and plain is not None:
        return _exactly(plain, _of_optional(annotation))
    if annotation in EXACT_TYPES:
        return _exact_leaf(plain, annotation)
    if isinstance(plain, list):
        inner = _arguments(annotation)
        return [_exactly(item, inner[0]) for item in plain] if len(set(inner)) == 1 else plain
    if not isinstance(plain, dict):
        return plain
    if hasattr(annotation, "model_fields"):
        types = {field.alias or name: field.annotation for name, field in annotation.model_fields.items()}
        return {key: _exactly(item, types[key]) if key in types else item for key, item in plain.items()}
    inner = get_args(annotation)
    return {key: _exactly(item, inner[1]) for key, item in plain.items()} if len(inner) == 2 else plain


def _exact_leaf(plain: Any, annotation: Any) -> Any:
    if isinstance(plain, str):
        return _read_one(plain.strip(), annotation)
    if annotation in (date, datetime) or isinstance(plain, bool):  # pydantic would take a number for seconds
        raise ValueError(f"{plain!r} is no {annotation.__name__}")
    return plain


def _validated(plain: Any, annotation: Any) -> Any:
    try:
        reader = type_adapter(annotation)
    except TypeError:  # some annotations cannot be hashed
        reader = type_adapter.__wrapped__(annotation)
    return reader.validate_python(plain)


def _is_negative(before: str, after: str, text: str) -> bool:
    """Whether a number is negative. Raises ValueError when more than a sign, currency or brackets stand around it."""
    before, after = before.strip(), after.strip()
    in_brackets = before.startswith("(") and after.endswith(")")
    if in_brackets:
        before, after = before[1:], after[:-1]
    minus = before.count("-")
    around = [before.replace("-", "", 1).replace("+", "", 1).strip(), re.sub(r"^[.,]-?", "", after).strip()]
    if minus + in_brackets > 1 or not all(_is_currency(each) for each in around):
        raise ValueError(f"{_shown(text)} should be one number and nothing else, like 1234.50")
    return bool(minus or in_brackets)


def _is_currency(text: str) -> bool:
    if not text or all(unicodedata.category(sign) == "Sc" for sign in text):
        return True
    return bool(_CURRENCY.fullmatch(text)) and text not in _MAGNITUDES


def _ungrouped(digits: str, text: str) -> Decimal:
    grouped = _GROUPED.fullmatch(digits) or _INDIAN.fullmatch(digits)
    is_decimal_point = re.fullmatch(r"\d{1,3}\.\d{3}|0,\d{3}", digits)  # as JSON and Python write it
    match = grouped if grouped and not is_decimal_point else _UNGROUPED.fullmatch(digits)
    if match is None:
        raise ValueError(f"{_shown(text)} is no number; write it like 1234.50")
    whole = re.sub(r"\D", "", match["whole"]) or "0"
    return Decimal(f"{whole}.{match['rest']}" if match["rest"] else whole)


def _looks_grouped(text: str) -> bool:
    """Whether a list of numbers such as `[1,234.50, 2.00]` may hold grouped numbers: JSON would tear them apart."""
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)
    grouped = re.search(r"(?<![\d.])\d{1,3},\d{3}(?:\.\d+)?(?![\d.])", outside)
    if grouped is None:
        return False
    is_spaced = re.search(r",\s", outside) is not None
    return is_spaced or bool(re.search(r"\d\.\d", grouped[0]))


def _read_named(text: str) -> date | None:
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year = found.groups()
    elif found := _MONTH_FIRST.fullmatch(text):
        month, day, year = found.groups()
    else:
        return None
    names = [name for name in _MONTHS if name.startswith(month.casefold())]
    return date(int(year), _MONTHS.index(names[0]) + 1, int(day)) if len(names) == 1 else None


def _read_figures(text: str) -> date | None:
    if found := re.fullmatch(r"(\d{4})[./-](\d{1,2})[./-](\d{1,2})", text):
        return date(*(int(figure) for figure in found.groups()))
    found = re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", text)
    if found is None:
        return None
    first, second, year = (int(figure) for figure in found.groups())
    if first <= 12 and second <= 12 and first != second:
        return None
    return date(year, second, first) if second <= 12 else date(year, first, second)


def _unquoted(text: str) -> str:
    text = text.strip()
    for mark in ("**", "`", '"', "'"):
        if len(text) > 2 * len(mark) and text.startswith(mark) and text.endswith(mark):
            text = text[len(mark) : -len(mark)].strip()
    return text


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")


@cache
def _is_exact(annotation: Any) -> bool:
    return _holds_exact(annotation, frozenset())


def _holds_exact(annotation: Any, seen: frozenset[int]) -> bool:
    """Whether the type is exact or has exact values inside. DSPy's own types read themselves."""
    if annotation in EXACT_TYPES:
        return True
    if not isinstance(annotation, type) or not hasattr(annotation, "model_fields"):
        return any(_holds_exact(inner, seen) for inner in _arguments(annotation))
    if id(annotation) in seen or annotation.__module__.startswith("dspy."):
        return False
    inside = seen | {id(annotation)}
    return any(_holds_exact(field.annotation, inside) for field in annotation.model_fields.values())


def _arguments(annotation: Any) -> tuple[Any, ...]:
    """The types inside a type; what a Literal or an annotation holds are values."""
    if get_origin(annotation) is Annotated:
        return get_args(annotation)[:1]
    is_type = isinstance(annotation, type) or get_origin(annotation) is not None
    return tuple(inner for inner in get_args(annotation) if is_type and _is_type(inner))


def _is_type(inner: Any) -> bool:
    return isinstance(inner, type) or get_origin(inner) is not None


def _is_structured(annotation: Any) -> bool:
    """Whether a bare text can never be a value of this type."""
    if get_origin(annotation) in (Union, UnionType):
        return all(_is_structured(inner) for inner in get_args(annotation))
    kind = get_origin(annotation) or annotation
    return isinstance(kind, type) and (issubclass(kind, list | tuple | dict | set) or hasattr(kind, "model_fields"))


def _is_optional(annotation: Any) -> bool:
    return (
        get_origin(annotation) in (Union, UnionType)
        and NoneType in get_args(annotation)
        and len(get_args(annotation)) == 2
    )


def _of_optional(annotation: Any) -> Any:
    return next(inner for inner in get_args(annotation) if inner is not NoneType)
