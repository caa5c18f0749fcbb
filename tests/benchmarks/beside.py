"""Peers: other libraries on the same machine and before the same judge, each in an environment of its own.

A peer that cannot be installed or driven is a row that says so; no figure is ever made up for it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agentflow.testing import LoopbackProvider, Reply

from .harness import Table, answer_of, cpu_ms, folder, say, syncs_of

SCRIPTS = Path(__file__).with_name("peers")
Row = list[Any]
ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    "agents": (
        "pydantic-ai-slim[openai]==2.68.0",
        "openai-agents==0.24.0",
        "smolagents[openai]==1.26.0",
        "langgraph==1.2.22",
        "langgraph-checkpoint-sqlite==3.1.2",
        "dbos==3.4.0",
    ),
    "inspect": ("inspect-ai==0.3.285", "openai"),
    "crewai": ("crewai==1.15.30",),
    "own": (),
}
"""Pinned together where the pins allow it; `own` is AgentFlow's environment, which has DSPy and LiteLLM."""


@dataclass(frozen=True, slots=True)
class Drive:
    """One scenario of one peer before the judge."""

    peer: str
    environment: str
    script: str
    scenario: str
    what: str
    answer: Any = field(default_factory=lambda: Reply("x" * 200))
    count: int = 50
    latency: float = 0.05
    resource: str = "tokens"
    note: str = ""


TOOL_OF_SMOLAGENTS = '{"name": "noop", "arguments": {}}'
TOOL_OF_CREWAI = "Thought: go on\nAction: noop\nAction Input: {}\n"
LATE, SILENT = Reply("x" * 200, latency=3.0), Reply("x" * 200, reports_usage=False)
FAT = Reply("x" * 64_000)

_AGENTS = ("pydantic-ai 2.68", "agents", "with_pydantic_ai")
_OPENAI = ("OpenAI Agents 0.24", "agents", "with_openai_agents")
_GRAPH = ("LangGraph 1.2.22", "agents", "with_langgraph")
_SMOL = ("smolagents 1.26", "agents", "with_smolagents")
_INSPECT = ("Inspect 0.3.285", "inspect", "with_inspect")
_CREW = ("CrewAI 1.15.30", "crewai", "with_crewai")
_LITELLM = ("LiteLLM 1.106.2", "own", "with_litellm")

DRIVES: tuple[Drive, ...] = (
    Drive(*_AGENTS, "concurrent", "50 at once", note="total_tokens_limit, one RunUsage for all"),
    Drive(*_AGENTS, "loop", "one loop"),
    Drive(*_AGENTS, "timeouts", "timeouts, SDK retries", answer=LATE, note="20 runs, two retries each"),
    Drive(*_AGENTS, "streams", "streams without usage", answer=SILENT, note="30 runs"),
    Drive(*_AGENTS, "fat", "a 16,000-token completion", answer=FAT),
    Drive(*_AGENTS, "unknown_price", "unknown price, 50 at once", resource="usd", note="cost_limit warns"),
    Drive(*_OPENAI, "concurrent", "50 at once", note="no budget; a guard in RunHooks"),
    Drive(*_OPENAI, "loop", "one loop", note="the same guard"),
    Drive(*_OPENAI, "timeouts", "timeouts, SDK retries", answer=LATE, note="20 runs, two retries each"),
    Drive(*_OPENAI, "fat", "a 16,000-token completion", answer=FAT),
    Drive(*_GRAPH, "concurrent", "50-way Send, again and again", note="recursion_limit=10"),
    Drive(*_GRAPH, "loop", "one loop", note="recursion_limit=10"),
    Drive(
        *_SMOL, "concurrent", "50 agents at once", answer=TOOL_OF_SMOLAGENTS, resource="calls", note="max_steps=10 each"
    ),
    Drive(*_SMOL, "loop", "one loop", answer=TOOL_OF_SMOLAGENTS, resource="calls", note="max_steps=10"),
    Drive(*_LITELLM, "max_budget", "50 at once", resource="usd", note="litellm.max_budget"),
    Drive(*_LITELLM, "max_budget_loop", "one loop, stopped at 50", resource="usd", note="litellm.max_budget"),
    Drive(*_LITELLM, "manager", "50 at once", resource="usd", note="BudgetManager"),
    Drive(*_LITELLM, "manager_loop", "one loop", resource="usd", note="BudgetManager"),
    Drive(*_LITELLM, "router", "50 at once", resource="usd", note="Router, provider_budget_config"),
    Drive(*_INSPECT, "concurrent", "50 at once", note="token_limit, max_connections=100"),
    Drive(*_INSPECT, "concurrent_pool", "50 at once", note="token_limit, max_connections=10"),
    Drive(*_INSPECT, "loop", "one loop", note="token_limit"),
    Drive(*_INSPECT, "fat", "a 16,000-token completion", answer=FAT, note="token_limit"),
    Drive(*_CREW, "concurrent", "10 crews at once", answer=TOOL_OF_CREWAI, resource="calls", note="max_iter=10 each"),
    Drive(*_CREW, "loop", "one loop", answer=TOOL_OF_CREWAI, resource="calls", note="max_iter=10"),
)
NOT_DRIVEN = (
    "Not driven here: LiteLLM's proxy and its reservations (it wants a proxy with its database; read from its source "
    "and driven in-process elsewhere, its strict mode kept 1.0x with an honest max_tokens and 5.0x with an unknown "
    "price), AutoGen, the closed budgets of hosted agents. No peer has an account that several processes share without "
    "a server, so four processes and SIGKILL have no row. A limit is worth ten calls of the size that the peer's own "
    "first, separate call was billed; where only steps can be limited, ten calls."
)


def overshoot_tables(*, quick: bool) -> list[Table]:
    """What the judge billed each of them."""
    columns = ("peer", "what", "limit", "billed", "billed / limit", "calls billed", "note")
    drives = DRIVES[:1] if quick else DRIVES
    return [Table("Peers, before the same judge", columns, [_billed(one) for one in drives], NOT_DRIVEN)]


def _billed(one: Drive) -> list[Any]:
    try:
        limit, billed, calls = _judged(one)
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        return [one.peer, one.what, None, None, None, None, f"could not be driven: {str(error)[-120:]}"]
    return [one.peer, one.what, limit, billed, round(billed / limit, 2), calls, one.note]


def _judged(one: Drive) -> tuple[int, int, int]:
    """Limit, bill and calls of one scenario."""
    plain = Reply("x" * 200) if isinstance(one.answer, Reply) else one.answer
    with LoopbackProvider(plain) as provider, folder() as here:
        _ask(one, "one", {"url": provider.url, "folder": str(here)})
        tokens, nano = 10 * provider.tokens, 10 * provider.nano_usd
    with LoopbackProvider(one.answer, latency=one.latency) as provider, folder() as here:
        asked = {"url": provider.url, "tokens": tokens, "usd": nano / 1e9, "count": one.count, "folder": str(here)}
        _ask(one, one.scenario, asked)
        provider.idle(timeout=10)
        if one.resource == "calls":
            return 10, provider.billed_calls, provider.billed_calls
        if one.resource == "usd":
            return nano, provider.nano_usd, provider.billed_calls
        return tokens, provider.tokens, provider.billed_calls


def fanout_rows(agents: int) -> list[list[Any]]:
    """The same fan-outs as AgentFlow's, on models that answer by themselves."""
    peers = (
        ("DSPy, gather", "own", "with_dspy", "fanout"),
        ("DSPy, dspy.Parallel", "own", "with_dspy", "fanout_parallel"),
        ("LangGraph, a graph each", "agents", "with_langgraph", "fanout"),
        ("LangGraph, one graph, Send", "agents", "with_langgraph", "fanout_send"),
        ("OpenAI Agents", "agents", "with_openai_agents", "fanout"),
        ("pydantic-ai", "agents", "with_pydantic_ai", "fanout"),
    )
    rows = []
    for label, environment, script, scenario in peers:
        for limit in (0, 64):
            asked = {"count": agents, "limit": limit, "latency": 0.1}
            rows.append(_told(label, _fanned, Drive(label, environment, script, scenario, ""), asked))
    return rows


def _fanned(one: Drive, asked: dict[str, Any]) -> list[Any]:
    found = _ask(one, one.scenario, asked)
    size = found["agents"]
    return [
        one.peer,
        size,
        asked["limit"] or "all",
        round(found["cpu"] / size * 1e6),
        round(found["wall"], 2),
        round(found["ideal"], 2),
        round(found["wall"] / found["ideal"], 2),
        round(found["peak"] / size * 1_000, 2),
        round(found["held"] / size * 1_000, 2),
    ]


def durable_rows(small: int, large: int) -> list[list[Any]]:
    """A step made durable by others: CPU, bytes and fdatasync."""
    peers = (
        ("LangGraph SqliteSaver, one node per invocation", "agents", "with_langgraph", "chain"),
        ("DBOS on SQLite, steps of one workflow", "agents", "with_dbos", "chain"),
        ("DBOS on SQLite, a workflow per step", "agents", "with_dbos", "workflows"),
    )
    return [
        _told(label, _durable, Drive(label, environment, script, scenario, ""), {"small": small, "large": large})
        for label, environment, script, scenario in peers
    ]


def _durable(one: Drive, asked: dict[str, Any]) -> list[Any]:
    counts = []
    for count in (asked["small"], asked["large"]):
        with folder(in_memory=False) as here:
            counts.append(syncs_of(_command(one, one.scenario, {"count": count, "folder": str(here)})))
    with folder() as here:
        found = _ask(one, one.scenario, {"count": asked["large"], "folder": str(here)})
    per_step = (counts[1] - counts[0]) / (asked["large"] - asked["small"])
    cpu, size = round(found["cpu"] * 1e6), round(found["bytes"])
    return [one.peer, "power", cpu, None, size, None, round(per_step, 2)]


def kill_rows() -> list[list[Any]]:
    """LangGraph's fan-out killed in the middle and gone on with: which completed tasks run again."""
    rows = []
    for limit in (6, 0):
        how = f"Send, 24 tasks, max_concurrency={limit}" if limit else "Send, 24 tasks, all at once"
        rows.append(_told("LangGraph AsyncSqliteSaver", _killed, Drive(*_GRAPH, "killed", how), {"limit": limit}))
    return rows


def _killed(one: Drive, asked: dict[str, Any]) -> list[Any]:
    with folder(in_memory=False) as here:
        given = {"count": 24, "limit": asked["limit"], "latency": 0.2, "folder": str(here)}
        with subprocess.Popen(_command(one, "killed", given), stdout=subprocess.DEVNULL) as first:
            done = here / "done.txt"
            while len(_lines(done)) < 10 and first.poll() is None:
                time.sleep(0.02)
            first.kill()
        completed = set(_lines(done))
        (here / "again").touch()
        _ask(one, "killed", given)
        again = _lines(done)[len(completed) :]
        return [one.peer, one.what, len(completed), sum(task in completed for task in again)]


def import_rows(times: int) -> list[list[Any]]:
    """What importing each of them adds to an empty interpreter."""
    peers = (
        ("pydantic_ai", "agents", "from pydantic_ai import Agent"),
        ("agents (OpenAI)", "agents", "import agents"),
        ("langgraph.graph", "agents", "import langgraph.graph"),
        ("smolagents", "agents", "import smolagents"),
        ("dbos", "agents", "import dbos"),
        ("inspect_ai", "inspect", "import inspect_ai"),
        ("crewai", "crewai", "import crewai"),
    )
    rows: list[list[Any]] = []
    for label, environment, line in peers:
        python = str(python_of(environment))
        with folder() as here:
            nothing = cpu_ms([python, "-c", "pass"], times, here)
            rows.append([f"import {label}", round(cpu_ms([python, "-c", line], times, here) - nothing)])
    return rows


# environments


def python_of(environment: str) -> Path:
    """The interpreter of an environment, installed on first use. Raises `RuntimeError` when that fails."""
    pins = ENVIRONMENTS[environment]
    if not pins:
        return Path(sys.executable)
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "agentflow-peers" / environment
    stamp, text = home / "ready", "\n".join(pins)
    if not stamp.is_file() or stamp.read_text() != text:
        say(f"installing {', '.join(pins)} into {home}, once")
        install = [str(home / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *pins]
        for command in ([sys.executable, "-m", "venv", str(home)], install):
            done = subprocess.run(command, capture_output=True, text=True, timeout=1_800)
            if done.returncode:
                raise RuntimeError(f"{environment} could not be installed: {done.stderr[-500:]}")
        stamp.write_text(text)
    return home / "bin" / "python"


def _ask(one: Drive, scenario: str, asked: dict[str, Any]) -> dict[str, Any]:
    return answer_of(_command(one, scenario, asked), timeout=600)


def _command(one: Drive, scenario: str, asked: dict[str, Any]) -> list[str]:
    script = SCRIPTS / f"{one.script}.py"
    return [str(python_of(one.environment)), str(script), scenario, json.dumps(asked)]


def _told(
    label: str, work: Callable[[Drive, dict[str, Any]], list[Any]], one: Drive, asked: dict[str, Any]
) -> list[Any]:
    """A row, or one that says why there is none."""
    try:
        return work(one, asked)
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        return [label, f"could not be driven: {str(error)[-120:]}"]


def _lines(file: Path) -> Sequence[str]:
    return file.read_text().split() if file.exists() else []
