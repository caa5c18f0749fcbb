"""What labelled outcomes support: plans that keep their promise, the cheapest of them, and none where data lack."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from truths import known, tried, two_tiers

from agentflow.calibration.courses import Rule, cases_of, follow, mean_costs
from agentflow.calibration.fitting import Fitted, Terms, fit, policy_of
from agentflow.calibration.outcomes import Known
from agentflow.errors import ConfigurationError
from agentflow.policies import Plan, load_policy


def fitted(outcomes: list[Known], target: float = 0.9, **terms: float) -> Fitted:
    (step,) = fit(outcomes, Terms(target, **terms))
    return step


def plan_of(outcomes: list[Known], target: float = 0.9, **terms: float) -> Plan:
    found = fitted(outcomes, target, **terms)
    assert found.plan is not None, found.why_not
    return found.plan


# the promise


@pytest.mark.slow
def test_the_promised_precision_holds() -> None:
    """Over many calibrations, too few are right behind the threshold no more often than the confidence allows.

    Behind a threshold t on this score, all but (1 - t) squared / 3 are right: 0.9 from t = 0.4523 on.
    """
    plans = [fitted(two_tiers(1_600, seed)).plan for seed in range(40)]
    thresholds = [rung.threshold or 0.0 for plan in plans if plan for rung in plan.rungs if rung.tier == "small"]

    assert len(thresholds) >= 30
    assert sum(threshold < 0.4523 for threshold in thresholds) <= 4


def test_the_cheap_tier_is_asked_first_and_believed_when_sure() -> None:
    """And the dear one takes what is left; the test half bears the plan out at half the cost."""
    found = fitted(two_tiers(1_200, 1))

    assert found.plan is not None
    small, large = found.plan.rungs
    assert (small.tier, small.evidence, large.tier, large.evidence) == ("small", "score", "large", None)
    assert small.precision >= 0.9
    assert small.right <= small.n
    assert found.plan.test.right / found.plan.test.believed > 0.88
    assert found.plan.test.usd < 0.8 * 100 * found.plan.test.n


def test_a_tier_that_makes_right_answers_dearer_is_skipped() -> None:
    """One whose answers are never right costs and gives nothing."""
    outcomes = two_tiers(1_200, 1)
    outcomes += [known(each.inputs, tried("noise", False, usd=50), run="noise") for each in outcomes[::2]]

    plan = plan_of(outcomes)

    assert plan.skipped == ("noise",)
    assert {rung.tier for rung in plan.rungs} == {"small", "large"}


def test_only_what_is_easy_is_no_plan_unless_asked_for() -> None:
    """The cheapest right answer is a sure one of the small tier, and most inputs would get none."""
    outcomes = two_tiers(1_200, 3)

    both, cheapest = plan_of(outcomes), plan_of(outcomes, least_answered=0.0)

    assert [rung.tier for rung in both.rungs] == ["small", "large"]
    assert [rung.tier for rung in cheapest.rungs] == ["small"]


def test_evidence_that_says_nothing_is_not_stood_on() -> None:
    """Of several, the one that lets most right answers pass."""
    outcomes = []
    for each in two_tiers(1_200, 4):
        (attempt,) = each.tries
        more = {"accepted": True, "evidence": {"score": 0.5, "agreement": attempt.evidence["score"]}}
        twin = tried(attempt.tier, attempt.is_right, usd=attempt.usd, **more)
        outcomes.append(known(each.inputs, twin, run=each.run))

    assert plan_of(outcomes).rungs[0].evidence == "agreement"


# halves


def test_no_test_input_moves_a_threshold() -> None:
    """Other answers on the test half change the figures, never the rules."""
    outcomes = two_tiers(800, 5)
    plan = plan_of(outcomes)
    tests = {case.inputs for case in cases_of(outcomes)} - chosen_on(outcomes)
    spoilt = [
        known(each.inputs, tried(each.tries[0].tier, False, usd=7), run=each.run) if each.inputs in tests else each
        for each in outcomes
    ]

    other = plan_of(spoilt)

    assert [rung.threshold for rung in other.rungs] == [rung.threshold for rung in plan.rungs]
    assert (other.test.right, plan.test.n) == (0, len(tests))


def chosen_on(outcomes: list[Known]) -> set[str]:
    from agentflow.thresholds import half_of

    return {each.inputs for each in outcomes if half_of(f"solve:{each.inputs}") == "calibration"}


def test_the_same_labels_give_the_same_policy() -> None:
    """In any order of runs and rows."""
    outcomes, terms = two_tiers(800, 6), Terms(0.9)

    one = policy_of(fit(outcomes, terms), outcomes, terms)
    other = policy_of(fit(outcomes[::-1], terms), outcomes[::-1], terms)

    assert one is not None
    assert one == other


# what was never tried


def test_what_was_never_tried_counts_as_believed_and_wrong() -> None:
    """A ladder's journal does not know what the large tier would have said where the small one was believed."""
    outcomes = [known(f"{n}", tried("small", True, usd=1)) for n in range(8)]
    outcomes += [known("x", tried("small", False, accepted=False, usd=1), tried("large", True, usd=9))]
    cases = cases_of(outcomes)

    course = follow(cases, [Rule("small", "score", 2.0), Rule("large")], mean_costs(cases, ["small", "large"]))

    assert (course.believed, course.right, course.unseen) == (1, 1, 8)
    assert course.usd == 9 * 1 + 9 * 9


def test_a_static_ladder_proves_itself_and_no_more() -> None:
    """Its own order can be proven from its own journal; what it never asked cannot."""
    outcomes = []
    for cheap, dear in zip(*[iter(two_tiers(2_400, 7))] * 2, strict=True):
        (small,), (large,) = cheap.tries, dear.tries
        sure = small.evidence["score"] > 0.7
        first = tried("small", small.is_right, score=small.evidence["score"], usd=1, accepted=sure, kind="unsure")
        outcomes.append(known(cheap.inputs, first) if sure else known(cheap.inputs, first, large))

    plan = plan_of(outcomes, 0.85)

    assert [(rung.tier, rung.evidence) for rung in plan.rungs] == [("small", None), ("large", None)]
    assert plan.test.unseen == 0


# what the data cannot support


@pytest.mark.parametrize(
    ("outcomes", "why"),
    [
        pytest.param(two_tiers(20, 8), "that takes 29 believed answers", id="too few"),
        pytest.param(
            [known(f"{n}", tried("small", n % 2 == 0)) for n in range(400)], "is right often enough", id="bad"
        ),
        pytest.param([known("x", tried("small", True))] * 500, "that takes 29", id="one input many times"),
        pytest.param(
            [known(f"{n}", tried("small", None)) for n in range(400)], "0 inputs to choose on", id="nobody knows"
        ),
    ],
)
def test_what_cannot_be_proven_is_no_policy(outcomes: list[Known], why: str) -> None:
    """It says what is lacking."""
    terms = Terms(0.9)
    found = fit(outcomes, terms)

    assert found[0].plan is None
    assert why in found[0].why_not
    assert policy_of(found, outcomes, terms) is None


def test_one_step_without_a_plan_is_no_policy() -> None:
    """Half a policy would be no promise."""
    outcomes, terms = [*two_tiers(800, 9), known("x", tried("small", True), step="other")], Terms(0.9)

    assert policy_of(fit(outcomes, terms), outcomes, terms) is None


@pytest.mark.parametrize(
    "wrong", [{"target": 1.0}, {"target": 0.9, "confidence": 0.0}, {"target": 0.9, "least_answered": 2}]
)
def test_terms_without_sense_are_refused(wrong: dict[str, float]) -> None:
    """By name."""
    with pytest.raises(ConfigurationError, match=f"--{list(wrong)[-1].replace('_', '-')}"):
        Terms(**wrong)


def test_too_many_tiers_are_refused() -> None:
    """Every order of every subset is looked at, so they must be few."""
    outcomes = [known(f"{n}", *(tried(f"t{t}", True, usd=t) for t in range(6))) for n in range(300)]

    with pytest.raises(ConfigurationError, match="6 tiers were tried, and 5 can be compared"):
        fit(outcomes, Terms(0.9))


# the command


@pytest.mark.slow
def test_the_command_writes_a_policy_that_a_run_takes(shell: Callable[..., Any], here: Path, doubles: Path) -> None:
    """From labelled runs to a file, and from the file into a run whose report names it."""
    numbers = json.dumps(list(range(-300, 5)))
    shell("run", doubles, numbers, "--no-budget")
    rows = [{"step": "double", "inputs": {"number": n}, "correct": {"double": 2 * n}} for n in range(-300, 5)]
    (here / "truth.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    shell("label", "--jsonl", "truth.jsonl")

    refused = shell("calibrate", "last", "--target", 0.95, "--out", "policy.json")
    doubles.write_text(doubles.read_text().replace('"double", 0, 9', '"double", -900, 900'))
    shell("run", doubles, numbers, "--no-budget")
    shell("label", "--jsonl", "truth.jsonl")
    made = shell("calibrate", "last", "--target", 0.95, "--out", "policy.json", "--json").json
    spoken = shell("run", doubles, "[1, 2]", "--no-budget", "--policy", "policy.json")

    assert (refused.code, refused.out) == (1, "")
    assert "no policy was written" in refused.err
    assert load_policy(here / "policy.json").checksum == made["checksum"]
    assert (spoken.code, json.loads(spoken.out)) == (0, [2, 4])
    assert made["checksum"][:12] in shell("report").out
