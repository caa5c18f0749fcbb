"""The raw-text adapter: the question as it is, and the whole answer as one text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dspy
import pytest

from agentflow import Budget, DefinitionError, Ladder, Step, Tier, WholeText, pipeline, run
from agentflow import validators as v
from agentflow.testing import ScriptedEngine


class Solve(dspy.Signature):  # type: ignore[misc]  # dspy is untyped
    """Solve the problem."""

    problem: str = dspy.InputField()
    hint: str = dspy.InputField(default="", desc="Think of this")
    working: str = dspy.OutputField()


class Solver(dspy.Module):  # type: ignore[misc]  # dspy is untyped
    """Asks in plain words."""

    signature = Solve

    def __init__(self) -> None:
        super().__init__()
        self.solve = dspy.Predict(Solve)

    async def aforward(self, problem: str, hint: str = "") -> Any:
        """The working as it came."""
        with dspy.context(adapter=WholeText()):
            return await self.solve.acall(problem=problem, hint=hint)


def test_the_whole_answer_is_the_one_output(tmp_path: Path) -> None:
    """Marks of other formats inside of it are text like any other."""
    said = 'One and one.\n[[ ## working ## ]] {"working": 2}\n#### 2\n'
    engine = ScriptedEngine([said])
    step = Step(Solver(), validate=v.length("working", at_least=1), name="solve")

    @pipeline
    async def work() -> str:
        return str((await step.acall(problem="1 + 1?")).working)

    ladder, budget = Ladder(Tier("test/m", engine=engine)), Budget(tokens=9_000)
    outcome = run(work(), ladder=ladder, budget=budget, state=tmp_path, resumable=False)

    assert outcome.value == said
    assert [part.text for part in engine.requests[0].messages[-1].parts] == ["1 + 1?"]


def test_the_question_comes_last_and_as_it_is() -> None:
    """Demos are earlier turns; other inputs that say something follow the instructions after their description."""
    demo = {"problem": "2 + 2?", "working": "#### 4"}

    messages = WholeText().format(Solve, [demo], {"problem": "1 + 1?", "hint": "fingers"})

    assert [(message["role"], message["content"]) for message in messages] == [
        ("system", "Solve the problem.\nThink of this: fingers"),
        ("user", "2 + 2?"),
        ("assistant", "#### 4"),
        ("user", "1 + 1?"),
    ]


def test_an_input_that_says_nothing_is_not_told() -> None:
    """The instructions stand alone then."""
    messages = WholeText().format(Solve, [], {"problem": "1 + 1?", "hint": ""})

    assert messages[0]["content"] == "Solve the problem."


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param("problem -> number: int", id="not a number"),
        pytest.param("problem -> a, b", id="not two texts"),
        pytest.param("problem -> a, n: int", id="not a text and a number"),
    ],
)
def test_only_one_text_can_be_the_whole_answer(signature: str) -> None:
    """Whatever else is wanted is read out of it by the module."""
    with pytest.raises(DefinitionError, match="read the other fields out of it"):
        WholeText().format(dspy.Signature(signature), [], {"problem": "?"})
