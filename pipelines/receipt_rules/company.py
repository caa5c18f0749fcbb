"""The shop on a receipt: the row that names it, put together again where the printer broke it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any

from agentflow import Verdict
from receipt_rules.text import amounts, fold, rejected, rows_of, segments

TOP_ROWS = 6
"""The shop's name stands among the first rows that could be names, or nowhere."""
SUFFIX = re.compile(
    r"(?:^|[\s,])(?:sdn\.? ?bhd|s/b|bhd|ltd\.?(?: sti\.?)?|limited|gmbh|kg|ag|inc|llc|l\.?l\.?p|plc|pty|corp|& co|co"
    r"|s\.?a|s\.?l|s\.?r\.?l|sarl|sas|s\.?n\.?c|b\.?v|n\.?v|lda|sp\. z o\.?o|ab|oy|aps|a/s)\.?$"
)
TRADE = re.compile(
    r"\b(?:restoran|restaurant|kopitiam|cafe|enterprise|trading|hardware|stationery|pharmacy|bakery|supermarket"
    r"|hypermarket|mini ?market|mart|deli|perniagaan|syarikat|company|boulangerie|backerei|ristorante|bistro|stores?"
    r"|shop|bookshop|optical|electrical|furniture|hotel)\b"
)
REGISTRATION = re.compile(
    r"\s*\(?\b(?:co\.? ?(?:reg\.?)? ?no\.? ?:? ?)?\(?[a-z]{0,3}\d{5,}[ -]*[a-z]?\)*$|\s*\(\d{4,}-?[a-z]?\)$"
)
CUE = re.compile(
    r"^\s*(?:from|vendor|seller|merchant|supplier|sold by|billed by)\s*:?\s+",
    re.IGNORECASE,
)
"""Words that say: what follows is the shop."""
GREETING = re.compile(r"^\s*(?:thank you for shopping at|welcome to)\s*:?\s+", re.IGNORECASE)
"""Words that say so where nothing else names it: what follows is often a short name."""
NO_NAME = re.compile(
    r"^[\d\W]*$|invoice|receipt|^bill\b|rechnung|quittung|facture|ticket|fatura|paragon|documento|kvitto|statement"
    r"|goods sold|returnable|^company no|^own(?:ed)? by"
    r"|sales slip|customer copy|^copy$|^duplicate|\d{5}|\breg\b|\bregistration\b|@|www\."
    r"|^(?:no|ref|tel|fax|ph|phone|po|table|till|order|member|date|datum|cashier|server|check|reg|gst|vat|abn|tin|nif|nip"
    r"|cif|kvk|shop|unit|suite)\b.*\d"
    r"|\b(?:jalan|jln|jl|lorong|taman|street|road|rd|lane|strasse|gasse|rue|via|rua|ul|calle|avenue|ave|floor|lot|bandar)\b"
    r"|^(?:date|cash|sale|total|tax|thank you|thanks|welcome)\b"
)
"""Headings, addresses, numbers and phrases."""
NUMERIC_DATE = re.compile(r"\d[-/.]\d{1,2}[-/.]\d\d")


def company_by_suffix(receipt: str) -> dict[str, str] | None:
    """The one name at the top that ends like a company or names its trade."""
    names = [
        name
        for name in _first(_top(rows_of(receipt)))
        if ":" not in name and not (CUE.match(name) or GREETING.match(name))
    ]
    return {"company": names[0]} if len(names) == 1 else None


def company_by_cue(receipt: str) -> dict[str, str] | None:
    """The one name that words such as "sold by" introduce."""
    rows = segments(receipt)
    names = _cued(CUE, rows) or ({} if _first(_top(rows)) else _cued(GREETING, rows))
    return {"company": next(iter(names.values()))} if len(names) == 1 else None


def is_the_company(inputs: Mapping[str, Any], prediction: Any) -> Verdict:
    """The name fills a row of its own, where a shop's name stands, and no other row has a better claim."""
    company, rows = str(prediction.company), segments(inputs["receipt"])
    if not (verdict := is_a_name(company)):
        return verdict
    top = _top(rows)
    claims = set(map(fold, _first(top))) or set(_cued(GREETING, rows)) or set(map(fold, top[:1]))
    best = set(_cued(CUE, rows)) or claims
    if fold(company) not in best:
        return rejected(f"{company!r} is not the row that names the shop; copy that row in full", "not_the_company")
    if len(best) > 1:
        return rejected("several rows could name the shop: " + ", ".join(sorted(best)), "two_names")
    return Verdict(True)


def is_a_name(company: str) -> Verdict:
    """Whether it could name a shop at all."""
    if NO_NAME.search(fold(company)) or len(re.sub(r"[\W\d_]", "", company)) < 3:
        return rejected(f"{company!r} is no shop's name; copy the row that names the shop", "not_a_name")
    return Verdict(True)


def _cued(words: re.Pattern[str], rows: list[str]) -> dict[str, str]:
    """What follows words that introduce the shop, by its folded form."""
    names = (words.sub("", row).strip() for row in rows if words.match(row))
    return {fold(name): name for name in names}


def _top(rows: list[str]) -> list[str]:
    """The rows in which a shop's name may stand: the first few that are names at all, above the first amount."""
    names = [_without_registration(row) for row in itertools.takewhile(lambda row: not amounts(row), rows)]
    return [name for name in names if not NO_NAME.search(fold(name)) and not NUMERIC_DATE.search(name)][:TOP_ROWS]


def _first(top: list[str]) -> list[str]:
    """The claims; the first of them alone when nothing stands above it, for the others are customers and owners."""
    claims = _claims(top)
    return claims[:1] if claims and top and fold(claims[0]).startswith(fold(top[0])) else claims


def _claims(rows: list[str]) -> list[str]:
    """The rows that end like a company or, first or second and without a number, name a trade."""
    whole: list[str] = []
    for row in rows:
        name = row
        while whole and is_the_rest(name):
            name = f"{whole.pop()} {name}"
        whole.append(name)
    named = [row for row in whole if SUFFIX.search(fold(row))]
    traded = [row for row in whole[:2] if TRADE.search(fold(row)) and not re.search(r"[\d,]", row)]
    return list({fold(row): row for row in [*named, *traded]}.values())


def is_the_rest(row: str) -> bool:
    """Whether a row is only the end of a name that the printer broke: a suffix, a bracket, a trade."""
    rest = TRADE.sub(" ", re.sub(r"\([^)]*\)|^[^(]*\)|\([^)]*$", " ", fold(row))).strip()
    while (shorter := SUFFIX.sub("", rest).strip()) != rest:
        rest = shorter
    return len(re.sub(r"[\W\d_]", "", rest)) < 2


def _without_registration(row: str) -> str:
    row = " ".join(row.split())
    match = REGISTRATION.search(row.casefold())
    return row[: match.start()].strip() if match and len(row.casefold()) == len(row) else row
