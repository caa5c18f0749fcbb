"""Pipelines that a run must find again by file and name, so this file stands alone. Their answers are canned."""

from __future__ import annotations

import asyncio
import os

import dspy

from agentflow import Step, agents, pipeline
from agentflow import validators as v


class Ask(dspy.Signature):
    """Answer the question."""

    question: str = dspy.InputField()
    answer: str = dspy.OutputField()


ask = Step(Ask, validate=v.length("answer", at_least=1, at_most=100_000), name="ask")


@pipeline
async def ask_each(count: int, limit: int = 50) -> list[str]:
    """A child for every question, all questions equally long."""
    async with agents(limit=limit) as team:
        children = [team.spawn(ask, question=f"question {number:06d}") for number in range(count)]
    return [child.outcome.status for child in children]


@pipeline
async def gather_each(count: int) -> list[str]:
    """The same without children: so many requests of one agent at once."""

    async def one(number: int) -> str:
        return (await ask.aperform(question=f"question {number:06d}")).status

    return list(await asyncio.gather(*(one(number) for number in range(count))))


@pipeline
async def loop_each(count: int, turns: int) -> int:
    """Runaway loops: each child asks on and on, until it is stopped or has had its turns. Gives the answers it got."""

    async def loop(number: int) -> int:
        for turn in range(turns):
            if not (await ask.aperform(question=f"question {number:03d}{turn:03d}")).accepted:
                return turn
        return turns

    async with agents(limit=max(1, count)) as team:
        children = [team.spawn(loop, number=number) for number in range(count)]
    return sum(child.outcome.value or 0 for child in children)


@pipeline
async def chain(count: int) -> int:
    """One question after the other."""
    for number in range(count):
        await ask.acall(question=f"question {number:06d}")
    _die_where_told()
    return count


@pipeline
async def fan(count: int, limit: int = 64) -> int:
    """Sixty-four questions at a time."""
    async with agents(limit=limit) as team:
        async for child in team.map(ask, ({"question": f"question {number:06d}"} for number in range(count))):
            assert child.outcome.accepted, child.outcome.feedback
    await asyncio.sleep(0.2)  # what was not waited for is written by then
    _die_where_told()
    return count


def _die_where_told() -> None:
    """End as by a kill, before the run is closed, where the benchmark wants something to resume."""
    if os.environ.get("BENCH_DIE"):
        os._exit(9)
