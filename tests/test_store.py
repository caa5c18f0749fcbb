"""What every store promises; add a store to STORES and it is held to the same."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from agentflow.budget import Budget
from agentflow.errors import AgentFlowError, RunIsLive, StoreFailed, UnknownRun
from agentflow.events import (
    AgentFinished,
    BoundBroken,
    CallId,
    CallIntended,
    CallLost,
    CallReleased,
    CallSettled,
    ModelTrusted,
    RunContinued,
    RunFinished,
    RunStarted,
    RunTicked,
    StepFinished,
    TierSkipped,
    ValueKept,
)
from agentflow.store import Store
from agentflow.store.sqlite import SQLiteStore
from agentflow.usage import NOTHING, Amount, Usage

KEY = "ab" * 32
RESERVED = Amount(100, 50, 1)
SPENT = Amount(60, 30, 1)

Opener = Callable[[], Store]
STORES: dict[str, Callable[[Path], Store]] = {"sqlite": lambda folder: SQLiteStore(folder / "state" / "agentflow.db")}


@pytest.fixture(params=list(STORES.values()), ids=list(STORES))
def open_another(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens the same store again and again, each time as another owner."""
    opened: list[Store] = []

    def opener() -> Store:
        opened.append(request.param(tmp_path))
        return opened[-1]

    yield opener
    for store in opened:
        store.close()


@pytest.fixture
def store(open_another: Opener) -> Store:
    """A store with one run, `run-1`, that this process holds."""
    store = open_another()
    store.append(started("run-1")).result()
    store.claim("run-1")
    return store


def started(run: str, **more: str) -> RunStarted:
    defaults = {"pipeline": "p.py:f", "source_hash": "h", "arguments": "[]", "budget": "{}", "ladder": "[]"}
    return RunStarted(run, **{**defaults, "prices": "{}", **more})  # type: ignore[arg-type]  # texts only


def call_id(path: str = "totals/read/1", key: str = KEY, occurrence: int = 0, wire: int = 0) -> CallId:
    return CallId("run-1", path, key, occurrence, wire)


def intended(id: CallId, reserved: Amount = RESERVED, account: str = "") -> CallIntended:
    return CallIntended(id, "small", "openai/small", reserved, "byte", 256, account)


def settled(id: CallId, spent: Amount = SPENT, response: str = '{"a":1}', over_bound: Amount = NOTHING) -> CallSettled:
    return CallSettled(id, spent, Usage(20, 10, 5, 0, 3), response, "stop", False, over_bound, 0.25)


def finished(path: str, **more: object) -> StepFinished:
    return replace(StepFinished("run-1", path, "read", "cd" * 16, "accepted", "{}", "[]"), **more)


# Calls


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


# Steps, agents, kept values, skips, trust


def test_a_finished_step_is_read_back_and_the_last_word_counts(store: Store) -> None:
    """A step that finishes again replaces its outcome."""
    store.append(finished("a/read", status="rejected")).result()
    store.append(finished("a/read", feedback="ok", spent=SPENT, inputs='{"x":1}', replayable=False)).result()

    row = store.step("run-1", "a/read")
    assert row is not None
    assert (row.status, row.feedback, row.spent, row.inputs) == ("accepted", "ok", SPENT, '{"x":1}')
    assert (row.identity, row.replayable) == ("cd" * 16, False)
    assert store.steps("run-1") == [row]
    assert store.step("run-1", "a") is None


def test_agents_and_kept_values_are_listed(store: Store) -> None:
    """By path and by name; the last value of a name counts."""
    store.append(
        AgentFinished("run-1", "b", "accepted"), AgentFinished("run-1", "a", "rejected", SPENT, "why")
    ).result()
    store.append(ValueKept("run-1", "best", "1"), ValueKept("run-1", "best", "2")).result()

    assert store.agents("run-1") == [("a", "rejected"), ("b", "accepted")]
    assert store.kept("run-1") == {"best": "2"}


def test_another_budget_discards_the_skips_of_unfinished_steps_only(store: Store) -> None:
    """What did not fit may fit now; what is finished stays as it was decided."""
    skips = [TierSkipped("run-1", path, "large", "did not fit") for path in ("open", "done")]
    store.append(*skips, finished("done")).result()

    store.append(RunContinued("run-1", "{}")).result()
    kept = store.skips("run-1", "open")
    store.append(RunContinued("run-1", '{"usd":"2"}')).result()

    assert kept == ["large"]
    assert (store.skips("run-1", "open"), store.skips("run-1", "done")) == ([], ["large"])


def test_a_broken_bound_is_remembered_until_trusted(store: Store) -> None:
    """The reason given first stays."""
    store.append(BoundBroken("run-1", "m", "first"), BoundBroken("run-1", "m", "second")).result()
    before = store.distrusted()
    store.append(ModelTrusted("m")).result()

    assert (before, store.distrusted()) == ({"m": "first"}, {})


# Runs


def test_a_run_is_read_back_and_its_ending_recorded(store: Store) -> None:
    """Seconds add up over ticks; continuing a run makes it unfinished again."""
    store.append(RunTicked("run-1", 1.5), RunTicked("run-1", 2.0)).result()
    store.append(RunFinished("run-1", "accepted", "[1]", "fine", "usd", '{"a":1}')).result()
    ended = store.run("run-1")
    store.append(RunContinued("run-1", '{"usd":"1"}')).result()

    assert (ended.seconds, ended.status, ended.value, ended.partial) == (3.5, "accepted", "[1]", '{"a":1}')
    assert (ended.feedback, ended.limit_hit, ended.arguments, ended.is_live) == ("fine", "usd", "[]", True)
    assert (store.run("run-1").status, store.run("run-1").budget) == ("", '{"usd":"1"}')


def test_runs_are_found_by_prefix_and_as_the_last(store: Store) -> None:
    """Newest first; what is ambiguous or missing says what there is."""
    store.append(started("run-2"), started("other")).result()

    assert [row.run for row in store.runs()] == ["other", "run-2", "run-1"]
    assert (store.run("oth").run, store.run("last").run, store.run("run-2").run) == ("other", "other", "run-2")
    with pytest.raises(UnknownRun, match="run-2, run-1"):
        store.run("run")
    with pytest.raises(UnknownRun, match="agentflow runs"):
        store.run("nope")


def test_a_run_exists_once(store: Store) -> None:
    """Starting it again is refused and changes nothing."""
    with pytest.raises(StoreFailed, match="refused"):
        store.append(started("run-1", pipeline="other")).result()

    assert store.run("run-1").pipeline == "p.py:f"


def test_a_run_is_held_once(store: Store, open_another: Opener) -> None:
    """Neither another owner nor the same one can claim it again; released or closed it is free."""
    other = open_another()
    for claimant in (store, other):
        with pytest.raises(RunIsLive, match=r"process \d+"):
            claimant.claim("run-1")

    store.release("run-1")
    other.claim("run-1")
    assert store.run("run-1").is_live
    other.close()
    assert not store.run("run-1").is_live
    store.claim("run-1")


def test_only_existing_runs_are_held_or_written(store: Store) -> None:
    """The message names where runs are listed."""
    with pytest.raises(UnknownRun, match="agentflow runs"):
        store.claim("nope")
    with pytest.raises(UnknownRun, match="agentflow runs"):
        store.append(RunTicked("nope", 1.0)).result()


def test_pruning_takes_finished_runs_only(store: Store) -> None:
    """An unfinished or held run stays, however old; a finished one goes with all that was its own."""
    store.append(started("old"), RunFinished("old", "accepted"), started("open")).result()
    store.append(intended(call_id()), settled(call_id()), finished("a"), RunFinished("run-1", "accepted")).result()
    held = store.prune(-1)
    store.release("run-1")

    assert (held, store.prune(1), store.prune(-1)) == (1, 0, 1)
    assert [row.run for row in store.runs()] == ["open"]
    assert (store.calls("run-1"), store.steps("run-1"), store.totals("run-1").spent) == ([], [], NOTHING)
    store.append(started("run-1")).result()
    assert store.call(call_id()) is None


# Transactions


def test_events_given_together_are_written_together_or_not_at_all(store: Store) -> None:
    """One bad event undoes those it was given with."""
    with pytest.raises(StoreFailed, match="never intended"):
        store.append(ValueKept("run-1", "a", "1"), finished("x"), settled(call_id())).result()

    assert (store.kept("run-1"), store.steps("run-1")) == ({}, [])


def test_a_bad_event_does_not_harm_its_neighbours(store: Store) -> None:
    """Whatever shares its batch is written and counted once."""
    futures: list[Future[None]] = []
    for number in range(200):
        id = call_id(path=f"p/{number}")
        futures.append(store.append(intended(id)))
        futures.append(store.append(settled(call_id(path=f"never/{number}"))))
        futures.append(store.append(settled(id)))

    errors = [future.exception() for future in futures]
    assert [isinstance(error, StoreFailed) for error in errors] == [False, True, False] * 200
    assert store.totals("run-1").spent == Amount(60 * 200, 30 * 200, 200)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(ValueKept("run-1", "a", "\ud800"), id="a lone surrogate"),
        pytest.param(replace(finished("p"), spent=Amount(2**70)), id="a number too large"),
        pytest.param("no event", id="no event at all"),
        pytest.param(replace(finished("p"), feedback=None), id="nothing where a text belongs"),
    ],
)
def test_what_cannot_be_written_is_refused_alone(store: Store, event: ValueKept) -> None:
    """The store goes on."""
    with pytest.raises(StoreFailed, match="refused"):
        store.append(event).result()

    store.append(ValueKept("run-1", "b", "\0 ü")).result()
    assert store.kept("run-1") == {"b": "\0 ü"}


def test_writes_stand_in_the_order_they_were_submitted(store: Store) -> None:
    """The last of many unawaited writes is the one that counts."""
    futures = [store.append(ValueKept("run-1", "n", str(number))) for number in range(3_000)]
    futures[-1].result()

    assert store.kept("run-1") == {"n": "2999"}
    assert all(future.done() for future in futures)


def test_many_threads_write_and_read_what_was_acknowledged(store: Store) -> None:
    """A future that is done can be read at once, from any thread."""
    missing: list[int] = []

    def work(number: int) -> None:
        for turn in range(25):
            id = call_id(path=f"t/{number}/{turn}")
            store.append(intended(id)).result()
            store.append(settled(id)).result()
            if store.call(id) is None:
                missing.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert missing == []
    assert store.totals("run-1").spent.calls == 200


def test_a_future_cannot_be_cancelled(store: Store) -> None:
    """Intents and settles are shielded from whoever waits for them."""
    future = store.append(ValueKept("run-1", "a", "1"))

    assert not future.cancel()
    assert future.result() is None


def test_a_closed_store_says_so(open_another: Opener) -> None:
    """Everything queued before is written, everything after is refused, and closing twice is harmless."""
    store = open_another()
    futures = [store.append(started(f"r{number}")) for number in range(50)]
    store.close()
    store.close()

    assert [future.exception() for future in futures] == [None] * 50
    with pytest.raises(StoreFailed, match="closed"):
        store.append(RunTicked("r1", 1.0)).result()
    with pytest.raises(AgentFlowError, match="closed"):
        store.runs()


def test_closing_charges_what_is_still_open(store: Store, open_another: Opener) -> None:
    """Nobody will settle it any more."""
    store.append(intended(call_id())).result()
    store.close()

    totals = open_another().totals("run-1")
    assert (totals.spent, totals.unknown) == (RESERVED, RESERVED)


# Standing accounts


def team(store: Store, **limits: object) -> None:
    store.open_account("team", Budget(**limits).to_json())  # type: ignore[arg-type]  # any of its limits


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
