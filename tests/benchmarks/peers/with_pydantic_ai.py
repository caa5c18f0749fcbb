"""pydantic-ai: `UsageLimits` over one shared `RunUsage`, its own way to bound several runs together."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from driving import Asked, all_of, drive, fan_out, until_refused
from openai import AsyncOpenAI
from pydantic_ai import Agent, ModelRetry, RunUsage, UsageLimits
from pydantic_ai.messages import ModelResponse, TextPart
from pydantic_ai.models.function import FunctionModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

PROMPT = "question 000000"


def agent(asked: Asked, *, model: str = "gpt-4o", **client: Any) -> Agent[None, str]:
    """An agent whose provider is the judge."""
    options = {"timeout": 30, "max_retries": 0, **client}
    provider = OpenAIProvider(openai_client=AsyncOpenAI(base_url=asked.url, api_key="nobody", **options))
    return Agent(OpenAIChatModel(model, provider=provider))


def tokens(asked: Asked) -> UsageLimits:
    return UsageLimits(total_tokens_limit=asked.tokens, request_limit=None)


async def one(asked: Asked) -> Any:
    return await all_of([agent(asked).run(PROMPT)])


async def concurrent(asked: Asked) -> Any:
    who, usage = agent(asked), RunUsage()
    return await all_of(who.run(PROMPT, usage=usage, usage_limits=tokens(asked)) for _ in range(asked.count))


async def loop(asked: Asked) -> Any:
    who, usage = agent(asked), RunUsage()
    return await until_refused(lambda: who.run(PROMPT, usage=usage, usage_limits=tokens(asked)), asked.count)


async def timeouts(asked: Asked) -> Any:
    who, usage = agent(asked, timeout=1.0, max_retries=2), RunUsage()
    work = [who.run(PROMPT, usage=usage, usage_limits=tokens(asked)) for _ in range(20)]
    return await all_of(work) | {"recorded": usage.total_tokens}


async def streams(asked: Asked) -> Any:
    who, usage = agent(asked), RunUsage()

    async def stream() -> None:
        async with who.run_stream(PROMPT, usage=usage, usage_limits=tokens(asked)) as streamed:
            await streamed.get_output()

    return await until_refused(stream, 30)


async def one_limited(asked: Asked) -> Any:
    return await all_of([agent(asked).run(PROMPT, usage_limits=tokens(asked))])


async def unknown_price(asked: Asked) -> Any:
    who, usage = agent(asked, model="my-new-model"), RunUsage()
    limits = UsageLimits(cost_limit=Decimal(str(asked.usd)), request_limit=None)
    return await all_of(who.run(PROMPT, usage=usage, usage_limits=limits) for _ in range(asked.count))


async def fanout(asked: Asked) -> Any:
    async def model(messages: Any, info: Any) -> ModelResponse:
        await asyncio.sleep(asked.latency)
        return ModelResponse(parts=[TextPart("42 because")])

    who: Agent[None, str] = Agent(FunctionModel(model))

    @who.output_validator
    async def is_right(said: str) -> str:
        if not said.startswith("42"):
            raise ModelRetry("wrong")
        return said

    return await fan_out(lambda number: who.run(f"question {number:05d}"), asked)


if __name__ == "__main__":
    drive(
        {
            "one": one,
            "concurrent": concurrent,
            "loop": loop,
            "timeouts": timeouts,
            "streams": streams,
            "fat": one_limited,
            "unknown_price": unknown_price,
            "fanout": fanout,
        }
    )
