"""Overshoot: what a provider bills over HTTP against the limit that was set, under all that makes others overspend.

The judge is the loopback provider, which bills whatever reaches it. What AgentFlow believes it spent is not asked.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dspy

from agentflow import Budget, Ladder, Price, Tier, open_account, pipeline, resume, run
from agentflow.engines.provider import ProviderEngine
from agentflow.engines.routes import find_route
from agentflow.errors import UnknownPrice
from agentflow.loopback import Body
from agentflow.testing import Hang, LoopbackProvider, Reply, chat
from agentflow.usage import Bound, as_usd

from . import beside
from .harness import ROOT, Result, Table, at_least, at_most, bench, folder, fresh
from .pipelines import ask, ask_each, gather_each, loop_each

CAP = 32
FULL = chat(answer="x" * 400)[: CAP * 4]
SHORT = chat(answer="yes")
AMPLE = Budget(tokens=10**7)
COLUMNS = ("what", "limit", "billed", "billed / limit", "calls billed", "note")


@dataclass(frozen=True, slots=True)
class Bill:
    """One scenario and what the provider billed in it."""

    scenario: str
    limit: float
    """In the resource that was limited; 0 where nothing may be billed."""
    billed: float
    calls: int
    note: str = ""
    expects_use: bool = False
    """Whether there was work enough to use the limit up."""

    @property
    def ratio(self) -> float:
        """Billed over limit; a bill without an allowance is infinitely too much."""
        return self.billed / self.limit if self.limit else float(self.billed > 0 and "inf")

    def row(self) -> list[Any]:
        """For the page."""
        return [self.scenario, self.limit, self.billed, round(self.ratio, 3), self.calls, self.note]


class Exactly(ProviderEngine):
    """Knows to the token what the provider counts, as whoever asks a provider's counting endpoint does."""

    input_tokens = 0

    def bound(self, request: dspy.lm15.Request) -> Bound:
        return Bound(self.input_tokens, "exact", "measured beforehand; all prompts are equally long")


class ByteProvider(LoopbackProvider):
    """Bills a token for every byte, as byte-level tokenizers do with text they know nothing of."""

    def _bill(self, body: Body, *, output_tokens: int) -> dict[str, int]:
        read = len(json.dumps(body.get("messages"), ensure_ascii=False).encode())
        with self._changed:
            self.billed_calls += 1
            self.tokens += read + output_tokens
        return {"prompt_tokens": read, "completion_tokens": output_tokens, "total_tokens": read + output_tokens}


@pipeline
async def ask_in_chinese(count: int) -> int:
    """Prompts that a rule of four characters a token takes for a twelfth of what they are."""
    done = 0
    for number in range(count):
        done += (await ask.aperform(question="龍" * 400 + f"{number:04d}")).accepted
    return done


@pipeline
async def stream_each(count: int) -> int:
    """One streamed answer after the other."""
    done = 0
    for number in range(count):
        async for chunk in dspy.streamify(ask, async_streaming=True)(question=f"question {number:06d}"):
            done += isinstance(chunk, dspy.Prediction)
    return done


# scenarios


def fifty_at_once(many: Any, resource: str) -> Bill:
    """A budget for ten calls, exact bounds, fifty requests."""
    with LoopbackProvider(FULL, latency=0.05) as provider, folder() as state:
        tier, tokens, nano = exact_tier(provider, state)
        before = Meter(provider)
        limits = {"calls": 10, "tokens": 10 * tokens, "usd": 10 * nano}
        budget = Budget(calls=10, tokens=10**7) if resource == "calls" else limited(resource, limits[resource])
        spend(many(count=50), tier, budget, state)
        billed = before.since(resource)
    how = "agents" if many is ask_each else "requests of one agent"
    return Bill(f"50 {how} at once, {resource}, exact bounds", limits[resource], billed, before.calls, "10 calls", True)


def two_hundred_calls(resource: str) -> Bill:
    """A budget for two hundred calls, bounds by bytes, more work than it pays for."""
    with LoopbackProvider(SHORT, latency=0.02) as provider, folder() as state:
        limit = 200 * probe(provider, state, resource)
        before = Meter(provider)
        spend(ask_each(count=260), provider.tier(max_tokens=CAP), limited(resource, limit), state)
        return Bill(f"260 agents, limit worth 200 calls, {resource}, byte bounds", limit, before.since(resource),
                    before.calls, "byte bounds", True)  # fmt: skip


def loops(count: int, turns: int, calls: int) -> Bill:
    """Agents that ask on and on."""
    with LoopbackProvider(SHORT, latency=0.01) as provider, folder() as state:
        limit = calls * probe(provider, state, "tokens")
        before = Meter(provider)
        spend(loop_each(count=count, turns=turns), provider.tier(max_tokens=CAP), Budget(tokens=limit), state)
        name = f"{count} runaway loops at once" if count > 1 else "one runaway loop"
        return Bill(name, limit, before.since("tokens"), before.calls, f"limit worth {calls} calls", calls >= 200)


def four_processes(*, kill: bool) -> Bill:
    """Four processes on one standing account, one of them killed."""
    with LoopbackProvider(SHORT, latency=0.05 if kill else 0.02) as provider, folder() as state:
        limit = 200 * probe(provider, state, "tokens")
        before = Meter(provider)
        open_account("team", Budget(tokens=limit), state=state)
        command = [sys.executable, "tests/spenders.py", "4", "70", provider.url, str(state)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            _, _, pid = json.loads(running.stdout.readline())
            if kill and provider.reached(before.at[0] + 40, timeout=120):
                os.kill(pid, signal.SIGKILL)
            running.communicate(timeout=300)
        how = "4 processes on one account" + (", one killed by SIGKILL" if kill else "")
        return Bill(how, limit, before.since("tokens"), before.calls, "limit worth 200 calls", not kill)


def killed_and_resumed() -> Bill:
    """A run killed with fifty requests on the wire, and resumed until it ends."""
    with LoopbackProvider(SHORT, latency=0.05) as provider, folder() as state:
        limit = 200 * probe(provider, state, "tokens")
        before = Meter(provider)
        sitting = {"url": provider.url, "state": str(state), "limit": limit}
        command = [sys.executable, "-m", "tests.benchmarks.overshoot", "--case", json.dumps(sitting)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as first:
            provider.reached(before.at[0] + 60, timeout=120)
            first.send_signal(signal.SIGKILL)
        again = fresh("overshoot", sitting | {"again": True})
        note = f"then resumed: {again['status']}, {again['unknown']} calls unknown"
        return Bill("SIGKILL with 50 on the wire", limit, before.since("tokens"), before.calls, note)


def timeouts(*, late: bool) -> Bill:
    """Every answer comes too late, or never; each is billed, and each is asked again."""
    answer = Reply(SHORT, latency=1.0) if late else Hang()
    with LoopbackProvider(SHORT) as probed, folder() as state:
        limit = 10 * probe(probed, state, "tokens")
    with LoopbackProvider(answer) as provider, folder() as state:
        tier = provider.tier(max_tokens=CAP, timeout=0.3)
        before = Meter(provider)
        spend(ask_each(count=20), tier, Budget(tokens=limit, seconds=20), state)
        provider.idle(timeout=5)
        name = "answers after the timeout, retried" if late else "no answer ever, retried"
        return Bill(name, limit, before.since("tokens"), before.calls, "20 agents, limit worth 10 calls")


def no_usage(*, streamed: bool) -> Bill:
    """Answers whose provider does not say what they cost."""
    with LoopbackProvider(Reply(SHORT, reports_usage=False)) as provider, folder() as state:
        limit = 10 * probe(provider, state, "tokens")
        before = Meter(provider)
        many = stream_each(count=30) if streamed else ask_each(count=30)
        spend(many, provider.tier(max_tokens=CAP), Budget(tokens=limit), state)
        name = "streams without usage" if streamed else "answers without usage"
        return Bill(name, limit, before.since("tokens"), before.calls, "30 asked, limit worth 10; charged at the bound")


def fat(*, honoured: bool) -> Bill:
    """Completions of 16,000 tokens."""
    with LoopbackProvider(Reply(chat(answer="x" * 64_000), honours_max_tokens=honoured)) as provider, folder() as state:
        tier = replace(provider.tier(max_tokens=16_384), min_tokens=64)
        before = Meter(provider)
        outcome = spend(ask_each(count=5, limit=1), tier, Budget(tokens=2_000), state)
        note = "max_tokens clipped to what is left" if honoured else "the provider ignores max_tokens"
        if outcome.over_bound.tokens:
            note += f"; over_bound says {outcome.over_bound.tokens:,}, and the model gets nothing more"
        name = "16,000-token completions" + ("" if honoured else ", cap ignored")
        return Bill(name, 2_000, before.since("tokens"), before.calls, note)


def unknown_price() -> Bill:
    """A limit in money and a model without a price."""
    with LoopbackProvider(SHORT) as provider, folder() as state:
        tier = replace(provider.tier(max_tokens=CAP), price=None)
        try:
            spend(ask_each(count=50), tier, Budget(usd=1), state)
            note = "accepted"
        except UnknownPrice:
            note = "refused before anything was sent"
        return Bill("unknown price, limit in USD", 0, provider.nano_usd, provider.billed_calls, note)


def tenfold_prompt() -> Bill:
    """Prompts of more than ten times the tokens that their length suggests."""
    with ByteProvider(SHORT) as provider, folder() as state:
        spend(ask_in_chinese(count=1), provider.tier(max_tokens=CAP), AMPLE, state)
        limit = 10 * provider.tokens
        before = Meter(provider)
        spend(ask_in_chinese(count=30), provider.tier(max_tokens=CAP), Budget(tokens=limit), state)
        return Bill("prompts of 12x their estimate", limit, before.since("tokens"), before.calls, "bytes are bounded")


SCENARIOS: tuple[Callable[[], Bill], ...] = (
    *(lambda many=many, resource=resource: fifty_at_once(many, resource)
      for many in (ask_each, gather_each) for resource in ("calls", "tokens", "usd")),
    lambda: two_hundred_calls("tokens"),
    lambda: two_hundred_calls("usd"),
    lambda: loops(1, 300, 200),
    lambda: loops(50, 20, 200),
    lambda: four_processes(kill=False),
    lambda: four_processes(kill=True),
    killed_and_resumed,
    lambda: timeouts(late=True),
    lambda: timeouts(late=False),
    lambda: no_usage(streamed=False),
    lambda: no_usage(streamed=True),
    lambda: fat(honoured=True),
    unknown_price,
    tenfold_prompt,
)  # fmt: skip


def measure(chosen: argparse.Namespace) -> Result:
    """Every scenario in turn; they wait more than they work."""
    bills = [scenario() for scenario in SCENARIOS]
    broken = fat(honoured=False)
    result = Result("Overshoot: billed over limit")
    used = [bill.ratio for bill in bills if bill.expects_use]
    exact = [bill.calls for bill in bills if bill.note == "10 calls"]
    result.goals = [
        at_most("billed / limit, the worst of all scenarios", max(bill.ratio for bill in bills), 1.0, unit="x"),
        at_least("billed / limit where there was work for it, the least of all", min(used), 0.95, unit="x"),
        at_least("calls of 10 that a budget for 10 pays with exact bounds, the least", min(exact), 10),
    ]
    result.tables = [
        Table("AgentFlow", COLUMNS, [bill.row() for bill in bills]),
        Table(
            "AgentFlow and a provider that breaks its word",
            COLUMNS,
            [broken.row()],
            "Outside the promise: nobody can keep a limit with a provider that ignores max_tokens. What went beyond is "
            "shown as `over_bound`, and nothing more is sent to that model until a person trusts it again.",
        ),
    ]
    if chosen.peers:
        result.tables += beside.overshoot_tables(quick=chosen.quick)
    result.notes = [
        "The judge is `agentflow.testing.LoopbackProvider`, an OpenAI-compatible server on 127.0.0.1 that counts what "
        "reaches it. Requests cross real HTTP through AgentFlow's own engine, with no key and no configuration. Limits "
        "are worth 10 or 200 calls of the size that a first, separate call was billed for.",
        "Utilisation is judged where there was more work than money and answers came whole. Calls that died with "
        "unknown outcome, and answers without usage, are charged at their bound; the provider may have billed less.",
    ]
    return result


def case(url: str, state: str, limit: int, again: bool = False) -> dict[str, Any]:
    """The run that is killed, or its resumption."""
    ladder = Ladder(tier_at(url))
    if again:
        outcome = resume("last", ladder=ladder, state=Path(state))
    else:
        outcome = run(ask_each(count=260), ladder=ladder, budget=Budget(tokens=limit), state=Path(state))
    return {"status": outcome.status, "unknown": outcome.unknown.calls}


# money


class Meter:
    """What a provider had billed before, so that probing does not count."""

    def __init__(self, provider: LoopbackProvider) -> None:
        self._provider = provider
        self.at = self._now()

    def since(self, resource: str) -> int:
        """Billed since then."""
        return self._now()[("calls", "tokens", "usd").index(resource)] - self._begun(resource)

    @property
    def calls(self) -> int:
        """Calls billed since then."""
        return self.since("calls")

    def _begun(self, resource: str) -> int:
        return self.at[("calls", "tokens", "usd").index(resource)]

    def _now(self) -> tuple[int, int, int]:
        return self._provider.billed_calls, self._provider.tokens, self._provider.nano_usd


def spend(call: Any, tier: Tier, budget: Budget, state: Path) -> Any:
    """Run a pipeline on one tier."""
    return run(call, ladder=Ladder(tier), budget=budget, state=state, resumable=False)


def limited(resource: str, amount: float) -> Budget:
    """A budget of so many tokens or nano-USD."""
    return Budget(tokens=int(amount)) if resource == "tokens" else Budget(usd=as_usd(int(amount)))


def probe(provider: LoopbackProvider, state: Path, resource: str) -> int:
    """What one call is billed."""
    before = Meter(provider)
    spend(ask_each(count=1), provider.tier(max_tokens=CAP), AMPLE, state)
    return before.since(resource)


def exact_tier(provider: LoopbackProvider, state: Path) -> tuple[Tier, int, int]:
    """A tier whose bound is exact, and what one call to it is billed in tokens and in nano-USD."""
    tier = replace(provider.tier(max_tokens=CAP), min_tokens=CAP)
    spend(ask_each(count=1), tier, AMPLE, state)
    engine = Exactly(find_route(str(tier.model), provider.url, os.environ))
    engine.input_tokens = provider.tokens - CAP
    return replace(tier, engine=engine), provider.tokens, provider.nano_usd


def tier_at(url: str) -> Tier:
    """The tier of a provider in another process."""
    return Tier("openai/loopback", max_tokens=CAP, price=Price.per_million(1, 4), api_base=url)


if __name__ == "__main__":
    bench("overshoot", measure, case=case)
