"""What children can be made of, and what becomes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import dspy
import pytest

from agentflow import Budget, BudgetHalt, EngineFailed, Step, StepRejected, agents, pipeline
from agentflow.errors import LoopHalt
from tests.crews import ask, nap, perform, raising, without_place


async def in_a_group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(raising(BudgetHalt("usd of the run"))())
        group.create_task(asyncio.sleep(10))


ENDINGS = [
    pytest.param(raising(ValueError("odd")), "failed", "ValueError: odd", id="an error of the user's code fails it"),
    pytest.param(raising(SystemExit(3)), "failed", "SystemExit: 3", id="so does leaving the interpreter"),
    pytest.param(raising(BudgetHalt("usd of x")), "budget_exhausted", "usd of x", id="a halt exhausts it"),
    pytest.param(in_a_group, "budget_exhausted", "usd of the run", id="also inside an exception group"),
    pytest.param(raising(LoopHalt("again")), "no_progress", "again", id="a loop is no progress"),
    pytest.param(raising(EngineFailed("down")), "engine_failed", "down", id="a provider's failure is named so"),
    pytest.param(raising(asyncio.CancelledError()), "cancelled", "cancelled", id="a cancellation cancels it"),
    pytest.param(
        lambda: next(iter(())), "failed", "RuntimeError: raised StopIteration()", id="even StopIteration ends"
    ),
]


@pytest.mark.parametrize(("target", "status", "feedback"), ENDINGS)
def test_whatever_a_child_raises_becomes_its_outcome(
    tmp_path: Path, target: Callable[[], Any], status: str, feedback: str
) -> None:
    """No error of a child leaves it, and its siblings go on."""

    async def work() -> tuple[str, str, str]:
        async with agents() as team:
            child, sibling = team.spawn(target), team.spawn(nap, number=1)
        return child.outcome.status, child.outcome.feedback, sibling.outcome.status

    seen = perform(work, tmp_path).value

    assert (seen[0], without_place(seen[1]), seen[2]) == (status, feedback, "accepted")


def test_a_rejected_step_ends_its_child_rejected_either_way(tmp_path: Path) -> None:
    """Spawned as a step or called inside a function, a rejection is a rejection, with the validator's words."""
    picky = Step("question -> answer", validate=lambda inputs, prediction: False, name="picky")

    async def caller(question: str) -> None:
        await picky.acall(question=question)

    async def work() -> list[Any]:
        async with agents() as team:
            children = [team.spawn(picky, question="a"), team.spawn(caller, question="b")]
        return [(child.outcome.status, type(child.outcome.error)) for child in children]

    assert perform(work, tmp_path).value == [("rejected", type(None)), ("rejected", StepRejected)]


class Plain(dspy.Module):  # type: ignore[misc]  # dspy is untyped
    def forward(self, question: str) -> str:
        return str(ask(question=question).answer)


class Awaited(dspy.Module):  # type: ignore[misc]  # dspy is untyped
    async def aforward(self, question: str) -> str:
        return str((await ask.acall(question=question)).answer)

    def method(self, question: str) -> str:
        return str(ask(question=question).answer)

    async def amethod(self, question: str) -> str:
        return str(ask(question=question).answer)


class Callable_:
    def __call__(self, question: str) -> str:
        return str(ask(question=question).answer)


class AsyncCallable:
    async def __call__(self, question: str) -> str:
        return str(ask(question=question).answer)


async def a_function(question: str) -> str:
    return str((await ask.acall(question=question)).answer)


def function(question: str) -> str:
    return str(ask(question=question).answer)


TARGETS = {
    "a step": ask,
    "a step within": ask.within(Budget(calls=3), key="k"),
    "a sync module": Plain(),
    "an async module": Awaited(),
    "a pipeline": pipeline(a_function),
    "a sync pipeline": pipeline(function),
    "a pipeline of a module": pipeline(Awaited()),
    "a pipeline of a sync module": pipeline(Plain()),
    "an async function": a_function,
    "a sync function": function,
    "a lambda": lambda question: function(question),
    "a lambda that gives a coroutine": lambda question: a_function(question),
    "a partial function": partial(function),
    "a partial async function": partial(a_function),
    "a method": Awaited().method,
    "an async method": Awaited().amethod,
    "a callable object": Callable_(),
    "an async callable object": AsyncCallable(),
}


@pytest.mark.parametrize("name", TARGETS)
def test_a_child_can_be_made_of_anything_that_can_be_called(tmp_path: Path, name: str) -> None:
    """Steps, modules, pipelines and functions of every kind do the work and spend on their own account."""

    async def work() -> tuple[str, Any, int]:
        async with agents() as team:
            outcome = await team.spawn(TARGETS[name], question="?")
        return outcome.status, getattr(outcome.value, "answer", outcome.value), outcome.spent.calls

    assert perform(work, tmp_path).value == ("accepted", "yes", 1)


def test_a_pipeline_with_its_arguments_can_be_spawned_as_it_stands(tmp_path: Path) -> None:
    """`spawn(totals(receipts))` does what it reads like."""

    async def work() -> str:
        async with agents() as team:
            return str((await team.spawn(pipeline(a_function)(question="?"))).value)

    assert perform(work, tmp_path).value == "yes"


def test_what_cannot_be_called_is_refused_where_it_is_spawned(tmp_path: Path) -> None:
    """The error names the thing, and comes from `spawn`, not from the child."""

    async def work() -> None:
        async with agents() as team:
            team.spawn("ask", question="?")

    assert "not of 'ask'" in perform(work, tmp_path).feedback
