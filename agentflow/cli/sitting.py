"""One sitting of a run, from its first event to `result.json`, whatever happens between.

Nothing here knows how a run works: it is handed something to begin, shows what that says, and sees it to its end.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Any, Literal, TextIO, TypeAlias

from agentflow.attempt import Outcome
from agentflow.cli.ending import Ending, forget, keep, read_ending
from agentflow.cli.exits import BY_STATUS, Exit, exit_of_error
from agentflow.cli.progress import Board, event_json, following
from agentflow.cli.speech import explain, is_terminal, put, say, say_where, wants_colour, width_of
from agentflow.errors import ConfigurationError, StoreFailed
from agentflow.events import Event
from agentflow.redact import Redactor
from agentflow.report import render
from agentflow.settings import Settings

Mode = Literal["text", "json", "jsonl"]


@dataclass(slots=True)
class Sitting:
    """What a run needs to be followed and stopped."""

    note: Callable[[Event], None]
    """Takes every event; may be called from any thread."""
    stop: threading.Event = field(default_factory=threading.Event)
    """Set when the run should stop gracefully."""


Begin: TypeAlias = Callable[[Sitting], Outcome]
"""Starts or resumes the run, and returns when it has ended."""


def sit(begin: Begin, settings: Settings, mode: Mode) -> Exit:
    """Follow what *begin* does, write its ending, show it, and say with which code to exit."""
    board, stop, live = Board(), threading.Event(), is_terminal(sys.stderr)
    forget(settings.state)
    with stopping(stop, lambda: _end_now(settings, board), lambda: _say_stopping(board, live=live)) as caught:
        try:
            out = sys.stdout
            with following(board, live=live) as note, redirect_stdout(sys.stderr):  # what a pipeline prints is no data
                outcome = begin(Sitting(_telling(note, mode, out), stop))
            ending = _judge(_ending_of(outcome, settings, board), settings, caught)
        except BaseException as error:  # noqa: BLE001  # because every ending leaves a result.json
            say_where(error)
            ending = _ending_of_error(error, settings, board)
    return show(_kept(ending, settings.state), mode)


def refuse(error: ConfigurationError, state: Path, mode: Mode) -> Exit:
    """The ending of what could not even begin."""
    return show(_kept(Ending("", "refused", exit_of_error(error), explain(error)), state), mode)


def show(ending: Ending, mode: Mode) -> Exit:
    """Data to stdout, the report to stderr."""
    if mode != "text":
        put(json.dumps(ending.to_json(), indent=2 if mode == "json" else None, ensure_ascii=False))
    elif ending.row is not None and ending.row.value not in ("null", ""):
        put(_value_text(json.loads(ending.row.value)))
    if ending.report is not None and mode == "text":
        say(render(ending.report, colour=wants_colour(sys.stderr), width=width_of(sys.stderr)))
    if ending.error:
        say(f"error: {ending.error}")
    return ending.exit


def _value_text(value: Any) -> str:
    """A JSON text that people can read: of a list, one element in each line."""
    if not isinstance(value, list) or not value:
        return json.dumps(value, indent=2, ensure_ascii=False)
    return "[\n" + ",\n".join(f"  {json.dumps(item, ensure_ascii=False)}" for item in value) + "\n]"


class Caught:
    """Which signal came, if any."""

    number = 0


@contextmanager
def stopping(
    stop: threading.Event, end_now: Callable[[], None], notice: Callable[[], None] = lambda: None
) -> Iterator[Caught]:
    """The first SIGINT or SIGTERM of the block sets *stop* and gives *notice*; the second ends the process at once."""
    caught = Caught()

    def handle(number: int, _frame: FrameType | None) -> None:
        if caught.number:
            end_now()
            os._exit(128 + number)
        caught.number = number
        stop.set()
        notice()

    if threading.current_thread() is not threading.main_thread():
        yield caught  # only the main thread may install handlers; whoever embeds us stops the run in its own way
        return
    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say_stopping(board: Board, *, live: bool) -> None:
    """From inside a signal's handler: nothing that could be held by whoever was interrupted."""
    board.is_stopping = True
    if not live:
        os.write(2, b"stopping: nothing new is sent; press Ctrl-C again to stop now\n")


def _telling(note: Callable[[Event], None], mode: Mode, out: TextIO) -> Callable[[Event], None]:
    if mode != "jsonl":
        return note
    redactor, lock = Redactor.of_environment(), threading.Lock()

    def tell(event: Event) -> None:
        note(event)
        with lock:
            put(event_json(event, redactor), out)

    return tell


def _ending_of(outcome: Outcome, settings: Settings, board: Board) -> Ending:
    run = getattr(outcome, "run", "") or board.run
    error = explain(outcome.error) if outcome.error is not None else ""
    if outcome.error is not None and outcome.status == "failed":
        say_where(outcome.error)
    is_environment = isinstance(outcome.error, ConfigurationError | StoreFailed)
    exit = exit_of_error(outcome.error) if is_environment and outcome.error else BY_STATUS[outcome.status]
    ending = read_ending(settings, run, status=outcome.status, exit=exit, error=error)
    if not error and outcome.value is not None and ending.row is not None and ending.row.value == "null":
        lost = f"what the pipeline returned, a {type(outcome.value).__name__}, is no JSON and was not kept"
        return replace(ending, exit=Exit.INTERNAL, error=f"{lost}; return text, numbers, lists and dicts")
    return ending


def _judge(ending: Ending, settings: Settings, caught: Caught) -> Ending:
    """Let strictness and signals have their say about the exit code."""
    if ending.status == "cancelled" and caught.number == signal.SIGTERM:
        return replace(ending, exit=Exit.TERMINATED)
    rejected = ending.report is not None and ending.report.outcomes.get("rejected", 0)
    if settings.strict and rejected and ending.exit is Exit.ACCEPTED:
        return replace(ending, exit=Exit.REJECTED)
    return ending


def _ending_of_error(error: BaseException, settings: Settings, board: Board) -> Ending:
    refused = isinstance(error, ConfigurationError | StoreFailed)
    status = "refused" if refused else "failed"
    return read_ending(settings, board.run, status=status, exit=exit_of_error(error), error=explain(error))


def _kept(ending: Ending, state: Path) -> Ending:
    """The ending, changed to an error where its `result.json` could not be written."""
    try:
        keep(ending, state)
        return ending
    except OSError as error:
        problem = f"result.json cannot be written in {state}: {error.strerror or error}"
        code = ending.exit if ending.exit is not Exit.ACCEPTED else Exit.CONFIGURATION
        return replace(ending, exit=code, error="; ".join(filter(None, (ending.error, problem))))


def _end_now(settings: Settings, board: Board) -> None:
    """Leave a `result.json` behind in the instant before the process ends."""
    try:
        keep(read_ending(settings, board.run, status="cancelled", exit=Exit.INTERRUPTED), settings.state)
    except Exception:  # noqa: BLE001  # because someone asked twice to stop, and nothing may hold that up
        return
