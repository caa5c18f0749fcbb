"""What runs in the sandbox: one candidate, called with values, and what came of each call. It never leaves the sandbox.

Its text is handed to the Python inside. It holds no expected value, so a candidate that takes it over can say nothing
that it could not have returned.
"""

from __future__ import annotations

import builtins
import os
import signal
import sys
import zlib
from collections.abc import Callable
from typing import Any

LONGEST = 400
"""Characters of one written value; of a longer one, the beginning and a checksum."""
DEEPEST = 20
MOST_LATE = 2
"""Calls that take too long before the rest are left out."""
ROUNDED = 9
"""Digits of a number with a fraction that count; computers differ in the rest."""


class TooLate(BaseException):
    """A call used up its time."""


def written(value: Any, depth: int = 0) -> str:
    """A text for equal plain values: 1, 1.0 and True are one number, a tuple is no list; `?` for what is not plain."""
    if depth > DEEPEST:
        return "?"
    if value is None:
        return "None"
    if isinstance(value, complex | float) and not isinstance(value, float):
        return f"c{value!r}"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, str | bytes | bytearray):
        return repr(str(value) if isinstance(value, str) else bytes(value))
    if isinstance(value, dict):
        pairs = [f"{written(key, depth + 1)}:{written(item, depth + 1)}" for key, item in value.items()]
        return "{" + ",".join(sorted(pairs)) + "}"
    if isinstance(value, set | frozenset):
        return "s(" + ",".join(sorted(written(item, depth + 1) for item in value)) + ")"
    if isinstance(value, list | tuple):
        inner = ",".join([written(item, depth + 1) for item in value])
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    return "?"


def number(value: float) -> str:
    """A number, whatever its type."""
    if isinstance(value, int):
        return hex(value) if abs(value) >= 1 << 64 else str(int(value))
    if value == value and abs(value) < 1 << 53 and value == int(value):
        return str(int(value))
    return f"{value:.{ROUNDED}g}"


def short(text: str) -> str:
    """*text*, or enough of it to tell it from others."""
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST - 40]}~{len(text)}~{zlib.crc32(text.encode('utf-8', 'replace'))}"


def examine(program: str, name: str, calls: list[tuple[Any, ...]], seconds: float) -> None:
    """Say on stdout, one line for each, whether *program* defines *name*, and how each of the *calls* went."""
    report = os.dup(1)
    nowhere = os.open("/dev/null", os.O_RDWR)
    for end in (0, 1, 2):
        os.dup2(nowhere, end)

    def say(kind: str, text: str) -> None:
        line = ascii((kind, short(text)))
        os.write(report, line.encode() + b"\n")

    function = _defined(program, name, seconds, say)
    late = 0
    for arguments in calls if function is not None else ():
        kind, text = _called(function, arguments, seconds)
        say(kind, text)
        late += kind == "late"
        if late >= MOST_LATE:
            break
    os._exit(0)


def _defined(program: str, name: str, seconds: float, say: Callable[[str, str], None]) -> Any:
    """The function, or None after saying why there is none."""
    main = type(sys)("__main__")
    main.__dict__["__builtins__"] = builtins
    sys.modules["__main__"] = main
    try:
        function = _within(seconds, lambda: exec(compile(program, "candidate.py", "exec"), main.__dict__))
    except BaseException as error:  # noqa: BLE001  # because whatever it raises is how it ends
        say("broken", _told(error))
        return None
    function = main.__dict__.get(name)
    if not callable(function):
        say("broken", f"it does not define {name}")
        return None
    say("defined", "")
    return function


def _called(function: Any, arguments: tuple[Any, ...], seconds: float) -> tuple[str, str]:
    """How one call went: gave, changed (it gave, and its arguments are not what they were), raised or late."""
    before = written(arguments)
    try:
        text = _within(seconds, lambda: written(function(*arguments)))
        return ("gave" if written(arguments) == before else "changed"), text
    except TooLate:
        return "late", ""
    except BaseException as error:  # noqa: BLE001  # because whatever it raises is how it ends
        return "raised", _told(error)


def _within(seconds: float, act: Callable[[], Any]) -> Any:
    """What *act* gives, or TooLate after so much processor time."""
    signal.signal(signal.SIGPROF, _ring)
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.05)  # again and again: the first may fall where it is swallowed
    try:
        return act()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _ring(*_: object) -> None:
    raise TooLate


def _told(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"[:200]
    except BaseException:  # noqa: BLE001  # because an exception may be unable to say what it is
        return type(error).__name__
