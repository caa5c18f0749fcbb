"""What the embedded model is shown of a receipt: a few hundred bytes by fixed rules, in the order they stand.

Choosing is all that happens here: nothing is read, corrected or made up, and equal texts give equal views. At most
`SCANNED` characters from either end of a text are looked at, so that any text takes bounded time.
"""

from __future__ import annotations

import re

WHOLE = 420
"""Most bytes of a view of a whole receipt."""
LINE = 72
"""Most bytes of one line in it, when not everything fits."""
SNIPPET = 48
"""Most bytes of a single date or amount with its label."""
SCANNED = 32_768
"""Characters looked at from the start, and again from the end, of a long text."""

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DATE = re.compile(
    r"(?<![\d.,/-])(?:"
    r"\d{4}([-/.])\d{1,2}\1\d{1,2}"
    r"|\d{1,2}([-/.])\d{1,2}\2(?:\d{4}|\d{2})"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?[ .-]?(?:of )?{_MONTH}[ ,'.-]{{0,2}}(?:\d{{4}}|\d{{2}})"
    rf"|{_MONTH}[ -]?\d{{1,2}}(?:st|nd|rd|th)?[ ,.-]{{1,2}}\d{{4}}"
    r")(?!\d)",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"(?<!\d)(?<!\d[.,])(?:\d{1,3}(?:[., ']\d{3}){1,3}|\d{1,7})[.,]\d\d(?![\d%]|[.,]\d)")
_MONEY_SIGN = r"(?:[€$£¥₹]|US\$|EUR|USD|GBP|CHF|JPY|INR|Fr\.|Rs\.|euro)"
_PRICED = re.compile(rf"(?:{_MONEY_SIGN} ?)?(?:{_AMOUNT.pattern})(?: ?{_MONEY_SIGN})?")
_DATED = re.compile(r"\bdate|\bdated|\bissued|\bdatum|\bfecha|\bdata\b", re.IGNORECASE)
_DUE = re.compile(r"\bdue\b|\bpay by\b|\bdeadline|\bexpir", re.IGNORECASE)
_TOTAL = re.compile(
    r"\btotal|\bamount due|\bbalance due|\bto pay\b|\bpayable|\bgesamt|\bsumme\b|\bsuma\b|\bimporte\b|\bmontant\b"
    r"|\btotale\b|\bte betalen\b|\bnet amount",
    re.IGNORECASE,
)
_PART = re.compile(
    r"\bsub|\btax\b|\bvat\b|\bgst\b|\bmwst|\bqty|\bquantity|\bitems?\b|\bdisc|\bsaving|\brounding|\bchange\b|\bexcl",
    re.IGNORECASE,
)
_INCLUSIVE = re.compile(r"\bincl(?!uded)", re.IGNORECASE)


def whole(text: str) -> str:
    """Everything if it fits into `WHOLE` bytes; else totals first, then the top, dated, priced and other lines."""
    lines = _lines(text)
    if len("\n".join(lines).encode("utf-8", "replace")) <= WHOLE:
        return "\n".join(lines)
    lines = [_cut(line, LINE) for line in lines]
    ranked = sorted(range(len(lines)), key=lambda index: (_rank(index, lines[index]), index))
    shown, room = [], WHOLE
    for index in ranked:
        size = len(lines[index].encode()) + 1
        if size <= room:
            shown.append(index)
            room -= size
        if room < 8:
            break
    return "\n".join(lines[index] for index in sorted(shown))


def date(text: str) -> str:
    """The string most like the date of the receipt: one on a line that says so, else the first; never of a deadline."""
    found = [(line, match.group()) for line in _entries(text) for match in _DATE.finditer(line)]
    labelled = [string for line, string in found if _DATED.search(line) and not _DUE.search(line)]
    plain = [string for line, string in found if not _DUE.search(line)]
    chosen = labelled or plain or [string for _, string in found]
    return _cut(chosen[0], SNIPPET) if chosen else _start(text)


def total(text: str) -> str:
    """The amount most like the total, with its currency: the largest that is called so, else the largest of all."""
    lines = _entries(text)
    named = [_amount_at(lines, index) for index, line in enumerate(lines) if _names_total(line)]
    chosen = [amount for amount in named if amount] or [amount for line in lines for amount in _amounts(line)]
    return _cut("Total " + max(chosen, key=_size), SNIPPET) if chosen else _start(text)


def _lines(text: str) -> list[str]:
    """Lines with white space normalised and characters that cannot be printed left out."""
    if len(text) > 2 * SCANNED:
        text = text[:SCANNED] + "\n" + text[-SCANNED:]
    lines = ("".join(c if c.isprintable() else " " for c in line) for line in text.splitlines())
    return [line for line in (" ".join(line.split()) for line in lines) if line]


def _entries(text: str) -> list[str]:
    """Lines, and the parts of lines that were joined by a slash or a semicolon."""
    return [entry for line in _lines(text) for entry in re.split(r" / |; ", line) if entry]


def _rank(index: int, line: str) -> int:
    """0 is shown first."""
    if _names_total(line) and _AMOUNT.search(line):
        return 0
    if index < 3 or (_DATE.search(line) and not _DUE.search(line)):
        return 1
    if _AMOUNT.search(line):
        return 2
    return 3 if index < 6 else 4


def _names_total(line: str) -> bool:
    return bool(_TOTAL.search(line)) and (not _PART.search(line) or bool(_INCLUSIVE.search(line)))


def _amount_at(lines: list[str], index: int) -> str:
    """The last amount on this line, or else the first on the two after it."""
    here = _amounts(lines[index])
    after = [amount for line in lines[index + 1 : index + 3] for amount in _amounts(line)]
    return here[-1] if here else after[0] if after else ""


def _amounts(line: str) -> list[str]:
    return [match.group() for match in _PRICED.finditer(line)]


def _size(amount: str) -> int:
    return int("".join(digit for digit in amount if digit in "0123456789") or 0)


def _start(text: str) -> str:
    return _cut(" ".join(_lines(text)[:2]), SNIPPET)


def _cut(line: str, most: int) -> str:
    """At most *most* bytes of a line, never half a character."""
    return line.encode("utf-8", "replace")[:most].decode("utf-8", "ignore").rstrip()
