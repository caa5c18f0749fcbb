"""Every country and language that receipts are composed in, and which of them training never sees."""

from __future__ import annotations

from typing import Final

from agentflow.nano.train.locales import (
    Locale,
    de_at,
    de_ch,
    de_de,
    en_au,
    en_gb,
    en_in,
    en_my,
    en_ph,
    en_sg,
    en_us,
    en_za,
    es_es,
    es_mx,
    fr_fr,
    hu_hu,
    id_id,
    it_it,
    ms_my,
    nl_nl,
    pl_pl,
    pt_br,
    pt_pt,
    sv_se,
)

LOCALES: Final[tuple[Locale, ...]] = tuple(
    country.LOCALE
    for country in (
        *(en_my, ms_my, en_sg, en_us, en_gb, en_in, en_au, en_za, en_ph),
        *(de_de, de_ch, de_at, fr_fr, es_es, es_mx, it_it, nl_nl, pt_pt),
        *(sv_se, pl_pl, id_id, pt_br, hu_hu),
    )
)

HELD_OUT: Final = frozenset({"sv-SE", "pl-PL", "id-ID", "pt-BR", "hu-HU"})
"""Codes kept for the unseen split. No receipt of the seen split is in one of them."""
