"""The third split: receipts written by hand, apart from the generator. It is never trained or tuned on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PATH: Final = Path(__file__).with_name("third.jsonl")
"""One receipt per line."""

ASKED: Final = ("company", "date", "total", "address", "number", "subtotal", "tax")
"""What is known of them, where they print it."""


@dataclass(frozen=True, slots=True)
class Third:
    """A receipt as a scanner read it, with what it means."""

    id: str
    """Country and running number: `my-001`."""
    lines: tuple[str, ...]
    """As read, in reading order, mistakes of the scanner included."""
    values: dict[str, str]
    """By field, what was meant: YYYY-MM-DD, amounts as 1234.50. Absent where the receipt does not print it."""
    noise: frozenset[str]
    """Fields that stand nowhere letter for letter: the scanner damaged them or the print breaks them up."""

    @property
    def text(self) -> str:
        """Its lines, one per row."""
        return "\n".join(self.lines)


def receipts() -> list[Third]:
    """Every receipt of the split, in the order written."""
    return [_third(line) for line in PATH.read_text(encoding="utf-8").splitlines()]


def _third(line: str) -> Third:
    record = json.loads(line)
    values = {field: record[field] for field in ASKED if field in record}
    return Third(record["id"], tuple(record["lines"]), values, frozenset(record.get("noise", ())))
