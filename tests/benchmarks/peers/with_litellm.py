"""LiteLLM's own limits: the SDK's `max_budget`, `BudgetManager` as its pages show it, a Router's provider budget."""

from __future__ import annotations

import asyncio
import os
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm  # the setting above is read as it is imported
from driving import Asked, all_of, drive, until_refused

MESSAGES = [{"role": "user", "content": "question 000000"}]
READ, WRITE = 1e-6, 4e-6
"""USD per token, as the judge bills."""


def known(asked: Asked) -> dict[str, Any]:
    """A model whose price is known and whose provider is the judge."""
    litellm.suppress_debug_info = True
    price = {"input_cost_per_token": READ, "output_cost_per_token": WRITE}
    facts = {**price, "litellm_provider": "openai", "mode": "chat", "max_tokens": 4096}
    litellm.register_model({"openai/judged": facts, "judged": facts})
    return {"model": "openai/judged", "api_base": asked.url, "api_key": "nobody", "num_retries": 0, "max_retries": 0}


async def one(asked: Asked) -> Any:
    return await all_of([litellm.acompletion(messages=MESSAGES, **known(asked))])


async def max_budget(asked: Asked) -> Any:
    options = known(asked)
    litellm.max_budget = asked.usd
    told = await all_of(litellm.acompletion(messages=MESSAGES, **options) for _ in range(asked.count))
    return told | {"recorded": litellm._current_cost}


async def max_budget_loop(asked: Asked) -> Any:
    options = known(asked)
    litellm.max_budget = asked.usd
    return await until_refused(lambda: litellm.acompletion(messages=MESSAGES, **options), asked.count)


def managed(asked: Asked) -> Any:
    """A call as the documentation of BudgetManager shows it: look, ask, write down."""
    os.chdir(asked.folder)
    manager, options = litellm.BudgetManager(project_name="bench"), known(asked)
    manager.create_budget(total_budget=asked.usd, user="one")

    async def ask() -> None:
        if manager.get_current_cost("one") > manager.get_total_budget("one"):
            raise RuntimeError("the budget is spent")
        said = await litellm.acompletion(messages=MESSAGES, **options)
        manager.update_cost(completion_obj=said, user="one")

    return ask


async def manager(asked: Asked) -> Any:
    ask = managed(asked)
    return await all_of(ask() for _ in range(asked.count))


async def manager_loop(asked: Asked) -> Any:
    return await until_refused(managed(asked), asked.count)


async def router(asked: Asked) -> Any:
    options = known(asked)
    models = [{"model_name": "judged", "litellm_params": options}]
    limits = {"openai": {"budget_limit": asked.usd, "time_period": "1d"}}
    routed = litellm.Router(model_list=models, provider_budget_config=limits, num_retries=0)
    told = await all_of(routed.acompletion(model="judged", messages=MESSAGES) for _ in range(asked.count))
    await asyncio.sleep(0.5)
    return told


async def timeouts(asked: Asked) -> Any:
    """One call whose answers come too late, retried twice."""
    options = known(asked) | {"num_retries": 2, "max_retries": None, "timeout": 1.0}
    told = await all_of([litellm.acompletion(messages=MESSAGES, **options)])
    await asyncio.sleep(3)
    return told


if __name__ == "__main__":
    drive(
        {
            "one": one,
            "max_budget": max_budget,
            "max_budget_loop": max_budget_loop,
            "manager": manager,
            "manager_loop": manager_loop,
            "router": router,
            "timeouts": timeouts,
        }
    )
