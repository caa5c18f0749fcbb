"""How much each piece of evidence weighs, and how sure an answer must be: learned from labelled answers, kept as JSON.

Nothing is learned here, and a policy that is not understood is refused.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from agentflow import ConfigurationError

VERSION = 1
SHIPPED = Path(__file__).with_name("policy.json")


@dataclass(frozen=True, slots=True)
class Weights:
    """The chance that an answer of one tier is right, as a logistic function of the evidence."""

    bias: float
    of: Mapping[str, float]
    """By the name of the evidence. Evidence that is missing counts as none."""

    def chance(self, evidence: Mapping[str, float]) -> float:
        """From 0 to 1."""
        weighed = self.bias + sum(weight * evidence.get(name, 0.0) for name, weight in self.of.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, weighed))))


@dataclass(frozen=True, slots=True)
class Bar:
    """How sure an answer must be. The dearer it is to ask the next tier, the less sure."""

    height: float
    """The chance from which on an answer is accepted, of a problem and a solution without a letter."""
    per_problem_character: float = 0.0
    """By how much the bar is lower for each character of the problem."""
    per_solution_character: float = 0.0

    def over(self, problem: str, solution: str) -> float:
        """The chance that this solution must have."""
        lower = self.per_problem_character * len(problem) + self.per_solution_character * len(solution)
        return self.height - lower


@dataclass(frozen=True, slots=True)
class Judged:
    """What is known about a tier whose answers are weighed."""

    weights: Weights
    bar: Bar


@dataclass(frozen=True, slots=True)
class Policy:
    """Whose answers count for what, by the names of tiers."""

    judged: Mapping[str, Judged] = field(default_factory=dict)
    """Accepted when they are sure enough."""
    opinions: frozenset[str] = frozenset()
    """Never accepted by themselves: they are evidence about later answers."""
    trusted: Mapping[str, float] = field(default_factory=dict)
    """Accepted when they give a number; the share of them that was right."""
    learned: Mapping[str, Any] = field(default_factory=dict)
    """Where it comes from, for people."""

    def to_json(self) -> str:
        """A file's text."""
        plain = {**asdict(self), "opinions": sorted(self.opinions), "version": VERSION}
        return json.dumps(plain, indent=1, sort_keys=True) + "\n"


def load_policy(path: Path = SHIPPED) -> Policy:
    """The policy in a file. Raises `ConfigurationError` when it is none."""
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        if plain["version"] != VERSION:
            raise ValueError(f"version {plain['version']!r} is not {VERSION}")
        judged = {
            tier: Judged(
                Weights(float(each["weights"]["bias"]), _numbers(each["weights"]["of"])), Bar(**_numbers(each["bar"]))
            )
            for tier, each in plain["judged"].items()
        }
        return Policy(judged, frozenset(plain["opinions"]), _numbers(plain["trusted"]), plain["learned"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{path} holds no policy for problems: {error!r}; fit one, or leave it out") from error


def _numbers(plain: Mapping[str, Any]) -> dict[str, float]:
    numbers = {name: float(value) for name, value in plain.items()}
    if not all(math.isfinite(value) for value in numbers.values()):
        raise ValueError(f"{plain} holds something that is no number")
    return numbers
