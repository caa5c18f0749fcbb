"""The total that the payment proves: what was handed over less what came back, wherever their words were read."""

from __future__ import annotations

import re
from decimal import Decimal

from receipt_rules.text import amounts, fold, segments

ROUNDING = Decimal("0.05")
"""The most by which a till rounds."""
NEAR = 5
"""Amounts behind the total among which cash and change stand."""
NAMES_CHANGE = re.compile(r"chang|ruckgeld|rendu|cambio|\bresto\b|troco|reszta|para ustu|wisselgeld|tillbaka|\bbaki\b")
NAMES_TOTAL = re.compile(r"t[o0]t[a4][l1]|toplam|\bsumm?[ae]\b|jumlah|amount|payable")


def paid_totals(receipt: str) -> frozenset[Decimal]:
    """Every amount that no amount above exceeds by more than a rounding, and that cash less change behind it makes.

    None where the receipt does not speak of a total and of change.
    """
    words = fold(receipt)
    if not (NAMES_CHANGE.search(words) and NAMES_TOTAL.search(words)):
        return frozenset()
    printed = [abs(amount) for row in segments(receipt) for amount in amounts(row)]
    found, highest = set(), Decimal(0)
    for place, amount in enumerate(printed):
        highest = max(highest, amount)
        if amount and amount >= highest - ROUNDING and _is_paid(amount, printed[place + 1 : place + 1 + NEAR]):
            found.add(amount)
    return frozenset(found)


def total_by_payment(receipt: str) -> dict[str, Decimal] | None:
    """The one amount that the payment proves."""
    totals = paid_totals(receipt)
    return {"total": next(iter(totals))} if len(totals) == 1 else None


def _is_paid(total: Decimal, behind: list[Decimal]) -> bool:
    place = next((place for place, amount in enumerate(behind) if amount > total + ROUNDING), len(behind))
    return any(change > 0 and behind[place] - change == total for change in behind[place + 1 :])
