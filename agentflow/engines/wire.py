"""The two libraries that speak to providers, for one route on one event loop: lm15, and litellm for the rest.

A request goes out once: what these libraries would send again in silence is turned off.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from typing import Any

from dspy import lm15
from dspy._vendor.lm15.access import AccessPolicy, EndpointSupport
from dspy._vendor.lm15.transports import StdlibAsyncTransport, TransportError, WriteError
from dspy.clients._litellm import get_litellm
from dspy.clients.engines.litellm_engine import AsyncLiteLLMEngine
from dspy.lm15 import OpenAIChatCompat, ProviderDefinition, RouterConfig

from agentflow.engines.billing import LITELLM_MARK
from agentflow.engines.routes import Route
from agentflow.prices import is_loopback

PLACEHOLDER = "none"
"""What servers without keys are sent as one."""

CONNECT_SECONDS = 10.0
CONNECTIONS = 4_096
"""Per pool; how many are used is the limiter's affair."""

LONGEST_READ = 86_400.0
"""Seconds; each request brings its own, shorter timeout."""

TAKES_COMPLETION_TOKENS = ("gpt-5", "o1", "o3", "o4")
"""Models whose own API refuses the older spelling of the cap; other servers behind an address may ignore the newer."""


class Wire:
    """One pool of connections to one provider."""

    def __init__(self, route: Route, environ: Mapping[str, str]) -> None:
        self._route = route
        self._key = next((environ[name] for name in route.keys if environ.get(name)), None)
        self._transport = OnceTransport(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=LONGEST_READ,
            write_timeout=LONGEST_READ,
            pool_timeout=LONGEST_READ,
            max_connections=CONNECTIONS,
            trust_env=not is_loopback(route.api_base),  # a proxy cannot reach this machine
        )
        self._router = lm15.AsyncLMRouter(_config(route, self._key, self._transport))
        self._litellm = AsyncLiteLLMEngine(**_litellm_options(route, self._key))

    async def load(self) -> None:
        """Import what takes long, off the loop and outside of any request's timeout."""
        if self._route.native is None:
            await asyncio.to_thread(_load_litellm)

    async def complete(self, request: lm15.Request) -> lm15.Response:
        """The answer to *request*, asked once."""
        if self._route.native is not None:
            try:
                return await self._router.complete(self._named(request))
            except lm15.CapabilityError as error:
                if not self._is_refused_here(request):
                    raise lm15.ProviderError(f"the answer cannot be represented: {error}") from error
        return await self._through_litellm(request)

    async def stream(self, request: lm15.Request) -> AsyncGenerator[Any]:
        """The events of the answer to *request*, asked once. Ends with an end event, or raises.

        What only litellm can ask comes in one piece: it ends a stream that died as if it were whole, and makes up its
        usage.
        """
        if self._route.native is None or self._is_refused_here(request):
            for event in lm15.response_to_events(await self._through_litellm(request)):
                yield event
            return
        ended = False
        async for event in self._router.stream(self._named(request)):
            if event.type == "error":
                raise lm15.ProviderError(event.error.message)
            ended = ended or event.type == "end"
            yield event
        if not ended:
            raise lm15.StreamAssemblyError("the stream stopped before its end")

    async def aclose(self) -> None:
        """Close every connection."""
        await self._router.aclose()
        await self._transport.aclose()
        await self._litellm.aclose()

    async def _through_litellm(self, request: lm15.Request) -> lm15.Response:
        await asyncio.to_thread(_load_litellm)
        try:
            response = await self._litellm.complete(request)
        except lm15.ProviderError as error:
            error.retry_after = error.retry_after or _retry_after(error.__cause__)  # lost on litellm's way
            raise
        return replace(response, provider_data={**(response.provider_data or {}), LITELLM_MARK: True})

    def _named(self, request: lm15.Request) -> lm15.Request:
        return replace(request, model=f"{self._route.native}:{self._route.model}")

    def _is_refused_here(self, request: lm15.Request) -> bool:
        """Whether lm15 cannot say this request, so that it never left."""
        try:
            self._router.plan(self._named(request))
        except lm15.CapabilityError:
            return True
        return False


class OnceTransport(StdlibAsyncTransport):  # type: ignore[misc]  # dspy is untyped
    """Sends a request once. The original sends it again when a reused connection breaks while writing; what the first
    one cost would then be nobody's."""

    async def _send_request(self, *arguments: Any, **options: Any) -> None:
        try:
            await super()._send_request(*arguments, **options)
        except (WriteError, OSError) as error:
            raise TransportError(f"the connection broke while sending: {error}") from error


def _config(route: Route, key: str | None, transport: OnceTransport) -> RouterConfig:
    if route.dialect is None:
        bases = {route.native: route.api_base} if route.native and route.api_base else None
        needs_placeholder = bases is not None and key is None
        return RouterConfig(
            transport=transport, base_urls=bases, api_keys={route.native: PLACEHOLDER} if needs_placeholder else None
        )
    access = AccessPolicy(
        provider=str(route.native),
        supports=EndpointSupport(complete=True, stream=True),
        auth_modes=("bearer",),
        base_url=route.api_base,
    )
    definition = ProviderDefinition.chat(access, compat=_spellings(route), placeholder_key=PLACEHOLDER)
    keys = {route.native: key} if key else None
    return RouterConfig(transport=transport, providers=(definition,), api_keys=keys)


def _spellings(route: Route) -> OpenAIChatCompat:
    compat = OpenAIChatCompat.preset(route.dialect)
    if route.dialect != "openai" or route.model.startswith(TAKES_COMPLETION_TOKENS):
        return compat
    return replace(compat, max_tokens_field="max_tokens", instruction_role="system")


def _litellm_options(route: Route, key: str | None) -> dict[str, Any]:
    if route.dialect is not None:
        wire_model = f"openai/{route.model}"
        return {"api_base": route.api_base, "api_key": key or PLACEHOLDER, "wire_model": wire_model}
    options: dict[str, Any] = {"wire_model": f"{route.provider}/{route.model}"}
    if route.api_base is not None:
        options |= {"api_base": route.api_base, "api_key": key or PLACEHOLDER}
    return options


def _retry_after(error: BaseException | None) -> float | None:
    try:
        return max(0.0, float(getattr(error, "litellm_response_headers", None)["retry-after"]))  # type: ignore[index]
    except (KeyError, TypeError, ValueError):
        return None  # none was sent, or one that is a date


def _load_litellm() -> None:
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # without it, importing it fetches prices
    get_litellm(feature="a provider that lm15 does not know")
