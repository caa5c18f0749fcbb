"""One candidate examined: what its function gives for these arguments, found out in the sandbox and nowhere else.

Only what it wrote about its own results comes out, as text: it is compared, never evaluated and never believed further.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from agentflow.sandbox import Limits, Result, Sandbox
from code_rules import inside
from code_rules.task import UNREADABLE

Kind = Literal["gave", "changed", "raised", "late", "lost"]
"""It gave a value; gave one and changed its arguments; raised; took too long; was not heard of."""

CALL_SECONDS = 0.5
"""Processor time of one call."""
LIMITS = Limits(seconds=20, cpu_seconds=8, processes=1, disk=0, output=256 * 1024)
_KINDS = frozenset(get_args(Kind))
_TEXT = Path(inside.__file__).read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Called:
    """How one call went."""

    kind: Kind
    text: str = ""
    """The value that it gave in the one way of writing it, or what it raised."""

    @property
    def has_value(self) -> bool:
        """Whether it gave a value that can be compared."""
        return self.kind in ("gave", "changed") and "?" not in self.text.split("'")[0]


@dataclass(frozen=True, slots=True)
class Examined:
    """One candidate and its calls, in the order in which they were asked for."""

    calls: tuple[Called, ...]
    problem: str = ""
    """Why nothing could be called; empty where it could."""


async def examine(
    sandbox: Sandbox, programs: Sequence[str], name: str, calls: Sequence[tuple[Any, ...]]
) -> list[Examined]:
    """Each program, in a process of its own."""
    sources = [source_of(program, name, calls) for program in programs]
    return [_read(result, len(calls)) for result in await sandbox.arun_many(sources)]


def source_of(program: str, name: str, calls: Sequence[tuple[Any, ...]]) -> str:
    """The text that examines *program* in the sandbox."""
    return f"{_TEXT}\n\nexamine({program!r}, {name!r}, {list(calls)!r}, {CALL_SECONDS})\n"


def written(value: Any) -> str:
    """How the sandbox would write *value*."""
    return inside.short(inside.written(value))


def _read(result: Result, asked: int) -> Examined:
    said = [line for line in map(_line, result.stdout.splitlines()) if line is not None]
    if not said or said[0][0] != "defined":
        return Examined((), _problem(said, result))
    calls = [Called(cast(Kind, kind), text) for kind, text in said[1 : asked + 1] if kind in _KINDS]
    return Examined((*calls, *[Called("lost")] * (asked - len(calls))))


def _problem(said: list[tuple[str, str]], result: Result) -> str:
    if said and said[0][0] == "broken":
        return said[0][1] or "it cannot be run"
    return f"it was stopped ({result.killed_by or 'it ended by itself'}) before it defined anything"


def _line(text: str) -> tuple[str, str] | None:
    if len(text) > 4 * inside.LONGEST:
        return None
    try:
        said = ast.literal_eval(text)
    except (*UNREADABLE, TypeError):
        return None
    is_a_pair = isinstance(said, tuple) and len(said) == 2 and all(isinstance(each, str) for each in said)
    return said if is_a_pair else None
