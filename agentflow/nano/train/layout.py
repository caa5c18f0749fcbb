"""What all receipts of one till have in common, drawn once per group. It knows no shop and no amount."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from agentflow.nano.train import forms
from agentflow.nano.train.locales import Locale, Role
from agentflow.nano.train.money import Notation, TaxMode
from agentflow.nano.train.phrases import phrases
from agentflow.nano.train.pools import Draw

Case = Literal["upper", "title", "plain", "lower"]
Boxes = Literal["row", "cells", "columns", "reversed"]
"""How text boxes come out: a row on one line, each cell on its own, all left cells then all right, right before left."""

ALL_ROLES: Final[tuple[Role, ...]] = (
    "title", "date", "time", "number", "cashier", "table", "till", "member", "phone", "fax", "tax_id", "company_id",
    "item", "quantity", "price", "amount", "subtotal", "net", "tax", "discount", "service", "rounding", "total", "cash",
    "card", "paid", "change", "items_sold", "saved", "points", "due_date", "thanks", "footer",
)  # fmt: skip
_RATE = re.compile(r"\d+(\.\d+)? ?%")
_TAXED = re.compile(r"(?i)gst|tax|sst|incl|inc\.|vat|mwst|tva|iva|round")
_UNTAXED = re.compile(r"(?i)excl|exc\.|before|without|taxable|disc|incl")


@dataclass(frozen=True, slots=True)
class Style:
    """How characters, numbers and boxes are set."""

    names: Case
    labels: Case
    goods: Case
    boxes: Mapping[str, Boxes]
    """By section; "" for those not named."""
    gap: str
    """Between the cells of one line."""
    wide: int
    """Amounts are pushed to this column, or 0."""
    notation: Notation
    currency: str
    currency_place: str
    """One of `forms.CURRENCY_PLACES`."""
    meta_colon: str
    money_colon: str
    rule: str
    """The line between sections, or nothing."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that one till's receipts share."""

    name: str
    locale: Locale
    alien: bool
    """Labels are in an invented language."""
    style: Style
    order: tuple[str, ...]
    """Sections from top to bottom."""
    labels: Mapping[Role, str]
    second_total: str
    """What stands in front of the total before rounding, or when it is printed again."""
    header: Mapping[str, str]
    """Form by part of the header, such as `company` or `ids`."""
    meta: tuple[tuple[str, ...], ...]
    """Rows of kinds of particulars."""
    late_meta: tuple[tuple[str, ...], ...]
    """Those below the amounts."""
    meta_box: str
    """How a label and its value are boxed: one of `forms.META_BOXES`."""
    moment: str
    """How date and time stand together: one of `forms.MOMENTS`."""
    date: str
    """A `strftime` pattern."""
    number: str
    """A pattern of document numbers."""
    goods: str
    """One of `forms.ROWS`."""
    quantity: str
    tax_letter: str
    code: str
    heading: bool
    money: tuple[str, ...]
    """Lines of the money block."""
    tax: TaxMode
    rate: float
    service: float
    step: int
    summary: str
    """One of `forms.SUMMARIES`, or nothing."""
    footers: tuple[str, ...]


def layout(draw: Draw, locale: Locale, name: str) -> Layout:
    """A till's way to print, as *draw* and *locale* have them."""
    alien = draw.chance(0.1 if draw.side != "seen" else 0.2)
    tax, rate = _tax(draw, locale)
    labels = _labels(draw, locale, tax, rate)
    if alien:
        labels = {**labels, **{role: forms.invented(draw) for role in ALL_ROLES if role not in ("thanks", "footer")}}
    meta, late = _meta(draw)
    summary = draw.one("summary", forms.SUMMARIES) if rate and tax != "none" and draw.chance(0.35) else ""
    return Layout(
        name=name,
        locale=locale,
        alien=alien,
        style=_style(draw, locale),
        order=draw.one("alien order", forms.ALIEN_ORDERS) if alien else _order(draw),
        labels=labels,
        second_total=forms.invented(draw) if alien else _phrase(draw, locale, "total", tax, rate),
        header=_header(draw),
        meta=meta,
        late_meta=late,
        meta_box=draw.one("meta box", forms.META_BOXES),
        moment=draw.one("moment", forms.MOMENTS),
        date=draw.one("date", locale.dates),
        number=draw.one("number", forms.NUMBERS),
        goods=draw.one("row", forms.ROWS),
        quantity=draw.one("quantity", forms.QUANTITIES),
        tax_letter=draw.one("tax letter", forms.TAX_LETTERS) if tax != "none" else "",
        code=draw.one("code", forms.CODES),
        heading=draw.chance(0.45),
        money=_money(draw, tax, bool(summary)),
        tax=tax,
        rate=rate,
        service=draw.random.choice((5.0, 10.0, 10.0, 10.0)) if draw.chance(0.12) else 0.0,
        step=5 if locale.code in ("en-MY", "ms-MY", "en-SG", "de-CH") and draw.chance(0.7) else 1,
        summary=summary,
        footers=_footers(draw, locale),
    )


def _tax(draw: Draw, locale: Locale) -> tuple[TaxMode, float]:
    if draw.chance(0.3):
        return "none", 0.0
    mode: TaxMode = "inside" if draw.chance(0.5) else "on top"
    return mode, draw.random.choice(locale.tax_rates)


def _labels(draw: Draw, locale: Locale, tax: TaxMode, rate: float) -> dict[Role, str]:
    return {role: _phrase(draw, locale, role, tax, rate) for role in ALL_ROLES}


def _phrase(draw: Draw, locale: Locale, role: Role, tax: TaxMode, rate: float) -> str:
    every = phrases(draw.side, locale, role)
    if role == "total" and tax == "none":
        every = tuple(text for text in every if not _TAXED.search(text)) or every
    if role == "subtotal" and tax != "on top":
        every = tuple(text for text in every if not _UNTAXED.search(text)) or every
    chosen = draw.random.choice(every).rstrip(":")
    return _RATE.sub(f"{rate:g}%", chosen) if role == "tax" else chosen


def _style(draw: Draw, locale: Locale) -> Style:
    upper = draw.chance(0.62)
    gaps = {" ": 0.72, "  ": 0.08, "   ": 0.06, "\t": 0.02, "     ": 0.06, "": 0.06}
    return Style(
        names="upper" if upper or draw.chance(0.5) else draw.weighted({"title": 0.9, "plain": 0.1}),
        labels="upper" if upper else draw.weighted({"title": 0.4, "plain": 0.6}),
        goods="upper" if upper else draw.weighted({"upper": 0.3, "title": 0.6, "lower": 0.1}),
        boxes=_boxes(draw),
        gap=draw.weighted(gaps),
        wide=draw.random.choice((32, 38, 42, 48)) if draw.chance(0.1) else 0,
        notation=Notation.like(draw.random.choice(locale.numbers), locale.decimals),
        currency=draw.random.choice(locale.currency).strip(),
        currency_place=draw.weighted(forms.CURRENCY_PLACES),
        meta_colon=draw.one("colon", forms.COLONS),
        money_colon=draw.weighted({"": 0.55, ":": 0.25, " :": 0.15, "=": 0.03, " -": 0.02}),
        rule=draw.weighted(forms.RULES),
    )


def _boxes(draw: Draw) -> dict[str, Boxes]:
    usual: Boxes = draw.weighted({"cells": 0.5, "row": 0.5})
    boxes: dict[str, Boxes] = {"": usual}
    for section in ("meta", "late", "items", "money", "summary"):
        if draw.chance(0.2):
            boxes[section] = draw.weighted({"cells": 0.4, "row": 0.4, "columns": 0.12, "reversed": 0.08})
    return boxes


def _order(draw: Draw) -> tuple[str, ...]:
    if draw.chance(0.4):
        return forms.ORDERS[0]
    return draw.one("order", forms.ORDERS)


def _header(draw: Draw) -> dict[str, str]:
    return {part: draw.one(f"header {part}", every) for part, every in forms.HEADERS.items()}


def _meta(draw: Draw) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]]:
    """Particulars in random order, one or two to a row, some of them kept for below."""
    kinds = [kind for kind, probability in forms.META.items() if draw.chance(probability)]
    draw.random.shuffle(kinds)
    if draw.chance(0.5):
        kinds.sort(key=lambda kind: kind not in ("number", "date"))
    late = [kind for kind in kinds if draw.chance(0.3 if draw.chance(0.25) else 0.04)]
    early = [kind for kind in kinds if kind not in late]
    pairs = draw.random.choice((0.0, 0.0, 0.3, 0.8))
    return _rows(draw, early, pairs), _rows(draw, late, pairs)


def _rows(draw: Draw, kinds: list[str], pairs: float) -> tuple[tuple[str, ...], ...]:
    rows: list[tuple[str, ...]] = []
    while kinds:
        size = 2 if draw.chance(pairs) else 1
        rows.append(tuple(kinds[:size]))
        kinds = kinds[size:]
    return tuple(rows)


def _money(draw: Draw, tax: TaxMode, summary: bool) -> tuple[str, ...]:  # noqa: ARG001
    lines = [kind for kind, probability in forms.money_lines(tax).items() if draw.chance(probability)]
    if draw.chance(0.12):
        early = [kind for kind in lines if kind in ("items_sold", "saved")]
        lines = early + [kind for kind in lines if kind not in early]
    return tuple(lines)


def _footers(draw: Draw, locale: Locale) -> tuple[str, ...]:
    own = [draw.random.choice(phrases(draw.side, locale, role)) for role in ("thanks", "footer", "footer")]
    chosen = [text for text in own if draw.chance(0.5)]
    if locale.code.startswith("en") or locale.code == "ms-MY":
        chosen += draw.some("footer", forms.FOOTERS, 3)
    return tuple(dict.fromkeys(chosen))
