"""The total of a receipt: by its label, and what else on the receipt confirms or contradicts it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from agentflow import Verdict
from receipt_rules.payment import ROUNDING, paid_totals
from receipt_rules.text import AMOUNT, CURRENCY, amounts, fold, rejected, rows_of, segments

SETTLED = (
    "net total|nett total|final total|total rounded|total amt rounded|rounded total|total after rounding|"
    "total after adj|total after adj incl gst|total payable|total amt payable|amount payable|total to pay|"
    "net total rounded|nett total rounded|amount to be paid"
)
WITH_TAX = (
    "grand total|total due|amount due|balance due|total incl gst|total amt incl gst|total amount incl gst|"
    "total sales incl gst|total gst incl|total incl tax|total incl vat|total with gst|total ttc|net a payer|"
    "gesamtbetrag|endbetrag|zu zahlen|total a pagar|totale complessivo|te betalen|do zaplaty|att betala|genel toplam"
)
PLAIN = (
    "total|total amount|total amt|total sales|total price|summe|gesamt|gesamtsumme|totale|totale euro|totaal|totalt|"
    "suma|toplam|importe total|total general|total geral"
)
RANKS = tuple(frozenset(words.split("|")) for words in (SETTLED, WITH_TAX, PLAIN))
"""Words for the total, the most binding first."""
UNRANKED = len(RANKS)

NOT_THE_TOTAL = {
    "a subtotal": r"sub\W*t[o0]t|zwischensumme|sous.?total|subtotaal|delsumma|ara toplam|imponi[bv]|netto"
    r"|\bnet(?! total| a payer)|\bexcl|\bgoods\b|\bbefore\b|opodatkowana",
    "a tax": r"\b(?:vat|tax|iva|tva|btw|mwst|moms|kdv|ptu|[cs]gst|ust)\b(?!.*\bincl)|^total gst$|^gst$|^gst\b.*\d",
    "a service charge": r"serv(?:ice)?\W*ch|\bsrv\b|bedienung|servicio|coperto",
    "a payment": r"\bcash|\bbar$|visa|master|\bcard\b|karte|kort\b|especes|contante|numerario|gotowka|nakit|eftpos"
    r"|\bpin\b|\bpaid\b|tender|c[o0]ntactless|voucher|regle\b",
    "the change": r"change|ruckgeld|rendu|cambio|resto|troco|reszta|para ustu|wisselgeld|tillbaka",
    "a discount": r"discount|rabatt|remise|saved|saving|points|\btips?\b|suggested",
    "a quantity": r"\bqty\b|quantity|\bitems?\b|\bpcs\b",
    "a rounding": r"round(?!ed total)|rundung",
}
LIKE_TOTAL = re.compile(
    r"\bt[o0]+t[a4]+[l1]|\btoatl|\btot ?al\b|\btota ?l\b|\bttal|\btotl|\btoal\b|\bottal|\btota\b"
    r"|amount due|balance due|payable|to pay"
)
"""The total as a bad print or a bad scan spells it."""
CASH = frozenset({"cash", "bar", "especes", "gotowka", "nakit", "numerario", "pagamento contante"})
TAX_TABLE = re.compile(r"(?:gst|tax|vat|sst)\s*(?:summary|analysis)|\btax code\b")
"""What follows sums up the taxes, and calls those sums totals too."""
BARE = re.compile(rf"\s*(?:{CURRENCY}\s*)?-?\s?(?:\d[\d.,'’ ]*[.,]\d\d)\s*(?:{CURRENCY})?\s*")
"""A line that is an amount and nothing else."""


class Row(NamedTuple):
    """A row that holds amounts."""

    label: str
    """Its words, folded, without currency, percentages and leaders."""
    amounts: list[Decimal]

    @property
    def rank(self) -> int:
        """How binding its words for the total are, 0 the most."""
        return next((rank for rank, labels in enumerate(RANKS) if self.label in labels), UNRANKED)

    @property
    def kind(self) -> str | None:
        """What other than the total its words name."""
        return next((kind for kind, words in NOT_THE_TOTAL.items() if re.search(words, self.label)), None)

    @property
    def says_total(self) -> bool:
        """Whether its words name the total, be they misprinted."""
        return self.rank < UNRANKED or (self.kind is None and bool(LIKE_TOTAL.search(self.label)))


def total_by_label(receipt: str) -> dict[str, Decimal] | None:
    """The amount beside a plain "TOTAL" in one of many languages, when no other such row disagrees."""
    rows = [row for row in labelled_rows(rows_of(receipt)) if len(row.amounts) == 1]
    best = min((row.rank for row in rows), default=UNRANKED)
    found = {row.amounts[0] for row in rows if row.rank == best < UNRANKED}
    return {"total": found.pop()} if len(found) == 1 and min(found) > 0 else None


def is_the_total(inputs: Mapping[str, Any], prediction: Any) -> Verdict:
    """The payment proves it, or it stands beside a word for the total and neither another nor the cash contradicts."""
    total = prediction.total
    if not isinstance(total, Decimal):
        return rejected(f"{total!r} is no amount", "not_an_amount")
    rows = labelled_rows(segments(inputs["receipt"]))
    if paid_totals(inputs["receipt"]) == {total} and not _contradicts(rows, total):
        return Verdict(True)
    own = [row for row in rows if total in row.amounts]
    if not own:
        return rejected(f"no amount of {total} stands in the receipt; copy the total as it is printed", "not_an_amount")
    if not any(row.says_total for row in own):
        return rejected(_what_it_is(total, own), "not_the_total")
    rivals = (_rival(rows, own, total), _corrected(rows, own, total))
    rival = next((amount for amount in rivals if amount is not None), None)  # one of 0.00 is a rival too
    if rival is not None:
        return rejected(f"another row speaks for {rival}, so {total} is not proven", "two_totals")
    paid = cash_less_change(rows)
    if paid is not None and paid != total:
        return rejected(f"the cash paid less the change is {paid}, not {total}", "cash_disagrees")
    return Verdict(True)


def labelled_rows(lines: list[str]) -> list[Row]:
    """The rows above the table of taxes that hold amounts, with their words."""
    return list(labelled(joined(above_tax_table(lines))))


def above_tax_table(lines: list[str]) -> list[str]:
    """The lines before the table that sums up the taxes; TAX CODE above the first amount only heads a column."""
    first = next((place for place, line in enumerate(lines) if amounts(line)), len(lines))
    heads = [TAX_TABLE.search(line.casefold()) for line in lines]
    end = (place for place, head in enumerate(heads) if head and (place > first or head.group() != "tax code"))
    return lines[: next(end, len(lines))]


def joined(lines: list[str]) -> list[str]:
    """Lines as rows: a single amount on a line of its own belongs to the words on the line above it."""
    bare = [bool(BARE.fullmatch(line.casefold())) for line in lines] + [False]
    rows: list[str] = []
    for place, line in enumerate(lines):
        # columns that were read one after the other do not say what belongs together
        is_single = bare[place] and not bare[place + 1] and not (place and bare[place - 1])
        if is_single and rows and not amounts(rows[-1]):
            rows[-1] = f"{rows[-1]} {line.strip()}"
        else:
            rows.append(line)
    return rows


def labelled(rows: list[str]) -> Iterator[Row]:
    """The rows that hold amounts, with their words."""
    for row in rows:
        if found := amounts(row):
            words = re.sub(rf"(?<![a-z]){CURRENCY}(?![a-z])|@?\s*\d+\s?%", " ", fold(AMOUNT.sub(" ", row)))
            words = re.sub(r"\bincl?(?:usive|uding)?\b(?:\.? ?of\b)?", "incl", words)
            yield Row(" ".join(re.sub(r"\W+|_+", " ", words).split()), found)


def _what_it_is(total: Decimal, own: list[Row]) -> str:
    kind = next((row.kind for row in own if row.kind), None)
    where = f"{total} stands beside {own[0].label!r}"
    return f"{where}: that is {kind}, not the total" if kind else f"{where}, which is no word for the total"


def _contradicts(rows: list[Row], total: Decimal) -> bool:
    """Whether a plain word for the total stands beside an amount that no rounding brings to this one."""
    plain = [row.amounts[0] for row in rows if len(row.amounts) == 1 and row.rank < UNRANKED]
    return any(abs(amount - total) > ROUNDING for amount in plain)


def _rival(rows: list[Row], own: list[Row], total: Decimal) -> Decimal | None:
    """Another amount that is as plainly, or more plainly, called the total."""
    rank = min(row.rank for row in own)
    plain = [row.amounts[0] for row in rows if len(row.amounts) == 1 and row.rank <= rank and row.says_total]
    return next((amount for amount in plain if amount != total and not _is_rounded(rows, amount, total)), None)


def _is_rounded(rows: list[Row], before: Decimal, total: Decimal) -> bool:
    """Whether a rounding that is printed makes *total* out of an amount that stands above it."""
    printed = [amount for row in rows for amount in row.amounts]
    steps = {abs(amount) for row in rows if re.search(r"round|rnd|\badj", row.label) for amount in row.amounts}
    last = len(printed) - 1 - printed[::-1].index(total)
    return 0 < abs(total - before) <= ROUNDING and abs(total - before) in steps and printed.index(before) < last


def _corrected(rows: list[Row], own: list[Row], total: Decimal) -> Decimal | None:
    """An amount on the receipt to which rounding, or a tax that was left out, brings this total."""
    rank = min(row.rank for row in own)
    standing = {amount for row in rows for amount in row.amounts}
    near = [amount for amount in standing if 0 < abs(amount - total) <= ROUNDING]
    if rank > 0 and near and any("round" in row.label or "rnd" in row.label for row in rows):
        return min(near)
    added = [amount for row in rows if row.kind in ("a tax", "a service charge") for amount in row.amounts]
    return next((total + tax for tax in added if rank > 1 and tax > 0 and total + tax in standing), None)


def cash_less_change(rows: list[Row]) -> Decimal | None:
    """Cash handed over less the change given back, when the receipt states each of them once."""
    single = [row for row in rows if len(row.amounts) == 1]
    cash = [abs(row.amounts[0]) for row in single if row.label in CASH]
    change = [abs(row.amounts[0]) for row in single if row.kind == "the change"]
    return cash[0] - change[0] if len(cash) == len(change) == 1 else None
