"""The two voices of a command: data on stdout, words for people on stderr. Nothing else writes to either."""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from typer.exceptions import TyperException

from agentflow.errors import AgentFlowError, NoBudget
from agentflow.redact import Redactor
from agentflow.report.export import SCHEMA

WIDTH = 100
"""Columns where nobody can say how many there are."""


def put(text: str, to: TextIO | None = None) -> None:
    """Data, for whoever reads stdout. *to*: the stdout of before, where it has been turned away meanwhile."""
    stream = to or sys.stdout
    try:
        stream.write(text if text.endswith("\n") else text + "\n")
        stream.flush()
    except BrokenPipeError:  # whoever read has left; the work goes on, and its exit code says how it ended
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def put_json(kind: str, data: Mapping[str, Any], *, indent: int | None = 2) -> None:
    """One JSON object that says what it is and in which version."""
    put(json.dumps({"schema": SCHEMA, "kind": kind, **data}, indent=indent, ensure_ascii=False, default=str))


def say(text: str) -> None:
    """Words, for whoever watches."""
    sys.stderr.write(text if text.endswith("\n") else text + "\n")
    sys.stderr.flush()


def explain(error: BaseException) -> str:
    """One line about what went wrong, with the way out and without secrets."""
    if isinstance(error, TyperException):
        text = _misunderstood(error)
    elif isinstance(error, NoBudget) and str(error) == NoBudget.__doc__:
        text = "a run needs a limit in usd or tokens: say --usd or --tokens, or --no-budget in words"
    elif isinstance(error, AgentFlowError):
        text = str(error)
    else:
        text = f"{type(error).__name__}: {error} ({_place(error)}AGENTFLOW_DEBUG=1 shows the traceback)"
    return Redactor.of_environment().text(" ".join(text.split()))


def say_where(error: BaseException) -> None:
    """The whole traceback, for whoever debugs."""
    if os.environ.get("AGENTFLOW_DEBUG") == "1":
        say(Redactor.of_environment().text("".join(traceback.format_exception(error))))


def _misunderstood(error: TyperException) -> str:
    """What cannot be understood of a command line, the nearest that could be, and where to read about it."""
    context = getattr(error, "ctx", None)
    command = getattr(context, "command_path", None) or "agentflow"
    text = error.format_message().rstrip(".")
    if near := getattr(error, "possibilities", None):
        text = f"{str(error).rstrip('.')}; did you mean {' or '.join(sorted(near))}?"
    elif found := re.fullmatch(r"No such command '(.+)'", text):
        close = difflib.get_close_matches(found[1], context.command.list_commands(context), n=1) if context else []
        text = f"{text}; did you mean {close[0]}?" if close else text
    return f"{text}{'' if text.endswith('?') else ';'} see `{command} --help`"


def _place(error: BaseException) -> str:
    """Where it was raised, as `file.py:12, `; empty when nobody knows."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}; " if frames else ""


def wants_colour(stream: TextIO) -> bool:
    """Whether *stream* is a terminal of someone who has not refused colours."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def is_terminal(stream: TextIO) -> bool:
    """Whether a person may be watching *stream* and it can move its cursor."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def width_of(stream: TextIO) -> int:
    """Columns of *stream*: the terminal's, or those of a page where it is none."""
    return shutil.get_terminal_size((WIDTH, 24)).columns if stream.isatty() else WIDTH


def columns(rows: list[tuple[str, ...]]) -> str:
    """*rows* with their columns aligned by spaces."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)
