"""A step refuses to be what could not work, is itself across processes, and stays a DSPy module."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import dspy
import pytest
from steps import Lab

from agentflow import Ladder, NoAccount, Step, Tier, Verdict
from agentflow import validators as v
from agentflow.testing import chat


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


class Pair(dspy.Module):
    """Two prompts, of which the second is told why it was rejected."""

    def __init__(self) -> None:
        super().__init__()
        self.draft = dspy.Predict("question -> draft")
        self.polish = dspy.Predict("draft, advice -> answer")

    def forward(self, question: str, advice: str = "") -> dspy.Prediction:
        return self.polish(draft=self.draft(question=question).draft, advice=advice)


def bound() -> dspy.Predict:
    predict = dspy.Predict("q -> a")
    predict.lm = dspy.LM("openai/gpt-5-mini")
    return predict


ANY = v.none(reason="a test")
WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "no validator": (lambda: Step("q -> a"), "v.none"),
    "no reason": (lambda: Step("q -> a", validate=v.none(reason=" ")), "reason"),
    "an unknown option": (lambda: Step("q -> a", validate=ANY, retries=3), "retries"),  # type: ignore[call-arg]
    "an unknown field": (lambda: Step("q -> a", validate=v.positive("b")), "reads 'b'"),
    "a validator of one argument": (lambda: Step("q -> a", validate=lambda x: True), "must take"),
    "a validator that is none": (lambda: Step("q -> a", validate=3), "no validator"),
    "an empty ladder": (lambda: Ladder(), "at least one Tier"),
    "a ladder of names": (lambda: Ladder("openai/gpt"), "made of Tiers"),
    "two tiers of one name": (lambda: Ladder(Tier("a/b"), Tier("a/b")), "two tiers"),
    "a tier as a ladder": (lambda: Step("q -> a", validate=ANY, ladder=Tier("a/b")), "takes a Ladder"),
    "a tier that never tries": (lambda: Tier("a/b", attempts=0), "at least once"),
    "a tier of nothing": (lambda: Tier(""), "model name or a function"),
    "no arrow": (lambda: Step("question", validate=ANY), "no signature"),
    "an unknown type": (lambda: Step("q -> a: Money", validate=ANY), "no signature"),
    "no output": (lambda: Step("q ->", validate=ANY), "no output field"),
    "a module's class": (lambda: Step(dspy.Predict, validate=ANY), "not of"),
    "a number": (lambda: Step(3, validate=ANY), "not of 3"),
    "a model of its own": (lambda: Step(bound(), validate=ANY), "model of its own"),
    "a feedback field that is no input": (lambda: Step(Pair(), validate=ANY, feedback_field="hint"), "no input"),
    "a feedback field of a prompt": (lambda: Step("q -> a", validate=ANY, feedback_field="a"), "no input"),
    "a check of two arguments": (lambda: Step("q -> a", validate=ANY, check_inputs=lambda a, b: True), "one mapping"),
    "a check that is none": (lambda: Step("q -> a", validate=ANY, check_inputs=True), "plain function"),
    "a number as loop key": (lambda: Step("q -> a", validate=ANY, loop_key=3), "loop_key"),
    "a name with a slash": (lambda: Step("q -> a", validate=ANY, name="a/b"), "name"),
}


@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, (make, _) in WRONG.items()])
def test_what_could_not_work_is_refused_when_it_is_defined(make: Callable[[], Any], request: Any) -> None:
    """At once, as a TypeError, and not at three in the morning."""
    with pytest.raises(TypeError, match=WRONG[request.node.callspec.id][1]):
        make()


@pytest.mark.parametrize(
    ("target", "name"),
    [
        pytest.param("question -> answer: int", "answer", id="a text is called by its outputs"),
        pytest.param(dspy.Signature("a -> b, c", "Do."), "string_signature", id="a signature by its class"),
        pytest.param(Pair(), "pair", id="a module by its class"),
    ],
)
def test_a_step_has_a_name(target: Any, name: str) -> None:
    """In words that a path can hold."""
    assert Step(target, validate=ANY).name == name


CALLS = {
    "a call": lambda step: step(q="?"),
    "an awaited call": lambda step: asyncio.run(step.acall(q="?")),
    "a performance": lambda step: step.perform(q="?"),
    "an awaited performance": lambda step: asyncio.run(step.aperform(q="?")),
    "a call within": lambda step: step.within()(q="?"),
    "an awaited call within": lambda step: asyncio.run(step.within().acall(q="?")),
    "a performance within": lambda step: step.within().perform(q="?"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_outside_a_run_nobody_pays(call: Callable[[Step], Any]) -> None:
    """So nothing is asked."""
    with pytest.raises(NoAccount, match="inside run"):
        call(Step("q -> a", validate=ANY))


@pytest.mark.parametrize("inputs", [{}, {"question": "?"}, {"q": "?", "more": 1}])
def test_inputs_that_the_step_does_not_take_are_refused(lab: Lab, inputs: dict[str, Any]) -> None:
    """DSPy would warn and ask the model all the same."""
    outcome = lab.run(lambda: Step("q -> a", validate=ANY)(**inputs), [chat(a="x")])

    assert outcome.status == "failed"
    assert "its inputs are q" in outcome.feedback
    assert lab.engine.calls == 0


@pytest.mark.parametrize(
    ("said", "feedback"),
    [
        pytest.param(False, "must hold", id="a bool"),
        pytest.param((False, "too long"), "too long", id="a bool with words"),
        pytest.param(Verdict(False, "too long", kind="length"), "too long", id="a verdict"),
    ],
)
def test_a_rejected_input_costs_nothing(lab: Lab, said: Any, feedback: str) -> None:
    """It is judged before anything is reserved."""
    outcome = lab.perform(Step("q -> a", validate=ANY, check_inputs=lambda inputs: said), [chat(a="x")], q="?")

    assert (outcome.status, outcome.attempts, lab.engine.calls) == ("rejected", (), 0)
    assert feedback in outcome.feedback


@pytest.mark.parametrize("said", [None, "yes", 1, (True, 2)])
def test_a_check_that_says_nothing_clear_is_an_error(lab: Lab, said: Any) -> None:
    """Silence is no approval."""
    with pytest.raises(TypeError, match="return a Verdict"):
        lab.perform(Step("q -> a", validate=ANY, check_inputs=lambda inputs: said), [chat(a="x")], q="?")


def test_an_optimiser_sees_the_prompts_and_not_the_judge() -> None:
    """Named predictors are those of the module; copies keep the validator and lose no demo."""
    judge = Step("q, a -> good: bool", validate=ANY)
    step = Step(Pair(), validate=v.judge(judge, accept=lambda said: said.good), feedback_field="advice")
    program = dspy.Module()
    program.step = step
    program.step.module.draft.demos = [dspy.Example(question="q", draft="d")]

    copied, cleared = program.deepcopy(), program.reset_copy()

    assert [name for name, _ in program.named_predictors()] == ["step.module.draft", "step.module.polish"]
    assert copied.step.validator is step.validator
    assert copied.step.module.draft.demos == step.module.draft.demos
    assert cleared.step.module.draft.demos == []


def test_a_steps_state_is_saved_and_loaded_by_dspy(tmp_path: Path) -> None:
    """Instructions and demos of an optimised step come back into one defined alike."""
    saved, loaded = (Step(dspy.ChainOfThought("q -> a"), validate=ANY) for _ in range(2))
    predict = saved.module.predict
    predict.demos = [dspy.Example(q="1", reasoning="r", a="2")]
    predict.signature = predict.signature.with_instructions("Add one.")

    saved.save(str(tmp_path / "state.json"))
    loaded.load(str(tmp_path / "state.json"))

    assert loaded.module.predict.signature.instructions == "Add one."
    assert loaded.identity == saved.identity


def asked(instructions: str = "Do.", validate: Any = None, **options: Any) -> Step:
    return Step(dspy.Signature("q -> a", instructions), validate=validate or v.one_of("a", "x"), **options)


def with_demo() -> Step:
    step = asked()
    step.module.demos = [dspy.Example(q="1", a="x")]
    return step


LIMIT = 3


def is_short(inputs: Any, prediction: Any) -> bool:
    return len(prediction.a) < LIMIT


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lambda: asked("Do it."), id="instructions"),
        pytest.param(with_demo, id="demos"),
        pytest.param(lambda: asked(validate=v.one_of("a", "y")), id="a validator's parameter"),
        pytest.param(lambda: asked(validate=is_short), id="a validator"),
        pytest.param(lambda: asked(check_inputs=lambda inputs: True), id="a check of the inputs"),
        pytest.param(lambda: Step(dspy.ChainOfThought(dspy.Signature("q -> a", "Do.")), validate=v.one_of("a", "x")),
                     id="the module"),
        pytest.param(lambda: Step(dspy.Signature("q -> a: int", "Do."), validate=v.one_of("a", "x")), id="a type"),
    ],
)  # fmt: skip
def test_identity_changes_with_what_decides_the_answer(other: Callable[[], Step]) -> None:
    """A recorded outcome stands only for the very same question and judgement."""
    assert other().identity != asked().identity
    assert asked().identity == asked().identity


def test_identity_stays_when_only_names_and_memories_change() -> None:
    """Neither a step's name nor what DSPy remembers of its calls decides an answer."""
    step = asked(name="other")
    step.module.history.append("a call")

    assert step.identity == asked().identity == asked().deepcopy().identity


SCRIPT = """
import dspy
from decimal import Decimal
from pydantic import BaseModel
from agentflow import Ladder, Step, Tier, validators as v
from agentflow.performance import ladder_identity
from agentflow.scope import fingerprint

WORDS = {"a", "b", "c", "d"}

class Line(BaseModel):
    price: Decimal

class S(dspy.Signature):
    q: str = dspy.InputField()
    lines: list[Line] = dspy.OutputField()

def look_up(q):
    return helper(q) if q in WORDS else None

def helper(q):
    return {"lines": []}

def check(inputs):
    return inputs["q"] in WORDS

class Odd:
    def __init__(self):
        self.parts = {"x", "y", "z"}

step = Step(S, validate=lambda inputs, prediction: helper(1) is not None, check_inputs=check)
print(step.identity, ladder_identity(Ladder(Tier(look_up), Tier("a/b"))), fingerprint({"q": Odd(), "r": {1: WORDS}}))
"""


def printed(script: str, seed: int, path: Path) -> str:
    path.write_text(script)
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    return subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, check=True, env=environment
    ).stdout


@pytest.mark.slow
def test_identity_is_the_same_in_every_process(tmp_path: Path) -> None:
    """No address, no order of a set, no name of a module is in it; a changed helper or word is."""
    runs = dict.fromkeys(("one.py", "two.py"), SCRIPT)
    first, second = (printed(script, seed, tmp_path / name) for seed, (name, script) in enumerate(runs.items()))
    helper = printed(SCRIPT.replace('{"lines": []}', '{"lines": [1]}'), 1, tmp_path / "three.py")
    words = printed(SCRIPT.replace('"d"}', '"e"}'), 1, tmp_path / "four.py")

    assert first == second
    assert all(changed.split()[:2] != first.split()[:2] for changed in (helper, words))
    assert helper.split()[0] != first.split()[0] != words.split()[0]
    assert helper.split()[1] != first.split()[1] != words.split()[1]


def test_an_optimised_copy_goes_by_another_label() -> None:
    """Candidates of an optimiser are different work, however alike their answers are."""
    step = asked(name="ask")
    candidate = step.deepcopy()
    candidate.module.signature = candidate.module.signature.with_instructions("Do it well.")

    assert step.label == "ask"
    assert candidate.label.startswith("ask~")


def test_a_functions_answer_has_the_declared_type(lab: Lab) -> None:
    """A text for an amount is an amount; a single output may come without its name."""
    ladder = Ladder(Tier(lambda text: text.upper(), name="shout"))
    amount = Ladder(Tier(lambda text: "12.50", name="read"))

    said = lab.perform(Step("text -> loud", validate=ANY, ladder=ladder), text="x")
    read = lab.perform(Step(dspy.Signature("text -> total: Decimal", "Read.", custom_types={"Decimal": Decimal}),
                            validate=v.positive("total"), ladder=amount), text="x")  # fmt: skip

    assert said.prediction.loud == "X"
    assert str(read.prediction.total) == "12.50"
