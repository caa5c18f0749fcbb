"""What speaks for and against a solution, in numbers: the problem, the solution and other answers are read, no truth.

Each piece is something a teacher would notice; how much it weighs is said by the policy and nowhere here.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from maths_rules.answer import closing, numbers_of
from maths_rules.draft import Draft
from maths_rules.misreading import (
    asks_for_total,
    is_discount_as_price,
    is_not_shared_out,
    is_odd_operation,
    is_part_for_total,
    is_wrong_way,
    times_reused,
)
from maths_rules.quantities import COMMON, Quantity, is_among, near

MOST = 3
"""Things of one sort that are counted; more say nothing new."""
MOST_STEPS = 8

_HEDGE = re.compile(
    r"\b(however|mistake|not possible|cannot|can't|assum\w*|approximately|round\w*|doesn't|does not|actually)\b", re.I
)


def evidence(draft: Draft, others: Mapping[str, Draft]) -> dict[str, float]:
    """Everything that is known about *draft*, beside *others* by the names of who wrote them."""
    return {**_form(draft), **_working(draft), **_reading(draft), **_beside(draft, others)}


def _form(draft: Draft) -> dict[str, float]:
    """How it looks."""
    text, answer = draft.solution.strip(), draft.answer
    is_marked = "####" in text or re.search(r"^A:", text, re.M) is not None
    is_open = text.count("<<") > text.count(">>") or (not is_marked and text[-1:] not in (".", "!", "]", "*"))
    return {
        "is_marked": float(is_marked),
        "is_unfinished": float(is_open or answer is None),
        "is_whole": float(answer is not None and answer.denominator == 1),
        "is_hedged": float(_HEDGE.search(text) is not None),
        "has_several_answers": float(len(numbers_of(closing(text))) > 1),
    }


def _working(draft: Draft) -> dict[str, float]:
    """What it calculates with."""
    operands = [number for step in draft.steps for number in step.operands]
    unused = [each for each in draft.given if not _is_used(each, draft.origins)]
    nowhere = [each for each in draft.given if not _is_used(each, operands)]
    return {
        "steps": float(min(MOST_STEPS, len(draft.steps))),
        "slips": float(min(MOST, sum(not step.is_right for step in draft.steps))),
        "is_calculated": float(bool(draft.way)),
        "figures_unused": _counted(each.kind != "word" for each in unused),
        "figures_nowhere": _counted(each.kind != "word" for each in nowhere),
        "words_unused": _counted(each.kind == "word" and each.value != 1 for each in unused),
        "figures_reused": float(min(MOST, times_reused(draft))),
        "invented": _counted(not is_among(number, _known(draft)) for number in draft.origins),
        "ends_on_figures": float(_ends_on_figures(draft)),
    }


def _reading(draft: Draft) -> dict[str, float]:
    """How it understood the words."""
    return {
        "problem_length": math.log(len(draft.problem) + 1),
        "asks_for_total": float(asks_for_total(draft)),
        "is_wrong_way": float(is_wrong_way(draft)),
        "is_discount_as_price": float(is_discount_as_price(draft)),
        "is_odd_operation": float(is_odd_operation(draft)),
        "is_part_for_total": float(is_part_for_total(draft)),
        "is_not_shared_out": float(is_not_shared_out(draft)),
    }


def _beside(draft: Draft, others: Mapping[str, Draft]) -> dict[str, float]:
    """What others say to the same problem."""
    found: dict[str, float] = {}
    for name, other in others.items():
        found[f"same_as:{name}"] = float(near(draft.answer, other.answer))
        found[f"same_numbers_as:{name}"] = _overlap(draft.origins, other.origins)
        found[f"shares_results_with:{name}"] = _shared(draft, other)
    return found


def _counted(seen: Iterable[bool]) -> float:
    return float(min(MOST, sum(seen)))


def _known(draft: Draft) -> list[Fraction]:
    return [form for each in draft.given for form in each.forms] + list(COMMON)


def _is_used(quantity: Quantity, numbers: Sequence[Fraction]) -> bool:
    return any(is_among(form, numbers) for form in quantity.forms)


def _ends_on_figures(draft: Draft) -> bool:
    """Whether the last calculation uses no result of those before it."""
    last = draft.last_step
    results = [step.stated for step in draft.steps if step is not last]
    return last is not None and bool(results) and not any(is_among(operand, results) for operand in last.operands)


def _overlap(one: Sequence[Fraction], other: Sequence[Fraction]) -> float:
    """How much two bags of numbers have in common, from 0 to 1."""
    mine, theirs = Counter(one), Counter(other)
    either = (mine | theirs).total()
    return (mine & theirs).total() / either if either else 0.0


def _shared(draft: Draft, other: Draft) -> float:
    """The share of results on the way to the answer that *other* has as well; a middling value where there are none."""
    mine = [step.stated for step in draft.steps if not near(step.stated, draft.said)]
    theirs = [step.stated for step in other.steps]
    return sum(is_among(result, theirs) for result in mine) / len(mine) if mine else 0.4
