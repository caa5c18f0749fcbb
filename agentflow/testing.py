"""Public doubles for tests of your own: engines that answer by script, a provider that bills, a clock that ticks.

Nothing here is ever taken in place of a model unless a test says so.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agentflow.declare import Bound
from agentflow.engines.recorded import RecordedEngine
from agentflow.engines.scripted import NoMoreAnswers, ScriptedEngine, count_tokens, respond
from agentflow.loopback import Hang, LoopbackProvider, Refusal, Reply, Reset
from agentflow.runs import RunOutcome, run

__all__ = [
    "Hang",
    "LoopbackProvider",
    "NoMoreAnswers",
    "RecordedEngine",
    "Refusal",
    "Reply",
    "Reset",
    "ScriptedEngine",
    "TickingClock",
    "chat",
    "count_tokens",
    "on_cassette",
    "respond",
]

RECORD = "AGENTFLOW_RECORD"
"""Variable under which `on_cassette` asks the models and records them anew."""


def chat(**fields: object) -> str:
    """The text of an answer as DSPy's ChatAdapter reads it."""
    sections = [f"[[ ## {name} ## ]]\n{value}" for name, value in fields.items()]
    return "\n\n".join([*sections, "[[ ## completed ## ]]\n"])


def on_cassette(
    call: Bound, cassette: Path | str, *, state: Path | str, environ: Mapping[str, str] = os.environ, **options: Any
) -> RunOutcome:
    """Run a pipeline as `run(call, **options)` does, answered from *cassette*: without network, key or cost.

    `AGENTFLOW_RECORD=1 pytest …` asks the models instead and replaces the cassette once the run has ended, unless it
    failed. *state* is a folder of the test's own, such as pytest's `tmp_path`.
    """
    cassette = Path(cassette)
    if environ.get(RECORD, "") in ("", "0"):
        return run(call, replay=cassette, state=state, **options)
    fresh = cassette.with_name(f".{cassette.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    try:
        outcome = run(call, record=fresh, state=state, **options)
        if outcome.status not in ("failed", "engine_failed", "cancelled"):
            os.replace(fresh, cassette)
    finally:
        fresh.unlink(missing_ok=True)
    return outcome


class TickingClock:
    """A monotonic clock that moves only when told, or by *tick* seconds each time it is read."""

    def __init__(self, start: float = 0.0, *, tick: float = 0.0) -> None:
        self.now = start
        self.tick = tick

    def __call__(self) -> float:
        self.now += self.tick
        return self.now

    def advance(self, seconds: float) -> None:
        """Let *seconds* pass."""
        self.now += seconds

    def sleep(self, seconds: float) -> None:
        """Sleep without waiting: the clock moves instead."""
        self.now += seconds
