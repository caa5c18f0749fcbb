"""Docstrings into checked functions: the examples are run, other candidates are compared, and all of it in the sandbox.

    agentflow run pipelines/code.py --usd 0.50 prompts.jsonl

Each line of a JSONL file has a `prompt` that ends after a function's docstring; a `.py` file is one prompt. Nothing
that a model wrote is ever run, imported or evaluated outside the sandbox.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from code_rules import Examiner, IsChecked, Policy, Writer, is_a_task, load_policy, program_of, reading_of

from agentflow import EngineFailed, Step, StepRejected, agents, pipeline

AT_ONCE = 16
"""Functions that are worked on at the same time; the sandbox runs as many candidates as there are processors."""


def writing(policy: Policy, examiner: Examiner, *, feedback: bool = True) -> Step:
    """The step that writes one function under *policy*; its ladder is the run's.

    With *feedback* the next attempt is told which example failed; without it each is a fresh sample.
    """
    return Step(
        Writer(),
        validate=IsChecked(policy, examiner),
        check_inputs=is_a_task,
        name="write",
        feedback_field="feedback" if feedback else "",
        loop_key=None,  # many samples of one prompt are the plan, and the ladder bounds them
    )


write = writing(load_policy(), Examiner())


@pipeline
async def code(paths: list[str]) -> list[dict[str, Any]]:
    """One record per prompt of these files, in their order."""
    prompts = [prompt for path in paths for prompt in _prompts(Path(path))]
    async with agents(limit=AT_ONCE) as team:
        children = [team.spawn(write_one, prompt=prompt) for prompt in prompts]
    return [
        dict(child.outcome.value) if child.outcome.accepted else _unwritten(prompt, child.outcome.feedback)
        for prompt, child in zip(prompts, children, strict=True)
    ]


async def write_one(prompt: str) -> dict[str, Any]:
    """The whole program of a function that was checked, or the reason why there is none."""
    try:
        written = await write.acall(prompt=prompt)
    except StepRejected as rejection:
        return _unwritten(prompt, rejection.outcome.feedback)
    except EngineFailed as error:
        return _unwritten(prompt, str(error))
    reading = reading_of(prompt)
    assert reading is not None  # it was written
    program = program_of(reading.task, written.answer)
    return {"prompt": prompt, "code": program, "examples": len(reading.examples), "rejected": ""}


def _unwritten(prompt: str, reason: str) -> dict[str, Any]:
    return {"prompt": prompt, "code": None, "examples": 0, "rejected": reason or "no candidate was confirmed by others"}


def _prompts(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".jsonl":
        yield text
        return
    for line in text.splitlines():
        if line.strip():
            yield json.loads(line)["prompt"]
