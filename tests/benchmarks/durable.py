"""What durability costs: CPU, bytes and fdatasync per step, in a chain and 64 at a time, and the time to resume."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from typing import Any

from agentflow import Budget, Ladder, Price, Tier, resume, run
from agentflow.events import CallId, CallIntended, CallSettled, Event, RunStarted, StepFinished
from agentflow.store.sqlite import open_store
from agentflow.testing import chat
from agentflow.usage import Amount, Usage

from . import beside
from .engines import SteadyEngine
from .harness import Result, Table, at_most, bench, folder, fresh, syncs_of, writer_seconds
from .pipelines import chain, fan

ANSWER = chat(answer="yes")
PRICE = Price.per_million(1, 4)
SHAPES = {"chain": chain, "64-way": fan}
LATENCY = {"chain": 0.0, "64-way": 0.02}
"""Of the model, in seconds: without any, no two steps of a fan-out would ever be under way at once."""
PAYLOAD = "SELECT sum(length(inputs) + length(prediction)) FROM step"
RESPONSES = "SELECT sum(length(response)) FROM call"


def measure(chosen: argparse.Namespace) -> Result:
    """Steps through whole runs, the store alone, and a resumption."""
    small, large = (20, 60) if chosen.quick else (200, 1_200)
    rounds, calls = (1, 100) if chosen.quick else (3, 10_000)
    steps = [{"shape": s, "durability": d, "steps": large} for s in SHAPES for d in ("process", "power")]
    found = [(one, _least([fresh("durable", one) for _ in range(rounds)], "cpu")) for one in steps]
    syncs = {(one["shape"], one["durability"]): _syncs(one, small, large) for one in steps}
    alone = _least([fresh("durable", {"store_only": large}) for _ in range(rounds)], "cpu")
    resumed = resumption(calls)
    result = Result("Durable: what the journal costs")
    worst = max(step["bytes"] - step["payload"] for _, step in found)
    result.goals = [
        at_most("fdatasync per step with power durability, chain", syncs["chain", "power"], 2.1),
        at_most("fdatasync per step with power durability, 64-way", syncs["64-way", "power"], 0.1),
        at_most("journal CPU per step, the store driven alone", alone["cpu"] * 1e6, 60, unit=" µs"),
        at_most("journal bytes per step beyond payload", worst, 400, unit=" B"),
    ]
    rows = [
        [one["shape"], one["durability"], step["cpu"] * 1e6, step["writer"] * 1e6, step["bytes"], step["payload"],
         syncs[one["shape"], one["durability"]]]
        for one, step in found
    ]  # fmt: skip
    rows.append(
        ["store alone, chain", "process", alone["cpu"] * 1e6, alone["writer"] * 1e6, alone["bytes"], None, None]
    )
    columns = ("shape", "durability", "CPU µs/step", "writer µs/step", "bytes/step", "payload bytes", "fdatasync/step")
    result.tables = [
        Table("AgentFlow", columns, [[round(x, 2) if isinstance(x, float) else x for x in row] for row in rows]),
        Table("Resumption", ("what", "figure"), [[name, value] for name, value in resumed.items()]),
    ]
    if chosen.peers:
        result.tables.append(Table("Peers", columns, beside.durable_rows(small, large)))
    result.notes = NOTES if shutil.which("strace") else [*NOTES, "strace is not installed: fdatasync was not counted."]
    return result


NOTES = [
    "A step is one validated, metered and journaled call: an intent before the request, answer and settlement in one "
    "transaction, and the step's outcome. CPU is of the whole process, model, prompt and parsing included; writer is "
    "the journal's own thread. The store alone is driven with the same three sentences, each intent and settlement "
    "waited for, as in a chain: its whole process's CPU is the journal's. All on tmpfs, the round with the least CPU.",
    "In the chain the model answers at once, in the 64-way shape after 20 ms, so that 64 are under way at a time.",
    "Bytes are the database after closing, all tables and indexes; payload is inputs, prediction and the raw answer. "
    "fdatasync is counted by strace over two lengths of run on the disk and divided by the difference, so that opening "
    "and closing do not count. `process` survives kill -9, `power` survives power loss.",
    "The resumption: all calls answered, the process gone before the run was closed, and a new process that resumes "
    "it. The same run without a journal to read is the unbroken one beside it.",
]


def case(shape: str = "chain", durability: str = "process", steps: int = 0, **other: Any) -> dict[str, Any]:
    """One run of so many steps in this process; `store_only`, `resume` and `state` choose something else."""
    if "store_only" in other:
        return drive_store(int(other["store_only"]))
    if "resume" in other:
        return continue_run(Path(other["resume"]))
    in_memory = other.get("in_memory", True)
    with folder(in_memory=in_memory) as own:
        state = Path(other["state"]) if "state" in other else own
        cpu, wall, writer = time.process_time(), time.perf_counter(), WriterClock()
        run(
            SHAPES[shape](count=steps),
            ladder=_ladder(SteadyEngine(ANSWER, latency=LATENCY[shape])),
            budget=Budget(tokens=10**9),
            state=state,
            durability=durability,
            on_event=writer.look,
        )
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        sizes = journal_bytes(state / "state.db", steps)
        return {"cpu": cpu / steps, "wall": wall / steps, "writer": writer.seconds / steps, **sizes}


class WriterClock:
    """Reads the CPU of the writer's thread now and then, for it is gone when the run has ended."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._seen = 0

    def look(self, _event: Event) -> None:
        """One event was written."""
        self._seen += 1
        if self._seen % 50 == 0:
            self.seconds = writer_seconds()


def journal_bytes(database: Path, steps: int) -> dict[str, float]:
    """Size of the closed database per step, and how much of it is what the user asked to have kept."""
    with closing(sqlite3.connect(database)) as connection:
        payload = sum(int(connection.execute(query).fetchone()[0] or 0) for query in (PAYLOAD, RESPONSES))
        (empty,) = connection.execute("SELECT count(*) * 4096 FROM sqlite_schema WHERE rootpage > 0").fetchone()
    return {"bytes": (database.stat().st_size - empty) / steps, "payload": payload / steps}


def drive_store(steps: int) -> dict[str, Any]:
    """The journal without anybody who uses it: what a chain writes, waited for as a chain waits."""
    with folder() as state:
        store = open_store(state / "state.db")
        store.append(_opening()).result()
        store.claim("bench")
        started, writer = time.process_time(), writer_seconds()
        for number in range(steps):
            intent, settled, finished = sentences(number)
            store.append(intent).result()
            store.append(settled).result()
            last: Future[None] = store.append(finished)
        last.result()
        cpu, writer = time.process_time() - started, writer_seconds() - writer
        store.close()
        sizes = journal_bytes(state / "state.db", steps)
        return {"cpu": cpu / steps, "writer": writer / steps, **sizes}


def sentences(number: int) -> tuple[Event, Event, Event]:
    """What one step of a chain writes."""
    path = f"/ask#{number:016x}"
    id = CallId("bench", path, f"{number:032x}", 0, 0)
    reserved, spent = Amount(200_000, 200, 1), Amount(150_000, 150, 1)
    answer = '{"id":null,"model":"test/steady","text":"[[ ## answer ## ]]\\nyes\\n\\n[[ ## completed ## ]]\\n"}'
    finished = StepFinished(
        run="bench",
        path=path,
        step="ask",
        identity="0123456789abcdef",
        status="accepted",
        prediction='{"answer": "yes"}',
        attempts="[]",
        spent=spent,
        inputs=f'{{"question": "question {number:06d}"}}',
    )
    return (
        CallIntended(id, tier="test/steady", model="test/steady", reserved=reserved, bound="exact", cap=64),
        CallSettled(id, spent=spent, usage=Usage(120, 11), response=answer, finish="stop", seconds=0.1),
        finished,
    )


def resumption(calls: int) -> dict[str, Any]:
    """A run that died when every call was answered, gone on with in a new process."""
    with folder(in_memory=False) as state:
        died = {"shape": "64-way", "steps": calls, "state": str(state)}
        command = [sys.executable, "-m", "tests.benchmarks.durable", "--case", json.dumps(died)]
        subprocess.run(command, env={**os.environ, "BENCH_DIE": "1"}, capture_output=True, timeout=1_800)
        first = fresh("durable", {"shape": "64-way", "steps": calls})
        again = fresh("durable", {"resume": str(state)})
    return {
        "answered calls": calls,
        "wall of the resumption, s": round(again["wall"], 2),
        "wall of an unbroken run on tmpfs, s": round(first["wall"] * calls, 2),
        "CPU µs per replayed step": round(again["cpu"] / calls * 1e6),
        "calls asked again": again["asked"],
        "status": again["status"],
    }


def continue_run(state: Path) -> dict[str, Any]:
    """Resume the last run in *state*."""
    engine = SteadyEngine(ANSWER)
    cpu, wall = time.process_time(), time.perf_counter()
    outcome = resume("last", ladder=_ladder(engine), state=state)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {"cpu": cpu, "wall": wall, "asked": engine.calls, "status": outcome.status}


def _syncs(one: dict[str, Any], small: int, large: int) -> float | None:
    """fdatasync and fsync per step; None without strace."""
    if shutil.which("strace") is None:
        return None
    counts = [count_syncs("durable", {**one, "steps": steps, "in_memory": False}) for steps in (small, large)]
    return (counts[1] - counts[0]) / (large - small)


def count_syncs(name: str, asked: dict[str, Any]) -> int:
    """How often a case asks the disk to be sure."""
    command = [sys.executable, "-m", f"tests.benchmarks.{name}", "--case", json.dumps(asked)]
    return syncs_of(command)


def _least(found: Sequence[dict[str, Any]], by: str) -> dict[str, Any]:
    return min(found, key=lambda one: float(one[by]))


def _ladder(engine: SteadyEngine) -> Ladder:
    return Ladder(Tier("test/steady", max_tokens=64, engine=engine, price=PRICE))


def _opening() -> RunStarted:
    return RunStarted("bench", pipeline="", source_hash="", arguments="{}", budget="{}", ladder="[]", prices="{}")


if __name__ == "__main__":
    bench("durable", measure, case=case)
