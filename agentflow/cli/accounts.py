"""`agentflow accounts`: standing accounts, which outlive runs and are shared by processes."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from agentflow.budget import Budget
from agentflow.cli.commands import COMMANDS, QUIET, PlainCommand
from agentflow.cli.options import Json, State, read_store, settings_for, settings_of, write_store
from agentflow.cli.speech import columns, put, put_json, say
from agentflow.errors import NoBudget
from agentflow.report.export import amount_json, plain
from agentflow.report.figures import usd_text
from agentflow.store import StandingRow

accounts = typer.Typer(help=COMMANDS["accounts"].help, invoke_without_command=True, **QUIET)


@accounts.callback()
def list_accounts(context: typer.Context, state: State = None, json: Json = False) -> None:
    """List standing accounts: what each may spend, has spent, and has out with live processes."""
    if context.invoked_subcommand:
        return
    settings = settings_for(state)
    found: list[StandingRow] = []
    if settings.database.is_file():
        with closing(read_store(settings)) as store:
            found = store.accounts()
    if json:
        put_json("accounts", {"accounts": [_facts(row) for row in found]})
    elif found:
        put(columns([("account", "limit", "spent", "tokens", "calls", "out"), *(_cells(row) for row in found)]))
    else:
        say("no standing account; `agentflow accounts open NAME --usd 5` opens one")


@accounts.command("open", cls=PlainCommand)
def open_account(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What `--account` will call it.")],
    usd: Annotated[str | None, typer.Option(help="Most money it may ever spend.")] = None,
    tokens: Annotated[int | None, typer.Option(help="Most tokens.")] = None,
    calls: Annotated[int | None, typer.Option(help="Most requests.")] = None,
    state: State = None,
    json: Json = False,
) -> None:
    """Open a standing account, or set the limits of one that is open."""
    limits = {"usd": usd, "tokens": tokens, "calls": calls}
    settings = settings_of({"state": state, "budget": limits})
    if settings.budget is None or not any(limits.values()):
        raise NoBudget(f"what may {name} spend? Say --usd, --tokens or --calls")
    given = {limit: getattr(settings.budget, limit) for limit, value in limits.items() if value is not None}
    with closing(write_store(settings)) as store:
        row = store.open_account(name, Budget(**given).to_json())
    if json:
        put_json("account", _facts(row))
    else:
        say(f"account {row.name} may spend {Budget.from_json(row.limit)}")


def _facts(row: StandingRow) -> dict[str, object]:
    return {
        "name": row.name,
        "limit": plain(Budget.from_json(row.limit)),
        "spent": amount_json(row.spent),
        "granted": amount_json(row.granted),
        "over_bound": amount_json(row.over_bound),
    }


def _cells(row: StandingRow) -> tuple[str, ...]:
    spent = row.spent
    limit = str(Budget.from_json(row.limit))
    out = f"{usd_text(row.granted.usd)}, {row.granted.tokens:,} tokens" if row.granted else "-"
    return (row.name, limit, usd_text(spent.usd), f"{spent.tokens:,}", f"{spent.calls:,}", out)
