"""A journal told by hand: what a run of three steps writes."""

from __future__ import annotations

import json
from typing import Any

from agentflow.budget import Budget
from agentflow.events import (
    AgentFinished,
    CallId,
    CallIntended,
    CallSettled,
    Event,
    RunFinished,
    RunStarted,
    StepFinished,
)
from agentflow.prices import write_prices
from agentflow.store.sqlite import SQLiteStore
from agentflow.usage import Amount, Price, Usage

CHEAP, STRONG = "acme/small", "acme/large"


PRICES = write_prices({CHEAP: Price.per_million(1, 2), STRONG: Price.per_million(10, 20)})


LADDER = json.dumps([["read_total", "function:read_total:x"], [CHEAP, f"{CHEAP}||1024|"], [STRONG, f"{STRONG}||1024|"]])


def write(store: SQLiteStore, *events: Event) -> None:
    for event in events:
        store.append(event).result()


def started(**changes: Any) -> RunStarted:
    fields = {"budget": Budget(usd="0.50").to_json(), "ladder": LADDER, "prices": PRICES}
    return RunStarted("r1", "/p/receipts.py:receipts", "hash", "{}", **{**fields, **changes})


def attempt(tier: str, *, accepted: bool = True, usd: int = 0, **more: Any) -> dict[str, Any]:
    """One attempt as the journal keeps it: 100 tokens in, 10 out, unless a function answered."""
    by_function = "/" not in tier
    plain = {
        "tier": tier,
        "accepted": accepted,
        "score": 1.0 if accepted else 0.0,
        "kind": "" if accepted else "occurs_in:total",
        "feedback": "" if accepted else "12.50 is not in the receipt",
        "spent": {"usd": usd, "tokens": 0 if by_function else 110, "calls": 0 if by_function else 1},
        "usage": {"input_tokens": 0 if by_function else 100, "output_tokens": 0 if by_function else 10},
        "seconds": 0.5,
        "replayed": False,
        "by_function": by_function,
        "text": "",
    }
    return plain | more


def step(path: str, *attempts: dict[str, Any], status: str = "accepted", **more: Any) -> StepFinished:
    spent = Amount(*(sum(one["spent"][name] for one in attempts) for name in ("usd", "tokens", "calls")))
    fields = {"step": path.rpartition("/")[2].split("#")[0], "identity": "i", "prediction": "null", "spent": spent}
    feedback = attempts[-1]["feedback"] if attempts else ""
    return StepFinished(
        "r1", path, status=status, attempts=json.dumps(attempts), **{"feedback": feedback, **fields, **more}
    )


def call(path: str, key: str, spent: Amount, tier: str = CHEAP, *, bound: str = "byte") -> list[Event]:
    id = CallId("r1", path, key, 0)
    intended = CallIntended(id, tier, tier, Amount(9_999, 999, 1), bound, cap=10)
    return [intended, CallSettled(id, spent, Usage(100, 10), "{}", "stop")]


def three_steps() -> list[Event]:
    """A function answers one, the cheap model one at its second try, and nobody the third."""
    refused = [attempt("read_total", accepted=False), attempt(CHEAP, accepted=False, usd=120)]
    return [
        started(),
        step("/r/total#a", attempt("read_total")),
        step("/r/total#b", refused[0], refused[1], attempt(CHEAP, usd=120, seconds=1.5)),
        *call("/r/total#b", "k1", Amount(120, 110, 1)),
        *call("/r/total#b", "k2", Amount(120, 110, 1)),
        step("/r/total#c", *refused, attempt(STRONG, accepted=False, usd=1_200), status="rejected", inputs='{"n": 3}'),
        *call("/r/total#c", "k3", Amount(120, 110, 1)),
        *call("/r/total#c", "k4", Amount(1_200, 110, 1), STRONG),
        AgentFinished("r1", "/r/total#c", "rejected"),
        RunFinished("r1", "accepted", "[12.5]"),
    ]
