"""Writes a trained network as the file that ships: `python -m agentflow.nano.train.export build/nano/nano-m.pt`.

Matrices become Q8_0 (32 weights and their scale in 34 bytes), vectors stay float32. The vocabulary is another file.
"""

from __future__ import annotations

import argparse
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from agentflow.nano.shipped import FOLDER
from agentflow.nano.train.batches import LONGEST_ANSWER
from agentflow.nano.train.network import BASE, DOCUMENT, EPSILON, HEAD, POINTER
from agentflow.nano.train.vocabulary import note_checksums

ARCHITECTURE = "agentflow-reader"
ALIGNMENT = 32
_BLOCK = 32
_U32, _F32, _STRING = 4, 6, 8
_KIND_F32, _KIND_Q8_0 = 0, 8


def main() -> None:
    """Export one checkpoint and note its checksum."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    state = torch.load(options.checkpoint, weights_only=True)["network"]
    target = options.folder / f"{options.checkpoint.stem}.gguf"
    target.write_bytes(gguf({name: weight.numpy() for name, weight in state.items()}))
    note_checksums(options.folder)


def gguf(weights: Mapping[str, NDArray[np.float32]]) -> bytes:
    """The file's bytes: version 3, little-endian."""
    tensors = dict(_tensors(weights))
    metadata = b"".join(_entry(key, value) for key, value in _metadata(weights).items())
    infos, data = b"", b""
    for name, array in tensors.items():
        kind, content = _stored(array)
        shape = array.shape[::-1]
        infos += _text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, len(data))
        data += content + bytes(-len(content) % ALIGNMENT)
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(_metadata(weights))) + metadata + infos
    return head + bytes(-len(head) % ALIGNMENT) + data


def _tensors(weights: Mapping[str, NDArray[np.float32]]) -> list[tuple[str, NDArray[np.float32]]]:
    named = []
    for name, weight in weights.items():
        if name.endswith("attn_qkv.weight"):
            parts = np.split(weight, 3)
            named += [(name.replace("qkv", part), value) for part, value in zip("qkv", parts, strict=True)]
        elif name == "gate.weight":
            named.append((name, weight[0]))
        else:
            named.append((name if name.endswith((".weight", ".bias")) else _vector(name), weight))
    return [(name, np.ascontiguousarray(weight, np.float32)) for name, weight in named]


def _vector(name: str) -> str:
    """Norms are called weights, as everywhere; the scale of attention keeps its name."""
    return name if name.endswith("attn_scale") else f"{name}.weight"


def _metadata(weights: Mapping[str, NDArray[np.float32]]) -> dict[str, str | int | float]:
    vocabulary, width = weights["token_embd.weight"].shape
    layers = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blk."))
    return {
        "general.architecture": ARCHITECTURE,
        f"{ARCHITECTURE}.vocab_size": vocabulary,
        f"{ARCHITECTURE}.embedding_length": width,
        f"{ARCHITECTURE}.block_count": layers,
        f"{ARCHITECTURE}.attention.head_count": width // HEAD,
        f"{ARCHITECTURE}.feed_forward_length": 4 * width,
        f"{ARCHITECTURE}.pointer_length": POINTER,
        f"{ARCHITECTURE}.context_length": DOCUMENT,
        f"{ARCHITECTURE}.answer_length": LONGEST_ANSWER,
        f"{ARCHITECTURE}.rope.freq_base": BASE,
        f"{ARCHITECTURE}.attention.layer_norm_rms_epsilon": EPSILON,
    }


def _entry(key: str, value: str | int | float) -> bytes:
    if isinstance(value, str):
        return _text(key) + struct.pack("<I", _STRING) + _text(value)
    kind, form = (_U32, "<II") if isinstance(value, int) else (_F32, "<If")
    return _text(key) + struct.pack(form, kind, value)


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _stored(array: NDArray[np.float32]) -> tuple[int, bytes]:
    if array.ndim == 1:
        return _KIND_F32, array.tobytes()
    blocks = array.reshape(-1, _BLOCK)
    scales = (np.abs(blocks).max(axis=1) / 127).astype(np.float16)
    safe = np.where(scales == 0, 1, scales).astype(np.float32)
    whole = np.clip(np.rint(blocks / safe[:, None]), -127, 127).astype(np.int8)
    return _KIND_Q8_0, np.concatenate([scales[:, None].view(np.int8), whole], axis=1).tobytes()


if __name__ == "__main__":
    main()
