"""The block of amounts, the payment and the summary of taxes. Its arithmetic is the bill's."""

from __future__ import annotations

import re

from agentflow.nano.train import sentences
from agentflow.nano.train.locales import Role
from agentflow.nano.train.marks import Mark, mark
from agentflow.nano.train.money import handed_over
from agentflow.nano.train.pen import Pen, Row
from agentflow.nano.train.sale import Sale

_CARDS = ("XXXXXXXXXXXX####", "************####", "####-XXXX-XXXX-####", "####", "**** **** **** ####", "XXXX-####")
_WITH_RATE = re.compile(r"@? ?\(?\d+([.,]\d+)? ?%\)?")


def money(pen: Pen, sale: Sale) -> list[Row]:
    """From the subtotal to the total, as the layout lists them."""
    rows: list[Row] = []
    has_subtotal = "subtotal" in pen.layout.money
    for kind in pen.layout.money:
        rows += _line(pen, sale, kind, has_subtotal=has_subtotal)
    return rows


def _line(pen: Pen, sale: Sale, kind: str, *, has_subtotal: bool) -> list[Row]:
    bill = sale.bill
    match kind:
        case "items_sold" | "items after":
            return [(pen.label("items_sold") + pen.layout.style.money_colon, _pieces(sale))]
        case "subtotal":
            return [_amount(pen, "subtotal", bill.subtotal, "subtotal")]
        case "discount":
            return (
                [_amount(pen, "discount", -bill.discount, "other_amount")]
                if bill.discount or pen.draw.chance(0.3)
                else []
            )
        case "service":
            return [_amount(pen, "service", bill.service, "other_amount")] if bill.service else []
        case "net":
            return [_amount(pen, "net", bill.net, "other_amount" if has_subtotal else "subtotal")]
        case "tax" | "tax inside":
            again = kind == "tax inside" and "tax" in pen.layout.money
            return [] if again else [_amount(pen, "tax", bill.tax, "tax")]
    return _total_line(pen, sale, kind)


def _total_line(pen: Pen, sale: Sale, kind: str) -> list[Row]:
    bill = sale.bill
    match kind:
        case "unrounded":
            return _unrounded(pen, sale)
        case "rounding":
            return [_amount(pen, "rounding", bill.rounding, "other_amount")] if pen.layout.step > 1 else []
        case "total":
            return [_amount(pen, "total", bill.total, "total")]
        case "total again":
            return [_titled(pen, pen.layout.second_total, bill.total, None)]
        case "saved":
            return [_amount(pen, "saved", bill.discount or 120, "other_amount")]
    return []


def _unrounded(pen: Pen, sale: Sale) -> list[Row]:
    """The total before rounding, at some tills with the number of pieces between it and its label."""
    label, *amount = _titled(pen, pen.layout.second_total, sale.bill.unrounded, "other_amount")
    if pen.layout.is_habit("count in total", 0.15):
        return [(label, _pieces(sale), *amount)]
    return [(label, *amount)] if pen.layout.step > 1 else []


def _pieces(sale: Sale) -> str:
    return str(sum(max(good.quantity // 1000, 1) for good in sale.goods))


def _amount(pen: Pen, role: Role, minor: int, kind: Mark) -> Row:
    return _titled(pen, pen.layout.labels[role], minor, kind)


def _titled(pen: Pen, label: str, minor: int, kind: Mark | None) -> Row:
    return (pen.money_label(label), *pen.amount(minor, kind))


def payment(pen: Pen, sale: Sale) -> list[Row]:
    """How it was paid: cash and change, a card with its slip, or nothing."""
    total, draw = sale.bill.total, pen.draw
    if draw.chance(0.1):
        return []
    if draw.chance(0.68):
        cash = total if draw.chance(0.2) else handed_over(total, draw.random.random())
        role: Role = "cash" if draw.chance(0.8) else "paid"
        rows = [_amount(pen, role, cash, "other_amount")]
        return rows + ([_amount(pen, "change", cash - total, "other_amount")] if draw.chance(0.92) else [])
    rows = [_amount(pen, "card", total, "other_amount")]
    if draw.chance(0.5):
        rows.append((draw.one("bank", sentences.BANKS), draw.filled(pen.layout.habit("card", _CARDS))))
    if draw.chance(0.4):
        rows.append((pen.words("APPROVAL CODE") + ":", mark("other_number", draw.filled("######"))))
    if draw.chance(0.5):
        rows.append(_amount(pen, "change", 0, "other_amount"))
    return rows


def summary(pen: Pen, sale: Sale) -> list[Row]:
    """The table of taxes, by rate."""
    layout, bill = pen.layout, sale.bill
    if not layout.summary:
        return []
    rate = f"{layout.rate:g}%"
    tax_marked = "tax" not in layout.money and "tax inside" not in layout.money
    tax = mark("tax" if tax_marked else "other_amount", pen.bare_amount(bill.tax))
    net = mark("other_amount", pen.bare_amount(bill.net))
    short = _short_tax(pen)
    match layout.summary:
        case "plain":
            heads = (pen.label("amount"), pen.label("tax"))
            return [(f"{short} {pen.words('SUMMARY')}",), heads, (rate, net, tax)]
        case "one row":
            return [(f"SR={rate}", net, tax)]
        case "percent":
            return [(f"{rate} {short}", tax), (pen.label("net"), net)]
        case "stacked":
            return [(f"SR @ {rate}",), (net,), (tax,)]
        case "lines":
            return [(pen.label("net"), net), (f"{short} {rate}", tax)]
    return _table(pen, sale, net, tax)


def _table(pen: Pen, sale: Sale, net: str, tax: str) -> list[Row]:
    layout = pen.layout
    code = "S" if layout.summary == "heading S" else "SR"
    currency = f"({layout.style.currency})"
    short, sign = _short_tax(pen), pen.layout.habit("rate sign", ("@ ", "(@", "", "= ", "@", "- "))
    amount, tax_word = ("AMOUNT", "TAX") if short == "GST" else (layout.labels["amount"], short)
    rows: list[Row] = [
        (f"{short} {pen.words('SUMMARY')}", pen.words(amount) + currency, pen.words(tax_word) + currency),
        (f"{code} {sign}{layout.rate:g}%", net, tax),
    ]
    if "ZR" in layout.summary:
        rows.append(("ZR @ 0%", pen.bare_amount(0), pen.bare_amount(0)))
    if "total" in layout.summary:
        rows.append((pen.words("TOTAL"), pen.bare_amount(sale.bill.net), pen.bare_amount(sale.bill.tax)))
    return rows


def _short_tax(pen: Pen) -> str:
    if pen.layout.locale.currency_code in ("MYR", "SGD") and not pen.layout.alien:
        return "GST"
    return _WITH_RATE.sub("", pen.label("tax")).strip() or pen.words("TAX")
