"""One step from its first attempt to its outcome, written once as a generator of effects.

Cheapest tier first; the validator's words go into the next attempt; up the ladder only when it says no.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from agentflow import compat
from agentflow.attempt import Attempt, Outcome, Status, Tier
from agentflow.effects import Call, Pause, Work
from agentflow.errors import BudgetHalt, EngineFailed, LoopHalt, StepRejected
from agentflow.events import StepFinished, TierSkipped
from agentflow.ladder import Ladder
from agentflow.progress import NO_ANSWER_OF_A_FUNCTION, Evidence, Fingerprint, Watch, fingerprint_of, nudge
from agentflow.records import dump_attempts, dump_inputs, load_attempts, shorten
from agentflow.scope import Flight, Scope, fingerprint
from agentflow.usage import NOTHING, Amount
from agentflow.validators.identity import stable
from agentflow.validators.structure import empty, structure, unparsed
from agentflow.verdict import ACCEPTED, Case, Check, Finding, Verdict

if TYPE_CHECKING:
    from agentflow.step import Step


INSISTENCE = 10
"""So many times in a row an agent that was stopped may come back with the same work and be told so by an outcome."""


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
        return fingerprint([self.step.identity, _ladder_identity(self.ladder), dict(self.inputs)])


@dataclass(frozen=True, slots=True)
class Skip:
    """A tier that could not even try."""

    tier: str
    reason: str
    is_refusal: bool
    """Whether money was short, as against a provider that could not serve."""
    spent: Amount = NOTHING
    """Charged all the same: for a request that was lost, or for the first ones of several."""


@dataclass(slots=True)
class Progress:
    """What a performance has come to so far."""

    watch: Watch
    """Sees the attempts of this performance."""
    inner: Watch
    """Sees what happens inside them: tools that are called, steps that are performed."""
    known: Evidence | None
    """What the agent had been nudged for when this performance began: it could not know more."""
    attempts: list[Attempt] = field(default_factory=list)
    skips: dict[str, Skip] = field(default_factory=dict)

    @property
    def spent(self) -> Amount:
        """Charged for attempts and for what never became one."""
        return sum((each.spent for each in (*self.attempts, *self.skips.values())), NOTHING)


def perform(task: Task) -> Work[Outcome]:
    """The outcome of *task*. Raises only what says that the user's own code is wrong."""
    verdict = task.step.check(task.inputs)
    if not verdict.accepted:
        return _observed(task, None, _finished(task, "rejected", Progress(Watch(), Watch(), None), verdict))
    if (recorded := _recorded(task)) is not None:
        return recorded
    if (stopped := _stopped(task)) is not None:
        yield Pause(0)  # a loop that ignores outcomes must not starve everybody else
        return stopped
    policy, watch = task.scope.run.loop, task.scope.watch
    so_far = Progress(Watch(policy), Watch(policy), watch.evidence if watch else None, skips=_journaled_skips(task))
    try:
        outcome = yield from _climb(task, so_far)
    except BudgetHalt as halt:
        return _out_of_budget(task, so_far, halt.reason)
    except LoopHalt as halt:
        said = Verdict(False, halt.reason, kind="loop")
        outcome = _finished(task, "no_progress", so_far, said)
    return _observed(task, so_far, outcome)


def _climb(task: Task, so_far: Progress) -> Work[Outcome]:
    """Try tier after tier until one answer is accepted or none is left to try."""
    while (tier := task.ladder.next_tier(so_far.attempts, so_far.skips)) is not None:
        if reason := task.scope.account.halted:
            return _out_of_budget(task, so_far, reason)
        tried = yield from _attempt(task, tier, so_far)
        if isinstance(tried, Skip):
            so_far.skips[tier.label] = tried
            task.scope.run.append(TierSkipped(task.scope.run.id, task.scope.path, tier.label, tried.reason))
            continue
        so_far.attempts.append(tried)
        if tried.verdict.accepted:
            return _finished(task, "accepted", so_far, tried.verdict)
        if so_far.watch.observe(_print_of_attempt(task, tried)) == "stop":
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
        made = yield from _ask(task, tier, flight, so_far.inner)
    if isinstance(made, Skip):
        return made
    attempt = replace(made, seconds=time.perf_counter() - started)
    if not attempt.verdict.accepted:
        return attempt
    case = Case(task.inputs, attempt.prediction, tuple(so_far.attempts), attempt.text)
    verdict, extra = yield from _judge(task, task.step.validator.judge(case))
    if verdict.accepted:
        _hand_trace_on(task.step.base_trace(flight.trace))
    return replace(attempt, verdict=verdict, spent=attempt.spent + extra)


def _by_function(task: Task, tier: Tier) -> Work[Attempt]:
    """What a plain function answers. Raises what it raises: no other tier would mend that."""
    assert callable(tier.model)
    outputs = tier.model(**task.inputs)
    if inspect.isawaitable(outputs):
        outputs = yield _awaiting(outputs)
    if outputs is None:
        return Attempt(tier.label, Verdict(False, "", 0.0, NO_ANSWER_OF_A_FUNCTION), by_function=True)
    return Attempt(tier.label, ACCEPTED, task.step.named_outputs(outputs, tier), by_function=True)


def _ask(task: Task, tier: Tier, flight: Flight, inner: Watch) -> Work[Attempt | Skip]:
    """Call the step's module on *tier*; the structural verdict comes with the attempt."""
    scope = replace(task.scope, flight=flight, watch=inner)
    module, inputs = compat.without_lm(task.step.module), task.step.module_inputs(task.inputs, flight)
    trace: list[Any] = []
    prediction, fault = None, ACCEPTED
    try:
        with compat.entering(scope, trace=trace, **scope.run.tiers.settings(tier)):
            prediction = yield Call(lambda: module(**inputs), lambda: module.acall(**inputs))
        if prediction is None:
            fault = empty()
    except compat.AdapterParseError as error:
        fault = unparsed(compat.parse_complaint(error))
    except StepRejected as error:
        fault = Verdict(False, str(error), kind="step_rejected")
    except BudgetHalt:
        if flight.refusal is None:
            raise
    except Exception as error:
        fault = _fault_of(error, flight)
    if flight.refusal is not None:
        return Skip(tier.label, flight.refusal.limit_hit, is_refusal=True, spent=flight.spent)
    if fault.kind == _NOT_SERVED:
        return Skip(tier.label, fault.feedback, is_refusal=False, spent=flight.spent)
    flight.trace = trace
    whole = structure(finish=flight.finish, complaint="", text=flight.text, cap=tier.cap)
    verdict = whole if fault.accepted or whole.kind == "truncated" else fault
    return Attempt(
        tier.label, verdict, prediction, flight.text, flight.spent, flight.usage, replayed=flight.is_replayed
    )


_NOT_SERVED = "not_served"


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
    """Perform what a validator asked for, in a place of its own below the step, out of sight of the loop law."""
    scope = task.scope
    if isinstance(check.perform, Tier):
        below = scope.below(scope.child_path(f"check:{check.perform.label}", check.inputs), watch=None)
        return (yield from perform(Task(task.step.unchecked(), check.inputs, below, Ladder(check.perform))))
    judge = check.perform
    inputs = judge.known_inputs(check.inputs)
    below = scope.below(scope.child_path(f"check:{judge.name}", inputs), ladder=None, watch=None)
    return (yield from perform(judge.task(inputs, below)))


def _flight(task: Task, so_far: Progress) -> Flight:
    """The next attempt with what the last one by a model can teach it; constant in the number of attempts."""
    if not task.step.takes_feedback:
        return Flight()
    last = next((a for a in reversed(so_far.attempts) if not a.by_function), None)
    nudge = so_far.watch.take_nudge() or (task.scope.watch.take_nudge() if task.scope.watch else "")
    if last is None or not last.verdict.feedback:
        return Flight(nudge=nudge)
    return Flight(feedback=last.verdict.feedback, previous=last.text, nudge=nudge)


def _stopped(task: Task) -> Outcome | None:
    """The outcome for an agent that was stopped and goes on all the same. Raises the halt when it does not listen."""
    scope, watch = task.scope, task.scope.watch
    reason = scope.account.halted
    is_loop = not reason and watch is not None and watch.is_stopped
    if not reason and not is_loop:
        return None
    if watch is not None and watch.turn_away(f"{task.step.name}#{fingerprint(task.inputs)}") >= INSISTENCE:
        raise (BudgetHalt if reason else LoopHalt)(reason or _why(watch), scope.path)
    if reason:
        return Outcome("budget_exhausted", path=scope.path, limit_hit=reason, feedback=reason)
    return Outcome("no_progress", path=scope.path, feedback=_why(watch))


def _why(watch: Watch | None) -> str:
    return nudge(watch.evidence) if watch is not None and watch.evidence is not None else "going in circles"


def _observed(task: Task, so_far: Progress | None, outcome: Outcome) -> Outcome:
    """The outcome, seen by the agent's watch: an accepted answer stands, and what follows it may be stopped.

    What was begun before a nudge is no evidence that the nudge was ignored.
    """
    watch = task.scope.watch
    if watch is None or (so_far is not None and watch.evidence is not so_far.known):
        return outcome
    signal = watch.observe(_print_of_outcome(task, outcome))
    if signal == "stop" and outcome.status == "rejected":
        return replace(outcome, status="no_progress", feedback=_why(watch))
    return outcome


def _print_of_attempt(task: Task, attempt: Attempt) -> Fingerprint | None:
    output = attempt.text or attempt.prediction
    return _print(task, f" on {attempt.tier}", attempt.verdict, output)


def _print_of_outcome(task: Task, outcome: Outcome) -> Fingerprint | None:
    """The same for a performance and for its record. Only answers count: an agent out of money is in no circle."""
    if outcome.status not in ("accepted", "rejected", "no_progress"):
        return None
    last = outcome.attempts[-1] if outcome.attempts else None
    verdict = last.verdict if last is not None else Verdict(False, outcome.feedback, kind="inputs")
    if outcome.accepted:
        return _print(task, "", ACCEPTED, outcome.value)
    output = shorten(last.text) if last is not None else None
    return _print(task, "", replace(verdict, kind=verdict.kind or outcome.status), output)


def _print(task: Task, where: str, verdict: Verdict, output: Any) -> Fingerprint | None:
    """Compared by the values of the inputs: that their fields have the same names makes no two questions alike."""
    return fingerprint_of(
        step=f"{task.step.label}{where}",
        inputs=[value for _, value in sorted(task.inputs.items())],
        kind="" if verdict.accepted else verdict.kind,
        output=output,
        score=verdict.score,
        loop_key=task.step.loop_key_of(task.inputs),
    )


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
    task.scope.account.charge_replayed(row.spent)
    if task.scope.watch is not None and task.step.takes_feedback and any(not a.by_function for a in attempts):
        task.scope.watch.take_nudge()  # its prompt had it
    status: Status = "accepted" if row.status == "accepted" else "rejected"
    return _observed(task, None, Outcome(status, value, row.path, attempts, row.spent, feedback=row.feedback))


def _finished(task: Task, status: Status, so_far: Progress, verdict: Verdict) -> Outcome:
    """Make the outcome and write it down. It need not be waited for: what led to it is durable."""
    scope, step, attempts = task.scope, task.step, tuple(so_far.attempts)
    last = next((a.prediction for a in reversed(attempts) if a.prediction is not None), None)
    fields = compat.dump_fields(step.signature, last) if last is not None else None
    is_computed = bool(attempts) and attempts[-1].by_function
    is_faithful = status == "rejected" or (status == "accepted" and fields is not None)
    scope.run.append(
        StepFinished(
            run=scope.run.id,
            path=scope.path,
            step=step.name,
            identity=task.identity,
            status=status,
            prediction=fields or "null",
            attempts=dump_attempts(attempts),
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
        reason = skips[-1].reason
        return Outcome("engine_failed", None, task.scope.path, tuple(attempts), so_far.spent, feedback=reason)
    return _finished(task, "rejected", so_far, attempts[-1].verdict)


def _out_of_budget(task: Task, so_far: Progress, reason: str) -> Outcome:
    attempts = tuple(so_far.attempts)
    return Outcome(
        "budget_exhausted", None, task.scope.path, attempts, so_far.spent, limit_hit=reason, feedback=reason
    )


def _journaled_skips(task: Task) -> dict[str, Skip]:
    run = task.scope.run
    labels = run.store.skips(run.id, task.scope.path) if run.may_replay else []
    return {label: Skip(label, "skipped in an earlier sitting", is_refusal=True) for label in labels}


@lru_cache(maxsize=256)
def _ladder_identity(ladder: Ladder) -> str:
    """The ladder with everything that its plain functions are made of."""
    functions = [stable(tier.model) for tier in ladder.tiers if tier.is_function]
    return fingerprint([ladder.identity, functions])


def _hand_trace_on(trace: list[Any]) -> None:
    """Only what was accepted reaches the trace an optimiser reads."""
    watched = compat.watched_trace()
    if watched is not None:
        watched.extend(trace)


def _awaiting(awaitable: Awaitable[Any]) -> Call:
    """Await a coroutine of the user's, in a thread of its own where no event loop can."""

    async def finish() -> Any:
        return await awaitable

    def in_thread() -> Any:
        context = contextvars.copy_context()
        answer: list[Any] = []

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
