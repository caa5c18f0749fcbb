"""Where an agent ends: whatever its code returns or raises becomes an Outcome, here and nowhere else."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import dspy

from agentflow import agent, bridge, compat
from agentflow.account import Account
from agentflow.attempt import Outcome
from agentflow.effects import adrive
from agentflow.errors import BudgetHalt, EngineFailed, Halt, LoopHalt, StepRejected
from agentflow.scope import Scope
from agentflow.step import Step, Within


async def perform_target(target: Any, inputs: Mapping[str, Any], scope: Scope) -> Outcome:
    """Have *target* done inside *scope*. Never raises for a verdict, a breach or an error of the user's code."""
    try:
        with compat.entering(scope):
            if isinstance(target, Step):
                outcome = await adrive(agent.perform(target.task(inputs, scope)))
                return replace(outcome, path=scope.path)
            value = await _call(target, inputs, scope)
    except (Halt, Exception, BaseExceptionGroup) as error:  # noqa: BLE001  # because this is the boundary of an agent
        return replace(outcome_of(error), path=scope.path)
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
            return Outcome("failed", feedback=f"{type(cause).__name__}: {cause}", error=cause)


def close_books(outcome: Outcome, account: Account) -> Outcome:
    """The outcome with what its account says was spent."""
    return replace(
        outcome, spent=account.spent, held=account.held, unknown=account.unknown, over_bound=account.over_bound
    )


def name_of(target: Any) -> str:
    """What paths call a target."""
    step = target.step if isinstance(target, Within) else target
    name = getattr(step, "name", "") or getattr(step, "__name__", "") or type(step).__name__
    return str(name)


async def in_thread(function: Callable[[], Any], scope: Scope) -> Any:
    """Run blocking code in a thread of its own, so that it may wait for other agents without stopping them.

    Cancelled, it halts its account and comes back when the thread did: no request is left behind.
    """
    context, done = contextvars.copy_context(), Future[Any]()

    def work() -> None:
        try:
            done.set_result(context.run(function))
        except BaseException as error:  # noqa: BLE001  # because it must cross to the waiting loop
            done.set_exception(error)

    threading.Thread(target=work, name=f"agentflow{scope.path}", daemon=True).start()
    waiting = asyncio.wrap_future(done)
    try:
        return await asyncio.shield(waiting)
    except asyncio.CancelledError:
        scope.account.halt("cancelled")
        await asyncio.wait([waiting])
        waiting.exception()  # it was seen: the cancellation is what counts
        raise


async def _call(target: Any, inputs: Mapping[str, Any], scope: Scope) -> Any:
    if isinstance(target, Within):
        return await target.aperform(**inputs)
    if isinstance(target, dspy.Module):
        if _is_async(target):
            return await _awaited(target.acall(**inputs))
        return await in_thread(lambda: target(**inputs), scope)
    function = getattr(target, "function", target)  # a pipeline, or a plain function
    if inspect.iscoroutinefunction(function):
        return await _awaited(function(**inputs))
    value = await in_thread(lambda: function(**inputs), scope)
    return await _awaited(value) if inspect.isawaitable(value) else value


async def _awaited(awaitable: Awaitable[Any]) -> Any:
    if bridge.can_wait() or not inspect.iscoroutine(awaitable):
        return await awaitable
    return await bridge.bridged(awaitable)


def _is_async(module: dspy.Module) -> bool:
    return getattr(type(module), "aforward", None) is not None


def _decisive(error: BaseException) -> BaseException:
    """The one error that decides, out of a group: a halt before anything else."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    leaves = [_decisive(inner) for inner in error.exceptions]
    halts = [leaf for leaf in leaves if isinstance(leaf, Halt)]
    return (halts or leaves)[0]
