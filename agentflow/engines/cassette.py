"""A cassette that answers: where each recorded answer stands in the file, and who gets which.

The answers stay in the file until somebody asks for them; what is held in memory are keys and places.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from agentflow.attempt import Tier
from agentflow.engines.differences import difference, distance, leaves
from agentflow.engines.lines import Asked, Line, identity_of, place_of, price_of_json, read_line, read_lines
from agentflow.errors import BadCassette
from agentflow.redact import Redactor
from agentflow.usage import Price, Usage

MOST_COMPARED = 5_000
"""Calls of which the nearest to an unknown one is looked for."""


@dataclass(slots=True)
class Answer:
    """Where one answer stands."""

    number: int
    """Of its line."""
    offset: int
    bound: int
    """Input tokens that its request was reserved for."""
    is_given: bool = False


@dataclass(slots=True)
class _Answers:
    """The answers to equal requests, in the order of the file."""

    all: list[Answer] = field(default_factory=list)
    by_place: dict[str, deque[Answer]] = field(default_factory=dict)
    next: int = 0

    def take(self, place: str) -> Answer | None:
        """The answer that was given at the same place, else the first that nobody got yet."""
        here = self.by_place.get(place, deque())
        while here and here[0].is_given:
            here.popleft()
        while self.next < len(self.all) and self.all[self.next].is_given:
            self.next += 1
        answer = here[0] if here else self.all[self.next] if self.next < len(self.all) else None
        if answer is not None:
            answer.is_given = True
        return answer


@dataclass(frozen=True, slots=True)
class TierFacts:
    """What a tier was when it was recorded."""

    label: str
    price: Price | None
    capabilities: Mapping[str, Any]
    """What its engine could; empty for one that was never asked."""


@dataclass(frozen=True, slots=True)
class Call:
    """One recorded call."""

    number: int
    """Of its line."""
    response: str
    """JSON."""
    usage: Usage
    cap: int
    """Output tokens that were allowed on the wire."""
    was_clipped: bool
    """Whether the budget of that time cut the answer off."""
    is_dear: bool
    """Whether it was charged at the dearest rates."""


class Cassette:
    """What a run may be answered from. Every method may be called from any thread."""

    def __init__(self, path: Path, redactor: Redactor | None = None) -> None:
        """Read where everything stands. Raises `BadCassette`."""
        self.path = path
        self.redactor = redactor or Redactor.of_environment()
        self._tiers: dict[str, TierFacts] = {}
        self.sources: set[str] = set()
        """Hashes of the pipelines that were recorded."""
        self._answers: dict[str, _Answers] = {}
        self._refused: dict[str, int] = {}
        self._lock = threading.Lock()
        self._index(read_lines(path))

    def facts(self, tier: Tier) -> TierFacts | None:
        """What the tier was when it was recorded; None when it was not there."""
        return self._tiers.get(identity_of(tier, self.redactor))

    def bound(self, key: str) -> int | None:
        """Input tokens that such a request was reserved for, or refused for; None when there is none like it."""
        answers = self._answers.get(key)
        return answers.all[0].bound if answers else self._refused.get(key)

    def count(self, key: str) -> int:
        """How many answers there are to such a request."""
        return len(self._answers[key].all) if key in self._answers else 0

    def take(self, key: str, path: str, occurrence: int) -> Call | None:
        """An answer to such a request that nobody got yet, the one of the same place before others; None: no more.

        Raises `BadCassette` for one that was edited into what cannot be understood.
        """
        with self._lock:
            answers = self._answers.get(key)
            answer = answers.take(place_of(path, occurrence, self.redactor)) if answers else None
        return None if answer is None else self._read(answer, key)

    def nearest(self, asked: Asked, label: str) -> tuple[Line, str] | None:
        """The recorded call that is most like *asked*, of the same tier if there is one, and how they differ."""
        lines = (line for line in read_lines(self.path) if line.kind == "call")
        wanted, best = dict(leaves(asked.request)), None
        for line in islice(lines, MOST_COMPARED):
            found = dict(leaves(line.plain["request"]))
            rank = (line.plain["tier"] != label, *distance(found, wanted))
            if best is None or rank < best[0]:
                best = (rank, line, found)
        if best is None:
            return None
        _, line, found = best
        apart = difference(found, wanted)
        return line, f"differs in {apart}" if apart else f"was on {line.plain['identity']}, not on {asked.identity}"

    def _index(self, lines: Iterable[Line]) -> None:
        same: dict[tuple[str, str, str, str], Answer] = {}
        for line in lines:
            try:
                self._enter(line, same)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise self._bad(line.number, error) from error

    def _enter(self, line: Line, same: dict[tuple[str, str, str, str], Answer]) -> None:
        plain = line.plain
        if line.kind == "cassette":
            self.sources.add(plain.get("source_hash", ""))
            for told in plain.get("tiers", ()):
                self._tiers.setdefault(told["identity"], TierFacts(told["tier"], price_of_json(told["price"]), {}))
        elif line.kind == "tier":
            self._tiers[plain["identity"]] = TierFacts(plain["tier"], price_of_json(plain["price"]), plain)
        elif line.kind == "call":
            self._enter_call(line, same)
        elif line.kind == "refused":
            self._refused[plain["key"]] = int(plain["bound"])
        else:
            raise ValueError(f"kind {plain.get('kind')!r}")

    def _enter_call(self, line: Line, same: dict[tuple[str, str, str, str], Answer]) -> None:
        plain = line.plain
        key, place = plain["key"], place_of(plain["path"], plain["occurrence"], self.redactor)
        answer = Answer(line.number, line.offset, int(plain["bound"]))
        told = (plain["run"], plain["tier"], key, place)
        before = same.get(told)
        if before is not None:  # asked again after a kill, or with a larger budget: the run believed the later one
            before.number, before.offset, before.bound = answer.number, answer.offset, answer.bound
            return
        same[told] = answer
        answers = self._answers.setdefault(key, _Answers())
        answers.all.append(answer)
        answers.by_place.setdefault(place, deque()).append(answer)

    def _read(self, answer: Answer, key: str) -> Call:
        plain = read_line(self.path, answer.offset)
        if plain is None or plain.get("key") != key:
            raise BadCassette(f"{self.path} was changed while it was replayed; start again")
        try:
            usage, counts = Usage(**plain["usage"]), list(plain["usage"].values())
            if any(count is not None and (type(count) is not int or count < 0) for count in counts):
                raise ValueError(f"usage {plain['usage']}")
            response, was_clipped, is_dear = json.dumps(plain["response"]), bool(plain["clipped"]), bool(plain["dear"])
            return Call(answer.number, response, usage, int(plain["cap"]), was_clipped, is_dear)
        except (KeyError, TypeError, ValueError) as error:
            raise self._bad(answer.number, error) from error

    def _bad(self, number: int, error: Exception) -> BadCassette:
        what = f"lacks {error}" if isinstance(error, KeyError) else f"cannot be understood: {error}"
        return BadCassette(f"{self.path}, line {number}: {what}; mend the line, or record anew")
