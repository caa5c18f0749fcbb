"""A prompt that is the problem and nothing else, and a module that reads the answer out of the whole text."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import dspy

from agentflow import WholeText
from maths_rules.answer import answer_of

DIGITS = 12
"""Decimal places of an answer that no number of decimals can say exactly, such as a third."""


class WorkOut(dspy.Signature):  # type: ignore[misc]  # dspy is untyped
    """Solve the problem step by step. End with a line that says #### and the number."""

    problem: str = dspy.InputField()
    working: str = dspy.OutputField()


class Solve(WorkOut):
    """Solve the problem step by step. End with a line that says #### and the number."""

    answer: Decimal | None = dspy.OutputField()


class Solver(dspy.Module):  # type: ignore[misc]  # dspy is untyped
    """Asks for a solution and reads the answer out of it, slips of arithmetic mended."""

    signature = Solve

    def __init__(self) -> None:
        super().__init__()
        self.work_out = dspy.Predict(WorkOut)

    def forward(self, problem: str) -> Any:
        """The working as it came, and its answer; None where it gives none."""
        with dspy.context(adapter=WholeText()):
            return _read(problem, self.work_out(problem=problem).working)

    async def aforward(self, problem: str) -> Any:
        """The same on an event loop."""
        with dspy.context(adapter=WholeText()):
            return _read(problem, (await self.work_out.acall(problem=problem)).working)


def as_decimal(value: Fraction) -> Decimal:
    """*value* as people write it: 5 and not 5.00, a third to twelve places."""
    number = Decimal(value.numerator) / Decimal(value.denominator)
    if number == number.to_integral_value():
        return number.quantize(Decimal(1))
    return round(number, DIGITS).normalize()


def _read(problem: str, working: str) -> Any:
    answer = answer_of(problem, working)
    return dspy.Prediction(working=working, answer=None if answer is None else as_decimal(answer))
