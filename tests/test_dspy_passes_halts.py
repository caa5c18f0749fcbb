"""DSPy's own machinery: every request is metered, and a halt passes through all of it without one request more."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dspy
import pytest
from dspy.primitives.local_interpreter import LocalInterpreter
from steps import Lab
from test_step import ANY

from agentflow import Budget, Step, compat
from agentflow import validators as v
from agentflow.testing import chat

pytestmark = pytest.mark.slow

EXAMPLES = [dspy.Example(question=f"q{n}", answer="ok").with_inputs("question") for n in range(12)]


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


class Ask(dspy.Module):
    """A program of one step."""

    def __init__(self) -> None:
        super().__init__()
        self.step = Step("question -> answer", validate=ANY)

    def forward(self, question: str) -> dspy.Prediction:
        return self.step(question=question)


def metric(example: Any, prediction: Any, *_: Any) -> float:
    return float(example.answer == prediction.answer)


def tool_call(**arguments: Any) -> str:
    """Ask a step for help."""
    return chat(next_thought="t", next_tool_name="helper", next_tool_args=json.dumps(arguments))


def helper(question: str) -> str:
    """Ask a step for help."""
    return str(Ask()(question=question).answer)


def inside(module: Any) -> Step:
    return Step(module, validate=ANY, name="outer")


def answer(request: Any) -> Any:
    """Whatever is asked, an answer that keeps the program going."""
    text = request.messages[-1].parts[0].text if hasattr(request.messages[-1].parts[0], "text") else ""
    if "tool_calls" in text:
        calls = {"tool_calls": [{"name": "helper", "args": {"question": f"h{len(request.messages)}"}}]}
        return chat(next_thought="t", tool_calls=json.dumps(calls))
    if "next_tool_args" in str(request.system) + text:
        return tool_call(question=f"n{text.count('observation_')}")
    fields = {"answer": "ok", "reasoning": "r", "proposed_instruction": "Do.", "new_instruction": "Do.", "summary": "s",
              "observations": "o", "program_description": "d", "module_description": "d", "tip": "t"}  # fmt: skip
    return chat(**fields)


def parallel() -> Any:
    return dspy.Parallel(num_threads=4, disable_progress_bar=True)([(Ask(), example.inputs()) for example in EXAMPLES])


def evaluate() -> Any:
    return dspy.Evaluate(devset=EXAMPLES, metric=metric, num_threads=4, max_errors=99)(Ask()).score


def best_of_n() -> Any:
    return dspy.BestOfN(Ask(), N=12, reward_fn=lambda *_: 0.0, threshold=1.0)(question="?")


def best_of_n_inside() -> Any:
    return inside(dspy.BestOfN(dspy.Predict("question -> answer"), N=12, reward_fn=lambda *_: 0.0, threshold=1.0))(
        question="?"
    )


def react() -> Any:
    return inside(dspy.ReAct("question -> answer", tools=[helper], max_iters=12))(question="?")


def react_v2() -> Any:
    return inside(dspy.ReActV2("question -> answer", tools=[helper], max_iters=12))(question="?")


def bootstrap() -> Any:
    return dspy.BootstrapFewShot(metric=metric, max_labeled_demos=0, max_bootstrapped_demos=12).compile(
        Ask(), trainset=EXAMPLES
    )


def random_search() -> Any:
    optimiser = dspy.BootstrapFewShotWithRandomSearch(metric=metric, num_candidate_programs=2, num_threads=4)
    return optimiser.compile(Ask(), trainset=EXAMPLES, valset=EXAMPLES)


def gepa() -> Any:
    scope = compat.current_scope()
    assert scope is not None
    assert scope.run.ladder is not None
    lm = scope.run.tiers.settings(scope.run.ladder.tiers[0])["lm"]

    def scored(gold: Any, pred: Any, trace: Any = None, pred_name: Any = None, pred_trace: Any = None) -> Any:
        return dspy.Prediction(score=0.5, feedback="more")

    optimiser = dspy.GEPA(scored, max_metric_calls=40, reflection_lm=lm, num_threads=4)
    return optimiser.compile(Ask(), trainset=EXAMPLES[:4], valset=EXAMPLES[:4])


async def task_group() -> None:
    async with asyncio.TaskGroup() as group:
        for example in EXAMPLES:
            group.create_task(Ask().step.acall(**example.inputs()))


async def gather() -> None:
    await asyncio.gather(*(Ask().step.acall(**example.inputs()) for example in EXAMPLES))


MACHINES: list[Callable[[], Any]] = [
    parallel, evaluate, best_of_n, best_of_n_inside, react, react_v2, bootstrap, random_search, gepa,
    task_group, gather,
]  # fmt: skip


@pytest.mark.parametrize("machine", MACHINES, ids=[machine.__name__ for machine in MACHINES])
def test_a_halt_ends_it_without_one_request_more(lab: Lab, machine: Callable[[], Any]) -> None:
    """What is queued in its threads is refused as well; the run says which limit it was."""
    outcome = lab.run(machine, answer, budget=Budget(calls=5, tokens=1_000_000))

    left = [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")]
    for thread in left:
        thread.join(10)
    assert (outcome.status, lab.engine.calls) == ("budget_exhausted", 5), outcome.feedback
    assert "calls" in outcome.limit_hit
    assert not outcome.held


@pytest.mark.parametrize("machine", MACHINES, ids=[machine.__name__ for machine in MACHINES])
def test_every_request_is_metered(lab: Lab, machine: Callable[[], Any]) -> None:
    """What reached the engine stands in the journal, request by request."""
    outcome = lab.run(machine, answer, budget=Budget(calls=500, tokens=10_000_000))

    assert lab.engine.calls > 0
    assert lab.calls == lab.engine.calls == outcome.spent.calls


@pytest.mark.parametrize(("calls", "status", "asked"), [(500, "accepted", 2), (1, "budget_exhausted", 1)])
def test_a_recursive_model_is_metered_below_its_interpreter(lab: Lab, calls: int, status: str, asked: int) -> None:
    """What its code asks from inside goes through the same account."""
    module = dspy.RLM("question -> answer", interpreter_factory=LocalInterpreter, max_iters=3)
    code = "SUBMIT(answer=llm_query('sub'))"

    def write(request: Any) -> str:
        return chat(reasoning="r", code=code) if "code" in str(request.system) else "found"

    outcome = lab.run(lambda: inside(module)(question="?").answer, write, budget=Budget(calls=calls, tokens=10**6))

    assert (outcome.status, lab.engine.calls, lab.calls) == (status, asked, asked)


def test_a_prompt_outside_of_a_step_is_refused(lab: Lab) -> None:
    """It has no tier and no validator, and nobody would check its answer."""
    outcome = lab.run(lambda: dspy.Predict("question -> answer")(question="?"), answer)

    assert outcome.status == "failed"
    assert "outside of any Step" in outcome.feedback
    assert lab.engine.calls == 0


def test_a_stream_of_rejections_is_a_score_and_not_an_error(lab: Lab) -> None:
    """Evaluate scores a rejected step 0 and goes on."""
    step = Step("question -> answer", validate=v.one_of("answer", "never"))

    def work() -> float:
        return float(dspy.Evaluate(devset=EXAMPLES, metric=metric, num_threads=2, max_errors=99)(step).score)

    assert lab.run(work, answer).value == 0.0
