"""A report as JSON for programs. Amounts of money are nano-USD integers, and USD texts beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from agentflow.budget import Budget
from agentflow.usage import Amount, as_usd

if TYPE_CHECKING:
    from agentflow.report.answers import Report

SCHEMA = 1
"""Raised when a field changes its meaning or goes away; new fields do not raise it."""


def to_json(report: Report, *, indent: int | None = None) -> str:
    """One JSON object with its schema version."""
    return json.dumps({"schema": SCHEMA, "kind": "report"} | plain(report), indent=indent, ensure_ascii=False)


def plain(value: Any) -> Any:
    """A frozen value as JSON can say it."""
    if isinstance(value, Amount):
        return amount_json(value)
    if isinstance(value, Budget):
        return json.loads(value.to_json())
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def amount_json(amount: Amount) -> dict[str, Any]:
    """All three resources; `usd` is a text because a float cannot hold it."""
    return {
        "usd": f"{as_usd(amount.usd):f}",
        "nano_usd": amount.usd,
        "tokens": amount.tokens,
        "calls": amount.calls,
    }
