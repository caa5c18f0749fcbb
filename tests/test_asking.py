"""The short way to an answer and DSPy's own: nobody can tell which one was taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dspy
import pytest
from dspy import lm15
from dspy.utils.callback import BaseCallback
from steps import Lab

from agentflow import Step
from agentflow import validators as v
from agentflow.store.sqlite import open_store
from agentflow.testing import chat


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


class Watching(BaseCallback):
    """Whoever watches makes DSPy's own way be taken."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def on_lm_start(self, call_id: str, instance: Any, inputs: Any) -> None:
        self.seen.append("lm")

    def on_adapter_format_start(self, call_id: str, instance: Any, inputs: Any) -> None:
        self.seen.append("format")

    def on_module_start(self, call_id: str, instance: Any, inputs: Any) -> None:
        self.seen.append(type(instance).__name__)


def of(kind: Any, *, long: bool) -> Any:
    """A module that is asked in the short way, or in DSPy's."""
    module = kind("q: str, more: list[str] -> a: str, n: int")
    module.callbacks = [Watching()] if long else []
    return module


def answered(lab: Lab, module: Any, answers: Any, **inputs: Any) -> Any:
    """What one performance shows to everybody concerned."""
    step = Step(module, validate=v.none(reason="both ways are compared"), name="step")
    outcome = lab.perform(step, answers, **({"q": "question", "more": ["x"]} | inputs))
    store = open_store(lab.state / "state.db", read_only=True)
    try:
        rows = [(row.id.path, row.id.key, row.response, row.spent) for row in store.calls(store.run("last").run)]
    finally:
        store.close()
    attempts = [(each.verdict, each.text, each.spent, each.usage) for each in outcome.attempts]
    value = dict(outcome.value.items()) if outcome.value is not None else None
    return outcome.status, outcome.feedback, value, attempts, rows, list(lab.engine.requests)


ANSWER = chat(reasoning="so", a="yes", n=3)


@pytest.mark.parametrize("kind", [dspy.Predict, dspy.ChainOfThought])
@pytest.mark.parametrize("adapter", ["chat", "json"])
@pytest.mark.parametrize(
    ("answers", "inputs"),
    [
        pytest.param([ANSWER], {}, id="an answer"),
        pytest.param(['{"reasoning": "so", "a": "yes", "n": 3}'], {}, id="another format"),
        pytest.param([chat(a="yes"), "nothing", ANSWER], {}, id="feedback"),
        pytest.param([""], {}, id="an empty answer"),
        pytest.param([lm15.InvalidRequestError("no")], {}, id="a refusal of the provider"),
        pytest.param([RuntimeError("broken")], {}, id="a broken engine"),
        pytest.param([ANSWER], {"more": "not a list"}, id="an input of another type"),
        pytest.param([ANSWER], {"q": "<<CUSTOM-TYPE-START-IDENTIFIER>>[]<<CUSTOM-TYPE-END-IDENTIFIER>>"}, id="a mark"),
        pytest.param([[lm15.ThinkingPart("hm"), lm15.TextPart(ANSWER)]], {}, id="several parts"),
    ],
)
def test_both_ways_give_the_same(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: Any, adapter: str, answers: Any, inputs: Any
) -> None:
    """The same requests, keys, rows, verdicts, values and charges."""
    monkeypatch.setenv("AGENTFLOW_ADAPTER", adapter)
    other = Lab(tmp_path / "other")

    short = answered(lab, of(kind, long=False), list(answers), **inputs)

    assert short == answered(other, of(kind, long=True), list(answers), **inputs)


def test_whoever_watches_sees_everything(lab: Lab) -> None:
    """A callback on the module is called, as DSPy calls it."""
    module = of(dspy.Predict, long=True)

    answered(lab, module, [ANSWER])

    assert module.callbacks[0].seen == ["Predict"]


@pytest.mark.parametrize("kind", [dspy.Predict, dspy.ChainOfThought])
@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
def test_an_optimiser_sees_the_predictor_its_inputs_and_its_prediction(lab: Lab, kind: Any, long: bool) -> None:
    """One entry of the trace per prompt."""
    module, seen = of(kind, long=long), list[Any]()
    step = Step(module, validate=v.none(reason="the trace is looked at"), name="step")

    def work() -> None:
        with dspy.context(trace=seen):
            step(q="question", more=["x"])

    lab.run(work, [ANSWER])

    ((predictor, inputs, prediction),) = seen
    assert predictor is module.predictors()[0]
    assert inputs == {"q": "question", "more": ["x"]}
    assert (prediction.a, prediction.n, len(prediction.completions)) == ("yes", 3, 1)


def test_half_a_letter_is_refused_in_dspys_words(lab: Lab) -> None:
    """Text that no provider can receive never leaves."""
    step = Step(of(dspy.Predict, long=False), validate=v.none(reason="it never comes to that"), name="step")

    with pytest.raises(ValueError, match="not valid Unicode"):
        lab.perform(step, [ANSWER], q="\ud800", more=["x"])

    assert not lab.engine.requests
