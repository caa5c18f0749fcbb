"""CrewAI: `max_iter` of each agent is its only limit on calls; nothing is shared between crews."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

os.environ |= {"OTEL_SDK_DISABLED": "true", "CREWAI_DISABLE_TELEMETRY": "true", "CREWAI_TRACING_ENABLED": "false"}

from crewai import LLM, Agent, Crew, Task  # the settings above are read as it is imported
from crewai.tools import tool
from driving import Asked, drive

STEPS = 10


@tool("noop")
def noop() -> str:
    """Do nothing."""
    return "again"


def run(asked: Asked) -> str:
    """One crew of one agent that uses its tool again and again."""
    llm = LLM(model="openai/gpt-4o", base_url=asked.url, api_key="nobody")
    type(llm).supports_function_calling = lambda self: False  # the judge speaks text, so tools are asked for in text
    agent = Agent(role="one", goal="answer", backstory="none", llm=llm, tools=[noop], max_iter=STEPS, cache=False)
    task = Task(description="question", expected_output="an answer", agent=agent)
    try:
        return str(Crew(agents=[agent], tasks=[task], verbose=False).kickoff())
    except Exception as error:  # noqa: BLE001  # because what it raises is how it ended
        return f"{type(error).__name__}: {str(error)[:80]}"


def one(asked: Asked) -> Any:
    LLM(model="openai/gpt-4o", base_url=asked.url, api_key="nobody").call("question")
    return {"returned": 1, "error": ""}


def loop(asked: Asked) -> Any:
    return {"returned": 1, "error": run(asked)[:80]}


def concurrent(asked: Asked) -> Any:
    with ThreadPoolExecutor(10) as threads:
        said = list(threads.map(lambda _: run(asked), range(10)))
    return {"returned": len(said), "error": said[0][:80]}


if __name__ == "__main__":
    drive({"one": one, "loop": loop, "concurrent": concurrent})
