"""What receipts say in one country: words, names, numbers and dates. All of it was made up for this generator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Role = Literal[
    "title",
    "date",
    "time",
    "number",
    "cashier",
    "table",
    "till",
    "member",
    "phone",
    "fax",
    "tax_id",
    "company_id",
    "item",
    "quantity",
    "price",
    "amount",
    "subtotal",
    "net",
    "tax",
    "discount",
    "service",
    "rounding",
    "total",
    "cash",
    "card",
    "paid",
    "change",
    "items_sold",
    "saved",
    "points",
    "due_date",
    "thanks",
    "footer",
]
"""What a printed phrase is for. `title` is TAX INVOICE or RECEIPT, `net` the amount before tax, `paid` what was
handed over without saying how, `items_sold` the count of pieces, `footer` a sentence about
returns, opening hours or wishes."""


@dataclass(frozen=True, slots=True)
class Locale:
    """One country and language. Every tuple holds several ways to say the same; none is empty unless it says so."""

    code: str
    """Language and country, such as `en-MY`."""
    labels: Mapping[Role, tuple[str, ...]]
    """The longer each tuple the better: `total` has 8 to 20 ways, in the spelling of tills, without a colon."""
    currency: tuple[str, ...]
    """Marks as printed next to an amount: `RM`, `MYR`, `$`."""
    currency_code: str
    """ISO 4217."""
    decimals: int
    """2, or 0 where no cents are printed."""
    numbers: tuple[str, ...]
    """How 1234.5 is written: `1,234.50`, `1234.50`, `1.234,50`, `1 234,50`, `1'234.50`."""
    dates: tuple[str, ...]
    """`strftime` patterns, with `%b` and `%B` for this locale's `months`; day or month first as it is used there."""
    months: tuple[str, ...]
    """Twelve names in full."""
    short_months: tuple[str, ...]
    """Twelve short names."""
    trades: tuple[str, ...]
    """What a shop calls itself: BAKERY, TRADING, HARDWARE (at least 30)."""
    legal_forms: tuple[str, ...]
    """SDN BHD, LTD, GMBH, or other endings."""
    given_names: tuple[str, ...]
    """At least 30."""
    surnames: tuple[str, ...]
    """At least 40."""
    streets: tuple[str, ...]
    """Patterns with `{name}` and `{n}`: `{n} {name} Road`, `NO. {n}, JALAN {name} {n}/{n}`."""
    places: tuple[str, ...]
    """At least 40 names of towns, districts and streets, real or plausible."""
    postcodes: tuple[str, ...]
    """Patterns of a line with `#` for a digit, `@` for a letter and `{place}`: `##### {place}`, `{place} @@# #@@`."""
    phones: tuple[str, ...]
    """Patterns with `#`: `03-#### ####`."""
    tax_ids: tuple[str, ...]
    """Patterns with `#` and `@`: `00##########`."""
    items: tuple[tuple[str, float, float], ...]
    """At least 60 things to buy with their lowest and highest price in the currency's unit."""
    tax_rates: tuple[float, ...]
    """In percent."""
