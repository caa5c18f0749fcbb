"""What a pipeline may cost at most, step by step, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentflow.adapters import PREVIOUS_CHARACTERS
from agentflow.attempt import Tier
from agentflow.declare import Bound
from agentflow.errors import UnknownPrice
from agentflow.options import RunOptions, default_ladder, settings_of
from agentflow.prices import PriceTable
from agentflow.step import Step
from agentflow.survey import steps_of
from agentflow.usage import Price

FRAMING_TOKENS = 200
"""What providers add around messages, generously."""
FEEDBACK_BYTES = 4 * PREVIOUS_CHARACTERS + 1_000
"""A rejected answer and the words on it, shown again to the next attempt."""


@dataclass(frozen=True, slots=True)
class WorstCase:
    """The most that one performance of a step may cost on one tier, all its attempts included."""

    step: str
    tier: str
    input_bound: int
    """Tokens of one request at most, one per byte: the prompt, the largest input that can be seen, and feedback."""
    max_tokens: int
    usd: int | None
    """Nano-USD. None: the price is unknown."""


def worst_case(call: Bound, options: RunOptions) -> list[WorstCase]:
    """What each step may cost on each tier, for the largest single input among the arguments: a text, or a file.

    Nothing is sent. How often a step is performed is the pipeline's own affair; the budget bounds the sum.
    """
    settings = settings_of(options)
    prices, largest = PriceTable(settings.prices), max(_sizes(call.arguments), default=0)
    cases = []
    for step in steps_of(call.pipeline.function):
        ladder = step.ladder or options.ladder or default_ladder(settings)
        cases += [_case(step, tier, prices, largest) for tier in (ladder.without_functions() if ladder else ())]
    return cases


def _case(step: Step, tier: Tier, prices: PriceTable, largest: int) -> WorstCase:
    again = FEEDBACK_BYTES if step.takes_feedback else 0
    bound = step.prompt_bytes() + largest + FRAMING_TOKENS + again
    try:
        price: Price | None = tier.price or prices.price(str(tier.model), tier.api_base)
    except UnknownPrice:
        price = None
    cost = None if price is None else tier.attempts * price.ceiling(bound, tier.cap)
    return WorstCase(step.name, tier.label, bound, tier.cap, cost)


def _sizes(value: Any) -> Iterator[int]:
    """Bytes of every text, and of every file that a text names, folders looked through."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _sizes(item)
        return
    text = str(value)
    yield len(text.encode("utf-8", "surrogatepass"))
    if len(text) < 1_000 and "\n" not in text and (path := Path(text)).exists():
        yield from (file.stat().st_size for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())
