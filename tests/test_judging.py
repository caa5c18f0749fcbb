"""Validators measured on labelled outcomes, counted by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from truths import known, tried

from agentflow.calibration.judging import judge_validators
from agentflow.intervals import clopper_pearson


def rejected(right: bool | None, kind: str = "occurs_in:total") -> Any:
    return tried("small", right, accepted=False, kind=kind)


OUTCOMES = [
    *(known(f"a{n}", tried("small", True)) for n in range(6)),
    *(known(f"b{n}", tried("small", False)) for n in range(2)),
    known("c0", rejected(True), tried("large", True)),
    known("c1", rejected(False), rejected(False, "parse"), tried("large", True)),
    known("c2", rejected(None), rejected(True)),
    known("u0", tried("small", None), label=None),
]


def test_accepts_and_rejects_are_counted_by_truth() -> None:
    """What no label speaks of is counted as unknown and judges nobody."""
    (step,) = judge_validators(OUTCOMES)
    small, large = step.tiers

    assert (small.accepted_right, small.accepted_wrong, small.rejected_right, small.rejected_wrong) == (6, 2, 2, 2)
    assert (small.n, small.unknown) == (12, 2)
    assert (large.n, large.accepted_right) == (2, 2)


def test_shares_have_exact_intervals_and_constant_baselines() -> None:
    """A validator that decides no better than accepting everything is seen at a glance."""
    (step,) = judge_validators(OUTCOMES, confidence=0.9)
    small = step.tiers[0]

    assert (small.false_accepts.low, small.false_accepts.high) == clopper_pearson(2, 8, 0.9)
    assert (small.false_rejects.count, small.false_rejects.of) == (2, 8)
    assert (small.caught.count, small.caught.of) == (2, 4)
    assert [each.share for each in (small.decided_well, small.accept_all, small.reject_all)] == [8 / 12, 8 / 12, 4 / 12]


def test_the_verdicts_kind_names_who_rejected() -> None:
    """False rejects are counted by the validator that made them."""
    (step,) = judge_validators(OUTCOMES)

    kinds = {each.kind: (each.right, each.wrong, each.unknown) for each in step.tiers[0].rejections}
    assert kinds == {"occurs_in:total": (2, 1, 1), "parse": (0, 1, 0)}


def test_a_chain_is_as_reliable_as_its_steps_together() -> None:
    """The share of right outcomes to the power of the length, and its interval with it."""
    (step,) = judge_validators(OUTCOMES)
    low, high = clopper_pearson(8, 10)

    assert (step.right.count, step.right.of) == (8, 10)
    assert [chain.length for chain in step.chains] == [1, 10, 100]
    assert step.chains[1].reliability == pytest.approx(0.8**10)
    assert (step.chains[1].low, step.chains[1].high) == pytest.approx((low**10, high**10))


def test_nothing_labelled_is_nothing_known() -> None:
    """No share of nothing; its interval is everything."""
    (step,) = judge_validators([known("u", tried("small", None), label=None)])

    assert (step.right.share, step.right.low, step.right.high) == (None, 0.0, 1.0)
    assert step.chains[2].reliability is None


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        pytest.param(["last"], "is labelled; say what is right", id="no label"),
        pytest.param(["last", "--step", "triple"], "no step 'triple'; they have double", id="no such step"),
        pytest.param(["r9"], "r9", id="no such run"),
    ],
)
def test_what_cannot_be_measured_exits_3(
    shell: Callable[..., Any], doubles: Path, words: list[str], complaint: str
) -> None:
    """One line with the way out."""
    shell("run", doubles, "[1]", "--no-budget")

    spoken = shell("eval", "validators", *words)

    assert (spoken.code, spoken.out) == (3, "")
    assert complaint in spoken.err


def test_the_command_measures_a_run(shell: Callable[..., Any], here: Path, doubles: Path) -> None:
    """A validator that is too strict by one has one false reject."""
    shell("run", doubles, "[1, 2, 3, 5]", "--no-budget")
    rows = [{"step": "double", "inputs": {"number": n}, "correct": {"double": 2 * n}} for n in (1, 2, 3, 5)]
    (here / "truth.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    shell("label", "--jsonl", "truth.jsonl")

    told = shell("eval", "validators", "last", "--json").json
    words = shell("eval", "validators", "last", "--step", "double").out

    (tier,) = told["steps"][0]["tiers"]
    assert (tier["accepted_right"], tier["rejected_right"], tier["accepted_wrong"]) == (3, 1, 0)
    assert tier["rejections"][0]["kind"] == "between:double"
    assert "a chain of 100" in words
    assert "right ones rejected" in words
