"""How many candidates must do the same before one of a tier is believed, as fitted on labelled tasks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from agentflow import ConfigurationError

SHIPPED = Path(__file__).with_name("policy.json")


@dataclass(frozen=True, slots=True)
class Policy:
    """What it takes to believe a candidate that passes every example its task has."""

    votes: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    """By tier: candidates that must do the same, itself included, where the task has no example, one or two, more. 0:
    not to be believed there. A tier that is not named is believed alone."""
    tries: Mapping[str, int] = field(default_factory=dict)
    """By tier: how often it is asked, where a ladder is made from the policy."""
    learned: Mapping[str, object] = field(default_factory=dict)
    """What it was fitted on and what was estimated then; nothing is decided by it."""

    def needed(self, tier: str, examples: int) -> int:
        """Candidates that must do the same for one of *tier*; 0 where none is believed."""
        votes = self.votes.get(tier, (1, 1, 1))
        return votes[0 if examples == 0 else 1 if examples < 3 else 2]

    def to_json(self) -> str:
        """The file's content."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


def load_policy(path: Path = SHIPPED) -> Policy:
    """The policy of a file, the shipped one unless told. Raises `ConfigurationError`."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        votes = {str(tier): _three(counts) for tier, counts in said["votes"].items()}
        tries = {str(tier): int(count) for tier, count in said.get("tries", {}).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{path} is no policy for code: {error!r}; fit one, or leave it out") from error
    return Policy(votes, tries, said.get("learned", {}))


def _three(counts: object) -> tuple[int, int, int]:
    if not isinstance(counts, list) or len(counts) != 3 or not all(isinstance(count, int) for count in counts):
        raise ValueError(f"votes={counts!r}: give three whole numbers")
    return counts[0], counts[1], counts[2]
