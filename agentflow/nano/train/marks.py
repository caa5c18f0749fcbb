"""Invisible marks around what answers a question, carried through layout and noise and taken out at the end.

A mark is a private-use character before the span and another after it. Spans never overlap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple, get_args

Mark = Literal[
    "company",
    "date",
    "total",
    "address",
    "number",
    "subtotal",
    "tax",
    "other_name",
    "other_date",
    "other_amount",
    "other_number",
]
"""The fields, and what could be mistaken for one of them."""

Part = Literal["quantity", "name", "amount"]
"""What is marked in an item's row."""

_MARKS: Final[tuple[Mark, ...]] = get_args(Mark)
_PARTS: Final[tuple[Part, ...]] = get_args(Part)
_END: Final = "\ue000"
_FIRST: Final = 0xE001
_ITEMS: Final = 0xE100
_CODES: Final = {name: chr(_FIRST + index) for index, name in enumerate(_MARKS)}
_SPAN = re.compile("([\ue001-\uf8ff])([^\ue000]*)\ue000")
_ANY = re.compile("[\ue000-\uf8ff]")


class Span(NamedTuple):
    """One marked piece of text, as it stands."""

    name: str
    """A mark, or a part of an item's row."""
    row: int
    """The item's row, or -1."""
    text: str


def mark(name: Mark, text: str) -> str:
    """*text* with the mark *name* around it."""
    return f"{_CODES[name]}{text}{_END}" if text else text


def mark_item(row: int, part: Part, text: str) -> str:
    """*text* marked as a *part* of the item in *row*."""
    return f"{chr(_ITEMS + row * len(_PARTS) + _PARTS.index(part))}{text}{_END}" if text else text


def is_mark(character: str) -> bool:
    """Whether *character* is one of ours and prints nothing."""
    return "\ue000" <= character <= "\uf8ff"


def bare(text: str) -> str:
    """*text* without marks."""
    return _ANY.sub("", text)


def spans(text: str) -> Iterator[Span]:
    """Every marked piece of *text* in order, its line breaks turned into spaces."""
    for found in _SPAN.finditer(text):
        code = ord(found[1])
        if code < _ITEMS:
            yield Span(_MARKS[code - _FIRST], -1, _flat(found[2]))
        else:
            row, part = divmod(code - _ITEMS, len(_PARTS))
            yield Span(_PARTS[part], row, _flat(found[2]))


def _flat(text: str) -> str:
    return " ".join(bare(text).split("\n")).strip()
