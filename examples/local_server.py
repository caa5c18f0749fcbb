"""A local server: any that speaks OpenAI's dialect, by its address. This one is a stand-in that also keeps the bill."""

from agentflow import Budget, Ladder, Step, Tier, pipeline, run
from agentflow import validators as v
from agentflow.testing import LoopbackProvider, chat

capital = Step("country -> capital", validate=v.one_of("capital", "Paris", "Rome"))


@pipeline
async def capitals(country: str) -> str:
    return (await capital.acall(country=country)).capital


if __name__ == "__main__":
    with LoopbackProvider(lambda _: chat(capital="Paris")) as server:
        ladder = Ladder(Tier("hosted_vllm/any-model", api_base=server.url, max_tokens=50))
        outcome = run(capitals("France"), ladder=ladder, budget=Budget(tokens=10_000, seconds=30))
        print(outcome.status, outcome.value, f"{server.calls} request, {server.tokens} tokens billed")
