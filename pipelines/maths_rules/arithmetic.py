"""Arithmetic as people write it in a line of text: read into numbers and signs, and done exactly.

There is no `eval` and no power: what a text can cost is bounded by its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TypeAlias

from maths_rules.quantities import near, number_in

Token: TypeAlias = "Fraction | str"
"""A number, or one of + - * / ( ) = % and words."""

LONGEST = 60
"""Tokens of one expression; a longer one is no grade-school calculation."""
SIGNS = frozenset("+-*/()%")
OPERATORS = frozenset("+-*/")

_TOKEN = re.compile(r"\d[\d,]*(?:\.\d+)?|\.\d+|[A-Za-z]+(?:'[a-z]+)?|[-+*/=()%]|\S", re.A)
_SPELLINGS = {"\\times": "*", "\\*": "*", "\\": "", "×": "*", "÷": "/", "–": "-", "−": "-", "≈": "="}
"""How signs are also written."""
_LEFT_OUT = frozenset("$€£")


def spelt(line: str) -> str:
    """*line* with every sign in its plain form."""
    for written, plain in _SPELLINGS.items():
        line = line.replace(written, plain)
    return line


def tokens_of(text: str) -> Iterator[Token]:
    """Numbers, signs and words; an `x` that stands alone multiplies."""
    for match in _TOKEN.finditer(text):
        token = match.group(0)
        number = number_in(token)
        if number is not None:
            yield number
        elif token not in _LEFT_OUT:
            yield "*" if token in ("x", "X") else token


def evaluate(tokens: Sequence[Token]) -> Fraction | None:
    """The value of an expression; None when it is none, or divides by zero."""
    if not 0 < len(tokens) <= LONGEST:
        return None
    try:
        value, rest = _sum(tuple(tokens))
    except (ValueError, ZeroDivisionError):
        return None
    return value if not rest else None


def comes_to(computed: Fraction | None, stated: Fraction) -> bool:
    """Whether *stated* is *computed*, the same in the hundredths that percents and cents are, or rounded."""
    if computed is None:
        return False
    if near(computed, stated) or near(computed * 100, stated) or near(computed / 100, stated):
        return True
    if stated.denominator == 1:  # 4.3 buses are 4 or 5, but 5 buses are not 4
        return computed.denominator > 1 and abs(computed - stated) < 1
    return abs(computed - stated) <= Fraction(1, 10 ** _places(stated))


def _places(value: Fraction) -> int:
    """Digits behind the point of a number that was written with a point."""
    return next((places for places in range(12) if (value * 10**places).denominator == 1), 12)


def _sum(tokens: tuple[Token, ...]) -> tuple[Fraction, tuple[Token, ...]]:
    value, rest = _product(tokens)
    while rest and rest[0] in ("+", "-"):
        other, after = _product(rest[1:])
        value = value + other if rest[0] == "+" else value - other
        rest = after
    return value, rest


def _product(tokens: tuple[Token, ...]) -> tuple[Fraction, tuple[Token, ...]]:
    value, rest = _factor(tokens)
    while rest and rest[0] in ("*", "/", "("):
        other, after = _factor(rest if rest[0] == "(" else rest[1:])
        value = value / other if rest[0] == "/" else value * other
        rest = after
    return value, rest


def _factor(tokens: tuple[Token, ...]) -> tuple[Fraction, tuple[Token, ...]]:
    if not tokens:
        raise ValueError("an operator without a number after it")
    first, rest = tokens[0], tokens[1:]
    if isinstance(first, Fraction):
        value = first
    elif first == "-":
        value, rest = _factor(rest)
        value = -value
    elif first == "(":
        value, rest = _sum(rest)
        if not rest or rest[0] != ")":
            raise ValueError("a bracket that is not closed")
        rest = rest[1:]
    else:
        raise ValueError(f"{first!r} is no number")
    while rest and rest[0] == "%":
        value, rest = value / 100, rest[1:]
    return value, rest
