"""Validators of one's own: a function in words, and the spoken way to have none at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from agentflow.errors import DefinitionError
from agentflow.validators.combine import Function, Rule, as_validator
from agentflow.verdict import Case, Verdict


def predicate(function: Callable[..., Any], *, feedback: str = "", name: str = "") -> Rule:
    """Accept when *function* of `(inputs, prediction)` or `(case)` says so; sync or async.

    It returns a Verdict, a bool, or a bool with feedback; *feedback* is what a plain False tells the next attempt. What
    it raises is an error of the pipeline, not of the answer, and is not caught.
    """
    if isinstance(function, Rule) or not callable(function):
        raise DefinitionError(f"predicate takes a function of (inputs, prediction), not {function!r}")
    rule = as_validator(function, name=name)
    if not isinstance(rule, Function):
        return rule
    return replace(rule, feedback=feedback)


def none(*, reason: str) -> Rule:
    """No validator, said in words: every well-formed answer is accepted, because of *reason*."""
    if not isinstance(reason, str) or not reason.strip():
        raise DefinitionError("v.none needs a reason: say why a wrong answer may pass here")
    return Unchecked(reason)


@dataclass(frozen=True, slots=True)
class Unchecked(Rule):
    """Accepts everything."""

    reason: str

    def judge(self, case: Case) -> Verdict:  # noqa: ARG002 the protocol hands it over
        return Verdict(True)

    def claim(self) -> str:
        return "anything goes"

    @property
    def is_total(self) -> bool:
        return True

    def identity(self) -> str:
        return "none"
