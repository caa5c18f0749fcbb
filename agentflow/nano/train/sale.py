"""One visit to one shop: who sold what, when, for how much. It prints nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from agentflow.nano.train import forms, names, wares
from agentflow.nano.train.layout import Layout
from agentflow.nano.train.money import Bill, Good, Terms, bill
from agentflow.nano.train.names import Company
from agentflow.nano.train.pools import Draw

_FIRST_DAY: Final = date(2011, 1, 1)
_DAYS: Final = 5200
_ROWS: Final = (1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 10, 13, 17)


@dataclass(frozen=True, slots=True)
class Sale:
    """What happened, before anything is printed."""

    company: Company
    owner: str
    """A person's name."""
    address: tuple[str, ...]
    day: date
    time: str
    number: str
    goods: tuple[Good, ...]
    bill: Bill


def sale(layout: Layout, draw: Draw) -> Sale:
    """A sale at a till of *layout*."""
    day = _FIRST_DAY + timedelta(days=draw.random.randrange(_DAYS))
    goods = _goods(layout, draw)
    discount = draw.random.choice((5, 10, 10, 15, 20, 30)) if "discount" in layout.money and draw.chance(0.5) else 0
    terms = Terms(layout.tax, layout.rate, layout.service, discount, layout.step)
    lines = int(layout.header["address"])
    return Sale(
        company=Company("", "") if layout.header["company"] == "none" else names.company(draw, layout.locale),
        owner=names.person(draw, layout.locale),
        address=names.address(draw, layout.locale, lines) if lines else (),
        day=day,
        time=_time(layout, draw),
        number=document_number(draw, layout.number, day),
        goods=goods,
        bill=bill(goods, terms),
    )


def document_number(draw: Draw, pattern: str, day: date) -> str:
    """A number like *pattern*, with parts of *day* where it names them."""
    pattern = pattern.replace("{ymd}", f"{day:%y%m%d}").replace("{ym}", f"{day:%y%m}")
    return draw.filled(pattern)


def _time(layout: Layout, draw: Draw) -> str:
    hour, minute, second = draw.random.randint(7, 22), draw.random.randint(0, 59), draw.random.randint(0, 59)
    half = "AM" if hour < 12 else "PM"
    form = layout.habit("time", forms.TIME_FORMS)
    return form.format(h=hour, m=minute, s=second, k=(hour - 1) % 12 + 1, a=half)


def _goods(layout: Layout, draw: Draw) -> tuple[Good, ...]:
    count = draw.random.choice(_ROWS)
    if layout.brief:
        count = min(count, draw.random.randint(1, 4))
    elif draw.chance(0.015):
        count = draw.random.randint(18, 25)
    ending = draw.random.choice((1, 5, 5, 10, 10, 10, 50, 100))
    return tuple(_good(layout, draw, ending) for _ in range(count))


def _good(layout: Layout, draw: Draw, ending: int) -> Good:
    name, low, high = draw.one("item", layout.locale.items)
    unit = 10**layout.locale.decimals
    price = max(int((low + (high - low) * draw.random.random() ** 1.7) * unit), 1)
    price = max(price // ending * ending, ending) if unit > 1 else max(round(price, -1), 10)
    if draw.chance(0.45):
        name = good_name(layout, draw, name)
    discount = price // 10 if draw.chance(0.02) else 0
    return Good(name, quantity(draw), price, discount)


def quantity(draw: Draw) -> int:
    """How many, in thousandths: mostly one."""
    if draw.chance(0.68):
        return 1000
    return (
        draw.random.choice((2, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 8, 10, 12, 20)) * 1000
        if draw.chance(0.9)
        else (draw.random.randint(110, 3200))
    )


def good_name(layout: Layout, draw: Draw, name: str) -> str:
    """*name* made longer, or another one composed from parts."""
    english = layout.locale.code in names.MALAYSIAN or layout.locale.code.startswith("en")
    if english and draw.chance(0.5):
        name = draw.one("good", wares.GOODS)
        if draw.chance(0.5):
            name = f"{draw.one('description', wares.DESCRIPTIONS)} {name}"
    if draw.chance(0.4):
        name = f"{names.brand_word(draw)} {name}"
    if draw.chance(0.5):
        name = f"{name} {draw.one('pack', wares.PACKS)}"
    return name.upper()
