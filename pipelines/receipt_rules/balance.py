"""Whether the parts of one record agree: what its own date and total do not bear out is left out, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from receipt_rules.lines import lines_of, make_a_total
from receipt_rules.sums import leads_to_total, proofs, sums_of

ALONE = "neither a date nor a total is proven beside it, so nothing says that this is a receipt"


def left_out(receipt: str, read: Mapping[str, Any]) -> dict[str, str]:
    """The reason by field for each of `subtotal`, `tax` and `items` that the total in *read* does not prove.

    And for a company where nothing else was read: any first row could be a name.
    """
    alone = {"company": ALONE} if "company" in read and "date" not in read and "total" not in read else {}
    return alone | _unproven(receipt, read)


def _unproven(receipt: str, read: Mapping[str, Any]) -> dict[str, str]:
    parts = [field for field in ("subtotal", "tax", "items") if field in read]
    total = read.get("total")
    if total is None:
        return dict.fromkeys(parts, "no total is proven that it could lead to")
    reason = f"it does not lead to the total of {total:.2f}"
    return {field: reason for field in parts if not _agrees(receipt, field, read, total)}


def _agrees(receipt: str, field: str, read: Mapping[str, Any], total: Decimal) -> bool:
    sums = sums_of(receipt)._replace(totals=frozenset({total}))
    if field == "tax":
        return read["tax"] in {proof.tax for proof in proofs(sums)}
    if field == "subtotal":
        return leads_to_total(sums, read["subtotal"])
    subtotals = frozenset({read["subtotal"]} if "subtotal" in read else ())
    return make_a_total(sums._replace(subtotals=subtotals), lines_of(read["items"]))
