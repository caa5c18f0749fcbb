"""Who may go on with a run and who may not, and what becomes of a run whose journal fails."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from shops import (
    Shop,
    again,
    calls_of,
    first,
    opened,
)
from sittings import KILLED, Death, Host, Order, hosting

from agentflow import Budget, ConfigurationError, pipeline, run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with hosting() as host:
        yield host


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path / "shop") as shop:
        yield shop


# Who may go on


def test_a_live_run_is_left_alone(host: Host, shop: Shop) -> None:
    """A second resume of a run that somebody holds is told so, and exits with 75: try later."""
    shop.provider.hold()
    order = first(shop)
    pid = host.begin(order)
    assert shop.provider.reached(1)

    refused = host.sit(again(shop))
    code = host.sit(Order(shop.state, words=("resume", "last"))).code
    shop.provider.let_go()

    assert refused.error.startswith("RunIsLive: run ")
    assert f"held by process {pid}" in refused.error
    assert code == 75
    assert host.end(pid, order).status == "accepted"


def test_of_many_who_resume_at_once_one_does(host: Host, shop: Shop) -> None:
    """A dead run is taken up by one process; the others are told that it is live."""
    assert host.sit(first(shop, Death("event", 40))).code == KILLED
    committed, asked = shop.committed(calls_of(shop.state)), shop.asked()
    shop.provider.hold()

    pids = [host.begin(again(shop)) for _ in range(3)]
    shop.provider.reached(sum(asked.values()) + 1)
    shop.provider.let_go()
    endings = [host.end(pid, again(shop)) for pid in pids]

    statuses = [ending.status for ending in endings]
    assert statuses.count("accepted") + sum(ending.error.startswith("RunIsLive") for ending in endings) == 3
    assert "accepted" in statuses
    assert not committed & set(shop.asked() - asked)


def test_a_run_that_was_not_to_be_resumed_is_not(host: Host, shop: Shop) -> None:
    """The refusal names the way out: another run that reuses its answers."""
    ended = host.sit(first(shop, resumable=False))

    refused = host.sit(again(shop))

    assert "ConfigurationError" in refused.error
    assert f"--reuse {ended.run}" in refused.error


def test_a_pipeline_whose_file_is_gone_cannot_go_on(host: Host, shop: Shop) -> None:
    """The error names the file; once it is back, the run goes on."""
    assert host.sit(first(shop, Death("event", 20))).code == KILLED
    file = shop.folder / "shop.py"
    file.rename(shop.folder / "away.py")

    refused = host.sit(again(shop))
    (shop.folder / "away.py").rename(file)

    assert "PipelineNotFound" in refused.error
    assert str(file) in refused.error
    assert host.sit(again(shop)).status == "accepted"


@pytest.mark.parametrize(
    "argument",
    [
        pytest.param({1, 2}, id="a set"),
        pytest.param((1, 2), id="a tuple, which would come back as a list"),
        pytest.param(object(), id="an object"),
        pytest.param({1: "one"}, id="a key that is no text"),
    ],
)
def test_arguments_that_json_cannot_say_are_refused_at_the_start(argument: object, tmp_path: Path) -> None:
    """What could not be started again is refused before anything is spent, unless it is said in words."""

    async def answer(question: Any) -> str:
        return "done"

    call = pipeline(answer)(argument)

    with pytest.raises(ConfigurationError, match="resumable=False"):
        run(call, budget=Budget(usd=1), state=tmp_path)
    assert run(call, budget=Budget(usd=1), state=tmp_path, resumable=False).status == "accepted"


@pytest.mark.parametrize("target", [lambda: "done", pipeline(lambda: "done").function], ids=["lambda", "declared"])
def test_a_pipeline_that_no_file_holds_is_refused_at_the_start(target: Any, tmp_path: Path) -> None:
    """A lambda or a local function could not be found again."""
    call = pipeline(target)()

    with pytest.raises(ConfigurationError, match="no file holds it"):
        run(call, budget=Budget(usd=1), state=tmp_path)
    assert run(call, budget=Budget(usd=1), state=tmp_path, resumable=False).value == "done"


SCRIPT = """
from agentflow import ConfigurationError, pipeline, run

@pipeline
def answer():
    return "done"

try:
    run(answer(), no_budget=True, state={state!r})
except ConfigurationError as error:
    print(error)
"""


@pytest.mark.parametrize("way", ["typed", "piped"])
def test_a_pipeline_in_no_file_is_refused_at_the_start(tmp_path: Path, way: str) -> None:
    """What is typed after -c or piped into Python is gone when it would be resumed."""
    script = SCRIPT.format(state=str(tmp_path))
    words = ["-c", script] if way == "typed" else ["-"]

    done = subprocess.run([sys.executable, *words], input=script, text=True, capture_output=True, check=True)

    assert "answer could not be resumed after a crash" in done.stdout
    assert "resumable=False" in done.stdout


# When the journal fails


@pytest.mark.parametrize("pages", [30, 35, 40, 45])
def test_a_full_disk_stops_the_run_and_loses_nothing(host: Host, shop: Shop, pages: int) -> None:
    """The run fails and says that the disk is full; with space again it goes on, and asks nothing twice."""
    many = {"receipts": [f"SHOP {number}\nTOTAL {number}.50" for number in range(40)]}
    full = host.sit(replace(first(shop), arguments=many, budget={"usd": "0.5"}, most_pages=pages))
    rows = calls_of(shop.state)
    committed, asked = shop.committed(rows), shop.asked()

    ending = host.sit(again(shop))

    assert full.status == "failed"
    assert full.error.startswith("StoreFailed: disk full at ")
    assert f"agentflow resume {full.run}" in full.error
    assert (ending.status, ending.value[-1]) == ("accepted", "3.50")
    assert not committed & set(shop.asked() - asked)
    assert shop.provider.nano_usd <= ending.spent.usd


def test_a_damaged_journal_is_named(host: Host, shop: Shop) -> None:
    """Bytes that are no database give an error with the file and the way out, and are left as they are."""
    assert host.sit(first(shop, Death("event", 30))).code == KILLED
    garbage = b"garbage!" * 4096
    shop.database.write_bytes(garbage)
    for beside in shop.folder.glob("state/state.db-?[ah][lm]"):
        beside.unlink()

    refused = host.sit(again(shop))

    assert refused.error.startswith("StoreFailed")
    assert "damaged or no store" in refused.error
    assert shop.database.read_bytes() == garbage


def test_a_run_waits_for_another_program_that_reads_the_journal(host: Host, shop: Shop) -> None:
    """A reader with an open transaction disturbs nobody."""
    host.sit(first(shop))
    reader = sqlite3.connect(shop.database)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM run").fetchone()

    ending = host.sit(again(shop))

    reader.close()
    assert ending.status == "accepted"
