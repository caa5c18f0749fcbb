"""JSON of an artefact read strictly: one key or number that is not understood is refused by name, never half believed.

Nothing is corrected or guessed here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn, TypeAlias

from agentflow.errors import ConfigurationError
from agentflow.thresholds import finite

Form: TypeAlias = tuple[Callable[[object], bool], str]
"""What fits, and in words what would."""


def read_text(path: Path, what: str) -> str:
    """The text of an artefact's file. Raises `ConfigurationError`."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the {what} {path} cannot be read: {error}") from error


def read_object(text: str, where: str, what: str) -> Mapping[str, object]:
    """The JSON object in *text*, in which no key stands twice and every number is one."""
    try:
        plain = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{where} is no JSON of a {what}: {error}") from error
    return as_object(plain, where)


def as_object(value: object, where: str) -> Mapping[str, object]:
    """*value*, which must be a JSON object."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        refuse(where, value, "an object")
    return value


def exactly(plain: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    """Refuse keys beyond *known*, and the lack of one."""
    unknown, absent = sorted(set(plain) - set(known)), [key for key in known if key not in plain]
    if unknown:
        raise ConfigurationError(f"{where} has an unknown key {unknown[0]!r}; it takes {', '.join(known)}")
    if absent:
        raise ConfigurationError(f"{where} lacks {absent[0]!r}; it takes {', '.join(known)}")


def fitting(plain: object, forms: Mapping[str, Form], where: str) -> Mapping[str, object]:
    """The object whose keys are those of *forms* and whose values fit them."""
    told = as_object(plain, where)
    exactly(told, tuple(forms), where)
    for name, (fits, wanted) in forms.items():
        if not fits(told[name]):
            refuse(f"{where}.{name}", told[name], wanted)
    return told


def refuse(where: str, value: object, wanted: str) -> NoReturn:
    """Say what stands there and what should."""
    shown = repr(value)
    raise ConfigurationError(f"{where} is {shown if len(shown) <= 60 else shown[:60] + '…'}; give {wanted}")


def is_share(value: object) -> bool:
    """Whether it lies between 0 and 1, neither included."""
    share = finite(value)
    return share is not None and 0 < share < 1


def is_count(value: object) -> bool:
    """Whether it is a whole number from 0."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_text(value: object) -> bool:
    """Whether it is a text."""
    return isinstance(value, str)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{key!r} stands there twice")
        found[key] = value
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
