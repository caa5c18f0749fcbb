"""A tier to try on, one try at a step, and how a step, an agent or a run ended."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from agentflow.errors import DefinitionError
from agentflow.usage import NO_TOKENS, NOTHING, Amount, Price, Usage, as_usd
from agentflow.verdict import Verdict

Status = Literal[
    "accepted",
    "rejected",
    "budget_exhausted",
    "no_progress",
    "engine_failed",
    "cancelled",
    "failed",
]
"""How something ended: proven; not proven; out of budget; going in circles; no provider answered; stopped from
outside; an exception left the user's own code."""

DEFAULT_MAX_TOKENS = 1_024
REASONING_MAX_TOKENS = 8_192
DEFAULT_TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Tier:
    """A model, or a plain function, and how often it may try."""

    model: str | Callable[..., Any]
    """`provider/model`, or a function of the step's inputs that returns its outputs, or None for no answer."""
    attempts: int = 1
    max_tokens: int | None = None
    """Most output tokens of one answer, reasoning included. None: 1,024, or 8,192 with `reasoning`."""
    min_tokens: int | None = None
    """Fewest output tokens worth paying for: below it a call waits or is refused. None: a quarter of `max_tokens`."""
    timeout: float = DEFAULT_TIMEOUT
    """Seconds one request may take, cut by the deadline of the run."""
    temperature: float | None = None
    """None: whatever the provider takes by default."""
    token_weight: float = 1.0
    """What one of this model's tokens counts against a limit in tokens."""
    reasoning: bool = False
    """Whether the model thinks before it answers; it then gets room for it."""
    optional: bool = False
    """Whether the ladder may do without this tier when its key or server is missing."""
    price: Price | None = None
    """None: looked up in the price table."""
    api_base: str | None = None
    """Address of the server. None: the provider's own."""
    name: str = ""
    """What reports call it. Empty: the model's or the function's name."""
    engine: Any = None
    """An engine object that answers instead of the provider (doubles, models of one's own). None: by `model`."""

    def __post_init__(self) -> None:
        if not (isinstance(self.model, str) and self.model) and not callable(self.model):
            raise DefinitionError(f"a Tier takes a model name or a function, not {self.model!r}")
        if self.attempts < 1:
            raise DefinitionError(f"Tier({self.label}): attempts={self.attempts}; a tier tries at least once")
        if not 1 <= self.floor <= self.cap:
            raise DefinitionError(f"Tier({self.label}): min_tokens={self.floor} must lie between 1 and {self.cap}")
        if self.timeout <= 0 or self.token_weight < 0:
            raise DefinitionError(f"Tier({self.label}): timeout must be positive and token_weight not negative")

    @property
    def is_function(self) -> bool:
        """Whether a plain function answers: no tokens, no cost, nothing on the wire."""
        return not isinstance(self.model, str)

    @property
    def label(self) -> str:
        """The name reports use."""
        if self.name:
            return self.name
        return self.model if isinstance(self.model, str) else getattr(self.model, "__name__", "function")

    @property
    def cap(self) -> int:
        """Most output tokens of one answer."""
        if self.max_tokens is not None:
            return self.max_tokens
        return REASONING_MAX_TOKENS if self.reasoning else DEFAULT_MAX_TOKENS

    @property
    def floor(self) -> int:
        """Fewest output tokens worth paying for."""
        return self.min_tokens if self.min_tokens is not None else max(1, self.cap // 4)

    @property
    def identity(self) -> str:
        """A text that changes when this tier's answers may change; part of every journal key."""
        if callable(self.model):
            return f"function:{self.label}:{source_hash(self.model)}"
        return f"{self.model}|{self.api_base or ''}|{self.cap}|{self.temperature}"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a step on one tier, and what its validator said."""

    tier: str
    """The tier's label."""
    verdict: Verdict
    prediction: Any = None
    """None: the answer could not be parsed, or none came."""
    text: str = ""
    """The raw answer as it came."""
    spent: Amount = NOTHING
    """Charged for this attempt, in this and earlier sittings, failed requests included."""
    usage: Usage = NO_TOKENS
    """Raw tokens of the answer."""
    seconds: float = 0.0
    replayed: bool = False
    """Whether the journal answered."""
    by_function: bool = False
    confidence: float | None = None
    """Mean log-probability of the answer's tokens, the least of several answers. None: unknown, as of a function."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step, an agent or a run ended. Never raised: a breach is a value."""

    status: Status
    value: Any = None
    """What a pipeline returned, or the prediction of a step. None unless accepted."""
    path: str = ""
    attempts: tuple[Attempt, ...] = ()
    spent: Amount = NOTHING
    """Charged for this piece of work, in this and earlier sittings."""
    held: Amount = NOTHING
    unknown: Amount = NOTHING
    """Part of `spent` that was charged because nobody knows whether the provider did."""
    over_bound: Amount = NOTHING
    """Charged above what the provider had declared possible."""
    limit_hit: str = ""
    """The limit that stopped the work, such as `usd of totals/read_total`; empty when none did."""
    feedback: str = ""
    """Why it was not accepted, in words."""
    partial: dict[str, Any] = field(default_factory=dict)
    """What is worth keeping of unfinished work: accepted values by path, and what the pipeline kept."""
    error: BaseException | None = None
    """The exception behind `failed` and `engine_failed`."""

    @property
    def accepted(self) -> bool:
        """Whether the work was done and proven."""
        return self.status == "accepted"

    @property
    def prediction(self) -> Any:
        """The accepted prediction of a step."""
        return self.value

    @property
    def cost(self) -> Decimal:
        """Spent money in USD."""
        return as_usd(self.spent.usd)


def source_hash(function: Callable[..., Any]) -> str:
    """A short hash of a function's source, or of its bytecode where there is none."""
    try:
        text = inspect.getsource(function)
    except (OSError, TypeError):
        code = getattr(function, "__code__", None)
        text = repr((code.co_code, code.co_consts, code.co_names)) if code else repr(function)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
