"""What every store promises of runs, steps and transactions; a store added to STORES is held to the same."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest
from stores import RESERVED, SPENT, STORES, call_id, finished, intended, opener, settled, started, with_run

from agentflow.errors import AgentFlowError, RunIsLive, StoreFailed, UnknownRun
from agentflow.events import (
    AgentFinished,
    BoundBroken,
    ModelTrusted,
    RunContinued,
    RunFinished,
    RunTicked,
    TierSkipped,
    ValueKept,
)
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

    assert [(agent.path, agent.status) for agent in store.agents("run-1")] == [("a", "rejected"), ("b", "accepted")]
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


def test_owners_may_take_turns_with_a_run(store: Store, open_another: Opener) -> None:
    """What one remembers of a run is not mistaken for what another has made of it since."""
    owners = [store, open_another()]
    store.release("run-1")
    for turn in range(6):
        owner = owners[turn % 2]
        owner.claim("run-1")
        id = call_id(f"p/{turn}", key=f"{turn:02x}" * 16)
        owner.append(intended(id), settled(id), finished(f"q/{turn}")).result()
        owner.release("run-1")

    assert [row.id.path for row in store.calls("run-1")] == [f"p/{turn}" for turn in range(6)]
    assert [row.path for row in store.steps("run-1")] == [f"q/{turn}" for turn in range(6)]


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
