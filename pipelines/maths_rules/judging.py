"""The validator of a solution: whether it is likely enough to be right, beside what others answered before.

It reads the problem and the answers, and performs nothing. The chance it names is the verdict's score.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from agentflow import Verdict
from maths_rules.draft import Draft
from maths_rules.evidence import evidence
from maths_rules.policy import Judged, Policy

FAULTS = (
    "is_unfinished",
    "is_hedged",
    "slips",
    "figures_nowhere",
    "is_wrong_way",
    "is_discount_as_price",
    "is_odd_operation",
    "is_part_for_total",
)
"""What no answer of an unknown tier may have."""


@dataclass(frozen=True, slots=True)
class IsLikelyRight:
    """Accepts by tier, as the policy says; an unknown tier's answer when no fault is found in it."""

    policy: Policy

    def judge(self, case: Any) -> Verdict:
        """The verdict on `prediction.working` as a solution of `inputs["problem"]`."""
        draft = Draft(case.inputs["problem"], case.prediction.working)
        if draft.answer is None:
            return Verdict(False, "it gives no number; end with a line that says #### and the number", kind="no_number")
        if case.tier in self.policy.opinions:
            return Verdict(False, kind="opinion", score=0.0)
        if case.tier in self.policy.trusted:
            return Verdict(True, score=self.policy.trusted[case.tier])
        found = evidence(draft, dict(_earlier(case)))
        judged = self.policy.judged.get(case.tier)
        return _weighed(judged, draft, found) if judged is not None else _faultless(found)

    def fields(self) -> frozenset[str]:
        """What it reads."""
        return frozenset(("problem", "working"))

    def identity(self) -> str:
        """Changes with the policy, and with every file that reads a problem or a solution."""
        return f"IsLikelyRight({_reading()}, {self.policy.to_json()})"


@cache
def _reading() -> str:
    """A hash of everything that evidence is read with."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _weighed(judged: Judged, draft: Draft, found: dict[str, float]) -> Verdict:
    chance = judged.weights.chance(found)
    if chance >= judged.bar.over(draft.problem, draft.solution):
        return Verdict(True, score=chance)
    return Verdict(False, score=chance, kind="doubtful")


def _faultless(found: dict[str, float]) -> Verdict:
    faults = [name for name in FAULTS if found[name]]
    if not faults:
        return Verdict(True)
    shown = ", ".join(name.removeprefix("is_").replace("_", " ") for name in faults)
    return Verdict(
        False, f"work it out again with care; this was found: {shown}", 1 - len(faults) / len(FAULTS), "faults"
    )


def _earlier(case: Any) -> Iterator[tuple[str, Draft]]:
    for attempt in case.earlier:
        if attempt.prediction is not None:
            yield attempt.tier, Draft(case.inputs["problem"], attempt.prediction.working)
