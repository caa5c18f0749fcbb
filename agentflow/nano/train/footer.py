"""The end of a receipt: thanks, terms, wishes, whose software it was. It answers no question but sometimes the company."""

from __future__ import annotations

from agentflow.nano.train import names, words
from agentflow.nano.train.marks import mark
from agentflow.nano.train.pen import Pen, Row
from agentflow.nano.train.sale import Sale


def footer(pen: Pen, sale: Sale) -> list[Row]:
    """The layout's sentences, with numbers of points and the makers of the till where it has them."""
    rows: list[Row] = [(pen.words(text),) for text in pen.layout.footers]
    rows += _sign_off(pen, sale)
    draw = pen.draw
    if draw.chance(0.08):
        rows.insert(0, (pen.label("points"), draw.filled("##")))
    if draw.chance(0.1):
        rows.append((names.website(draw, sale.company.brand or "shop"),))
    if draw.chance(0.08):
        rows.append((draw.filled(draw.random.choice(("############", "*########*", "#### #### ####"))),))
    return rows


def _sign_off(pen: Pen, sale: Sale) -> list[Row]:
    name, draw = pen.name(sale.company.name), pen.draw
    if not name:
        return []
    match pen.layout.header["sign-off"]:
        case "name":
            return [(f"{pen.words('THANK YOU FOR SHOPPING AT')} {name}",)]
        case "name below":
            return [(pen.words("FOR"),), (name,)]
        case "brand":
            return [(f"{pen.words('THANK YOU FROM')} {pen.name(sale.company.brand)}",)]
        case "maker":
            maker = mark("other_name", pen.name(names.company(draw, pen.layout.locale).name))
            return [(f"{pen.words(draw.one('maker', words.PLATFORM_MAKERS))} {maker}",)]
    return []
