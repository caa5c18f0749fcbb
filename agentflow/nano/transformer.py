"""The Llama-style forward pass: RMS norm, rotary attention over a key-value cache, gated feed-forward, tied embedding.

Weights are never written after they are built, so threads share them; a cache belongs to one answer or batch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentflow.errors import ConfigurationError
from agentflow.nano.gguf import Gguf, Tensor

BOS, EOS = 256, 257
"""The two tokens that are no bytes: a prompt begins with one, an answer ends with the other."""
VOCABULARY = 258
"""Tokens that mean something; the files hold a few more, unused."""

_LONGEST = 65_536
"""Longest context that is believed of a file."""


@dataclass(frozen=True, slots=True)
class Transformer:
    """The weights of one model, and how they turn tokens into what may follow."""

    context: int
    heads: int
    head_size: int
    epsilon: float
    embedding: Tensor
    head: Tensor
    """The embedding once more, transposed, with the last norm multiplied into it."""
    rotation: NDArray[np.complex64]
    """By position and pair of channels."""
    layers: tuple[_Layer, ...]

    @classmethod
    def from_gguf(cls, file: Gguf) -> Transformer:
        architecture = file.metadata.get("general.architecture")
        if architecture != "llama":
            raise ConfigurationError(f"the model's architecture is {architecture!r}; only 'llama' runs here")

        def count(key: str) -> int:
            return file.count(f"llama.{key}")

        width, heads, vocabulary = count("embedding_length"), count("attention.head_count"), count("vocab_size")
        if width % (2 * heads) or vocabulary < VOCABULARY or count("context_length") > _LONGEST:
            raise ConfigurationError(
                f"a model of width {width}, {heads} heads and {vocabulary} tokens does not run here"
            )
        embedding = file.tensor("token_embd.weight", vocabulary, width)
        inner = count("feed_forward_length")
        return cls(
            count("context_length"),
            heads,
            width // heads,
            file.number("llama.attention.layer_norm_rms_epsilon"),
            embedding,
            _fixed((embedding * file.tensor("output_norm.weight", width)).T),
            _rotation(count("context_length"), width // heads, file.number("llama.rope.freq_base")),
            tuple(_Layer.from_gguf(file, index, width, inner, heads) for index in range(count("block_count"))),
        )

    def forward(self, ids: NDArray[np.int64], cache: Cache) -> Tensor:
        """Read *ids*, one row per answer, after what the cache holds; logits of what follows, one row per answer."""
        x = self.embedding[ids]
        start, end = cache.length, cache.length + ids.shape[1]
        for index, layer in enumerate(self.layers):
            keys, values = cache.keys[index, : len(ids)], cache.values[index, : len(ids)]
            x = x + self._attend(self._norm(x) @ layer.qkv, keys[:, :, :end], values[:, :, :end], start) @ layer.out
            gate, up = np.split(self._norm(x) @ layer.gate_up, 2, axis=-1)
            x = x + (gate / (1 + np.exp(-np.clip(gate, -60, 60))) * up) @ layer.down
        cache.length = end
        logits: Tensor = self._norm(x[:, -1]) @ self.head
        return logits

    def _attend(self, qkv: Tensor, keys: Tensor, values: Tensor, start: int) -> Tensor:
        rows, length, _ = qkv.shape
        split = qkv.reshape(rows, length, 3 * self.heads, self.head_size)
        pairs = np.ascontiguousarray(split[:, :, : 2 * self.heads]).view(np.complex64)
        turned = (pairs * self.rotation[start : start + length, None]).view(np.float32).transpose(0, 2, 1, 3)
        keys[:, :, start:] = turned[:, self.heads :]
        values[:, :, start:] = split[:, :, 2 * self.heads :].transpose(0, 2, 1, 3)
        scores = turned[:, : self.heads] @ keys.transpose(0, 1, 3, 2)
        if length > 1:
            scores += np.triu(np.full((length, start + length), -1e9, np.float32), 1 + start)  # nobody reads ahead
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        mixed: Tensor = (scores @ values).transpose(0, 2, 1, 3).reshape(rows, length, -1)
        return mixed

    def _norm(self, x: Tensor) -> Tensor:
        normed: Tensor = x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + np.float32(self.epsilon))
        return normed


@dataclass(slots=True)
class Cache:
    """Keys and values of everything read and written so far, by layer, answer and head."""

    keys: Tensor
    values: Tensor
    length: int = 0

    @classmethod
    def empty(cls, weights: Transformer, answers: int, tokens: int) -> Cache:
        shape = (len(weights.layers), answers, weights.heads, tokens, weights.head_size)
        return cls(np.zeros(shape, np.float32), np.zeros(shape, np.float32))

    def share(self) -> None:
        """Give every answer what the first one has read."""
        n = self.length
        self.keys[:, 1:, :, :n] = self.keys[:, :1, :, :n]
        self.values[:, 1:, :, :n] = self.values[:, :1, :, :n]


@dataclass(frozen=True, slots=True)
class _Layer:
    """One block's matrices, transposed for `x @ m`, with its norms multiplied into them."""

    qkv: Tensor
    out: Tensor
    gate_up: Tensor
    down: Tensor

    @classmethod
    def from_gguf(cls, file: Gguf, index: int, width: int, inner: int, heads: int) -> _Layer:
        def matrix(name: str, *shape: int) -> Tensor:
            return file.tensor(f"blk.{index}.{name}.weight", *shape)

        query = matrix("attn_q", width, width) * (width // heads) ** -0.5
        qkv = np.concatenate([query, matrix("attn_k", width, width), matrix("attn_v", width, width)])
        gate_up = np.concatenate([matrix("ffn_gate", inner, width), matrix("ffn_up", inner, width)])
        return cls(
            _fixed((qkv * matrix("attn_norm", width)).T),
            _fixed(matrix("attn_output", width, width).T),
            _fixed((gate_up * matrix("ffn_norm", width)).T),
            _fixed(matrix("ffn_down", width, inner).T),
        )


def _fixed(matrix: Tensor) -> Tensor:
    fixed = np.ascontiguousarray(matrix, np.float32)
    fixed.setflags(write=False)
    return fixed


def _rotation(context: int, head_size: int, base: float) -> NDArray[np.complex64]:
    frequencies = base ** -(np.arange(0, head_size, 2) / head_size)
    angles = np.outer(np.arange(context), frequencies)
    rotation: NDArray[np.complex64] = np.exp(1j * angles).astype(np.complex64)
    return rotation
