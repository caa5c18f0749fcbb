"""What a call may cost at most, what it did consume, and what a token is worth.

Money is integer nano-USD here (1 USD = 1,000,000,000) and is rounded up; `Decimal` appears only at the edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Literal

NANO = 1_000_000_000
"""Nano-USD in one USD."""

MILLION = 1_000_000


def nano_usd(usd: str | int | float | Decimal) -> int:
    """Integer nano-USD of an amount in USD, rounded up; a float is read by its shortest decimal form."""
    return int((Decimal(str(usd)) * NANO).to_integral_value(rounding=ROUND_CEILING))


def as_usd(nano: int) -> Decimal:
    """The exact amount in USD."""
    return Decimal(nano) / NANO


Resource = Literal["usd", "tokens", "calls"]
RESOURCES: frozenset[Resource] = frozenset(("usd", "tokens", "calls"))


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of each limited resource: what is reserved, held, spent or left."""

    usd: int = 0
    """Nano-USD."""
    tokens: int = 0
    """Tokens, already multiplied by the tier's token weight."""
    calls: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.usd + other.usd, self.tokens + other.tokens, self.calls + other.calls)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.usd - other.usd, self.tokens - other.tokens, self.calls - other.calls)

    def __bool__(self) -> bool:
        return bool(self.usd or self.tokens or self.calls)

    def excess_over(self, bound: Amount) -> Amount:
        """How much of this lies above *bound*, each resource on its own, never below zero."""
        return Amount(
            max(0, self.usd - bound.usd), max(0, self.tokens - bound.tokens), max(0, self.calls - bound.calls)
        )

    def at_most(self, most: Amount) -> Amount:
        """The smaller of the two, each resource on its own."""
        return Amount(min(self.usd, most.usd), min(self.tokens, most.tokens), min(self.calls, most.calls))

    def only(self, resources: frozenset[Resource]) -> Amount:
        """The same with every other resource at zero."""
        return Amount(
            self.usd if "usd" in resources else 0,
            self.tokens if "tokens" in resources else 0,
            self.calls if "calls" in resources else 0,
        )

    def lacking_in(self, room: Amount) -> Resource | None:
        """The first resource of which *room* has too little. What is not needed is not missed."""
        if self.usd > 0 and self.usd > room.usd:
            return "usd"
        if self.tokens > 0 and self.tokens > room.tokens:
            return "tokens"
        if self.calls > 0 and self.calls > room.calls:
            return "calls"
        return None


NOTHING = Amount()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens one answer consumed, in one convention for all providers."""

    input_tokens: int | None
    """Everything read, cached tokens included. None: the provider did not say."""
    output_tokens: int | None
    """Everything written, reasoning included. None: the provider did not say."""
    cached_tokens: int = 0
    """Part of the input that was read from a cache."""
    cache_write_tokens: int = 0
    """Part of the input that was written to a cache."""
    reasoning_tokens: int = 0
    """Part of the output that was reasoning."""

    @property
    def is_known(self) -> bool:
        """Whether the provider reported both sides."""
        return self.input_tokens is not None and self.output_tokens is not None

    @property
    def total_tokens(self) -> int:
        """Input and output together, what is unknown counted as none."""
        return (self.input_tokens or 0) + (self.output_tokens or 0)


NO_TOKENS = Usage(0, 0)


@dataclass(frozen=True, slots=True)
class Rate:
    """Nano-USD per million tokens of each kind, for prompts longer than `above` tokens."""

    input: int
    output: int
    cached: int
    """Reading from a cache."""
    cache_write: int
    """Writing to a cache, at the dearest lifetime on offer."""
    above: int = 0


@dataclass(frozen=True, slots=True)
class Price:
    """What a model's tokens cost: one rate, and dearer ones for long prompts where a provider has them."""

    rates: tuple[Rate, ...]
    """In ascending order of `above`; the first has `above=0`."""

    @classmethod
    def per_million(cls, input: str | int | float | Decimal, output: str | int | float | Decimal) -> Price:
        """A plain price in USD per million tokens, cached tokens at the full rate."""
        read, write = nano_usd(input), nano_usd(output)
        return cls((Rate(read, write, cached=read, cache_write=read),))

    @property
    def is_free(self) -> bool:
        """Whether no kind of token costs anything."""
        return not any(rate.input or rate.output or rate.cached or rate.cache_write for rate in self.rates)

    def ceiling(self, input_tokens: int, output_tokens: int) -> int:
        """The most that so many tokens can cost, in nano-USD: the dearest rate of each kind that could apply."""
        rates = [rate for rate in self.rates if rate.above <= input_tokens]
        read = max(max(rate.input, rate.cached, rate.cache_write) for rate in rates)
        write = max(rate.output for rate in rates)
        return _round_up(input_tokens * read + output_tokens * write)

    def cost(self, usage: Usage) -> int:
        """What this usage costs, in nano-USD. It must be known."""
        read, write = usage.input_tokens or 0, usage.output_tokens or 0
        rate = [rate for rate in self.rates if rate.above <= read][-1]
        plain = max(0, read - usage.cached_tokens - usage.cache_write_tokens)
        return _round_up(
            plain * rate.input
            + usage.cached_tokens * rate.cached
            + usage.cache_write_tokens * rate.cache_write
            + write * rate.output
        )


FREE = Price((Rate(0, 0, 0, 0),))
"""Declared to cost no money: models that run on this machine."""


@dataclass(frozen=True, slots=True)
class Bound:
    """An upper bound on the input tokens of one request, and why it holds."""

    input_tokens: int
    kind: Literal["exact", "tokenizer", "byte", "declared"]
    why: str


def _round_up(nano_millionths: int) -> int:
    return -(-nano_millionths // MILLION)
