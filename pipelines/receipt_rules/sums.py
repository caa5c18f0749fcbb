"""Subtotal and tax of a receipt: the printed amounts that lead to its total. What adds up to nothing is not read."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from agentflow import Verdict
from receipt_rules.payment import ROUNDING
from receipt_rules.text import fold, rejected, segments
from receipt_rules.total import TAX_TABLE, Row, above_tax_table, joined, labelled

TAXES = re.compile(
    r"\b(?:[csi]?gst|sst|vat|tax|taxe|iva|tva|btw|mwst|mehrwertsteuer|ust|moms|mva|kdv|ptu|ppn|sales tax|service tax)\b"
)
"""Words for a tax on what is bought."""
BEFORE_TAX = re.compile(r"\bexcl|\bbefore\b|\bw/?o\b|without|\bnet\b|netto|imponib|\bht\b|taxable|sub\W*t[o0]t")
RATE = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?)\s?%")
DISCOUNT = re.compile(r"discount|^disc\b|rabatt|remise|sconto|descuento|korting|rabat\b|diskaun|potongan")
"""Words for what is taken off, as against points and savings that are only told."""
CENT = Decimal("0.01")
MOST_EXTRAS = 5
"""Rows between subtotal and total: with more of them, anything would add up."""
MOST_AMOUNTS = 120
"""Amounts above which a receipt is too long to try which of them add up."""
LARGEST_SHARE = Decimal("0.35")
"""No tax on a purchase is a larger part of the price before it."""


class Sums(NamedTuple):
    """The amounts of a receipt by what they are for."""

    totals: frozenset[Decimal]
    """Beside a word for the total."""
    subtotals: frozenset[Decimal]
    """Beside a word for the subtotal or the price before tax."""
    taxes: tuple[Decimal, ...]
    """Above zero, beside a word for a tax or in the table of taxes, each as often as it is printed."""
    tables: tuple[Decimal, ...]
    """In the table of taxes, in order."""
    extras: tuple[Decimal, ...]
    """Service, discount and rounding, with their signs."""
    amounts: frozenset[Decimal]
    """All of them."""
    rates: frozenset[Decimal]
    """Percentages."""

    def reaches_total(self, part: Decimal) -> bool:
        """Whether *part*, with some of the service, discounts and rounding, is a total."""
        return any(part + extra in self.totals for extra in self.settlings)

    @property
    def settlings(self) -> frozenset[Decimal]:
        """What service, discounts and rounding come to, any of them or none."""
        sizes = range(len(self.extras) + 1)
        picked = itertools.chain.from_iterable(itertools.combinations(self.extras, size) for size in sizes)
        return frozenset(sum(some, Decimal(0)) for some in picked)


@lru_cache(maxsize=128)  # as many as agents work on at a time, each asking for several fields
def sums_of(receipt: str) -> Sums:
    """Every amount by its words. A receipt of too many amounts has none that could be proven."""
    lines = segments(receipt)
    above = above_tax_table(lines)
    rows, table = list(labelled(joined(above))), list(labelled(lines[len(above) :]))
    tables = tuple(itertools.chain.from_iterable(row.amounts for row in itertools.takewhile(_is_of_table, table)))
    amounts = frozenset(abs(amount) for row in rows + table for amount in row.amounts)
    if len(amounts) > MOST_AMOUNTS:
        return Sums(frozenset(), frozenset(), (), (), (), frozenset(), frozenset())
    return Sums(
        frozenset(amount for row in rows if row.says_total for amount in row.amounts if amount > 0),
        frozenset(amount for row in rows if row.kind == "a subtotal" for amount in row.amounts if amount > 0),
        tuple(tax for tax in [*tables, *(tax for row in rows if _is_tax(row) for tax in row.amounts)] if tax > 0),
        tables,
        tuple(_extras(rows)),
        amounts,
        frozenset(Decimal(rate.replace(",", ".")) for rate in RATE.findall(fold(receipt))),
    )


def names_tax(receipt: str) -> Verdict:
    """Whether a tax stands in the receipt at all, so that somebody need be asked."""
    if sums_of(receipt).taxes:
        return Verdict(True)
    return rejected("the receipt names no amount of tax", "none_printed")


def names_subtotal(receipt: str) -> Verdict:
    """Whether a subtotal, or a price before tax, stands in the receipt at all."""
    sums = sums_of(receipt)
    if sums.subtotals or any(proof.net is not None for proof in proofs(sums)):
        return Verdict(True)
    return rejected("the receipt names no subtotal and no price before tax", "none_printed")


def tax_by_sum(receipt: str) -> dict[str, Decimal] | None:
    """The one printed tax, or sum of printed taxes, that together with another amount makes the total."""
    taxes = {proof.tax for proof in proofs(sums_of(receipt))}
    return {"tax": taxes.pop()} if len(taxes) == 1 else None


def subtotal_by_label(receipt: str) -> dict[str, Decimal] | None:
    """The one amount called the subtotal that leads to the total, else the price before the one proven tax."""
    sums = sums_of(receipt)
    found = {amount for amount in sums.subtotals if leads_to_total(sums, amount)}
    found = found or {proof.net for proof in proofs(sums) if proof.net is not None}
    return {"subtotal": found.pop()} if len(found) == 1 else None


def is_the_tax(inputs: Mapping[str, Any], prediction: Any) -> Verdict:
    """The tax stands beside a word for it and, with the price before it, makes the total; no other tax does."""
    tax, sums = prediction.tax, sums_of(inputs["receipt"])
    if not isinstance(tax, Decimal) or tax <= 0:
        return rejected(f"{tax!r} is no amount of tax", "not_an_amount")
    proven = {proof.tax for proof in proofs(sums)}
    if tax not in proven:
        where = "does not lead to the total" if tax in sums.taxes else "does not stand beside a word for a tax"
        return rejected(f"{tax} {where}; copy the tax as it is printed", "not_the_tax")
    if len(proven) > 1:
        return rejected(f"{', '.join(map(str, sorted(proven)))} could each be the tax", "two_taxes")
    return Verdict(True)


def is_the_subtotal(inputs: Mapping[str, Any], prediction: Any) -> Verdict:
    """The amount is called the subtotal, or is the price before a proven tax, and leads to the total."""
    subtotal, sums = prediction.subtotal, sums_of(inputs["receipt"])
    if not isinstance(subtotal, Decimal) or subtotal <= 0:
        return rejected(f"{subtotal!r} is no amount", "not_an_amount")
    called = {amount for amount in sums.subtotals if leads_to_total(sums, amount)}
    nets = called or {proof.net for proof in proofs(sums) if proof.net is not None}
    if subtotal not in nets:
        where = "does not lead to the total" if subtotal in sums.subtotals else "is not called the subtotal"
        return rejected(f"{subtotal} {where}; copy the subtotal as it is printed", "not_the_subtotal")
    if len(nets) > 1:
        return rejected(f"{', '.join(map(str, sorted(nets)))} could each be the subtotal", "two_subtotals")
    return Verdict(True)


class Proof(NamedTuple):
    """A tax that makes a total out of a price before it."""

    tax: Decimal
    net: Decimal | None
    """None: it is not printed."""


def proofs(sums: Sums) -> Iterator[Proof]:
    """Every tax that is shown to be part of a total."""
    for tax in {*sums.taxes, *_tax_in_parts(sums.taxes)}:
        nets = [net for net in sums.amounts if _is_taxed(tax, net) and sums.reaches_total(net + tax)]
        called = [net for net in nets if net in sums.subtotals or net in sums.tables]
        if nets:
            yield from (Proof(tax, net) for net in called or nets)
        elif tax in sums.taxes and _is_included(sums, tax):
            yield Proof(tax, None)
    yield from _tables_of_several_rates(sums)


def leads_to_total(sums: Sums, part: Decimal) -> bool:
    """Whether *part* is a total before taxes, service, discount and rounding, or one that holds the taxes already."""
    taxes = tuple(tax for tax in sums.taxes if _is_taxed(tax, part))
    parts = [part, *(part + tax for tax in [*taxes, *_tax_in_parts(taxes)])]
    return any(sums.reaches_total(each) for each in parts)


def _tax_in_parts(taxes: tuple[Decimal, ...]) -> list[Decimal]:
    """What several taxes come to, as where a federal and a state tax are printed."""
    return [sum(taxes, Decimal(0))] if 2 <= len(taxes) <= MOST_EXTRAS else []


def _is_taxed(tax: Decimal, net: Decimal) -> bool:
    return 0 < tax <= net * LARGEST_SHARE


def _is_included(sums: Sums, tax: Decimal) -> bool:
    """Whether *tax* is what a printed rate makes of a total that contains it."""
    return any(
        abs(total * rate / (100 + rate) - tax) <= CENT for rate in sums.rates if rate > 0 for total in sums.totals
    )


def _tables_of_several_rates(sums: Sums) -> Iterator[Proof]:
    """The table of taxes, when its pairs of price and tax, one per rate, come to the total."""
    pairs = list(zip(sums.tables[::2], sums.tables[1::2], strict=False))
    for length in range(2, len(pairs) + 1):
        nets, taxes = (sum((pair[side] for pair in pairs[:length]), Decimal(0)) for side in (0, 1))
        if all(0 <= tax <= net for net, tax in pairs[:length]) and taxes > 0 and sums.reaches_total(nets + taxes):
            yield Proof(taxes, nets if nets in sums.amounts else None)
            return


def _is_tax(row: Row) -> bool:
    label = row.label
    is_price = row.says_total or row.kind == "a subtotal" or BEFORE_TAX.search(label)
    return bool(TAXES.search(label)) and (not is_price or bool(re.fullmatch(r"total (?:[csi]?gst|sst|vat|tax)", label)))


def _is_of_table(row: Row) -> bool:
    return not re.search(r"cash|card|change|visa|master|paid|round", row.label) or bool(TAX_TABLE.search(row.label))


def _extras(rows: list[Row]) -> Iterator[Decimal]:
    """Service, discounts and rounding with their signs; none when there are too many to prove anything."""
    found = []
    for row in rows:
        if len(row.amounts) != 1 or not row.amounts[0]:
            continue
        amount = row.amounts[0]
        if row.kind == "a service charge":
            found.append(amount)
        elif DISCOUNT.search(row.label):
            found.append(-abs(amount))
        elif row.kind == "a rounding" and abs(amount) <= ROUNDING:
            found.extend((amount, -amount) if amount > 0 else (amount,))
    return iter(found if len(found) <= MOST_EXTRAS else ())
