"""Recorded sets: problems with true answers and what models once said to them, priced and counted.

Only the figures look at a true answer; what is handed to the engine has none.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

from dspy import lm15

from agentflow import ConfigurationError, Ladder, Price, Tier
from agentflow.engines.bounds import o200k_counter, request_texts
from agentflow.engines.scripted import count_tokens
from agentflow.testing import RecordedEngine, respond
from agentflow.thresholds import half_of
from agentflow.usage import Bound

Half = Literal["calibration", "test", "all"]

MATHS_PRICES: Mapping[str, Price] = {
    "gpt3-6b-finetuned": Price.per_million("0.4", "0.4"),
    "gpt3-6b-verifier": Price.per_million("0.4", "0.4"),
    "mixtral-8x7b-instruct": Price.per_million("0.6", "0.6"),
    "gpt-4-1106-preview": Price.per_million("10", "30"),
}
"""USD per million tokens, cheap to strong: the order in which they are asked."""
STRONG = "gpt-4-1106-preview"
LONGEST_ANSWER = 4_096
"""Tokens; no recorded sample comes near."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One row of the maths set."""

    question: str
    truth: Decimal
    samples: Mapping[str, str]
    graded: Mapping[str, bool]
    """The source's own grading, where it has one."""


def read_problems(path: Path, half: Half = "all") -> tuple[Problem, ...]:
    """The rows of a file, or the half of them that the hash of the question picks. Raises `ConfigurationError`."""
    try:
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        rows = [_problem(json.loads(line)) for line in text.splitlines() if line.strip()]
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise ConfigurationError(f"{path} is no recorded set of problems: {error!r}; see ../shared/data") from error
    return tuple(row for row in rows if half in ("all", half_of(row.question)))


def fingerprint(problems: Sequence[Problem]) -> str:
    """A short hash of the questions, to name what something was fitted on."""
    return hashlib.sha256("\n".join(row.question for row in problems).encode()).hexdigest()[:12]


class Counted(RecordedEngine):
    """A recording whose tokens are counted by a named counter, of our own prompt and of the sample."""

    def __init__(self, samples: Mapping[str, Sequence[str]], count: Callable[[str], int]) -> None:
        super().__init__(samples)
        self._count = count

    def bound(self, request: lm15.Request) -> Bound:
        """Exactly what will be counted."""
        return Bound(self._input(request), "exact", "the recording is counted the same way")

    def _next_sample(self, request: lm15.Request) -> lm15.Response:
        said = super()._next_sample(request)
        assert isinstance(said, str)
        usage = lm15.Usage(input_tokens=self._input(request), output_tokens=self._count(said))
        answer = respond(request, said)
        return lm15.Response(
            id=None, model=answer.model, message=answer.message, finish_reason=answer.finish_reason, usage=usage
        )

    def _input(self, request: lm15.Request) -> int:
        return sum(self._count(text) for text in request_texts(request))


def counter() -> tuple[str, Callable[[str], int]]:
    """The token counter and its name; the same for all tiers."""
    found = o200k_counter()
    if found is None:
        return "one token for every four characters begun", lambda text: count_tokens(text)
    return "o200k_base, counting the texts of our own prompt and the sample", found


def recorded_ladder(problems: Sequence[Problem], tiers: Sequence[str] = tuple(MATHS_PRICES)) -> Ladder:
    """These tiers answering from the recording, the first request of a problem with its first sample."""
    _, count = counter()
    return Ladder(
        *(
            Tier(
                f"recorded/{name}",
                name=name,
                price=MATHS_PRICES[name],
                max_tokens=LONGEST_ANSWER,
                engine=Counted({row.question: [row.samples[name]] for row in problems}, count),
            )
            for name in tiers
        )
    )


def _problem(row: Mapping[str, object]) -> Problem:
    samples, graded = row["samples"], row.get("recorded_correct", {})
    assert isinstance(samples, Mapping)
    assert isinstance(graded, Mapping)
    return Problem(str(row["question"]), Decimal(str(row["answer"]).replace(",", "")), samples, graded)
