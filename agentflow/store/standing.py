"""Standing accounts inside the open transaction: at every commit spent + granted <= limit + over_bound.

Only limited resources are granted in numbers: of what an account does not limit, everybody may take what they want.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from agentflow.budget import Budget
from agentflow.errors import StoreFailed
from agentflow.store import StandingRow
from agentflow.usage import NOTHING, Amount

_ROWS = """SELECT name, allowance, spent_usd, spent_tokens, spent_calls,
    coalesce(sum(usd), 0), coalesce(sum(tokens), 0), coalesce(sum(calls), 0), over_usd, over_tokens, over_calls
    FROM account LEFT JOIN granted ON granted.account = account.id"""


class Limits(NamedTuple):
    """What an account limits. None: not limited."""

    usd: int | None
    tokens: int | None
    calls: int | None

    def keep(self, amount: Amount) -> Amount:
        """The part of *amount* that is of limited resources."""
        return Amount(*(0 if limit is None else part for limit, part in zip(self, _parts(amount), strict=True)))

    def room(self, taken: Amount, want: Amount) -> Amount:
        """As much of *want* as the limits leave besides *taken*."""
        pairs = zip(self, _parts(taken), _parts(want), strict=True)
        return Amount(*(part if limit is None else max(0, min(part, limit - used)) for limit, used, part in pairs))


def account_id(connection: sqlite3.Connection, name: str) -> int:
    """The row of the account called *name*."""
    row = connection.execute("SELECT id FROM account WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise StoreFailed(f"there is no standing account {name!r}; create it with `agentflow accounts open {name}`")
    return int(row[0])


def open_account(connection: sqlite3.Connection, name: str, allowance: str) -> StandingRow:
    """Create the account, or set its limit, which cannot go below what is spent and granted."""
    budget = Budget.from_json(allowance)
    limits = Limits(budget.nano, budget.tokens, budget.calls)
    rows = standing_rows(connection, name)
    if rows:
        _refuse_below_what_is_out(rows[0], limits)
    connection.execute(
        """INSERT INTO account (name, allowance, limit_usd, limit_tokens, limit_calls) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET allowance = excluded.allowance, limit_usd = excluded.limit_usd,
        limit_tokens = excluded.limit_tokens, limit_calls = excluded.limit_calls""",
        (name, budget.to_json(), *limits),
    )
    return standing_rows(connection, name)[0]


def standing_rows(connection: sqlite3.Connection, name: str | None = None) -> list[StandingRow]:
    """The account called *name*, or all of them by name."""
    query = f"{_ROWS} WHERE name = coalesce(?, name) GROUP BY account.id ORDER BY name"
    rows = connection.execute(query, (name,))
    return [StandingRow(row[0], row[1], Amount(*row[2:5]), Amount(*row[5:8]), Amount(*row[8:])) for row in rows]


def grant(connection: sqlite3.Connection, account: int, epoch: int, *, want: Amount, least: Amount) -> Amount | None:
    """Move up to *want* to the owner *epoch*, or nothing when there is not even *least*."""
    limits, spent = _account(connection, account)
    out = connection.execute("SELECT sum(usd), sum(tokens), sum(calls) FROM granted WHERE account = ?", (account,))
    granted = Amount(*(part or 0 for part in out.fetchone()))
    got = limits.room(spent + granted, want)
    if least.excess_over(got):
        return None
    connection.execute("INSERT OR IGNORE INTO granted VALUES (?, ?, 0, 0, 0)", (account, epoch))
    _change_grant(connection, account, epoch, limits.keep(got))
    return got


def give_back(connection: sqlite3.Connection, account: int, epoch: int, amount: Amount) -> None:
    """Return part of a grant to the account; more than was granted cannot be returned."""
    _change_grant(connection, account, epoch, NOTHING - amount)


def charge(connection: sqlite3.Connection, account: int, epoch: int, *, spent: Amount, over: Amount) -> None:
    """Turn *spent* of the owner's grant into money spent, of which *over* is above what the grant was meant for.

    What neither the grant nor *over* covers is recorded as above the bound too: the truth is never hidden.
    """
    limits, _ = _account(connection, account)
    due = limits.keep(spent.excess_over(over))
    short = due.excess_over(_granted(connection, account, epoch))
    _change_grant(connection, account, epoch, short - due)
    over = over + short
    connection.execute(
        """UPDATE account SET spent_usd = spent_usd + ?, spent_tokens = spent_tokens + ?,
        spent_calls = spent_calls + ?, over_usd = over_usd + ?, over_tokens = over_tokens + ?,
        over_calls = over_calls + ? WHERE id = ?""",
        (*_parts(spent), *_parts(over), account),
    )


def others_hold(connection: sqlite3.Connection, account: int, epoch: int) -> bool:
    """Whether an owner other than *epoch* has an unspent grant."""
    row = connection.execute(
        "SELECT 1 FROM granted WHERE account = ? AND epoch <> ? AND (usd > 0 OR tokens > 0 OR calls > 0)",
        (account, epoch),
    ).fetchone()
    return row is not None


def return_grants(connection: sqlite3.Connection, epoch: int) -> None:
    """Give back everything that an owner who is gone did not spend."""
    connection.execute("DELETE FROM granted WHERE epoch = ?", (epoch,))


def _account(connection: sqlite3.Connection, account: int) -> tuple[Limits, Amount]:
    row = connection.execute(
        "SELECT limit_usd, limit_tokens, limit_calls, spent_usd, spent_tokens, spent_calls FROM account WHERE id = ?",
        (account,),
    ).fetchone()
    return Limits(*row[:3]), Amount(*row[3:])


def _granted(connection: sqlite3.Connection, account: int, epoch: int) -> Amount:
    row = connection.execute(
        "SELECT usd, tokens, calls FROM granted WHERE account = ? AND epoch = ?", (account, epoch)
    ).fetchone()
    return Amount(*row) if row else NOTHING


def _change_grant(connection: sqlite3.Connection, account: int, epoch: int, by: Amount) -> None:
    connection.execute(
        """UPDATE granted SET usd = max(0, usd + ?), tokens = max(0, tokens + ?), calls = max(0, calls + ?)
        WHERE account = ? AND epoch = ?""",
        (*_parts(by), account, epoch),
    )


def _refuse_below_what_is_out(row: StandingRow, limits: Limits) -> None:
    out = (row.spent + row.granted).excess_over(row.over_bound)
    if limits.keep(out) != limits.room(NOTHING, limits.keep(out)):
        raise StoreFailed(
            f"standing account {row.name!r} cannot be limited to less than is spent and granted: "
            f"{out.usd / 1e9:.6f} USD, {out.tokens} tokens, {out.calls} calls"
        )


def _parts(amount: Amount) -> tuple[int, int, int]:
    return amount.usd, amount.tokens, amount.calls
