"""OpenAI Agents SDK: it has no budget; a guard in `RunHooks`, shared by all runs, is what its users write."""

from __future__ import annotations

import asyncio
from typing import Any

from agents import (
    Agent,
    Model,
    ModelResponse,
    OpenAIChatCompletionsModel,
    RunHooks,
    Runner,
    Usage,
    set_tracing_disabled,
)
from driving import Asked, all_of, drive, fan_out, until_refused
from openai import AsyncOpenAI
from openai.types.responses import ResponseOutputMessage, ResponseOutputText

PROMPT = "question 000000"


class Guard(RunHooks[Any]):
    """Refuses a call once the tokens of all runs have reached the limit."""

    def __init__(self, limit: int) -> None:
        self.limit, self.used = limit, 0

    async def on_llm_start(self, *args: Any, **kwargs: Any) -> None:
        if self.used >= self.limit:
            raise RuntimeError("the budget is spent")

    async def on_llm_end(self, context: Any, agent: Any, response: Any) -> None:
        self.used += response.usage.total_tokens


def agent(asked: Asked, **client: Any) -> Agent[Any]:
    """An agent whose provider is the judge."""
    set_tracing_disabled(True)
    options = {"timeout": 30, "max_retries": 0, **client}
    model = OpenAIChatCompletionsModel("gpt-4o", AsyncOpenAI(base_url=asked.url, api_key="nobody", **options))
    return Agent(name="one", model=model)


async def one(asked: Asked) -> Any:
    return await all_of([Runner.run(agent(asked), PROMPT)])


async def concurrent(asked: Asked) -> Any:
    who, guard = agent(asked), Guard(asked.tokens)
    return await all_of(Runner.run(who, PROMPT, hooks=guard) for _ in range(asked.count))


async def loop(asked: Asked) -> Any:
    who, guard = agent(asked), Guard(asked.tokens)
    return await until_refused(lambda: Runner.run(who, PROMPT, hooks=guard), asked.count)


async def timeouts(asked: Asked) -> Any:
    who, guard = agent(asked, timeout=1.0, max_retries=2), Guard(asked.tokens)
    return await all_of([Runner.run(who, PROMPT, hooks=guard) for _ in range(20)])


async def fat(asked: Asked) -> Any:
    return await all_of([Runner.run(agent(asked), PROMPT, hooks=Guard(asked.tokens))])


class Canned(Model):
    """A model that answers by itself."""

    def __init__(self, latency: float) -> None:
        self.latency = latency

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        await asyncio.sleep(self.latency)
        text = ResponseOutputText(type="output_text", text="42", annotations=[])
        said = ResponseOutputMessage(id="1", type="message", role="assistant", status="completed", content=[text])
        return ModelResponse(output=[said], usage=Usage(), response_id=None)

    def stream_response(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError


async def fanout(asked: Asked) -> Any:
    set_tracing_disabled(True)
    who: Agent[Any] = Agent(name="one", model=Canned(asked.latency))
    return await fan_out(lambda number: Runner.run(who, f"question {number:05d}"), asked)


if __name__ == "__main__":
    drive(
        {"one": one, "concurrent": concurrent, "loop": loop, "timeouts": timeouts, "fat": fat, "fanout": fanout},
    )
