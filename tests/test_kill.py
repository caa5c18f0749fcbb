"""Durability by killing: wherever a run dies, its resumption ends with the same records and pays nothing twice."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from shops import LIMIT, Shop, account_of, again, calls_of, first, open_account, opened, runs_of
from sittings import KILLED, NEVER, Death, Ending, Host, Order, hosting

from agentflow import Budget
from agentflow.report.figures import usd_text
from agentflow.store import CallRow
from agentflow.usage import NOTHING

ROOT = Path(__file__).parents[1]
SOME_RECEIPTS = (
    "06-baeckerei-de",
    "18-short-lunwer",
    "19-short-one-line-slashes",
    "22-short-pay-by",
    "26-short-tel",
    "30-ocr-noise-petrol",
    "34-faded-thermal",
    "36-two-totals-disagree",
)
"""Between them every function and both models answer, and some fields cannot be proven."""
EVENTS = 56
"""How many an unbroken run of the shop writes before its last, at least."""
REQUESTS = 19


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with hosting() as host:
        yield host


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path / "shop") as shop:
        yield shop


@pytest.fixture(scope="module")
def unbroken(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Ending:
    """The run that nothing happens to."""
    with opened(tmp_path_factory.mktemp("unbroken")) as shop:
        return host.sit(first(shop))


def seeded_death(seed: int, *, events: int, requests: int) -> Death:
    """Anywhere: at an event, a little after one, before a request, after an answer."""
    chance = random.Random(seed)
    at = chance.choice(["event", "event", "later", "send", "answer"])
    if at == "later":
        return Death("event", chance.randint(1, events * 3 // 4), after=chance.uniform(0.0002, 0.01))
    return Death(at, chance.randint(1, requests if at in ("send", "answer") else events))


def test_an_unbroken_run_is_what_the_kills_are_drawn_from(unbroken: Ending) -> None:
    """The points at which runs are killed lie within the run."""
    assert unbroken.status == "accepted"
    assert sum(unbroken.events.values()) - 2 >= EVENTS
    assert unbroken.events["CallIntended"] == REQUESTS


def survive(host: Host, shop: Shop, unbroken: Ending, *deaths: Death) -> None:
    """Die each of *deaths* in turn, then go on to the end, with every promise checked on the way."""
    committed: set[str] = set()
    for number, death in enumerate(deaths):
        asked = shop.asked()
        order = first(shop, death) if number == 0 else again(shop, death)
        code = host.sit(order).code
        assert code == KILLED or (number > 0 and code == 0)  # a later sitting may have too little left to die of
        assert shop.provider.idle()
        assert not committed & set(shop.asked() - asked)
        committed |= shop.committed(calls_of(shop.state))
    in_flight = [row for row in calls_of(shop.state) if row.status != "done"]
    asked = shop.asked()

    ending = host.sit(again(shop))

    assert ending.status == "accepted"
    assert ending.value == unbroken.value
    assert not committed & set(shop.asked() - asked)
    assert_every_call_in_flight_is_unknown(shop, in_flight, ending)
    assert ending.spent == unbroken.spent + ending.unknown
    assert ending.held == NOTHING
    assert shop.provider.nano_usd <= ending.spent.usd <= 20_000_000


def assert_every_call_in_flight_is_unknown(shop: Shop, in_flight: list[CallRow], ending: Ending) -> None:
    rows = calls_of(shop.state)
    unknown = [row for row in rows if row.status == "unknown"]
    assert {row.id for row in unknown} == {row.id for row in in_flight}
    assert ending.unknown == sum((row.reserved for row in unknown), NOTHING)
    assert all(row.spent == row.reserved for row in unknown)
    assert usd_text(ending.unknown.usd) in ending.report
    assert {row.status for row in rows} <= {"done", "unknown"}
    assert shop.provider.calls <= len(rows)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_a_killed_run_ends_as_if_nothing_had_happened(host: Host, shop: Shop, unbroken: Ending, seed: int) -> None:
    """Whatever was committed is not asked again, whatever was in flight is unknown, and the result is the same."""
    survive(host, shop, unbroken, seeded_death(seed, events=EVENTS, requests=REQUESTS))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_resumption_may_be_killed_too(host: Host, shop: Shop, unbroken: Ending, seed: int) -> None:
    """Dying three times in a row costs no more than what was in flight each time."""
    deaths = [seeded_death(seed * 10 + place, events=15, requests=5) for place in range(3)]

    survive(host, shop, unbroken, *deaths)


@pytest.mark.attack
@pytest.mark.parametrize("seed", range(100, 200))
def test_a_run_may_be_killed_anywhere(host: Host, shop: Shop, unbroken: Ending, seed: int) -> None:
    """A hundred more points of death."""
    survive(host, shop, unbroken, seeded_death(seed, events=EVENTS, requests=REQUESTS))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_killed_run_never_bills_more_than_a_limit_that_just_fits(
    host: Host, shop: Shop, unbroken: Ending, seed: int
) -> None:
    """What died in flight is paid from the same limit; where nothing is left, a raised budget ends the work."""
    tight = {"usd": str(Decimal(unbroken.spent.usd + 400_000) / 1_000_000_000)}
    death = seeded_death(seed, events=EVENTS // 2, requests=REQUESTS // 2)
    assert host.sit(replace(first(shop, death), budget=tight)).code == KILLED

    second = host.sit(again(shop))
    assert shop.provider.nano_usd <= second.spent.usd <= unbroken.spent.usd + 400_000
    third = host.sit(replace(again(shop), budget=LIMIT))

    assert second.status in ("accepted", "budget_exhausted")
    assert (third.status, third.value) == ("accepted", unbroken.value)
    assert shop.provider.nano_usd <= third.spent.usd
    if not any(row.clipped for row in calls_of(shop.state)):  # an answer cut to fit is paid, and asked again
        assert third.spent == unbroken.spent + third.unknown


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_killed_run_may_have_been_turned_away(host: Host, shop: Shop, unbroken: Ending, seed: int) -> None:
    """Requests that were certainly not billed cost nothing, before the kill or after it."""
    shop.is_busy = True
    assert host.sit(first(shop, seeded_death(seed, events=EVENTS, requests=REQUESTS))).code == KILLED
    committed, asked = shop.committed(calls_of(shop.state)), shop.asked()

    ending = host.sit(again(shop))

    rows = calls_of(shop.state)
    assert ending.value == unbroken.value
    assert not committed & set(shop.asked() - asked)
    assert ending.spent == unbroken.spent + ending.unknown
    assert any(row.status == "released" for row in rows)
    assert shop.provider.nano_usd <= ending.spent.usd


def test_a_call_that_died_does_not_starve_the_child_that_made_it(host: Host, shop: Shop, unbroken: Ending) -> None:
    """A crash's unknown call counts against the run, and the ceiling of the agent below is lifted by as much."""
    assert host.sit(first(shop, Death("answer", REQUESTS - 1))).code == KILLED

    assert host.sit(again(shop)).value == unbroken.value


# standing accounts and other processes


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_standing_account_pays_for_what_died(host: Host, shop: Shop, unbroken: Ending, seed: int) -> None:
    """The account is charged what its run was charged, the unknown included, and gets the rest of its grants back."""
    open_account(shop.state, Budget(usd="0.02"))
    death = seeded_death(seed, events=EVENTS, requests=REQUESTS)
    assert host.sit(first(shop, death, account="team")).code == KILLED

    ending = host.sit(again(shop))

    assert (ending.status, ending.value) == ("accepted", unbroken.value)
    account = account_of(shop.state)
    assert account.spent == ending.spent == unbroken.spent + ending.unknown
    assert (account.granted, account.over_bound) == (NOTHING, NOTHING)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_two_runs_on_one_file_die_and_go_on_apart(
    host: Host, shop: Shop, unbroken: Ending, seed: int, tmp_path: Path
) -> None:
    """Two processes with a run each share file and standing account; one is killed, the other is not disturbed."""
    open_account(shop.state, Budget(usd="0.04"))
    death = seeded_death(seed, events=EVENTS, requests=REQUESTS)
    orders = [first(shop, one, account="team") for one in (death, NEVER)]
    pids = [host.begin(order) for order in orders]
    dead, alive = (host.end(pid, order) for pid, order in zip(pids, orders, strict=True))
    dead_run = next(row.run for row in runs_of(shop.state) if row.run != alive.run)

    ending = host.sit(again(shop, run=dead_run))

    assert (dead.code, alive.status, ending.status) == (KILLED, "accepted", "accepted")
    assert alive.value == ending.value == unbroken.value
    assert alive.spent == unbroken.spent
    account = account_of(shop.state)
    assert account.spent == alive.spent + ending.spent
    assert account.granted == NOTHING
    assert shop.provider.nano_usd <= account.spent.usd


# the receipts


@pytest.fixture
def receipts(tmp_path: Path) -> Order:
    """The pipeline that reads receipts, with eight of the forty."""
    return first_reading(tmp_path)


def first_reading(folder: Path, death: Death = NEVER) -> Order:
    paths = folder / "receipts"
    paths.mkdir(exist_ok=True)
    for name in SOME_RECEIPTS:
        shutil.copy(ROOT / "examples" / "receipts" / f"{name}.txt", paths)
    file = f"{ROOT / 'pipelines' / 'receipts.py'}:receipts"
    return Order(str(folder / "state"), file, {"paths": [str(paths)]}, budget={"tokens": 1_000_000}, death=death)


@pytest.fixture(scope="module")
def read(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Ending:
    """The receipts as they are read when nothing happens."""
    return host.sit(first_reading(tmp_path_factory.mktemp("read")))


def within(read: Ending, seed: int) -> Death:
    """A point of death before the last events of the reading, whatever their number with the models that ship."""
    events = sum(read.events.values()) - 3
    return Death("event", random.Random(seed).randint(1, events), after=0.001 * (seed % 3))


def read_on(host: Host, receipts: Order, read: Ending, death: Death) -> None:
    """Die while reading receipts, and read on from the shell."""
    assert host.sit(replace(receipts, death=death)).code == KILLED
    before = calls_of(receipts.state)

    assert host.sit(Order(receipts.state, words=("resume", "last", "--json"))).code == 0

    row = runs_of(receipts.state)[0]
    after = calls_of(receipts.state)
    assert row.status == "accepted"
    assert json.loads(row.value) == read.value
    assert [call for call in after if call.id in {old.id for old in before}] == before
    in_flight = {call.id for call in before if call.status != "done"}
    assert {call.id for call in after if call.status == "unknown"} == in_flight
    assert sum(call.status == "done" for call in after) == read.events["CallSettled"]
    assert len({(c.id.path, c.id.key, c.id.occurrence) for c in after}) == read.events["CallSettled"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_receipts_are_read_on_after_a_kill(host: Host, receipts: Order, read: Ending, seed: int) -> None:
    """`agentflow resume` ends with the same records, and asks the models nothing that was answered."""
    read_on(host, receipts, read, within(read, seed))


@pytest.mark.attack
@pytest.mark.parametrize("seed", range(100, 200))
def test_receipts_are_read_on_wherever_they_were_left(host: Host, receipts: Order, read: Ending, seed: int) -> None:
    """A hundred more points of death."""
    read_on(host, receipts, read, within(read, seed))
