"""The maths pipeline over a recorded set, through the whole engine, and the figures of what came out."""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from agentflow import Budget, Outcome, Step, agents, pipeline, run
from agentflow.intervals import clopper_pearson
from agentflow.usage import as_usd

from .recorded_sets import STRONG, Problem, counter, fingerprint, recorded_ladder

sys.path.insert(0, str(Path(__file__).parents[2] / "pipelines"))  # where `agentflow run` finds a pipeline's neighbours
maths = importlib.import_module("maths")
rules = importlib.import_module("maths_rules")

USD_PER_PROBLEM = 1
"""Far more than a problem can take: a budget that is never the reason for a figure."""
AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Solved:
    """What the engine made of one problem."""

    problem: Problem
    outcome: Outcome

    @property
    def is_right(self) -> bool:
        """Whether it was accepted with the true answer."""
        return self.outcome.accepted and self.outcome.value.answer == self.problem.truth

    @property
    def tier(self) -> str:
        """Who gave the accepted answer; empty when nobody did."""
        return self.outcome.attempts[-1].tier if self.outcome.accepted else ""


def solve_all(problems: Sequence[Problem], step: Step, tiers: Sequence[str] | None = None) -> list[Solved]:
    """Every problem's outcome, from one run in a folder of its own."""
    ladder = recorded_ladder(problems, *([tiers] if tiers else []))
    outcomes: dict[str, Outcome] = {}

    async def one(question: str) -> None:
        outcomes[question] = await step.aperform(problem=question)

    @pipeline
    async def recorded() -> None:
        async with agents(limit=AT_ONCE) as team:
            for row in problems:
                team.spawn(one, question=row.question)

    with tempfile.TemporaryDirectory() as folder:
        budget = Budget(usd=str(USD_PER_PROBLEM * max(1, len(problems))))
        ended = run(recorded(), ladder=ladder, budget=budget, state=Path(folder), resumable=False)
    if not ended.accepted:
        raise RuntimeError(f"the run ended {ended.status}: {ended.feedback}") from ended.error
    return [Solved(row, outcomes[row.question]) for row in problems]


def figures(solved: Sequence[Solved], alone: Sequence[Solved]) -> dict[str, Any]:
    """What a set came to, beside the strong tier *alone* on the same problems with the same prompt."""
    n, accepted = len(solved), [each for each in solved if each.outcome.accepted]
    right = sum(each.is_right for each in solved)
    spent, alone_usd = _usd(solved), _usd(alone)
    graded = [each.problem.graded[STRONG] for each in solved if STRONG in each.problem.graded]
    return {
        "n": n,
        "problems": fingerprint([each.problem for each in solved]),
        "right": _share(right, n),
        "accepted": _share(len(accepted), n),
        "right_among_accepted": _share(right, len(accepted)),
        "usd": str(spent),
        "usd_per_right": str(spent / right) if right else None,
        "share_of_strong_cost": float(spent / alone_usd) if alone_usd else None,
        "tiers": _tiers(solved, spent),
        "strong_alone": {
            "tier": STRONG,
            "right": _share(sum(each.is_right for each in alone), len(alone)),
            "right_by_the_source": _share(sum(graded), len(graded)),
            "usd": str(alone_usd),
            "usd_per_right": str(alone_usd / max(1, sum(each.is_right for each in alone))),
        },
        "against_the_source": _paired(solved),
        "counter": counter()[0],
    }


def _tiers(solved: Sequence[Solved], spent: Decimal) -> dict[str, Any]:
    """By tier: who was asked, who was believed, and what it cost."""
    names = dict.fromkeys(attempt.tier for each in solved for attempt in each.outcome.attempts)
    told = {}
    for name in names:
        attempts = [a for each in solved for a in each.outcome.attempts if a.tier == name]
        believed = [each for each in solved if each.tier == name]
        usd = as_usd(sum(attempt.spent.usd for attempt in attempts))
        told[name] = {
            "asked": _share(len(attempts), len(solved)),
            "accepted": _share(len(believed), len(solved)),
            "right_among_accepted": _share(sum(each.is_right for each in believed), len(believed)),
            "usd": str(usd),
            "share_of_cost": float(usd / spent) if spent else None,
        }
    return told


def _paired(solved: Sequence[Solved]) -> Mapping[str, int]:
    """On how many problems only one of the two is right: this, or the strong tier as its source graded it."""
    pairs = [(each.is_right, each.problem.graded[STRONG]) for each in solved if STRONG in each.problem.graded]
    return {
        "only_here": sum(here and not there for here, there in pairs),
        "only_there": sum(there and not here for here, there in pairs),
    }


def _usd(solved: Sequence[Solved]) -> Decimal:
    return as_usd(sum(each.outcome.spent.usd for each in solved))


def _share(count: int, of: int) -> dict[str, Any]:
    interval = clopper_pearson(count, of)
    share = count / of if of else None
    return {"count": count, "of": of, "share": share, "low": interval.low, "high": interval.high}
