"""What answers a request: one protocol, and the way from a tier to the engine behind it.

Nothing is metered, retried or limited here, and importing this loads no engine: each is imported when a tier names it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from agentflow.errors import UnknownModel
from agentflow.usage import Bound

if TYPE_CHECKING:
    from dspy.lm15 import Request, Response

    from agentflow.attempt import Tier
    from agentflow.settings import Settings

LOCAL = "local/"
"""Prefix of the models that run inside this process."""


@runtime_checkable
class Engine(Protocol):
    """Turns one canonical request into one response, from sync and from async code, and raises `dspy.lm15` errors."""

    supports_function_calling: bool
    supports_reasoning: bool
    supports_response_schema: bool
    supported_params: frozenset[str]

    def complete(self, request: Request, *, timeout: float) -> Response:
        """One attempt, over within *timeout* seconds and a little grace."""
        ...

    async def acomplete(self, request: Request, *, timeout: float) -> Response:
        """One attempt, over within *timeout* seconds and a little grace."""
        ...

    def bound(self, request: Request) -> Bound:
        """Most input tokens this request can be billed for. Raises `UnsupportedFeatureError` when nobody can say."""
        ...

    def close(self) -> None:
        """Give back what sync calls hold open."""
        ...

    async def aclose(self) -> None:
        """Give back what async calls hold open."""
        ...


def open_engine(tier: Tier, settings: Settings) -> Engine:
    """The engine that answers for *tier*. Raises `UnknownModel` when there is none."""
    if tier.engine is not None:
        return _checked(tier.engine, tier)
    if not isinstance(tier.model, str):
        raise UnknownModel(f"Tier({tier.label}) is a plain function: it has no engine; call the function")
    if tier.model.startswith(LOCAL):
        return _checked(import_module("agentflow.engines.local").LocalEngine.open(tier, settings), tier)
    return _checked(import_module("agentflow.engines.provider").ProviderEngine.open(tier, settings), tier)


def _checked(engine: Any, tier: Tier) -> Engine:
    if isinstance(engine, Engine):
        return engine
    promised = ("complete", "acomplete", "bound", "close", "aclose")
    missing = [name for name in promised if not hasattr(engine, name)]
    raise UnknownModel(
        f"Tier({tier.label}): {type(engine).__name__} is no Engine, it lacks {', '.join(missing) or 'capabilities'}; "
        "see agentflow.engines.Engine, or take agentflow.testing.ScriptedEngine"
    )
