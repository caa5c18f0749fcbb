"""What all receipts of one till have in common, drawn once per group. It knows no shop and no amount."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple
from zlib import crc32

from agentflow.nano.train import forms, rows, sentences
from agentflow.nano.train.locales import Locale, Role
from agentflow.nano.train.money import Notation, TaxMode
from agentflow.nano.train.names import MALAYSIAN
from agentflow.nano.train.phrases import phrases
from agentflow.nano.train.pools import Draw, Entry, Side, entries

Case = Literal["upper", "title", "plain", "lower"]
Boxes = Literal["row", "cells", "columns", "reversed"]
"""How boxes are read: a row on one line, each cell on its own, all left cells then all right, right before left."""

ALL_ROLES: Final[tuple[Role, ...]] = (
    "title", "date", "time", "number", "cashier", "table", "till", "member", "phone", "fax", "tax_id", "company_id",
    "item", "quantity", "price", "amount", "subtotal", "net", "tax", "discount", "service", "rounding", "total", "cash",
    "card", "paid", "change", "items_sold", "saved", "points", "due_date", "thanks", "footer",
)  # fmt: skip
_RATE = re.compile(r"\d+([.,]\d+)? ?%")
_TAXED = re.compile(r"(?i)gst|tax|sst|incl|inc\.|vat|mwst|tva|iva|round|genap|cukai")
_ROUNDED = re.compile(r"(?i)round|genap")
_NEVER = re.compile(r"(?!)")
_ROUNDING: Final = frozenset({"en-MY", "ms-MY", "en-SG", "de-CH", "fr-CH", "en-AU", "en-NZ"})
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
    capitals: bool
    """Nothing at all is in small letters, as printers without them have it, or as it was read."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that one till's receipts share."""

    name: str
    side: Side
    """Of every pool that it and its receipts draw from."""
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
    """A form of `rows`."""
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
    brief: bool = False
    """Hardly more than shop, day, a few goods and total."""

    def habit(self, pool: str, every: tuple[Entry, ...]) -> Entry:
        """The one entry of *pool* that this till always takes."""
        kept = entries(self.side, pool, every)
        return kept[crc32(f"{self.name}/{pool}".encode()) % len(kept)]

    def is_habit(self, pool: str, probability: float) -> bool:
        """Whether this till always does *pool*, which a share of tills does."""
        return crc32(f"{self.name}/{pool}".encode()) % 1000 < probability * 1000


def layout(draw: Draw, locale: Locale, name: str) -> Layout:
    """A till's way to print, as *draw* and *locale* have them."""
    alien = draw.chance(0.2 if draw.side == "seen" else 0.1)
    taxes = _taxes(draw, locale)
    meta, late = _meta(draw)
    taxed = taxes.rate > 0 and taxes.mode != "none"
    whole = Layout(
        name=name,
        side=draw.side,
        locale=locale,
        alien=alien,
        style=_style(draw, locale),
        order=draw.one("alien order", forms.ALIEN_ORDERS) if alien else _order(draw),
        labels=_alien_labels(draw, locale, taxes) if alien else _labels(draw, locale, taxes),
        second_total=forms.invented(draw) if alien else _second_total(draw, locale, taxes),
        header=_header(draw),
        meta=meta,
        late_meta=late,
        meta_box=draw.loosely(forms.META_BOXES, forms.HELD),
        moment=draw.one("moment", forms.MOMENTS),
        date=draw.one("date", locale.dates),
        number=draw.one("number", forms.NUMBERS),
        goods=draw.one("row", rows.KNOWN if draw.chance(0.5) else rows.COMPOSED),
        quantity=draw.one("quantity", forms.QUANTITIES),
        tax_letter=draw.one("tax letter", forms.TAX_LETTERS) if taxes.mode != "none" else "",
        code=draw.one("code", forms.CODES),
        heading=draw.chance(0.45),
        money=_money(draw, taxes.mode),
        tax=taxes.mode,
        rate=taxes.rate,
        service=draw.random.choice((5.0, 10.0, 10.0, 10.0)) if draw.chance(0.12) else 0.0,
        step=taxes.step,
        summary=draw.one("summary", forms.SUMMARIES) if taxed and draw.chance(0.4) else "",
        footers=_footers(draw, locale),
    )
    return _brief(draw, whole) if not alien and draw.chance(0.15) else whole


def _brief(draw: Draw, whole: Layout) -> Layout:
    """The same till where it prints no more than it must."""
    kinds = [kind for row in (*whole.meta, *whole.late_meta) for kind in row if kind in ("date", "number")]
    header = {
        **whole.header,
        "company": draw.random.choice(("name", "seller", "seller")),
        "tail": "address" if draw.chance(0.3) else "",
        "ids": "none",
    }
    return replace(
        whole,
        brief=True,
        header=header,
        order=draw.one("brief order", forms.BRIEF_ORDERS),
        meta=_rows(draw, kinds, 0.2),
        late_meta=(),
        summary="",
        footers=whole.footers[:1] if draw.chance(0.3) else (),
    )


class _Taxes(NamedTuple):
    mode: TaxMode
    rate: float
    step: int


def _taxes(draw: Draw, locale: Locale) -> _Taxes:
    step = 5 if locale.code in _ROUNDING and draw.chance(0.7) else 1
    if draw.chance(0.3):
        return _Taxes("none", 0.0, step)
    return _Taxes("inside" if draw.chance(0.5) else "on top", draw.random.choice(locale.tax_rates), step)


def _labels(draw: Draw, locale: Locale, taxes: _Taxes) -> dict[Role, str]:
    return {role: _phrase(draw, locale, role, taxes) for role in ALL_ROLES}


def _alien_labels(draw: Draw, locale: Locale, taxes: _Taxes) -> dict[Role, str]:
    spoken = _labels(draw, locale, taxes)
    kept = ("thanks", "footer", *(("phone", "fax", "company_id", "tax_id") if draw.chance(0.5) else ()))
    return {role: spoken[role] if role in kept else forms.invented(draw) for role in ALL_ROLES}


def _phrase(draw: Draw, locale: Locale, role: Role, taxes: _Taxes) -> str:
    """A phrase for *role* that is true of how this till taxes and rounds."""
    every = phrases(draw.side, locale, role)
    unfit = _unfit(role, taxes)
    chosen = draw.random.choice(tuple(text for text in every if not unfit.search(text)) or every).rstrip(":")
    return _RATE.sub(f"{taxes.rate:g}%", chosen) if role in ("tax", "total", "subtotal", "net") else chosen


def _unfit(role: Role, taxes: _Taxes) -> re.Pattern[str]:
    if role == "total":
        return _TAXED if taxes.mode == "none" else _ROUNDED if taxes.step == 1 else _NEVER
    return _UNTAXED if role == "subtotal" and taxes.mode != "on top" else _NEVER


def _second_total(draw: Draw, locale: Locale, taxes: _Taxes) -> str:
    return _phrase(draw, locale, "total", taxes._replace(step=1))


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
        meta_colon=draw.loosely(forms.COLONS, forms.HELD),
        money_colon=draw.weighted(
            {"": 0.55, ":": 0.22, " :": 0.13, "=": 0.03, " -": 0.02, "......": 0.03, " : ": 0.02}
        ),
        rule=draw.weighted(forms.RULES),
        capitals=upper and draw.chance(0.85),
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
    form = {part: draw.loosely(every, forms.HELD) for part, every in forms.HEADERS.items()}
    return {**form, "company": "none"} if draw.chance(0.015) else form


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


def _money(draw: Draw, tax: TaxMode) -> tuple[str, ...]:
    lines = [kind for kind, probability in forms.money_lines(tax).items() if draw.chance(probability)]
    if draw.chance(0.12):
        early = [kind for kind in lines if kind in ("items_sold", "saved")]
        lines = early + [kind for kind in lines if kind not in early]
    return tuple(lines)


def _footers(draw: Draw, locale: Locale) -> tuple[str, ...]:
    own = [draw.random.choice(phrases(draw.side, locale, role)) for role in ("thanks", "footer", "footer")]
    chosen = [text for text in own if draw.chance(0.5)]
    if locale.code.startswith("en-") or locale.code in MALAYSIAN:
        chosen += draw.some("footer", sentences.FOOTERS, 3)
    if locale.code in MALAYSIAN and draw.chance(0.25):
        chosen += draw.some("malay footer", sentences.MALAY_FOOTERS, 2)
    return tuple(dict.fromkeys(chosen))
