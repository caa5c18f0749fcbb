"""Hierarchical hard budgets: a tree of accounts that is never overdrawn."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from agentflow.errors import ConfigurationError
from agentflow.usage import Amount, as_usd, nano_usd


@dataclass(frozen=True, slots=True)
class Budget:
    """An allowance. Any subset of limits; None means that this resource is not limited here."""

    usd: str | int | float | Decimal | None = None
    tokens: int | None = None
    """Tokens of all tiers, each multiplied by its tier's `token_weight`."""
    calls: int | None = None
    """Requests on the wire, failed ones included."""
    seconds: float | None = None
    """Time in which a live process holds the run, added up over resumes."""
    until: str | None = None
    """Wall clock, ISO 8601, after which nothing more is sent."""
    depth: int | None = None
    """How deep agents may spawn agents; a run's own pipeline stands at 0."""
    live: int | None = None
    """Agents at work at the same time."""
    agents: int | None = None
    """Agents spawned in all."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None and (problem := _problem(field.name, value)):
                raise ConfigurationError(f"Budget({field.name}={value!r}): {problem}")

    @property
    def is_spending_limited(self) -> bool:
        """Whether money or tokens are limited, as every unattended run needs."""
        return self.usd is not None or self.tokens is not None

    @property
    def nano(self) -> int | None:
        """The limit in nano-USD."""
        return None if self.usd is None else nano_usd(self.usd)

    def narrowed(self, other: Budget) -> Budget:
        """The tighter of the two, limit by limit."""
        tighter: dict[str, Any] = {}
        for field in fields(self):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            if field.name == "usd" and mine is not None and theirs is not None:
                tighter["usd"] = min(Decimal(str(mine)), Decimal(str(theirs)))
            else:
                tighter[field.name] = mine if theirs is None else theirs if mine is None else min(mine, theirs)
        return replace(self, **tighter)

    def to_json(self) -> str:
        """A JSON text that `from_json` reads back to an equal allowance."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        if self.usd is not None:
            plain["usd"] = str(as_usd(nano_usd(self.usd)))
        return json.dumps({name: value for name, value in plain.items() if value is not None}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Budget:
        """Raises `ConfigurationError` when *text* names a limit that does not exist."""
        plain = json.loads(text or "{}")
        unknown = sorted(set(plain) - {field.name for field in fields(cls)})
        if unknown:
            raise ConfigurationError(f"no such limit: {', '.join(unknown)}")
        return cls(**plain)

    def __str__(self) -> str:
        parts = [f"{f.name}={getattr(self, f.name)}" for f in fields(self) if getattr(self, f.name) is not None]
        return ", ".join(parts) or "no limit"


MOST_USD, MOST = 10**9, 10**15
"""Most that a limit may say: what is stored, nano-USD included, must stay a 64-bit integer."""


def moment(until: str) -> datetime:
    """The instant *until* names; without an offset it is this machine's local time. Raises ValueError."""
    return datetime.fromisoformat(until).astimezone()


def _problem(name: str, value: Any) -> str:
    """What is wrong with a limit, empty when nothing is."""
    if name == "until":
        try:
            moment(value)
        except (TypeError, ValueError, OverflowError):
            return "write it as ISO 8601, such as 2026-11-21T07:00"
        return ""
    if name not in ("usd", "seconds") and (not isinstance(value, int) or isinstance(value, bool)):
        return "a whole number is needed"
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return "a number is needed, such as 0.50"
    if not amount.is_finite() or isinstance(value, bool):
        return "a number is needed, such as 0.50"
    if amount < 0:
        return "it is negative"
    if amount > (MOST_USD if name == "usd" else MOST):
        return "it is more than anyone can spend"
    return "at least one agent must be at work" if name == "live" and amount < 1 else ""


def unlimited() -> Amount:
    """More than anyone can spend: room of an account without limits."""
    return Amount(usd=2**62, tokens=2**62, calls=2**62)
