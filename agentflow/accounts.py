"""Standing accounts: budgets that outlive runs and are shared by processes."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from agentflow.budget import Budget
from agentflow.errors import NoBudget
from agentflow.settings import load_settings
from agentflow.store import StandingRow
from agentflow.store.sqlite import open_store


def open_account(name: str, budget: Budget, *, state: Path | str | None = None) -> StandingRow:
    """Open the standing account *name*, or give the one that is open another limit. Runs name it with `account=`.

    *state* is the folder of the journal; None: as the settings say. Raises `NoBudget` without a limit on usd, tokens or
    calls, the only ones an account that outlives runs can keep.
    """
    if budget.usd is None and budget.tokens is None and budget.calls is None:
        raise NoBudget(f"what may {name} spend? Give usd, tokens or calls")
    flags = {} if state is None else {"state": str(state)}
    with closing(open_store(load_settings(flags).database)) as store:
        return store.open_account(name, budget.to_json())
