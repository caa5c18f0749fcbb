"""Sittings of runs in processes of their own, forked from one that has everything loaded, to be killed where asked.

Run as a script it is that process: no thread, one line of JSON in for each sitting, one line out for each answer.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from agentflow import Budget, Ladder, Price, Tier
from agentflow.attempt import Outcome
from agentflow.engines.provider import ProviderEngine
from agentflow.errors import AgentFlowError
from agentflow.events import Event
from agentflow.usage import NOTHING, Amount

LONGEST_SECONDS = 60
"""After which a sitting that hangs is ended from outside."""
KILLED = -signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Death:
    """Where a sitting kills itself. The default: nowhere."""

    at: str = ""
    """`event`: as an event is written, its commit still open; `send`: after the intent, before the request;
    `answer`: after the answer, before its settlement."""
    nth: int = 0
    """Of how many, from 1."""
    after: float = 0.0
    """Seconds from there."""


NEVER = Death()


@dataclass(frozen=True, slots=True)
class Order:
    """One sitting."""

    state: str
    file: str = ""
    """`file.py:name` for a new run; empty: resume."""
    arguments: dict[str, Any] = field(default_factory=dict)
    run: str = "last"
    url: str = ""
    """Of the provider behind both tiers; empty: no ladder but the steps' own."""
    budget: dict[str, Any] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    """A command line, instead of all this."""
    death: Death = NEVER
    most_pages: int = 0
    """How large the store's file may become. 0: as large as it likes."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a sitting ended, in another process."""

    code: int
    """Exit status of the process, negative for a signal."""
    status: str = ""
    value: Any = None
    run: str = ""
    spent: Amount = NOTHING
    unknown: Amount = NOTHING
    held: Amount = NOTHING
    limit_hit: str = ""
    feedback: str = ""
    error: str = ""
    report: str = ""
    events: Mapping[str, int] = field(default_factory=dict)
    """How many of each kind were written."""


def ladder_at(url: str, *, death: Death | None = None) -> Ladder:
    """Two tiers of one provider, weak and strong."""
    price = Price.per_million(1, 4)
    tiers = [
        Tier(f"openai/{name}", attempts=attempts, max_tokens=64, timeout=20, price=price, api_base=url)
        for name, attempts in (("weak", 2), ("strong", 1))
    ]
    if death is not None and death.at in ("send", "answer"):
        count = Count(death)
        tiers = [replace(tier, engine=DoomedEngine(tier, death, count)) for tier in tiers]
    return Ladder(*tiers)


class Count:
    """Counts towards a death, and brings it about."""

    def __init__(self, death: Death) -> None:
        self.death, self.seen = death, 0
        self._lock = threading.Lock()

    def one(self) -> None:
        """One more of what is counted."""
        with self._lock:
            self.seen += 1
            if self.seen != self.death.nth:
                return
        if self.death.after:
            timer = threading.Timer(self.death.after, die)
            timer.daemon = True
            timer.start()
        else:
            die()


class DoomedEngine(ProviderEngine):
    """A provider's engine whose process dies just before a request or just after an answer."""

    def __init__(self, tier: Tier, death: Death, count: Count) -> None:
        super().__init__(ProviderEngine.open(tier, None).route)  # type: ignore[arg-type]  # settings are not read
        self._death, self._count = death, count

    async def acomplete(self, request: Any, *, timeout: float) -> Any:
        if self._death.at == "send":
            self._count.one()
        response = await super().acomplete(request, timeout=timeout)
        if self._death.at == "answer":
            self._count.one()
        return response


def die() -> None:
    """End as by the hand of the system: nothing is flushed, closed or said."""
    os.kill(os.getpid(), signal.SIGKILL)


# the side of the test


class Host:
    """The process that forks sittings. Use as a context manager."""

    def __enter__(self) -> Host:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._tell({"load": True})
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=30)

    def begin(self, order: Order) -> int:
        """Start a sitting; gives its process."""
        return int(self._tell({"order": asdict(order)})["pid"])

    def end(self, pid: int, order: Order) -> Ending:
        """Wait for a sitting."""
        code = int(self._tell({"wait": pid})["code"])
        note = _note(order, pid)
        if not note.exists():
            return Ending(code)
        plain = json.loads(note.read_text(encoding="utf-8"))
        for name in ("spent", "unknown", "held"):
            if name in plain:
                plain[name] = Amount(**plain[name])
        return Ending(code, **plain)

    def sit(self, order: Order) -> Ending:
        """One sitting from beginning to end."""
        return self.end(self.begin(order), order)

    def _tell(self, plain: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(plain) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline() or '{"code": 1, "pid": 0}')
        return answer


@contextmanager
def hosting() -> Iterator[Host]:
    """A host for as long as the block."""
    with Host() as host:
        yield host


# the side of the sitting


def serve() -> None:
    """Fork what is ordered, until nobody is left to order."""
    _load()
    for line in sys.stdin:
        plain = json.loads(line)
        answer: dict[str, Any] = {}
        if "order" in plain:
            answer["pid"] = _fork(_order(plain["order"]))
        elif "wait" in plain:
            _, status = os.waitpid(plain["wait"], 0)
            answer["code"] = os.waitstatus_to_exitcode(status)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _load() -> None:
    """Everything that a sitting would load lazily, without starting a thread."""
    for module in ("cli.commands", "cli.run", "engines.local", "engines.wire", "runs"):
        import_module(f"agentflow.{module}")
    for name in ("nano-s", "nano-m"):
        import_module("agentflow.nano.catalog").load(name)
    assert threading.active_count() == 1


def _fork(order: Order) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        signal.alarm(LONGEST_SECONDS)
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 0)
        os.dup2(nowhere, 1)
        code = _sit(order)
    except BaseException:  # noqa: BLE001  # because this process must never go on as the one that forked it
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _sit(order: Order) -> int:
    if order.words:
        return _command(order)
    counts: dict[str, int] = {}
    outcome: Outcome | None = None
    note: dict[str, Any] = {"events": counts}
    try:
        outcome = _perform(order, _counting(counts, order.death))
    except AgentFlowError as error:
        note |= {"error": f"{type(error).__name__}: {error}"}
    if outcome is not None:
        note |= {
            "status": outcome.status,
            "value": outcome.value,
            "run": outcome.run,  # type: ignore[attr-defined]  # a RunOutcome
            "spent": asdict(outcome.spent),
            "unknown": asdict(outcome.unknown),
            "held": asdict(outcome.held),
            "limit_hit": outcome.limit_hit,
            "feedback": outcome.feedback,
            "error": f"{type(outcome.error).__name__}: {outcome.error}" if outcome.error else "",
            "report": outcome.report() if not order.most_pages else "",  # type: ignore[attr-defined]  # a RunOutcome
        }
    _note(order, os.getpid()).write_text(json.dumps(note, default=str), encoding="utf-8")
    return 0


def _perform(order: Order, on_event: Callable[[Event], None]) -> Outcome:
    from agentflow.declare import load_pipeline
    from agentflow.runs import RunOptions, resume, start

    _limit_pages(order)
    options = RunOptions(
        ladder=ladder_at(order.url, death=order.death) if order.url else None,
        budget=Budget(**order.budget) if order.budget is not None else None,
        state=Path(order.state),
        on_event=on_event,
        **order.options,
    )
    if order.file:
        return start(load_pipeline(order.file).bind(order.arguments), options)
    return resume(order.run, options)


def _command(order: Order) -> int:
    from agentflow.cli import main

    try:
        main([*order.words, "--state", order.state])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _counting(counts: dict[str, int], death: Death) -> Callable[[Event], None]:
    """Notes events, and dies at the right one."""
    count, lock = Count(death), threading.Lock()

    def note(event: Event) -> None:
        kind = type(event).__name__
        with lock:
            counts[kind] = counts.get(kind, 0) + 1
        if death.at == "event":
            count.one()

    return note


def _limit_pages(order: Order) -> None:
    """Have SQLite call the disk full beyond so many pages, in every connection of this process."""
    if not order.most_pages:
        return
    import sqlite3

    connect = sqlite3.connect

    def limited(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **kwargs)
        connection.execute(f"PRAGMA max_page_count = {order.most_pages}")
        return connection

    sqlite3.connect = limited  # type: ignore[assignment]  # in this process only, which stands for a full disk


def _order(plain: dict[str, Any]) -> Order:
    return Order(**{**plain, "words": tuple(plain["words"]), "death": Death(**plain["death"])})


def _note(order: Order, pid: int) -> Path:
    return Path(order.state).with_name(f"ending-{pid}.json")


if __name__ == "__main__":
    serve()
