"""The network of the embedded models: what may follow, once documents, questions and an answer so far were read.

A document is read in both directions and on its own, so it is read once however often it is asked about. A block, which
is a question with its answer, is read from left to right over all documents and blocks up to its own. The next token is
drawn from the vocabulary or pointed at in the last document. Weights are never written after they are built.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentflow.errors import ConfigurationError
from agentflow.nano.gguf import Gguf, Tensor

ARCHITECTURE = "agentflow-reader"
MOST_DOCUMENTS = 4
"""As many were read together in training."""

Ids = NDArray[np.int64]
Chances = NDArray[np.float64]
"""By answer and token; each row adds up to one."""
Turn = NDArray[np.complex64]
"""By place and pair of channels: how far each is turned."""

_LONGEST = 4_096
"""Longest document that is believed of a file."""


@dataclass(frozen=True, slots=True)
class Page:
    """One document as the network has read it, wherever it will stand in a prompt."""

    ids: Ids
    keys: Tensor
    """By layer, head, token and channel; so are the values."""
    values: Tensor
    pointers: Tensor
    """By channel and token: what an answer's next token is matched with."""

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return self.ids.nbytes + self.keys.nbytes + self.values.nbytes + self.pointers.nbytes


@dataclass(slots=True)
class State:
    """Answers on their way: what all of them have read, and what each has written."""

    page: Page
    """The document that is asked about."""
    keys: Tensor
    """Of documents and questions, by layer, head, token and channel."""
    values: Tensor
    own_keys: Tensor
    """Of the answers, by layer, head, answer, token and channel."""
    own_values: Tensor
    last: Ids
    """The token before the next, by answer."""
    position: int
    """Of the next token."""
    length: int = 0
    """Tokens written so far."""


@dataclass(frozen=True, slots=True)
class Transformer:
    """The weights of one model, and how they turn tokens into what may follow."""

    context: int
    """Most tokens of one document, and the positions it takes."""
    answer: int
    """Most tokens of one answer."""
    heads: int
    vocabulary: int
    epsilon: float
    embedding: Tensor
    trace: Tensor
    """By token: what it leaves at the token after it."""
    rotation: Turn
    layers: tuple[_Layer, ...]
    pointer_key: Tensor
    output: Tensor
    """To the logits of the vocabulary, then to what points, then to the choice between both."""
    choice: float

    @classmethod
    def from_gguf(cls, file: Gguf) -> Transformer:
        """Raises `ConfigurationError` when the file holds no model of this architecture."""
        found = file.metadata.get("general.architecture")
        if found != ARCHITECTURE:
            raise ConfigurationError(f"the model's architecture is {found!r}; only {ARCHITECTURE!r} runs here")

        def count(key: str) -> int:
            return file.count(f"{ARCHITECTURE}.{key}")

        width, heads, vocabulary = count("embedding_length"), count("attention.head_count"), count("vocab_size")
        context, answer, pointer = count("context_length"), count("answer_length"), count("pointer_length")
        if width % (2 * heads) or not 2 * answer + 2 <= context <= _LONGEST:
            raise ConfigurationError(f"a model of width {width}, {heads} heads and {context} places does not run here")
        epsilon = file.number(f"{ARCHITECTURE}.attention.layer_norm_rms_epsilon")
        embedding = file.tensor("token_embd.weight", vocabulary, width)
        norm = file.tensor("output_norm.weight", width)
        query = file.tensor("pointer_q.weight", pointer, width) * np.float32(pointer**-0.5)
        output = np.concatenate([embedding, query, file.tensor("gate.weight", width)[None]])
        shape = _Shape(width, heads, count("feed_forward_length"), epsilon)
        return cls(
            context,
            answer,
            heads,
            vocabulary,
            epsilon,
            embedding,
            _fixed(embedding @ file.tensor("token_prev.weight", width, width).T),
            _rotation(context * (MOST_DOCUMENTS + 1), width // heads, file.number(f"{ARCHITECTURE}.rope.freq_base")),
            tuple(_Layer.from_gguf(file, index, shape) for index in range(count("block_count"))),
            _fixed((file.tensor("pointer_k.weight", pointer, width) * norm).T),
            _fixed((output * norm).T),
            float(file.tensor("gate.bias", 1)[0]),
        )

    def read(self, ids: Ids) -> Page:
        """Read one document, its mark included."""
        x = self.embedding[ids]
        x[1:] += self.trace[ids[:-1]]
        kept = []
        for layer in self.layers:
            queries, keys, values = layer.project(x, self.rotation[: len(ids)])
            scores = queries @ keys.transpose(0, 2, 1)
            x = layer.finish(x, _softmax(scores) @ values)
            kept.append((keys, values))
        pointers = _fixed((_normed(x, self.epsilon) @ self.pointer_key).T)
        return Page(ids, _fixed(np.stack([k for k, _ in kept])), _fixed(np.stack([v for _, v in kept])), pointers)

    def begin(self, pages: Sequence[Page], blocks: Sequence[Ids], answers: int) -> tuple[State, Chances]:
        """Read one block per document, the last of them a question, for so many answers; chances of the first token."""
        place = _Placed.of(pages, blocks, self.context)
        x = self.embedding[place.ids] + np.where(place.is_first, np.float32(0), self.trace[np.roll(place.ids, 1)])
        keys, values = self._laid_out(pages, len(place.ids))
        shown = keys.shape[2] - len(place.ids)
        for index, layer in enumerate(self.layers):
            queries, keys[index, :, shown:], values[index, :, shown:] = layer.project(x, self.rotation[place.positions])
            scores = queries @ keys[index].transpose(0, 2, 1) + place.hidden
            x = layer.finish(x, _softmax(scores) @ values[index])
        own = np.empty((2, len(self.layers), self.heads, answers, self.answer, keys.shape[3]), np.float32)
        last = np.repeat(place.ids[-1:], answers)
        state = State(pages[-1], keys, values, own[0], own[1], last, int(place.positions[-1]) + 1)
        return state, np.repeat(self._chances(x[-1:], state.page), answers, axis=0)

    def follow(self, ids: Ids, state: State) -> Chances:
        """Add one token to each answer; chances of the token after it."""
        x = self.embedding[ids] + self.trace[state.last]
        turn = self.rotation[state.position : state.position + 1]
        shown, written = state.keys.shape[2], state.length + 1
        scores = np.empty((self.heads, len(ids), shown + written), np.float32)
        for index, layer in enumerate(self.layers):
            own_keys, own_values = state.own_keys[index, :, :, :written], state.own_values[index, :, :, :written]
            queries, own_keys[:, :, -1], own_values[:, :, -1] = layer.project(x, turn)
            np.matmul(queries, state.keys[index].transpose(0, 2, 1), out=scores[:, :, :shown])
            np.matmul(own_keys, queries[..., None], out=scores[:, :, shown:, None])
            shares = _softmax(scores)
            mixed = shares[:, :, :shown] @ state.values[index]
            mixed += (shares[:, :, None, shown:] @ own_values)[:, :, 0]
            x = layer.finish(x, mixed)
        state.last, state.position, state.length = ids, state.position + 1, written
        return self._chances(x, state.page)

    def _laid_out(self, pages: Sequence[Page], room: int) -> tuple[Tensor, Tensor]:
        """Keys and values of all documents, each turned to where it stands, with room for blocks behind them."""
        layers, heads, _, size = pages[0].keys.shape
        shape = (layers, heads, sum(len(page.ids) for page in pages) + room, size)
        keys, values = np.empty(shape, np.float32), np.empty(shape, np.float32)
        start = 0
        for number, page in enumerate(pages):
            here = slice(start, start := start + len(page.ids))
            values[:, :, here] = page.values
            turned = page.keys.view(np.complex64) * self.rotation[number * self.context]
            keys[:, :, here] = turned.view(np.float32) if number else page.keys
        return keys, values

    def _chances(self, x: Tensor, page: Page) -> Chances:
        """The chances of every token as the next, one row per row of *x*."""
        said: Tensor = _normed(x, self.epsilon) @ self.output
        pointed = _softmax(said[:, self.vocabulary : -1] @ page.pointers)
        chosen = 1 / (1 + np.exp(-np.clip(said[:, -1:].astype(np.float64) + self.choice, -60, 60)))
        chances: Chances = chosen * _softmax(said[:, : self.vocabulary])
        for row, share, weights in zip(chances, 1 - chosen[:, 0], pointed, strict=True):
            row += share * np.bincount(page.ids, weights, self.vocabulary)
        return chances


@dataclass(frozen=True, slots=True)
class _Placed:
    """Blocks one after another: where each token stands, and what it may not see."""

    ids: Ids
    positions: Ids
    is_first: NDArray[np.bool_]
    """By token and one: whether it begins a block."""
    hidden: Tensor
    """By token, and by token of the documents and blocks: zero, or so low that nothing is seen."""

    @classmethod
    def of(cls, pages: Sequence[Page], blocks: Sequence[Ids], context: int) -> _Placed:
        number = np.repeat(np.arange(len(blocks)), [len(block) for block in blocks])
        offset = np.concatenate([np.arange(len(block)) for block in blocks])
        document = np.repeat(np.arange(len(pages)), [len(page.ids) for page in pages])
        is_ahead = np.triu(np.ones((len(number), len(number)), np.bool_), 1)
        hidden = np.concatenate([document > number[:, None], is_ahead], axis=1)
        return cls(
            np.concatenate(blocks),
            context * (number + 1) + offset,
            (offset == 0)[:, None],
            np.where(hidden, np.float32(-1e9), np.float32(0)),
        )


@dataclass(frozen=True, slots=True)
class _Shape:
    """How large a layer is."""

    width: int
    heads: int
    inner: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class _Layer:
    """One layer's matrices, transposed for `x @ m`, with its norms multiplied into them."""

    qkv: Tensor
    """Channels of queries and keys lie in pairs that are turned together."""
    gains: Tensor
    """By head of the queries, then of the keys."""
    out: Tensor
    up: Tensor
    down: Tensor
    heads: int
    epsilon: float

    @classmethod
    def from_gguf(cls, file: Gguf, index: int, shape: _Shape) -> _Layer:
        def tensor(name: str, *lengths: int) -> Tensor:
            return file.tensor(f"blk.{index}.{name}", *lengths)

        width, heads = shape.width, shape.heads
        query, key, value = (tensor(f"attn_{name}.weight", width, width) for name in "qkv")
        qkv = np.concatenate([_paired(query, heads), _paired(key, heads), value])
        gains = np.concatenate([tensor("attn_scale", heads), np.ones(heads, np.float32)])
        return cls(
            _fixed((qkv * tensor("attn_norm.weight", width)).T),
            _fixed(gains * np.float32((width // heads) ** 0.5)),
            _fixed(tensor("attn_output.weight", width, width).T),
            _fixed((tensor("ffn_up.weight", shape.inner, width) * tensor("ffn_norm.weight", width)).T),
            _fixed(tensor("ffn_down.weight", width, shape.inner).T),
            heads,
            shape.epsilon,
        )

    def project(self, x: Tensor, turn: Turn) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values, by head, token and channel."""
        split = (_normed(x, self.epsilon) @ self.qkv).reshape(len(x), 3 * self.heads, -1)
        rough = split[:, : 2 * self.heads]
        size = rough.shape[2]
        lengths = np.einsum("thc,thc->th", rough, rough) + np.float32(size * self.epsilon)
        turned = rough.view(np.complex64) * turn[:, None]
        turned *= (self.gains / np.sqrt(lengths))[..., None]
        heads = turned.view(np.float32).transpose(1, 0, 2)
        return heads[: self.heads], heads[self.heads :], split[:, 2 * self.heads :].transpose(1, 0, 2)

    def finish(self, x: Tensor, mixed: Tensor) -> Tensor:
        """Add what attention gathered, then the feed-forward."""
        x = x + mixed.transpose(1, 0, 2).reshape(x.shape) @ self.out
        inner = np.maximum(_normed(x, self.epsilon) @ self.up, np.float32(0))
        inner *= inner
        x += inner @ self.down
        return x


def _normed(x: Tensor, epsilon: float) -> Tensor:
    squares = np.einsum("tc,tc->t", x, x) / np.float32(x.shape[1]) + np.float32(epsilon)
    normed: Tensor = x / np.sqrt(squares)[:, None]
    return normed


def _softmax(scores: Tensor) -> Tensor:
    """Shares along the last axis; *scores* are overwritten."""
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores


def _paired(matrix: Tensor, heads: int) -> Tensor:
    """Rows of each head reordered so that those turned against each other are neighbours."""
    width = len(matrix)
    return matrix.reshape(heads, 2, width // heads // 2, width).transpose(0, 2, 1, 3).reshape(width, width)


def _fixed(matrix: Tensor) -> Tensor:
    fixed = np.ascontiguousarray(matrix, np.float32)
    fixed.setflags(write=False)
    return fixed


def _rotation(positions: int, head_size: int, base: float) -> Turn:
    """In 32-bit floats throughout, as in training."""
    exponents = np.arange(0, head_size, 2, dtype=np.float32) / np.float32(head_size)
    angles = np.outer(np.arange(positions, dtype=np.float32), np.float32(base) ** -exponents)
    rotation: Turn = np.exp(1j * angles.astype(np.float64)).astype(np.complex64)
    rotation.setflags(write=False)
    return rotation
