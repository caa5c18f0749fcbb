"""AgentFlow runs DSPy programs unattended, under a hard budget, and believes nothing that was not checked."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentflow import validators
    from agentflow.accounts import open_account
    from agentflow.attempt import Attempt, Outcome, Tier
    from agentflow.budget import Budget
    from agentflow.declare import keep, load_pipeline, pipeline
    from agentflow.errors import (
        AgentFlowError,
        BudgetHalt,
        ConfigurationError,
        DefinitionError,
        EngineFailed,
        Halt,
        NoAccount,
        StepRejected,
        StoreFailed,
    )
    from agentflow.ladder import Ladder
    from agentflow.runs import arun, resume, run
    from agentflow.scheduler import agents
    from agentflow.sitting import ending
    from agentflow.step import Step
    from agentflow.tools import tool
    from agentflow.usage import Price
    from agentflow.verdict import Verdict
    from agentflow.whole_text import WholeText

__version__ = "0.1.0"

__all__ = [
    "AgentFlowError",
    "Attempt",
    "Budget",
    "BudgetHalt",
    "ConfigurationError",
    "DefinitionError",
    "EngineFailed",
    "Halt",
    "Ladder",
    "NoAccount",
    "Outcome",
    "Price",
    "Step",
    "StepRejected",
    "StoreFailed",
    "Tier",
    "Verdict",
    "WholeText",
    "agents",
    "arun",
    "ending",
    "keep",
    "load_pipeline",
    "open_account",
    "pipeline",
    "resume",
    "run",
    "tool",
    "validators",
]

_HOMES = {
    "accounts": ("open_account",),
    "errors": (
        "AgentFlowError",
        "BudgetHalt",
        "ConfigurationError",
        "DefinitionError",
        "EngineFailed",
        "Halt",
        "NoAccount",
        "StepRejected",
        "StoreFailed",
    ),
    "attempt": ("Attempt", "Outcome", "Tier"),
    "budget": ("Budget",),
    "declare": ("keep", "load_pipeline", "pipeline"),
    "ladder": ("Ladder",),
    "runs": ("arun", "resume", "run"),
    "scheduler": ("agents",),
    "sitting": ("ending",),
    "step": ("Step",),
    "tools": ("tool",),
    "usage": ("Price",),
    "verdict": ("Verdict",),
    "whole_text": ("WholeText",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: `import agentflow` alone loads neither DSPy nor litellm."""
    if name == "validators":
        return import_module("agentflow.validators")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'agentflow' has no attribute {name!r}")
    value = getattr(import_module(f"agentflow.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
