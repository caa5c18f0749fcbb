"""smolagents: `max_steps` of each agent is its only limit; nothing is shared between agents."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from driving import Asked, drive
from smolagents import OpenAIServerModel, ToolCallingAgent, tool

STEPS = 10


@tool
def noop() -> str:
    """Do nothing."""
    return "again"


def run(asked: Asked, steps: int = STEPS) -> str:
    """One agent that calls its tool again and again."""
    model = OpenAIServerModel("gpt-4o", api_base=asked.url, api_key="nobody")
    try:
        return str(ToolCallingAgent(tools=[noop], model=model, max_steps=steps, verbosity_level=0).run("question"))
    except Exception as error:  # noqa: BLE001  # because what it raises is how it ended
        return f"{type(error).__name__}: {str(error)[:80]}"


def one(asked: Asked) -> Any:
    model = OpenAIServerModel("gpt-4o", api_base=asked.url, api_key="nobody")
    model.generate([{"role": "user", "content": [{"type": "text", "text": "question"}]}])
    return {"returned": 1, "error": ""}


def loop(asked: Asked) -> Any:
    return {"returned": 1, "error": run(asked)[:80]}


def concurrent(asked: Asked) -> Any:
    with ThreadPoolExecutor(asked.count) as threads:
        said = list(threads.map(lambda _: run(asked), range(asked.count)))
    return {"returned": len(said), "error": said[0][:80]}


if __name__ == "__main__":
    drive({"one": one, "loop": loop, "concurrent": concurrent})
