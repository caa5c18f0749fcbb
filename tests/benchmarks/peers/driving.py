"""What every peer's script shares: one scenario by name, one line of JSON with what came of it.

The scripts run in environments of their own, without AgentFlow; the provider that bills them is the benchmark's.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import warnings
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FIFTY = 50
LATENCY = 0.1


@dataclass(frozen=True)
class Asked:
    """What the benchmark wants."""

    url: str = ""
    tokens: int = 0
    """The limit."""
    usd: float = 0.0
    """The same in money, at the price the provider bills."""
    count: int = FIFTY
    limit: int = 0
    """How many at once; 0: all."""
    folder: str = "."
    latency: float = 0.0


def drive(scenarios: dict[str, Callable[[Asked], Any]]) -> None:
    """Perform the scenario that the command line names, and say what came of it."""
    warnings.simplefilter("ignore")
    os.environ.setdefault("OPENAI_API_KEY", "nobody")
    asked = Asked(**json.loads(sys.argv[2]))
    found = scenarios[sys.argv[1]](asked)
    told = asyncio.run(found) if asyncio.iscoroutine(found) else found
    sys.stdout.write("RESULT " + json.dumps(told) + "\n")
    sys.stdout.flush()
    os._exit(0)  # what frameworks leave running is not waited for


async def all_of(work: Iterable[Awaitable[Any]]) -> dict[str, Any]:
    """Everything at once: how many came back, and what the first of the others said."""
    ended = await asyncio.gather(*work, return_exceptions=True)
    errors = [error for error in ended if isinstance(error, BaseException)]
    return {"returned": len(ended) - len(errors), "error": _short(errors[0]) if errors else ""}


async def until_refused(ask: Callable[[], Awaitable[Any]], most: int) -> dict[str, Any]:
    """One after the other until somebody says no, or for so many."""
    for number in range(most):
        try:
            await ask()
        except Exception as error:  # noqa: BLE001  # because each framework has its own way to say no
            return {"returned": number, "error": _short(error)}
    return {"returned": most, "error": ""}


async def fan_out(step: Callable[[int], Awaitable[Any]], asked: Asked) -> dict[str, float]:
    """So many steps, all at once or so many at a time: wall, CPU and memory."""
    await asyncio.gather(*(step(number) for number in range(30)))
    before, cpu, wall = begin()
    places = asyncio.Semaphore(asked.limit or asked.count)

    async def one(number: int) -> Any:
        async with places:
            return await step(number)

    kept = await asyncio.gather(*(one(number) for number in range(asked.count)))
    return ended(before, cpu, wall, asked, kept)


def begin() -> tuple[float, float, float]:
    """Memory, CPU and wall before."""
    Path("/proc/self/clear_refs").write_text("5")
    return status("VmRSS"), time.process_time(), time.perf_counter()


def ended(before: float, cpu: float, wall: float, asked: Asked, kept: Any) -> dict[str, float]:
    """What it took, while *kept* is still in hand."""
    assert kept is not None
    return {
        "agents": asked.count,
        "cpu": time.process_time() - cpu,
        "wall": time.perf_counter() - wall,
        "ideal": asked.latency * -(-asked.count // (asked.limit or asked.count)),
        "peak": status("VmHWM") - before,
        "held": status("VmRSS") - before,
    }


def status(key: str) -> float:
    """MiB of a kind of memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key)) / 1024


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:80]}"
