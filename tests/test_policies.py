"""The policy in force: read strictly, pinned into a run, followed from the first attempt to the last resumption."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from steps import PRICE

from agentflow import Attempt, Budget, ConfigurationError, Ladder, Outcome, Step, Tier, Verdict, pipeline, resume, run
from agentflow.calibration.outcomes import known_outcomes
from agentflow.policies import Figures, Plan, Policy, Rung, load_policy
from agentflow.store import RunRow
from agentflow.store.sqlite import open_store
from agentflow.testing import ScriptedEngine, chat

NOTHING = Figures(n=10, believed=8, right=8, unseen=0, low=0.6, high=1.0, usd=100, tokens=100)


def rung(tier: str, evidence: str | None = None, threshold: float | None = None) -> Rung:
    return Rung(tier, evidence, threshold, n=90, right=89, precision=0.95, usd=10, tokens=20)


def policy_for(step: str, *rungs: Rung, skipped: Sequence[str] = ()) -> Policy:
    return Policy(0.9, 0.95, {step: Plan(rungs, tuple(skipped), NOTHING)}, {"r1": "hash"})


POLICY = policy_for("answer", rung("t/small", "score", 0.5), rung("t/large"), skipped=["t/mid"])


# the artefact


def test_a_policy_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Whole, with its checksum."""
    (tmp_path / "policy.json").write_text(POLICY.to_json())

    assert load_policy(tmp_path / "policy.json") == POLICY


def edited(change: Callable[[dict[str, Any]], object]) -> str:
    plain = json.loads(POLICY.to_json())
    change(plain)
    return json.dumps(plain)


def first_rung(plain: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = plain["steps"]["answer"]["rungs"][0]
    return found


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("{", "is no JSON of a policy", id="half a file"),
        pytest.param("[]", "give an object", id="a list"),
        pytest.param('{"version": 1, "version": 1}', "'version' stands there twice", id="a key twice"),
        pytest.param(edited(lambda p: p.update(extra=1)), "unknown key 'extra'", id="an unknown key"),
        pytest.param(edited(lambda p: p.pop("runs")), "lacks 'runs'", id="a key too few"),
        pytest.param(edited(lambda p: p.update(version=2)), "version is 2; give 1", id="a newer version"),
        pytest.param(edited(lambda p: p.update(target=1.5)), "target is 1.5; give a share", id="no share"),
        pytest.param(
            edited(lambda p: first_rung(p).update(threshold="x")), r"rungs\[0\].threshold is 'x'", id="a word"
        ),
        pytest.param(edited(lambda p: first_rung(p).update(evidence=None)), "null beside none", id="half a rule"),
        pytest.param(edited(lambda p: first_rung(p).update(right=99)), "at most n, which is 90", id="too many right"),
        pytest.param(edited(lambda p: first_rung(p).update(tier="t/large")), "give each tier once", id="a tier twice"),
        pytest.param(edited(lambda p: p["steps"]["answer"].update(rungs=[])), "one tier or more", id="no tier"),
        pytest.param(
            edited(lambda p: first_rung(p).update(threshold=0.4)), "was changed after it was made", id="edited"
        ),
        pytest.param(edited(lambda p: p.update(checksum="x")), "was changed after it was made", id="another checksum"),
    ],
)
def test_what_is_no_policy_is_refused_by_name(tmp_path: Path, text: str, complaint: str) -> None:
    """Nothing is half believed."""
    (tmp_path / "policy.json").write_text(text)

    with pytest.raises(ConfigurationError, match=complaint):
        load_policy(tmp_path / "policy.json")


# who tries next


SMALL, MID, LARGE = Tier("t/small", attempts=2), Tier("t/mid"), Tier("t/large")
LADDER = Ladder(SMALL, MID, LARGE)
BACKWARDS = policy_for("answer", rung("t/large"), rung("t/small"), skipped=["t/mid"]).steps["answer"]


@pytest.mark.parametrize(
    ("plan", "attempts", "skipped", "expected"),
    [
        pytest.param(POLICY.steps["answer"], [], [], SMALL, id="the plan's first"),
        pytest.param(POLICY.steps["answer"], [("t/small", "parse")], [], SMALL, id="again after a mistake"),
        pytest.param(POLICY.steps["answer"], [("t/small", "policy")], [], LARGE, id="not when it was only unsure"),
        pytest.param(POLICY.steps["answer"], [], ["t/small"], LARGE, id="past what did not fit"),
        pytest.param(POLICY.steps["answer"], [("t/large", "policy")], [], None, id="nobody is left"),
        pytest.param(BACKWARDS, [], [], LARGE, id="in another order than the ladder's"),
        pytest.param(BACKWARDS, [("t/large", "x")], [], SMALL, id="which goes on as it says"),
    ],
)
def test_who_tries_next(plan: Plan, attempts: list[tuple[str, str]], skipped: list[str], expected: Tier | None) -> None:
    """A pure function of policy, attempts and skips."""
    tried = [Attempt(tier, Verdict(False, kind=kind)) for tier, kind in attempts]

    assert LADDER.under(plan).next_tier(tried, skipped) == expected


def test_a_policy_is_part_of_a_ladders_identity() -> None:
    """An outcome under one policy does not stand for another; what proofs say is no part of it."""
    plan = POLICY.steps["answer"]
    proven_again = replace(plan, test=replace(NOTHING, n=11))
    stricter = replace(plan, rungs=(rung("t/small", "score", 0.6), plan.rungs[1]))

    identities = [LADDER.under(each).identity for each in (plan, proven_again, stricter)]
    assert identities[0] == identities[1] != identities[2]
    assert LADDER.identity not in identities


@pytest.mark.parametrize(
    ("verdict", "confidence", "evidence", "believed"),
    [
        pytest.param(Verdict(True, score=0.5), None, "score", True, id="just enough"),
        pytest.param(Verdict(True, score=0.49), None, "score", False, id="not quite"),
        pytest.param(Verdict(True), None, "confidence", False, id="unknown is not sure"),
        pytest.param(Verdict(True), 0.6, "confidence", True, id="confidence"),
        pytest.param(Verdict(True, evidence=(("share", 0.7),)), None, "share", True, id="a validator's own"),
        pytest.param(Verdict(True, evidence=(("share", float("nan")),)), None, "share", False, id="no number"),
    ],
)
def test_what_is_believed(verdict: Verdict, confidence: float | None, evidence: str, believed: bool) -> None:
    """An accepted answer that is not sure enough is rejected as such, its score and evidence kept."""
    plan = Plan((rung("t/small", evidence, 0.5),), (), NOTHING)

    judged = plan.judged("t/small", verdict, confidence)

    assert judged.accepted == believed
    assert (judged.kind, judged.score) == ("" if believed else "policy", verdict.score)


# runs


def by_surety(inputs: Any, prediction: Any) -> Verdict:
    """Accepts everything; sure of what says so."""
    return Verdict(True, score=0.9 if "surely" in prediction.answer else 0.2)


answer = Step("question -> answer", validate=by_surety, name="answer")


@pytest.fixture
def outcomes() -> list[Outcome]:
    """What the pipeline below came to."""
    OUTCOMES.clear()
    return OUTCOMES


OUTCOMES: list[Outcome] = []


@pipeline
async def ask(questions: int) -> list[str]:
    found = [await answer.aperform(question=f"{number}?") for number in range(questions)]
    OUTCOMES.extend(found)
    return [each.value.answer if each.accepted else each.status for each in found]


def tiers(small: str = "perhaps", large: str = "no doubt") -> Ladder:
    engines = {"t/small": small, "t/mid": "never asked", "t/large": large}
    return Ladder(
        *(Tier(n, engine=ScriptedEngine(lambda _, t=t: chat(answer=t)), price=PRICE) for n, t in engines.items())
    )


def asked(ladder: Ladder) -> list[int]:
    """How often each tier was asked."""
    return [len(tier.engine.requests) for tier in ladder.tiers]


def last_row(state: Path) -> RunRow:
    store = open_store(state / "state.db", read_only=True)
    try:
        return store.run("last")
    finally:
        store.close()


def test_an_unsure_answer_goes_up_the_ladder(tmp_path: Path, outcomes: list[Outcome]) -> None:
    """Past what the policy skips, without being told anything: the next tier's answer is its own."""
    ladder = tiers()

    ended = run(ask(2), ladder=ladder, budget=Budget(tokens=90_000), policy=POLICY, state=tmp_path)

    assert ended.value == ["no doubt", "no doubt"]
    assert asked(ladder) == [2, 0, 2]
    assert outcomes[0].attempts[0].verdict.kind == "policy"
    assert "perhaps" not in str(ladder.tiers[2].engine.requests[0].messages)
    assert Policy.parse(last_row(tmp_path).policy) == POLICY


def test_a_sure_answer_stays(tmp_path: Path) -> None:
    """The cheap tier alone is paid."""
    ladder = tiers(small="surely")

    assert (
        run(ask(3), ladder=ladder, budget=Budget(tokens=90_000), policy=POLICY, state=tmp_path).value == ["surely"] * 3
    )
    assert asked(ladder) == [3, 0, 0]


def test_what_nobody_is_sure_of_is_rejected_with_the_reason(tmp_path: Path, outcomes: list[Outcome]) -> None:
    """As any answer that could not be proven; calibration still sees that validators had accepted it."""
    strict = policy_for("answer", rung("t/large", "score", 0.5), skipped=["t/small", "t/mid"])

    run(ask(1), ladder=tiers(), budget=Budget(tokens=90_000), policy=strict, state=tmp_path)

    store = open_store(tmp_path / "state.db", read_only=True)
    (known,) = known_outcomes(store, [store.run("last").run])
    store.close()
    assert outcomes[0].status == "rejected"
    assert "the score of t/large is 0.200, and the policy asks for 0.500" in outcomes[0].feedback
    assert [(each.accepted, each.evidence["score"]) for each in known.tries] == [(True, 0.2)]


@pytest.mark.parametrize(
    ("policy", "complaint"),
    [
        pytest.param(policy_for("anser", rung("t/small")), "a step 'anser'; the pipeline has answer", id="a step"),
        pytest.param(
            policy_for("answer", rung("t/smal"), skipped=["t/small", "t/mid", "t/large"]),
            "names the tier 't/smal' for step 'answer'; its ladder is t/small, t/mid, t/large",
            id="a tier",
        ),
        pytest.param(policy_for("answer", rung("t/small")), "made without the tier 't/large'", id="a tier too few"),
        pytest.param(Path("nowhere.json"), "nowhere.json cannot be read", id="a file"),
    ],
)
def test_a_policy_for_something_else_is_refused_at_the_start(tmp_path: Path, policy: Any, complaint: str) -> None:
    """By name, before anything is asked."""
    ladder = tiers()

    with pytest.raises(ConfigurationError, match=complaint):
        run(ask(1), ladder=ladder, budget=Budget(tokens=90_000), policy=policy, state=tmp_path)

    assert asked(ladder) == [0, 0, 0]


def test_a_policy_is_a_policy() -> None:
    """A wrong type is the author's mistake."""
    with pytest.raises(TypeError, match="policy= takes a Policy or its file"):
        run(ask(1), policy=7)


# budget


def test_money_for_the_cheap_tier_alone_buys_no_unsure_answer(tmp_path: Path, outcomes: list[Outcome]) -> None:
    """What is not sure enough is not believed for want of money; the run says so, and goes on with more."""
    ladder = tiers()
    stopped = run(ask(2), ladder=ladder, budget=Budget(tokens=90_000, calls=1), policy=POLICY, state=tmp_path)
    first, second = list(outcomes), asked(ladder)

    ended = resume(stopped.run, ladder=ladder, budget=Budget(calls=9), state=tmp_path)

    assert {each.status for each in first} == {"budget_exhausted"}
    assert second == [1, 0, 0]
    assert (ended.value, asked(ladder)) == (["no doubt", "no doubt"], [2, 0, 2])


def test_a_resumed_run_keeps_its_policy(tmp_path: Path) -> None:
    """Another one is refused, the same one is none the worse; and so is any, where there was none."""
    ladder, budget = tiers(), Budget(tokens=90_000)
    first = run(ask(1), ladder=ladder, budget=budget, policy=POLICY, state=tmp_path)
    other = policy_for("answer", rung("t/mid"), skipped=["t/small", "t/large"])

    with pytest.raises(ConfigurationError, match="was started with another policy, and stays so"):
        resume(first.run, ladder=ladder, policy=other, state=tmp_path)
    again = resume(first.run, ladder=ladder, policy=POLICY, state=tmp_path)
    plain = run(ask(1), ladder=ladder, budget=budget, state=tmp_path)
    with pytest.raises(ConfigurationError, match="was started without a policy"):
        resume(plain.run, ladder=ladder, policy=POLICY, state=tmp_path)

    assert again.value == ["no doubt"]
    assert asked(ladder) == [2, 0, 1]


# killed


KILLED = """
import os, signal, sys
from pathlib import Path
from agentflow import Budget, Ladder, Price, Step, Tier, Verdict, pipeline, run
from agentflow.testing import ScriptedEngine, chat


def says(tier, answer):
    def reply(request):
        with open("asked.txt", "a") as log:
            log.write(tier + " " + str(request.messages[-1])[:200].replace("\\n", " ") + "\\n")
        return chat(answer=answer)
    return Tier(tier, engine=ScriptedEngine(reply), price=Price.per_million(1, 2))


ladder = Ladder(says("t/small", "perhaps"), says("t/mid", "never asked"), says("t/large", "no doubt"))
unsure = Verdict(True, score=0.2)
answer = Step("question -> answer", validate=lambda inputs, prediction: unsure, ladder=ladder, name="answer")


@pipeline
async def ask(questions: int) -> list[str]:
    return [(await answer.acall(question=f"{number}?")).answer for number in range(questions)]


if __name__ == "__main__":
    left = [int(sys.argv[1])]

    def die(event):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    from asks import ask as found
    run(found(3), budget=Budget(tokens=90_000), policy="policy.json", on_event=die, state=Path("state"))
"""


@pytest.mark.slow
@pytest.mark.parametrize("nth", [4, 7, 11])
def test_after_a_kill_the_pinned_policy_is_followed(here: Path, nth: int) -> None:
    """Though its file is gone; what was answered is not asked again, and the result is the unbroken run's."""
    (here / "asks.py").write_text(KILLED)
    (here / "policy.json").write_text(POLICY.to_json())
    died = subprocess.run([sys.executable, "asks.py", str(nth)], cwd=here, timeout=120, check=False)
    (here / "policy.json").unlink()

    ended = resume(state=here / "state")

    lines = (here / "asked.txt").read_text().splitlines()
    assert died.returncode == -signal.SIGKILL
    assert ended.value == ["no doubt"] * 3
    assert not any(line.startswith("t/mid") for line in lines)
    assert 6 <= len(lines) <= 7, "at most the request in flight is asked twice"
