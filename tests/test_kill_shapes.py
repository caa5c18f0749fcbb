"""Durability by killing, in each shape of work: calls in one step, side by side, in threads, and steps in a step."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from shops import RECEIPTS, SOURCE, Shop, again, calls_of, first, opened
from sittings import KILLED, NEVER, Death, Ending, Host, Order, hosting
from test_kill import assert_every_call_in_flight_is_unknown, seeded_death

from agentflow.usage import NOTHING

LIMIT = {"usd": "0.1"}
STEPS = SOURCE.partition("async def read(")[0]

SHAPES = {
    "several calls in one step": STEPS
    + '''
from agentflow import tool


@tool(loop_key=None)
def look(page: str) -> str:
    """Look at a page."""
    return f"nothing on {page}"


found_total = Step(
    dspy.ReAct(ReadTotal, tools=[look], max_iters=5), validate=v.occurs_in("total", source="receipt"), name="found"
)


@pipeline
async def totals(receipts: list[str]) -> list[str]:
    async with agents(limit=3) as team:
        children = [team.spawn(found_total, receipt=text) for text in receipts]
    return [str(child.outcome.prediction.total) for child in children]
''',
    "equal and different calls side by side": STEPS
    + """
@pipeline
async def totals(receipts: list[str]) -> list[str]:
    asked = [read_total.acall(receipt=text) for text in [*receipts, *receipts]]
    found = await asyncio.gather(*asked, name_shop.acall(receipt=receipts[0]), name_shop.acall(receipt=receipts[1]))
    return [str(one.total) for one in found[:-2]] + [one.shop for one in found[-2:]]
""",
    "threads": STEPS
    + """
class Read(dspy.Module):
    def forward(self, receipt: str) -> str:
        return f"{name_shop(receipt=receipt).shop} {read_total(receipt=receipt).total}"


@pipeline
def totals(receipts: list[str]) -> list[str]:
    work = [(Read(), dspy.Example(receipt=text).with_inputs("receipt")) for text in receipts]
    return dspy.Parallel(num_threads=3, disable_progress_bar=True)(work)
""",
    "steps in a step": STEPS
    + """
class Both(dspy.Module):
    async def aforward(self, receipt: str) -> dspy.Prediction:
        shop = await name_shop.acall(receipt=receipt)
        total = await read_total.acall(receipt=receipt)
        return dspy.Prediction(line=f"{shop.shop} {total.total}")


both = Step(Both(), validate=v.none(reason="the steps inside have their own"), name="both")


async def read(receipt: str) -> str:
    line = (await both.acall(receipt=receipt)).line
    return f"{line} {(await name_shop.acall(receipt='again: ' + receipt)).shop}"


@pipeline
async def totals(receipts: list[str]) -> list[str]:
    async with agents(limit=3, each=Budget(calls=4)) as team:
        children = [team.spawn(read, receipt=text) for text in receipts]
    return [child.outcome.value or child.outcome.limit_hit for child in children]
""",
}
"""The last one's limit stops every third child before its last call, whatever was replayed of the calls before."""


class Unbroken(NamedTuple):
    """The run that nothing happens to."""

    source: str
    ending: Ending
    asked: Counter[str]


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with hosting() as host:
        yield host


@pytest.fixture(scope="module", params=SHAPES)
def unbroken(request: pytest.FixtureRequest, host: Host, tmp_path_factory: pytest.TempPathFactory) -> Unbroken:
    source = SHAPES[request.param]
    with opened(tmp_path_factory.mktemp("unbroken"), source) as shop:
        ending = host.sit(begun(shop))
        return Unbroken(source, ending, shop.asked())


@pytest.fixture
def shop(tmp_path: Path, unbroken: Unbroken) -> Iterator[Shop]:
    with opened(tmp_path / "shop", unbroken.source) as shop:
        yield shop


def alike(prompts: Counter[str]) -> Counter[str]:
    """What was asked, whichever of two equal answers a prompt quotes."""
    found: Counter[str] = Counter()
    for prompt, number in prompts.items():
        found[re.sub(r"serial: \d+", "serial", prompt)] += number
    return found


def begun(shop: Shop, death: Death = NEVER) -> Order:
    return replace(first(shop, death), arguments={"receipts": RECEIPTS[:3]}, budget=LIMIT)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_whatever_was_at_work_goes_on_after_a_kill(host: Host, shop: Shop, unbroken: Unbroken, seed: int) -> None:
    """The value is the same, every answer that was committed is used and not asked for again, and no cent is lost."""
    whole = unbroken.ending
    requests, events = whole.events["CallIntended"], sum(whole.events.values()) - 2
    death = seeded_death(random.Random(f"{unbroken.source} {seed}").randrange(10**6), events=events, requests=requests)
    assert host.sit(begun(shop, death)).code == KILLED
    assert shop.provider.idle()
    rows = calls_of(shop.state)
    asked, in_flight = shop.asked(), [row for row in rows if row.status != "done"]

    ending = host.sit(again(shop))

    assert (whole.status, ending.status, ending.value) == ("accepted", "accepted", whole.value)
    assert alike(shop.answered(rows) + (shop.asked() - asked)) == alike(unbroken.asked)
    assert_every_call_in_flight_is_unknown(shop, in_flight, ending)
    assert (ending.spent, ending.held) == (whole.spent + ending.unknown, NOTHING)
    assert shop.provider.nano_usd <= ending.spent.usd <= 100_000_000
