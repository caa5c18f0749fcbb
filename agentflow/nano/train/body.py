"""The rows of what was bought. Its amounts are the goods' own; it adds nothing up."""

from __future__ import annotations

from agentflow.nano.train import forms, sentences
from agentflow.nano.train.marks import mark_item
from agentflow.nano.train.money import Good
from agentflow.nano.train.pen import Pen, Row
from agentflow.nano.train.sale import Sale


def items(pen: Pen, sale: Sale) -> list[Row]:
    """A heading where the layout has one, and every good in the layout's form."""
    times = pen.layout.habit("times", forms.TIMES).format(c=pen.layout.style.currency)
    rows = _heading(pen) if pen.layout.heading else []
    for index, good in enumerate(sale.goods):
        rows += _good(pen, index, good, times)
    return rows


def _heading(pen: Pen) -> list[Row]:
    columns = {"{name": "item", "{q}": "quantity", "{price}": "price", "{amount}": "amount"}
    flat = pen.layout.goods
    placed = sorted((flat.index(part), role) for part, role in columns.items() if part in flat)
    currency = pen.layout.style.currency
    heads = [pen.label(role) for _, role in placed]  # type: ignore[arg-type]  # every one is a Role
    if pen.draw.chance(0.2):
        return [tuple(heads[:1]), tuple(heads[1:])]
    return [tuple(heads)] if pen.draw.chance(0.85) else [tuple(heads), (currency,)]


def _good(pen: Pen, index: int, good: Good, times: str) -> list[Row]:
    form = pen.layout.goods
    if "{q}" not in form and good.quantity != 1000:
        form += "/{q} {x} {price}"
    rows = [row for row in (_row(part, _words(pen, index, good, times)) for part in form.split("/")) if row]
    if good.discount:
        rows.append((pen.label("discount"), pen.bare_amount(-good.discount)))
    if pen.layout.is_habit("remarks", 0.08) and pen.draw.chance(0.3):
        rows.append((pen.good(pen.draw.one("remark", sentences.REMARKS)),))
    return rows


def _words(pen: Pen, index: int, good: Good, times: str) -> dict[str, str]:
    """What each part of a form stands for in this row."""
    amount = pen.bare_amount(good.gross)
    return {
        "name": mark_item(index, "name", pen.good(good.name)),
        "q": _quantity(pen, index, good),
        "x": times,
        "price": pen.bare_amount(good.price),
        "amount": mark_item(index, "amount", amount),
        "d": pen.bare_amount(0),
        "t": _tax_letter(pen),
        "c": pen.layout.style.currency,
        "n": str(index + 1),
        "code": pen.draw.filled(pen.layout.code),
    }


def _tax_letter(pen: Pen) -> str:
    letter = pen.layout.tax_letter
    return pen.draw.random.choice((letter, "ZR", "")) if letter and pen.layout.is_habit("letters", 0.2) else letter


def _row(form: str, words: dict[str, str]) -> Row:
    boxes = (box.format(**words).strip() for box in form.split("|"))
    return tuple(box for box in boxes if box)


def _quantity(pen: Pen, index: int, good: Good) -> str:
    """As printed: the number is marked, what surrounds it is not."""
    if good.quantity % 1000:
        return f"{mark_item(index, 'quantity', pen.layout.style.notation.decimal(good.quantity, 3))} KG"
    whole, form = str(good.quantity // 1000), pen.layout.quantity
    point = pen.layout.style.notation.point
    for decimals in (".000", ".00", ".0"):
        if decimals in form:
            return mark_item(index, "quantity", whole + decimals.replace(".", point))
    return form.replace("0{}", "{}").format(mark_item(index, "quantity", whole))
