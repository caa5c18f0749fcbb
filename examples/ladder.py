"""A ladder: a plain function first, then a small model, and the strong one only for what neither could prove."""

import re

from agentflow import Budget, Ladder, Price, Step, Tier, agents, pipeline, run
from agentflow import validators as v
from agentflow.testing import ScriptedEngine, chat

TRUTH = {"2 + 2 =": "4", "19.5 + 0.5 =": "20", "two and forty =": "42"}


def by_rule(sum: str) -> dict[str, str] | None:
    found = re.fullmatch(r"(\d+) \+ (\d+) =", sum)
    return {"result": str(int(found[1]) + int(found[2]))} if found else None


solve = Step("sum -> result", validate=v.predicate(lambda i, p: p.result == TRUTH[i["sum"]], feedback="check it"))


@pipeline
async def sums() -> list[str]:
    async with agents(limit=8) as team:
        children = [team.spawn(solve, sum=text) for text in TRUTH]
    return [child.outcome.value.result for child in children if child.outcome.accepted]


if __name__ == "__main__":
    small = Tier("demo/small", engine=ScriptedEngine(lambda _: chat(result="20")), price=Price.per_million(1, 2))
    large = Tier("demo/large", engine=ScriptedEngine(lambda _: chat(result="42")), price=Price.per_million(10, 30))
    print(run(sums(), ladder=Ladder(Tier(by_rule), small, large), budget=Budget(usd="0.25")).report())
