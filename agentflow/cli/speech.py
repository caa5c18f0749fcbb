"""The two voices of a command: data on stdout, words for people on stderr. Nothing else writes to either."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any, TextIO

from typer.exceptions import TyperException

from agentflow.errors import AgentFlowError
from agentflow.redact import Redactor
from agentflow.report.export import SCHEMA


def put(text: str) -> None:
    """Data, for whoever reads stdout."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


def put_json(kind: str, data: Mapping[str, Any], *, indent: int | None = 2) -> None:
    """One JSON object that says what it is and in which version."""
    put(json.dumps({"schema": SCHEMA, "kind": kind, **data}, indent=indent, ensure_ascii=False, default=str))


def say(text: str) -> None:
    """Words, for whoever watches."""
    sys.stderr.write(text if text.endswith("\n") else text + "\n")
    sys.stderr.flush()


def explain(error: BaseException) -> str:
    """One line about what went wrong, with the way out and without secrets."""
    text = " ".join((error.format_message() if isinstance(error, TyperException) else str(error)).split())
    if isinstance(error, TyperException):
        text = f"{text} See `agentflow --help`."
    elif not isinstance(error, AgentFlowError):
        text = f"{type(error).__name__}: {text} (AGENTFLOW_DEBUG=1 shows where)"
    return Redactor.of_environment().text(text)


def wants_colour(stream: TextIO) -> bool:
    """Whether *stream* is a terminal of someone who has not refused colours."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def is_terminal(stream: TextIO) -> bool:
    """Whether a person may be watching *stream* and it can move its cursor."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def columns(rows: list[tuple[str, ...]]) -> str:
    """*rows* with their columns aligned by spaces."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)
