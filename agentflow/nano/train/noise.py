"""What a scanner and its reader do to a receipt. Marks stay around what they marked, so answers stay as they
stand."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

from agentflow.nano.train.marks import bare, is_mark, mark

_CONFUSED: Final = {
    "0": "OoDQ", "O": "0QDC", "1": "Il|7", "I": "1l|", "l": "1I|i", "5": "S", "S": "5s", "8": "B3", "B": "8R",
    "6": "G",
    "G": "6C", "2": "Z", "Z": "2", "D": "O0", "U": "V", "V": "UY", "C": "G(", "E": "F", "F": "PE", "R": "K", "H": "N",
    "N": "M", "M": "N", "T": "I7", "a": "o", "e": "c", "c": "e", "o": "0", "i": "l", "t": "l", "h": "b", "n": "r",
    "u": "v",
    ".": ", ", ",": ". ", ":": " .;", "-": " ~_", "/": "1l", "(": "[", ")": "]", "'": "", "&": "8", "@": "e",
    "%": "X", "m": "rn",
    "*": "", "#": "4",
}  # fmt: skip
_GARBAGE: Final = (
    ".",
    "-",
    "'",
    "|",
    "~",
    "_",
    "..",
    ",",
    "T",
    "i",
    "a",
    "*",
    "/",
    "=",
    "—",
    "1",
    "#",
    "L",
    ":",
    "\\",
    "o",
    "x",
)
_SCRIBBLES: Final = (
    "ok",
    "paid",
    "claim",
    "fuel",
    "lunch",
    "ref",
    "office",
    "petty cash",
    "dinner",
    "parts",
    "posted",
    "no.",
)
_GUARDED: Final = frozenset("0123456789")

Change = Callable[[Random, list[str]], None]


def noisy(lines: list[str], random: Random, person: str) -> list[str]:
    """*lines* as read back: a third untouched, most a little off, a few badly. *person* may have signed on top."""
    level = random.choices((0.0, 0.5, 1.0, 2.0, 5.0), (35, 30, 20, 10, 5))[0]
    changed = list(lines)
    if random.random() < 0.09:
        changed.insert(0, _scribble(random, person))
    if level == 0.0:
        return changed
    for change, per_line in _CHANGES:
        for _ in range(_times(random, per_line * level * len(lines))):
            change(random, changed)
    return [line for line in changed if bare(line).strip()]


def _scribble(random: Random, person: str) -> str:
    """What somebody wrote on top of the receipt: a name, or what it was for."""
    written = person if random.random() < 0.7 else random.choice(_SCRIBBLES)
    return mark("other_name", written.lower() if random.random() < 0.6 else written.upper())


def _times(random: Random, expected: float) -> int:
    whole = int(expected)
    return whole + (random.random() < expected - whole)


def _confuse(random: Random, lines: list[str]) -> None:
    """One character becomes another; digits that mean an answer are mostly spared."""
    row = random.randrange(len(lines))
    line = lines[row]
    place = random.randrange(len(line)) if line else 0
    if not line or is_mark(line[place]) or line[place] not in _CONFUSED:
        return
    if line[place] in _GUARDED and _is_marked(line) and random.random() < 0.85:
        return
    if line[place] in ".,/-" and _is_marked(line) and random.random() < 0.6:
        return
    choices = _CONFUSED[line[place]]
    new = "rn" if choices == "rn" else random.choice(choices) if choices else ""
    lines[row] = line[:place] + new + line[place + 1 :]


def _is_marked(line: str) -> bool:
    return any(is_mark(character) for character in line)


def _drop_space(random: Random, lines: list[str]) -> None:
    row = random.randrange(len(lines))
    places = [place for place, character in enumerate(lines[row]) if character == " "]
    if places:
        place = random.choice(places)
        lines[row] = lines[row][:place] + lines[row][place + 1 :]


def _add_space(random: Random, lines: list[str]) -> None:
    row = random.randrange(len(lines))
    line = lines[row]
    place = random.randrange(len(line) + 1)
    if line[place - 1 : place].isdigit() and _is_marked(line) and random.random() < 0.7:
        return
    lines[row] = line[:place] + " " + line[place:]


def _lose_colon(random: Random, lines: list[str]) -> None:
    row = random.randrange(len(lines))
    lines[row] = lines[row].replace(":", "", 1)


def _merge(random: Random, lines: list[str]) -> None:
    """A line and the next become one, close together as often as not."""
    if len(lines) > 2:
        row = random.randrange(len(lines) - 1)
        lines[row : row + 2] = [lines[row] + random.choice(("", " ")) + lines[row + 1]]


def _split(random: Random, lines: list[str]) -> None:
    row = random.randrange(len(lines))
    left, space, right = lines[row].partition(" ")
    if space and bare(left) and bare(right):
        lines[row : row + 1] = [left, right]


def _swap(random: Random, lines: list[str]) -> None:
    if len(lines) > 2:
        row = random.randrange(len(lines) - 1)
        if not (_is_marked(lines[row]) and _is_marked(lines[row + 1])):
            lines[row], lines[row + 1] = lines[row + 1], lines[row]


def _lose(random: Random, lines: list[str]) -> None:
    row = random.randrange(len(lines))
    if len(lines) > 4 and (not _is_marked(lines[row]) or random.random() < 0.02):
        del lines[row]


def _garbage(random: Random, lines: list[str]) -> None:
    lines.insert(random.randrange(len(lines) + 1), random.choice(_GARBAGE))


_CHANGES: Final[tuple[tuple[Change, float], ...]] = (
    (_lose, 0.012),
    (_swap, 0.02),
    (_garbage, 0.01),
    (_merge, 0.012),
    (_confuse, 0.12),
    (_drop_space, 0.04),
    (_add_space, 0.025),
    (_lose_colon, 0.02),
    (_split, 0.008),
)
"""What happens, in this order, and how often per line at level 1. Splitting comes last: a span may then cross
lines."""
