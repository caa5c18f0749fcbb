"""Word lists as people write them, split into tuples. No word is made or changed here."""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """Split *text* at bars and line ends."""
    return tuple(word.strip() for line in text.splitlines() for word in line.split("|") if word.strip())


def goods(text: str) -> tuple[tuple[str, float, float], ...]:
    """Read lines of `lowest-highest: NAME|NAME` as goods with their range of prices."""
    rows = []
    for line in filter(None, map(str.strip, text.splitlines())):
        band, _, names = line.partition(":")
        lowest, highest = map(float, band.split("-"))
        rows += [(name, lowest, highest) for name in words(names)]
    return tuple(rows)


def priced(rows: tuple[tuple[str, float, float], ...], times: float) -> tuple[tuple[str, float, float], ...]:
    """Put the prices of *rows* into a currency of which *times* units buy what one bought."""
    return tuple((name, round(lowest * times, 2), round(highest * times, 2)) for name, lowest, highest in rows)
