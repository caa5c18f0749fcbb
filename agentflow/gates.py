"""From which confidence on each tier's answers to each step are believed: thresholds with what they rest on.

Read strictly: a file with one key or number that is not understood is refused by name, never half believed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from agentflow.errors import DefinitionError
from agentflow.strict import (
    Form,
    as_object,
    exactly,
    fitting,
    is_count,
    is_share,
    is_text,
    read_object,
    read_text,
    refuse,
)
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
        exactly(plain, ("version", "steps"), name)
        if plain["version"] != VERSION or isinstance(plain["version"], bool):
            refuse(f"{name}: version", plain["version"], f"{VERSION}; a newer AgentFlow may read it")
        steps = as_object(plain["steps"], f"{name}: steps")
        return cls({step: _tiers(tiers, f"{name}: steps.{step}") for step, tiers in steps.items()})

    @classmethod
    def parse(cls, text: str, *, name: str = "the gate") -> Gate:
        """The gate that `to_json` wrote. Raises `ConfigurationError`."""
        return cls.of(read_object(text, name, "gate"), name=name)

    def to_json(self) -> str:
        """A file's text, sorted, so that two of them can be compared."""
        steps = {step: {tier: asdict(entry) for tier, entry in tiers.items()} for step, tiers in self.steps.items()}
        return json.dumps({"version": VERSION, "steps": steps}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def load_gate(path: Path) -> Gate:
    """The gate in a file. Raises `ConfigurationError` when it cannot be read or is not one."""
    return Gate.parse(read_text(path, "gate"), name=str(path))


def _tiers(plain: object, where: str) -> Mapping[str, Entry]:
    return {tier: _entry(told, f"{where}.{tier}") for tier, told in as_object(plain, where).items()}


def _entry(plain: object, where: str) -> Entry:
    entry = Entry(**fitting(plain, _FORMS, where))  # type: ignore[arg-type]  # each was looked at
    if entry.right > entry.n:
        refuse(f"{where}.right", entry.right, f"at most n, which is {entry.n}")
    return entry


_FORMS: Mapping[str, Form] = {
    "threshold": (
        lambda value: value is None or finite(value) is not None,
        "a number, or null where none could be proven",
    ),
    "target": (is_share, "a share between 0 and 1"),
    "confidence": (is_share, "a share between 0 and 1"),
    "n": (is_count, "a count"),
    "right": (is_count, "a count"),
    "source": (is_text, "a text"),
}
