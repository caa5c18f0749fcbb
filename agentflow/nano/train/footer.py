"""The end of a receipt: thanks, terms, wishes, the card's slip. It answers no question but sometimes the company."""

from __future__ import annotations

from datetime import timedelta

from agentflow.nano.train import names, sentences
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
        rows.append((names.website(draw, sale.company.brand, pen.layout.locale.code[-2:].lower()),))
    if draw.chance(0.08):
        rows.append((draw.filled(draw.random.choice(("############", "*########*", "#### #### ####"))),))
    if pen.layout.is_habit("dated", 0.06):
        later = mark(
            "other_date", pen.day(sale.day + timedelta(days=draw.random.choice((14, 30, 31, 90, 180, 365, -1, 1))))
        )
        rows.append((pen.words(pen.layout.habit("dated form", sentences.DATED)).format(later),))
    return rows


def slip(pen: Pen, sale: Sale) -> list[Row]:
    """What a card terminal prints, with the day once more."""
    lines = pen.draw.some("slip", sentences.SLIP, 7)
    rows: list[Row] = [(pen.words(pen.draw.filled(line)),) for line in lines]
    if pen.draw.chance(0.3):
        rows.append((pen.day(sale.day), sale.time))
    return rows


def _sign_off(pen: Pen, sale: Sale) -> list[Row]:
    name, draw = pen.name(sale.company.name), pen.draw
    if not name:
        return []
    match pen.layout.header["sign-off"]:
        case "name":
            return [(f"{_thanks(pen, 'THANK YOU FOR SHOPPING AT')} {name}",)]
        case "name below":
            return [(pen.words("FOR"),), (name,)]
        case "name alone":
            return [(name,)]
        case "brand":
            return [(f"{_thanks(pen, 'THANK YOU FROM')} {pen.name(sale.company.brand)}",)]
        case "maker":
            maker = mark("other_name", pen.name(names.company(draw, pen.layout.locale).name))
            return [(f"{pen.words(draw.one('maker', sentences.PLATFORM_MAKERS))} {maker}",)]
    return []


def _thanks(pen: Pen, english: str) -> str:
    code = pen.layout.locale.code
    return pen.words(english if code.startswith("en-") or code in names.MALAYSIAN else pen.layout.labels["thanks"])
