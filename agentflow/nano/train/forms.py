"""The shapes a receipt is put together from: orders of sections, numbers, moments, headings. No country's words."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.money import TaxMode
from agentflow.nano.train.pools import Draw

ORDERS: Final[tuple[tuple[str, ...], ...]] = tuple(
    tuple(line.split())
    for line in """
    header title meta items money payment late summary footer
    header meta items money payment summary footer
    header title meta items money summary payment footer late
    header title meta items money payment summary footer
    header meta title items money payment late summary footer
    title header meta items money payment summary late footer
    header meta items money payment summary footer late
    header title items money payment meta late summary footer
    header items money payment summary meta late title footer
    title meta header items money payment late summary footer
    header title meta items money summary payment late footer
    header title meta items money payment footer summary late
    meta header title items money payment late summary footer
    header meta items summary money payment late footer
    header late title meta items money payment summary footer
    header title meta payment items money late summary footer
    title meta items money payment late summary footer header
    header title late items money payment summary footer meta
    header footer title meta items money payment late summary
    header title meta items money late payment summary footer
    meta title header late items money payment summary footer
    header title meta money payment late footer
    header meta title money payment slip late footer
    header title meta items money payment slip late summary footer
    header title late items money payment slip meta footer
    header title meta slip items money payment late footer
    header late meta title items money payment summary footer
    meta items money payment late summary footer header title
    header items money payment summary title meta late footer
    slip header title meta items money payment late footer
    title header late items money payment meta summary footer
    late header title meta items money payment summary footer
    header title items money summary meta payment late footer
    footer header title meta items money payment late summary
    header meta late title items summary money payment footer
    """.strip().splitlines()
)
"""The first is by far the commonest."""

BRIEF_ORDERS: Final[tuple[tuple[str, ...], ...]] = tuple(
    tuple(line.split())
    for line in """
    header meta items money
    header title meta items money
    title header meta items money
    title meta header items money
    meta header items money
    header items money meta
    header meta items money footer
    header meta items money payment
    title header meta money
    header meta money
    title header items money meta footer
    """.strip().splitlines()
)
"""Of receipts that hardly say more than they must."""

ALIEN_ORDERS: Final[tuple[tuple[str, ...], ...]] = tuple(
    tuple(line.split())
    for line in """
    money payment meta items header late footer
    items money payment meta late header footer
    meta items money payment footer late header
    header money items meta payment late footer
    late money meta header items payment footer
    payment money items header meta late footer
    footer meta items money late payment header
    header items payment money late meta footer
    items meta money header payment late footer
    meta money payment items late header footer
    header title meta items money payment late footer
    """.strip().splitlines()
)

HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "company": (
        "name", "name", "name", "name", "name", "logo/name", "brand/name", "split", "split brand", "name/branch",
        "person/name", "logo/brand/name", "name/logo", "name/(brand)", "word/name", "brand/(name)", "name ",
        "name/owner",
        "initials/name", "branch/name", "brand/logo/name", "logo/split", "word/logo/name", "split/branch",
        "logo/name/owner",
        "person/logo/name", "word/(name)", "name/brand", "brand/split",
    ),
    "ids": (
        "below", "below", "behind", "behind", "label", "label", "none", "none", "brackets", "last", "last",
        "labelled behind",
    ),
    "tail": (
        "ids tax address contact", "ids address contact tax", "ids address contact tax", "address contact ids tax",
        "ids address tax contact", "address ids tax contact", "tax ids address contact", "address contact tax ids",
        "contact address ids tax", "address tax contact ids",
    ),
    "address": ("2", "1", "2", "3", "3", "3", "4", "0", "5"),
    "contact": (
        "phone", "phone", "phone fax", "phone | fax", "phone/fax", "none", "phone web", "web", "phone phone",
        "phone/mail",
        "fax/phone/web", "phone / fax / mail", "mail", "phone/phone", "web/phone",
    ),
    "tax id": ("some", "some", "some", "none"),
    "sign-off": ("none", "none", "none", "none", "name", "name below", "maker", "maker", "brand", "name alone"),
}  # fmt: skip
"""Ways to set each part of the header; parts of a way between slashes stand below each other."""

HELD: Final = frozenset(
    (
        "branch/name", "initials/name", "brand/logo/name", "word/(name)", "logo/split", "labelled behind", "5",
        "name alone", "tax ids address contact", "address tax contact ids", "phone/phone", "fax/phone/web", "padded",
        "above", "::", "#",
    )
)  # fmt: skip
"""Entries of the small pools that are kept for unseen layouts: of the header, the boxes and the colons."""

META: Final[dict[str, float]] = {
    "number": 0.8,
    "date": 0.965,
    "time": 0.45,
    "cashier": 0.5,
    "table": 0.15,
    "till": 0.25,
    "member": 0.16,
    "due_date": 0.07,
    "reference": 0.1,
    "printed": 0.06,
}
"""How often each particular is printed."""

META_BOXES: Final = (
    "one", "one", "one", "two", "two", "two", "three", "value", "above", "split colon", "tight", "padded",
    "two tight",
)  # fmt: skip
MOMENTS: Final = (
    "{date}", "{date}", "{date}", "{date}", "{date} {time}", "{date} {time}", "{date} {time}", "{time} {date}",
    "{date}  {time}", "{date}, {time}", "{date} - {time}", "{day} {date} {time}", "{date} ({day})",
    "{date} {time} {till}",
    "{day}, {date}", "{date}/{time}", "{date} @ {time}", "{time} | {date}", "{date} TIME: {time}", "{date} {day}",
    "#{till} {date} {time}", "{date} {time} {number}", "{date}|{time}", "{date}T{time}", "({date})",
    "{date},{day} {time}",
    "{till} {date} {day} {time}", "{date} {day} {time}", "{time}, {date}", "{date} Time:{time}", "{date} TIME {time}",
    "{number} {date} {time}", "{day} {date}", "{time} {day} {date}", "{date} {time} #{till}", "{date} & {time}",
    "{date} ({time})", "{date}-{time}", "{date} at {time}", "{till}-{number} {date}", "{date} {time} POS{till}",
)  # fmt: skip
TIME_FORMS: Final = (
    "{h:02d}:{m:02d}", "{h:02d}:{m:02d}:{s:02d}", "{h:02d}:{m:02d}:{s:02d}", "{k}:{m:02d}{a}", "{k:02d}:{m:02d} {a}",
    "{k}:{m:02d}:{s:02d} {a}", "{k:02d}:{m:02d}:{s:02d}{a}", "{h}:{m:02d}", "{h:02d}.{m:02d}", "{h:02d}{m:02d}",
    "{k:02d}:{m:02d}{a}",
    "{h:02d}:{m:02d} HRS", "{h:02d}H{m:02d}", "{k}.{m:02d}{a}",
)  # fmt: skip
COLONS: Final = (":", ":", ":", " :", " : ", ": ", "", ".", " -", "#", ":-", ". :", " .", "::", " =", ";")
_PREFIXES: Final = (
    "", "", "", "INV", "INV-", "INV ", "CS", "CS-", "A", "A-", "R", "T", "RCP-", "V", "OR", "SI-", "CB", "B/",
    "No.", "P", "MT-",
    "S", "X", "CI-", "POS", "TD", "KL", "HQ-", "C", "#", "W", "IV", "IV-", "IN", "TI-", "BR", "DO/", "F", "M-",
    "CR ", "SO", "IC-",
)  # fmt: skip
_DIGITS: Final = (
    "######", "####", "#####", "########", "#######", "###", "#########", "##########", "{ymd}####", "{ymd}-###",
    "{ymd}######",
    "{ym}/####", "{ym}-####", "{ym}####", "####-####-####", "##-#####", "#-######", "###-#####", "00######",
    "000000####",
    "#####-##-####", "##/####", "####/##", "#-#-####", "@#####", "@######@", "@@#######", "##R-######",
    "######-@#", "#### ####",
    "##-###-######", "##", "0000##", "{ymd}/##", "#/####", "####.##", "##@####", "0####", "##-####-#####",
    "####-######",
    "{ymd}-####-#", "R00#-######", "0#/0#/######", "##############",
)  # fmt: skip
NUMBERS: Final = tuple(dict.fromkeys(prefix + digits for prefix in _PREFIXES for digits in _DIGITS))
QUANTITIES: Final = (
    "{}", "{}", "{}", "{}", "{}.00", "{}.0", "{}.000", "x{}", "{}x", "{} PCS", "{} UNIT", "{} EA", "QTY {}",
    "{} PC", "{}PC",
    "{} UNT", "{}EA", "x {}", "{} NOS", "{} SET", "{}'S", "Q:{}", "[{}]", "{} PKT", "{}pcs", "{} UNIT(S)",
    "{}.00 PC", "{} BTL",
)  # fmt: skip
TIMES: Final = ("X", "x", "@", "*", "×", " @ ", "X {c}", "@{c}", " x ", "x{c}", "(X)", "/")
TAX_LETTERS: Final = (
    "SR", "S", "SR", "ZR", "Z", "T", "A", "*", "#", "", "", "", "", "SRP", "TX", "B", "N", "E", "(SR)", "SR-6",
    "-S", "V",
)  # fmt: skip
CODES: Final = (
    "#############", "955##########", "####", "#####", "######", "@@###", "@####", "########", "@@@-###", "##-###",
    "###",
    "@##", "#####-#", "9#######", "(####)", "0000####", "@@ ####", "SKU:####", "@@@@##", "@@-###-##", "##", "[####]",
    "#######", "00####", "@@@##@", "4############", "88###########", "@@@ ###", "#.##", "@-###", "#########",
)  # fmt: skip
SUMMARIES: Final = (
    "heading SR", "heading S", "heading SR ZR", "plain", "heading SR total", "one row", "percent", "stacked",
    "heading SR ZR total", "lines",
)  # fmt: skip
CURRENCY_PLACES: Final[dict[str, float]] = {
    "none": 0.5,
    "before": 0.16,
    "before space": 0.1,
    "cell": 0.08,
    "label": 0.07,
    "bracket": 0.05,
    "after": 0.04,
}
RULES: Final[dict[str, float]] = {
    "": 0.55,
    "-" * 32: 0.12,
    "=" * 30: 0.06,
    "-" * 12: 0.05,
    "*" * 24: 0.04,
    "_" * 20: 0.04,
    "- - - - - - - -": 0.03,
    "." * 20: 0.02,
    "-": 0.03,
    "=" * 8: 0.02,
    "~" * 12: 0.01,
    "----------------------------------------": 0.03,
}
_STEMS: Final = (
    "b", "br", "ch", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "kl", "l", "m", "n", "p", "pl", "qu", "r",
    "s", "sh", "sk",
    "st", "t", "th", "tr", "v", "w", "y", "z", "x", "ts",
)  # fmt: skip
_VOWELS: Final = ("a", "e", "i", "o", "u", "ai", "ea", "ou", "ee", "y", "ia")
_ENDS: Final = ("n", "r", "s", "l", "m", "k", "t", "x", "sh", "nd", "rt", "", "", "", "", "", "")


def invented(draw: Draw) -> str:
    """A label in no language: one or two words of made-up syllables."""
    return " ".join(_pseudo_word(draw) for _ in range(draw.random.choice((1, 1, 2)))).upper()


def _pseudo_word(draw: Draw) -> str:
    choice = draw.random.choice
    return "".join(choice(_STEMS) + choice(_VOWELS) + choice(_ENDS) for _ in range(choice((1, 2, 2))))


def money_lines(tax: TaxMode) -> dict[str, float]:
    """The lines of the money block in their usual order, and how often each is printed."""
    return {
        "items_sold": 0.2,
        "subtotal": 0.6,
        "discount": 0.25,
        "service": 1.0,
        "net": {"none": 0.0, "inside": 0.15, "on top": 0.2}[tax],
        "tax": {"none": 0.0, "inside": 0.35, "on top": 0.97}[tax],
        "unrounded": 0.3,
        "rounding": 0.75,
        "total": 0.98,
        "total again": 0.12,
        "tax inside": 0.3 if tax == "inside" else 0.0,
        "items after": 0.1,
        "saved": 0.05,
    }
