"""What the exit code of a command means. These numbers are a promise: scripts and night jobs branch on them."""

from __future__ import annotations

from enum import IntEnum

from typer.exceptions import TyperException

from agentflow.attempt import Status
from agentflow.errors import AgentFlowError, ConfigurationError, DefinitionError, EngineFailed, RunIsLive, StoreFailed


class Exit(IntEnum):
    """How a command ended."""

    ACCEPTED = 0
    REJECTED = 1
    """Finished, but validators said no."""
    USAGE = 2
    """The command line cannot be understood."""
    CONFIGURATION = 3
    """Configuration, environment or store."""
    BUDGET_EXHAUSTED = 4
    """What was done is saved, and the run can be resumed."""
    ENGINE_FAILED = 5
    PARKED = 6
    """Waits for an approval that nobody could give."""
    NO_PROGRESS = 7
    POLICY_VIOLATED = 8
    INTERNAL = 70
    """A bug: in the pipeline's own code, or in AgentFlow."""
    TRY_LATER = 75
    """Another process holds what is needed."""
    INTERRUPTED = 130
    TERMINATED = 143


BY_STATUS: dict[Status, Exit] = {
    "accepted": Exit.ACCEPTED,
    "rejected": Exit.REJECTED,
    "budget_exhausted": Exit.BUDGET_EXHAUSTED,
    "no_progress": Exit.NO_PROGRESS,
    "engine_failed": Exit.ENGINE_FAILED,
    "cancelled": Exit.INTERRUPTED,
    "failed": Exit.INTERNAL,
}

BY_ERROR: tuple[tuple[type[AgentFlowError], Exit], ...] = (
    (RunIsLive, Exit.TRY_LATER),
    (StoreFailed, Exit.CONFIGURATION),
    (ConfigurationError, Exit.CONFIGURATION),
    (DefinitionError, Exit.CONFIGURATION),
    (EngineFailed, Exit.ENGINE_FAILED),
)


def exit_of_error(error: BaseException) -> Exit:
    """The code for an error that ended a command."""
    if isinstance(error, TyperException):
        return Exit.USAGE
    if isinstance(error, KeyboardInterrupt):
        return Exit.INTERRUPTED
    if isinstance(error, OSError):
        return Exit.CONFIGURATION  # a file or folder of this machine; what a pipeline raises ends as its outcome
    return next((code for kind, code in BY_ERROR if isinstance(error, kind)), Exit.INTERNAL)
