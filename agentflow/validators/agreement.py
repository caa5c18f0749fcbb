"""Validators that ask for a second opinion: another tier or step says the same, the same one again, or enough votes do.

Nothing is performed here. Another answer is never shown to the one being judged: it would only copy it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from agentflow.attempt import Outcome, Tier
from agentflow.errors import DefinitionError
from agentflow.progress import FRESH_SAMPLES, canonical
from agentflow.validators.combine import Rule
from agentflow.validators.field_rule import missing, quoted, value_of
from agentflow.validators.numerals import canonical_number, number_readings
from agentflow.validators.outside import Outside
from agentflow.validators.wording import words
from agentflow.validators.written_dates import day
from agentflow.verdict import Again, Case, Check, Verdict

SAMPLING_TEMPERATURE = 0.7


def agrees_with(other: Any, *, on: str | Sequence[str]) -> Rule:
    """Accept when *other*, a Tier for the same step or another Step with the same inputs, gives the same values *on*
    these fields, however they are written. When it gives none, that is no agreement.
    """
    if not isinstance(other, Tier) and not callable(getattr(other, "perform", None)):
        raise DefinitionError(f"agrees_with takes a Tier or a Step, not {other!r}")
    return AgreesWith(Outside(other), _named("agrees_with", on))


def agrees_with_itself(
    *,
    on: str | Sequence[str],
    samples: int = 3,
    share: float = 2 / 3,
    temperature: float | None = SAMPLING_TEMPERATURE,
) -> Rule:
    """Accept when the tier that answered, asked *samples* times more, gives the same values *on* these fields at least
    so often, however they are written.

    Each sample is paid for, and journaled like any step. All of them are asked for, so that the share that agrees is
    evidence to calibrate with, under the name `agrees_with_itself:FIELDS`. One that cannot be read agrees with nothing.
    A plain function would only say the same again: what it answers passes. *temperature* None is for models that take
    none and sample anyway.
    """
    if samples < 1 or not 0 < share <= 1:
        raise DefinitionError(f"agrees_with_itself(samples={samples}, share={share:g}): ask once or more, for a share")
    if temperature is not None and not 0 < temperature <= 2:
        raise DefinitionError(
            f"agrees_with_itself(temperature={temperature}): at 0 it would only repeat itself; up to 2"
        )
    return AgreesWithItself(_named("agrees_with_itself", on), samples, share, temperature)


def consensus(*, on: str | Sequence[str], ahead: int = 2) -> Rule:
    """Accept the first answer that leads every other by *ahead* votes.

    Votes are the earlier attempts that only lacked votes, and this one; so put it last: `v.positive("total") &
    v.consensus(on="total")`. Its rejection has no feedback, because the next attempt must be a fresh sample.
    """
    if ahead < 1:
        raise DefinitionError(f"consensus(ahead={ahead}): an answer must lead by one vote or more")
    return Consensus(_named("consensus", on), ahead)


@dataclass(frozen=True, slots=True)
class AgreesWith(Rule):
    """Accepts what somebody else answers as well."""

    other: Outside
    on: tuple[str, ...]

    def judge(self, case: Case) -> Verdict | Check:
        for field in self.on:
            if value_of(case.prediction, field) is None:
                return missing(field)
        return Check(self.other.module, case.inputs, then=lambda outcome: self._compare(case.prediction, outcome))

    def claim(self) -> str:
        return f"a second answer agrees on {_listed(self.on)}"

    @property
    def label(self) -> str:
        return f"agrees_with:{','.join(self.on)}"

    def fields(self) -> frozenset[str]:
        return frozenset(self.on)

    def _compare(self, prediction: Any, outcome: Outcome) -> Verdict:
        if not outcome.accepted or outcome.value is None:
            reason = quoted(outcome.feedback or outcome.limit_hit or outcome.status, 100).strip('"')
            return Verdict(False, f"no second answer could confirm this one: {reason}", kind="undecided:agrees_with")
        differing = [each for each in self.on if not _agree(value_of(prediction, each), value_of(outcome.value, each))]
        if not differing:
            return Verdict(True)
        said = f"a second, independent answer differs in {_listed(differing)}; work it out again with care"
        return Verdict(False, said, 1 - len(differing) / len(self.on), self.label)


@dataclass(frozen=True, slots=True)
class AgreesWithItself(Rule):
    """Accepts what the same tier answers again."""

    on: tuple[str, ...]
    samples: int
    share: float
    temperature: float | None

    def judge(self, case: Case) -> Verdict | Check:
        for field in self.on:
            if value_of(case.prediction, field) is None:
                return missing(field)
        return Verdict(True) if case.by_function else self._go_on(case, ())

    def claim(self) -> str:
        return f"the same model, asked again, agrees on {_listed(self.on)}"

    @property
    def label(self) -> str:
        return f"agrees_with_itself:{','.join(self.on)}"

    def fields(self) -> frozenset[str]:
        return frozenset(self.on)

    def _go_on(self, case: Case, given: tuple[Outcome, ...]) -> Verdict | Check:
        if len(given) < self.samples:
            again = Again(self.temperature)
            return Check(again, case.inputs, then=lambda outcome: self._go_on(case, (*given, outcome)))
        answered = [outcome.value for outcome in given if outcome.accepted and outcome.value is not None]
        if not answered:
            reason = quoted(given[-1].feedback or given[-1].status, 100).strip('"')
            said = f"no second sample could confirm this one: {reason}"
            return Verdict(False, said, kind="undecided:agrees_with_itself")
        same = sum(self._is_same(case.prediction, other) for other in answered)
        return self._decide(same)

    def _decide(self, same: int) -> Verdict:
        share = same / self.samples
        evidence = ((self.label, share),)
        if share >= self.share - 1e-9:
            return Verdict(True, score=share, evidence=evidence)
        said = f"asked {self.samples} times more, the same {_listed(self.on)} came {same} times; work it out with care"
        return Verdict(False, said, share, self.label, evidence)

    def _is_same(self, prediction: Any, other: Any) -> bool:
        return all(_agree(value_of(prediction, each), value_of(other, each)) for each in self.on)


@dataclass(frozen=True, slots=True)
class Consensus(Rule):
    """Accepts the first answer ahead by some votes."""

    on: tuple[str, ...]
    ahead: int

    def judge(self, case: Case) -> Verdict:
        for field in self.on:
            if value_of(case.prediction, field) is None:
                return missing(field)
        earlier = [each for each in case.earlier if each.verdict.kind == FRESH_SAMPLES and each.prediction is not None]
        current = self._ballot(case.prediction)
        votes = Counter([self._ballot(each.prediction) for each in earlier] + [current])
        lead = votes[current] - max((count for ballot, count in votes.items() if ballot != current), default=0)
        if lead >= self.ahead:
            return Verdict(True)
        return Verdict(False, "", max(0, lead) / self.ahead, FRESH_SAMPLES)

    def claim(self) -> str:
        return f"{_listed(self.on)} leads by {self.ahead} votes"

    def fields(self) -> frozenset[str]:
        return frozenset(self.on)

    def _ballot(self, prediction: Any) -> tuple[str, ...]:
        return tuple(meaning(value_of(prediction, field)) for field in self.on)


def meaning(value: object) -> str:
    """One text for all the ways of writing a value: 12.50 and "12,50", a date and its text, words in any case."""
    if isinstance(value, bool) or value is None:
        return canonical(value)
    if isinstance(value, int | float | Decimal):
        return f"number {canonical_number(value) or canonical(value)}"
    found = day(value)
    if found is not None and not isinstance(value, str):
        return f"day {found}"
    if isinstance(value, str):
        return _meaning_of_text(value, found is not None)
    if isinstance(value, Mapping):
        return f"{{{', '.join(sorted(f'{key}: {meaning(item)}' for key, item in value.items()))}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(meaning(item) for item in value)}]"
    return canonical(value)


def _meaning_of_text(text: str, is_day: bool) -> str:
    numbers = number_readings(text)
    if len(numbers) == 1:
        return f"number {next(iter(numbers))}"
    if is_day:
        return f"day {day(text)}"
    return f"text {words(text).strip() or ' '.join(text.split())}"


def _agree(mine: object, theirs: object) -> bool:
    return theirs is not None and meaning(mine) == meaning(theirs)


def _listed(fields: Sequence[str]) -> str:
    return ", ".join(f"`{field}`" for field in fields)


def _named(rule: str, on: str | Sequence[str]) -> tuple[str, ...]:
    fields = (on,) if isinstance(on, str) else tuple(on)
    if not fields or not all(fields):
        raise DefinitionError(f"{rule} needs the field to compare: on='total', or a list of fields")
    return fields
