"""A pipeline of questions, and runs of it on a cassette, for the tests of cassettes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentflow import Budget, Ladder, Price, Step, Tier, agents, pipeline, run
from agentflow import validators as v
from agentflow.runs import RunOutcome
from agentflow.testing import ScriptedEngine, chat

PRICE = Price.per_million(1, 2)
MODEL = "openai/gpt-of-tests"
answer = Step("question -> answer", validate=v.length("answer", at_least=1), name="answer")


@pipeline
async def ask(questions: list[str]) -> list[str]:
    """One answer after the other."""
    return [str((await answer.acall(question=question)).answer) for question in questions]


@pipeline
async def ask_at_once(questions: list[str]) -> list[str | None]:
    """All answers at the same time."""
    async with agents(limit=50) as team:
        children = [team.spawn(answer, question=question) for question in questions]
    return [child.outcome.value and child.outcome.value.answer for child in children]


@dataclass
class Studio:
    """A folder with a cassette, where runs are recorded and replayed."""

    here: Path

    @property
    def tape(self) -> Path:
        """The cassette."""
        return self.here / "tape.jsonl"

    def record(self, call: Any, answers: Callable[[Any], Any] | list[str], **options: Any) -> RunOutcome:
        """A run that asks an engine, and is recorded. The engine is kept as `engine`."""
        self.engine = ScriptedEngine(answers)
        ladder = Ladder(Tier(MODEL, engine=self.engine, price=PRICE, attempts=2))
        given = {"ladder": ladder, "budget": Budget(usd=1), "record": self.tape, "state": self.here / "recorded"}
        return run(call, **{**given, **options})

    def replay(self, call: Any, **options: Any) -> RunOutcome:
        """A run on a tier that has no key, no price and no server: only the cassette can answer."""
        ladder = Ladder(Tier(MODEL, attempts=2))
        given = {"ladder": ladder, "budget": Budget(usd=1), "replay": self.tape, "state": self.here / "replayed"}
        return run(call, **{**given, **options})

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every line of the cassette."""
        return [json.loads(line) for line in self.tape.read_text(encoding="utf-8").split("\n") if line]

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The recorded calls."""
        return [line for line in self.lines if line["kind"] == "call"]

    def rewrite(self, lines: list[dict[str, Any]]) -> None:
        """Put these lines on the cassette instead."""
        self.tape.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def numbered() -> Callable[[Any], str]:
    """Says 1, then 2, and so on, whatever is asked."""
    said = iter(range(1, 10_000))
    return lambda _: chat(answer=next(said))
