"""The tables of the SQLite store, version by version. A version, once released, is never edited: a new one is added.

How a row is kept small. A `place` is a path of a run as one integer, `run * PLACES + ordinal`, so that a range of
places is a run. Words that repeat (tiers, statuses) stand once in `word`, long texts of runs once in `document`.
An open request is a row of `intent`; its end moves it to `call`, so open requests are few and quick to find.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from agentflow.errors import SchemaTooNew, StoreFailed

APPLICATION_ID = 0x41464C57
"""Marks the file as ours: `AFLW`."""

PLACES = 1 << 28
"""Paths a run may have. Six bytes hold a place of the first half million runs."""

INTENT_COLUMNS = "place, key, occurrence, wire, epoch, asked, tier, model, bound, cap, usd, tokens, calls, account"

ENDING_COLUMNS = (
    "status, spent_usd, spent_tokens, spent_calls, input, output, cached, cache_write, reasoning, response, finish, "
    "clipped, over_usd, over_tokens, over_calls, seconds, reason"
)

_JOURNAL = (
    "CREATE TABLE word (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE)",
    "CREATE TABLE document (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, text TEXT NOT NULL)",
    "CREATE TABLE owner (epoch INTEGER PRIMARY KEY AUTOINCREMENT, pid INTEGER NOT NULL)",
    """CREATE TABLE run (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, pipeline TEXT NOT NULL,
        source_hash TEXT NOT NULL, arguments INTEGER NOT NULL, budget TEXT NOT NULL, ladder INTEGER NOT NULL,
        prices INTEGER NOT NULL, account TEXT NOT NULL, resumable INTEGER NOT NULL, started_at TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT '', value TEXT NOT NULL DEFAULT 'null', feedback TEXT NOT NULL DEFAULT '',
        limit_hit TEXT NOT NULL DEFAULT '', partial TEXT NOT NULL DEFAULT '{}',
        touched REAL NOT NULL, epoch INTEGER)""",
    """CREATE TABLE meter (
        run INTEGER PRIMARY KEY, paths INTEGER NOT NULL DEFAULT 0, asked INTEGER NOT NULL DEFAULT 0,
        seconds REAL NOT NULL DEFAULT 0,
        spent_usd INTEGER NOT NULL DEFAULT 0, spent_tokens INTEGER NOT NULL DEFAULT 0,
        spent_calls INTEGER NOT NULL DEFAULT 0, unknown_usd INTEGER NOT NULL DEFAULT 0,
        unknown_tokens INTEGER NOT NULL DEFAULT 0, unknown_calls INTEGER NOT NULL DEFAULT 0,
        over_usd INTEGER NOT NULL DEFAULT 0, over_tokens INTEGER NOT NULL DEFAULT 0,
        over_calls INTEGER NOT NULL DEFAULT 0)""",
    """CREATE TABLE path (
        run INTEGER NOT NULL, name TEXT NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (run, name)) WITHOUT ROWID""",
    """CREATE TABLE intent (
        place INTEGER NOT NULL, key BLOB NOT NULL, occurrence INTEGER NOT NULL, wire INTEGER NOT NULL,
        epoch INTEGER NOT NULL, asked INTEGER NOT NULL, tier INTEGER NOT NULL, model INTEGER NOT NULL,
        bound INTEGER NOT NULL, cap INTEGER NOT NULL,
        usd INTEGER NOT NULL, tokens INTEGER NOT NULL, calls INTEGER NOT NULL,
        PRIMARY KEY (place, key, occurrence, wire)) WITHOUT ROWID""",
    """CREATE TABLE call (
        id INTEGER PRIMARY KEY,
        place INTEGER NOT NULL, key BLOB NOT NULL, occurrence INTEGER NOT NULL, wire INTEGER NOT NULL,
        epoch INTEGER NOT NULL, asked INTEGER NOT NULL, tier INTEGER NOT NULL, model INTEGER NOT NULL,
        bound INTEGER NOT NULL, cap INTEGER NOT NULL,
        usd INTEGER NOT NULL, tokens INTEGER NOT NULL, calls INTEGER NOT NULL,
        status INTEGER NOT NULL,
        spent_usd INTEGER NOT NULL, spent_tokens INTEGER NOT NULL, spent_calls INTEGER NOT NULL,
        input INTEGER, output INTEGER, cached INTEGER NOT NULL, cache_write INTEGER NOT NULL,
        reasoning INTEGER NOT NULL, finish INTEGER NOT NULL, clipped INTEGER NOT NULL,
        over_usd INTEGER NOT NULL, over_tokens INTEGER NOT NULL, over_calls INTEGER NOT NULL,
        seconds REAL NOT NULL, reason TEXT NOT NULL, response TEXT NOT NULL)""",
    "CREATE INDEX call_by_place ON call (place, key)",
    """CREATE TABLE step (
        place INTEGER PRIMARY KEY, step INTEGER NOT NULL, identity BLOB NOT NULL, status INTEGER NOT NULL,
        spent_usd INTEGER NOT NULL, spent_tokens INTEGER NOT NULL, spent_calls INTEGER NOT NULL,
        replayable INTEGER NOT NULL, feedback TEXT NOT NULL, inputs TEXT NOT NULL, prediction TEXT NOT NULL,
        attempts TEXT NOT NULL)""",
    """CREATE TABLE agent (
        place INTEGER PRIMARY KEY, status INTEGER NOT NULL,
        spent_usd INTEGER NOT NULL, spent_tokens INTEGER NOT NULL, spent_calls INTEGER NOT NULL,
        feedback TEXT NOT NULL, limit_hit TEXT NOT NULL)""",
    """CREATE TABLE skip (
        place INTEGER NOT NULL, tier INTEGER NOT NULL, reason TEXT NOT NULL,
        PRIMARY KEY (place, tier)) WITHOUT ROWID""",
    """CREATE TABLE kept (
        run INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run, name)) WITHOUT ROWID""",
    "CREATE TABLE distrust (model TEXT PRIMARY KEY, run TEXT NOT NULL, reason TEXT NOT NULL) WITHOUT ROWID",
)

_STANDING = (
    """CREATE TABLE account (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, allowance TEXT NOT NULL,
        limit_usd INTEGER, limit_tokens INTEGER, limit_calls INTEGER,
        spent_usd INTEGER NOT NULL DEFAULT 0, spent_tokens INTEGER NOT NULL DEFAULT 0,
        spent_calls INTEGER NOT NULL DEFAULT 0, over_usd INTEGER NOT NULL DEFAULT 0,
        over_tokens INTEGER NOT NULL DEFAULT 0, over_calls INTEGER NOT NULL DEFAULT 0)""",
    """CREATE TABLE granted (
        account INTEGER NOT NULL, epoch INTEGER NOT NULL, usd INTEGER NOT NULL, tokens INTEGER NOT NULL,
        calls INTEGER NOT NULL, PRIMARY KEY (account, epoch)) WITHOUT ROWID""",
    "ALTER TABLE intent ADD COLUMN account INTEGER",
    "ALTER TABLE call ADD COLUMN account INTEGER",
)

_OPTIONS = ("ALTER TABLE run ADD COLUMN options TEXT NOT NULL DEFAULT '{}'",)

_TRUTH = (
    "CREATE TABLE label (id INTEGER PRIMARY KEY, place INTEGER NOT NULL, label TEXT NOT NULL)",
    "CREATE INDEX label_by_place ON label (place)",
    "ALTER TABLE run ADD COLUMN policy INTEGER",
)

VERSIONS: tuple[tuple[str, ...], ...] = (_JOURNAL, _STANDING, _OPTIONS, _TRUTH)
"""What leads from each version to the next, beginning with an empty file."""


def version_of(connection: sqlite3.Connection, path: Path) -> int:
    """The schema's version, once it is certain that the file is ours and not from a newer AgentFlow."""
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if mark != APPLICATION_ID:
        raise StoreFailed(f"{path} is another program's database; choose another path for the store")
    if version > len(VERSIONS):
        raise SchemaTooNew(
            f"{path} has schema {version}, this AgentFlow knows {len(VERSIONS)}; upgrade AgentFlow to use it"
        )
    return int(version)


def migrate(connection: sqlite3.Connection, steps: Sequence[Sequence[str]], version: int) -> None:
    """Bring an open database forward from *version* by *steps*, all of them or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in (statement for step in steps for statement in step):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {version + len(steps)}")
        connection.execute("COMMIT")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
