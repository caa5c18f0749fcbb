"""Read-only answers from a journal: what was proven, what it cost, what stopped it.

Nothing here writes to a store or calls a model. Each name is loaded when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentflow.report.answers import Report
    from agentflow.report.export import SCHEMA, to_json
    from agentflow.report.summary import summarise
    from agentflow.report.terminal import render

__all__ = ["SCHEMA", "Report", "render", "summarise", "to_json"]

_HOMES = {"SCHEMA": "export", "Report": "answers", "render": "terminal", "summarise": "summary", "to_json": "export"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
