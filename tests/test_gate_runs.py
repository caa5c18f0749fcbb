"""The gate in real runs: confidence is metered, journaled, replayed and reused like the answers it belongs to."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import dspy
import pytest
from dspy._vendor.lm15.result import StreamAccumulator
from dspy.lm15 import Config, Message, Request
from steps import PRICE, Lab
from test_local_engine import PROMPT

from agentflow import Budget, Ladder, Outcome, Step, Tier, load_pipeline, pipeline, resume, run
from agentflow import validators as v
from agentflow.compat import confidence_of, dump_response, load_response
from agentflow.engines.local import LocalEngine
from agentflow.errors import DefinitionError
from agentflow.report.export import to_json
from agentflow.report.summary import summarise
from agentflow.store.sqlite import open_store
from agentflow.testing import ScriptedEngine, chat, respond

ANY = v.none(reason="a test")


def sure(*answers: tuple[str, Any]) -> Callable[[Any], Any]:
    """A script: each answer with what the engine reports as its mean log-probability."""
    left = iter(answers)

    def following(request: Any) -> Any:
        text, told = next(left)
        return replace(respond(request, chat(a=text)), provider_data={"mean_logprob": told, "headers": {"key": "s"}})

    return following


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


# confidence


def test_an_unsure_answer_is_asked_again(lab: Lab) -> None:
    """The next attempt is told why, and each keeps its own confidence."""
    step = Step("q -> a", validate=v.confident({"test/model": -0.2}))

    outcome = lab.perform(step, sure(("x", -0.5), ("y", -0.1)), q="?")

    assert outcome.prediction.a == "y"
    assert [attempt.confidence for attempt in outcome.attempts] == [-0.5, -0.1]
    assert "the model was unsure" in lab.prompts[1]


@pytest.mark.parametrize("told", [True, "-0.1", None, 10**400, [-0.1]])
def test_what_is_no_log_probability_is_unknown(lab: Lab, told: Any) -> None:
    """And what is unknown is not believed, nor does it break the journal."""
    step = Step("q -> a", validate=v.confident(-9.0))

    outcome = lab.perform(step, sure(*[("x", told)] * 4), q="?")

    assert not outcome.accepted
    assert [attempt.confidence for attempt in outcome.attempts] == [None] * len(outcome.attempts)
    assert outcome.attempts[0].verdict.kind == "undecided:confident"


def test_a_function_tier_passes_without_confidence(lab: Lab) -> None:
    """And leaves none behind."""
    function = Tier(lambda q: {"a": "z"}, name="rules")
    step = Step("q -> a", validate=v.confident(-0.2), ladder=Ladder(function, *lab.ladder(()).tiers))

    outcome = lab.perform(step, q="?")

    assert (outcome.accepted, outcome.attempts[0].confidence, outcome.attempts[0].by_function) == (True, None, True)


def test_a_module_is_as_sure_as_its_least_sure_request(lab: Lab) -> None:
    """Two requests, one attempt."""

    class Twice(dspy.Module):  # type: ignore[misc]  # dspy is untyped
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = dspy.Predict("q -> a"), dspy.Predict("q, b -> a")

        async def aforward(self, q: str) -> Any:
            return await self.two.acall(q=q, b=(await self.one.acall(q=q)).a)

    step = Step(Twice(), validate=v.confident(-0.2))

    outcome = lab.perform(step, sure(*[("x", -0.9), ("y", -0.1)] * 4), q="?")

    assert not outcome.accepted
    assert {attempt.confidence for attempt in outcome.attempts} == {-0.9}


def test_the_ladder_climbs_past_a_tier_that_is_never_believed(tmp_path: Path) -> None:
    """A gate file decides; the next tier has no threshold."""
    entry = {"threshold": None, "target": 0.9, "confidence": 0.95, "n": 50, "right": 20, "source": "s"}
    (tmp_path / "gate.json").write_text(json.dumps({"version": 1, "steps": {"read": {"t/small": entry}}}))
    small, large = ScriptedEngine(sure(("x", -0.01))), ScriptedEngine([chat(a="y")])
    ladder = Ladder(Tier("t/small", engine=small, price=PRICE), Tier("t/large", engine=large, price=PRICE))
    step = Step("q -> a", validate=v.gate(tmp_path / "gate.json", step="read"), ladder=ladder)

    outcome = Lab(tmp_path).perform(step, q="?")

    assert outcome.prediction.a == "y"
    assert [attempt.tier for attempt in outcome.attempts] == ["t/small", "t/large"]
    assert outcome.attempts[0].verdict.kind == "confident"


# the journal


def performed(step: Step, engine: ScriptedEngine, state: Path, **options: Any) -> Outcome:
    """The outcome of *step* in a run of its own."""
    found: list[Outcome] = []

    @pipeline
    async def work() -> None:
        found.append(await step.aperform(q="?"))

    ladder = Ladder(Tier("test/model", engine=engine, price=PRICE))
    run(work(), ladder=ladder, budget=Budget(tokens=100_000), state=state, resumable=False, **options)
    return found[0]


def last_run(state: Path) -> tuple[str, str, str]:
    """Its id, its report as JSON, and the attempts of its step."""
    store = open_store(state / "state.db", read_only=True)
    try:
        id = store.run("last").run
        return id, to_json(summarise(store, id)), store.steps(id)[0].attempts
    finally:
        store.close()


@pytest.mark.parametrize(("threshold", "accepted"), [(-0.3, True), (-0.1, False)])
def test_a_reused_answer_is_as_sure_as_it_was(tmp_path: Path, threshold: float, accepted: bool) -> None:
    """Other thresholds are tried on paid answers for nothing."""
    engine = ScriptedEngine(sure(("x", -0.25)))
    performed(Step("q -> a", validate=ANY, name="read"), engine, tmp_path)
    paid, _, _ = last_run(tmp_path)

    outcome = performed(Step("q -> a", validate=v.confident(threshold), name="read"), engine, tmp_path, reuse=paid)

    assert outcome.accepted is accepted
    assert (engine.calls, outcome.attempts[0].confidence, outcome.spent.calls) == (1, -0.25, 0)


def test_the_journal_and_the_report_show_confidence(tmp_path: Path) -> None:
    """Where it is known; and nothing else of what the provider sent along."""
    performed(Step("q -> a", validate=ANY, name="read"), ScriptedEngine(sure(("x", -0.25))), tmp_path)

    _, report, attempts = last_run(tmp_path)

    assert json.loads(report)["steps"][0]["tiers"][0]["confidence"] == -0.25
    assert json.loads(attempts)[0]["confidence"] == -0.25
    assert "headers" not in (tmp_path / "state.db").read_bytes().decode("latin-1")


def test_the_journal_says_nothing_of_a_confidence_that_is_unknown(tmp_path: Path) -> None:
    """A million steps need not say so a million times."""
    performed(Step("q -> a", validate=ANY, name="read"), ScriptedEngine([chat(a="x")]), tmp_path)

    _, report, attempts = last_run(tmp_path)

    assert json.loads(report)["steps"][0]["tiers"][0]["confidence"] is None
    assert not {"confidence", "evidence"} & set(json.loads(attempts)[0])


RESUMED = """
from dataclasses import replace
from agentflow import Ladder, Price, Step, Tier, pipeline, validators as v
from agentflow.testing import ScriptedEngine, chat, respond

def answer(request):
    return replace(respond(request, chat(a="x")), provider_data={"mean_logprob": -0.125})

ENGINE = ScriptedEngine(answer)
LADDER = Ladder(Tier("test/model", engine=ENGINE, price=Price.per_million(1, 2)))
RULE = v.confident(-0.2) & v.agrees_with_itself(on="a", samples=2)
READ = Step("q -> a", validate=RULE, ladder=LADDER, name="read")

@pipeline
def work():
    outcomes = [READ.perform(q=str(n)) for n in range(2)]
    return [[a.confidence, a.verdict.evidence] for outcome in outcomes for a in outcome.attempts]
"""


@pytest.mark.parametrize("calls", [3, 4, 5], ids=["between steps", "before any sample", "between two samples"])
def test_a_resumed_run_is_as_sure_as_an_unbroken_one(tmp_path: Path, calls: int) -> None:
    """Wherever the money ran out: what was paid for replays, samples included, and only the rest is asked."""
    (tmp_path / "work.py").write_text(RESUMED)
    work = load_pipeline(f"{tmp_path / 'work.py'}:work")
    stopped = run(work(), budget=Budget(calls=calls, tokens=100_000), state=tmp_path)
    run_id, _, _ = last_run(tmp_path)

    outcome = resume(run_id, budget=Budget(calls=6, tokens=100_000), state=tmp_path)

    share = ("agrees_with_itself:a", 1.0)
    assert stopped.value != outcome.value
    assert [[one, [tuple(each) for each in found]] for one, found in outcome.value] == [[-0.125, [share]]] * 2
    assert outcome.spent.calls == 6


@pytest.mark.parametrize("is_streamed", [False, True], ids=["whole", "streamed"])
def test_the_embedded_model_says_how_sure_it_was(is_streamed: bool) -> None:
    """The same, whether its answer is shown while it is written or not."""
    engine = LocalEngine("local/nano-s")
    request = Request(model="nano", messages=(Message.user(PROMPT),), config=Config(max_tokens=40))
    response = engine.complete(request, timeout=60)
    if is_streamed:
        whole = StreamAccumulator(request)
        for event in engine.stream(request, timeout=60):
            whole.push(event)
        response = whole.response()

    told = confidence_of(response)

    assert told is not None
    assert -20 < told < 0
    assert confidence_of(load_response(dump_response(response))) == told


# agreement with oneself


@pytest.mark.parametrize(
    ("samples", "accepted", "share"),
    [
        pytest.param(["x", "x", "x"], True, 1.0, id="all agree"),
        pytest.param(["X.", "y", "x "], True, 2 / 3, id="two of three, however written"),
        pytest.param(["y", "x", "y"], False, 1 / 3, id="one of three"),
        pytest.param(["y", "y", "y"], False, 0.0, id="none"),
    ],
)
def test_a_model_that_agrees_with_itself_is_believed(
    lab: Lab, samples: Sequence[str], accepted: bool, share: float
) -> None:
    """Every sample is metered, and the share that agrees is kept as evidence."""
    step = Step("q -> a", validate=v.agrees_with_itself(on="a") & v.length("a", at_least=1))
    answers = [chat(a=each) for each in ("x", *samples)]

    outcome = performed(step, engine := ScriptedEngine(answers), lab.state)

    assert outcome.accepted is accepted
    assert outcome.attempts[0].verdict.evidence == (("agrees_with_itself:a", pytest.approx(share)),)
    assert (engine.calls, lab.calls, outcome.spent.calls) == (4, 4, 4)


def test_samples_are_drawn_warm_and_without_feedback(lab: Lab) -> None:
    """The first answer as the tier asks; further ones at a temperature, each for itself."""
    step = Step("q -> a", validate=v.agrees_with_itself(on="a", samples=2))

    performed(step, engine := ScriptedEngine(lambda _: chat(a="x")), lab.state)

    assert [request.config.temperature for request in engine.requests] == [None, 0.7, 0.7]
    assert len({str(request.messages) for request in engine.requests}) == 1


def test_the_tier_that_answered_is_the_one_that_is_asked_again(lab: Lab) -> None:
    """Not the first of the ladder; and the next tier is asked when it disagrees with itself."""
    small = ScriptedEngine([chat(a=each) for each in ("x", "y")])
    large = ScriptedEngine([chat(a=each) for each in ("z", "z")])
    ladder = Ladder(Tier("t/small", engine=small, price=PRICE), Tier("t/large", engine=large, price=PRICE))
    step = Step("q -> a", validate=v.agrees_with_itself(on="a", samples=1), ladder=ladder)

    outcome = lab.perform(step, q="?")

    assert outcome.prediction.a == "z"
    assert (small.calls, large.calls) == (2, 2)


def test_a_function_is_not_asked_again(lab: Lab) -> None:
    """It would say the same."""
    asked: list[str] = []

    def rules(q: str) -> dict[str, str]:
        asked.append(q)
        return {"a": "z"}

    step = Step("q -> a", validate=v.agrees_with_itself(on="a"), ladder=Ladder(Tier(rules)))

    assert lab.perform(step, q="?").accepted
    assert asked == ["?"]


def test_samples_that_cannot_be_read_confirm_nothing(lab: Lab) -> None:
    """One counts against the answer; when there is no other, nothing was decided."""
    step = Step("q -> a: int", validate=v.agrees_with_itself(on="a", samples=2))

    half = performed(step, ScriptedEngine([chat(a=1), chat(a=1), chat(a="?")]), lab.state)
    none = performed(step, ScriptedEngine([chat(a=1), chat(a="?"), chat(a="?")]), lab.state)

    assert half.attempts[0].verdict.evidence == (("agrees_with_itself:a", 0.5),)
    assert none.attempts[0].verdict.kind == "undecided:agrees_with_itself"


def test_samples_without_money_decide_nothing(lab: Lab) -> None:
    """The budget is never passed, and the outcome says that it was the budget."""
    step = Step("q -> a", validate=v.agrees_with_itself(on="a"))

    outcome = lab.perform(step, [chat(a="x")] * 4, budget=Budget(calls=2, tokens=10_000), q="?")

    assert outcome.status == "budget_exhausted"
    assert outcome.spent.calls == 2


@pytest.mark.parametrize(
    "options",
    [{"samples": 0}, {"share": 0}, {"share": 1.1}, {"share": float("nan")}, {"temperature": 0}, {"on": []}],
    ids=str,
)
def test_agreement_that_means_nothing_is_refused(options: dict[str, Any]) -> None:
    """At temperature 0 a model would repeat itself, and be believed for it."""
    with pytest.raises(DefinitionError, match="agrees_with_itself"):
        v.agrees_with_itself(**{"on": "a", **options})
