"""Every country and language that receipts are composed in, and which of them training never sees."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import Locale, en_my, en_sg, en_us, ms_my

LOCALES: Final[tuple[Locale, ...]] = (en_my.LOCALE, ms_my.LOCALE, en_sg.LOCALE, en_us.LOCALE)

HELD_OUT: Final = frozenset({"sv-SE", "pl-PL", "id-ID", "pt-BR", "hu-HU"})
"""Codes kept for the unseen split. No receipt of the seen split is in one of them."""
