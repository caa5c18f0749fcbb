"""A loop being stopped: the agent asks the same thing again and again, is nudged once, and ends with the evidence."""

from agentflow import Budget, Ladder, Step, Tier, pipeline, run
from agentflow import validators as v
from agentflow.testing import ScriptedEngine, chat

next_move = Step("state -> move", validate=v.one_of("move", "wait", "go"))


@pipeline
async def wander() -> None:
    while (await next_move.acall(state="at the door")).move != "go":
        pass


if __name__ == "__main__":
    engine = ScriptedEngine(lambda _: chat(move="wait"))
    outcome = run(wander(), ladder=Ladder(Tier("demo/model", engine=engine)), budget=Budget(tokens=1_000_000))
    print(outcome.status, "after", len(engine.requests), "requests:", outcome.feedback)
