"""run() from anywhere: what it takes, what it gives, and how it is stopped."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agentflow import (
    Budget,
    ConfigurationError,
    DefinitionError,
    Step,
    agents,
    arun,
    keep,
    load_pipeline,
    pipeline,
    resume,
    run,
)
from agentflow.errors import NoBudget
from agentflow.runs import RunOutcome
from agentflow.settings import load_settings
from agentflow.store import RunRow
from agentflow.store.sqlite import open_store
from tests.crews import PLENTY, answering, ask, options, perform, soon

pytestmark = pytest.mark.slow


@pipeline
async def one() -> str:
    return str((await ask.acall(question="?")).answer)


def row_of(outcome_or_id: RunOutcome | str, state: Path) -> RunRow:
    name = outcome_or_id if isinstance(outcome_or_id, str) else outcome_or_id.run
    store = open_store(load_settings({"state": str(state)}).database, read_only=True)
    try:
        return store.run(name)
    finally:
        store.close()


# from anywhere


def in_a_running_loop(state: Path) -> RunOutcome:
    async def notebook() -> RunOutcome:
        return run(one(), **options(state))

    return asyncio.run(notebook())


def in_a_loop_of_another_thread(state: Path) -> RunOutcome:
    return soon(lambda: in_a_running_loop(state))


def awaited(state: Path) -> RunOutcome:
    return asyncio.run(arun(one(), **options(state)))


DOORS = [lambda state: run(one(), **options(state)), in_a_running_loop, in_a_loop_of_another_thread, awaited]


@pytest.mark.parametrize("door", DOORS, ids=["plainly", "in a running loop", "in a thread's loop", "awaited"])
def test_a_run_can_be_started_from_anywhere(tmp_path: Path, door: Callable[[Path], RunOutcome]) -> None:
    """It gives its value, its id and its report, and the journal knows how it ended."""
    outcome = soon(lambda: door(tmp_path))

    assert (outcome.status, outcome.value, outcome.spent.calls) == ("accepted", "yes", 1)
    assert outcome.run in outcome.report()
    row = row_of(outcome, tmp_path)
    assert (row.status, row.is_live) == ("accepted", False)


def test_two_runs_at_once_in_one_process_do_not_meet(tmp_path: Path) -> None:
    """Runs in two threads, each with children, share nothing but the journal."""

    async def work() -> int:
        async with agents(limit=4) as team:
            children = [team.spawn(ask, question=str(number)) for number in range(20)]
        return sum(child.outcome.accepted for child in children)

    outcomes: list[RunOutcome] = []
    threads = [threading.Thread(target=lambda: outcomes.append(perform(work, tmp_path))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert [(outcome.value, outcome.spent.calls) for outcome in outcomes] == [(20, 20)] * 2
    assert outcomes[0].run != outcomes[1].run


@pytest.mark.parametrize("door", ["run", "arun", "resume"])
def test_a_run_inside_a_run_is_refused(tmp_path: Path, door: str) -> None:
    """It would spend beside the outer budget; the error says to await the pipeline instead, which works."""

    async def inner() -> Any:
        match door:
            case "run":
                return run(one(), **options(tmp_path))
            case "arun":
                return await arun(one(), **options(tmp_path))
            case _:
                return resume()

    async def work() -> str:
        with pytest.raises(DefinitionError, match=rf"{door}\(\) was called inside a run.*await the pipeline"):
            await inner()
        return str(await one())

    outcome = perform(work, tmp_path)

    assert (outcome.value, outcome.spent.calls) == ("yes", 1)


# what it takes


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param({"bugdet": PLENTY}, "there is no option 'bugdet'; there are ladder, budget", id="unknown option"),
        pytest.param({"budget": 0.5}, r"budget= takes a Budget, such as Budget\(usd='0.50'\), not 0.5", id="number"),
        pytest.param({"ending": "0.1"}, "ending= takes a Budget", id="ending"),
        pytest.param({"ladder": ["openai/x"]}, "ladder= takes a Ladder", id="ladder"),
        pytest.param({"on_full": "explode"}, "'wait' or 'refuse'", id="on_full"),
        pytest.param({"durability": "eternal"}, "'process' or 'power'", id="durability"),
        pytest.param({"expect_replay": 50}, "a share from 0 to 1", id="expect_replay"),
        pytest.param({"stop": True}, "takes a threading.Event", id="stop"),
        pytest.param({"account": 7}, "the name of a standing account", id="account"),
    ],
)
def test_a_wrong_option_is_a_type_error_that_names_it(tmp_path: Path, given: dict[str, Any], message: str) -> None:
    """Nothing is opened, nothing is sent."""
    with pytest.raises(TypeError, match=message):
        run(one(), **{**options(tmp_path), **given})

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("call", [None, "totals", one.function], ids=["nothing", "a name", "a bare function"])
def test_only_a_pipeline_can_be_run(tmp_path: Path, call: Any) -> None:
    """The error shows how it is called."""
    with pytest.raises(DefinitionError, match=r"run\(totals\(receipts\)\)"):
        run(call, **options(tmp_path))


def test_a_run_without_a_limit_is_refused_unless_it_is_said_in_words(tmp_path: Path) -> None:
    """Calls alone are no limit on money."""
    with pytest.raises(NoBudget, match="usd or tokens"):
        run(one(), **options(tmp_path, budget=Budget(calls=3)))

    assert run(one(), **options(tmp_path, budget=None, no_budget=True)).accepted


def test_a_run_that_could_not_be_resumed_is_refused(tmp_path: Path) -> None:
    """A function of a test stands in no file under its name; the error names the way out."""
    with pytest.raises(ConfigurationError, match=r"could not be resumed.*resumable=False"):
        run(pipeline(lambda: None)(), **options(tmp_path, resumable=True))


# how it ends


@pytest.mark.parametrize("name", ["seconds", "until"])
def test_time_that_is_over_latches_the_run(tmp_path: Path, name: str) -> None:
    """Nothing is sent any more, the limit is named, and what was accepted and kept is handed back."""
    engine = answering(latency=0.02)
    soon_over = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    limit: dict[str, Any] = {"seconds": 0.5} if name == "seconds" else {"until": soon_over}

    async def work() -> None:
        keep(7, name="lucky")
        for number in range(1_000):
            await ask.acall(question=str(number))

    outcome = perform(work, tmp_path, engine, budget=Budget(tokens=10**8, **limit))

    assert (outcome.status, outcome.limit_hit) == ("budget_exhausted", f"{name} of the run")
    assert outcome.partial["lucky"] == 7
    assert len(outcome.partial) == outcome.spent.calls - outcome.unknown.calls + 1
    assert not outcome.held


def test_tasks_that_a_pipeline_leaves_behind_end_with_it(tmp_path: Path) -> None:
    """A task nobody waited for is stopped and settled before the books are closed."""
    engine = answering(latency=30.0)

    async def work() -> str:
        task = asyncio.create_task(ask.acall(question="?"))
        while not engine.inflight:
            await asyncio.sleep(0.001)
        return "done" if not task.done() else "odd"

    outcome = perform(work, tmp_path, engine)

    assert (outcome.status, outcome.value) == ("accepted", "done")
    assert (outcome.held.calls, outcome.unknown.calls, engine.inflight) == (0, 1, 0)


def test_strictness_makes_one_rejected_child_reject_the_run(tmp_path: Path) -> None:
    """Without it a pipeline that returns is accepted."""
    picky = Step("question -> answer", validate=lambda inputs, prediction: False, name="picky")

    async def work() -> str:
        async with agents() as team:
            team.spawn(picky, question="?")
        return "done"

    assert perform(work, tmp_path).status == "accepted"
    assert perform(work, tmp_path, strict=True).status == "rejected"


def test_a_stop_from_outside_settles_and_writes_the_result(tmp_path: Path) -> None:
    """Once asked to stop, nothing more is sent, and the run is `cancelled` with what it has."""
    engine, stop = answering(latency=0.01), threading.Event()

    async def work() -> None:
        async with agents(limit=4) as team:
            async for child in team.map(ask, ({"question": str(number)} for number in range(100_000))):
                keep(child.path)
                if engine.calls > 20:
                    stop.set()

    outcome = perform(work, tmp_path, engine, stop=stop)
    sent = engine.calls

    assert outcome.status == "cancelled"
    assert outcome.partial["value"]
    assert not outcome.held
    assert outcome.spent.calls == sent
    assert row_of(outcome, tmp_path).status == "cancelled"


INTERRUPTED = """
    import os, signal, sys
    from pathlib import Path
    from agentflow import agents, pipeline, run
    from tests.crews import answering, ask, options

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background starts without
    engine = answering(latency=30.0)

    @pipeline
    async def work():
        async with agents() as team:
            for number in range(3):
                team.spawn(ask, question=str(number))
            while engine.inflight < 3:
                import asyncio
                await asyncio.sleep(0.001)
            os.kill(os.getpid(), signal.SIGINT)

    def plainly():
        return run(work(), **options(Path(sys.argv[1]), engine))

    async def notebook():
        return plainly()

    try:
        if sys.argv[2] == "plainly":
            plainly()
        else:
            import asyncio
            loop = asyncio.new_event_loop()
            loop.run_until_complete(notebook())
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.parametrize("where", ["plainly", "in a notebook"])
def test_an_interrupted_run_is_closed_before_the_interrupt_is_raised(tmp_path: Path, where: str) -> None:
    """Ctrl-C without the command line: the run is settled, its end is written, its claim is free."""
    command = [sys.executable, "-c", textwrap.dedent(INTERRUPTED), str(tmp_path), where]
    root = str(Path(__file__).parents[1])
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=30, env={**os.environ, "PYTHONPATH": root}, check=False
    )

    assert (done.stdout, done.returncode) == ("interrupted\n", 0), done.stderr
    row = row_of("last", tmp_path)
    assert (row.status, row.is_live) == ("cancelled", False)


def test_a_cancelled_arun_is_closed_before_it_raises(tmp_path: Path) -> None:
    """Whoever cancels `arun` gets the cancellation, and the journal gets its end."""
    engine = answering(latency=30.0)

    async def cancelling() -> None:
        task = asyncio.ensure_future(arun(one(), **options(tmp_path, engine)))
        while not engine.inflight:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    soon(lambda: asyncio.run(cancelling()))

    assert row_of("last", tmp_path).status == "cancelled"
    assert engine.inflight == 0


RESUMED = """
from agentflow import pipeline
from tests.crews import ask


@pipeline
async def two(first: str, second: str = "b") -> list[str]:
    return [(await ask.acall(question=question)).answer for question in (first, second)]
"""


def test_a_run_is_resumed_from_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reference in the journal holds wherever the process stands, and nothing is asked twice."""
    (tmp_path / "away").mkdir()
    (tmp_path / "two.py").write_text(RESUMED)
    monkeypatch.chdir(tmp_path)
    engine, more = answering(), answering()
    given = {**options(tmp_path, engine, resumable=True), "budget": Budget(tokens=10**6, calls=1)}
    first = run(load_pipeline("two.py")(first="a"), **given)

    monkeypatch.chdir(tmp_path / "away")
    given = {**options(tmp_path, more), "budget": Budget(calls=10)}
    second = soon(lambda: resume(first.run, **given))

    assert first.status == "budget_exhausted"
    assert (second.status, second.value) == ("accepted", ["yes", "yes"])
    assert (engine.calls, more.calls) == (1, 1)


def test_who_stops_a_run_gets_the_answers_that_were_paid_for(tmp_path: Path) -> None:
    """What is on the wire is settled, not thrown away and charged as unknown."""
    engine, stop = answering(latency=0.3), threading.Event()

    async def work() -> None:
        stop.set()
        await ask.acall(question="What is under way?")
        await ask.acall(question="What is not?")

    outcome = perform(work, tmp_path, engine, stop=stop)

    assert (outcome.status, len(engine.requests)) == ("cancelled", 1)
    assert outcome.unknown.calls == 0
    assert outcome.spent.calls == 1


def test_a_child_that_was_never_configured_fails_the_run(tmp_path: Path) -> None:
    """Nobody finds out in the morning that no step had a ladder."""

    async def work() -> str:
        async with agents() as team:
            team.spawn(ask, question="Who answers?")
        return "done"

    outcome = run(pipeline(work)(), budget=Budget(tokens=999), resumable=False, state=tmp_path)

    assert outcome.status == "failed"
    assert "no ladder" in outcome.feedback
