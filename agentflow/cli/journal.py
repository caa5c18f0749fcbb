"""Commands that are asked often and answer at once: `status`, `runs`, and `runs prune`."""

from __future__ import annotations

import re
import shutil
from contextlib import closing
from typing import Annotated

import typer

from agentflow.budget import Budget
from agentflow.cli.commands import COMMANDS, QUIET, PlainCommand
from agentflow.cli.options import Json, RunId, State, read_store, settings_for, write_store
from agentflow.cli.speech import columns, put, put_json, say
from agentflow.errors import ConfigurationError
from agentflow.report.export import amount_json
from agentflow.report.figures import place_text, seconds_text, usd_text
from agentflow.report.status import status_of
from agentflow.store import RunRow, Store

DAYS = {"d": 1.0, "h": 1 / 24, "w": 7.0}
"""Days in each unit of an age."""

runs = typer.Typer(help=COMMANDS["runs"].help, invoke_without_command=True, **QUIET)


def status(run: RunId = "last", state: State = None, json: Json = False) -> None:
    """Say in a line how a run stands."""
    with closing(read_store(settings_for(state))) as store:
        row = store.run(run)
        facts = _facts(store, row)
    if json:
        put_json("status", facts)
    else:
        put(_line(facts, row))


@runs.callback()
def list_runs(context: typer.Context, state: State = None, json: Json = False) -> None:
    """List the runs of this folder, newest first."""
    if context.invoked_subcommand:
        return
    settings = settings_for(state)
    found: list[dict[str, object]] = []
    if settings.database.is_file():
        with closing(read_store(settings)) as store:
            found = [_facts(store, row) for row in store.runs()]
    if json:
        put_json("runs", {"runs": found})
    elif found:
        heads = ("run", "status", "spent", "at work", "started", "pipeline")
        put(columns([heads, *(tuple(str(fact[head.replace(" ", "_")]) for head in heads) for fact in found)]))
    else:
        say(f"no run has been started in {settings.state}")


@runs.command(cls=PlainCommand)
def prune(
    older_than: Annotated[str, typer.Option(help="Age, such as 30d, 12h or 2w.")],
    state: State = None,
    json: Json = False,
) -> None:
    """Delete finished runs older than that; unfinished ones stay."""
    days = _days(older_than)
    settings = settings_for(state)
    deleted = 0
    if settings.database.is_file():
        with closing(write_store(settings)) as store:
            before = {row.run for row in store.runs()}
            deleted = store.prune(days)
            for run in before - {row.run for row in store.runs()}:
                shutil.rmtree(settings.state / "runs" / run, ignore_errors=True)
    if json:
        put_json("pruned", {"deleted": deleted})
    else:
        say(f"deleted {deleted} {'run' if deleted == 1 else 'runs'} older than {older_than}")


def _days(age: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([dhw])", age.strip())
    if not found:
        raise ConfigurationError(f"--older-than {age!r} is no age; write 30d, 12h or 2w")
    return float(found[1]) * DAYS[found[2]]


def _facts(store: Store, row: RunRow) -> dict[str, object]:
    totals = store.totals(row.run)
    return {
        "run": row.run,
        "status": status_of(row),
        "spent": usd_text(totals.spent.usd),
        "at_work": seconds_text(row.seconds),
        "started": row.started_at[:19],
        "pipeline": place_text(row.pipeline, 60),
        "charged": amount_json(totals.spent),
        "unknown": amount_json(totals.unknown),
        "over_bound": amount_json(totals.over_bound),
        "limit_hit": row.limit_hit,
    }


def _line(facts: dict[str, object], row: RunRow) -> str:
    hit = f", stopped by {row.limit_hit}" if row.limit_hit else ""
    limits = Budget.from_json(row.budget)
    return f"{row.run} {facts['status']}{hit}: {facts['spent']} spent ({limits}), {facts['at_work']} at work"
