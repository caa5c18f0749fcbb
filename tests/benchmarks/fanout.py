"""Fan-out: 1,000 and 10,000 sub-agents of one step each, whose model takes 100 ms: wall, CPU and memory per agent."""

from __future__ import annotations

import argparse
import time
from typing import Any

from agentflow import Budget, Ladder, Price, Step, Tier, agents, pipeline, run
from agentflow import validators as v
from agentflow.testing import chat

from . import beside
from .engines import SteadyEngine
from .harness import Result, Table, at_most, bench, folder, forget_peak, fresh, peak_mib, resident_mib, share_mib

LATENCY = 0.1
PRICE = Price.per_million(1, 4)
ANSWER = chat(reason="because", answer="42")

answer = Step("question -> reason, answer: int", validate=v.between("answer", 42, 42), name="answer")


@pipeline
async def spawn_all(agents_: int, limit: int) -> int:
    """Children that stay in hand until the block ends, as whoever wants all their outcomes has them."""
    async with agents(limit=limit) as team:
        for number in range(agents_):
            team.spawn(answer, question=f"question {number:05d}")
    return sum(child.outcome.accepted for child in team.children)


@pipeline
async def map_all(agents_: int, limit: int) -> int:
    """Children that are dropped as soon as their result is taken."""
    accepted = 0
    async with agents(limit=limit) as team:
        async for child in team.map(answer, ({"question": f"question {n:05d}"} for n in range(agents_))):
            accepted += child.outcome.accepted
    return accepted


COLUMNS = (
    "how",
    "agents",
    "limit",
    "CPU µs/agent",
    "wall s",
    "ideal s",
    "wall / ideal",
    "peak MB/1,000",
    "held PSS MB/1,000",
)
SHAPES = {"spawn": spawn_all, "map": map_all}


def measure(chosen: argparse.Namespace) -> Result:
    """Every size and limit in a process of its own, against one agent after the other."""
    sizes = (50, 200) if chosen.quick else (1_000, 10_000)
    rounds = 1 if chosen.quick else 3
    alone = _best("spawn", sizes[0], 1, 0.0, rounds)
    cases = [(shape, size, limit) for size in sizes for shape in SHAPES for limit in (size, 64)]
    found = {case: _best(*case, LATENCY, rounds) for case in cases}
    small, large = sizes
    at_once, pooled, mapped = found["spawn", small, small], found["spawn", large, 64], found["map", large, 64]
    ratio = at_once["cpu"] / at_once["agents"] / (alone["cpu"] / alone["agents"])
    memory = f"memory per 1,000 of {large:,} agents at limit 64"
    result = Result("Fan-out: many sub-agents at once")
    result.goals = [
        at_most(f"CPU per agent, {small:,} live / one after the other", ratio, 1.2, unit="x"),
        at_most(f"wall / ideal, {large:,} agents at limit 64", pooled["wall"] / pooled["ideal"], 1.15, unit="x"),
        at_most(f"{memory}, spawned and kept", _per_thousand(pooled), 3, unit=" MB"),
        at_most(f"{memory}, mapped and dropped", _per_thousand(mapped), 3, unit=" MB"),
    ]
    rows = [_row("one after the other, no latency", 1, alone)]
    rows += [_row(shape, limit, found[shape, size, limit]) for shape, size, limit in cases]
    result.tables = [Table("AgentFlow", COLUMNS, rows)]
    if chosen.peers:
        result.tables.append(Table("Peers, same machine, same sitting", COLUMNS, beside.fanout_rows(small)))
    result.notes = [
        "Each agent is one validated, metered and journaled step on an engine that sleeps 100 ms on the loop. Every "
        "case is a fresh process with 30 agents of warm-up, the journal on tmpfs, process durability. CPU is all "
        f"threads of the process, the journal's writer included; the figure is the best of {rounds} rounds. Peak is "
        "VmHWM after a reset minus RSS after warm-up; held is PSS from smaps_rollup.",
        "The ideal wall is latency x ceil(agents / limit). Unlimited means a limit equal to the number of agents.",
    ]
    return result


def case(shape: str, size: int, limit: int, latency: float) -> dict[str, Any]:
    """One fan-out in this process."""
    with folder() as state:
        _spend(shape, 30, 30, SteadyEngine(ANSWER), state)
        forget_peak()
        before, share = resident_mib(), share_mib()
        cpu, wall = time.process_time(), time.perf_counter()
        accepted = _spend(shape, size, limit, SteadyEngine(ANSWER, latency=latency), state)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        assert accepted == size, f"{accepted} of {size} accepted"
        ideal = max(latency, 1e-9) * -(-size // limit)
        grown, held = peak_mib() - before, share_mib() - share
        return {"agents": size, "cpu": cpu, "wall": wall, "ideal": ideal, "peak": grown, "held": held}


def _spend(shape: str, size: int, limit: int, engine: SteadyEngine, state: Any) -> Any:
    tier = Tier("test/steady", max_tokens=64, engine=engine, price=PRICE)
    call = SHAPES[shape](agents_=size, limit=limit)
    return run(call, ladder=Ladder(tier), budget=Budget(tokens=10**9), state=state, resumable=False).value


def _best(shape: str, size: int, limit: int, latency: float, rounds: int) -> dict[str, Any]:
    """The round that took least CPU; its memory is the round's own."""
    asked = {"shape": shape, "size": size, "limit": limit, "latency": latency}
    return min((fresh("fanout", asked) for _ in range(rounds)), key=lambda found: found["cpu"])


def _per_thousand(found: dict[str, Any]) -> float:
    return float(found["peak"] / found["agents"] * 1_000)


def _row(how: str, limit: int, found: dict[str, Any]) -> list[Any]:
    size = found["agents"]
    shown = "all" if limit == size else limit
    is_timed = found["ideal"] >= LATENCY
    return [
        how,
        size,
        shown,
        round(found["cpu"] / size * 1e6),
        round(found["wall"], 2),
        round(found["ideal"], 2) if is_timed else "-",
        round(found["wall"] / found["ideal"], 2) if is_timed else "-",
        round(_per_thousand(found), 2),
        round(found["held"] / size * 1_000, 2),
    ]


if __name__ == "__main__":
    bench("fanout", measure, case=case)
