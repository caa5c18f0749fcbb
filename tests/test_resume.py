"""Going on with a run: what replays, what is asked again, and what never changes by it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from shops import (
    LIMIT,
    SIDE_BY_SIDE,
    Shop,
    account_of,
    again,
    calls_of,
    first,
    open_account,
    opened,
    runs_of,
)
from sittings import KILLED, Death, Host, hosting

from agentflow import Budget
from agentflow.store.sqlite import open_store
from agentflow.usage import NOTHING, Amount

pytestmark = pytest.mark.slow

TOTALS = ["0.50", "1.50", "2.50", "3.50", "4.50", "5.50"]


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with hosting() as host:
        yield host


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path / "shop") as shop:
        yield shop


# What replays


def test_a_finished_run_gives_its_result_again_for_nothing(host: Host, shop: Shop) -> None:
    """Resuming what is finished sends not one request, and charges nothing."""
    before = host.sit(first(shop))
    asked = shop.provider.calls

    after = host.sit(again(shop))

    assert shop.provider.calls == asked
    assert not {"CallIntended", "StepFinished"} & set(after.events)
    assert (after.status, after.value, after.spent) == (before.status, before.value, before.spent)


def test_outcomes_cost_the_same_after_a_resumption(host: Host, shop: Shop, tmp_path: Path) -> None:
    """A step's outcome counts what was paid for it in earlier sittings; so do its agent's and the report."""
    with opened(tmp_path / "unbroken") as other:
        host.sit(first(other))
        unbroken = spent_by_step(other)
    assert host.sit(first(shop, Death("event", 45))).code == KILLED

    host.sit(again(shop))

    unknown = {row.id.path for row in calls_of(shop.state) if row.status == "unknown"}
    known = {path: spent for path, spent in spent_by_step(shop).items() if path not in unknown}
    assert known.items() <= unbroken.items()


def spent_by_step(shop: Shop) -> dict[str, Amount]:
    store = open_store(shop.database, read_only=True)
    try:
        return {row.path: row.spent for row in store.steps(store.run("last").run)}
    finally:
        store.close()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("for text in receipts", "for text in reversed(receipts)", id="in another order"),
        pytest.param(
            "await asyncio.gather(*(read_total.acall(receipt=text) for text in receipts))",
            "[await next for next in asyncio.as_completed([read_total.acall(receipt=text) for text in receipts])]",
            id="as completed",
        ),
        pytest.param(
            "await asyncio.gather(*(read_total.acall(receipt=text) for text in receipts))",
            "[await read_total.acall(receipt=text) for text in receipts]",
            id="one after another",
        ),
    ],
)
def test_the_order_in_which_things_are_asked_does_not_matter(host: Host, tmp_path: Path, old: str, new: str) -> None:
    """Identity is content: answers are found again whatever the order of asking or of completion."""
    with opened(tmp_path / "shop", SIDE_BY_SIDE) as shop:
        assert host.sit(first(shop, Death("event", 30))).code == KILLED
        committed = shop.committed(calls_of(shop.state))
        asked = shop.asked()
        shop.edit(old, new)

        ending = host.sit(again(shop))

        assert ending.value == TOTALS
        assert committed
        assert not committed & set(shop.asked() - asked)


@pytest.mark.parametrize(
    ("old", "new", "requests"),
    [
        pytest.param("v.occurs_in", "v.positive('total') & v.occurs_in", 0, id="a validator that agrees"),
        pytest.param("v.occurs_in", "v.between('total', 1, 100) & v.occurs_in", 2, id="a validator that rejects one"),
        pytest.param("in one word.", "in a single word.", 6, id="the instructions of one step"),
        pytest.param("limit=4", "limit=2", 0, id="how many are at work"),
        pytest.param("keep(len", "keep(7 + len", 0, id="plain code"),
    ],
)
def test_after_an_edit_only_what_changed_is_asked_again(
    host: Host, shop: Shop, old: str, new: str, requests: int
) -> None:
    """Answers replay under a new validator, whose verdicts are new; a step with other instructions is asked again."""
    host.sit(first(shop))
    asked = shop.provider.calls
    shop.edit(old, new)

    ending = host.sit(again(shop))

    assert ending.status == "accepted"
    assert shop.provider.calls - asked == requests


# How much must replay


def test_a_run_that_replays_too_little_fails_loudly(host: Host, shop: Shop) -> None:
    """`expect_replay` names the share that was found."""
    host.sit(first(shop))
    shop.edit("in one word.", "in a single word.")

    ending = host.sit(replace(again(shop), options={"expect_replay": 0.9}))

    assert ending.status == "failed"
    assert "only 68% of the calls were replayed" in ending.feedback


def test_steps_that_stand_count_as_replayed(host: Host, shop: Shop) -> None:
    """A step whose outcome is taken as a whole replays all its calls."""
    assert host.sit(first(shop, Death("event", 57))).code == KILLED

    ending = host.sit(replace(again(shop), options={"expect_replay": 0.8}))

    assert ending.status == "accepted"


def test_another_run_may_answer(host: Host, shop: Shop) -> None:
    """`reuse` takes a run's paid answers: nothing is sent or spent, and the report says so."""
    paid = host.sit(first(shop))
    asked = shop.provider.calls

    ending = host.sit(first(shop, reuse=paid.run))

    assert (ending.value, ending.spent) == (paid.value, NOTHING)
    assert shop.provider.calls == asked
    assert "19 reused" in ending.report


def test_reused_answers_survive_a_kill(host: Host, shop: Shop) -> None:
    """What was reused before the kill is the run's own from then on, at no cost."""
    paid = host.sit(first(shop))
    asked = shop.provider.calls
    assert host.sit(first(shop, Death("event", 50), reuse=paid.run)).code == KILLED

    ending = host.sit(replace(again(shop), options={"reuse": paid.run}))

    assert (ending.value, ending.spent) == (paid.value, NOTHING)
    assert shop.provider.calls == asked


# Money and providers


def test_a_raised_budget_ends_what_was_begun(host: Host, shop: Shop) -> None:
    """A run that ran out goes on where it stopped, and pays for nothing twice."""
    short = host.sit(replace(first(shop), budget={"usd": "0.0025"}))
    committed, asked = shop.committed(calls_of(shop.state)), shop.asked()

    raised = host.sit(replace(again(shop), budget=LIMIT))

    assert short.spent.usd <= 2_500_000
    assert (raised.status, raised.value[-1]) == ("accepted", "3.50")
    assert not committed & set(shop.asked() - asked)
    assert len(calls_of(shop.state)) == 19
    assert raised.spent.calls == 19


def test_without_more_money_a_run_that_ran_out_does_not_go_on(host: Host, shop: Shop) -> None:
    """Resumed under the same limit it ends as it did, without a request."""
    short = host.sit(replace(first(shop), budget={"calls": 7, "usd": "1"}))
    asked = shop.provider.calls

    ending = host.sit(again(shop))

    assert short.status == ending.status == "budget_exhausted"
    assert shop.provider.calls == asked
    assert ending.limit_hit.startswith("calls")


def test_a_raised_standing_account_ends_what_was_begun(host: Host, shop: Shop) -> None:
    """A tier that was skipped because the account was empty is tried again once it is not."""
    open_account(shop.state, Budget(calls=7))
    short = host.sit(first(shop, account="team"))
    open_account(shop.state, Budget(calls=30))

    ending = host.sit(again(shop))

    assert short.spent.calls == 7
    assert ending.value == [f"shop{n} {n}.50" for n in range(6)] + ["3.50"]
    assert account_of(shop.state).spent.calls == ending.spent.calls == 19


def test_a_provider_that_is_back_is_asked_again(host: Host, shop: Shop) -> None:
    """A tier that could not answer is no decision: the next sitting asks it."""
    shop.closed_to = "strong"
    host.sit(first(shop))
    shop.closed_to = ""

    ending = host.sit(again(shop))

    assert ending.value == [f"shop{n} {n}.50" for n in range(6)] + ["3.50"]


def test_time_adds_up_over_sittings(host: Host, shop: Shop) -> None:
    """The seconds of a run are those of all its sittings; a run without any left does not go on."""
    host.sit(first(shop))
    before = runs_of(shop.state)[0].seconds

    host.sit(again(shop))

    assert runs_of(shop.state)[0].seconds > before > 0
    shop.edit("Read the total amount", "Read the amount")
    assert host.sit(replace(again(shop), budget={"seconds": before / 2})).limit_hit == "seconds of the run"


# Identity

INPUTS = """[
    {"a set": {"b", "a", "c", "d", "e"}, "within": [frozenset("xyz")]},
    {"an object": object(), "a function": len, "a class": dict},
    {1: "keys", "of": "several", (3, 4): "kinds"},
]"""


def test_inputs_have_the_same_name_in_every_process() -> None:
    """Neither hash seeds nor addresses reach a path, so a resumed step finds its journal."""
    script = f"from agentflow.scope import fingerprint\nprint([fingerprint(inputs) for inputs in {INPUTS}])"

    names = {
        subprocess.run(
            [sys.executable, "-c", f"{'x = [0] * 999;' * seed}{script}"],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in range(3)
    }

    assert len(names) == 1
