"""A receipt as rows of folded words and printed amounts, in whatever way its language writes numbers."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from agentflow import Verdict

CURRENCY = r"(?:eur|usd|gbp|chf|myr|rm|inr|rs\.?|sek|kr|pln|zl|jpy|aud|us\$|fr\.|[€$£¥₹])"
AMOUNT = re.compile(
    r"(?<![\d.,'’])(?P<minus>-\s?)?"
    r"(?P<digits>\d{1,3}(?:[.'’]\d{3})+,\d\d|\d{1,3}(?:[,'’]\d{3})+\.\d\d|\d{1,3}(?: \d{3})+,\d\d|\d+[.,]\d\d)"
    r"(?!\s?%|[.,]?\d)"
    r"|[¥]\s?(?P<yen>\d{1,3}(?:,\d{3})+|\d+)(?![.,]?\d)"
)


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
