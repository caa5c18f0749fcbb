"""Inspect: `token_limit` as a scope around concurrent calls; its connection pool bounds what is in flight."""

from __future__ import annotations

from typing import Any

from driving import Asked, all_of, drive, until_refused
from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.util import token_limit

PROMPT = "question 000000"


def model(asked: Asked, connections: int = 100) -> Any:
    """A model whose provider is the judge."""
    config = GenerateConfig(max_connections=connections, max_retries=0)
    return get_model(
        "openai/gpt-4o", base_url=asked.url, api_key="nobody", memoize=False, config=config, responses_api=False
    )


async def one(asked: Asked) -> Any:
    return await all_of([model(asked).generate(PROMPT)])


async def concurrent(asked: Asked) -> Any:
    who = model(asked)
    with token_limit(asked.tokens):
        return await all_of([who.generate(PROMPT) for _ in range(asked.count)])


async def concurrent_pool(asked: Asked) -> Any:
    who = model(asked, connections=10)
    with token_limit(asked.tokens):
        return await all_of([who.generate(PROMPT) for _ in range(asked.count)])


async def loop(asked: Asked) -> Any:
    who = model(asked)
    with token_limit(asked.tokens):
        return await until_refused(lambda: who.generate(PROMPT), asked.count)


async def fat(asked: Asked) -> Any:
    who = model(asked)
    with token_limit(asked.tokens):
        return await all_of([who.generate(PROMPT)])


if __name__ == "__main__":
    drive({"one": one, "concurrent": concurrent, "concurrent_pool": concurrent_pool, "loop": loop, "fat": fat})
