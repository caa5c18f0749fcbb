"""A run keeps the ladder it was started with, so that going on needs no flags said again."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentflow import Budget, Ladder, Step, Tier, pipeline, resume, run
from agentflow import validators as v
from agentflow.testing import LoopbackProvider, ScriptedEngine, chat

answer = Step("question -> answer", validate=v.one_of("answer", "yes"))


@pipeline
async def ask(questions: int) -> list[str]:
    return [(await answer.acall(question=f"{number}?")).answer for number in range(questions)]


def test_going_on_asks_the_ladder_of_the_first_sitting(tmp_path: Path) -> None:
    """A run that stopped for want of calls goes on with its own tiers and a raised budget."""
    with LoopbackProvider(lambda _: chat(answer="yes")) as server:
        ladder = Ladder(Tier("hosted_vllm/any", api_base=server.url, max_tokens=50))
        stopped = run(ask(4), ladder=ladder, budget=Budget(tokens=90_000, calls=2), state=tmp_path)

        finished = resume(stopped.run, budget=Budget(calls=9), state=tmp_path)

        assert (stopped.status, finished.status) == ("budget_exhausted", "accepted")
        assert server.calls == 4


def test_a_tier_that_json_cannot_keep_must_be_given_again(tmp_path: Path) -> None:
    """An engine object belongs to the process that made it."""
    ladder = Ladder(Tier("test/any", engine=ScriptedEngine(lambda _: chat(answer="yes"))))
    stopped = run(ask(4), ladder=ladder, budget=Budget(tokens=90_000, calls=2), state=tmp_path)

    finished = resume(stopped.run, budget=Budget(calls=9), state=tmp_path)

    assert finished.status == "failed"
    assert "has no ladder" in finished.feedback
    with pytest.raises(TypeError, match="ladder"):
        resume(stopped.run, ladder="local/nano-s", state=tmp_path)
