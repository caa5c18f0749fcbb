"""Pools of choices, each split for good into what training may use and what only unseen layouts use.

Whether an entry is held out depends on the entry alone, by a stable hash. Nothing here depends on the process, the
machine or the order of entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any, Literal, TypeVar, cast
from zlib import crc32

Side = Literal["seen", "held", "any"]
"""Which entries may be drawn: those of training, those held out, or all of them (in countries held out as a whole)."""

Entry = TypeVar("Entry")

_ONE_IN = 5


def is_held(pool: str, entry: object) -> bool:
    """Whether *entry* of *pool* is kept out of training: about one entry in five is."""
    return crc32(f"{pool}/{entry}".encode()) % _ONE_IN == 0


def entries(side: Side, pool: str, every: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Those of *every* entry that *side* may draw. The first is always seen, so the commonest stands first.

    A pool of which nothing is held out serves unseen layouts whole.
    """
    return every if side == "any" else cast("tuple[Entry, ...]", _kept(side, pool, every))


@cache
def _kept(side: Side, pool: str, every: tuple[Any, ...]) -> tuple[Any, ...]:
    seen = tuple(entry for entry in every if entry == every[0] or not is_held(pool, entry))
    if side == "seen":
        return seen
    return tuple(entry for entry in every if entry not in seen) or every


@dataclass(frozen=True, slots=True)
class Draw:
    """Seeded choices from one side of every pool."""

    random: Random
    side: Side

    def one(self, pool: str, every: tuple[Entry, ...]) -> Entry:
        """One entry of *pool*, from this side of it."""
        return self.random.choice(entries(self.side, pool, every))

    def loosely(self, every: tuple[str, ...], held: frozenset[str]) -> str:
        """One of *every*, a pool too small for a hash: unseen layouts take one of *held* half of the time, or any."""
        if self.side == "seen":
            return self.random.choice([entry for entry in every if entry not in held])
        kept = [entry for entry in every if entry in held] if self.side == "held" and self.chance(0.5) else []
        return self.random.choice(kept or every)

    def some(self, pool: str, every: tuple[Entry, ...], most: int) -> tuple[Entry, ...]:
        """Up to *most* different entries of *pool*, maybe none."""
        kept = entries(self.side, pool, every)
        return tuple(self.random.sample(kept, self.random.randint(0, min(most, len(kept)))))

    def chance(self, probability: float) -> bool:
        """True as often as *probability* says."""
        return self.random.random() < probability

    def weighted(self, weights: dict[Entry, float]) -> Entry:
        """One key of *weights*, whatever the side: for choices with too few ways to hold one out."""
        return self.random.choices(list(weights), list(weights.values()))[0]

    def filled(self, pattern: str) -> str:
        """*pattern* with a digit for each `#` and a capital letter for each `@`."""
        if "#" not in pattern and "@" not in pattern:
            return pattern
        return "".join(self._character(character) for character in pattern)

    def _character(self, character: str) -> str:
        if character == "#":
            return self.random.choice("0123456789")
        return self.random.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") if character == "@" else character
