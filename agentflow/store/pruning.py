"""Deleting finished runs and everything of theirs, inside the open transaction. What was spent stays spent."""

from __future__ import annotations

import sqlite3

from agentflow.store.schema import PLACES


def prune_runs(connection: sqlite3.Connection, before: float) -> int:
    """Delete the runs that ended, that nobody holds, and that were last touched *before*; how many."""
    query = "SELECT id FROM run WHERE status <> '' AND epoch IS NULL AND touched < ?"
    runs = [run for (run,) in connection.execute(query, (before,))]
    for run in runs:
        _delete(connection, run)
    if runs:
        connection.execute(
            """DELETE FROM document WHERE id NOT IN (
            SELECT arguments FROM run UNION SELECT ladder FROM run UNION SELECT prices FROM run
            UNION SELECT policy FROM run WHERE policy IS NOT NULL)"""
        )
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        for _ in range(free):
            connection.execute(
                "PRAGMA incremental_vacuum"
            )  # one page a call: sqlite3 steps a statement without rows once
    return len(runs)


def _delete(connection: sqlite3.Connection, run: int) -> None:
    for table in ("call", "intent", "step", "label", "agent", "skip"):
        connection.execute(f"DELETE FROM {table} WHERE place BETWEEN ? AND ?", (run * PLACES, (run + 1) * PLACES - 1))
    for table, column in (("path", "run"), ("kept", "run"), ("meter", "run"), ("run", "id")):
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (run,))
