"""Model files with small random weights, as training would export them, and a plain reading of what they must say."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from agentflow.nano.gguf import parse
from agentflow.nano.model import Model
from agentflow.nano.tokens import Vocabulary
from agentflow.nano.train.vocabulary import train

KEY = "agentflow-reader"
BILL = "LUNWER GMBH\nHauptstr. 4\nDate: 04/10/2026\nPrinter 12.50\nSoap 3.25\nTotal 15.75 EUR"
OTHER = "SOLMAR FOODS\nInvoice 2021-03-04\nBolt 9.30\nTea 3.20\nTOTAL 12.50"

Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a random model is."""

    width: int = 32
    layers: int = 2
    heads: int = 2
    context: int = 512
    answer: int = 128


TINY = Size()
MEDIUM = Size(256, 6, 4)
"""As large as `nano-m`."""


@cache
def vocabulary(size: int = 600) -> Vocabulary:
    """A few pieces learned from a few words."""
    return train([BILL, OTHER, "TOTAL Total total Date date Invoice number company none " * 3], size)


@cache
def model(size: Size = TINY, seed: int = 0) -> Model:
    """A model that has learned nothing."""
    return Model.from_gguf(parse(model_file(size, seed)), vocabulary())


def weights(size: Size = TINY, seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """Every tensor of a model, by its name in the file."""
    random, width, pieces = np.random.default_rng(seed), size.width, len(vocabulary())

    def matrix(*shape: int, scale: float = 1.0) -> NDArray[np.float32]:
        return (random.standard_normal(shape) * scale * shape[-1] ** -0.5).astype(np.float32)

    def gain(length: int) -> NDArray[np.float32]:
        return (1 + 0.1 * random.standard_normal(length)).astype(np.float32)

    tensors = {
        "token_embd.weight": matrix(pieces, width, scale=width**0.5 / 2),
        "token_prev.weight": matrix(width, width),
        "output_norm.weight": gain(width),
        "pointer_q.weight": matrix(64, width, scale=3),
        "pointer_k.weight": matrix(64, width, scale=3),
        "gate.weight": matrix(width),
        "gate.bias": np.array([-0.5], np.float32),
    }
    for layer in range(size.layers):
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensors[f"blk.{layer}.{name}.weight"] = matrix(width, width)
        tensors[f"blk.{layer}.attn_scale"] = 0.5 * gain(size.heads)
        tensors[f"blk.{layer}.attn_norm.weight"] = gain(width)
        tensors[f"blk.{layer}.ffn_norm.weight"] = gain(width)
        tensors[f"blk.{layer}.ffn_up.weight"] = matrix(4 * width, width)
        tensors[f"blk.{layer}.ffn_down.weight"] = matrix(width, 4 * width)
    return tensors


def model_file(size: Size = TINY, seed: int = 0, **changes: int | float | str | tuple[str, ...]) -> bytes:
    """A whole file; *changes* replace metadata."""
    metadata: dict[str, int | float | str | tuple[str, ...]] = {
        "general.architecture": KEY,
        f"{KEY}.context_length": size.context,
        f"{KEY}.answer_length": size.answer,
        f"{KEY}.embedding_length": size.width,
        f"{KEY}.block_count": size.layers,
        f"{KEY}.attention.head_count": size.heads,
        f"{KEY}.feed_forward_length": 4 * size.width,
        f"{KEY}.pointer_length": 64,
        f"{KEY}.vocab_size": len(vocabulary()),
        f"{KEY}.rope.freq_base": 10_000.0,
        f"{KEY}.attention.layer_norm_rms_epsilon": 1e-6,
        f"{KEY}.tokens": vocabulary().pieces,
    }
    named = {name if "." in name else f"{KEY}.{name}": value for name, value in changes.items()}
    return file_of({**metadata, **named}, weights(size, seed))


def file_of(metadata: Mapping[str, int | float | str | tuple[str, ...]], tensors: Weights) -> bytes:
    """The container; matrices in Q8_0, the rest in F32."""
    entries = b"".join(text(key) + _value(value) for key, value in metadata.items())
    infos, data = b"", b""
    for name, tensor in tensors.items():
        infos += info(name, tensor.shape, 8 if tensor.ndim > 1 else 0, len(data))
        data += q8(tensor) if tensor.ndim > 1 else tensor.astype("<f4").tobytes()
    return gguf(entries, len(metadata), infos, len(tensors)) + data


def gguf(entries: bytes = b"", entry_count: int = 0, infos: bytes = b"", tensor_count: int = 0) -> bytes:
    """Everything before the data."""
    head = b"GGUF" + struct.pack("<IQQ", 3, tensor_count, entry_count) + entries + infos
    return head + b"\0" * (-len(head) % 32)


def info(name: str, shape: tuple[int, ...], kind: int, offset: int = 0) -> bytes:
    """Where a tensor lies."""
    dimensions = b"".join(struct.pack("<Q", length) for length in reversed(shape))
    return text(name) + struct.pack("<I", len(shape)) + dimensions + struct.pack("<IQ", kind, offset)


def text(content: str) -> bytes:
    """A string of the container."""
    return struct.pack("<Q", len(content.encode())) + content.encode()


def q8(tensor: NDArray[np.float32]) -> bytes:
    """Blocks of 32 values with one scale each."""
    blocks = tensor.reshape(-1, 32)
    scales = (np.abs(blocks).max(axis=1) / 127).astype("<f2")
    values = np.round(blocks / np.maximum(scales.astype(np.float32), 1e-8)[:, None]).clip(-127, 127).astype("i1")
    return np.rec.fromarrays([scales, values], dtype=[("scale", "<f2"), ("values", "i1", (32,))]).tobytes()


def _value(value: int | float | str | tuple[str, ...]) -> bytes:
    if isinstance(value, tuple):
        return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))
    if isinstance(value, str):
        return struct.pack("<I", 8) + text(value)
    return struct.pack("<If", 6, value) if isinstance(value, float) else struct.pack("<II", 4, value)
