"""The numbers that a worded problem states, in figures and in words, and the forms in which a solution may use them.

Nothing is calculated with here but the forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Kind = Literal["figure", "percent", "fraction", "word"]

UNITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
TEENS = ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
PARTS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8}
PARTS |= {"ninth": 9, "tenth": 10}
WORDS: dict[str, Fraction] = {word: Fraction(value) for value, word in enumerate([*UNITS, *TEENS])}
WORDS |= {word: Fraction(10 * ten) for ten, word in enumerate(TENS, 2)}
WORDS |= {word: Fraction(1, part) for word, part in PARTS.items()} | {"halves": Fraction(1, 2)}
WORDS |= {f"{word}s": Fraction(1, part) for word, part in PARTS.items() if word != "half"}
WORDS |= dict.fromkeys(("twice", "double", "doubled", "doubles", "couple", "pair", "pairs", "twins"), Fraction(2))
WORDS |= dict.fromkeys(("thrice", "triple", "tripled", "triples", "triplets"), Fraction(3))
WORDS |= {"dozen": Fraction(12), "hundred": Fraction(100), "thousand": Fraction(1000), "quadruple": Fraction(4)}

COMMON = frozenset(map(Fraction, (1, 2, 7, 12, 24, 30, 31, 52, 60, 100, 365, 1000)))
"""Numbers that a solution may bring along: halves, weeks, dozens, hours, months, years, percents."""

LONGEST = 20
"""Digits of a number; more are no quantity."""

_NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)", re.A)
_TENS_AND_UNITS = re.compile(rf"\b({'|'.join(TENS)})[- ]({'|'.join(UNITS[1:10])})\b", re.I)
_COUNTED_PARTS = re.compile(rf"\b({'|'.join(UNITS[1:10])})[- ]({'|'.join(PARTS)})s?\b", re.I)
_ORDINAL = re.compile(
    r"\b(first|second|third|fourth|fifth|half) (day|week|month|year|hour|one|person|time|friend|grade|floor|box|place"
    r"|night|game|stage|part|leg|session|round|street|customer|group|class|level|item|guess)s?\b",
    re.I,
)
_STATED = re.compile(r"\d+\s+\d+/\d+|\d+/\d+|\d[\d,]*(?:\.\d+)?(?:\s?%|\s?percent)?|\.\d+%?|[A-Za-z]+", re.A)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as a problem states it."""

    value: Fraction
    """Of `30 %` it is 30."""
    kind: Kind

    @property
    def forms(self) -> tuple[Fraction, ...]:
        """What a solution may write for it: a part as its divisor, 30 % as 0.3, 0.7 or 1.3, cents as dollars."""
        value = self.value
        if self.kind == "percent":
            share = value / 100
            return (value, share, 1 - share, 1 + share, 100 - value, 100 + value)
        if 0 < value < 1:
            return (value, 1 / value, 1 - value, 1 + value, value * 100, *self._terms())
        return (value, value / 100, value * 100)

    def _terms(self) -> tuple[Fraction, ...]:
        """Numerator and denominator, which a solution in plain text writes as two numbers."""
        return (Fraction(self.value.numerator), Fraction(self.value.denominator))


def quantities(problem: str) -> tuple[Quantity, ...]:
    """The numbers of *problem* in their order; ordinals such as `the first day` are none."""
    plain = _ORDINAL.sub(" ", problem)
    plain = _COUNTED_PARTS.sub(lambda m: f" {WORDS[m[1].lower()]}/{PARTS[m[2].lower()]} ", plain)
    plain = _TENS_AND_UNITS.sub(lambda m: f" {WORDS[m[1].lower()] + WORDS[m[2].lower()]} ", plain)
    read = (_quantity(match.group(0).replace(",", "").strip()) for match in _STATED.finditer(plain))
    return tuple(quantity for quantity in read if quantity is not None)


def near(one: Fraction | None, other: Fraction | None) -> bool:
    """Whether both are the same number, but for rounding in the fifth place."""
    if one is None or other is None:
        return False
    return abs(one - other) <= max(Fraction(1, 1_000_000), abs(other) / 10_000)


def is_among(value: Fraction | None, values: Iterable[Fraction]) -> bool:
    """Whether *value* is one of *values*, but for rounding."""
    return any(near(value, each) for each in values)


def number_in(text: str) -> Fraction | None:
    """The number that *text* is, with or without thousands; None for anything else, and for endless digits."""
    plain = text.replace(",", "")
    if len(plain) > LONGEST or _NUMBER.fullmatch(plain) is None:
        return None
    return Fraction(plain)


def _quantity(text: str) -> Quantity | None:
    if text[0].isalpha():
        word = text.lower()
        return Quantity(WORDS[word], "word") if word in WORDS else None
    if "/" in text:
        whole, _, part = text.rpartition(" ")
        above, below = (number_in(each) for each in part.split("/"))
        added = number_in(whole.strip() or "0")
        return Quantity(added + above / below, "fraction") if above and below and added is not None else None
    value = number_in(text.removesuffix("%").removesuffix("percent").strip())
    if value is None:
        return None
    return Quantity(value, "percent" if text.endswith(("%", "percent")) else "figure")
