"""Where an agent ends: whatever its code returns or raises becomes an Outcome, here and nowhere else."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import dspy

from agentflow import agent, bridge, compat
from agentflow.account import Account
from agentflow.attempt import Outcome
from agentflow.deadlines import deadline_of
from agentflow.declare import Pipeline
from agentflow.effects import adrive
from agentflow.errors import BudgetHalt, EngineFailed, Halt, LoopHalt, StepRejected
from agentflow.scope import Scope
from agentflow.step import Step, Within
from agentflow.threads import in_thread

HOME = Path(__file__).parent


async def perform_target(target: Any, inputs: Mapping[str, Any], scope: Scope) -> Outcome:
    """Have *target* done inside *scope*. Never raises for a verdict, a breach or an error of the user's code."""
    try:
        with compat.entering(scope), deadline_of(scope):
            if isinstance(target, Step):
                outcome = await adrive(agent.perform(target.task(inputs, scope)))
                return replace(outcome, path=scope.path)
            value = await _call(target, inputs, scope)
    except (Halt, Exception, BaseExceptionGroup, SystemExit) as error:  # noqa: BLE001  # because an agent ends here
        ended = outcome_of(error)
        return replace(ended, path=scope.path, feedback=scope.run.redactor.text(ended.feedback))
    if isinstance(value, Outcome):
        return replace(value, path=scope.path)
    return Outcome("accepted", value, scope.path)


def outcome_of(error: BaseException) -> Outcome:
    """The outcome that an exception means. A cancellation is no outcome: it goes on its way."""
    cause = _decisive(error)
    match cause:
        case BudgetHalt():
            return Outcome("budget_exhausted", limit_hit=cause.reason, feedback=cause.reason)
        case LoopHalt():
            return Outcome("no_progress", feedback=cause.reason)
        case StepRejected():
            return Outcome("rejected", feedback=str(cause), error=cause)
        case EngineFailed():
            return Outcome("engine_failed", feedback=str(cause), error=cause)
        case asyncio.CancelledError():
            raise error
        case _:
            return Outcome("failed", feedback=f"{type(cause).__name__}: {cause}{_place(cause)}", error=cause)


def _place(error: BaseException) -> str:
    """Where in the user's own code it happened, ` (file.py:12)`; empty when it was not there."""
    found, trace = "", error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if HOME not in file.parents and "site-packages" not in file.parts:
            found = f" ({file.name}:{trace.tb_lineno})"
        trace = trace.tb_next
    return found


def close_books(outcome: Outcome, account: Account) -> Outcome:
    """The outcome with what its account says was spent."""
    return replace(
        outcome, spent=account.spent, held=account.held, unknown=account.unknown, over_bound=account.over_bound
    )


async def _call(target: Any, inputs: Mapping[str, Any], scope: Scope) -> Any:
    if isinstance(target, Pipeline):
        target = target.function
    if isinstance(target, Within):
        return await target.aperform(**inputs)
    if isinstance(target, dspy.Module) and _is_async(target):
        return await _awaited(target.acall(**inputs))
    if _gives_coroutine(target):
        return await _awaited(target(**inputs))
    value = await in_thread(lambda: target(**inputs), scope)
    return await _awaited(value) if inspect.isawaitable(value) else value


async def _awaited(awaitable: Awaitable[Any]) -> Any:
    if bridge.can_wait():
        return await awaitable

    async def finish() -> Any:
        return await awaitable

    return await bridge.bridged(awaitable if inspect.iscoroutine(awaitable) else finish())


def _gives_coroutine(target: Any) -> bool:
    call = getattr(type(target), "__call__", None)  # noqa: B004  # of a callable object, not whether it is one
    return inspect.iscoroutinefunction(target) or inspect.iscoroutinefunction(call)


def _is_async(module: dspy.Module) -> bool:
    return getattr(type(module), "aforward", None) is not None


def _decisive(error: BaseException) -> BaseException:
    """The one error that decides, out of a group: a halt before anything else."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    leaves = [_decisive(inner) for inner in error.exceptions]
    halts = [leaf for leaf in leaves if isinstance(leaf, Halt)]
    return (halts or leaves)[0]
