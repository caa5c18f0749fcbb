"""Arguments of a pipeline from the words of a command line."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from agentflow.errors import ConfigurationError

_NAMED = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_LIST = re.compile(r"(?:list|tuple|sequence|iterable|collection)(?:\[(.*)\])?", re.IGNORECASE)
_TEXT = re.compile(r"(?:Optional\[)?(?:str|Path)\b")


def parse_arguments(name: str, signature: inspect.Signature, words: Sequence[str]) -> dict[str, Any]:
    """Arguments from a command line: `name=value` by name, other words in order; JSON where it is not declared a text.

    The last parameter takes all words that are left when it is a list. Raises `ConfigurationError`.
    """
    try:
        return _parse({key: _annotation(parameter) for key, parameter in signature.parameters.items()}, words)
    except ValueError as error:
        raise ConfigurationError(f"{name}: {error}; it is called as {name}{signature}") from error


_PLAIN: dict[str, type | tuple[type, ...]] = {"int": int, "float": (int, float), "bool": bool}


def _parse(kinds: dict[str, str], words: Sequence[str]) -> dict[str, Any]:
    arguments = dict(_named(kinds, words))
    plain = [word for word in words if not _NAMED.fullmatch(word)]
    free = [name for name in kinds if name not in arguments]
    for position, name in enumerate(free):
        if plain and position == len(free) - 1 and _LIST.match(kinds[name]):
            arguments[name], plain = _values(plain, kinds[name]), []
        elif plain:
            arguments[name] = _value(plain.pop(0), kinds[name])
    if plain:
        raise ValueError(f"there is no parameter left for {plain[0]!r}")
    return arguments


def _named(kinds: dict[str, str], words: Sequence[str]) -> Iterator[tuple[str, Any]]:
    given: dict[str, list[str]] = {}
    for match in filter(None, map(_NAMED.fullmatch, words)):
        given.setdefault(match[1], []).append(match[2])
    for name, texts in given.items():
        if name not in kinds:
            raise ValueError(f"it takes no {name!r} (a file of that name is written ./{name}=…)")
        if _LIST.match(kinds[name]):
            yield name, _values(texts, kinds[name])
        elif len(texts) > 1:
            raise ValueError(f"{name!r} was given {len(texts)} times")
        else:
            yield name, _value(texts[0], kinds[name])


def _values(texts: list[str], kind: str) -> list[Any]:
    """One element per word, or one word that is a JSON list."""
    match = _LIST.match(kind)
    inner = (match[1] if match else "") or ""
    if len(texts) == 1 and texts[0].lstrip().startswith("["):
        whole = _value(texts[0], "")
        if isinstance(whole, list):
            return whole
    return [_value(text, inner) for text in texts]


def _value(text: str, kind: str) -> Any:
    if _TEXT.match(kind):
        return text
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        value = text
    if (plain := _PLAIN.get(kind)) and (not isinstance(value, plain) or (isinstance(value, bool) and kind != "bool")):
        raise ValueError(f"{text!r} is no {kind}")
    return value


def _annotation(parameter: inspect.Parameter) -> str:
    """What the parameter is declared to be, as its author wrote it, without the module."""
    kind = parameter.annotation
    if kind is parameter.empty:
        return ""
    text = kind if isinstance(kind, str) else getattr(kind, "__name__", "") if isinstance(kind, type) else str(kind)
    text = str(kind) if "[" in str(kind) else text
    return re.sub(r"\b(?:typing|collections\.abc|pathlib)\.", "", text)
