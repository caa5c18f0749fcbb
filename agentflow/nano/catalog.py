"""The models that ship with AgentFlow, and the one copy of each that a process loads. Nothing is ever downloaded."""

from __future__ import annotations

import hashlib
import threading
from functools import cache
from pathlib import Path

from agentflow.errors import ConfigurationError, UnknownModel
from agentflow.nano import NAMES
from agentflow.nano.gguf import parse
from agentflow.nano.model import Model

FOLDER = Path(__file__).parent / "weights"
_lock = threading.Lock()


def load(name: str) -> Model:
    """The model *name*, read and checked once per process. Raises `UnknownModel` or `ConfigurationError`."""
    if name not in NAMES:
        raise UnknownModel(f"there is no embedded model {name!r}; there are: {', '.join(NAMES)}")
    with _lock:
        return _load(name)


def read_checked(file: Path) -> bytes:
    """The bytes of *file*. Raises `ConfigurationError` unless `SHA256SUMS` beside it says their checksum."""
    try:
        content = file.read_bytes()
        sums = (file.parent / "SHA256SUMS").read_text().split()
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read ({error.strerror}); install agentflow again") from error
    expected = dict(zip(sums[1::2], sums[::2], strict=False)).get(file.name)
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ConfigurationError(f"{file} has checksum {found}, not {expected}; install agentflow again")
    return content


@cache
def _load(name: str) -> Model:
    return Model.from_gguf(parse(read_checked(FOLDER / f"{name}.gguf")))
