"""How money, counts and times are written for people. Pure functions on numbers."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from agentflow.usage import as_usd

SIGNIFICANT = 3
"""Digits of an amount below one dollar."""


def usd_text(nano: int | None) -> str:
    """Such as `$1,234.56`, `$0.0123` or `$0.000123`; never `$0.00` for something that cost money."""
    if nano is None:
        return "unknown"
    usd = as_usd(nano)
    if usd == 0:
        return "$0"
    places = 2 if abs(usd) >= 1 else SIGNIFICANT - 1 - usd.adjusted()
    rounded = usd.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{rounded:,f}"
    return f"${_trim(text) if places > 2 else text}"


def count_text(count: int) -> str:
    """Such as `12,345`, or `1.2M` from a million on."""
    return f"{count:,}" if count < 1_000_000 else f"{count / 1_000_000:,.1f}M"


def seconds_text(seconds: float | None) -> str:
    """Such as `12 ms`, `1.4 s` or `2 h 05 min`; `-` when unknown."""
    if seconds is None:
        return "-"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.0095 or seconds == 0 else f"{seconds * 1000:.1f} ms"
    if seconds < 99.5:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def line_text(text: str, width: int) -> str:
    """*text* on one line of at most *width* characters, without anything that could steer a terminal."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text[: 8 * width]).split())
    return plain if len(plain) <= width else plain[: width - 1] + "…"


def place_text(reference: str, width: int) -> str:
    """Such as `pipelines/receipts.py:receipts`: a file with its folder and what is called in it."""
    return line_text("/".join(reference.replace("\\", "/").split("/")[-2:]), width)


def _trim(text: str) -> str:
    """Without trailing zeros, but never below two places."""
    whole, _, places = text.partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"
