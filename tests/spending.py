"""Pipelines that would spend far more than they may, on a provider that bills every request that reaches it."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import dspy

from agentflow import Budget, Ladder, Outcome, Step, Tier, agents, pipeline, run
from agentflow import validators as v
from agentflow.engines.provider import ProviderEngine
from agentflow.engines.routes import find_route
from agentflow.runs import RunOutcome
from agentflow.store import CallRow
from agentflow.store.sqlite import open_store
from agentflow.testing import LoopbackProvider, chat
from agentflow.usage import Bound

CAP = 32
FULL = chat(answer="x" * 400)[: CAP * 4]
"""An answer of exactly as many tokens as it may have; cut or not, it costs the same."""
ANSWER = chat(answer="yes")

answer = Step("question -> answer", validate=v.none(reason="the bill is what is judged"), name="answer")


class Exactly(ProviderEngine):
    """Knows to the token what the provider counts: declared by whoever measured it."""

    input_tokens = 0

    def bound(self, request: dspy.lm15.Request) -> Bound:
        return Bound(self.input_tokens, "exact", "measured beforehand, all prompts being equally long")


@pipeline
async def ask_many(count: int, limit: int = 50) -> list[str]:
    """So many children, each with one question of the same length."""
    async with agents(limit=limit) as team:
        children = [team.spawn(answer, question=f"question {number:05d}") for number in range(count)]
    return [child.outcome.status for child in children]


@pipeline
async def gather_many(count: int) -> list[str]:
    """The same without children: so many requests of one account at once."""

    async def one(number: int) -> str:
        return (await answer.aperform(question=f"question {number:05d}")).status

    return list(await asyncio.gather(*(one(number) for number in range(count))))


def spend(call: Any, tier: Tier, budget: Budget, state: Path, **options: Any) -> RunOutcome:
    """Run a pipeline on one tier, with a journal of its own."""
    return run(call, ladder=Ladder(tier), budget=budget, state=state, resumable=False, **options)


def exact_tier(provider: LoopbackProvider, state: Path) -> tuple[Tier, int, int]:
    """A tier whose bound is exact, and what one call to it costs in tokens and in nano-USD."""
    tier = replace(provider.tier(max_tokens=CAP), min_tokens=CAP)
    spend(ask_many(1), tier, Budget(tokens=100_000), state)
    engine = Exactly(find_route(str(tier.model), provider.url, os.environ))
    engine.input_tokens = provider.tokens - CAP
    return replace(tier, engine=engine), provider.tokens, provider.nano_usd


def calls_of(outcome: RunOutcome) -> list[CallRow]:
    """Every request that the journal knows of."""
    store = open_store(outcome.database, read_only=True)
    try:
        return store.calls(outcome.run)
    finally:
        store.close()


def accepted(outcome: Outcome) -> int:
    return sum(status == "accepted" for status in outcome.value or ())
