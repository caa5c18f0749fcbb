"""What the embedded model is shown of a receipt: its lines without ornament, and of a long one the ends.

Choosing is all that happens here: nothing is corrected or made up, and equal texts give equal pages.
"""

from __future__ import annotations

import re
import textwrap
from typing import Final

from agentflow.nano.tokens import Vocabulary

SCANNED: Final = 16_384
"""Characters looked at from the start, and again from the end, of a long text: any text takes bounded time."""
WIDEST: Final = 160
"""Characters of one line; a longer one is folded."""
_HEAD = 0.4
"""Part of the room that the first lines get, where not everything fits; the last lines get the rest."""
_WANTED = 4
"""Most lines of the middle that are shown all the same: those with a date, or with a word for a total."""

_ORNAMENT = re.compile(r"([^\w\s])\1{2,}|(_)_{2,}")
_SENT_AS_ONE = re.compile(r" / |; ")
"""Between the lines of a receipt that was sent as a single one."""
_MIDDLE = re.compile(
    r"(?<!\d)\d{1,4}([-/.])(?:\d{1,2}|[a-z]{3,9})\1\d{2,4}(?!\d)"
    r"|\b(?:grand |net+ )?total\b|\bamount due\b|\bjumlah\b|\bsumme\b|\bgesamt|\bimporte\b|\btotale\b|\bmontant\b",
    re.IGNORECASE,
)


def page(text: str, vocabulary: Vocabulary, most: int) -> str:
    """Lines of *text* in their order, of at most *most* tokens in all."""
    lines = _lines(text)
    sizes = [len(vocabulary.encode(line)) + 1 for line in lines]
    if sum(sizes) <= most:
        return "\n".join(lines)
    kept = _ends(sizes, most, _middle(lines, sizes, most))
    return "\n".join(lines[index] for index in kept)


def plain(text: str) -> str:
    """*text* as it stands on a page: single spaces, nothing that cannot be printed, no ornament."""
    return "\n".join(_lines(text))


def _lines(text: str) -> list[str]:
    """Lines with single spaces, without what cannot be printed and without ornament."""
    if len(text) > 2 * SCANNED:
        text = text[:SCANNED] + "\n" + text[-SCANNED:]
    rows = text.strip().splitlines()
    rows = _SENT_AS_ONE.split(rows[0]) if len(rows) == 1 else rows
    plain = ("".join(sign if sign.isprintable() else " " for sign in row) for row in rows)
    lines = (" ".join(_ORNAMENT.sub(r"\1\2", line).split()) for line in plain)
    return [part for line in lines for part in textwrap.wrap(line, WIDEST)]


def _middle(lines: list[str], sizes: list[int], most: int) -> list[int]:
    """Lines that are wanted wherever they stand, as long as they take no more than a quarter of the room."""
    wanted: list[int] = []
    room = most // 4
    for index, line in enumerate(lines):
        if len(wanted) < _WANTED and sizes[index] <= room and _MIDDLE.search(line):
            wanted.append(index)
            room -= sizes[index]
    return wanted


def _ends(sizes: list[int], most: int, wanted: list[int]) -> list[int]:
    """Indices of the first and the last lines, and of those wanted, that fit together."""
    kept = set(wanted)
    room = most - sum(sizes[index] for index in kept)
    for order, share in ((range(len(sizes)), _HEAD), (reversed(range(len(sizes))), 1.0)):
        part = int(room * share)
        for index in order:
            if index in kept:
                continue
            if sizes[index] > part:
                break
            kept.add(index)
            part -= sizes[index]
            room -= sizes[index]
    return sorted(kept)
