"""Who commits: whoever waits, in its own thread, for all who wait; the writer's own thread where nobody does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentflow.effects import Wait
from agentflow.store.locks import Turn
from agentflow.store.sqlite import SQLiteStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteStore]:
    opened = SQLiteStore(tmp_path / "state.db")
    opened._writer.submit(lambda desk: None).result()
    yield opened
    opened.close()


def who(desk: object) -> str:
    return threading.current_thread().name


def test_whoever_waits_commits(store: SQLiteStore) -> None:
    """In its own thread: no other one need wake up."""
    assert store._writer.submit(who).result() == threading.current_thread().name


def test_whoever_waits_commits_for_all_before_it(store: SQLiteStore) -> None:
    """In the order in which they asked, in one transaction."""
    order: list[int] = []
    first = [store._writer.submit(lambda desk, n=n: order.append(n)) for n in range(5)]

    store._writer.submit(who).result()

    assert all(each.done() for each in first)
    assert order == [0, 1, 2, 3, 4]


def test_what_nobody_waits_for_is_committed_all_the_same(store: SQLiteStore) -> None:
    """By the writer's own thread, in a moment."""
    done = threading.Event()
    written = store._writer.submit(who)
    written.add_done_callback(lambda _: done.set())

    assert done.wait(30)
    assert written.result() == "agentflow-store"


def test_many_threads_share_their_commits(store: SQLiteStore) -> None:
    """Each gets what its own work gave."""
    got: dict[int, int] = {}
    threads = [
        threading.Thread(target=lambda n=n: got.update({n: store._writer.submit(lambda desk: n * 2).result()}))
        for n in range(40)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert got == {n: n * 2 for n in range(40)}


def test_an_event_loop_commits_where_that_cannot_block(store: SQLiteStore) -> None:
    """Together with whatever else is ready to be written."""

    async def work() -> list[str]:
        return await asyncio.gather(*(Wait(store._writer.submit(who)).aperform() for _ in range(20)))

    assert set(asyncio.run(work())) == {threading.current_thread().name}


def test_an_event_loop_does_not_wait_for_another_process(store: SQLiteStore, tmp_path: Path) -> None:
    """The writer's own thread does, and the loop stays free."""
    turn = Turn(tmp_path / "state.db-locks")

    async def work() -> tuple[bool, str]:
        waiting = asyncio.ensure_future(Wait(store._writer.submit(who)).aperform())
        await asyncio.sleep(0.05)
        was_done = waiting.done()
        turn.end()
        return was_done, await waiting

    turn.begin()
    was_done, name = asyncio.run(work())
    turn.close()

    assert not was_done
    assert name == "agentflow-store"


def test_an_event_loop_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    """With durability against power failures a commit waits for it, in the writer's own thread."""
    store = SQLiteStore(tmp_path / "state.db", durability="power")

    name = asyncio.run(Wait(store._writer.submit(who)).aperform())
    store.close()

    assert name == "agentflow-store"


def test_now_and_then_an_event_loop_leaves_the_log_to_the_writers_thread(store: SQLiteStore) -> None:
    """To bring it into the file takes time."""

    async def work() -> list[str]:
        return [await Wait(store._writer.submit(who)).aperform() for _ in range(250)]

    assert set(asyncio.run(work())) == {threading.current_thread().name, "agentflow-store"}


def test_an_interrupt_while_committing_loses_nothing(store: SQLiteStore) -> None:
    """It was meant for the thread, not for what others wrote: that is undone, and the writer's own thread writes it."""
    asked: list[str] = []
    store._writer._is_watched = True  # the writer's own thread is late

    def act(desk: object) -> int:
        asked.append(threading.current_thread().name)
        if len(asked) == 1:
            raise KeyboardInterrupt
        return len(asked)

    before = store._writer.submit(lambda desk: "kept")
    written = store._writer.submit(act)
    with pytest.raises(KeyboardInterrupt):
        written.result()
    done = threading.Event()
    written.add_done_callback(lambda _: done.set())

    assert done.wait(30)
    assert (before.result(), written.result()) == ("kept", 2)
    assert asked[1] == "agentflow-store"


def test_closing_commits_what_is_queued(tmp_path: Path) -> None:
    """More than fits into one transaction, too."""
    store = SQLiteStore(tmp_path / "state.db")
    written = [store._writer.submit(lambda desk, n=n: n) for n in range(2_500)]

    store.close()

    assert [each.result() for each in written] == list(range(2_500))
