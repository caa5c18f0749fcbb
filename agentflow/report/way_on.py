"""What stopped a run, and what to type to go on."""

from __future__ import annotations

from decimal import Decimal

from agentflow.budget import Budget
from agentflow.redact import Redactor
from agentflow.report.answers import Stop
from agentflow.report.status import status_of
from agentflow.store import RunRow
from agentflow.usage import Amount, as_usd

RAISABLE = ("usd", "tokens", "calls", "seconds")
"""Limits that `agentflow resume` takes as an option."""
THE_RUN = "the run"
"""How a limit of the run itself is named, as in `usd of the run`."""


def way_on(row: RunRow, redactor: Redactor, *, spent: Amount, starved: int) -> Stop | None:
    """None when there is nothing to say: the run was accepted or is at work. *starved* agents ran out of budget."""
    status = status_of(row)
    if row.is_live or status == "running":
        return None
    if status == "accepted":
        return _fed(row, spent, starved) if starved else None
    advice, command = _advice(row, status)
    return Stop(row.limit_hit, redactor.text(row.feedback), advice, command)


def _advice(row: RunRow, status: str) -> tuple[str, str]:
    if status in ("rejected", "no_progress"):
        if not row.pipeline:
            return "change the step or its validator and run again; what was paid for can be reused", ""
        again = f"agentflow run {row.pipeline} … --reuse {row.run}"
        return "change the step or its validator and run again: what was paid for is not paid twice", again
    if not (row.resumable and row.pipeline):
        return "this run was started so that it cannot be resumed from the shell", ""
    command = f"agentflow resume {row.run}"
    if status == "failed":
        return "mend the cause, then go on where it stopped: nothing that was answered is asked again", command
    if status != "budget_exhausted":
        return "go on where it stopped: nothing that was answered is asked again", command
    limit, _, blamed = row.limit_hit.partition(" of ")
    if row.account and blamed == row.account:
        return f"raise the account: agentflow accounts open {row.account} --{limit} …; then resume", command
    if blamed not in ("", THE_RUN):
        return f"the limit on {limit} stands in the pipeline, at {blamed}; raise it there, then resume", command
    raised = _raised(Budget.from_json(row.budget), limit)
    return "raise the limit and go on where it stopped", f"{command}{raised}"


def _fed(row: RunRow, spent: Amount, starved: int) -> Stop:
    """The pipeline went on without agents that ran out of budget; the run can still go on for them."""
    budget = Budget.from_json(row.budget)
    limits = {"usd": budget.nano, "tokens": budget.tokens, "calls": budget.calls}
    burned = {name: getattr(spent, name) / limit for name, limit in limits.items() if limit}
    tightest = max(burned, key=lambda name: burned[name], default="")
    who = "1 agent" if starved == 1 else f"{starved:,} agents"
    command = f"agentflow resume {row.run}{_raised(budget, tightest)}" if row.resumable and row.pipeline else ""
    return Stop("", f"{who} ran out of budget", "raise the limit, and the run goes on for them", command)


def _raised(budget: Budget, limit: str) -> str:
    """The option that doubles *limit*."""
    allowed = getattr(budget, limit, None) if limit in RAISABLE else None
    if allowed is None:
        return ""
    doubled = Decimal(str(allowed)) * 2 if limit != "usd" else as_usd((budget.nano or 0) * 2)
    text = f"{doubled.normalize():f}"
    return f" --{limit} {text}"
