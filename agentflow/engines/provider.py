"""One attempt at a provider's model over the network: through lm15 where it can say it, else through litellm.

Nothing is retried, cached, limited or paid for here, and no key is kept: each is read when a connection pool is built.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dspy import lm15

from agentflow.engines.billing import certainly_unbilled, is_dearer, usage_of
from agentflow.engines.bounds import Counter, bound_of, counter_for
from agentflow.engines.portal import Portal
from agentflow.engines.routes import Route, check_key, find_route
from agentflow.engines.wire import Wire
from agentflow.prices import find_entry, price_map
from agentflow.usage import Bound

if TYPE_CHECKING:
    from agentflow.attempt import Tier
    from agentflow.settings import Settings

__all__ = ["ProviderEngine", "certainly_unbilled", "check_key", "is_dearer", "usage_of"]

ALWAYS = frozenset({"temperature", "max_tokens", "top_p", "stop", "seed", "stream"})


class ProviderEngine:
    """Asks one model of one provider. Its pools belong to event loops; sync callers share one loop of its own."""

    def __init__(self, route: Route, *, counter: Counter | None = None) -> None:
        self.route = route
        entry = {} if route.dialect is not None else find_entry(f"{route.provider}/{route.model}", price_map()) or {}
        is_server = route.dialect is not None
        self.supports_function_calling = bool(entry.get("supports_function_calling", is_server))
        self.supports_response_schema = bool(entry.get("supports_response_schema", is_server))
        self.supports_reasoning = bool(entry.get("supports_reasoning", False))
        self.supported_params = ALWAYS | _params(self)
        self._counter = counter
        self._portal = Portal(f"agentflow-{route.provider}")
        self._wires: dict[asyncio.AbstractEventLoop, Wire] = {}
        self._lock = threading.Lock()

    @classmethod
    def open(cls, tier: Tier, settings: Settings) -> ProviderEngine:  # noqa: ARG003  # every kind of engine opens alike
        """The engine of a tier with a `provider/model`. Raises `UnknownModel`."""
        route = find_route(str(tier.model), tier.api_base, os.environ)
        return cls(route, counter=counter_for(route.model) if route.api_base is None else None)

    def __deepcopy__(self, memo: object) -> ProviderEngine:
        return self  # DSPy copies programs with their engines; connections stay where they are

    def complete(self, request: lm15.Request, *, timeout: float) -> lm15.Response:
        """One attempt, from any thread. Raises `dspy.lm15` errors only."""
        return self._portal.run(self.acomplete(request, timeout=timeout))

    async def acomplete(self, request: lm15.Request, *, timeout: float) -> lm15.Response:
        """One attempt, from a task. Raises `dspy.lm15` errors only."""
        with _lm15_errors(self.route.provider, timeout):
            wire = await self._wire()
            async with asyncio.timeout(timeout):
                return await wire.complete(request)

    def stream(self, request: lm15.Request, *, timeout: float) -> Iterator[Any]:
        """The events of one attempt, from a thread; *timeout* is for all of them together."""
        events = self.astream(request, timeout=timeout)
        try:
            while (event := self._portal.run(_next(events))) is not None:
                yield event
        finally:
            self._portal.run(events.aclose())

    async def astream(self, request: lm15.Request, *, timeout: float) -> AsyncGenerator[Any]:
        """The events of one attempt, from a task; *timeout* is for all of them together."""
        began = False
        deadline = asyncio.get_running_loop().time() + timeout
        try:
            with _lm15_errors(self.route.provider, timeout):
                events = (await self._wire()).stream(request)
                try:
                    while (event := await _next_until(events, deadline)) is not None:
                        began = True
                        yield event
                finally:
                    await events.aclose()
        except lm15.LM15Error as error:
            error.after_output = began
            raise

    def bound(self, request: lm15.Request) -> Bound:
        """Most input tokens *request* can be billed for. Raises `UnsupportedFeatureError` when nobody can say."""
        return bound_of(request, self._counter)

    def close(self) -> None:
        """Close the pool of sync callers and stop their loop."""
        if self._portal.is_open:
            self._portal.run(self.aclose())
        self._portal.close()

    async def aclose(self) -> None:
        """Close the pool of the running loop."""
        with self._lock:
            wire = self._wires.pop(asyncio.get_running_loop(), None)
        if wire is not None:
            await wire.aclose()

    async def _wire(self) -> Wire:
        loop = asyncio.get_running_loop()
        wire = self._wires.get(loop)
        if wire is None:
            wire = Wire(self.route, os.environ)
            await wire.load()
            with self._lock:
                living = {other: wire for other, wire in self._wires.items() if not other.is_closed()}
                self._wires = living | {loop: living.get(loop, wire)}
                wire = self._wires[loop]
        return wire


def _params(engine: ProviderEngine) -> frozenset[str]:
    params = {"response_format"} if engine.supports_response_schema or engine.supports_function_calling else set()
    params |= {"tools", "tool_choice", "parallel_tool_calls"} if engine.supports_function_calling else set()
    return frozenset(params | ({"reasoning_effort"} if engine.supports_reasoning else set()))


@contextmanager
def _lm15_errors(provider: str, timeout: float) -> Iterator[None]:
    """Every failure as an lm15 error with its cause; cancellation and interrupts as they are."""
    try:
        yield
    except lm15.LM15Error as error:
        if type(error.__cause__).__name__ == "ReadTimeout":
            raise lm15.TimeoutError(str(error), provider=provider) from error
        raise
    except TimeoutError as error:
        raise lm15.TimeoutError(f"no answer within {timeout:g} s", provider=provider) from error
    except OSError as error:
        raise lm15.TransportError(f"{type(error).__name__}: {error}", provider=provider) from error
    except Exception as error:  # because SDKs raise what they like, and callers bill by lm15's classes
        raise lm15.ProviderError(f"{type(error).__name__}: {error}", provider=provider) from error


async def _next(events: AsyncIterator[Any]) -> Any:
    return await anext(events, None)


async def _next_until(events: AsyncIterator[Any], deadline: float) -> Any:
    async with asyncio.timeout_at(deadline):
        return await anext(events, None)
