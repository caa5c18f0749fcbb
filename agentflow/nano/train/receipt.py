"""A receipt with everything that is true of it. It prints nothing by itself."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a till printed and a scanner read, and the right answer to each question."""

    lines: tuple[str, ...]
    """As read, noise included."""
    answers: dict[str, str]
    """By field, written exactly as it stands in `lines` after the noise; several lines are joined by one space.
    `none` where the receipt does not say it. `items` has one `quantity | name | amount` per row, joined by newlines,
    with an empty quantity where none is printed."""
    values: dict[str, str]
    """By field, what was meant, without noise: the company's name, YYYY-MM-DD, amounts 1234.50; absent where `none`."""
    wrong: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By field, other things on the receipt that could be mistaken for the answer, as they stand in `lines`."""
    layout: str = ""
    """Names the layout: receipts of one group share it."""

    @property
    def text(self) -> str:
        """Its lines, one per row."""
        return "\n".join(self.lines)
