"""What adds up on a receipt: lines, subtotal and tax are proven by the total, and planted errors are found."""

from __future__ import annotations

import importlib
import sys
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from agentflow import Verdict

sys.path.insert(0, str(Path(__file__).parents[1] / "pipelines"))  # where `agentflow run` finds a pipeline's neighbours
rules = importlib.import_module("receipt_rules")

JUDGES = {"subtotal": rules.is_the_subtotal, "tax": rules.is_the_tax, "items": rules.are_the_lines}
SHOP = "Oak Ltd\n2 Tea 5.00\n1 Rye bread 4.00\nSubtotal 9.00\nGST 6% 0.54\nTotal 9.54\nCash 10.00\nChange 0.46"
LINES = "2 | Tea | 5.00\n1 | Rye bread | 4.00"
INCLUSIVE = "Oak Ltd\nTea 5.00\nRye 5.60\nTotal 10.60\nGST SUMMARY\nSR 6%\n10.00\n0.60\nThank you"


def judged(field: str, receipt: str, value: object) -> Verdict:
    """What the judge of *field* says of *value*."""
    verdict: Verdict = JUDGES[field]({"receipt": receipt}, SimpleNamespace(**{field: value}))
    return verdict


@pytest.mark.parametrize(
    ("receipt", "subtotal", "tax"),
    [
        pytest.param(SHOP, "9.00", "0.54", id="exclusive"),
        pytest.param(INCLUSIVE, "10.00", "0.60", id="inclusive, in a table read column by column"),
        pytest.param("A 9.00\nTotal 9.00\nwaarvan BTW 21% 1.56", None, "1.56", id="inclusive, by its rate alone"),
        pytest.param(
            "A 9.00\nTotal excl GST 9.00\nGST 6% 0.54\nRounding 0.01\nTotal 9.55", "9.00", "0.54", id="rounding"
        ),
        pytest.param(
            "A 9.00\nSubtotal 9.00\nService charge 0.90\nSST 6% 0.54\nTotal 10.44", "9.00", "0.54", id="service"
        ),
        pytest.param("A 9.00\nSubtotal 9.00\nDiscount 1.00\nTotal 8.00", "9.00", None, id="discount"),
        pytest.param("A 9.00\nSub Total 9.00\nCGST 0.30\nSGST 0.30\nTotal 9.60", "9.00", "0.60", id="two equal taxes"),
        pytest.param("A 9.00\nGST Summary\nS\n5.00\n0.30\nZ\n3.70\n0.00\n", None, None, id="no total"),
        pytest.param("A 9.00\nGST 0.54\nTotal 9.99", None, None, id="a tax that leads nowhere"),
        pytest.param("A 9.00\nTotal 9.00", None, None, id="neither"),
    ],
)
def test_what_leads_to_the_total_is_read(receipt: str, subtotal: str | None, tax: str | None) -> None:
    """Subtotal and tax are read where they add up with the total, whether it holds the tax or the tax comes on top."""
    assert rules.subtotal_by_label(receipt) == (subtotal and {"subtotal": Decimal(subtotal)})
    assert rules.tax_by_sum(receipt) == (tax and {"tax": Decimal(tax)})
    assert tax is None or judged("tax", receipt, Decimal(tax))
    assert subtotal is None or judged("subtotal", receipt, Decimal(subtotal))


@pytest.mark.parametrize(
    ("field", "receipt", "value", "kind"),
    [
        pytest.param("tax", SHOP, Decimal("0.46"), "not_the_tax", id="the change"),
        pytest.param("tax", SHOP, Decimal("0.55"), "not_the_tax", id="a cent off"),
        pytest.param("tax", SHOP, Decimal("0.00"), "not_an_amount", id="nothing"),
        pytest.param("tax", SHOP, None, "not_an_amount", id="none at all"),
        pytest.param("tax", INCLUSIVE, Decimal("10.00"), "not_the_tax", id="the price before it"),
        pytest.param(
            "tax", "GST 0.54\nTax 1.00\nA 9.00\nTotal 10.00\nTotal 9.54", Decimal("0.54"), "two_taxes", id="two totals"
        ),
        pytest.param("subtotal", SHOP, Decimal("5.00"), "not_the_subtotal", id="one of the lines"),
        pytest.param("subtotal", SHOP, Decimal("9.54"), "not_the_subtotal", id="the total"),
        pytest.param(
            "subtotal",
            "Subtotal 9.00\nSubtotal 9.50\nGST 0.54\nGST 0.04\nTotal 9.54",
            Decimal("9.00"),
            "two_subtotals",
            id="two subtotals",
        ),
    ],
)
def test_a_wrong_subtotal_or_tax_is_rejected(field: str, receipt: str, value: object, kind: str) -> None:
    """An amount that the receipt does not call so, or that leads nowhere, is rejected with the reason."""
    verdict = judged(field, receipt, value)

    assert (verdict.accepted, verdict.kind) == (False, kind)
    assert verdict.feedback


@pytest.mark.parametrize(
    ("receipt", "items"),
    [
        pytest.param(SHOP, LINES, id="one row each"),
        pytest.param(
            "Tea\n2 x 2.50\n5.00\nRye\n1 x 4.00\n4.00\nTotal 9.00", "2 | Tea | 5.00\n1 | Rye | 4.00", id="rows"
        ),
        pytest.param("QTY\nAMOUNT\nTea\n2\n2.50\n5.00\nTOTAL :\n5.00", "2 | Tea | 5.00", id="cells of a table"),
        pytest.param("1X 0007\n5.00SR\nGREEN TEA\nTOTAL 5.00", "1 | GREEN TEA | 5.00", id="names below"),
        pytest.param("Tea 5.00\nBirthday Card 4.00\nTotal 9.00", " | Tea | 5.00\n | Birthday Card | 4.00", id="a card"),
        pytest.param("Pears 0.74 kg @ 2.00 1.48\nTotal 1.48", "0.74 | Pears | 1.48", id="by weight"),
        pytest.param("Tea x2 ¥320\nTotal ¥320", "2 | Tea | 320", id="a currency without cents"),
        pytest.param("Tea 5.00\nTotal 9.00", None, id="a row is missing"),
        pytest.param("Total 9.00", None, id="no rows"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_lines_that_make_the_total_are_read(receipt: str, items: str | None) -> None:
    """Quantity, name and amount of all that was bought, in one row or several, or nothing at all."""
    assert rules.lines_by_row(receipt) == (items and {"items": items})
    assert items is None or judged("items", receipt, items)


@pytest.mark.parametrize(
    ("items", "kind"),
    [
        pytest.param("2 | Tea | 5.00", "does_not_add_up", id="one is left out"),
        pytest.param(LINES + "\n1 | Rye bread | 4.00", "not_printed", id="one is told twice"),
        pytest.param(LINES + "\n | Cash | 10.00", "not_bought", id="the cash"),
        pytest.param(" | Total | 9.54", "not_bought", id="the total itself"),
        pytest.param("2 | Tea | 5.00\n1 | Rye bread | 4.01", "not_printed", id="a cent off"),
        pytest.param("2 | Coffee | 5.00\n1 | Rye bread | 4.00", "not_printed", id="a name that is not there"),
        pytest.param("3 | Tea | 5.00\n1 | Rye bread | 4.00", "not_a_quantity", id="a quantity that is not there"),
        pytest.param("2 | Tea | 5.00 | 1", "not_lines", id="a fourth part"),
        pytest.param("nonsense", "not_lines", id="no row"),
        pytest.param("", "not_lines", id="nothing"),
        pytest.param("1 | Tea | 0.00\n" * 101, "not_lines", id="without end"),
    ],
)
def test_planted_lines_are_rejected(items: str, kind: str) -> None:
    """A line too many, too few or changed is found by the receipt's own arithmetic, and the reason names it."""
    verdict = judged("items", SHOP, items)

    assert (verdict.accepted, verdict.kind) == (False, kind)
    assert verdict.feedback


def test_a_quantity_must_make_the_amount_with_the_price_printed_beside_it() -> None:
    """Quantity times price is the amount, or the quantity is wrong."""
    receipt = "Tea\n2 x 2.50\n5.00\nRye\n3 x 1.00\n3.00\nTotal 8.00"

    assert judged("items", receipt, "2 | Tea | 5.00\n3 | Rye | 3.00")
    assert judged("items", receipt, "3 | Tea | 5.00\n3 | Rye | 3.00").kind == "wrong_product"


@pytest.mark.parametrize(
    ("read", "left_out"),
    [
        pytest.param({"total": Decimal("9.54"), "subtotal": Decimal("9.00"), "items": LINES}, set(), id="all agree"),
        pytest.param(
            {"total": Decimal("10.00"), "tax": Decimal("0.54"), "items": LINES}, {"tax", "items"}, id="another"
        ),
        pytest.param({"subtotal": Decimal("9.00"), "items": LINES}, {"subtotal", "items"}, id="no total"),
        pytest.param({"total": Decimal("9.54"), "items": LINES}, set(), id="lines before tax"),
        pytest.param({}, set(), id="nothing"),
    ],
)
def test_the_parts_of_a_record_lead_to_its_own_total(read: dict[str, object], left_out: set[str]) -> None:
    """What does not lead to the total of the same record is left out, with a reason."""
    reasons = rules.left_out(SHOP, read)

    assert set(reasons) == left_out
    assert all(reasons.values())


@pytest.mark.parametrize(
    "receipt",
    [
        pytest.param("Tea 1.00\n" * 9_000 + "Total 9000.00", id="nine thousand rows"),
        pytest.param("Tea 1.00\n" + "Discount 0.01\n" * 3_000 + "Total 1.00\nTax 0.10", id="discounts without end"),
        pytest.param("\n".join(f"Tea {n}.{n % 100:02}" for n in range(5_000)) + "\nTax 1.00\nTotal 3.00", id="amounts"),
        pytest.param("Tea" + " ." * 900 + "x 1.00\nTotal 1.00", id="leaders without end"),
    ],
)
def test_arithmetic_gives_up_where_anything_would_add_up(receipt: str) -> None:
    """Receipts of too many rows or amounts prove nothing, in a time that is bounded."""
    assert rules.tax_by_sum(receipt) is None
    assert rules.lines_by_row(receipt) in (None, {"items": " | Tea | 1.00"})
