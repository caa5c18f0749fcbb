"""A pipeline to be killed, and the billing provider that answers it: who asked what, and how often."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sittings import NEVER, Death, Order

from agentflow import Budget
from agentflow.loopback import Answer, Body, LoopbackProvider, Refusal, Reply
from agentflow.store import CallRow, RunRow, StandingRow
from agentflow.store.sqlite import open_store
from agentflow.testing import chat

SOURCE = '''
import asyncio
from decimal import Decimal

import dspy

from agentflow import Budget, Step, agents, keep, pipeline
from agentflow import validators as v


class ReadTotal(dspy.Signature):
    """Read the total amount payable from a till receipt."""

    receipt: str = dspy.InputField()
    total: Decimal = dspy.OutputField()


class NameShop(dspy.Signature):
    """Name the shop in one word."""

    receipt: str = dspy.InputField()
    shop: str = dspy.OutputField()


read_total = Step(ReadTotal, validate=v.occurs_in("total", source="receipt"), name="read_total")
name_shop = Step(NameShop, validate=v.length("shop", at_most=20), name="name_shop")


async def read(receipt: str) -> str:
    shop = await name_shop.acall(receipt=receipt)
    total = await read_total.acall(receipt=receipt)
    return f"{shop.shop} {total.total}"


@pipeline
async def totals(receipts: list[str]) -> list[str]:
    async with agents(limit=4, each=Budget(calls=6)) as team:
        children = [team.spawn(read, receipt=text) for text in receipts]
        keep(len(children), name="receipts")
    found = [child.outcome.value or child.outcome.status for child in children]
    last = await read_total.acall(receipt=f"The last of {len(found)}. SHOP 3 TOTAL 3.50")
    return [*found, str(last.total)]
'''
"""Every third receipt is read at once, every third with feedback, every third by the strong tier alone."""

SIDE_BY_SIDE = (
    SOURCE.partition("async def read(")[0]
    + """
@pipeline
async def totals(receipts: list[str]) -> list[str]:
    found = await asyncio.gather(*(read_total.acall(receipt=text) for text in receipts))
    return sorted(str(one.total) for one in found)
"""
)

LIMIT = {"usd": "0.02"}
RECEIPTS = [f"SHOP {number}\nTOTAL {number}.50" for number in range(6)]


@dataclass
class Shop:
    """The provider and the pipeline's file."""

    provider: LoopbackProvider
    folder: Path
    prompts: list[str] = field(default_factory=list)
    """What was asked, by the serial number that stands in the answer."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    closed_to: str = ""
    """The model whose requests are turned away; empty: none."""
    is_busy: bool = False
    """Whether every fourth new prompt is turned away once, for a moment."""
    turned_away: set[str] = field(default_factory=set)

    @property
    def reference(self) -> str:
        """The pipeline, as a run finds it again."""
        return f"{self.folder / 'shop.py'}:totals"

    @property
    def database(self) -> Path:
        """Its journal."""
        return self.folder / "state" / "state.db"

    @property
    def state(self) -> str:
        """The folder of its journal."""
        return str(self.folder / "state")

    def edit(self, old: str, new: str) -> None:
        """Change the pipeline's file."""
        file = self.folder / "shop.py"
        source = file.read_text(encoding="utf-8")
        assert old in source
        file.write_text(source.replace(old, new), encoding="utf-8")

    def asked(self) -> Counter[str]:
        """How often each prompt reached the provider."""
        with self.lock:
            return Counter(self.prompts)

    def answered(self, rows: list[CallRow]) -> Counter[str]:
        """How many answers to each prompt stand in the journal."""
        serials = [re.search(r"serial: (\d+)", row.response) for row in rows if row.status == "done"]
        return Counter(self.prompts[int(found.group(1))] for found in serials if found)

    def committed(self, rows: list[CallRow]) -> set[str]:
        """The prompts whose answers stand in the journal."""
        return set(self.answered(rows))

    def answer(self, body: Body) -> Answer:
        """Right or wrong by the receipt's number, the tier and whether feedback was given; never by chance."""
        text = body["messages"][-1]["content"]
        if self.closed_to and self.closed_to in body["model"]:
            return Refusal(401, message="closed")
        if self.is_busy and self._turns_away(text):
            return Refusal(429, retry_after=0.01)
        with self.lock:
            serial = len(self.prompts)
            self.prompts.append(json.dumps([body["model"], body["messages"]]))
        number = int(re.findall(r"SHOP (\d+)", text)[-1])
        is_right = number % 3 == 0 or "strong" in body["model"] or (number % 3 == 1 and "not accepted" in text)
        fields: dict[str, Any] = {"reasoning": "read", "total": f"{number}.50" if is_right else "99.99"}
        if "## shop ##" in text:
            fields = {"shop": f"shop{number}"}
        elif "## next_tool_name ## ]]" in text:
            fields = turn(text.count("## observation_"))
        return Reply(f"serial: {serial:04}\n\n{chat(**fields)}", latency=0.001 * (number % 4))

    def _turns_away(self, text: str) -> bool:
        with self.lock:
            is_new = text not in self.turned_away
            self.turned_away.add(text)
            return is_new and len(self.turned_away) % 4 == 0


def turn(number: int) -> dict[str, Any]:
    """What a ReAct does next: it looks at two pages, then finishes."""
    if number == 2:
        return {"next_thought": "done", "next_tool_name": "finish", "next_tool_args": "{}"}
    return {"next_thought": "look", "next_tool_name": "look", "next_tool_args": json.dumps({"page": str(number)})}


@contextmanager
def opened(folder: Path, source: str = SOURCE) -> Iterator[Shop]:
    """A shop with its provider, and its pipeline in *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shop.py").write_text(source, encoding="utf-8")
    with LoopbackProvider(lambda body: shop.answer(body)) as provider:
        shop = Shop(provider, folder)
        yield shop


def first(shop: Shop, death: Death = NEVER, **options: Any) -> Order:
    """A new run of the shop."""
    url = shop.provider.url
    return Order(
        shop.state, shop.reference, {"receipts": RECEIPTS}, url=url, budget=LIMIT, options=options, death=death
    )


def again(shop: Shop, death: Death = NEVER, *, run: str = "last") -> Order:
    """Its next sitting."""
    return Order(shop.state, run=run, url=shop.provider.url, death=death)


def calls_of(state: str) -> list[CallRow]:
    store = open_store(Path(state) / "state.db", read_only=True)
    try:
        return store.calls(store.run("last").run)
    finally:
        store.close()


def runs_of(state: str) -> list[RunRow]:
    store = open_store(Path(state) / "state.db", read_only=True)
    try:
        return store.runs()
    finally:
        store.close()


def account_of(state: str) -> StandingRow:
    store = open_store(Path(state) / "state.db", read_only=True)
    try:
        return store.accounts()[0]
    finally:
        store.close()


def open_account(state: str, limit: Budget) -> None:
    store = open_store(Path(state) / "state.db")
    store.open_account("team", limit.to_json())
    store.close()
