"""Whether a text can be a till receipt that the readers know how to read, decided before anything is spent on it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from agentflow import Verdict
from receipt_rules.text import fold, rejected

MOST_BYTES = 100_000
"""A longer text is no till receipt."""
MOST_ROWS = 2_000
"""Nor is one of more rows."""
WIDEST = 2_000
"""Characters of the longest row: enough for a whole receipt that was sent as one line."""
STRANGE = frozenset({"Cc", "Cn", "Co", "Cs"})
"""Unicode categories that no printed text has."""
LEAST_LATIN = 0.5
"""Share of the letters that are Latin."""
LEAST_SIGNS = 0.4
"""Share of the signs that are letters or digits; of real receipts 0.6 and more, where rulers are drawn."""
FEWEST_LETTERS = 3
"""Letters without which nothing is named."""
FEWEST_WORDS = 5
"""Words from which on their looks say anything."""
MOST_JUMBLED = 0.3
"""Share of the words that look like no word of any language: of real scans at most 0.25, of random letters 0.5."""
FOUR_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{4}")
HUMP = re.compile(r"[a-z][A-Z]")


def is_readable(receipt: str) -> Verdict:
    """Whether the text can be a receipt at all; the reason and its class when not."""
    if not receipt.strip():
        return rejected("the receipt is empty; scan it again", "empty")
    if len(receipt.encode("utf-8", "replace")) > MOST_BYTES:
        return rejected(f"the receipt has more than {MOST_BYTES:,} bytes; pass one file per receipt", "too_long")
    rows = receipt.splitlines()
    if len(rows) > MOST_ROWS:
        return rejected(f"the receipt has more than {MOST_ROWS:,} rows; pass one file per receipt", "too_long")
    if max(map(len, rows)) > WIDEST:
        return rejected(f"a row has more than {WIDEST:,} characters; pass the receipt row by row", "too_wide")
    return _is_written(receipt)


def _is_written(receipt: str) -> Verdict:
    """Whether its signs are those of a printed text in Latin letters."""
    signs = [sign for sign in receipt if not sign.isspace()]
    if sum(sign == "\ufffd" or unicodedata.category(sign) in STRANGE for sign in signs) > len(receipt) * 0.02:
        return rejected("the receipt is not text; pass its text, not its picture", "not_text")
    letters = [sign for sign in signs if sign.isalpha()]
    if sum("LATIN" in unicodedata.name(sign, "") for sign in letters) < len(letters) * LEAST_LATIN:
        return rejected("the receipt is not in Latin letters, the only ones that are read here", "other_alphabet")
    is_noise = sum(map(str.isalnum, signs)) < len(signs) * LEAST_SIGNS
    if is_noise or len(letters) < FEWEST_LETTERS or _are_jumbled(re.findall(r"[^\W\d_]{4,}", receipt)):
        return rejected("the receipt is noise rather than words; scan it again", "noise")
    return Verdict(True)


def _are_jumbled(words: Sequence[str]) -> bool:
    """Whether too many of these words mix large and small letters, or run consonants together, as none does."""
    for is_odd in (lambda word: HUMP.search(word), lambda word: FOUR_CONSONANTS.search(fold(word))):
        if len(words) >= FEWEST_WORDS and sum(is_odd(word) is not None for word in words) > len(words) * MOST_JUMBLED:
            return True
    return False
