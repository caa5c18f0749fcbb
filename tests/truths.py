"""Labelled outcomes made by hand, for the tests of what is learned from them."""

from __future__ import annotations

from random import Random

from agentflow.calibration.outcomes import Known, Try
from agentflow.labels import Label

TRUTH = Label(correct={"answer": 1})


def tried(tier: str, right: bool | None, *, score: float = 1.0, usd: int = 0, **more: object) -> Try:
    """One attempt that validators accepted, unless told otherwise."""
    evidence = {"score": score}
    return Try(
        tier, **({"accepted": True, "kind": "", "evidence": evidence} | more), is_right=right, usd=usd, tokens=usd
    )  # type: ignore[arg-type]  # by name


def known(inputs: str, *tries: Try, run: str = "r1", step: str = "solve", label: Label | None = TRUTH) -> Known:
    """One finished step: accepted when its last attempt was."""
    status = "accepted" if tries and tries[-1].accepted else "rejected"
    right = bool(tries and tries[-1].is_right)
    return Known(run, f"/{step}#{inputs}", step, inputs, status, {"answer": int(right)}, label, tries)


def two_tiers(n: int, seed: int) -> list[Known]:
    """Both tiers asked about everything: the large one is right at 0.97, the small one but for (1 - score) squared."""
    random = Random(seed)
    found = []
    for place in range(n):
        score = random.random()
        small = tried("small", random.random() >= (1 - score) ** 2, score=score, usd=1)
        large = tried("large", random.random() < 0.97, usd=100)
        inputs = f"{seed}-{place}"
        found += [known(inputs, small, run="cheap"), known(inputs, large, run="dear")]
    return found
