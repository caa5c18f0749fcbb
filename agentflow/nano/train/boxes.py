"""Rows of text boxes turned into lines in the order in which a scan is read. It changes no character."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from agentflow.nano.train.layout import Boxes, Style
from agentflow.nano.train.marks import bare
from agentflow.nano.train.pen import Row


def tilted(rows: Sequence[Row], random: Random, tilt: float) -> list[Row]:
    """*rows* as a crooked scan shows them: a share of *tilt* has its boxes in another order."""
    if not tilt:
        return list(rows)
    return [tuple(random.sample(row, len(row))) if len(row) > 1 and random.random() < tilt else row for row in rows]


def lines(rows: Sequence[Row], style: Style, section: str) -> list[str]:
    """The lines of one *section*."""
    boxes: Boxes = style.boxes.get(section, style.boxes[""])
    kept = [tuple(cell for cell in row if cell) for row in rows]
    match boxes:
        case "cells":
            return [cell for row in kept for cell in row]
        case "reversed":
            return [cell for row in kept for cell in (row[::-1] if len(row) == 2 else row)]
        case "columns":
            return [row[0] for row in kept if row] + [cell for row in kept for cell in row[1:]]
    return [_joined(row, style) for row in kept if row]


def _joined(row: Row, style: Style) -> str:
    if style.wide and len(row) > 1:
        left, right = (style.gap or " ").join(row[:-1]), row[-1]
        room = style.wide - len(bare(left)) - len(bare(right))
        return left + " " * max(room, 1) + right
    return (style.gap or " ").join(row)
