"""Read-only answers from a journal: what was proven, what it cost, what stopped it.

Nothing here writes to a store or calls a model.
"""

from agentflow.report.answers import Report
from agentflow.report.export import SCHEMA, to_json
from agentflow.report.summary import summarise
from agentflow.report.terminal import render

__all__ = ["SCHEMA", "Report", "render", "summarise", "to_json"]
