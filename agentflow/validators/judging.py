"""A judge: a metered step of its own, with a validator of its own, that decides about another step's answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agentflow.attempt import Outcome
from agentflow.errors import DefinitionError
from agentflow.validators.combine import Function, Rule
from agentflow.validators.field_rule import quoted
from agentflow.validators.outside import Outside
from agentflow.verdict import Case, Check, Finding, Verdict

LONGEST_FEEDBACK = 240
"""Characters of a judge's words that reach the next attempt, about 60 tokens."""


def judge(
    step: Any,
    *,
    accept: Callable[[Any], Verdict | bool | tuple[bool, str]],
    inputs: Callable[[Case], Mapping[str, Any]] | None = None,
) -> Rule:
    """Accept when *accept* says so of the prediction that *step* makes about the answer.

    *inputs* says what the judge is given; without it, the judged step's inputs and outputs together. A judge whose own
    answer is rejected has not decided, and what is not decided is not accepted.
    """
    if not callable(getattr(step, "perform", None)):
        raise DefinitionError(f"judge takes a Step, which is metered and has a validator of its own, not {step!r}")
    if not callable(accept):
        raise DefinitionError(f"judge needs accept=, a function of the judge's prediction, not {accept!r}")
    return Judge(Outside(step), accept, inputs or inputs_and_outputs)


@dataclass(frozen=True, slots=True)
class Judge(Rule):
    """Accepts what another step approves of."""

    step: Outside
    accept: Callable[[Any], Any]
    inputs: Callable[[Case], Mapping[str, Any]]

    def judge(self, case: Case) -> Check:
        return Check(self.step.module, self.inputs(case), then=self._decide)

    def claim(self) -> str:
        return "the judge approves of the answer"

    def _decide(self, outcome: Outcome) -> Finding:
        if not outcome.accepted or outcome.value is None:
            reason = quoted(outcome.feedback or outcome.limit_hit or outcome.status, 100).strip('"')
            return Verdict(False, f"no judge could decide about this answer: {reason}", kind="undecided:judge")
        said = Function(self.accept, "judge", takes_case=False, says=self.claim()).read(self.accept(outcome.value))
        if isinstance(said, Verdict) and len(said.feedback) > LONGEST_FEEDBACK:
            return Verdict(said.accepted, f"{said.feedback[:LONGEST_FEEDBACK]}…", said.score, said.kind)
        return said


def inputs_and_outputs(case: Case) -> Mapping[str, Any]:
    """What a judge sees unless it is told otherwise."""
    return {**case.inputs, **dict(case.prediction.items())}
