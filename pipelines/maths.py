"""Worded problems into checked numbers: a cheap answer where the evidence for it is good, else a strong one.

    agentflow run pipelines/maths.py --usd 0.50 problems.txt

Each line of a text file is a problem; of a JSONL file, its `question` or `problem`. No true answer is ever read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from maths_rules import IsLikelyRight, Policy, Solver, load_policy

from agentflow import EngineFailed, Step, StepRejected, agents, pipeline

AT_ONCE = 64
"""Problems that are worked on at the same time."""


def solving(policy: Policy) -> Step:
    """The step that solves one problem under *policy*; its ladder is the run's."""
    return Step(Solver(), validate=IsLikelyRight(policy), name="solve")


solve = solving(load_policy())


@pipeline
async def maths(paths: list[str]) -> list[dict[str, Any]]:
    """One record per problem of these files, in their order."""
    problems = [problem for path in paths for problem in _problems(Path(path))]
    async with agents(limit=AT_ONCE) as team:
        children = [team.spawn(answer_one, problem=problem) for problem in problems]
    return [
        dict(child.outcome.value) if child.outcome.accepted else _unanswered(problem, child.outcome.feedback)
        for problem, child in zip(problems, children, strict=True)
    ]


async def answer_one(problem: str) -> dict[str, Any]:
    """The answer as text and the working behind it, or the reason why there is none."""
    try:
        solved = await solve.acall(problem=problem)
    except StepRejected as rejection:
        return _unanswered(problem, rejection.outcome.feedback)
    except EngineFailed as error:
        return _unanswered(problem, str(error))
    return {"problem": problem, "answer": str(solved.answer), "working": solved.working, "rejected": ""}


def _unanswered(problem: str, reason: str) -> dict[str, Any]:
    return {"problem": problem, "answer": None, "working": "", "rejected": reason or "no answer was sure enough"}


def _problems(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        if path.suffix == ".jsonl":
            row = json.loads(line)
            yield row.get("question") or row["problem"]
        else:
            yield line.strip()
