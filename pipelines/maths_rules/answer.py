"""The number that a solution gives as its answer, read from its last words as a person would.

The last number of a text is often not its answer: `so 9 trucks will be needed for the 80 stones`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from maths_rules.quantities import is_among, near, number_in, quantities
from maths_rules.working import redone

MONEY_AND_TIME = frozenset(("cents", "dollars", "seconds", "minutes", "hours", "days", "weeks", "months", "years"))
"""Units in which the same amount may be said twice: of `$0.10 is 10 cents` the asked one counts."""

_NUMBER = re.compile(r"(?<![\w.,])(?:-\s?)?\$?\d[\d,]*(?:\.\d+)?(?!\d)|(?<!\w)-?\$?\.\d+", re.A)
_ANNOTATION = re.compile(r"<<[^<>]*(?:>>|$)")
_MARKED = re.compile(r"(?:####|^\s*A:)\s*([^\n]*)", re.M)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_RESULT = re.compile(r"(?:=|≈|equals|equal to)\s*(-?\s?\$?\d[\d,]*(?:\.\d+)?)(?![\d,]*\s*[-+*/x×÷(])")
_ORDINAL = re.compile(r"\b\d+(?:st|nd|rd|th)\b")
_TWO_ASKED = re.compile(r"how (?:many|much) (?:[\w' -]+ )?and [\w' -]+", re.I)
_TWO_GIVEN = re.compile(r"\d[^.\d]*\band\b[^.\d]*\$?\d|^\D*\d[\d,.]*\s*,\s+\$?\d[\d,.]*\D*$")
_ONE_COUNTS = re.compile(r"\b(each|more|than|for|per|but)\b", re.I)
_ASKED_UNIT = re.compile(r"(?:how many(?: more| fewer| less)?|,? in) ([a-z]+)", re.I)


def answer_of(problem: str, solution: str) -> Fraction | None:
    """The answer of *solution*, slips of its arithmetic mended; None where it gives no number."""
    said = said_answer(problem, solution)
    return None if said is None else redone(solution, said, [each.value for each in quantities(problem)])


def said_answer(problem: str, solution: str) -> Fraction | None:
    """The answer as *solution* says it."""
    line = closing(solution)
    if "=" in line:
        line = _last_claim(line)
    numbers = numbers_of(line)
    if len(set(numbers)) <= 1:
        return numbers[0] if numbers else None
    asked = asked_for(problem)
    if _TWO_ASKED.search(asked) and len(numbers) == 2 and _TWO_GIVEN.search(line) and not _ONE_COUNTS.search(line):
        return sum(numbers, Fraction(0))
    return _in_asked_unit(asked, line) or _chosen(problem, solution, numbers)


def closing(solution: str) -> str:
    """The marked answer, `#### 12`, or else the last sentence with a number; annotations left out."""
    text = solution.replace("\\", "").strip()
    marked = [found for found in _MARKED.findall(text) if re.search(r"\d", found)]
    if marked:
        return _plain(marked[-1])
    sentences = [sentence for line in _plain(text).splitlines() for sentence in _SENTENCE_END.split(line)]
    return next((each for each in reversed(sentences) if numbers_of(each)), "")


def asked_for(problem: str) -> str:
    """The sentence that asks."""
    sentences = _SENTENCE_END.split(problem.strip())
    return next((each for each in reversed(sentences) if "?" in each), sentences[-1])


def numbers_of(text: str) -> list[Fraction]:
    """The numbers written in *text*; ordinals only where there is nothing else."""
    plain = _ORDINAL.sub(" ", text)
    found = (match.group(0) for match in _NUMBER.finditer(plain if re.search(r"\d", plain) else text))
    numbers = (number_in(re.sub(r"[\s$]", "", each)) for each in found)
    return [number for number in numbers if number is not None]


def _plain(text: str) -> str:
    return _ANNOTATION.sub("", text)


def _last_claim(line: str) -> str:
    """What follows the last sign of equality, when a number does."""
    after = line.rpartition("=")[2]
    found = _NUMBER.search(after)
    return found.group(0) if found else line


def _in_asked_unit(asked: str, line: str) -> Fraction | None:
    units = [unit for unit in _ASKED_UNIT.findall(asked.lower()) if unit in MONEY_AND_TIME]
    if not units:
        return None
    found = re.findall(rf"({_NUMBER.pattern})\s+(?:more |fewer |less )?{units[-1][:-1]}", line, re.I)
    numbers = {number for each in found for number in numbers_of(each)}
    return numbers.pop() if len(numbers) == 1 else None


def _chosen(problem: str, solution: str, numbers: Sequence[Fraction]) -> Fraction:
    """Of several numbers of the closing: the latest result, else the first that the problem does not state."""
    results = [number for found in _RESULT.findall(_plain(solution)) for number in numbers_of(found)]
    for result in reversed(results):
        if is_among(result, numbers):
            return next(number for number in numbers if near(result, number))
    given = [each.value for each in quantities(problem)]
    return next((number for number in numbers if not is_among(number, given)), numbers[-1])
