"""A solution to a worded problem, read: its answer, its calculations, and which of them led to the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from maths_rules.answer import answer_of, said_answer
from maths_rules.quantities import Quantity, near, quantities
from maths_rules.working import Calculation, calculations

DEEPEST = 200
"""Numbers followed back from an answer."""


@dataclass(frozen=True)
class Draft:
    """What somebody wrote as a solution."""

    problem: str
    solution: str

    @cached_property
    def answer(self) -> Fraction | None:
        """Its answer, slips of arithmetic mended; None where it gives none."""
        return answer_of(self.problem, self.solution)

    @cached_property
    def said(self) -> Fraction | None:
        """Its answer as written."""
        return said_answer(self.problem, self.solution)

    @cached_property
    def given(self) -> tuple[Quantity, ...]:
        """The numbers of the problem."""
        return quantities(self.problem)

    @cached_property
    def steps(self) -> tuple[Calculation, ...]:
        """What it calculates."""
        return calculations(self.solution)

    @property
    def last_step(self) -> Calculation | None:
        """The calculation that gave the answer; None when none did."""
        return self.steps[self.way[0]] if self.way else None

    @cached_property
    def way(self) -> tuple[int, ...]:
        """The places of the calculations that led to the answer, the last one first."""
        return tuple(place for place, _ in self._followed if place >= 0)

    @cached_property
    def origins(self) -> tuple[Fraction, ...]:
        """The numbers that its answer was made of and that no calculation gave."""
        return tuple(number for place, number in self._followed if place < 0)

    @cached_property
    def _followed(self) -> tuple[tuple[int, Fraction], ...]:
        return tuple(_follow(self.steps, self.said))


def _follow(steps: Sequence[Calculation], answer: Fraction | None) -> Iterator[tuple[int, Fraction]]:
    """Follow *answer* back: the places of calculations it came from, and -1 for numbers that came from none."""
    waiting = [] if answer is None else [(answer, len(steps))]
    seen: set[int] = set()
    for _ in range(DEEPEST):
        if not waiting:
            return
        number, before = waiting.pop()
        place = next((place for place in range(before - 1, -1, -1) if near(steps[place].stated, number)), -1)
        if place < 0:
            yield -1, number
        elif place not in seen:
            seen.add(place)
            yield place, number
            waiting += [(operand, place) for operand in steps[place].operands]
