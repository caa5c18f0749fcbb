"""Ways in which a solution can contradict the words of its problem, each a question with yes or no.

They see wording and operators only, so each is evidence and no proof.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction

from maths_rules.answer import asked_for
from maths_rules.draft import Draft
from maths_rules.quantities import is_among, near
from maths_rules.working import Calculation

_FEWER = re.compile(r"(\d+)\s+(?:[a-z]+\s+){0,2}(?:fewer|less|younger|shorter|cheaper|lighter)\b")
_MORE = re.compile(r"(\d+)\s+(?:[a-z]+\s+){0,2}(?:more|older|taller|longer|heavier)\b[^.?,]*\bthan")
_OFF = re.compile(r"(\d+)\s?%\s+(?:off|discount|less|fewer|cheaper|lower)")
_COMPARED = re.compile(
    r"\d+ (?:[a-z]+ )?(?:more|fewer|less|older|younger)|twice|times (?:as|more)|half (?:as|of|the)|\d+% (?:more|less)"
)
_TOGETHER = re.compile(r"\b(?:total|altogether|in all|combined|together)\b")
_TAKEN_AWAY = re.compile(r"\b(?:left|remain\w*|difference|change)\b|how (?:many|much) (?:more|less|fewer)")


def asks_for_total(draft: Draft) -> bool:
    """Whether the question is what something comes to altogether."""
    return _TOGETHER.search(asked_for(draft.problem).lower()) is not None


def is_wrong_way(draft: Draft) -> bool:
    """Whether `40 fewer` was added and never taken away, or `6 more than` never added."""
    problem = draft.problem.lower()
    fewer = (_signs_of(Fraction(number), draft.steps) for number in _FEWER.findall(problem))
    more = (_signs_of(Fraction(number), draft.steps) for number in _MORE.findall(problem))
    return any(signs and signs <= {"+"} for signs in fewer) or any(signs and not signs & {"+", "*"} for signs in more)


def is_discount_as_price(draft: Draft) -> bool:
    """Whether of `80% off` the 80 % were worked out and not taken off."""
    return any(_is_left_on(draft, Fraction(number)) for number in _OFF.findall(draft.problem.lower()))


def is_odd_operation(draft: Draft) -> bool:
    """Whether what is asked for cannot come out of these operations: what is left without taking away."""
    asked = asked_for(draft.problem).lower()
    signs = {token for step in draft.steps for token in step.tokens if isinstance(token, str)}
    if _TAKEN_AWAY.search(asked):
        return bool(signs) and "-" not in signs
    return "average" in asked and bool(signs) and "/" not in signs


def is_part_for_total(draft: Draft) -> bool:
    """Whether a total of things that are compared uses none of them twice, as `6 more than 38, in all` must."""
    return asks_for_total(draft) and _COMPARED.search(draft.problem.lower()) is not None and not times_reused(draft)


def is_not_shared_out(draft: Draft) -> bool:
    """Whether a question about each was answered by a subtraction, with nothing divided in it."""
    last = draft.last_step
    asks_for_each = re.search(r"\beach\b", asked_for(draft.problem).lower()) is not None
    return asks_for_each and last is not None and "-" in last.tokens and "/" not in last.tokens


def times_reused(draft: Draft) -> int:
    """How often figures of the problem are used beyond how often it states them."""
    reused = 0
    figures = {each.value: each for each in draft.given if each.kind != "word"}
    for value, figure in figures.items():
        stated = sum(any(near(value, form) for form in each.forms) for each in draft.given)
        used = sum(is_among(origin, figure.forms) for origin in draft.origins)
        reused += max(0, used - stated)
    return reused


def _is_left_on(draft: Draft, percent: Fraction) -> bool:
    share = percent / 100
    operands = [operand for step in draft.steps for operand in step.operands]
    if is_among(1 - share, operands) or is_among(100 - percent, operands):
        return False
    parts = [step for step in draft.steps if is_among(share, step.operands) or is_among(percent, step.operands)]
    taken = any("-" in step.tokens or "-" in _signs_of(step.stated, draft.steps) for step in parts)
    return bool(parts) and not taken


def _signs_of(number: Fraction, steps: Iterable[Calculation]) -> set[str]:
    """The operators with which *number* takes part in these calculations."""
    return {sign for step in steps for sign in _signs_within(number, step)}


def _signs_within(number: Fraction, step: Calculation) -> Iterator[str]:
    for place, token in enumerate(step.tokens):
        if isinstance(token, Fraction) and near(token, number):
            before = step.tokens[place - 1] if place else "+"
            yield before if isinstance(before, str) else "+"
            if step.tokens[place + 1 : place + 2] == ("+",):
                yield "+"
