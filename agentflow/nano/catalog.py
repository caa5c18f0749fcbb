"""The models that ship with AgentFlow, and the one copy of each that a process loads. Nothing is ever downloaded."""

from __future__ import annotations

import threading
from functools import cache

from agentflow.errors import UnknownModel
from agentflow.nano import NAMES
from agentflow.nano.gguf import parse
from agentflow.nano.model import Model
from agentflow.nano.shipped import FOLDER, read_checked
from agentflow.nano.tokens import Vocabulary

_lock = threading.Lock()


def load(name: str) -> Model:
    """The model *name*, read and checked once per process. Raises `UnknownModel` or `ConfigurationError`."""
    if name not in NAMES:
        raise UnknownModel(f"there is no embedded model {name!r}; there are: {', '.join(NAMES)}")
    with _lock:
        return _load(name)


@cache
def _load(name: str) -> Model:
    return Model.from_gguf(parse(read_checked(FOLDER / f"{name}.gguf")), Vocabulary.load())
