"""What every store promises of standing accounts: spent + granted <= limit + over_bound, whoever races for them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from stores import RESERVED, SPENT, STORES, call_id, intended, opener, settled, with_run

from agentflow.budget import Budget
from agentflow.errors import StoreFailed
from agentflow.events import CallLost, CallReleased
from agentflow.store import Store
from agentflow.usage import NOTHING, Amount

Opener = Callable[[], Store]


@pytest.fixture(params=list(STORES.values()), ids=list(STORES))
def open_another(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens the same store again and again, each time as another owner."""
    with opener(request.param, tmp_path) as open_one:
        yield open_one


@pytest.fixture
def store(open_another: Opener) -> Store:
    """A store with one run, `run-1`, that this process holds."""
    return with_run(open_another())


def team(store: Store, **limits: Any) -> None:
    store.open_account("team", Budget(**limits).to_json())


def test_a_standing_account_is_opened_once_and_its_limit_set(store: Store) -> None:
    """It starts with nothing spent; opening it again sets the limit."""
    team(store, usd="1.50", tokens=10)
    team(store, usd="2")

    (row,) = store.accounts()
    assert (row.name, json.loads(row.limit), row.spent, row.granted) == ("team", {"usd": "2"}, NOTHING, NOTHING)


def test_a_grant_is_what_is_left_and_not_less_than_asked(store: Store) -> None:
    """Of a resource that is not limited everything wanted is granted, and not counted."""
    team(store, calls=10, tokens=100)

    got = [
        store.grant("team", Amount(5, 40, 4), Amount(0, 40, 4)).result(),
        store.grant("team", Amount(5, 90, 9), Amount(0, 10, 1)).result(),
        store.grant("team", Amount(5, 10, 1), Amount(0, 0, 1)).result(),
    ]

    assert got == [Amount(5, 40, 4), Amount(5, 60, 6), None]
    assert store.accounts()[0].granted == Amount(0, 100, 10)
    store.give_back("team", Amount(5, 30, 3)).result()
    assert store.accounts()[0].granted == Amount(0, 70, 7)


def test_a_call_moves_its_charge_from_the_grant_to_the_account(store: Store) -> None:
    """What it did not use stays granted; a released call moves nothing."""
    team(store, usd="0.000001", tokens=500)
    store.grant("team", Amount(400, 200, 0), NOTHING).result()
    ids = [call_id(path=str(number)) for number in range(3)]
    store.append(*(intended(id, account="team") for id in ids)).result()
    store.append(settled(ids[0]), CallLost(ids[1], "reset"), CallReleased(ids[2], "429")).result()

    (row,) = store.accounts()
    assert row.spent == SPENT + RESERVED
    assert row.granted == Amount(400 - 160, 200 - 80, 0)


def test_a_charge_above_the_bound_is_recorded_as_such(store: Store) -> None:
    """spent + granted <= limit + over_bound, whatever a provider does."""
    team(store, usd="0.0000001")
    store.grant("team", Amount(100), NOTHING).result()
    store.append(intended(call_id(), account="team")).result()
    store.append(settled(call_id(), Amount(140, 30, 1), over_bound=Amount(40))).result()

    (row,) = store.accounts()
    assert (row.spent.usd, row.granted.usd, row.over_bound.usd) == (140, 0, 40)
    assert store.grant("team", Amount(1), Amount(1)).result() is None


def test_an_undeclared_overdraft_is_recorded_too(store: Store) -> None:
    """A charge that no grant covers counts as above the bound: nothing is hidden."""
    team(store, calls=10)
    store.append(intended(call_id(), account="team"), settled(call_id())).result()

    (row,) = store.accounts()
    assert (row.spent.calls, row.over_bound.calls) == (1, 1)


def test_a_limit_cannot_go_below_what_is_out(store: Store) -> None:
    """The message says how much that is."""
    team(store, calls=10)
    store.grant("team", Amount(0, 0, 6), NOTHING).result()

    with pytest.raises(StoreFailed, match="6 calls"):
        team(store, calls=5)
    team(store, calls=6)


def test_an_unknown_account_names_the_way_out(store: Store) -> None:
    """So does a call that is to be paid by one."""
    with pytest.raises(StoreFailed, match="agentflow accounts open nope"):
        store.grant("nope", Amount(1), Amount(1)).result()
    with pytest.raises(StoreFailed, match="agentflow accounts open nope"):
        store.append(intended(call_id(), account="nope")).result()


def test_others_hold_until_they_give_back_or_leave(store: Store, open_another: Opener) -> None:
    """Closing returns what was granted."""
    team(store, calls=10)
    other = open_another()
    other.grant("team", Amount(0, 0, 10), NOTHING).result()

    assert store.others_hold("team")
    assert not other.others_hold("team")
    assert store.grant("team", Amount(0, 0, 1), Amount(0, 0, 1)).result() is None
    other.close()
    assert not store.others_hold("team")
    assert store.grant("team", Amount(0, 0, 1), Amount(0, 0, 1)).result() == Amount(0, 0, 1)


def test_fifty_threads_cannot_be_granted_more_than_the_limit(store: Store) -> None:
    """spent + granted <= limit at whatever moment one looks."""
    team(store, calls=200)
    broken: list[Amount] = []

    def spend(number: int) -> None:
        for turn in range(10):
            got = store.grant("team", Amount(0, 0, 7), Amount(0, 0, 1)).result()
            for each in range(got.calls if got else 0):
                id = call_id(path=f"{number}/{turn}/{each}")
                store.append(intended(id, Amount(0, 0, 1), account="team"), settled(id, Amount(0, 0, 1))).result()
            row = store.accounts()[0]
            if (row.spent + row.granted).calls > 200:
                broken.append(row.spent + row.granted)

    threads = [threading.Thread(target=spend, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (row,) = store.accounts()
    assert broken == []
    assert (row.spent.calls, row.granted.calls, row.over_bound) == (200, 0, NOTHING)
