"""A policy for writing functions, fitted on recorded and graded samples: how often to ask, how many must agree.

Samples of one model are exchangeable, so every setting is played in many orders of them. What the policy says of itself
comes from cross-validation over tasks: chosen without a fold, played on it. Nothing but the given rows is looked at.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from statistics import fmean
from typing import Any, NamedTuple

from agentflow.sandbox import Sandbox
from agentflow.usage import Usage

from .recorded_code import CODE_PRICES, STRONGEST, Row, rules
from .recorded_grading import LIMITS, grade
from .recorded_sets import counter

judging = importlib.import_module("code_rules.judging")

CHEAP, SECOND = "codegen-16b", "text-davinci-003"
MOST = 12
"""Cheap samples looked at."""
ORDERS, FOLDS = 40, 5
HARDLY = 1.02
"""So much dearer than the cheapest is not worth a right answer."""
TRIES = (3, 4, 5, 6, 8, 10, 12)
VOTES = tuple(product((0, 3, 4), (1, 2, 3), (1, 2)))

Sample = tuple[str, int]


class Setting(NamedTuple):
    """What is chosen."""

    tries: int
    votes: tuple[int, int, int]
    second: int
    """How often the tier between cheap and strong is asked."""


class Played(NamedTuple):
    """What a task came to under a setting, on average over orders."""

    right: float
    usd: float


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that can be known of one task's samples."""

    examples: int
    stands: Mapping[Sample, bool]
    """Whether a sample is accepted as far as its own examples go."""
    same: frozenset[tuple[Sample, Sample]]
    right: Mapping[Sample, bool]
    usd: Mapping[Sample, float]


def fitted(rows: Sequence[Row]) -> Any:
    """The cheapest policy that is right as often as the strongest tier on its own, and what to expect of it."""
    return chosen_from(asyncio.run(_all_facts(rows)))


def chosen_from(facts: Sequence[Facts]) -> Any:
    """The same from facts that are known."""
    table = {setting: [_played(each, setting) for each in facts] for setting in _settings()}
    everything = range(len(facts))
    chosen = _cheapest(table, facts, everything)
    told = {"n": len(facts), "tries": chosen.tries, "votes": list(chosen.votes), "second": chosen.second}
    told |= {"here": _told([table[chosen][place] for place in everything], facts)}
    told |= {"cross_validated": _told(_held_out(table, facts), facts)}
    tries = {CHEAP: chosen.tries, SECOND: chosen.second, STRONGEST: 1}
    return rules.Policy({CHEAP: chosen.votes}, tries, told)


async def _all_facts(rows: Sequence[Row]) -> list[Facts]:
    examiner, sandbox = rules.Examiner(), Sandbox(LIMITS)
    return [await _facts(row, examiner, sandbox) for row in rows]


async def _facts(row: Row, examiner: Any, sandbox: Sandbox) -> Facts:
    reading = rules.reading_of(row.prompt)
    names = [(CHEAP, place) for place in range(min(MOST, len(row.samples[CHEAP])))] + [(SECOND, 0), (STRONGEST, 0)]
    programs = [row.program(row.samples[model][place]) for model, place in names]
    examined = dict(zip(names, await examiner.examined(reading, programs), strict=True))
    distinct = list(dict.fromkeys(programs))
    graded = dict(zip(distinct, grade(sandbox, row.hidden, distinct), strict=True))
    _, count = counter()
    asked = count(rules.Writer().write.signature.instructions) + count(row.prompt)
    stands = {
        name: bool(row.samples[name[0]][name[1]].strip()) and bool(judging.of_its_own(reading, examined[name]))
        for name in names
    }
    good = [name for name in names if stands[name]]
    return Facts(
        len(reading.examples),
        stands,
        frozenset(
            (one, other)
            for one in good
            for other in good
            if judging.do_the_same(reading, examined[one], examined[other])
        ),
        {name: graded[program] for name, program in zip(names, programs, strict=True)},
        {
            (model, place): CODE_PRICES[model].cost(Usage(asked, count(row.samples[model][place]))) / 1e9
            for model, place in names
        },
    )


def _played(facts: Facts, setting: Setting) -> Played:
    random = Random(7)
    cheap = [name for name in facts.stands if name[0] == CHEAP]
    policy = rules.Policy({CHEAP: setting.votes})
    outcomes = []
    for _ in range(ORDERS):
        asked = random.sample(cheap, len(cheap))[: setting.tries] + [(SECOND, 0)] * setting.second + [(STRONGEST, 0)]
        outcomes.append(_once(facts, policy, asked))
    return Played(fmean(each.right for each in outcomes), fmean(each.usd for each in outcomes))


def _once(facts: Facts, policy: Any, asked: Sequence[Sample]) -> Played:
    usd, rivals = 0.0, list[Sample]()
    for sample in asked:
        usd += facts.usd[sample]
        if not facts.stands[sample]:
            continue
        votes = 1 + sum((sample, rival) in facts.same for rival in rivals)
        if judging.is_enough(votes, len(rivals), policy.needed(sample[0], facts.examples)):
            return Played(float(facts.right[sample]), usd)
        rivals.append(sample)
    return Played(0.0, usd)


def _cheapest(table: Mapping[Setting, Sequence[Played]], facts: Sequence[Facts], places: Sequence[int]) -> Setting:
    """The cheapest of those that are right as often as the strongest tier, or a hardly dearer one that is more often.

    Where none is, the most often right.
    """
    goal = sum(facts[place].right[STRONGEST, 0] for place in places)
    right = {setting: sum(table[setting][place].right for place in places) for setting in table}
    usd = {setting: sum(table[setting][place].usd for place in places) for setting in table}
    good = [setting for setting in table if right[setting] >= goal]
    if not good:
        return max(table, key=lambda setting: (right[setting], -usd[setting]))
    most = HARDLY * min(usd[setting] for setting in good)
    return max((each for each in good if usd[each] <= most), key=lambda setting: (right[setting], -usd[setting]))


def _held_out(table: Mapping[Setting, Sequence[Played]], facts: Sequence[Facts]) -> list[Played]:
    order = Random(3).sample(range(len(facts)), len(facts))
    played: dict[int, Played] = {}
    for fold in range(FOLDS):
        chosen = _cheapest(table, facts, [place for at, place in enumerate(order) if at % FOLDS != fold])
        played |= {place: table[chosen][place] for at, place in enumerate(order) if at % FOLDS == fold}
    return [played[place] for place in range(len(facts))]


def _told(played: Sequence[Played], facts: Sequence[Facts]) -> dict[str, float]:
    alone = sum(each.usd[STRONGEST, 0] for each in facts)
    return {
        "right": round(sum(each.right for each in played), 2),
        "right_of_strong_alone": sum(each.right[STRONGEST, 0] for each in facts),
        "share_of_strong_cost": round(sum(each.usd for each in played) / alone, 4),
    }


def _settings() -> Iterator[Setting]:
    for tries, votes, second in product(TRIES, VOTES, (0, 1)):
        yield Setting(tries, votes, second)
