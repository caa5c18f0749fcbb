"""What speaks against an answer even where several readers agree on it, and whether they do. Nothing is proven here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from agentflow import Verdict
from agentflow.verdict import Case
from receipt_rules.company import is_the_company, is_the_rest
from receipt_rules.date import is_the_purchase_date
from receipt_rules.payment import ROUNDING
from receipt_rules.text import fold, rejected, segments
from receipt_rules.total import UNRANKED, Row, cash_less_change, labelled_rows

NEVER = frozenset({"the change", "a discount", "a quantity"})
"""What no reader is believed to be the total."""
SMALLEST_COIN = Decimal("0.05")
"""To which totals are rounded where cents are no longer minted."""
UNKNOWN = frozenset({"not_the_company", "not_a_date"})
"""Refusals which only say that the functions do not know."""


def may_be_the_company(inputs: Mapping[str, Any], prediction: Any) -> Verdict:
    """The answer is a whole name, no heading, address or number, and not one of several that ask to be it."""
    company = str(prediction.company)
    if is_the_rest(company):
        return rejected(f"{company!r} is only the end of a name; copy the rows before it too", "not_whole")
    return _unless_unknown(is_the_company(inputs, prediction))


def may_be_the_date(inputs: Mapping[str, Any], prediction: Any) -> Verdict:
    """The day can be read in one way, and is not called some other date."""
    return _unless_unknown(is_the_purchase_date(inputs, prediction))


def _unless_unknown(verdict: Verdict) -> Verdict:
    return Verdict(True) if verdict.kind in UNKNOWN else verdict


def may_be_the_total(inputs: Mapping[str, Any], prediction: Any) -> Verdict:
    """The amount stands there, is not called something else, and neither the cash nor a label speaks for another."""
    total = prediction.total
    rows = labelled_rows(segments(inputs["receipt"]))
    own = [row for row in rows if total in row.amounts]
    if not own:
        return rejected(f"no amount of {total} stands in the receipt; copy the total as it is printed", "not_an_amount")
    kinds = {row.kind for row in own}
    if kinds <= NEVER:
        return rejected(f"{total} is {' or '.join(sorted(map(str, kinds)))}, not the total", "not_the_total")
    if _is_torn(rows, own, total):
        return rejected(f"{total} is the last amount and unnamed; the total may be torn off below it", "torn")
    rival = _rounded(rows, total) or _labelled(rows, total)
    if rival is not None:
        return rejected(f"another row speaks for {rival}, so {total} is not proven", "two_totals")
    paid = cash_less_change(rows)
    if paid not in (None, total):
        return rejected(f"the cash paid less the change is {paid}, not {total}", "cash_disagrees")
    return Verdict(True)


def is_seconded(case: Case) -> Verdict:
    """Another reader had given the same answer before, though nothing on the receipt proves it."""
    others = [tried for tried in case.earlier if tried.tier != case.tier and tried.prediction is not None]
    if any(_meaning(tried.prediction) == _meaning(case.prediction) for tried in others):
        return Verdict(True)
    return rejected("no other reader says the same", "not_seconded")


def is_of_a_model(case: Case) -> Verdict:
    """A model gave the answer: what a plain function finds is proven, or nothing."""
    return rejected("no model was asked", "unproven") if case.by_function else Verdict(True)


def _is_torn(rows: list[Row], own: list[Row], total: Decimal) -> bool:
    """Whether the receipt ends with this amount, which stands there once and beside no word for a total."""
    printed = [amount for row in rows for amount in row.amounts]
    is_last = printed[-1] == total and printed.count(total) == 1
    return is_last and not any(row.says_total for row in own)


def _rounded(rows: list[Row], total: Decimal) -> Decimal | None:
    """The amount that rounding to the smallest coin makes of this one, where it is printed."""
    if not total % SMALLEST_COIN:
        return None
    near = (amount for row in rows for amount in row.amounts if abs(amount - total) < ROUNDING)
    return next((amount for amount in near if not amount % SMALLEST_COIN), None)


def _labelled(rows: list[Row], total: Decimal) -> Decimal | None:
    """Another amount that a plain word calls the total, unless this one is what rounding makes of it."""
    plain = [row.amounts[0] for row in rows if len(row.amounts) == 1 and row.rank < UNRANKED]
    others = (amount for amount in plain if amount != total)
    return next((amount for amount in others if abs(amount - total) >= ROUNDING or not amount % SMALLEST_COIN), None)


def _meaning(prediction: Any) -> dict[str, Any]:
    """Its values; of texts only the letters and digits."""
    return {name: _letters(value) if isinstance(value, str) else value for name, value in prediction.items()}


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", fold(text))
