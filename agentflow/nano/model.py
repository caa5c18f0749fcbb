"""A byte-level language model: reads a prompt once, writes one or many answers, token by token, from many threads.

Nothing here owns randomness, reads a clock or a file: random numbers and the question whether to stop are handed in.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from agentflow.errors import AgentFlowError
from agentflow.nano.gate import GATE
from agentflow.nano.gguf import Gguf, Tensor
from agentflow.nano.transformer import BOS, EOS, VOCABULARY, Cache, Transformer

_PREFILL = 64
"""Prompt tokens per forward pass: small enough for the processor's cache, and for others to get their turn."""


class PromptTooLong(AgentFlowError):
    """The prompt does not fit into the model's context."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is written."""

    max_tokens: int | None = None
    """Most tokens of the answer, its end token included. None: as many as the context holds."""
    temperature: float = 0.0
    """0: always the likeliest token, and randomness is not touched."""
    stop: tuple[str, ...] = ()
    """Texts before which an answer ends."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer and what it consumed."""

    text: str
    input_tokens: int
    output_tokens: int
    """Every token that was sampled, the end token included."""
    mean_logprob: float
    """Of the sampled tokens, at temperature 1; 0 when there are none."""
    finish: Literal["stop", "length", "cancelled"]


class Writing:
    """An answer being written: iterate for its pieces of text, then read `answer`."""

    def __init__(self, steps: Iterator[_Sampled], row: _Row, cancelled: Callable[[], bool]) -> None:
        self._steps = steps
        self._row = row
        self._cancelled = cancelled

    def __iter__(self) -> Iterator[str]:
        while not self._row.finish:
            if self._cancelled():
                self._row.end("cancelled")
                return
            tokens, logprobs = next(self._steps)
            piece = self._row.take(int(tokens[0]), float(logprobs[0]))
            if piece:
                yield piece

    @property
    def answer(self) -> Answer:
        """What was written so far; complete once the iteration has ended."""
        return self._row.answer


class Model:
    """One set of weights, ready to answer any number of threads."""

    def __init__(self, transformer: Transformer) -> None:
        self._transformer = transformer

    @classmethod
    def from_gguf(cls, file: Gguf) -> Model:
        """Raises `ConfigurationError` when the file holds no model of this architecture."""
        return cls(Transformer.from_gguf(file))

    @property
    def context(self) -> int:
        """Most tokens of prompt and answer together."""
        return self._transformer.context

    def count_tokens(self, prompt: str) -> int:
        """Exactly what reading *prompt* will be counted as: one token per byte, and one to begin."""
        return 1 + len(_encode(prompt))

    def stream(
        self,
        prompt: str,
        sampling: Sampling,
        random: np.random.Generator,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Writing:
        """Answer token by token; *cancelled* is asked before each. Raises `PromptTooLong` at once."""
        room = self._room(prompt, sampling)
        row = _Row(self.count_tokens(prompt), room, sampling.stop)
        return Writing(self._sample(prompt, room, sampling.temperature, _Batch(1, random)), row, cancelled)

    def answers(self, prompt: str, sampling: Sampling, random: np.random.Generator, count: int) -> list[Answer]:
        """Write *count* answers side by side after reading the prompt once."""
        room = self._room(prompt, sampling)
        rows = [_Row(self.count_tokens(prompt), room, sampling.stop) for _ in range(count)]
        steps = self._sample(prompt, room, sampling.temperature, _Batch(count, random))
        while not all(row.finish for row in rows):
            tokens, logprobs = next(steps)
            for row, token, logprob in zip(rows, tokens, logprobs, strict=True):
                if not row.finish:
                    row.take(int(token), float(logprob))
        return [row.answer for row in rows]

    def _room(self, prompt: str, sampling: Sampling) -> int:
        tokens = self.count_tokens(prompt)
        if tokens >= self.context:
            raise PromptTooLong(f"the prompt has {tokens} tokens, the model's context {self.context}; shorten the text")
        room = self.context - tokens
        return room if sampling.max_tokens is None else min(room, max(1, sampling.max_tokens))

    def _sample(self, prompt: str, room: int, temperature: float, batch: _Batch) -> Iterator[_Sampled]:
        """Tokens and their log-probabilities, one per answer of the batch, until the caller has enough."""
        ids = np.array([[BOS, *_encode(prompt)]])
        cache = Cache.empty(self._transformer, batch.count, ids.shape[1] + room)
        for start in range(0, ids.shape[1], _PREFILL):
            logits = self._forward(ids[:, start : start + _PREFILL], cache)
        cache.share()
        logits = np.repeat(logits, batch.count, axis=0)
        while True:
            tokens, logprobs = batch.draw(logits, temperature)
            yield tokens, logprobs
            logits = self._forward(tokens[:, None], cache)

    def _forward(self, ids: NDArray[np.int64], cache: Cache) -> Tensor:
        with GATE.entered():
            return self._transformer.forward(ids, cache)


_Sampled = tuple[NDArray[np.int64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class _Batch:
    """How many answers are drawn at once, and from what randomness."""

    count: int
    random: np.random.Generator

    def draw(self, logits: Tensor, temperature: float) -> _Sampled:
        scores = logits[:, :VOCABULARY].astype(np.float64)
        scores[:, BOS] = -1e9  # a prompt begins once
        scores -= scores.max(axis=1, keepdims=True)
        logprobs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        if temperature > 0:
            scores = logprobs / temperature + self.random.gumbel(size=scores.shape)
        tokens = scores.argmax(axis=1)
        return tokens, np.take_along_axis(logprobs, tokens[:, None], axis=1)[:, 0]


class _Row:
    """One answer on its way: counts tokens, decodes bytes, holds back what may be the start of a stop text."""

    def __init__(self, input_tokens: int, room: int, stop: tuple[str, ...]) -> None:
        self.finish: Literal["", "stop", "length", "cancelled"] = ""
        self._input_tokens, self._room, self._stop = input_tokens, room, stop
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._tokens, self._logprob, self._text, self._released = 0, 0.0, "", 0

    def take(self, token: int, logprob: float) -> str:
        """Count one token; the text that is certain by now and was not given out before."""
        self._tokens += 1
        self._logprob += logprob
        if token == EOS:
            return self.end("stop")
        self._text += self._decoder.decode(bytes([token]))
        found = [at for at in (self._text.find(stop) for stop in self._stop if stop) if at >= 0]
        if found:
            self._text = self._text[: min(found)]
            return self.end("stop", is_whole=True)
        return self.end("length") if self._tokens >= self._room else self._release(self._held_back())

    def end(self, finish: Literal["stop", "length", "cancelled"], *, is_whole: bool = False) -> str:
        self.finish = finish
        if not is_whole:
            self._text += self._decoder.decode(b"", final=True)
        return self._release(0)

    @property
    def answer(self) -> Answer:
        mean = self._logprob / self._tokens if self._tokens else 0.0
        return Answer(self._text, self._input_tokens, self._tokens, mean, self.finish or "cancelled")

    def _held_back(self) -> int:
        """How many characters at the end could still grow into a stop text."""
        longest = max((len(stop) for stop in self._stop), default=1) - 1
        ends = range(min(longest, len(self._text)), 0, -1)
        return next((n for n in ends if any(stop.startswith(self._text[-n:]) for stop in self._stop)), 0)

    def _release(self, held_back: int) -> str:
        end = max(self._released, len(self._text) - held_back)
        piece, self._released = self._text[self._released : end], end
        return piece


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "replace")
