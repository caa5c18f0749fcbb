"""Reads the GGUF v3 container: metadata and F32, F16 and Q8_0 tensors. Never trusts a count, offset or length in it."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from agentflow.errors import ConfigurationError

Scalar: TypeAlias = int | float | bool | str
Tensor: TypeAlias = NDArray[np.float32]

MAGIC = b"GGUF"
VERSION = 3
MOST_ENTRIES = 1_000_000
"""Metadata entries, tensors or list items above which a file is refused rather than read."""

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _LIST = 8, 9
_Q8_BLOCK = 32
_Q8_0 = np.dtype([("scale", "<f2"), ("values", "i1", (_Q8_BLOCK,))])


@dataclass(frozen=True, slots=True)
class Gguf:
    """What a file holds. Quantised tensors are widened to 32-bit floats."""

    metadata: Mapping[str, Scalar]
    """Scalars and strings by key."""
    texts: Mapping[str, tuple[str, ...]]
    """Lists of strings by key, such as the pieces of a vocabulary; other lists are checked and left out."""
    tensors: Mapping[str, Tensor]

    def number(self, key: str) -> float:
        """The number above zero under *key*. Raises `ConfigurationError` when there is none."""
        value = self.metadata.get(key)
        if not isinstance(value, int | float) or not 0 < value < float("inf"):
            raise ConfigurationError(f"the model file says {value!r} for {key!r}; expected a number above zero")
        return value

    def count(self, key: str) -> int:
        """The whole number above zero under *key*. Raises `ConfigurationError` when there is none."""
        value = self.number(key)
        if not isinstance(value, int) or value > MOST_ENTRIES:
            raise ConfigurationError(f"the model file says {value!r} for {key!r}; expected at most {MOST_ENTRIES}")
        return value

    def tensor(self, name: str, *shape: int) -> Tensor:
        """The tensor *name*. Raises `ConfigurationError` unless it is there and has this shape."""
        tensor = self.tensors.get(name)
        if tensor is None or tensor.shape != shape:
            found = "missing" if tensor is None else f"of shape {tensor.shape}"
            raise ConfigurationError(f"the model file's tensor {name!r} is {found}; expected shape {shape}")
        return tensor


def parse(content: bytes) -> Gguf:
    """Read a whole file. Raises `ConfigurationError` on anything that is not sound GGUF v3."""
    reader = _Reader(content)
    if reader.take(4) != MAGIC:
        raise ConfigurationError("this is no GGUF file: its first four bytes are not 'GGUF'")
    version = reader.integer("<I")
    if version != VERSION:
        raise ConfigurationError(f"GGUF version {version} is not read here; convert the file to version {VERSION}")
    tensor_count, entry_count = reader.count(), reader.count()
    entries = [(reader.text(), reader.value(reader.integer("<I"))) for _ in range(entry_count)]
    metadata = {key: value for key, value in entries if value is not None and not isinstance(value, tuple)}
    texts = {key: value for key, value in entries if isinstance(value, tuple)}
    infos = [_Info.read(reader) for _ in range(tensor_count)]
    start = _aligned(reader.position, metadata.get("general.alignment", 32))
    return Gguf(metadata, texts, {info.name: info.tensor(content, start) for info in infos})


class _Reader:
    """A cursor over bytes that refuses to leave them."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.position = 0

    def take(self, size: int) -> bytes:
        end = self.position + size
        if end > len(self.content):
            raise ConfigurationError(f"the GGUF file is cut off: byte {end} is needed, {len(self.content)} are there")
        taken = self.content[self.position : end]
        self.position = end
        return taken

    def integer(self, layout: str) -> int:
        return int(struct.unpack(layout, self.take(struct.calcsize(layout)))[0])

    def count(self) -> int:
        count = self.integer("<Q")
        if count > min(MOST_ENTRIES, len(self.content)):
            raise ConfigurationError(f"the GGUF file announces {count} entries, more than its size could hold")
        return count

    def text(self) -> str:
        raw = self.take(self.integer("<Q"))
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            raise ConfigurationError("the GGUF file holds a name that is not UTF-8") from error

    def value(self, kind: int) -> Scalar | tuple[str, ...] | None:
        """One metadata value; None for a list of anything but strings, whose items are stepped over."""
        if kind == _LIST:
            item_kind = self.integer("<I")
            if item_kind == _LIST:
                raise ConfigurationError("the GGUF file holds lists of lists, which are not read here")
            items = [self.value(item_kind) for _ in range(self.count())]
            return tuple(map(str, items)) if item_kind == _STRING else None
        if kind == _STRING:
            return self.text()
        if kind not in _SCALARS:
            raise ConfigurationError(f"the GGUF file holds metadata of unknown kind {kind}")
        layout = _SCALARS[kind]
        value: Scalar = struct.unpack(layout, self.take(struct.calcsize(layout)))[0]
        return value


@dataclass(frozen=True, slots=True)
class _Info:
    """Where one tensor lies and how it is written."""

    name: str
    shape: tuple[int, ...]
    kind: int
    offset: int

    @classmethod
    def read(cls, reader: _Reader) -> _Info:
        name, rank = reader.text(), reader.integer("<I")
        if not 1 <= rank <= 4:
            raise ConfigurationError(f"the GGUF file's tensor {name!r} has {rank} dimensions; 1 to 4 are read here")
        shape = tuple(reader.integer("<Q") for _ in range(rank))[::-1]  # stored fastest-moving first
        return cls(name, shape, reader.integer("<I"), reader.integer("<Q"))

    def tensor(self, content: bytes, start: int) -> Tensor:
        layout, per_item = self._layout()
        size = 1
        for length in self.shape:
            size *= length
        begin, length = start + self.offset, size // per_item * layout.itemsize
        if size == 0 or self.shape[-1] % per_item or begin + length > len(content):
            raise ConfigurationError(f"the GGUF file's tensor {self.name!r} {self.shape} does not fit into the file")
        raw = np.frombuffer(content, layout, size // per_item, begin)
        with np.errstate(invalid="ignore"):  # what is no number is refused below
            widened = raw["values"] * raw["scale"].astype(np.float32)[:, None] if per_item > 1 else raw
            tensor = widened.astype(np.float32).reshape(self.shape)
        if not np.isfinite(tensor).all():
            raise ConfigurationError(f"the GGUF file's tensor {self.name!r} holds values that are no numbers")
        tensor.setflags(write=False)
        return tensor

    def _layout(self) -> tuple[np.dtype[np.void] | np.dtype[np.floating], int]:
        if self.kind == 0:
            return np.dtype("<f4"), 1
        if self.kind == 1:
            return np.dtype("<f2"), 1
        if self.kind == 8:
            return _Q8_0, _Q8_BLOCK
        raise ConfigurationError(f"the GGUF file's tensor {self.name!r} is of kind {self.kind}, not F32, F16 or Q8_0")


def _aligned(position: int, alignment: Scalar) -> int:
    if not isinstance(alignment, int) or not 1 <= alignment <= 1 << 16:
        raise ConfigurationError(f"the GGUF file asks for an alignment of {alignment!r} bytes")
    return -(-position // alignment) * alignment
