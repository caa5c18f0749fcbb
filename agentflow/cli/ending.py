"""How a run ended, for programs: one JSON object, printed and kept as `result.json` on every ending."""

from __future__ import annotations

import json
import os
import shlex
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agentflow.cli.exits import Exit
from agentflow.cli.options import read_store
from agentflow.errors import AgentFlowError
from agentflow.report import SCHEMA, Report, summarise
from agentflow.report.export import amount_json, plain
from agentflow.settings import Settings
from agentflow.store import RunRow

FILE = "result.json"


@dataclass(frozen=True, slots=True)
class Ending:
    """What one sitting came to."""

    run: str
    """Empty when no run came to be."""
    status: str
    exit: Exit
    error: str = ""
    """In words, empty when nothing went wrong."""
    row: RunRow | None = None
    """None: the journal could not be read."""
    report: Report | None = None

    def to_json(self) -> dict[str, Any]:
        """One object, with the same keys on every ending; null means unknown."""
        report, row = self.report, self.row
        stop = report.stop if report else None
        return {
            "schema": SCHEMA,
            "kind": "result",
            "run": self.run or None,
            "pipeline": row.pipeline if row else None,
            "status": self.status,
            "exit_code": int(self.exit),
            "error": self.error or None,
            "value": json.loads(row.value) if row else None,
            "partial": json.loads(row.partial or "{}") if row else None,
            "kept": {name: _loads(text) for name, text in report.kept.items()} if report else None,
            "usd": amount_json(report.spent)["usd"] if report else None,
            "spent": amount_json(report.spent) if report else None,
            "unknown": amount_json(report.unknown) if report else None,
            "over_bound": amount_json(report.over_bound) if report else None,
            "from_cassette": report.calls.from_cassette if report else None,
            "budget": plain(report.budget) if report else None,
            "steps": plain(report.outcomes) if report else None,
            "agents": plain(report.agents) if report else None,
            "limit_hit": (row.limit_hit if row else "") or None,
            "feedback": (stop.feedback if stop else "") or None,
            "resume": (stop.command if stop else self._cut_off) or None,
        }

    @property
    def _cut_off(self) -> str:
        """How to go on with a run that this process still holds while it is being ended."""
        return f"agentflow resume {self.run}" if self.run and self.status == "cancelled" else ""


def read_ending(settings: Settings, run: str, *, status: str, exit: Exit, error: str = "") -> Ending:
    """The ending with everything the journal knows; without it where the journal cannot be read."""
    if not run:
        return Ending("", status, exit, error)
    try:
        with closing(read_store(settings)) as store:
            return Ending(run, status, exit, error, store.run(run), here(summarise(store, run), settings))
    except AgentFlowError as unreadable:
        code = Exit.CONFIGURATION if exit is Exit.ACCEPTED else exit  # what was accepted could not be handed over
        return Ending(run, status, code, error or str(unreadable))


def here(report: Report, settings: Settings) -> Report:
    """*report*, with a way on that finds the same journal when it is typed as it stands."""
    if report.stop is None or not report.stop.command or settings.origins.get("state") != "flag":
        return report
    command = f"{report.stop.command} --state {shlex.quote(str(settings.state))}"
    return replace(report, stop=replace(report.stop, command=command))


def keep(ending: Ending, state: Path) -> None:
    """Write `result.json` of the run, and a copy beside the journal that always tells the latest ending."""
    text = json.dumps(ending.to_json(), indent=2, ensure_ascii=False) + "\n"
    if ending.run:
        _replace(state / "runs" / ending.run / FILE, text)
    _replace(state / FILE, text)


def forget(state: Path) -> None:
    """Take the latest ending away, so that nobody reads it as the one of a run that has begun meanwhile."""
    with suppress(OSError):  # who cannot delete it cannot write one either, and says so at the end
        (state / FILE).unlink(missing_ok=True)


def _replace(path: Path, text: str) -> None:
    """Whole or not at all, also when the process dies meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
