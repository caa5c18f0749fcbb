"""What every store promises of calls: one answer, one charge, and nothing that lowers it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from stores import KEY, RESERVED, SPENT, STORES, call_id, intended, opener, settled, with_run

from agentflow.errors import StoreFailed
from agentflow.events import (
    CallId,
    CallLost,
    CallReleased,
    CallSettled,
)
from agentflow.store import Store
from agentflow.usage import NOTHING, Amount, Usage

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


def test_a_settled_call_is_found_with_everything_about_it(store: Store) -> None:
    """What was settled is read back whole, whatever the wire ordinal asked with."""
    id = call_id()

    store.append(intended(id)).result()
    store.append(settled(id)).result()

    row = store.call(replace(id, wire=7))
    assert row is not None
    assert (row.id, row.tier, row.model, row.status, row.response) == (id, "small", "openai/small", "done", '{"a":1}')
    assert (row.reserved, row.spent, row.usage) == (RESERVED, SPENT, Usage(20, 10, 5, 0, 3))
    assert (row.finish, row.clipped, row.cap, row.bound, row.seconds) == ("stop", False, 256, "byte", 0.25)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(call_id(path="totals/read/2"), id="path"),
        pytest.param(call_id(key="cd" * 32), id="key"),
        pytest.param(call_id(occurrence=1), id="occurrence"),
        pytest.param(replace(call_id(), run="run-2"), id="run"),
    ],
)
def test_no_call_answers_for_another(store: Store, other: CallId) -> None:
    """Run, path, key and occurrence must all be the same."""
    store.append(intended(call_id()), settled(call_id())).result()

    assert store.call(other) is None


@pytest.mark.parametrize(
    ("ending", "status", "charged", "unknown"),
    [
        pytest.param(settled(call_id()), "done", SPENT, NOTHING, id="settled is charged what it cost"),
        pytest.param(CallReleased(call_id(), "429"), "released", NOTHING, NOTHING, id="released is free"),
        pytest.param(CallLost(call_id(), "reset"), "unknown", RESERVED, RESERVED, id="lost is charged in full"),
    ],
)
def test_how_a_call_ends_decides_its_charge(
    store: Store, ending: CallSettled, status: str, charged: Amount, unknown: Amount
) -> None:
    """The run is charged the settlement, nothing, or the whole reservation."""
    store.append(intended(call_id())).result()
    store.append(ending).result()

    totals = store.totals("run-1")
    assert [row.status for row in store.calls("run-1")] == [status]
    assert (totals.spent, totals.unknown) == (charged, unknown)


_DEAR = settled(call_id(), Amount(140, 70, 1), '{"b":2}', Amount(40, 20, 0))
_CHEAP = settled(call_id(), SPENT, '{"b":2}')


@pytest.mark.parametrize(
    ("first", "second", "charged", "unknown", "answer"),
    [
        pytest.param(settled(call_id()), _DEAR, SPENT, NOTHING, '{"a":1}', id="a second settlement changes nothing"),
        pytest.param(
            settled(call_id()), CallLost(call_id(), ""), SPENT, NOTHING, '{"a":1}', id="settled stays settled"
        ),
        pytest.param(
            CallLost(call_id(), ""), _CHEAP, RESERVED, NOTHING, '{"b":2}', id="late: the charge is not lowered"
        ),
        pytest.param(CallLost(call_id(), ""), _DEAR, Amount(140, 70, 1), NOTHING, '{"b":2}', id="late: it may rise"),
        pytest.param(
            CallLost(call_id(), ""), CallReleased(call_id(), ""), RESERVED, RESERVED, None, id="lost stays lost"
        ),
        pytest.param(
            CallReleased(call_id(), ""), _CHEAP, SPENT, NOTHING, '{"b":2}', id="released but billed is charged"
        ),
    ],
)
def test_the_first_ending_wins_and_no_charge_is_lowered(
    store: Store, first: CallSettled, second: CallSettled, charged: Amount, unknown: Amount, answer: str | None
) -> None:
    """Whatever comes after the first ending of a call may only add to the truth."""
    store.append(intended(call_id())).result()
    store.append(first).result()
    store.append(second).result()

    row, totals = store.call(call_id()), store.totals("run-1")
    assert (totals.spent, totals.unknown) == (charged, unknown)
    assert (row.response if row else None) == answer


def test_only_one_wire_attempt_is_the_answer(store: Store) -> None:
    """Two attempts that were both answered are both charged; the first is replayed."""
    first, second = call_id(wire=0), call_id(wire=1)
    store.append(intended(first), intended(second)).result()

    store.append(settled(second, response='{"second":1}')).result()
    store.append(settled(first, response='{"first":1}')).result()

    assert [row.status for row in store.calls("run-1")] == ["unknown", "done"]
    assert store.call(call_id()).response == '{"second":1}'  # type: ignore[union-attr]  # found, or the test fails
    assert store.totals("run-1").spent == SPENT + SPENT


def test_wire_ordinals_are_never_used_twice(store: Store) -> None:
    """The next ordinal counts open, lost and settled requests alike."""
    seen = [store.next_wire(call_id())]
    store.append(intended(call_id(wire=0))).result()
    seen.append(store.next_wire(call_id()))
    store.append(CallLost(call_id(wire=0), "reset"), intended(call_id(wire=1))).result()
    seen.append(store.next_wire(call_id()))

    assert seen == [0, 1, 2]
    with pytest.raises(StoreFailed, match="sent before"):
        store.append(intended(call_id(wire=0))).result()


def test_a_request_that_is_open_is_not_intended_again(store: Store) -> None:
    """It is refused with the way out, and whoever has it on the wire is not disturbed."""
    store.append(intended(call_id())).result()

    with pytest.raises(StoreFailed, match="was sent before; ask next_wire"):
        store.append(intended(call_id())).result()

    store.append(settled(call_id())).result()
    assert store.totals("run-1").spent == SPENT


def test_what_was_never_intended_cannot_end(store: Store) -> None:
    """A settlement without an intent is refused, with the call named."""
    with pytest.raises(StoreFailed, match="never intended"):
        store.append(settled(call_id())).result()


def test_calls_stand_in_the_order_of_intent(store: Store) -> None:
    """Settling in another order does not change the order of the record."""
    ids = [call_id(path=f"p/{name}") for name in "cab"]
    store.append(*map(intended, ids)).result()
    store.append(*(settled(id) for id in reversed(ids[:2]))).result()

    assert [(row.id.path, row.status) for row in store.calls("run-1")] == [
        ("p/c", "done"), ("p/a", "done"), ("p/b", "intended"),
    ]  # fmt: skip


def test_missing_usage_stays_unknown(store: Store) -> None:
    """None in, None out: not a zero."""
    store.append(intended(call_id()), replace(settled(call_id()), usage=Usage(None, None))).result()

    assert store.call(call_id()).usage == Usage(None, None)  # type: ignore[union-attr]  # found, or the test fails


@pytest.mark.parametrize("key", ["AB" * 8, "not hex", "", "abc", "üñí", "ab" * 32], ids=repr)
def test_any_key_is_found_again(store: Store, key: str) -> None:
    """Keys are kept small where they are hexadecimal and as they are where not."""
    id = call_id(key=key)
    store.append(intended(id), settled(id)).result()

    row = store.call(id)
    assert row is not None
    assert row.id == id


def test_calls_of_another_run_can_be_reused_by_key(store: Store) -> None:
    """They count in path order, whatever order they were asked in."""
    for path in ("b", "c", "a"):
        store.append(intended(call_id(path)), settled(call_id(path), response=f'"{path}"')).result()

    rows = [store.reusable_call("run-1", KEY, occurrence) for occurrence in range(4)]
    assert [row.response if row else None for row in rows] == ['"a"', '"b"', '"c"', None]


def test_a_call_is_reused_once_with_its_longest_answer(store: Store) -> None:
    """One that our own cap cut off, and that was asked again, does not count beside the longer one."""
    for wire, text in enumerate(['"cut"', '"whole"']):
        id = call_id("a", wire=wire)
        store.append(intended(id), replace(settled(id, response=text), clipped=wire == 0)).result()
    store.append(intended(call_id("b")), settled(call_id("b"), response='"b"')).result()

    rows = [store.reusable_call("run-1", KEY, occurrence) for occurrence in range(3)]
    assert [row.response if row else None for row in rows] == ['"whole"', '"b"', None]
