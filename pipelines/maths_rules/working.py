"""The calculations that a solution writes down, and what they come to when they are done again.

Only what is written as arithmetic is read; a calculation described in words is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import cast

from maths_rules.arithmetic import LONGEST, OPERATORS, SIGNS, Token, comes_to, evaluate, spelt, tokens_of
from maths_rules.quantities import near

WORDS_BETWEEN = 4
"""Words that may stand between a number and its operator, as in `20 tires x $0.25 per tire`."""
MOST_CHARACTERS = 20_000
"""Of a solution; what comes after is not read."""

_ANNOTATION = re.compile(r"<<([^<>]*)>>")
_ASIDE = re.compile(r"\([^()\d]*\)")


@dataclass(frozen=True, slots=True)
class Calculation:
    """One expression, and the number that the solution says it comes to."""

    tokens: tuple[Token, ...]
    stated: Fraction
    is_plain: bool
    """Whether only numbers and operators were written, so that it can be done again without a doubt."""
    is_supported: bool = False
    """Whether another expression of the same line comes to what is stated."""

    @property
    def operands(self) -> tuple[Fraction, ...]:
        """Its numbers."""
        return tuple(token for token in self.tokens if isinstance(token, Fraction))

    @property
    def computed(self) -> Fraction | None:
        """What it comes to; None when that is nothing."""
        return evaluate(self.tokens)

    @property
    def is_right(self) -> bool:
        """Whether it comes to what is stated, rounding and cents for dollars allowed."""
        return self.is_supported or comes_to(self.computed, self.stated)


@lru_cache(maxsize=4_096)
def calculations(solution: str) -> tuple[Calculation, ...]:
    """Every calculation of *solution*, in its order and once each."""
    found: list[Calculation] = []
    for line in solution[:MOST_CHARACTERS].splitlines():
        for each in _of_line(spelt(line)):
            if not any(_is_same(each, other) for other in found):
                found.append(each)
    return tuple(found)


def redone(solution: str, answer: Fraction, given: Sequence[Fraction]) -> Fraction:
    """*answer* as it would be had *solution* made no slip of arithmetic; numbers *given* by the problem stay."""
    corrected: dict[Fraction, Fraction] = {}
    for each in calculations(solution):
        if each.is_plain and not (each.is_right and corrected.keys().isdisjoint(each.operands)):
            value = evaluate([_corrected(token, corrected, given) for token in each.tokens])
            if value is not None and not comes_to(value, each.stated):
                corrected.setdefault(each.stated, value)
    return corrected.get(answer, answer)


def _of_line(line: str) -> Iterator[Calculation]:
    """What a line calculates, as written and as annotated, `<<2*3=6>>`: one excuses what is unclear in the other."""
    annotated = [each for text in _ANNOTATION.findall(line) for each in _chained(text)]
    written = list(_chained(_ASIDE.sub(" ", _ANNOTATION.sub("", line))))
    for each in written:
        yield each if each.is_plain else _excused(each, annotated)
    for each in annotated:
        yield _excused(each, written)


def _excused(calculation: Calculation, others: Sequence[Calculation]) -> Calculation:
    is_supported = any(each.is_right and near(each.stated, calculation.stated) for each in others)
    return replace(calculation, is_supported=is_supported)


def _chained(text: str) -> Iterator[Calculation]:
    """The calculations of `1 + 2 = 3`, of `2 + 1 + 1 = 3 + 1 = 4`, and of the sloppy `1 + 2 = 3 * 2 = 6`."""
    first, *rest = _segments(tuple(tokens_of(text)))
    claim, is_plain = _expression_before(first)
    stated: Fraction | None = None
    for segment in rest:
        said = _said_by(segment)
        value = evaluate(claim)
        is_run_on = (
            len(said) > 1 and value is not None and near(value, _number(said[0])) and not near(value, evaluate(said))
        )
        if is_run_on:
            yield Calculation(claim, cast(Fraction, said[0]), is_plain)
            claim, is_plain = said, True
            stated = evaluate(said)
        elif said:
            stated = evaluate(said)
        if len(said) < len(segment) and claim and stated is not None:  # words follow: the chain ends here
            yield Calculation(claim, stated, is_plain)
            claim, is_plain = _expression_before(segment)
            stated = None
    if claim and stated is not None:
        yield Calculation(claim, stated, is_plain)


def _segments(tokens: tuple[Token, ...]) -> Iterator[tuple[Token, ...]]:
    """What stands between the signs of equality."""
    start = 0
    for place, token in enumerate(tokens):
        if token == "=":
            yield tokens[start:place]
            start = place + 1
    yield tokens[start:]


def _expression_before(tokens: Sequence[Token]) -> tuple[tuple[Token, ...], bool]:
    """The longest expression that ends here, words left out, and whether none had to be left out."""
    run: list[Token] = []
    words: list[str] = []
    is_plain = True
    for token in reversed(tokens):
        if isinstance(token, str) and token not in SIGNS:
            if not _is_word(token) or len(words) == WORDS_BETWEEN:
                break
            words.append(token)
            continue
        if words and run and run[0] in SIGNS and token in SIGNS:
            break  # `2 * age + 4`: the words stand for a number
        if words == ["of"] and run and isinstance(run[0], Fraction):
            run = ["*", *run]
        elif words and run:
            is_plain = False
        run, words = [token, *run], []
    return _longest(run), is_plain


def _is_word(token: str) -> bool:
    """Whether it is a word and no variable."""
    return token.isalpha() and (len(token) > 1 or token == "a")


def _longest(run: Sequence[Token]) -> tuple[Token, ...]:
    """The longest tail of *run* that is an expression with an operator."""
    for start in range(max(0, len(run) - LONGEST), len(run)):
        tail = tuple(run[start:])
        if any(token in OPERATORS for token in tail[1:]) and evaluate(tail) is not None:
            return tail
    return ()


def _said_by(segment: Sequence[Token]) -> tuple[Token, ...]:
    """The number or expression that a segment begins with."""
    length = 0
    for token in segment:
        if not (isinstance(token, Fraction) or token in SIGNS):
            break
        length += 1
    for end in range(min(length, LONGEST), 0, -1):
        if evaluate(segment[:end]) is not None:
            return tuple(segment[:end])
    return ()


def _number(token: Token) -> Fraction | None:
    return token if isinstance(token, Fraction) else None


def _corrected(token: Token, corrected: Mapping[Fraction, Fraction], given: Sequence[Fraction]) -> Token:
    return corrected.get(token, token) if isinstance(token, Fraction) and token not in given else token


def _is_same(one: Calculation, other: Calculation) -> bool:
    return near(one.stated, other.stated) and sorted(one.operands) == sorted(other.operands)
