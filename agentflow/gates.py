"""From which confidence on each tier's answers to each step are believed: thresholds with what they rest on.

Read strictly: a file with one key or number that is not understood is refused by name, never half believed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import NoReturn

from agentflow.errors import ConfigurationError, DefinitionError
from agentflow.thresholds import Scored, choose, finite

VERSION = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One tier's threshold for one step, and what it rests on."""

    threshold: float | None
    """Lowest mean log-probability that is believed. None: no threshold could be proven, so nothing is."""
    target: float
    """The share of accepted answers that was to be right."""
    confidence: float
    """How sure that share is, 0 to 1."""
    n: int
    """Labelled answers of that confidence or more; all of them where there is no threshold."""
    right: int
    source: str
    """Hash of the labelled data, or another name for it."""

    @classmethod
    def fitted(cls, evidence: Sequence[Scored], *, target: float, confidence: float, source: str) -> Entry:
        """The entry that labelled answers support."""
        chosen = choose(evidence, target=target, confidence=confidence)
        if chosen is None:
            return cls(None, target, confidence, len(evidence), sum(each.is_right for each in evidence), source)
        return cls(chosen.value, target, confidence, chosen.n, chosen.right, source)


@dataclass(frozen=True, slots=True)
class Gate:
    """Entries by step and tier."""

    steps: Mapping[str, Mapping[str, Entry]]

    def of_step(self, step: str) -> Mapping[str, Entry]:
        """Entries by tier. Raises `DefinitionError` for a step that the gate does not hold."""
        if step not in self.steps:
            known = ", ".join(sorted(self.steps)) or "none"
            raise DefinitionError(f"the gate has no step {step!r}; it has {known}")
        return self.steps[step]

    @classmethod
    def of(cls, plain: Mapping[str, object], *, name: str = "the gate") -> Gate:
        """The gate a JSON object says. Raises `ConfigurationError`, which names what is wrong and where."""
        _keys(plain, ("version", "steps"), name)
        if plain["version"] != VERSION or isinstance(plain["version"], bool):
            _refuse(f"{name}: version", plain["version"], f"{VERSION}; a newer AgentFlow may read it")
        steps = _object(plain["steps"], f"{name}: steps")
        return cls({step: _tiers(tiers, f"{name}: steps.{step}") for step, tiers in steps.items()})

    @classmethod
    def parse(cls, text: str, *, name: str = "the gate") -> Gate:
        """The gate that `to_json` wrote. Raises `ConfigurationError`."""
        try:
            plain = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise ConfigurationError(f"{name} is no JSON of a gate: {error}") from error
        return cls.of(_object(plain, name), name=name)

    def to_json(self) -> str:
        """A file's text, sorted, so that two of them can be compared."""
        steps = {step: {tier: asdict(entry) for tier, entry in tiers.items()} for step, tiers in self.steps.items()}
        return json.dumps({"version": VERSION, "steps": steps}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def load_gate(path: Path) -> Gate:
    """The gate in a file. Raises `ConfigurationError` when it cannot be read or is not one."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the gate {path} cannot be read: {error}") from error
    return Gate.parse(text, name=str(path))


def _tiers(plain: object, where: str) -> Mapping[str, Entry]:
    return {tier: _entry(told, f"{where}.{tier}") for tier, told in _object(plain, where).items()}


def _entry(plain: object, where: str) -> Entry:
    told = _object(plain, where)
    _keys(told, tuple(field.name for field in fields(Entry)), where)
    for name, (fits, wanted) in _FORMS.items():
        if not fits(told[name]):
            _refuse(f"{where}.{name}", told[name], wanted)
    entry = Entry(**told)  # type: ignore[arg-type]  # each was looked at
    if entry.right > entry.n:
        _refuse(f"{where}.right", entry.right, f"at most n, which is {entry.n}")
    return entry


def _is_share(value: object) -> bool:
    share = finite(value)
    return share is not None and 0 < share < 1


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


_FORMS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "threshold": (
        lambda value: value is None or finite(value) is not None,
        "a number, or null where none could be proven",
    ),
    "target": (_is_share, "a share between 0 and 1"),
    "confidence": (_is_share, "a share between 0 and 1"),
    "n": (_is_count, "a count"),
    "right": (_is_count, "a count"),
    "source": (lambda value: isinstance(value, str), "a text"),
}


def _object(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        _refuse(where, value, "an object")
    return value


def _keys(plain: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    unknown, absent = sorted(set(plain) - set(known)), [key for key in known if key not in plain]
    if unknown:
        raise ConfigurationError(f"{where} has an unknown key {unknown[0]!r}; it takes {', '.join(known)}")
    if absent:
        raise ConfigurationError(f"{where} lacks {absent[0]!r}; it takes {', '.join(known)}")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{key!r} stands there twice")
        found[key] = value
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _refuse(where: str, value: object, wanted: str) -> NoReturn:
    shown = repr(value)
    raise ConfigurationError(f"{where} is {shown if len(shown) <= 60 else shown[:60] + '…'}; give {wanted}")
