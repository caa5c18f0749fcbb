"""A receipt as rows of folded words and printed amounts, in whatever way its language writes numbers."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from agentflow import Verdict

MOST_BYTES = 100_000
"""A longer text is no till receipt."""
CURRENCY = r"(?:eur|usd|gbp|chf|myr|rm|inr|rs\.?|sek|kr|pln|zl|jpy|aud|us\$|fr\.|[€$£¥₹])"
AMOUNT = re.compile(
    r"(?<![\d.,'’])(?P<minus>-\s?)?"
    r"(?P<digits>\d{1,3}(?:[.'’]\d{3})+,\d\d|\d{1,3}(?:[,'’]\d{3})+\.\d\d|\d{1,3}(?: \d{3})+,\d\d|\d+[.,]\d\d)"
    r"(?!\s?%|[.,]?\d)"
    r"|[¥]\s?(?P<yen>\d{1,3}(?:,\d{3})+|\d+)(?![.,]?\d)"
)
WIDEST = 2_000
"""Characters of the longest row: enough for a whole receipt that was sent as one line."""
STRANGE = frozenset({"Cc", "Cn", "Co", "Cs"})
"""Unicode categories that no printed text has."""


def is_readable(receipt: str) -> Verdict:
    """Whether the text can be a receipt at all, decided before anything is spent on it."""
    size = len(receipt.encode("utf-8", "replace"))
    if not receipt.strip():
        return rejected("the receipt is empty; scan it again", "empty")
    if size > MOST_BYTES:
        return rejected(f"the receipt has more than {MOST_BYTES:,} bytes; pass one file per receipt", "too_long")
    if max(map(len, receipt.splitlines())) > WIDEST:
        return rejected(f"a row has more than {WIDEST:,} characters; pass the receipt row by row", "too_wide")
    signs = (sign for sign in receipt if sign not in "\n\r\t\f")
    strange = sum(sign == "\ufffd" or unicodedata.category(sign) in STRANGE for sign in signs)
    if strange > len(receipt) * 0.02:
        return rejected("the receipt is not text; pass its text, not its picture", "not_text")
    return Verdict(True)


def rows_of(receipt: str) -> list[str]:
    """The lines that are not empty."""
    return [line for line in receipt.splitlines() if line.strip()]


def segments(receipt: str) -> list[str]:
    """The receipt's rows; a receipt that was sent as a single line is cut at its slashes or semicolons."""
    rows = rows_of(receipt)
    return re.split(r" / |; ", rows[0]) if len(rows) == 1 else rows


def amounts(row: str) -> list[Decimal]:
    """Every amount of money printed in *row*."""
    found = []
    for match in AMOUNT.finditer(row):
        digits = re.sub(r"\D", "", match["yen"] or match["digits"])
        value = Decimal(digits) if match["yen"] else Decimal(digits).scaleb(-2)
        found.append(-value if match["minus"] else value)
    return found


def fold(text: str) -> str:
    """*text* in small letters, without accents and needless space, for comparing only."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).replace("ı", "i").split())


def rejected(feedback: str, kind: str) -> Verdict:
    """A refusal with the words for the next try and the class of its reason."""
    return Verdict(False, feedback, kind=kind)
