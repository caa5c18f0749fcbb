"""Runs of one step, for the tests of what a step does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentflow import Budget, Ladder, Outcome, Price, Tier, Verdict, pipeline, run
from agentflow.store.sqlite import open_store
from agentflow.testing import ScriptedEngine

PRICE = Price.per_million(1, 2)
Answers = Any
"""What a ScriptedEngine takes."""


@dataclass
class Lab:
    """A folder for runs, and the engine of the run that went last."""

    state: Path
    engine: ScriptedEngine = None  # type: ignore[assignment]  # there is none before the first run

    def ladder(self, answers: Answers, **options: Any) -> Ladder:
        """One tier that gives these answers."""
        self.engine = ScriptedEngine(answers)
        return Ladder(Tier("test/model", engine=self.engine, price=PRICE, **options))

    def run(self, work: Callable[[], Any], answers: Answers = (), *, budget: Budget | None = None, **tier: Any) -> Any:
        """The outcome of a run that does *work* on a tier that gives these answers."""
        ladder = self.ladder(answers, **tier)
        budget = budget or Budget(tokens=1_000_000)
        return run(pipeline(work)(), ladder=ladder, budget=budget, state=self.state, resumable=False)

    def perform(self, step: Any, answers: Answers = (), *, budget: Budget | None = None, **inputs: Any) -> Outcome:
        """The outcome of one performance, on a tier that tries as often as there are answers."""
        found: list[Outcome] = []

        async def work() -> None:
            found.append(await step.aperform(**inputs))

        attempts = len(answers) if isinstance(answers, list | tuple) and answers else 4
        ended = self.run(work, answers, budget=budget, attempts=attempts)
        if ended.status == "failed":
            raise ended.error
        return found[0]

    @property
    def prompts(self) -> list[str]:
        """The last message of every request, in order."""
        return ["\n".join(part.text for part in request.messages[-1].parts) for request in self.engine.requests]

    @property
    def calls(self) -> int:
        """How many paid calls the journal of the last run holds."""
        store = open_store(self.state / "state.db", read_only=True)
        try:
            return len(store.calls(store.run("last").run))
        finally:
            store.close()


def short(inputs: Any, prediction: Any) -> Verdict:
    return Verdict(len(prediction.a) < 3, f"{len(prediction.a)} letters; use fewer than 3", kind="short")


def rungs(*engines: ScriptedEngine, attempts: int = 1) -> Ladder:
    return Ladder(*(Tier(f"test/t{n}", engine=each, price=PRICE, attempts=attempts) for n, each in enumerate(engines)))
