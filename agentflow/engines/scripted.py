"""An engine whose answers are written down beforehand: a real one in every way but the model.

It never guesses: without an answer it raises `NoMoreAnswers`.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from dspy import lm15

from agentflow.engines.bounds import request_texts
from agentflow.usage import Bound

CHARACTERS_PER_TOKEN = 4

Answer: TypeAlias = "str | lm15.Response | BaseException | Sequence[Any]"
"""A text, a whole response, an error to raise, or the parts of a message."""


class NoMoreAnswers(lm15.ConfigurationError):  # type: ignore[misc]  # dspy is untyped
    """The script has no answer left for this request."""


def count_tokens(*texts: str) -> int:
    """How the doubles count: one token for every four characters begun, of each text on its own."""
    return sum(-(-len(text) // CHARACTERS_PER_TOKEN) for text in texts)


class ScriptedEngine:
    """Answers from a function of the request, or from a list in order; keeps what it was asked.

    Usage is exact by `count_tokens`, and so is the bound. An answer longer than `max_tokens` is cut there and finishes
    with `length`, unless the engine does not honour the cap.
    """

    supports_function_calling = True
    supports_reasoning = False
    supports_response_schema = True
    supported_params = frozenset({"temperature", "max_tokens", "response_format", "tools", "tool_choice", "stop"})

    def __init__(
        self,
        answer: Callable[[lm15.Request], Answer] | Sequence[Answer],
        *,
        latency: float = 0.0,
        honours_max_tokens: bool = True,
        sleep: Callable[[float], object] = time.sleep,
        asleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._answer = answer if callable(answer) else _in_order(answer)
        self._latency = latency
        self._honours = honours_max_tokens
        self._sleep, self._asleep = sleep, asleep
        self._lock = threading.Lock()
        self.requests: list[lm15.Request] = []
        """Every request that reached it, in order."""
        self.inflight = 0
        self.peak = 0
        """Most requests it had in hand at once."""

    def __deepcopy__(self, memo: object) -> ScriptedEngine:
        return self  # DSPy copies programs with their engines; what was asked must stay in one place

    @property
    def calls(self) -> int:
        """How many requests reached it."""
        return len(self.requests)

    def complete(self, request: lm15.Request, *, timeout: float = 60.0) -> lm15.Response:
        """The scripted answer, or a `TimeoutError` after *timeout* when the latency is longer."""
        self._enter(request)
        try:
            self._sleep(min(self._latency, timeout)) if self._latency else None
            return self._respond(request, timeout)
        finally:
            self._leave()

    async def acomplete(self, request: lm15.Request, *, timeout: float = 60.0) -> lm15.Response:
        """The scripted answer, or a `TimeoutError` after *timeout* when the latency is longer."""
        self._enter(request)
        try:
            await self._asleep(min(self._latency, timeout))
            return self._respond(request, timeout)
        finally:
            self._leave()

    def stream(self, request: lm15.Request, *, timeout: float = 60.0) -> Iterator[Any]:
        """The events of the scripted answer."""
        yield from lm15.response_to_events(self.complete(request, timeout=timeout))

    async def astream(self, request: lm15.Request, *, timeout: float = 60.0) -> AsyncGenerator[Any]:
        """The events of the scripted answer."""
        for event in lm15.response_to_events(await self.acomplete(request, timeout=timeout)):
            yield event

    def bound(self, request: lm15.Request) -> Bound:
        """Exactly what the request will be counted as."""
        return Bound(count_tokens(*request_texts(request)), "exact", "the script counts it the same way")

    def close(self) -> None:
        """Nothing is held open."""

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _enter(self, request: lm15.Request) -> None:
        with self._lock:
            self.requests.append(request)
            self.inflight += 1
            self.peak = max(self.peak, self.inflight)

    def _leave(self) -> None:
        with self._lock:
            self.inflight -= 1

    def _respond(self, request: lm15.Request, timeout: float) -> lm15.Response:
        if self._latency > timeout:
            raise lm15.TimeoutError(f"no answer within {timeout:g} s")
        answer = self._answer(request)
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, lm15.Response):
            return answer
        response = respond(request, answer)
        return _cut(response, request.config.max_tokens) if self._honours else response


def respond(request: lm15.Request, answer: str | Sequence[Any]) -> lm15.Response:
    """A finished response to *request* that says *answer*, with its usage counted."""
    parts = [lm15.TextPart(answer)] if isinstance(answer, str) else list(answer)
    called = any(part.type == "tool_call" for part in parts)
    return lm15.Response(
        id=None,
        model=request.model,
        message=lm15.Message(role="assistant", parts=tuple(parts)),
        finish_reason="tool_call" if called else "stop",
        usage=lm15.Usage(
            input_tokens=count_tokens(*request_texts(request)),
            output_tokens=count_tokens(*(_written(part) for part in parts)),
        ),
    )


def _written(part: Any) -> str:
    return str(getattr(part, "text", None) or getattr(part, "input", ""))


def _cut(response: lm15.Response, cap: int | None) -> lm15.Response:
    if cap is None or response.usage.output_tokens <= cap:
        return response
    text = "".join(_written(part) for part in response.message.parts)[: cap * CHARACTERS_PER_TOKEN]
    usage = lm15.Usage(input_tokens=response.usage.input_tokens, output_tokens=cap)
    message = lm15.Message(role="assistant", parts=(lm15.TextPart(text),))
    return replace(response, message=message, finish_reason="length", usage=usage)


def _in_order(answers: Sequence[Answer]) -> Callable[[lm15.Request], Answer]:
    left, lock = iter(answers), threading.Lock()

    def following(_request: lm15.Request) -> Answer:
        with lock:
            for answer in left:
                return answer
        raise NoMoreAnswers(f"the script held {len(answers)} answers, and one more was asked for; write another")

    return following
