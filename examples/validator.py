"""A validator of your own: a function that says what is wrong, and the next attempt that mends it."""

import dspy

from agentflow import Budget, Ladder, Step, Tier, Verdict, pipeline, run
from agentflow.testing import ScriptedEngine, chat


def is_short(inputs: dict[str, str], prediction: dspy.Prediction) -> Verdict:
    words = len(prediction.headline.split())
    return Verdict(words <= 5, f"{words} words; keep it to five")


headline = Step("article -> headline", validate=is_short)


@pipeline
async def headlines(article: str) -> str:
    return (await headline.acall(article=article)).headline


def model(request: dspy.lm15.Request) -> str:
    told = "keep it to five" in request.messages[-1].text
    return chat(headline="Ship finds new route" if told else "A ship has, after many years, found a new route")


if __name__ == "__main__":
    ladder = Ladder(Tier("demo/writer", attempts=2, engine=ScriptedEngine(model)))
    outcome = run(headlines("…"), ladder=ladder, budget=Budget(tokens=5_000))
    print(outcome.status, repr(outcome.value))
