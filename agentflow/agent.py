"""One step from its first attempt to its outcome, written once as a generator of effects.

Cheapest tier first; the validator's words go into the next attempt; up the ladder only when it says no.
"""

from __future__ import annotations

import inspect
import time
from dataclasses import replace
from functools import partial
from typing import Any

from agentflow import compat
from agentflow.asking import asking
from agentflow.attempt import Attempt, Outcome, Status, Tier
from agentflow.awaiting import awaiting, blocking
from agentflow.circles import observed, print_of_attempt, turned_away
from agentflow.effects import Pause, Work
from agentflow.errors import BudgetHalt, EngineFailed, Halt, LoopHalt, StepRejected
from agentflow.events import StepFinished, TierSkipped
from agentflow.ladder import Ladder
from agentflow.performance import Progress, Skip, Task
from agentflow.progress import NO_ANSWER_OF_A_FUNCTION, NOT_BELIEVED, Watch
from agentflow.records import dump_attempts, dump_inputs, load_attempts
from agentflow.scope import Flight
from agentflow.usage import NOTHING, Amount
from agentflow.validators.structure import empty, structure, unparsed
from agentflow.verdict import ACCEPTED, Again, Case, Check, Finding, Verdict

_NOT_SERVED = "not_served"


def perform(task: Task) -> Work[Outcome]:
    """The outcome of *task*. Raises only what says that the user's own code is wrong."""
    verdict = task.step.check(task.inputs)
    if not verdict.accepted:
        return observed(task, None, _finished(task, "rejected", Progress(Watch(), Watch(), None), verdict))
    if (recorded := _recorded(task)) is not None:
        return recorded
    if (stopped := turned_away(task)) is not None:
        yield Pause(0)  # a loop that ignores outcomes must not starve everybody else
        return stopped
    policy, watch = task.scope.run.loop, task.scope.watch
    so_far = Progress(Watch(policy), Watch(policy), watch.evidence if watch else None, skips=_journaled_skips(task))
    try:
        outcome = yield from _climb(task, so_far)
    except BudgetHalt as halt:
        return _out_of_budget(task, so_far, halt.reason)
    except EngineFailed as error:
        return _engine_failed(task, so_far, str(error), error)
    except LoopHalt as halt:
        outcome = _finished(task, "no_progress", so_far, Verdict(False, halt.reason, kind="loop"))
    return observed(task, so_far, outcome)


def _climb(task: Task, so_far: Progress) -> Work[Outcome]:
    """Try tier after tier until one answer is accepted or none is left to try."""
    while (tier := task.ladder.next_tier(so_far.attempts, so_far.skips)) is not None:
        if reason := task.scope.account.halted:
            return _out_of_budget(task, so_far, reason)
        tried = yield from _attempt(task, tier, so_far)
        if isinstance(tried, Skip):
            so_far.skips[tier.label] = tried
            _note_skip(task, tried)
            continue
        so_far.attempts.append(tried)
        if tried.verdict.accepted:
            return _finished(task, "accepted", so_far, tried.verdict)
        if so_far.watch.observe(print_of_attempt(task, tried)) == "stop":
            return _finished(task, "no_progress", so_far, tried.verdict)
    return _given_up(task, so_far)


def _attempt(task: Task, tier: Tier, so_far: Progress) -> Work[Attempt | Skip]:
    """One try on *tier*, judged; or why it could not be made."""
    started = time.perf_counter()
    if tier.is_function:
        made: Attempt | Skip = yield from _by_function(task, tier)
        flight = Flight()
    else:
        flight = _flight(task, so_far)
        made = yield from _ask(task, tier, flight, so_far)
    if isinstance(made, Skip):
        return made
    attempt = made if made.by_function else replace(made, seconds=time.perf_counter() - started)
    if not attempt.verdict.accepted:
        return attempt
    try:
        verdict, extra = yield from _judge(task, tier, _case(task, attempt, so_far), so_far)
    except Halt:
        so_far.lost += attempt.spent
        raise
    verdict = task.ladder.judged(tier, verdict, attempt.confidence)
    if verdict.accepted:
        _hand_trace_on(task.step.base_trace(flight.trace))
    return replace(attempt, verdict=verdict, spent=attempt.spent + extra)


def _case(task: Task, attempt: Attempt, so_far: Progress) -> Case:
    return Case(
        task.inputs,
        attempt.prediction,
        tuple(so_far.attempts),
        attempt.text,
        attempt.tier,
        attempt.confidence,
        attempt.by_function,
    )


def _by_function(task: Task, tier: Tier) -> Work[Attempt]:
    """What a plain function answers. Raises what it raises: no other tier would mend that."""
    function, inputs = tier.model, task.inputs
    assert callable(function)

    def work() -> tuple[Any, float]:
        started = time.perf_counter()
        return function(**inputs), time.perf_counter() - started

    here = replace(compat.current_scope() or task.scope, account=task.scope.account)
    outputs, seconds = yield blocking(work, here)
    if inspect.isawaitable(outputs):
        outputs = yield awaiting(outputs)
    if outputs is None:
        no_answer = Verdict(False, "", 0.0, NO_ANSWER_OF_A_FUNCTION)
        return Attempt(tier.label, no_answer, seconds=seconds, by_function=True)
    prediction = task.step.named_outputs(outputs, tier)
    return Attempt(tier.label, ACCEPTED, prediction, seconds=seconds, by_function=True)


def _ask(task: Task, tier: Tier, flight: Flight, so_far: Progress) -> Work[Attempt | Skip]:
    """Call the step's module on *tier*; the structural verdict comes with the attempt."""
    scope = replace(task.scope, flight=flight, watch=so_far.inner)
    module, inputs = compat.without_lm(task.step.module), task.step.module_inputs(task.inputs, flight)
    trace: list[Any] = []
    prediction, fault = None, ACCEPTED
    try:
        with compat.entering(scope, trace=trace, **scope.run.tiers.settings(tier)):
            prediction = yield from asking(module, inputs, scope)
        if prediction is None:
            fault = empty()
    except compat.AdapterParseError as error:
        fault = unparsed(compat.parse_complaint(error))
    except StepRejected as error:
        fault = Verdict(False, str(error), kind="step_rejected")
    except Halt as halt:
        if flight.refusal is None or not isinstance(halt, BudgetHalt):  # it is not about this tier
            so_far.lost += flight.spent
            raise
    except Exception as error:  # noqa: BLE001  # because a module may raise anything, and not all of it is its own fault
        fault = _fault_of(error, flight)
    if flight.refusal is not None:
        return Skip(tier.label, flight.refusal.limit_hit, is_refusal=True, spent=flight.spent)
    if fault.kind == _NOT_SERVED:
        return Skip(tier.label, fault.feedback, is_refusal=False, spent=flight.spent)
    flight.trace = trace
    so_far.was_clipped = so_far.was_clipped or flight.was_clipped
    whole = structure(finish=flight.finish, complaint="", text=flight.text, cap=tier.cap)
    verdict = fault if whole.accepted else whole
    return Attempt(
        tier.label,
        verdict,
        prediction,
        flight.text,
        flight.spent,
        flight.usage,
        replayed=flight.is_replayed,
        confidence=flight.confidence,
    )


def _fault_of(error: Exception, flight: Flight) -> Verdict:
    """What an exception out of a module says about the attempt. Raises it when no attempt will mend it."""
    own = compat.own_error(error) or compat.own_error(flight.failure or error)
    if isinstance(own, EngineFailed) and flight.failure is None:
        raise error  # of a step inside the module, which had a ladder of its own
    if own is not None and not isinstance(own, EngineFailed):
        raise own
    if compat.is_of_engine(error, flight.failure):
        cause = flight.failure or error
        return Verdict(False, f"{type(cause).__name__}: {cause}", kind=_NOT_SERVED)
    if compat.is_model_fault(error):
        return unparsed(str(error))
    raise error


def _judge(task: Task, tier: Tier, case: Case, so_far: Progress) -> Work[tuple[Verdict, Amount]]:
    """Follow a validator's requests to its verdict; gives also what they cost."""
    spent = NOTHING
    finding: Finding = task.step.validator.judge(case)
    while not isinstance(finding, Verdict):
        if isinstance(finding, Check):
            outcome = yield from _check(task, tier, finding)
            spent += outcome.spent
            if outcome.status == "budget_exhausted":
                so_far.lost += spent
                raise BudgetHalt(outcome.limit_hit, task.scope.path)
            finding = finding.then(outcome)
        else:
            finding = yield awaiting(finding)
    return finding, spent


def _check(task: Task, tier: Tier, check: Check) -> Work[Outcome]:
    """Perform what a validator asked for, in a place of its own below the step, out of sight of the loop law."""
    scope = task.scope
    asked = _again(tier, check.perform) if isinstance(check.perform, Again) else check.perform
    if isinstance(asked, Tier):
        below = scope.below(scope.child_path(f"check:{asked.label}", check.inputs), watch=None)
        return (yield from perform(Task(task.step.unchecked(), check.inputs, below, Ladder(asked))))
    inputs = asked.known_inputs(check.inputs)
    below = scope.below(scope.child_path(f"check:{asked.name}", inputs), ladder=None, watch=None)
    return (yield from perform(asked.task(inputs, below)))


def _again(tier: Tier, again: Again) -> Tier:
    """The tier for one more sample; under the same label, so that a report has one line for both."""
    temperature = tier.temperature if again.temperature is None else again.temperature
    return replace(tier, attempts=1, temperature=temperature, name=tier.label)


def _flight(task: Task, so_far: Progress) -> Flight:
    """The next attempt with what the last one by a model can teach it; constant in the number of attempts."""
    if not task.step.takes_feedback:
        return Flight()
    last = next((a for a in reversed(so_far.attempts) if not a.by_function), None)
    nudge = so_far.watch.take_nudge() or (task.scope.watch.take_nudge() if task.scope.watch else "")
    if last is None or not last.verdict.feedback or last.verdict.kind == NOT_BELIEVED:
        return Flight(nudge=nudge)
    return Flight(feedback=last.verdict.feedback, previous=last.text, nudge=nudge)


def _note_skip(task: Task, skip: Skip) -> None:
    """Only what the budget decided is written down: providers come back, and so does an agent that was stopped."""
    run, scope = task.scope.run, task.scope
    if skip.is_refusal and not scope.account.halted:
        run.append(TierSkipped(run.id, scope.path, skip.tier, skip.reason))


def _recorded(task: Task) -> Outcome | None:
    """The outcome the journal holds, when nothing that led to it has changed."""
    run = task.scope.run
    row = run.store.step(run.id, task.scope.path) if run.may_replay else None
    if row is None or not row.replayable or row.identity != task.identity:
        return None
    try:
        value = compat.load_fields(task.step.signature, row.prediction) if row.status == "accepted" else None
        attempts = load_attempts(row.attempts)
    except (ValueError, KeyError, TypeError):  # of another time; the calls replay instead
        return None
    below = run.settled_below(task.scope.path)  # steps inside the module are paid for by the same account
    task.scope.account.charge_replayed(row.spent + below.excess_over(row.spent))
    run.replayed += max(row.spent.calls, sum(not attempt.by_function for attempt in attempts))
    if task.scope.watch is not None and task.step.takes_feedback and any(not a.by_function for a in attempts):
        task.scope.watch.take_nudge()  # its prompt had it
    status: Status = "accepted" if row.status == "accepted" else "rejected"
    return observed(task, None, Outcome(status, value, row.path, attempts, row.spent, feedback=row.feedback))


def _finished(task: Task, status: Status, so_far: Progress, verdict: Verdict) -> Outcome:
    """Make the outcome and write it down. It need not be waited for: what led to it is durable."""
    scope, step, attempts = task.scope, task.step, tuple(so_far.attempts)
    last = next((a.prediction for a in reversed(attempts) if a.prediction is not None), None)
    fields = compat.dump_fields(step.signature, last) if last is not None else None
    is_computed = bool(attempts) and attempts[-1].by_function
    # A provider that is back may still prove it, and so may a longer answer.
    is_final = status == "rejected" and not so_far.skips and not so_far.was_clipped
    is_faithful = is_final or (status == "accepted" and fields is not None)
    scope.run.append(
        StepFinished(
            run=scope.run.id,
            path=scope.path,
            step=step.name,
            identity=task.identity,
            status=status,
            prediction=fields or "null",
            attempts=dump_attempts(attempts, partial(compat.dump_fields, step.signature)),
            spent=so_far.spent,
            feedback=verdict.feedback,
            inputs=dump_inputs(task.inputs),
            replayable=is_faithful and not is_computed,
        )
    )
    value = last if status == "accepted" else None
    return Outcome(status, value, scope.path, attempts, so_far.spent, feedback=verdict.feedback)


def _given_up(task: Task, so_far: Progress) -> Outcome:
    """The top of the ladder was reached without a proof: for want of money, of a provider, or of a right answer."""
    attempts, skips = so_far.attempts, list(so_far.skips.values())
    refusals = [skip for skip in skips if skip.is_refusal]
    if refusals:
        if not attempts:
            task.scope.account.latch(refusals[-1].reason)
        return _out_of_budget(task, so_far, refusals[-1].reason)
    if skips and not any(not a.by_function for a in attempts):
        return _engine_failed(task, so_far, skips[-1].reason)
    return _finished(task, "rejected", so_far, attempts[-1].verdict)


def _engine_failed(task: Task, so_far: Progress, reason: str, error: EngineFailed | None = None) -> Outcome:
    attempts, path = tuple(so_far.attempts), task.scope.path
    return Outcome("engine_failed", None, path, attempts, so_far.spent, feedback=reason, error=error)


def _out_of_budget(task: Task, so_far: Progress, reason: str) -> Outcome:
    attempts = tuple(so_far.attempts)
    return Outcome("budget_exhausted", None, task.scope.path, attempts, so_far.spent, limit_hit=reason, feedback=reason)


def _journaled_skips(task: Task) -> dict[str, Skip]:
    """The tiers that an earlier sitting went past. One above which nobody tried was only where it ended: it may now."""
    run = task.scope.run
    labels = run.store.skips(run.id, task.scope.path) if run.may_replay else []
    for tier in reversed(task.ladder.tiers):
        if tier.label not in labels:
            break
        labels.remove(tier.label)
    return {label: Skip(label, "skipped in an earlier sitting", is_refusal=True) for label in labels}


def _hand_trace_on(trace: list[Any]) -> None:
    """Only what was accepted reaches the trace an optimiser reads."""
    watched = compat.watched_trace()
    if watched is not None:
        watched.extend(trace)
