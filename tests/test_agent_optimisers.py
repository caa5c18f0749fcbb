"""Steps under DSPy's optimisers and its Evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dspy
import pytest
from steps import Lab
from test_step import ANY, Pair

from agentflow import Ladder, Step, Tier
from agentflow import validators as v
from agentflow.testing import chat


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def test_an_optimiser_learns_from_accepted_answers_only(lab: Lab) -> None:
    """Demos are accepted outputs with the base inputs; what a function answered is none."""
    step = Step(Pair(), validate=v.length("answer", at_most=2), feedback_field="advice")
    examples = [dspy.Example(question=f"q{n}", answer="ok").with_inputs("question") for n in range(3)]
    answers = [chat(draft="bad"), chat(answer="wrong"), chat(draft="good"), chat(answer="ok")] * 3

    def compile_() -> Any:
        optimiser = dspy.BootstrapFewShot(metric=lambda *_: True, max_labeled_demos=0)
        return optimiser.compile(Asker(step), trainset=examples)

    found: list[Any] = []
    outcome = lab.run(lambda: found.append(compile_()), answers, attempts=2)

    demos = [demo for predictor in found[0].predictors() for demo in predictor.demos]
    assert outcome.status == "accepted"
    assert {demo.get("draft") for demo in demos} == {"good"}
    assert {demo.get("advice", "") for demo in demos} == {""}
    assert {demo.get("answer", "ok") for demo in demos} == {"ok"}


class Asker(dspy.Module):
    def __init__(self, step: Step) -> None:
        super().__init__()
        self.step = step

    def forward(self, question: str) -> dspy.Prediction:
        return self.step(question=question)


def test_a_functions_answers_are_never_demos(lab: Lab) -> None:
    """They would teach a model what needs no model."""
    step = Step("question -> answer", validate=ANY, ladder=Ladder(Tier(lambda question: "x")))
    examples = [dspy.Example(question="q", answer="x").with_inputs("question")]
    found: list[Any] = []

    def compile_() -> None:
        optimiser = dspy.BootstrapFewShot(metric=lambda *_: True, max_labeled_demos=0)
        found.append(optimiser.compile(Asker(step), trainset=examples))

    assert lab.run(compile_).status == "accepted"
    assert found[0].predictors()[0].demos == []


def test_a_rejected_step_scores_zero(lab: Lab) -> None:
    """For DSPy's Evaluate it is an exception like any other; the rest goes on."""
    step = Step("question -> answer", validate=v.length("answer", at_most=2))
    examples = [dspy.Example(question=q).with_inputs("question") for q in ("a", "b")]

    def evaluate() -> float:
        judge = dspy.Evaluate(devset=examples, metric=lambda *_: 1.0, num_threads=2, max_errors=10)
        return float(judge(step).score)

    outcome = lab.run(
        evaluate, lambda request: chat(answer="ok" if "\na\n" in str(request.messages[-1].parts[0].text) else "wrong")
    )

    assert outcome.value == 50.0
