"""A budget shared by two runs: a standing account outlives both, and together they never spend more than it has."""

from agentflow import Budget, Ladder, Step, Tier, agents, open_account, pipeline, run
from agentflow import validators as v
from agentflow.testing import ScriptedEngine, chat

answer = Step("question -> answer", validate=v.length("answer", at_least=1))


@pipeline
async def survey(first: int) -> int:
    async with agents(limit=8) as team:
        for number in range(first, first + 10):
            team.spawn(answer, question=f"Question {number}?")
    return sum(child.outcome.accepted for child in team.children)


if __name__ == "__main__":
    open_account("today", Budget(calls=15, tokens=1_000_000))
    engine = ScriptedEngine(lambda _: chat(answer="yes"))
    ladder = Ladder(Tier("demo/model", engine=engine))
    answered = [run(survey(first), ladder=ladder, account="today").value for first in (0, 10)]
    print(answered, f"{len(engine.requests)} requests, 15 allowed")
