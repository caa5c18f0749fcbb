"""What the same accepted work would have cost on the strongest tier alone: an estimate that says how it was made."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from agentflow.errors import UnknownPrice
from agentflow.prices import read_prices
from agentflow.report.answers import TopTier
from agentflow.report.work import Try, Work, total
from agentflow.store import RunRow
from agentflow.usage import Amount, Price, Usage


def estimate_top_tier(row: RunRow, works: list[Work]) -> TopTier | None:
    """Step by step: accepted outcomes times what one costs there. None when that is known for no step."""
    ladder = [_named(tier) for tier in json.loads(row.ladder or "[]") or []]
    by_step: dict[str, list[Work]] = defaultdict(list)
    for work in works:
        if not work.is_nested:
            by_step[work.step].append(work)
    tops = [(_top(ladder, group), group) for group in by_step.values()]
    parts = [(top, _part(top, _price(row, top), group)) for top, group in tops if top is not None]
    known = [(top, part) for top, part in parts if part is not None and part.covers]
    if not known:
        return None
    return TopTier(
        tier=" and ".join(dict.fromkeys(top.label for top, _ in known)),
        amount=total(part.amount for _, part in known),
        covers=sum(part.covers for _, part in known),
        of=sum(work.status == "accepted" for work in works if not work.is_nested),
        how="; ".join(dict.fromkeys(part.how for _, part in known)),
    )


@dataclass(frozen=True, slots=True)
class _Rung:
    """One tier of the run's ladder."""

    label: str
    model: str


@dataclass(frozen=True, slots=True)
class _Part:
    """The estimate for one step."""

    amount: Amount
    covers: int
    how: str


def _named(tier: Any) -> _Rung:
    """From the label and identity that a run keeps of each tier."""
    label, identity, *_ = tier
    return _Rung(label, identity.split("|")[0])


def _top(ladder: list[_Rung], works: list[Work]) -> _Rung | None:
    """The end of the run's ladder, or the strongest tier seen where the step climbs a ladder of its own."""
    places: dict[str, int] = {}
    for work in works:
        models = dict.fromkeys(attempt.tier for attempt in work.tries if not attempt.by_function)
        places |= {label: max(place, places.get(label, 0)) for place, label in enumerate(models)}
    if ladder and set(places) <= {rung.label for rung in ladder}:
        return ladder[-1]
    strongest = max(places, key=lambda label: places[label], default="")
    return _Rung(strongest, strongest) if strongest else None


def _price(row: RunRow, top: _Rung) -> Price | None:
    try:
        return read_prices(row.prices).price(top.model)
    except UnknownPrice:
        return None


def _part(top: _Rung, price: Price | None, works: list[Work]) -> _Part | None:
    accepted = sum(work.status == "accepted" for work in works)
    tries = [attempt for work in works for attempt in work.tries if not attempt.by_function]
    attempts = sum(attempt.tier == top.label for attempt in tries)
    charged = total(work.spent_on(top.label) for work in works if work.tries)
    if attempts and charged:
        return _Part(_times(charged, accepted, attempts), accepted, "accepted × mean cost of its attempts here")
    answered = [attempt for attempt in tries if attempt.input_tokens or attempt.output_tokens]
    if price is None or not answered:
        return None
    return _Part(_priced(price, answered, accepted), accepted, "accepted × its price for the tokens of cheaper tiers")


def _times(charged: Amount, accepted: int, attempts: int) -> Amount:
    return Amount(
        round(charged.usd * accepted / attempts),
        round(charged.tokens * accepted / attempts),
        round(charged.calls * accepted / attempts),
    )


def _priced(price: Price, answered: list[Try], accepted: int) -> Amount:
    read = round(sum(attempt.input_tokens for attempt in answered) / len(answered))
    written = round(sum(attempt.output_tokens for attempt in answered) / len(answered))
    one = Amount(price.cost(Usage(read, written)), read + written, 1)
    return _times(one, accepted, 1)
