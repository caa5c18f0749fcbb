"""Public doubles for tests of your own: engines that answer by script, a provider that bills, a clock that ticks.

Nothing here is ever taken in place of a model unless a test says so.
"""

from __future__ import annotations

from agentflow.engines.recorded import RecordedEngine
from agentflow.engines.scripted import NoMoreAnswers, ScriptedEngine, count_tokens, respond
from agentflow.loopback import Hang, LoopbackProvider, Refusal, Reply, Reset

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
    "respond",
]


def chat(**fields: object) -> str:
    """The text of an answer as DSPy's ChatAdapter reads it."""
    sections = [f"[[ ## {name} ## ]]\n{value}" for name, value in fields.items()]
    return "\n\n".join([*sections, "[[ ## completed ## ]]\n"])


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
