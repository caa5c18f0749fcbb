"""Every error AgentFlow raises, in one tree, each named by who must act.

    Exception
    └── AgentFlowError
        ├── DefinitionError (a TypeError)   the author of a step, ladder or pipeline
        ├── NoAccount                       the author: a step was called outside a run
        ├── StepRejected                    the caller: no attempt could be proven right
        ├── ConfigurationError              whoever starts the run
        │   ├── BadLabels
        │   ├── NoBudget
        │   ├── UnknownModel
        │   ├── UnknownPrice
        │   ├── MissingKey
        │   ├── UnsupportedSignature
        │   ├── PipelineNotFound
        │   ├── BadCassette
        │   └── NotRecorded
        ├── EngineFailed                    the provider, or the network before it
        │   └── ModelDistrusted             the operator: to trust a model that broke its bound
        └── StoreFailed                     the operator of this machine
            ├── RunIsLive
            ├── UnknownRun
            └── SchemaTooNew
    BaseException
    └── Halt                                nobody: work must stop, and says why as an Outcome
        ├── BudgetHalt
        ├── LoopHalt
        └── StoreHalt

A ``Halt`` is no ``Exception`` because DSPy catches ``Exception`` in about forty places and would report "no money
left" as a score of zero. It becomes an ``Outcome`` at the boundary of an agent and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentflow.attempt import Outcome


class AgentFlowError(Exception):
    """Something AgentFlow was asked to do cannot be done."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or type(self).__doc__ or "")


class DefinitionError(AgentFlowError, TypeError):
    """This step, ladder or pipeline cannot work as it is written."""


class NoAccount(AgentFlowError):
    """A step was called outside a run, so nobody would pay for it; call it inside `run(...)`."""


class StepRejected(AgentFlowError):
    """No attempt of the step could be proven right."""

    def __init__(self, outcome: Outcome, message: str | None = None) -> None:
        super().__init__(message or f"{outcome.path or 'step'}: {outcome.feedback or 'rejected'}")
        self.outcome = outcome


class ConfigurationError(AgentFlowError):
    """The run cannot start as it is configured."""


class BadLabels(ConfigurationError):
    """Rows of labels cannot be used; nothing of them was written."""

    def __init__(self, complaints: Sequence[str], rows: int) -> None:
        more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
        told = f"{len(complaints)} of {rows} rows cannot be used: {complaints[0]}{more}"
        super().__init__(f"nothing was written, for {told}")
        self.complaints = tuple(complaints)
        """One for each bad row: its number, what is wrong, and the way out."""


class NoBudget(ConfigurationError):
    """A run needs a limit in usd or tokens; give one, or say no_budget=True in words."""


class UnknownModel(ConfigurationError):
    """No engine answers for this model name."""


class UnknownPrice(ConfigurationError):
    """This model has no price, so a limit in usd could not be kept; set one in agentflow.toml under [prices]."""


class MissingKey(ConfigurationError):
    """This model's provider needs a key that is not set."""


class UnsupportedSignature(ConfigurationError):
    """This model was not trained for this signature; configure a general model for the step."""


class PipelineNotFound(ConfigurationError):
    """No single pipeline could be loaded from this file."""


class BadCassette(ConfigurationError):
    """This file is no cassette, a damaged one, or one that must not be written on."""


class NotRecorded(ConfigurationError):
    """This call is not on the cassette that shall answer; record it."""

    nothing_sent = True


class EngineFailed(AgentFlowError):
    """Every tier failed before it could answer."""


HOW_TO_TRUST = "trust it again with: agentflow models trust"


class ModelDistrusted(EngineFailed):
    """This model charged more than its declared bound, and gets nothing until someone trusts it again."""


class StoreFailed(AgentFlowError):
    """The journal cannot be read or written."""


class RunIsLive(StoreFailed):
    """Another process holds this run; wait for it or stop it first."""


class UnknownRun(StoreFailed):
    """There is no run of this name in the store."""


class SchemaTooNew(StoreFailed):
    """The store was written by a newer AgentFlow; upgrade to read it."""


class Halt(BaseException):
    """Work under this account must stop."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path
        """The account that is to blame, empty for the run itself."""


class BudgetHalt(Halt):
    """A limit was reached: not one further request goes out."""


class LoopHalt(Halt):
    """The same thing was tried again and again without progress."""


class StoreHalt(Halt):
    """The journal cannot be written, so nothing more may be paid for."""
