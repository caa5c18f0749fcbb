"""The loop law at work: what a performance looks like to its agent's watch, and when an agent is turned away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agentflow.attempt import Attempt, Outcome
from agentflow.errors import BudgetHalt, LoopHalt
from agentflow.performance import Progress, Task
from agentflow.progress import NOT_BELIEVED, Fingerprint, Watch, fingerprint_of, nudge
from agentflow.records import shorten
from agentflow.scope import fingerprint
from agentflow.verdict import ACCEPTED, Verdict

INSISTENCE = 10
"""So many times in a row an agent that was stopped may come back with the same work and be told so by an outcome."""


def turned_away(task: Task) -> Outcome | None:
    """The outcome for an agent that was stopped and goes on all the same. Raises the halt when it does not listen."""
    scope, watch = task.scope, task.scope.watch
    reason = scope.account.halted
    is_loop = not reason and watch is not None and watch.is_stopped
    if not reason and not is_loop:
        return None
    insists_on = f"{task.step.name}#{fingerprint(task.inputs)}" if reason else "anything"  # other work may be cheaper
    if watch is not None and watch.turn_away(insists_on) >= INSISTENCE:
        raise (BudgetHalt if reason else LoopHalt)(reason or _why(watch), scope.path)
    if reason:
        return Outcome("budget_exhausted", path=scope.path, limit_hit=reason, feedback=reason)
    return Outcome("no_progress", path=scope.path, feedback=_why(watch))


def _why(watch: Watch | None) -> str:
    return nudge(watch.evidence) if watch is not None and watch.evidence is not None else "going in circles"


def observed(task: Task, so_far: Progress | None, outcome: Outcome) -> Outcome:
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


def print_of_attempt(task: Task, attempt: Attempt) -> Fingerprint | None:
    """None for an answer that was good and not sure enough: asking the next tier is the plan, not a circle."""
    if attempt.verdict.kind == NOT_BELIEVED:
        return None
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
