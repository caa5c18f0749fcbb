"""What was bought: the rows of a receipt with quantity, name and amount, proven by what they add up to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from agentflow import Verdict
from receipt_rules.sums import CENT, Sums, proofs, sums_of
from receipt_rules.text import AMOUNT, CURRENCY, amounts, fold, rejected, segments
from receipt_rules.total import NOT_THE_TOTAL, Row, above_tax_table, labelled

LONGEST_ROW = 200
"""Characters of a row that are looked at: more than any till prints in one."""
MOST_ROWS = 500
"""Rows of a receipt that may list something."""
MOST_LINES = 100
"""Rows above which nothing is read: whoever repeats himself is stopped here."""
HEADING = re.compile(
    r"\b(?:qty|quantity|price|amount|amt|descriptions?|items?|rate|unit|uom|rsp|disc|particulars?|menge|preis|prezzo"
    r"|descrizione|artikel|prix|precio|cant|s/?price|tax)\b|\((?:rm|eur|usd)\)|^rm$"
)
NUMBER = re.compile(
    r"(?<![\w.,/#@-])(?<!@ )(?:\d{1,3}(?:[.,]\d)?|\d[.,]\d{3})(?=\s*(?:[xX*@]|pcs?\b|unit)|\s|$)|(?<=\b[x*])\d{1,3}\b"
)
NO_NAME = re.compile(rf"\b\d*(?:{CURRENCY}|pcs?|pkts?|units?|stk|adet|zrl|zre|srs|[a-z]{{1,2}})\b|[\W\d_]")
"""What a row of mere numbers holds beside them: signs, units, codes of taxes, codes of goods."""
LEADING = re.compile(r"^\s*(\d{1,3})\s*[xX*]?\s+(?=\D)")
TRAILING = re.compile(
    r"(?:\s+[xX*]?\s?\d{1,4}(?:[.,]\d+)?\s*[xX*@]?|\s+[xX*]\s?\d{1,3}|\s+@|\s?[:*.]|\s+\d+\s?%|\s+%\s?\d+)+\s*$"
)


COUNT = re.compile(
    r"^(?:grand )?(?:total|tot|no)\b\W*(?:of )?(?:qty|quan|item|pcs)|^(?:item|qty)s? count|^(?:item|qty)s?$"
)
"""Words for how many things were bought."""
PAYMENT = re.compile(NOT_THE_TOTAL["a payment"])
PERCENT = re.compile(r"%\s?\d+|\d+(?:[.,]\d+)?\s?%")
DATED = re.compile(r"(?<![\w/-])\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}(?![\w/-])|\b\d{1,2}:\d\d")


class Line(NamedTuple):
    """One thing that was bought."""

    quantity: str
    """As printed; empty where none is."""
    name: str
    amount: Decimal


@dataclass(slots=True)
class Block:
    """The rows that belong to one thing."""

    names: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    amounts: list[Decimal] = field(default_factory=list)


def lines_by_row(receipt: str) -> dict[str, str] | None:
    """The rows above the total whose amounts make the subtotal or the total, read from the top or from the bottom."""
    zone, sums = _zone(segments(receipt)), sums_of(receipt)
    for blocks in (_from_top(zone), _from_bottom(zone)):
        for first in range(min(3, len(blocks))):  # rows above the first thing may have looked like one
            lines = [_line(block) for block in blocks[first:]]
            if all(line.name for line in lines) and make_a_total(sums, lines):
                return None if _objection(receipt, lines) else {"items": written(lines)}
    return None


def written(lines: list[Line]) -> str:
    """One `quantity | name | amount` per row."""
    return "\n".join(f"{line.quantity} | {line.name} | {line.amount}" for line in lines)


def lines_of(items: str) -> list[Line]:
    """The rows of such a text. Raises `ValueError` for any other."""
    lines = []
    for row in items.splitlines():
        parts = [part.strip() for part in row.split("|")]
        found = [Decimal(parts[-1])] if parts[-1].isdecimal() else amounts(parts[-1])
        if len(parts) != 3 or len(found) != 1:
            raise ValueError(f"{row!r} is not `quantity | name | amount`")
        lines.append(Line(parts[0], parts[1], found[0]))
    return lines


def lists_things(receipt: str) -> Verdict:
    """Whether rows with amounts stand above the total, so that somebody need be asked."""
    if any(amounts(row) for row in _zone(segments(receipt))):
        return Verdict(True)
    return rejected("no row with an amount stands above the total", "none_printed")


def are_the_lines(inputs: Mapping[str, Any], prediction: Any) -> Verdict:
    """Every name and amount stands in the receipt, quantity times price is the amount, and all make up the total."""
    receipt = inputs["receipt"]
    try:
        lines = lines_of(str(prediction.items if not callable(prediction.items) else prediction["items"]))
    except ValueError as error:
        return rejected(f"{error}; write one such row for each thing bought", "not_lines")
    if not 1 <= len(lines) <= MOST_LINES:
        return rejected(f"{len(lines)} rows cannot be checked; give from 1 to {MOST_LINES}", "not_lines")
    if objection := _objection(receipt, lines):
        return rejected(*objection)
    if not make_a_total(sums_of(receipt), lines):
        total = sum(line.amount for line in lines)
        return rejected(f"the amounts add up to {total}, which is neither subtotal nor total", "does_not_add_up")
    return Verdict(True)


def make_a_total(sums: Sums, lines: list[Line]) -> bool:
    """Whether the amounts make the subtotal or the total, with taxes, service, discounts and rounding where printed."""
    made = sum((line.amount for line in lines), Decimal(0))
    taxes = {Decimal(0), *(proof.tax for proof in proofs(sums))}
    return made > 0 and (made in sums.subtotals or any(sums.reaches_total(made + tax) for tax in taxes))


class Objection(NamedTuple):
    """What speaks against a row, and the class of it."""

    feedback: str
    kind: str


def _objection(receipt: str, lines: list[Line]) -> Objection | None:
    """What speaks against one of the rows alone."""
    return _not_printed(receipt, lines) or _not_bought(lines) or _wrong_product(receipt, lines)


def _not_printed(receipt: str, lines: list[Line]) -> Objection | None:
    rows = segments(receipt)
    printed = Counter(amount for row in rows for amount in amounts(row))
    whole = " ".join(map(fold, rows))
    for amount, count in Counter(line.amount for line in lines).items():
        if printed[amount] < count:
            return Objection(f"{amount} stands {printed[amount]} times in the receipt, not {count}", "not_printed")
    for line in lines:
        if len(re.sub(r"[\W\d_]", "", line.name)) < 2 or fold(line.name) not in whole:
            return Objection(f"{line.name!r} is not printed on the receipt; copy the name", "not_printed")
    return None


def _not_bought(lines: list[Line]) -> Objection | None:
    names = [line.name for line in lines if _sums_up(line.name) or DATED.search(line.name)]
    return Objection(f"{names[0]!r} is nothing that was bought; leave it out", "not_bought") if names else None


def _wrong_product(receipt: str, lines: list[Line]) -> Objection | None:
    """A quantity that is not printed, or that makes no amount with the price that is printed beside it."""
    printed = {number for row in segments(receipt) for number in re.findall(r"\d+(?:[.,]\d+)?", row)}
    blocks = [block for read in (_from_top, _from_bottom) for block in read(_zone(segments(receipt)))]
    for line in lines:
        if not line.quantity:
            continue
        quantity = _number(line.quantity)
        if quantity is None or line.quantity not in printed:
            return Objection(f"{line.quantity!r} is no quantity of {line.name!r}; leave it out", "not_a_quantity")
        prices = [price for block in blocks if line.amount in block.amounts[-1:] for price in block.amounts[:-1]]
        if prices and not any(_is_product(quantity, price, line.amount) for price in prices):
            return Objection(f"{line.quantity} of {line.name!r} do not make {line.amount}", "wrong_product")
    return None


def _zone(rows: list[str]) -> list[str]:
    """The rows that may list things: from the headings of the columns to the first row that sums up."""
    rows = above_tax_table(rows)[:MOST_ROWS]
    is_sum = [_sums_up(row) and not DATED.search(row) for row in rows]
    has_amount = [bool(amounts(row)) for row in rows]
    first = next((place for place, has in enumerate(has_amount) if has and not is_sum[place]), None)
    if first is None:
        return []
    end = next((place for place in range(first, len(rows)) if is_sum[place]), len(rows))
    headed = [place for place in range(first) if HEADING.search(fold(rows[place]))]
    start = max(headed, default=max(0, first - 3) - 1) + 1
    return [row[:LONGEST_ROW] for row in rows[start:end] if not re.fullmatch(r"[\W_]*", row)]


def _sums_up(row: str) -> bool:
    """Whether a row begins what stands below the things bought."""
    named: Row = next(labelled([f"{row} 0.00"]))
    if named.says_total or COUNT.search(named.label):
        return True
    is_payment = named.kind == "a payment" and PAYMENT.match(named.label) is not None
    return is_payment or named.kind in ("a subtotal", "a tax", "the change", "a service charge")


def _from_top(zone: list[str]) -> list[Block]:
    """Where names stand above or before their numbers."""
    return [block for block in _blocks(zone) if block.amounts]


def _from_bottom(zone: list[str]) -> list[Block]:
    """Where names stand below their numbers."""
    blocks = [block for block in _blocks(zone[::-1]) if block.amounts]
    for block in blocks:
        block.amounts.reverse()
    return blocks[::-1]


def _blocks(rows: list[str]) -> Iterator[Block]:
    """The rows of one thing after the other: names, then numbers, or both in one row."""
    block = Block()
    for row in rows:
        named = _name(row)
        if named and (block.amounts or (block.numbers and not amounts(row))):
            yield block
            block = Block()
        if named:
            block.names.append(named)
            block.numbers.clear()  # what stood above belongs to something else
        block.numbers.extend(NUMBER.findall(PERCENT.sub(" ", AMOUNT.sub(" ", row))))
        block.amounts.extend(amounts(row))
    yield block


def _name(row: str) -> str:
    """The words of a row; empty when it holds only numbers, units and codes."""
    match = AMOUNT.search(row)
    words = row[: match.start()] if match else row
    words = LEADING.sub("", re.sub(rf"(?:(?<![A-Za-z]){CURRENCY}|[*@])\s*$", "", words.strip(), flags=re.IGNORECASE))
    words = TRAILING.sub("", words).strip(" .:*-@")
    return words if len(NO_NAME.sub("", fold(words))) >= 2 else ""


def _line(block: Block) -> Line:
    amount, prices = block.amounts[-1], block.amounts[:-1]
    counts = [*block.numbers, *map(str, prices)]  # 0.74 kg looks like an amount
    made = [count for count in counts if any(_is_product(_number(count), price, amount) for price in prices)]
    alone = block.numbers if len(block.numbers) == 1 and block.numbers[0].isdecimal() and not prices else []
    return Line(next(iter([*made, *alone]), ""), " ".join(block.names[-1:]), amount)


def _is_product(quantity: Decimal | None, price: Decimal, amount: Decimal) -> bool:
    return quantity is not None and quantity > 0 and abs(quantity * price - amount) <= CENT


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
