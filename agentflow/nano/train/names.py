"""Names of companies, people and places, composed. It decides no layout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agentflow.nano.train import words
from agentflow.nano.train.locales import Locale
from agentflow.nano.train.pools import Draw

MALAYSIAN: Final = frozenset({"en-MY", "ms-MY", "en-SG"})
"""Where Chinese, Malay and English names and trades stand side by side."""

_NAMES: Final = (
    "{brand} {trade}",
    "{brand} {trade}",
    "{brand} {brand} {trade}",
    "{surname} {trade}",
    "{surname} & SONS {trade}",
    "{surname} BROTHERS {trade}",
    "{given} {trade}",
    "{place} {trade}",
    "{place} {brand} {trade}",
    "{brand}",
    "{brand} {brand}",
    "{brand} ({place})",
    "{brand} {trade} ({place})",
    "{initials} {trade}",
    "{initials} {brand} {trade}",
    "{surname} {initials} {trade}",
    "{brand} {number} {trade}",
    "{number} {trade}",
    "{brand} & {brand} {trade}",
    "{surname} & {surname}",
    "{initials} & {surname} {trade}",
    "THE {brand} {trade}",
    "{brand} {trade} & {trade}",
    "{trade} {brand}",
    "{trade} {surname}",
    "{trade} {place}",
    "{given} {surname}",
    "{brand}'S {trade}",
    "{brand}-{brand} {trade}",
    "{short} {trade}",
    "{brand} INTERNATIONAL",
    "{brand} {trade} INTERNATIONAL",
    "{brand} GLOBAL {trade}",
    "{dotted}",
    "{dotted} {trade}",
    "MR {dotted}",
    "MR {surname} {trade}",
    "{brand} @ {place}",
    "{brand} CO. ",
    "{brand} {trade} CO.",
    "{brand}{number} {trade}",
    "{brand} + {brand}",
    "{brand} {letter} {trade}",
    "{brand} BY {brand}",
    "{brand}.{brand}",
    "MY {brand} {trade}",
    "{brand} HOUSE",
    "{brand} PLUS {trade}",
    "{surname} {surname} & CO",
    "{given} & {given} {trade}",
    "{place} {trade} {number}",
    "{brand} EXPRESS",
    "{trade} {number}",
    "{english} {trade}",
    "{english} {brand} {trade}",
)
_MALAYSIAN: Final = (
    "{chinese} {trade}",
    "{chinese} {chinese} {trade}",
    "{chinese} {english} {trade}",
    "{chinese}",
    "{malay} {trade}",
    "{malay} {malay} {trade}",
    "{malaytrade} {malay}",
    "{malaytrade} {chinese}",
    "{malaytrade} {brand}",
    "{malaytrade} {given}",
    "{english} {trade}",
    "{english} {english} {trade}",
    "{english} {brand} {trade}",
    "{english} {chinese} {trade}",
    "{english} {trade} {trade}",
    "{initials} {english} {trade}",
    "{initials} {chinese} {trade}",
    "{english} {number} {trade}",
    "{short} {english} {trade}",
    "{chinese} {trade} & {trade}",
    "SYARIKAT {chinese}",
    "SYARIKAT {trade} {chinese}",
    "PERNIAGAAN {chinese}",
    "{malaytrade} {malay} {malay}",
    "{malaytrade} {place}",
    "{malaytrade} {initials}",
    "{malaytrade} {surname} {surname}",
    "{chinese} {malay} {trade}",
    "{chinese} {brand}",
    "{english} {place} {trade}",
    "{english} {place}",
    "{trade} {chinese}",
    "{chinese} KEE {trade}",
    "{surname} {chinese} {trade}",
    "{surname} KEE {trade}",
    "UNCLE {surname} {trade}",
    "MADAM {surname} {trade}",
    "{chinese} {trade} CENTRE",
    "PUSAT {trade} {chinese}",
    "{brand} {english} {trade}",
)
_LEGAL_TAILS: Final = ("", "", "", "", "", "", "(M) ", "(M) ", "({place}) ", "({letter}) ", "(MALAYSIA) ", "HOLDINGS ")


@dataclass(frozen=True, slots=True)
class Company:
    """A shop's names."""

    brand: str
    """What is on the sign."""
    name: str
    """What is registered, legal form included."""


def company(draw: Draw, locale: Locale) -> Company:
    """An invented company as *locale* has them."""
    own = locale.code in MALAYSIAN and draw.chance(0.55)
    pattern = draw.one("company", _MALAYSIAN if own else _NAMES)
    brand = _filled(draw, locale, pattern)
    if not draw.chance(0.8) or len(brand) > 40:
        return Company(brand, brand)
    form = draw.random.choice(locale.legal_forms)
    if locale.code in MALAYSIAN and not form.startswith("("):
        form = f"{_filled(draw, locale, draw.random.choice(_LEGAL_TAILS))} {form}".strip()
    return Company(brand, brand if brand.upper().endswith(form) else f"{brand} {form}")


def person(draw: Draw, locale: Locale) -> str:
    """A person's name, in the order of the country as often as not."""
    if locale.code in MALAYSIAN and draw.chance(0.5):
        return f"{draw.one('surname', locale.surnames)} {_chinese(draw)}"
    return f"{draw.one('given', locale.given_names)} {draw.one('surname', locale.surnames)}"


def address(draw: Draw, locale: Locale, lines: int) -> tuple[str, ...]:
    """An address of about *lines* lines, the last of which has the postcode."""
    place = draw.one("place", locale.places)
    street = street_line(draw, locale)
    town = draw.filled(draw.random.choice(locale.postcodes).replace("{place}", "\0")).replace("\0", place)
    parts = [street, draw.one("place", locale.places), town] if lines > 2 else [street, town]
    if lines > 3 and (locale.code in MALAYSIAN or locale.code.startswith("en-")):
        parts.insert(
            0, f"{draw.one('unit', _UNITS).format(n=draw.random.randint(1, 99), m=draw.random.randint(1, 30))}"
        )
    return (", ".join(parts),) if lines == 1 else tuple(parts)


_UNITS: Final = (
    "LOT {n}",
    "LOT G{n}, GROUND FLOOR",
    "UNIT {n}-{m}",
    "GROUND FLOOR, BLOCK {m}",
    "LEVEL {m}, UNIT {n}",
    "SHOP {n}",
    "LOT {n} & {m}",
    "PT {n}{m}",
    "#{m}-{n}",
    "1ST FLOOR",
    "NO. {n}G",
)


def street_line(draw: Draw, locale: Locale) -> str:
    """A street with a number."""
    pattern = draw.one("street", locale.streets)
    while "{n}" in pattern:
        pattern = pattern.replace("{n}", str(draw.random.randint(1, draw.random.choice((9, 40, 300)))), 1)
    return pattern.replace("{name}", draw.one("place", locale.places))


def website(draw: Draw, brand: str, country: str) -> str:
    """An address of the web or of electronic mail made from *brand*, which may end in *country*."""
    name = "".join(letter for letter in brand.lower() if letter.isascii() and letter.isalnum())[:14] or "shop"
    end = draw.one("domain", _DOMAINS).format(country)
    return draw.one("web", ("www.{}", "http://www.{}", "info@{}", "sales@{}", "{}", "facebook.com/{}")).format(
        name + end
    )


_DOMAINS: Final = (
    ".com",
    ".com.{}",
    ".{}",
    ".net",
    ".co",
    ".shop",
    ".org",
    ".biz",
    ".info",
    "_official",
    ".co.{}",
    "{}",
)


def brand_word(draw: Draw) -> str:
    """An invented word of two or three syllables."""
    return "".join(draw.random.choices(words.SYLLABLES, k=draw.random.choice((2, 2, 3)))).upper()


def _chinese(draw: Draw) -> str:
    return " ".join(draw.random.choice(words.CHINESE) for _ in range(2)).upper()


def _filled(draw: Draw, locale: Locale, pattern: str) -> str:
    while "{" in pattern:
        start, end = pattern.index("{"), pattern.index("}")
        pattern = pattern[:start] + _word(draw, locale, pattern[start + 1 : end]) + pattern[end + 1 :]
    return pattern.strip()


def _word(draw: Draw, locale: Locale, kind: str) -> str:
    match kind:
        case "brand":
            return brand_word(draw)
        case "surname":
            return draw.one("surname", locale.surnames)
        case "given":
            return draw.one("given", locale.given_names)
        case "place":
            return draw.one("place", locale.places)
        case "trade":
            wide = locale.code in MALAYSIAN and draw.chance(0.6)
            return draw.one("trade", words.TRADES if wide else locale.trades)
        case "malaytrade":
            return draw.one("malay trade", words.MALAY_TRADES)
        case "chinese":
            return _chinese(draw)
        case "malay":
            return draw.one("malay", words.MALAY_FIRST).upper()
        case "english":
            return draw.one("english", words.ENGLISH_FIRST).upper()
    return _letters(draw, kind)


def _letters(draw: Draw, kind: str) -> str:
    if kind == "initials":
        return draw.filled(draw.random.choice(("@.@.", "@@", "@@@", "@.@", "@ & @", "@&@", "@@@@", "@.@.@")))
    if kind == "number":
        return draw.random.choice(
            ("1", "2", "3", "8", "88", "99", "99", "101", "168", "2000", "24", "7", "333", "1988", "2020")
        )
    return (
        draw.filled("@")
        if kind == "letter"
        else draw.filled(draw.random.choice(("@-@@@@", "@#", "#@", "@@#", "I-@@@")))
    )
