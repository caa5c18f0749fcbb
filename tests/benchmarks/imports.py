"""Start-up: what importing AgentFlow and starting its command costs in CPU, beside the libraries it competes with."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import beside
from .harness import Result, Table, at_most, bench, cpu_ms, folder

AGENTFLOW = Path(sys.executable).with_name("agentflow")


def measure(chosen: argparse.Namespace) -> Result:
    """The least CPU of some starts, caches warm."""
    times = 2 if chosen.quick else 15
    with folder() as empty:
        nothing = cpu_ms([sys.executable, "-c", "pass"], times, empty)
        imported = cpu_ms([sys.executable, "-c", "import agentflow"], times, empty) - nothing
        commands = {words: cpu_ms([str(AGENTFLOW), words], times, empty) for words in ("--help", "status", "runs")}
        stdlib = [
            [f"import {name}", round(cpu_ms([sys.executable, "-c", f"import {name}"], times, empty) - nothing)]
            for name in ("asyncio, json, sqlite3", "pydantic", "numpy", "dspy", "litellm")
        ]
    result = Result("Start-up: import and command line")
    result.goals = [
        at_most("CPU of `import agentflow`", imported, 60, unit=" ms"),
        *(at_most(f"CPU of `agentflow {words}`", ms, 150, unit=" ms") for words, ms in commands.items()),
    ]
    rows = [["python -c pass", round(nothing)], ["import agentflow", round(imported)]]
    rows += [[f"agentflow {words}", round(ms)] for words, ms in commands.items()]
    result.tables = [
        Table("AgentFlow", ("start", "CPU ms"), rows),
        Table("What stands around it", ("start", "CPU ms"), stdlib),
    ]
    if chosen.peers:
        result.tables.append(Table("Peers", ("start", "CPU ms"), beside.import_rows(times)))
    result.notes = [
        f"User and system time of the whole process, the least of {times} starts, byte code and page cache warm. An "
        "import counts what it adds to an empty interpreter; a command counts whole, the interpreter included.",
    ]
    return result


if __name__ == "__main__":
    bench("imports", measure)
