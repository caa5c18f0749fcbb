"""LangGraph: `recursion_limit` bounds supersteps; a checkpointer on SQLite makes them durable."""

from __future__ import annotations

import asyncio
import operator
import os
import sqlite3
import time
from pathlib import Path
from typing import Annotated, Any, TypedDict

from driving import Asked, all_of, begin, drive, ended, fan_out
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send
from openai import AsyncOpenAI

STEPS = 10
"""Supersteps, which is all the budget there is."""


class State(TypedDict, total=False):
    """What travels through the graphs."""

    number: int
    answers: Annotated[list[str], operator.add]


def asking(asked: Asked) -> Any:
    """A node that asks the judge."""
    client = AsyncOpenAI(base_url=asked.url, api_key="nobody", max_retries=0, timeout=30)

    async def ask(state: State) -> State:
        said = await client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "question"}])
        return {"answers": [said.choices[0].message.content or ""]}

    return ask


async def one(asked: Asked) -> Any:
    return await all_of([asking(asked)({})])


async def loop(asked: Asked) -> Any:
    graph = StateGraph(State)
    graph.add_node("ask", asking(asked))
    graph.add_edge(START, "ask")
    graph.add_conditional_edges("ask", lambda state: "ask", ["ask"])
    return await all_of([graph.compile().ainvoke({"answers": []}, {"recursion_limit": STEPS})])


async def concurrent(asked: Asked) -> Any:
    """Fifty branches a superstep, again and again, until the limit on supersteps."""
    graph = StateGraph(State)
    graph.add_node("hub", lambda state: {"answers": []})
    graph.add_node("ask", asking(asked))
    graph.add_edge(START, "hub")
    graph.add_conditional_edges("hub", lambda state: [Send("ask", {"number": n}) for n in range(asked.count)], ["ask"])
    graph.add_edge("ask", "hub")
    return await all_of([graph.compile().ainvoke({"answers": []}, {"recursion_limit": STEPS})])


def one_node(latency: float) -> StateGraph[Any]:
    """A graph of one node that answers by itself."""

    async def ask(state: State) -> State:
        await asyncio.sleep(latency)
        return {"answers": [f"answer {state.get('number')}"]}

    graph = StateGraph(State)
    graph.add_node("ask", ask)
    graph.add_edge(START, "ask")
    graph.add_edge("ask", END)
    return graph


async def fanout(asked: Asked) -> Any:
    """A graph per agent, as whoever uses it for sub-agents has."""
    graph = one_node(asked.latency).compile()
    return await fan_out(lambda number: graph.ainvoke({"number": number, "answers": []}), asked)


def spreading(latency: float, count: int, log: Path | None = None) -> StateGraph[Any]:
    """One graph that sends a task per number to a bare function."""

    async def ask(state: State) -> State:
        await asyncio.sleep(latency * (1 + state["number"] % 5 if log else 1))
        if log:
            with log.open("a") as file:
                file.write(f"{state['number']}\n")
        return {"answers": [f"answer {state['number']}"]}

    graph = StateGraph(State)
    graph.add_node("ask", ask)
    graph.add_conditional_edges(START, lambda state: [Send("ask", {"number": n}) for n in range(count)], ["ask"])
    graph.add_edge("ask", END)
    return graph


async def fanout_send(asked: Asked) -> Any:
    """One graph for all of them."""
    before, cpu, wall = begin()
    config = {"max_concurrency": asked.limit} if asked.limit else {}
    kept = await spreading(asked.latency, asked.count).compile().ainvoke({"answers": []}, config)
    return ended(before, cpu, wall, asked, kept)


def chain(asked: Asked) -> Any:
    """So many durable invocations of one node, one after the other."""
    file = Path(asked.folder) / "langgraph.db"

    def ask(state: State) -> State:
        return {"answers": [f"answer {state['number']}"]}

    graph = StateGraph(State)
    graph.add_node("ask", ask)
    graph.add_edge(START, "ask")
    graph.add_edge("ask", END)
    with sqlite3.connect(file, check_same_thread=False) as connection:
        saver = SqliteSaver(connection)
        saver.setup()
        work = graph.compile(checkpointer=saver)
        cpu = time.process_time()
        for number in range(asked.count):
            state: Any = {"number": number, "answers": []}
            work.invoke(state, {"configurable": {"thread_id": f"{number}"}}, durability="sync")
        cpu = time.process_time() - cpu
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return {"cpu": cpu / asked.count, "bytes": file.stat().st_size / asked.count}


async def killed(asked: Asked) -> Any:
    """A fan-out of slow tasks, to be killed from outside and gone on with; every completion is a line in a file."""
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    folder = Path(asked.folder)
    config: Any = {"configurable": {"thread_id": "1"}}
    if asked.limit:
        config["max_concurrency"] = asked.limit
    async with AsyncSqliteSaver.from_conn_string(str(folder / "killed.db")) as saver:
        graph = spreading(asked.latency, asked.count, folder / "done.txt").compile(checkpointer=saver)
        is_again = (folder / "again").exists()
        (folder / "pid").write_text(str(os.getpid()))
        found = await graph.ainvoke(None if is_again else {"answers": []}, config, durability="sync")
    return {"answers": len(found["answers"])}


if __name__ == "__main__":
    drive(
        {
            "one": one,
            "loop": loop,
            "concurrent": concurrent,
            "fanout": fanout,
            "fanout_send": fanout_send,
            "chain": chain,
            "killed": killed,
        }
    )
