"""A journal as a handful of dictionaries: what was acknowledged, and what an answer to any question must be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Asked(NamedTuple):
    """A call, whatever its wire ordinal."""

    path: str
    key: str
    occurrence: int


@dataclass
class Wire:
    """One request."""

    reserved: int
    status: str = "intended"
    spent: int = 0
    answer: str = ""
    is_clipped: bool = False
    cap: int = 0

    def lose(self) -> None:
        if self.status == "intended":
            self.status, self.spent = "unknown", self.reserved


@dataclass
class RunModel:
    """What one run has written."""

    calls: dict[Asked, dict[int, Wire]] = field(default_factory=dict)
    steps: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """Path to the prediction, and whether it may stand for the step."""
    kept: dict[str, str] = field(default_factory=dict)
    skips: dict[str, set[str]] = field(default_factory=dict)
    seconds: int = 0
    is_finished: bool = False

    @property
    def wires(self) -> list[Wire]:
        return [wire for wires in self.calls.values() for wire in wires.values()]

    def answered(self, asked: Asked) -> Wire | None:
        """The answer that is replayed: a whole one before one that was cut off, and of those the longest."""
        answers = [wire for wire in self.calls.get(asked, {}).values() if wire.status == "done" and wire.answer]
        return min(answers, key=lambda wire: (wire.is_clipped, -wire.cap), default=None)

    def settle(self, asked: Asked, wire: Wire, ending: Wire) -> None:
        """The first answer stands; one that comes beside it is charged and not replayed; no charge is lowered."""
        if wire.status == "done":
            return
        first = self.answered(asked)
        is_late = first is not None and not first.is_clipped
        wire.spent = max(wire.spent, ending.spent)
        wire.status = "unknown" if is_late else "done"
        wire.answer, wire.is_clipped = "" if is_late else ending.answer, ending.is_clipped

    def compact(self, path: str) -> None:
        """A finished step answers for all that was asked below it."""
        for asked, wires in self.calls.items():
            if asked.path == path or asked.path.startswith(f"{path}/"):
                for wire in wires.values():
                    wire.answer = ""

    def compact_all(self) -> None:
        for path, (_, replayable) in self.steps.items():
            if replayable:
                self.compact(path)

    def reply(self, asked: Asked) -> str | None:
        """What a resumed run learns here: from the finished step, or else from the answer."""
        parts = asked.path.split("/")
        for end in range(1, len(parts) + 1):
            prediction, replayable = self.steps.get("/".join(parts[:end]), ("", False))
            if replayable:
                return prediction
        answer = self.answered(asked)
        return answer.answer if answer else None

    def die(self) -> None:
        for wire in self.wires:
            wire.lose()
