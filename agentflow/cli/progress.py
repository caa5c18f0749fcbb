"""What is happening right now, for people on stderr: live on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any, NamedTuple

from agentflow import events
from agentflow.budget import Budget
from agentflow.cli.speech import say
from agentflow.redact import Redactor
from agentflow.report.export import SCHEMA, plain
from agentflow.report.figures import seconds_text, usd_text
from agentflow.usage import NOTHING, Amount

if TYPE_CHECKING:
    from rich.text import Text

EVERY = 10.0
"""Seconds between two plain lines."""
BAR = 24
"""Characters of the bar."""


class Board:
    """Counts what the journal is told. May be noted to from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.run = ""
        """The run's id, empty until it has started."""
        self.budget = Budget()
        self.spent = NOTHING
        self.steps: Counter[str] = Counter()
        self.agents: Counter[str] = Counter()
        self.is_stopping = False
        """Whether somebody asked the run to stop."""
        self._wire: dict[events.CallId, Amount] = {}
        self._busy: set[str] = set()
        self._clock = clock
        self._began = clock()
        self._lock = threading.Lock()

    def note(self, event: events.Event) -> None:
        """Take one event in."""
        with self._lock:
            self._see(event)
            match event:
                case events.RunStarted() | events.RunContinued():
                    self.run, self.budget = event.run, Budget.from_json(event.budget)
                case events.CallIntended():
                    self._wire[event.id] = event.reserved
                case events.CallSettled():
                    self._wire.pop(event.id, None)
                    self.spent += event.spent
                case events.CallReleased():
                    self._wire.pop(event.id, None)
                case events.CallLost():
                    self.spent += self._wire.pop(event.id, NOTHING)
                case events.StepFinished():
                    self.steps[event.status] += 1
                case events.AgentFinished():
                    self.agents[event.status] += 1
                case _:
                    pass

    @property
    def on_wire(self) -> int:
        """Requests that were sent and not answered yet."""
        return len(self._wire)

    @property
    def at_work(self) -> int:
        """Agents of the first generation, or steps of the pipeline itself, that were heard of and have not ended."""
        return len(self._busy)

    @property
    def burned(self) -> float | None:
        """The share of the tightest spending limit that is gone. None: nothing is limited."""
        pairs = [
            (self.spent.usd, self.budget.nano),
            (self.spent.tokens, self.budget.tokens),
            (self.spent.calls, self.budget.calls),
        ]
        return max((spent / limit for spent, limit in pairs if limit), default=None)

    def line(self) -> str:
        """How it stands, in one line."""
        with self._lock:
            return f"{self._work()} · {self._money()}"

    def picture(self) -> Picture:
        """How it stands, for a terminal."""
        with self._lock:
            if not self.run:
                return Picture(None, "", "loading the pipeline")
            stopping = "stopping: nothing new is sent; Ctrl-C again stops now · " if self.is_stopping else ""
            return Picture(self.burned, self._money(), stopping + self._work())

    def _see(self, event: events.Event) -> None:
        """Notice who is at work: everything in a run has a path, and the run's own children are its first words."""
        path = event.id.path if isinstance(event, events.CallIntended) else getattr(event, "path", "")
        child = "/".join(path.split("/")[:2])
        has_ended = path == child and isinstance(event, events.StepFinished | events.AgentFinished)
        if has_ended:
            self._busy.discard(child)
        elif child and isinstance(event, events.CallIntended | events.StepFinished | events.TierSkipped):
            self._busy.add(child)

    def _work(self) -> str:
        seconds = self._clock() - self._began
        parts = [
            f"{int(seconds)} s" if seconds < 100 else seconds_text(seconds),
            f"{self.at_work:,} at work, {self.on_wire:,} on the wire",
            f"steps {_counts(self.steps)}",
            f"agents {_counts(self.agents)}" if self.agents else "",
        ]
        return " · ".join(part for part in parts if part)

    def _money(self) -> str:
        limits, spent = self.budget, self.spent
        parts = [
            usd_text(spent.usd) + (f" of {usd_text(limits.nano)}" if limits.nano is not None else ""),
            f"{spent.tokens:,}{f' of {limits.tokens:,}' if limits.tokens is not None else ''} tokens",
            f"{spent.calls:,} of {limits.calls:,} calls" if limits.calls is not None else "",
        ]
        return ", ".join(part for part in parts if part)


class Picture(NamedTuple):
    """What a terminal shows."""

    burned: float | None
    money: str
    work: str


@contextmanager
def following(board: Board, *, live: bool) -> Iterator[Callable[[events.Event], None]]:
    """Show *board* while the block runs; gives what takes the events."""
    if not live:
        yield PlainLines(board).note
        return
    from rich.console import Console  # heavy: only on a terminal
    from rich.live import Live

    console = Console(stderr=True, highlight=False)
    with Live(
        console=console,
        get_renderable=lambda: _drawn(board.picture()),
        refresh_per_second=8,
        transient=True,
        redirect_stdout=False,  # stdout is data, wherever it leads
    ):
        yield board.note


class PlainLines:
    """Says how it stands at the start of the run and then every few seconds, when something happens."""

    def __init__(self, board: Board, clock: Callable[[], float] = time.monotonic, every: float = EVERY) -> None:
        self._board, self._clock, self._every = board, clock, every
        self._next = clock() + every
        self._lock = threading.Lock()

    def note(self, event: events.Event) -> None:
        """Take one event in, and perhaps say a line."""
        self._board.note(event)
        if isinstance(event, events.RunStarted | events.RunContinued):
            what = "started" if isinstance(event, events.RunStarted) else "goes on"
            say(f"run {event.run} {what}, budget {Budget.from_json(event.budget)}")
        if self._is_due():
            say(self._board.line())

    def _is_due(self) -> bool:
        with self._lock:
            now = self._clock()
            if now < self._next:
                return False
            self._next = now + self._every
            return True


def event_json(event: events.Event, redactor: Redactor) -> str:
    """One line for `--jsonl`: the event without its bulky payloads, secrets taken out."""
    data: dict[str, Any] = {
        field.name: plain(getattr(event, field.name)) for field in fields(event) if field.name != "response"
    }
    call = data.pop("id", None)
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()
    line = {"schema": SCHEMA, "kind": "event", "event": name, **(call or {}), **redactor.value(data)}
    return json.dumps(line, ensure_ascii=False)


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{count:,} {status}" for status, count in counter.most_common()) or "none yet"


def _drawn(picture: Picture) -> Text:
    """Two lines, cut where the terminal ends."""
    from rich.text import Text

    text = Text(no_wrap=True, overflow="ellipsis")
    if picture.burned is not None:
        full = min(BAR, round(picture.burned * BAR))
        colour = "green" if picture.burned < 0.7 else "yellow" if picture.burned < 0.95 else "red"
        text.append("█" * full, colour).append("░" * (BAR - full), "dim").append(f" {picture.burned:.0%}  ")
    return text.append(f"{picture.money}\n" if picture.money else "").append(picture.work)
