"""Plain values out of text: numbers, texts, lists and the like, and where each ends. Nothing is evaluated."""

from __future__ import annotations

import ast
import re
from typing import Any, NamedTuple

from code_rules.task import UNREADABLE

LONGEST = 2_000
"""Characters of one value in a docstring."""
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_NUMBER = re.compile(r"-?(\d[\d_]*(\.\d+)?|\.\d+)([eE][+-]?\d+)?")
_WORD = re.compile(r"(True|False|None|true|false|null)\b")
_OTHERWISE = {"true": True, "false": False, "null": None}
_LONG_QUOTES = ("'''", '"""')


class Found(NamedTuple):
    """A value that a text holds."""

    value: Any
    end: int
    """Where the text goes on after it."""


def value_at(text: str, start: int) -> Found | None:
    """The value that begins exactly at *start*; None where none does."""
    end = end_at(text, start)
    if end is None or end - start > LONGEST:
        return None
    said = text[start:end]
    if said in _OTHERWISE:
        return Found(_OTHERWISE[said], end)
    try:
        return Found(ast.literal_eval(said), end)
    except (*UNREADABLE, TypeError):
        return None


def end_at(text: str, start: int) -> int | None:
    """Where the number, text, word or bracket that begins at *start* ends; None where nothing of the sort does."""
    if text[start : start + 1] in _CLOSING:
        return _bracket_end(text, start)
    if text[start : start + 1] in ("'", '"'):
        return _string_end(text, start)
    match = _NUMBER.match(text, start) or _WORD.match(text, start)
    return match.end() if match else None


def split_values(text: str) -> list[str]:
    """The pieces of *text* between its own commas, not those inside brackets or texts."""
    pieces, begin, place = [], 0, 0
    while place < len(text):
        end = end_at(text, place) if text[place] in "([{'\"" else None
        if end is None and text[place] == ",":
            pieces.append(text[begin:place])
            begin = place + 1
        place = end or place + 1
    return [piece.strip() for piece in (*pieces, text[begin:]) if piece.strip()]


def _bracket_end(text: str, start: int) -> int | None:
    stack: list[str] = []
    place = start
    while place < len(text):
        letter = text[place]
        if letter in ("'", '"'):
            end = _string_end(text, place)
            if end is None:
                return None
            place = end
            continue
        if letter in _CLOSING:
            stack.append(_CLOSING[letter])
        elif letter in _CLOSING.values():
            if stack.pop() != letter:
                return None
            if not stack:
                return place + 1
        place += 1
    return None


def _string_end(text: str, start: int) -> int | None:
    quote = text[start : start + 3] if text.startswith(_LONG_QUOTES, start) else text[start]
    place = start + len(quote)
    while place < len(text):
        if text.startswith(quote, place):
            return place + len(quote)
        if text[place] == "\n" and len(quote) == 1:
            return None
        place += 2 if text[place] == "\\" else 1
    return None
