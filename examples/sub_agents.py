"""Sub-agents under one hard budget: fifty ask at once, ten calls are allowed, and the others say why they stopped."""

from collections import Counter

from agentflow import Budget, Ladder, Step, Tier, agents, pipeline, run
from agentflow import validators as v
from agentflow.testing import ScriptedEngine, chat

answer = Step("question -> answer", validate=v.length("answer", at_least=1))


@pipeline
async def ask_all(count: int) -> dict[str, int]:
    async with agents(limit=50, each=Budget(calls=2)) as team:
        for number in range(count):
            team.spawn(answer, question=f"What is {number} squared?")
    return dict(Counter(child.outcome.limit_hit or child.outcome.status for child in team.children))


if __name__ == "__main__":
    engine = ScriptedEngine(lambda _: chat(answer="a number"), latency=0.05)
    outcome = run(ask_all(50), ladder=Ladder(Tier("demo/model", engine=engine)), budget=Budget(tokens=99_999, calls=10))
    print(outcome.value, f"{len(engine.requests)} requests reached the model")
