"""What a till prints in front of a value, split so that a phrase held out in one country is held out in every one."""

from __future__ import annotations

from functools import cache
from typing import Final

from agentflow.nano.train.locales import Locale, Role
from agentflow.nano.train.pools import Draw, Side, is_held

COMMON: Final = frozenset(
    """
    TOTAL|DATE|TIME|SUBTOTAL|SUB TOTAL|SUB-TOTAL|CASH|CHANGE|TAX INVOICE|INVOICE|RECEIPT|INVOICE NO|RECEIPT NO|
    BILL NO|GST|
    GST 6%|ROUNDING|ROUNDING ADJ|ROUNDING ADJUSTMENT|GRAND TOTAL|NET TOTAL|NETT TOTAL|AMOUNT DUE|TOTAL AMOUNT|
    TOTAL SALES|
    TOTAL DUE|CASHIER|TABLE|TEL|FAX|QTY|PRICE|AMOUNT|DESCRIPTION|ITEM|DISCOUNT|SERVICE CHARGE|GST REG NO|GST ID|
    GST NO|
    INV NO|DOC NO|SST|TOTAL INCL GST|TOTAL PAYABLE|ROUNDED TOTAL|JUMLAH|TARIKH
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
"""Never held out: without them no receipt can be read."""


def phrase(draw: Draw, locale: Locale, role: Role) -> str:
    """One of *locale*'s ways to say *role*, from the draw's side."""
    return draw.random.choice(phrases(draw.side, locale, role))


def phrases(side: Side, locale: Locale, role: Role) -> tuple[str, ...]:
    """*locale*'s ways to say *role* on *side*; what has only one way to be said is said so on both."""
    every = locale.labels.get(role, ())
    return every or ("",) if side == "any" else _kept(side, every) or ("",)


@cache
def _kept(side: Side, every: tuple[str, ...]) -> tuple[str, ...]:
    seen = tuple(entry for entry in every if not is_held_phrase(entry)) or every[:1]
    if side == "seen":
        return seen
    return tuple(entry for entry in every if entry not in seen) or every


def is_held_phrase(text: str) -> bool:
    """Whether *text*, however it is capitalised, is kept out of training."""
    return text.upper() not in COMMON and is_held("phrase", text.upper())
