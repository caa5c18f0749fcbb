"""Engines that cost next to nothing themselves, so that what is measured is AgentFlow. They keep no requests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from dspy import lm15

from agentflow.engines.bounds import request_texts
from agentflow.testing import count_tokens
from agentflow.usage import Bound


class SteadyEngine:
    """Answers from a function of the request, after *latency* seconds asleep on the loop."""

    supports_function_calling = True
    supports_reasoning = False
    supports_response_schema = True
    supported_params = frozenset({"temperature", "max_tokens", "response_format", "tools", "tool_choice", "stop"})

    def __init__(self, answer: Callable[[lm15.Request], str] | str, *, latency: float = 0.0) -> None:
        self._answer = answer if callable(answer) else lambda _request: answer
        self._latency = latency
        self.calls = 0

    def __deepcopy__(self, memo: object) -> SteadyEngine:
        return self

    def complete(self, request: lm15.Request, *, timeout: float = 60.0) -> lm15.Response:
        """The answer."""
        if self._latency:
            time.sleep(self._latency)
        return self._respond(request)

    async def acomplete(self, request: lm15.Request, *, timeout: float = 60.0) -> lm15.Response:
        """The answer; other agents go on meanwhile."""
        if self._latency:
            await asyncio.sleep(self._latency)
        return self._respond(request)

    def stream(self, request: lm15.Request, *, timeout: float = 60.0) -> Any:
        """The events of the answer."""
        yield from lm15.response_to_events(self.complete(request, timeout=timeout))

    async def astream(self, request: lm15.Request, *, timeout: float = 60.0) -> Any:
        """The events of the answer."""
        for event in lm15.response_to_events(await self.acomplete(request, timeout=timeout)):
            yield event

    def bound(self, request: lm15.Request) -> Bound:
        """Exactly what will be counted."""
        return Bound(count_tokens(*request_texts(request)), "exact", "counted the same way")

    def close(self) -> None:
        """Nothing is held open."""

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _respond(self, request: lm15.Request) -> lm15.Response:
        self.calls += 1
        text = self._answer(request)
        return lm15.Response(
            id=None,
            model=request.model,
            message=lm15.Message(role="assistant", parts=(lm15.TextPart(text),)),
            finish_reason="stop",
            usage=lm15.Usage(input_tokens=count_tokens(*request_texts(request)), output_tokens=count_tokens(text)),
        )
