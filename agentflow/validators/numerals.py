"""Numbers as people write them: every reading of 1,234.50, 1.234,50, 1 234,50, RM60.30, (5.00) or 5.00-.

A number stands for itself as a whole: 12.50 is not read from 112.50 or 12.505. Reading a text of n characters takes
time in proportion to n, whatever it holds.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

LONGEST = 40
"""Characters above which digits are no number; they may still be an identifier."""
CURRENCIES = frozenset({
    *("rm", "usd", "eur", "gbp", "chf", "sgd", "myr", "aud", "cad", "nzd", "hkd", "jpy", "cny", "rmb", "inr", "idr"),
    *("thb", "php", "vnd", "krw", "twd", "sek", "nok", "dkk", "pln", "czk", "huf", "ron", "brl", "mxn", "zar", "aed"),
    *("sar", "try", "bgn", "isk", "uah", "rub", "ils", "nis", "egp", "ngn", "kes", "ars", "clp", "cop", "pen", "lkr"),
    *("pkr", "bdt", "rs", "rp", "kr", "kc", "kč", "zl", "zł", "ft", "lei", "tk", "fr", "sfr", "din", "tl", "x"),
})  # fmt: skip
"""What may stand glued before a whole number without making it part of a name."""

_DIGITS_OF_OTHER_SCRIPTS = re.compile(r"(?![0-9])\d")
_ALIKE = {ord(char): "'" for char in "’‘ʼ´`′"} | {ord(char): "-" for char in "−–—‐‑‒﹣－"}
_ALIKE |= {ord(char): " " for char in "\u00a0\u2007\u2008\u2009\u200a\u202f"}
_ALIKE |= {ord(char): "." for char in "٫．"} | {ord(char): "," for char in "٬，"}
_CHUNK = re.compile(r"(?:(?<![0-9])[.,])?[0-9]+(?:[.,'][0-9]+)*")
_SPACED = re.compile(r"(?<![0-9.,'])[0-9]{1,3}(?: [0-9]{3}(?![0-9]))+(?:[.,][0-9]{1,4})?(?![.,']?[0-9])")
_AFTER_MINUS = re.compile(
    r"(?<![0-9])- ?(?:[^\W\d_]{1,3}\.? ?|[^\w\s()\-] ?)?"  # the sign, and perhaps a currency
    r"([0-9]{1,15}(?: [0-9]{3}(?![0-9])|[.,'][0-9]{1,15}){0,6})(?![.,']?[0-9])"
)
_BEFORE = re.compile(r"(\w?)([^\w\s]*)([^\W\d_]*)([^\w\s]*)\Z")
_HAS_DIGIT = re.compile(r"[0-9]")
_SPACED_AMOUNT = re.compile(r"[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]+)?")
_LETTERS_THEN_DIGIT = re.compile(r"[^\W\d_]+[0-9]")
_PLAIN_AMOUNT = re.compile(r"[-+(]?\s*[0-9][0-9.,' ]*(?:[.,]-)?-?\)?")


def numbers_in(text: str) -> frozenset[str]:
    """Every number that *text* holds, in every way it can be read, in canonical form."""
    plain = as_ascii_numbers(text)
    found: set[str] = set()
    for word in set(plain.split()):
        if _HAS_DIGIT.search(word):
            _read_word(word, found)
    for run in set(_SPACED.findall(plain)):
        _read_spaced(run, found)
    for amount in set(_AFTER_MINUS.findall(plain)):
        found.update(f"-{reading}" for reading in readings(amount.replace(" ", "")) if reading != "0")
    return frozenset(found)


def readings(digits: str) -> frozenset[str]:
    """The ways to read one run of digits and separators; none when it is no number, as in 12.50.30."""
    if len(digits) > LONGEST:
        return frozenset()
    parts = re.split(r"[.,']", digits)
    marks = [char for char in digits if char in ".,'"]
    found = set()
    if not marks:
        found.add(_canonical(digits, ""))
    if len(set(marks)) == 1 and _is_grouping(parts):
        found.add(_canonical("".join(parts), ""))
    if len(marks) >= 1 and marks[-1] != "'" and (len(marks) == 1 or _groups_before_decimals(parts, marks)):
        found.add(_canonical("".join(parts[:-1]), parts[-1]))
    return frozenset(found)


def number(value: object) -> Decimal | None:
    """The number *value* is, or None: a number, or a text with one sure reading."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float | Decimal):
        return _finite(value)
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    found = number_readings(value)
    return Decimal(next(iter(found))) if len(found) == 1 else None


def number_readings(text: str) -> frozenset[str]:
    """The readings of a text that is a number and nothing else; none otherwise, or when it looks like an identifier."""
    plain = as_ascii_numbers(text).strip()
    if len(plain) > LONGEST or not _PLAIN_AMOUNT.fullmatch(plain):
        return frozenset()
    is_negative = plain[0] in "-(" or (plain.endswith("-") and plain[-2] not in ".,")
    digits = plain.strip("-+() ").rstrip(".,")
    if _SPACED_AMOUNT.fullmatch(digits):
        digits = digits.replace(" ", "")
    if re.match(r"0[0-9]", digits) or not re.fullmatch(r"[0-9]+(?:[.,'][0-9]+)*", digits):
        return frozenset()
    return frozenset(f"-{each}" if is_negative and each != "0" else each for each in readings(digits))


def canonical_number(value: int | float | Decimal) -> str | None:
    """The canonical form of a number, as in the sets above; None when nobody would write it out."""
    exact = _finite(value)
    if exact is None:
        return None
    sign, (whole, _, fraction) = ("-" if exact < 0 else ""), f"{abs(exact):f}".partition(".")
    plain = _canonical(whole, fraction)
    return plain if plain == "0" else sign + plain


def as_ascii_numbers(text: str) -> str:
    """*text* with all digits, dashes, apostrophes and narrow spaces in their plainest form."""
    if text.isascii():
        return text
    plain = text.translate(_ALIKE)
    return _DIGITS_OF_OTHER_SCRIPTS.sub(lambda digit: str(unicodedata.digit(digit[0])), plain)


def _finite(value: int | float | Decimal) -> Decimal | None:
    if isinstance(value, int) and value.bit_length() > 4 * LONGEST:
        return None
    try:
        exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        return exact if exact.is_finite() and abs(exact.adjusted()) <= LONGEST else None
    except InvalidOperation:
        return None


def _canonical(whole: str, fraction: str) -> str:
    kept = fraction.rstrip("0")
    return f"{whole.lstrip('0') or '0'}{'.' if kept else ''}{kept}"


def _is_grouping(parts: list[str]) -> bool:
    """Whether 1,234,567 or, as in India, 12,34,567."""
    if not 1 <= len(parts[0]) <= 3 or len(parts[-1]) != 3 or parts[0] == "0":
        return False
    middle = {len(part) for part in parts[1:-1]}
    return middle <= {3} or (middle <= {2} and len(parts[0]) <= 2)


def _groups_before_decimals(parts: list[str], marks: list[str]) -> bool:
    return len(set(marks[:-1])) == 1 and marks[-1] not in marks[:-1] and _is_grouping(parts[:-1])


def _read_word(word: str, found: set[str]) -> None:
    spans = (chunk.span() for chunk in _CHUNK.finditer(word))
    seen = {(word[max(0, start - 12) : start], word[start:end], word[end : end + 8]) for start, end in spans}
    for before, digits, behind in seen:
        _read_chunk(before, digits, behind, found)


def _read_chunk(before: str, digits: str, behind: str, found: set[str]) -> None:
    if digits[0] in ".,":
        before, digits = before + digits[0], digits[1:]
    if not _stands_alone(before, digits, behind):
        return
    values = readings(digits) or _listed(digits)
    if before[-1:] in (".", ",") and not before[-2:-1].isalpha():
        values |= readings(f"0.{digits}")  # .50 for fifty cents; No.5 is five
    found.update(_signed(values, before, behind[:2]))


def _stands_alone(before: str, digits: str, behind: str) -> bool:
    """Whether the digits are a number of their own: RM60.30, 5kg and x2 are, A5 and 3f2 are parts of names."""
    if _LETTERS_THEN_DIGIT.match(behind):
        return False
    letters = re.search(r"[^\W\d]*\Z", before)
    return not letters or not letters[0] or not digits.isdigit() or letters[0].casefold() in CURRENCIES


def _listed(digits: str) -> frozenset[str]:
    """1,2,3 is no number, so it is three."""
    if "'" in digits or "," not in digits or len(digits) > 8 * LONGEST:
        return frozenset()
    return frozenset().union(*(readings(part) for part in digits.split(",") if part and not part.endswith(".")))


def _signed(values: frozenset[str], before: str, behind: str) -> set[str]:
    """The values with the signs they may carry: 5.00- and (5.00) are read either way, -5.00 only as written."""
    negative = {f"-{value}" for value in values if value != "0"}
    matched = _BEFORE.search(before)
    first, marks = (matched[1], matched[2] + matched[4]) if matched else ("", "")
    if "-" in marks and ":" not in marks and not first:
        return negative or set(values)
    is_joined = first.isdigit()  # 10-5 is a range
    may_be_negative = ("-" in marks and not is_joined) or "(" in marks or behind in {"-", "-)"}
    return set(values) | (negative if may_be_negative else set())


def _read_spaced(run: str, found: set[str]) -> None:
    """Every stretch of at most five groups of 12 345 678,90: any of them may be one number."""
    whole, _, fraction = run.replace(",", ".").partition(".")
    groups = whole.split(" ")
    for first in range(len(groups)):
        for last in range(first + 2, min(first + 5, len(groups)) + 1):
            is_end = last == len(groups)
            found.add(_canonical("".join(groups[first:last]), fraction if is_end else ""))
