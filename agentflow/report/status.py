"""How a run stands, in one word."""

from __future__ import annotations

from agentflow.store import RunRow


def status_of(row: RunRow) -> str:
    """How the run ended, `running`, or `interrupted` when its process died."""
    return row.status or ("running" if row.is_live else "interrupted")
