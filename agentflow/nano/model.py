"""A model that answers questions about documents, one or many answers at once, token by token, from many threads.

Nothing here owns randomness, reads a clock or a file: random numbers and the question whether to stop are handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from agentflow.errors import ConfigurationError
from agentflow.nano.gate import GATE
from agentflow.nano.gguf import Gguf
from agentflow.nano.prompt import Cutter, Prompt, Tokens
from agentflow.nano.shelf import Shelf
from agentflow.nano.tokens import END, FIRST_BYTE, Decoder, Vocabulary
from agentflow.nano.transformer import ARCHITECTURE, Chances, Ids, Page, Transformer


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is written."""

    max_tokens: int | None = None
    """Most tokens of the answer, its end token included. None: as many as the model writes at all."""
    temperature: float = 0.0
    """0: always the likeliest token, and randomness is not touched."""
    stop: tuple[str, ...] = ()
    """Texts before which an answer ends."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer and what it consumed."""

    text: str
    input_tokens: int
    """All of the prompt, whether it was read now or had been read before."""
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
                piece = self._row.end("cancelled")
            else:
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

    def __init__(self, transformer: Transformer, vocabulary: Vocabulary) -> None:
        self._transformer = transformer
        self._cutter = Cutter(vocabulary, transformer.context, transformer.answer)
        self._shelf = Shelf()
        self._is_mark = np.arange(transformer.vocabulary) < FIRST_BYTE
        self._is_mark[END] = False

    @classmethod
    def from_gguf(cls, file: Gguf, vocabulary: Vocabulary) -> Model:
        """Raises `ConfigurationError` when the file holds no model of this architecture and vocabulary."""
        transformer = Transformer.from_gguf(file)
        pieces = file.texts.get(f"{ARCHITECTURE}.tokens", vocabulary.pieces)
        if pieces != vocabulary.pieces or transformer.vocabulary != len(vocabulary):
            raise ConfigurationError("the model file was made with another vocabulary; install agentflow again")
        return cls(transformer, vocabulary)

    @property
    def vocabulary(self) -> Vocabulary:
        """What texts are cut into."""
        return self._cutter.vocabulary

    def count_tokens(self, prompt: Prompt) -> int:
        """Exactly what reading *prompt* will be counted as. Raises `PromptTooLong`."""
        return self._cutter.cut(prompt).count

    def stream(
        self,
        prompt: Prompt,
        sampling: Sampling,
        random: np.random.Generator,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Writing:
        """Answer token by token; *cancelled* is asked before each. Raises `PromptTooLong` at once."""
        tokens = self._cutter.cut(prompt)
        steps = self._sample(tokens, _Draw(sampling.temperature, [random], self._is_mark))
        return Writing(steps, self._row(tokens, sampling), cancelled)

    def answers(self, prompt: Prompt, sampling: Sampling, randoms: Sequence[np.random.Generator]) -> list[Answer]:
        """One answer per source of randomness, side by side after reading the prompt once."""
        tokens = self._cutter.cut(prompt)
        rows = [self._row(tokens, sampling) for _ in randoms]
        steps = self._sample(tokens, _Draw(sampling.temperature, randoms, self._is_mark))
        while not all(row.finish for row in rows):
            ids, logprobs = next(steps)
            for row, token, logprob in zip(rows, ids, logprobs, strict=True):
                if not row.finish:
                    row.take(int(token), float(logprob))
        return [row.answer for row in rows]

    def _row(self, tokens: Tokens, sampling: Sampling) -> _Row:
        room = self._transformer.answer
        if sampling.max_tokens is not None:
            room = min(room, max(1, sampling.max_tokens))
        return _Row(tokens.count, room, sampling.stop, self.vocabulary.decoder())

    def _sample(self, tokens: Tokens, draw: _Draw) -> Iterator[_Sampled]:
        """Tokens and their log-probabilities, one per answer, until the caller has enough."""
        pages = [self._page(ids) for ids in tokens.documents]
        with GATE.entered():
            state, chances = self._transformer.begin(pages, tokens.blocks, len(draw.randoms))
        while True:
            ids, logprobs = draw.once(chances)
            yield ids, logprobs
            with GATE.entered():
                chances = self._transformer.follow(ids, state)

    def _page(self, ids: Ids) -> Page:
        page = self._shelf.find(ids)
        if page is None:
            with GATE.entered():
                page = self._transformer.read(ids)
            self._shelf.keep(page)
        return page


_Sampled = tuple[Ids, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class _Draw:
    """How the next token of each answer is chosen."""

    temperature: float
    randoms: Sequence[np.random.Generator]
    """One per answer, so that none depends on the others."""
    is_mark: NDArray[np.bool_]
    """Tokens that no answer is made of."""

    def once(self, chances: Chances) -> _Sampled:
        """One token per answer, and its log-probability."""
        logprobs = np.log(np.maximum(chances, 1e-30))
        scores = np.where(self.is_mark, -np.inf, logprobs)
        if self.temperature > 0:
            scores -= scores.max(axis=1, keepdims=True)
            with np.errstate(over="ignore"):  # what is that much less likely is never drawn
                scores /= self.temperature
            scores += [random.gumbel(size=scores.shape[1]) for random in self.randoms]
        ids = scores.argmax(axis=1)
        return ids, np.take_along_axis(logprobs, ids[:, None], axis=1)[:, 0]


class _Row:
    """One answer on its way: counts tokens, decodes pieces, holds back what may be the start of a stop text."""

    def __init__(self, input_tokens: int, room: int, stop: tuple[str, ...], decoder: Decoder) -> None:
        self.finish: Literal["", "stop", "length", "cancelled"] = ""
        self._input_tokens, self._room, self._stop, self._decoder = input_tokens, room, stop, decoder
        self._tokens, self._logprob, self._text, self._released = 0, 0.0, "", 0

    def take(self, token: int, logprob: float) -> str:
        """Count one token; the text that is certain by now and was not given out before."""
        self._tokens += 1
        self._logprob += logprob
        if token == END:
            return self.end("stop")
        piece = self._decoder.take(token)
        self._text += piece if self._text else piece.lstrip(" ")  # it belongs to the line that the answer stands in
        found = [at for at in (self._text.find(stop) for stop in self._stop if stop) if at >= 0]
        if found:
            self._text = self._text[: min(found)]
            return self.end("stop", is_whole=True)
        return self.end("length") if self._tokens >= self._room else self._release(self._held_back())

    def end(self, finish: Literal["stop", "length", "cancelled"], *, is_whole: bool = False) -> str:
        self.finish = finish
        if not is_whole:
            self._text += self._decoder.end()
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
