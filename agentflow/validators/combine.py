"""The shared form of all validators, and how they combine with `&`, `|` and `~`.

A combination performs nothing: where a part asks for a check or has to be awaited, so does the whole.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields, replace
from typing import Any, cast

from agentflow.errors import DefinitionError
from agentflow.validators.identity import stable
from agentflow.verdict import Case, Check, Finding, Validator, Verdict

UNPROVEN = frozenset({"missing", "unreadable", "undecided"})
"""Failures that say nothing about the claim itself, so that negating the claim does not turn them into proof."""


class Rule(ABC):
    """A validator that combines with others: `a & b`, `a | b`, `~a`."""

    __slots__ = ()

    @abstractmethod
    def judge(self, case: Case) -> Finding:
        """Decide, or ask for what is needed to decide."""

    @abstractmethod
    def claim(self) -> str:
        """What holds when this accepts, as half a sentence: `` `total` is positive ``."""

    @property
    def label(self) -> str:
        """The class of failure this validator reports."""
        return type(self).__name__.casefold()

    @property
    def is_total(self) -> bool:
        """Whether it always gives a verdict at once, whatever the prediction holds."""
        return False

    def fields(self) -> frozenset[str]:
        """The signature's fields this validator reads; empty when it does not say."""
        return frozenset()

    def identity(self) -> str:
        """A text that changes when the judgement may change."""
        return _identity(self)

    def __and__(self, other: object) -> Rule:
        return All((*_parts(self, All), *_parts(as_validator(other), All)))

    def __rand__(self, other: object) -> Rule:
        return All((*_parts(as_validator(other), All), *_parts(self, All)))

    def __or__(self, other: object) -> Rule:
        return AnyOf((*_parts(self, AnyOf), *_parts(as_validator(other), AnyOf)))

    def __ror__(self, other: object) -> Rule:
        return AnyOf((*_parts(as_validator(other), AnyOf), *_parts(self, AnyOf)))

    def __invert__(self) -> Rule:
        return self.part if isinstance(self, Not) else Not(self)


def as_validator(obj: object, *, name: str = "") -> Rule:
    """*obj* as a validator: one that is one already, or a function `(inputs, prediction)` or `(case: Case)`.

    The function may be async and returns a Verdict, a bool, or a bool with feedback. What it raises is not caught.
    """
    if isinstance(obj, Rule):
        return obj
    if isinstance(obj, Validator) and not isinstance(obj, type):
        return Adopted(obj)
    if not callable(obj):
        raise DefinitionError(f"{obj!r} is no validator; give one of `v`, or a function of (inputs, prediction)")
    label = name or getattr(obj, "__name__", type(obj).__name__)
    takes_case = _takes_case(obj, label)
    first_line = (inspect.getdoc(obj) or "").partition("\n")[0] if hasattr(obj, "__name__") else ""
    return Function(obj, label, takes_case, first_line or f"the answer passes the check `{label}`")


@dataclass(frozen=True, slots=True)
class Function(Rule):
    """A plain function as a validator."""

    function: Callable[..., Any]
    name: str
    takes_case: bool
    says: str
    """What holds when it accepts."""
    feedback: str = ""
    """What a rejected bool says. Empty: that the claim must hold."""

    def judge(self, case: Case) -> Finding:
        said = self.function(case) if self.takes_case else self.function(case.inputs, case.prediction)
        if inspect.isawaitable(said):
            return self._awaited(said)
        return self.read(said)

    def claim(self) -> str:
        return self.says

    @property
    def label(self) -> str:
        return self.name

    async def _awaited(self, said: Awaitable[Any]) -> Verdict:
        return _as_awaited(self.read(await said))

    def read(self, said: object) -> Verdict | Check:
        """What the function said, as a verdict."""
        if isinstance(said, Check):
            return replace(said, then=lambda outcome: after(said.then(outcome), self._named))
        if isinstance(said, Verdict):
            return self._named(said)
        accepted, feedback = said if isinstance(said, tuple) and len(said) == 2 else (said, "")
        if not isinstance(accepted, bool) or not isinstance(feedback, str):
            shown = type(said).__name__
            raise DefinitionError(f"validator {self.name} returned {shown}; return a Verdict, a bool or (bool, str)")
        if accepted:
            return Verdict(True)
        return Verdict(False, feedback or self.feedback or f"this must hold: {self.says}", kind=self.name)

    def _named(self, verdict: Verdict) -> Verdict:
        return _with_kind(verdict, self.name)


@dataclass(frozen=True, slots=True)
class Adopted(Rule):
    """A validator of somebody else's class, made to combine."""

    part: Validator

    def judge(self, case: Case) -> Finding:
        return after(self.part.judge(case), self._named)

    def claim(self) -> str:
        return f"the answer passes {type(self.part).__name__}"

    def _named(self, verdict: Verdict) -> Verdict:
        return _with_kind(verdict, self.label)

    @property
    def label(self) -> str:
        return type(self.part).__name__.casefold()

    def fields(self) -> frozenset[str]:
        return self.part.fields()

    def identity(self) -> str:
        return self.part.identity()


@dataclass(frozen=True, slots=True)
class All(Rule):
    """Accepts when every part does, left to right.

    The first failure names the kind. Later parts that always give a verdict at once still add their feedback, so that
    one attempt can repair several faults; functions of your own, checks and awaitables after a failure are not run. The
    score is the mean over all parts, one that was not run counting 0, so it rises as more of them pass.
    """

    parts: tuple[Rule, ...]

    def judge(self, case: Case) -> Finding:
        return self._go_on(case, ())

    def claim(self) -> str:
        return " and ".join(part.claim() for part in self.parts)

    @property
    def label(self) -> str:
        return "&".join(part.label for part in self.parts)

    @property
    def is_total(self) -> bool:
        return all(part.is_total for part in self.parts)

    def fields(self) -> frozenset[str]:
        return frozenset().union(*(part.fields() for part in self.parts))

    def _go_on(self, case: Case, passed: tuple[Verdict, ...]) -> Finding:
        if len(passed) == len(self.parts):
            return Verdict(True, score=_sum(passed) / len(passed), evidence=_evidence(passed))

        def decide(verdict: Verdict) -> Finding:
            verdicts = (*passed, verdict)
            return self._go_on(case, verdicts) if verdict.accepted else self._fail(case, verdicts)

        return after(self.parts[len(passed)].judge(case), decide)

    def _fail(self, case: Case, verdicts: tuple[Verdict, ...]) -> Verdict:
        failure = verdicts[-1]
        later: tuple[Verdict, ...] = ()
        if failure.feedback:  # without one it asks for a fresh sample, and others must not speak for it
            rest = (part.judge(case) for part in self.parts[len(verdicts) :] if part.is_total)
            later = tuple(found for found in rest if isinstance(found, Verdict))
        feedback = _joined((failure, *(verdict for verdict in later if not verdict)), "; ")
        score = (_sum(verdicts) + _sum(later)) / len(self.parts)
        return Verdict(False, feedback, score, failure.kind, _evidence((*verdicts, *later)))


@dataclass(frozen=True, slots=True)
class AnyOf(Rule):
    """Accepts when one part does, left to right; a part is only run when those before it failed. Scores as its best."""

    parts: tuple[Rule, ...]

    def judge(self, case: Case) -> Finding:
        return self._go_on(case, ())

    def claim(self) -> str:
        return " or ".join(part.claim() for part in self.parts)

    @property
    def label(self) -> str:
        return "|".join(part.label for part in self.parts)

    @property
    def is_total(self) -> bool:
        return all(part.is_total for part in self.parts)

    def fields(self) -> frozenset[str]:
        return frozenset().union(*(part.fields() for part in self.parts))

    def _go_on(self, case: Case, failed: tuple[Verdict, ...]) -> Finding:
        if len(failed) == len(self.parts):
            score = max(_score(verdict) for verdict in failed)
            kinds = dict.fromkeys(verdict.kind for verdict in failed)
            return Verdict(False, _joined(failed, "; or "), score, "|".join(kinds), _evidence(failed))

        def decide(verdict: Verdict) -> Finding:
            if verdict.accepted:
                return replace(verdict, evidence=_evidence((*failed, verdict)))
            return self._go_on(case, (*failed, verdict))

        return after(self.parts[len(failed)].judge(case), decide)


@dataclass(frozen=True, slots=True)
class Not(Rule):
    """Accepts what its part rejects, unless the part could not tell: a missing value proves nothing either way."""

    part: Rule

    def judge(self, case: Case) -> Finding:
        return after(self.part.judge(case), self._inverted)

    def claim(self) -> str:
        return f"it is not so that {self.part.claim()}"

    @property
    def label(self) -> str:
        return f"not {self.part.label}"

    @property
    def is_total(self) -> bool:
        return self.part.is_total

    def fields(self) -> frozenset[str]:
        return self.part.fields()

    def _inverted(self, verdict: Verdict) -> Verdict:
        if verdict.accepted:
            said = f"this must not be so: {self.part.claim()}"
            return Verdict(False, said, 1.0 - _score(verdict), self.label, verdict.evidence)
        if any(kind.partition(":")[0] in UNPROVEN for kind in verdict.kind.split("|")):
            return verdict
        return Verdict(True, score=1.0 - _score(verdict), evidence=verdict.evidence)


def after(finding: Finding, then: Callable[[Verdict], Finding]) -> Finding:
    """Go on with the verdict that *finding* is, or will lead to. An awaitable may come back as a Check."""
    if isinstance(finding, Verdict):
        return then(finding)
    if isinstance(finding, Check):
        return replace(finding, then=lambda outcome: after(finding.then(outcome), then))
    return _after_awaiting(finding, then)


async def _after_awaiting(finding: Awaitable[Verdict], then: Callable[[Verdict], Finding]) -> Verdict:
    found: Finding = finding
    while not isinstance(found, Verdict | Check):
        found = await found
    found = after(found, then)
    while not isinstance(found, Verdict | Check):
        found = await found
    return _as_awaited(found)


def _as_awaited(finding: Verdict | Check) -> Verdict:
    return cast(Verdict, finding)  # whoever awaits a finding looks at what came out, and performs a Check


def _with_kind(verdict: Verdict, label: str) -> Verdict:
    """Every failure has a class, or a loop of it would not be seen."""
    return verdict if verdict.accepted or verdict.kind else replace(verdict, kind=label)


def _parts(rule: Rule, kind: type[All] | type[AnyOf]) -> tuple[Rule, ...]:
    return rule.parts if isinstance(rule, kind) else (rule,)


def _identity(rule: Rule) -> str:
    named = (f"{each.name}={stable(getattr(rule, each.name))}" for each in fields(cast(Any, rule)))
    return f"{type(rule).__name__}({', '.join(named)})"


def _score(verdict: Verdict) -> float:
    return 0.0 if verdict.score is None else verdict.score


def _sum(verdicts: tuple[Verdict, ...]) -> float:
    return sum(_score(verdict) for verdict in verdicts)


def _evidence(verdicts: tuple[Verdict, ...]) -> tuple[tuple[str, float], ...]:
    return tuple(measured for verdict in verdicts for measured in verdict.evidence)


def _joined(verdicts: tuple[Verdict, ...], word: str) -> str:
    return word.join(dict.fromkeys(verdict.feedback for verdict in verdicts if verdict.feedback))


def _takes_case(function: Callable[..., Any], label: str) -> bool:
    expected = f"validator {label} must take (inputs, prediction), or one parameter named `case`"
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError as error:
        raise DefinitionError(f"{expected}; Python cannot tell what it takes") from error
    if any(each.kind is each.KEYWORD_ONLY and each.default is each.empty for each in parameters):
        raise DefinitionError(f"{expected}; it needs keywords nobody would give")
    plain = [each for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    needed = [each for each in plain if each.default is each.empty]
    if len(needed) == 2:
        return False
    if len(plain) == len(needed) == 1 and (plain[0].name == "case" or plain[0].annotation in (Case, "Case")):
        return True
    raise DefinitionError(f"{expected}; it takes ({', '.join(each.name for each in parameters)})")
