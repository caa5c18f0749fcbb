"""Answers requests with the model inside this process. Nothing here goes over a network, and nothing costs money."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np
from dspy.lm15 import (
    ContextLengthError,
    Message,
    Request,
    Response,
    StreamDeltaEvent,
    StreamEndEvent,
    StreamStartEvent,
    TextDelta,
    TextPart,
    TimeoutError,
    UnsupportedFeatureError,
    Usage,
)

from agentflow.engines import LOCAL
from agentflow.errors import UnknownModel, UnsupportedSignature
from agentflow.nano import NAMES
from agentflow.nano.catalog import load
from agentflow.nano.gate import CORES
from agentflow.nano.model import Answer, Model, Sampling, Writing
from agentflow.nano.prompt import Prompt, PromptTooLong, Shown
from agentflow.usage import Bound

if TYPE_CHECKING:
    from agentflow.attempt import Tier
    from agentflow.settings import Settings

_KNOBS_IT_LACKS = (
    "response_format",
    "tool_choice",
    "reasoning",
    "top_p",
    "top_k",
    "frequency_penalty",
    "presence_penalty",
    "logprobs",
)


class LocalEngine:
    """One embedded model as an `agentflow.engines.Engine`; many may share a process, its weights are loaded once."""

    supports_function_calling = False
    supports_reasoning = False
    supports_response_schema = False
    supported_params = frozenset({"max_tokens", "temperature", "stop", "seed"})
    sampling_temperature = 0.7
    """At which the same question is asked again; the first time it is answered greedily."""

    def __init__(
        self, model: str, *, load: Callable[[str], Model] = load, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """*load* gives the weights of a name, *clock* seconds. Raises `UnknownModel`."""
        name = model.removeprefix(LOCAL)
        if name not in NAMES:
            known = ", ".join(LOCAL + name for name in NAMES)
            raise UnknownModel(f"there is no model {model!r} inside AgentFlow; there are: {known}")
        self._name = LOCAL + name
        self._model = load(name)
        self._clock = clock
        self._lock = threading.Lock()
        self._threads: ThreadPoolExecutor | None = None

    @classmethod
    def open(cls, tier: Tier, settings: Settings) -> LocalEngine:
        """The engine of a tier named `local/...`. Raises `UnknownModel` when there is none."""
        del settings  # nothing about it can be set
        return cls(str(tier.model))

    def __deepcopy__(self, memo: dict[int, Any]) -> LocalEngine:
        return self

    def complete(self, request: Request, *, timeout: float) -> Response:
        """The whole answer. Raises `TimeoutError` between two tokens once *timeout* seconds are over."""
        return self._respond(self._write(request, self._over(timeout)))

    async def acomplete(self, request: Request, *, timeout: float) -> Response:
        """The same on a thread of this engine's own; when the task is cancelled, the thread stops too."""
        stopped, over = threading.Event(), self._over(timeout)

        def answer() -> Response:
            return self._respond(self._write(request, lambda: stopped.is_set() or over()))

        try:
            return await asyncio.wrap_future(self._pool().submit(answer))
        finally:
            stopped.set()

    def stream(self, request: Request, *, timeout: float) -> Iterator[Any]:
        """Events of lm15, one delta per piece of text as it is written."""
        writing = self._write(request, self._over(timeout))
        yield StreamStartEvent(model=self._name)
        for piece in writing:
            yield StreamDeltaEvent(TextDelta(piece))
        response = self._respond(writing)
        yield StreamEndEvent(response.finish_reason, response.usage, response.provider_data)

    async def astream(self, request: Request, *, timeout: float) -> AsyncGenerator[Any, None]:
        """The same; each piece is written on a thread only when it is asked for."""
        events = self.stream(request, timeout=timeout)
        while event := await asyncio.wrap_future(self._pool().submit(next, events, None)):
            yield event

    def bound(self, request: Request) -> Bound:
        """Exactly what the request will be counted as. Raises what `complete` would raise about its form."""
        with _in_lm15_words():
            count = self._model.count_tokens(_prompt(request))
        return Bound(count, "exact", "counted with the model's own vocabulary")

    def close(self) -> None:
        """Let the threads end with what they have been given."""
        with self._lock:
            threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=False)

    async def aclose(self) -> None:
        """The same."""
        self.close()

    def _pool(self) -> ThreadPoolExecutor:
        with self._lock:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(CORES, thread_name_prefix="agentflow-nano")
            return self._threads

    def _over(self, timeout: float) -> Callable[[], bool]:
        end = self._clock() + timeout
        return lambda: self._clock() >= end

    def _write(self, request: Request, cancelled: Callable[[], bool]) -> Writing:
        config = request.config
        sampling = Sampling(config.max_tokens, config.temperature or 0.0, config.stop)
        seed = None if config.seed is None else config.seed % 2**64
        with _in_lm15_words():
            return self._model.stream(_prompt(request), sampling, np.random.default_rng(seed), cancelled)

    def _respond(self, writing: Writing) -> Response:
        """Finish the writing and put it into lm15's words."""
        for _ in writing:
            pass
        answer = writing.answer
        if answer.finish == "cancelled":
            raise TimeoutError(f"{self._name} was stopped after {answer.output_tokens} tokens; give the tier more time")
        return Response(
            id=None,
            model=self._name,
            message=Message.assistant([TextPart(answer.text)]),
            finish_reason=answer.finish,
            usage=_usage(answer),
            provider_data={"mean_logprob": answer.mean_logprob},
        )


@contextmanager
def _in_lm15_words() -> Iterator[None]:
    try:
        yield
    except PromptTooLong as error:
        raise ContextLengthError(str(error)) from error


def _usage(answer: Answer) -> Usage:
    return Usage(input_tokens=answer.input_tokens, output_tokens=answer.output_tokens)


def _prompt(request: Request) -> Prompt:
    """What the model is asked. Raises `UnsupportedFeatureError` or `UnsupportedSignature` for anything else."""
    knobs = [knob for knob in _KNOBS_IT_LACKS if getattr(request.config, knob) is not None]
    if request.tools or knobs:
        asked = ", ".join(knobs) or "tools"
        raise UnsupportedFeatureError(f"the embedded model has no {asked}; leave it out or configure a general model")
    texts = [_text(message) for message in request.messages]
    roles = [message.role for message in request.messages]
    if roles != (["user", "assistant"] * len(roles))[: len(roles)] or len(roles) % 2 == 0:
        raise UnsupportedFeatureError(
            "the embedded model reads user and assistant messages in turn, a question at the end; "
            "configure a general model for more"
        )
    try:
        if request.system is not None:  # a general adapter wrote it
            raise ValueError("a system message asks for nothing it knows")
        shown = [Shown.of(question, answer) for question, answer in zip_longest(texts[::2], texts[1::2])]
    except ValueError as error:
        raise UnsupportedSignature(
            f"the embedded model was not trained for this prompt: {error}; its steps need NanoAdapter, "
            "other steps a general model, e.g. Tier('openai/gpt-5-mini')"
        ) from error
    return Prompt(tuple(shown))


def _text(message: Message) -> str:
    """The one text of a message."""
    if not all(isinstance(part, TextPart) for part in message.parts):
        raise UnsupportedFeatureError("the embedded model reads text alone; configure a general model for more")
    return "".join(part.text for part in message.parts)
