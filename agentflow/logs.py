"""Structured logs to stderr: past-tense events with values as keys, secrets taken out.

Importing this loads nothing and configures nothing; structlog comes with the first record that is really written.
`AGENTFLOW_LOG` chooses `console` (default) or `json`, `AGENTFLOW_LOG_LEVEL` the level (default `warning`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from agentflow.redact import Redactor

Level = Literal["debug", "info", "warning", "error"]
LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")
DEFAULT_LEVEL: Level = "warning"

_keys: ContextVar[Mapping[str, Any]] = ContextVar("agentflow_log_keys", default=MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Log:
    """Writes the records of one room."""

    room: str

    def debug(self, event: str, **values: Any) -> None:
        """Something only its author wants to know."""
        self._write("debug", event, values)

    def info(self, event: str, **values: Any) -> None:
        """Something went as it should."""
        self._write("info", event, values)

    def warning(self, event: str, **values: Any) -> None:
        """Something went on, but not as it should."""
        self._write("warning", event, values)

    def error(self, event: str, **values: Any) -> None:
        """Something stopped."""
        self._write("error", event, values)

    def _write(self, level: Level, event: str, values: Mapping[str, Any]) -> None:
        if LEVELS.index(level) >= LEVELS.index(_threshold()):
            getattr(_writer(), level)(event, room=self.room, **(dict(_keys.get()) | dict(values)))


def get_logger(name: str) -> Log:
    """The log of a module, named without the package: `get_logger(__name__)`."""
    return Log(name.removeprefix("agentflow."))


@contextmanager
def log_keys(**keys: Any) -> Iterator[None]:
    """Add *keys* to every record of this block."""
    token = _keys.set(dict(_keys.get()) | keys)
    try:
        yield
    finally:
        _keys.reset(token)


def _threshold() -> Level:
    named = os.environ.get("AGENTFLOW_LOG_LEVEL", "").lower()
    return next((level for level in LEVELS if level == named), DEFAULT_LEVEL)


@cache
def _writer() -> Any:
    import structlog  # heavy: loaded by the first record

    redactor = Redactor.of_environment()

    def redact(_logger: object, _method: str, record: MutableMapping[str, Any]) -> Mapping[str, Any]:
        return {key: redactor.value(value) for key, value in record.items()}

    as_json = os.environ.get("AGENTFLOW_LOG", "").lower() == "json"
    colours = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    return structlog.wrap_logger(
        structlog.PrintLogger(_Stderr()),  # type: ignore[arg-type]  # it only ever writes and flushes
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer()
            if as_json
            else structlog.dev.ConsoleRenderer(colors=colours, pad_event_to=0),
        ],
        wrapper_class=structlog.BoundLogger,
        cache_logger_on_first_use=True,
    )


class _Stderr:
    """Whatever stderr is when the record is written."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()
