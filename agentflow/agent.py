"""One step from its first attempt to its outcome, written once as a generator of effects.

Cheapest tier first; the validator's words go into the next attempt; up the ladder only when it says no.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from agentflow import compat
from agentflow.attempt import Attempt, Outcome, Tier
from agentflow.effects import Call, Work
from agentflow.errors import BudgetHalt, ConfigurationError, StepRejected
from agentflow.events import StepFinished, TierSkipped
from agentflow.ladder import Ladder
from agentflow.progress import fingerprint_of, nudge
from agentflow.records import dump_attempts, dump_inputs, load_attempts
from agentflow.scope import Flight, Scope, fingerprint
from agentflow.usage import NOTHING, Amount
from agentflow.validators.structure import structure
from agentflow.verdict import ACCEPTED, Case, Check, Finding, Verdict

if TYPE_CHECKING:
    from agentflow.step import Step


@dataclass(frozen=True, slots=True)
class Task:
    """One performance of a step: what to do, with what, where."""

    step: Step
    inputs: Mapping[str, Any]
    scope: Scope
    ladder: Ladder

    @property
    def identity(self) -> str:
        """What must be unchanged for a recorded outcome to stand."""
        return fingerprint([self.step.identity, self.ladder.identity, dict(self.inputs)])


@dataclass(frozen=True, slots=True)
class Skip:
    """A tier that could not even try."""

    tier: str
    reason: str
    is_refusal: bool
    """Whether money was short, as against a provider that could not serve."""


def perform(task: Task) -> Work[Outcome]:
    """The outcome of *task*. Raises only what says that the user's own code is wrong."""
    verdict = task.step.check(task.inputs)
    if not verdict.accepted:
        return _finished(task, "rejected", (), verdict)
    if (recorded := _recorded(task)) is not None:
        return recorded
    attempts: list[Attempt] = []
    skips: dict[str, Skip] = _journaled_skips(task)
    while (tier := task.ladder.next_tier(attempts, skips)) is not None:
        if reason := task.scope.account.halted:
            return _out_of_budget(task, attempts, reason)
        tried = yield from _attempt(task, tier, attempts)
        if isinstance(tried, Skip):
            skips[tier.label] = tried
            task.scope.run.append(TierSkipped(task.scope.run.id, task.scope.path, tier.label, tried.reason))
            continue
        attempts.append(tried)
        if tried.verdict.accepted:
            return _finished(task, "accepted", tuple(attempts), tried.verdict)
        if _signal(task, tried) == "stop":
            return _finished(task, "no_progress", tuple(attempts), tried.verdict)
    return _given_up(task, attempts, list(skips.values()))


def _attempt(task: Task, tier: Tier, earlier: list[Attempt]) -> Work[Attempt | Skip]:
    """One try on *tier*, judged; or why it could not be made."""
    if tier.is_function:
        attempt = _by_function(task, tier)
        flight = Flight()
    else:
        flight = _flight(task, earlier)
        started = time.perf_counter()
        made = yield from _ask(task, tier, flight)
        if isinstance(made, Skip):
            return made
        attempt = replace(made, seconds=time.perf_counter() - started)
    if not attempt.verdict.accepted:
        return attempt
    case = Case(task.inputs, attempt.prediction, tuple(earlier), attempt.text)
    verdict, extra = yield from _judge(task, task.step.validator.judge(case))
    if verdict.accepted:
        _hand_trace_on(flight.trace)
    return replace(attempt, verdict=verdict, spent=attempt.spent + extra)


def _by_function(task: Task, tier: Tier) -> Attempt:
    assert callable(tier.model)
    started = time.perf_counter()
    outputs = tier.model(**task.inputs)
    seconds = time.perf_counter() - started
    if outputs is None:
        return Attempt(tier.label, Verdict(False, "", 0.0, "no_answer"), seconds=seconds, by_function=True)
    prediction = compat.prediction_of(task.step.named_outputs(outputs, tier))
    return Attempt(tier.label, ACCEPTED, prediction, seconds=seconds, by_function=True)


def _ask(task: Task, tier: Tier, flight: Flight) -> Work[Attempt | Skip]:
    """Call the step's module on *tier*; the structural verdict comes with the attempt."""
    step, scope = task.step, replace(task.scope, flight=flight)
    inputs = step.module_inputs(task.inputs, flight)
    trace: list[Any] = []
    prediction, complaint = None, ""
    try:
        with compat.entering(scope, trace=trace, **scope.run.tiers.settings(tier)):
            prediction = yield Call(lambda: step.module(**inputs), lambda: step.module.acall(**inputs))
    except compat.AdapterParseError as error:
        complaint = compat.parse_complaint(error)
    except BudgetHalt:
        if flight.refusal is None:
            raise
    except ConfigurationError:
        raise
    except StepRejected as error:
        complaint = str(error)
    except Exception:
        if flight.failure is None:
            raise  # the module's own code failed, and no attempt will mend that
    if flight.refusal is not None:
        return Skip(tier.label, flight.refusal.limit_hit, is_refusal=True)
    if flight.failure is not None and prediction is None:
        return Skip(tier.label, f"{type(flight.failure).__name__}: {flight.failure}", is_refusal=False)
    flight.trace = trace
    verdict = structure(finish=flight.finish, complaint=complaint, text=flight.text, cap=tier.cap)
    return Attempt(
        tier.label, verdict, prediction, flight.text, flight.spent, flight.usage, replayed=flight.is_replayed
    )


def _judge(task: Task, finding: Finding) -> Work[tuple[Verdict, Amount]]:
    """Follow a validator's requests to its verdict; gives also what they cost."""
    spent = NOTHING
    while not isinstance(finding, Verdict):
        if isinstance(finding, Check):
            outcome = yield from _check(task, finding)
            if outcome.status == "budget_exhausted":
                raise BudgetHalt(outcome.limit_hit, task.scope.path)
            spent += outcome.spent
            finding = finding.then(outcome)
        else:
            finding = yield _awaiting(finding)
    return finding, spent


def _check(task: Task, check: Check) -> Work[Outcome]:
    """Perform what a validator asked for, in a place of its own below the step."""
    scope = task.scope
    if isinstance(check.perform, Tier):
        path = scope.child_path(f"check:{check.perform.label}", check.inputs)
        once = Task(task.step.unchecked(), check.inputs, scope.below(path), Ladder(check.perform))
        return (yield from perform(once))
    path = scope.child_path(f"check:{check.perform.name}", check.inputs)
    return (yield from perform(check.perform.task(check.inputs, scope.below(path, ladder=None))))


def _flight(task: Task, earlier: list[Attempt]) -> Flight:
    """The next attempt with what the last one by a model can teach it; constant in the number of attempts."""
    last = next((a for a in reversed(earlier) if not a.by_function), None)
    feedback = last.verdict.feedback if last is not None else ""
    watch = task.scope.watch
    if watch is not None and watch.evidence is not None:
        feedback = f"{feedback} {nudge(watch.evidence)}".strip()
    if not feedback or not task.step.takes_feedback:
        return Flight()
    return Flight(feedback=feedback, previous=last.text if last is not None else "")


def _signal(task: Task, attempt: Attempt) -> str:
    """What the loop law says after this attempt: go, nudge or stop."""
    watch = task.scope.watch
    if watch is None or task.step.loop_key is None:
        return "go"
    output = attempt.text or (attempt.prediction.toDict() if attempt.prediction is not None else None)
    return watch.observe(
        fingerprint_of(
            step=f"{task.step.name} on {attempt.tier}",
            inputs=dict(task.inputs),
            kind=attempt.verdict.kind if not attempt.verdict.accepted else "",
            output=output,
            score=attempt.verdict.score,
            loop_key=task.step.loop_key_of(task.inputs),
        )
    )


def _recorded(task: Task) -> Outcome | None:
    """The outcome the journal holds, when nothing that led to it has changed."""
    run = task.scope.run
    row = run.store.step(run.id, task.scope.path) if run.may_replay else None
    if row is None or not row.replayable or row.identity != task.identity:
        return None
    try:
        value = compat.load_fields(task.step.signature, row.prediction) if row.status == "accepted" else None
    except ValueError:
        return None
    task.scope.account.charge_replayed(row.spent)
    attempts = load_attempts(row.attempts)
    return Outcome(row.status, value, row.path, attempts, row.spent, feedback=row.feedback)  # type: ignore[arg-type]  # a Status as written


def _finished(task: Task, status: str, attempts: tuple[Attempt, ...], verdict: Verdict) -> Outcome:
    """Make the outcome and write it down. It need not be waited for: what led to it is durable."""
    scope, step = task.scope, task.step
    last = next((a.prediction for a in reversed(attempts) if a.prediction is not None), None)
    fields = compat.dump_fields(step.signature, last) if last is not None else None
    spent = sum((a.spent for a in attempts), NOTHING)
    is_computed = bool(attempts) and attempts[-1].by_function
    scope.run.append(
        StepFinished(
            run=scope.run.id,
            path=scope.path,
            step=step.name,
            identity=task.identity,
            status=status,
            prediction=fields or "null",
            attempts=dump_attempts(attempts),
            spent=spent,
            feedback=verdict.feedback,
            inputs=dump_inputs(task.inputs),
            replayable=not is_computed and not (status == "accepted" and fields is None),
        )
    )
    value = last if status == "accepted" else None
    return Outcome(status, value, scope.path, attempts, spent, feedback=verdict.feedback)  # type: ignore[arg-type]  # a Status literal


def _given_up(task: Task, attempts: list[Attempt], skips: list[Skip]) -> Outcome:
    """The top of the ladder was reached without a proof: for want of money, of a provider, or of a right answer."""
    refusals = [skip for skip in skips if skip.is_refusal]
    if refusals:
        if not attempts:
            task.scope.account.halt(refusals[-1].reason)
        return _out_of_budget(task, attempts, refusals[-1].reason)
    if skips and not any(not a.by_function for a in attempts):
        spent = sum((a.spent for a in attempts), NOTHING)
        return Outcome("engine_failed", None, task.scope.path, tuple(attempts), spent, feedback=skips[-1].reason)
    return _finished(task, "rejected", tuple(attempts), attempts[-1].verdict)


def _out_of_budget(task: Task, attempts: list[Attempt], reason: str) -> Outcome:
    spent = sum((a.spent for a in attempts), NOTHING)
    return Outcome("budget_exhausted", None, task.scope.path, tuple(attempts), spent, limit_hit=reason, feedback=reason)


def _journaled_skips(task: Task) -> dict[str, Skip]:
    run = task.scope.run
    labels = run.store.skips(run.id, task.scope.path) if run.may_replay else []
    return {label: Skip(label, "skipped in an earlier sitting", is_refusal=True) for label in labels}


def _hand_trace_on(trace: list[Any]) -> None:
    """Only what was accepted reaches the trace an optimiser reads."""
    watched = compat.watched_trace()
    if watched is not None:
        watched.extend(trace)


def _awaiting(awaitable: Awaitable[Verdict]) -> Call:
    """Await a validator's coroutine, in a thread of its own where no event loop can."""

    async def finish() -> Verdict:
        return await awaitable

    def in_thread() -> Verdict:
        context = contextvars.copy_context()
        answer: list[Verdict | BaseException] = []

        def work() -> None:
            try:
                answer.append(context.run(asyncio.run, finish()))
            except BaseException as error:  # noqa: BLE001  # because it must cross to the waiting thread
                answer.append(error)

        thread = threading.Thread(target=work, name="agentflow-validator")
        thread.start()
        thread.join()
        if isinstance(answer[0], BaseException):
            raise answer[0]
        return answer[0]

    return Call(in_thread, finish)
