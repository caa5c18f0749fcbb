"""The SQLite store between processes and under the knife: what was acknowledged is never lost."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from agentflow.budget import Budget
from agentflow.errors import RunIsLive
from agentflow.store.sqlite import open_store
from agentflow.usage import NOTHING, Amount

pytestmark = pytest.mark.slow

PRELUDE = """
import os, sys
from agentflow.events import *
from agentflow.store.sqlite import open_store
from agentflow.usage import Amount, Usage

path, name = sys.argv[1:3]
store = open_store(path)

def say(*words):
    print(*words, flush=True)

def intended(path, account="", calls=1):
    id = CallId(name, path, "ab" * 16, 0)
    return CallIntended(id, "small", "small", Amount(100, 10, calls), "byte", 99, account)

def settled(path):
    return CallSettled(CallId(name, path, "ab" * 16, 0), Amount(60, 6, 1), Usage(3, 3), "{}", "stop")

def start():
    store.append(RunStarted(name, "p.py:f", "h", "[]", "{}", "[]", "{}")).result()
    store.claim(name)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "agentflow.db"


def launch(path: Path, name: str, script: str, **more: object) -> subprocess.Popen[str]:
    """Another process that writes to the same store."""
    source = PRELUDE + textwrap.dedent(script)
    command = [sys.executable, "-c", source, str(path), name]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **more)  # type: ignore[call-overload]  # as given


def told(process: subprocess.Popen[str], words: str) -> str:
    """Wait until the process says something that begins with *words*."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(words):
            return line.strip()
    raise AssertionError(f"the process ended with {process.wait()} and never said {words!r}")


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)


def is_intact(path: Path) -> bool:
    connection = sqlite3.connect(path)
    try:
        return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))
    finally:
        connection.close()


# Death


HOLD = """
    start()
    store.append(intended("open"), intended("done"), settled("done")).result()
    say("ready")
    sys.stdin.read()
"""


def test_a_killed_owner_loses_its_claim_and_pays_in_full(path: Path) -> None:
    """While it lives its run is held; once it is dead what it left open is charged as unknown."""
    process = launch(path, "r", HOLD, stdin=subprocess.PIPE)
    told(process, "ready")
    store = open_store(path)
    with pytest.raises(RunIsLive, match=str(process.pid)):
        store.claim("r")
    alive = (store.run("r").is_live, store.totals("r").spent)

    kill(process)
    unburied = (store.run("r").is_live, store.totals("r"), [row.status for row in store.calls("r")])
    store.claim("r")

    assert alive == (True, Amount(60, 6, 1))
    assert store.totals("r").spent == Amount(160, 16, 2)
    assert store.totals("r").unknown == Amount(100, 10, 1)
    assert unburied == (False, store.totals("r"), ["unknown", "done"])
    assert [(row.status, row.reason) for row in store.calls("r")] == [("unknown", "owner died"), ("done", "")]
    store.close()


def test_a_dead_owners_grant_is_charged_and_returned(path: Path) -> None:
    """What was in flight is spent, the rest goes back to the account."""
    store = open_store(path)
    store.open_account("team", Budget(calls=10).to_json())
    process = launch(
        path,
        "r",
        """
        start()
        store.grant("team", Amount(0, 0, 10), Amount()).result()
        store.append(intended("open", "team")).result()
        say("ready")
        sys.stdin.read()
        """,
        stdin=subprocess.PIPE,
    )
    told(process, "ready")
    held = store.others_hold("team")
    refused = store.grant("team", Amount(0, 0, 1), Amount(0, 0, 1)).result()
    kill(process)

    assert (held, refused) == (True, None)
    assert store.grant("team", Amount(0, 0, 99), Amount(0, 0, 1)).result() == Amount(0, 0, 9)
    assert not store.others_hold("team")
    assert store.accounts()[0].spent.calls == 1
    store.close()


APPEND = """
    start()
    for number in range(100_000):
        place = f"p/{number}"
        store.append(intended(place)).result()
        say("intended", number)
        store.append(settled(place), StepFinished(name, place, "read", "cd", "accepted", "{}", "[]")).result()
        say("settled", number)
"""


@pytest.mark.parametrize("seed", range(8))
def test_nothing_acknowledged_is_lost_to_a_kill(path: Path, seed: int) -> None:
    """After SIGKILL at any point every acknowledged event is there, and the file is sound."""
    process = launch(path, "r", APPEND)
    last = random.Random(seed).randrange(1, 400)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(last)]
    process.send_signal(signal.SIGKILL)
    lines += process.communicate(timeout=30)[0].splitlines()  # acknowledged before the signal arrived
    said = [tuple(line.split()) for line in lines if len(line.split()) == 2]

    store = open_store(path)
    store.claim("r")
    status = {row.id.path: row.status for row in store.calls("r")}
    settled = {f"p/{number}" for word, number in said if word == "settled"}

    assert all(status[place] == "done" for place in settled)
    assert {f"p/{number}" for word, number in said if word == "intended"} <= set(status)
    assert settled <= {row.path for row in store.steps("r")}
    assert store.totals("r").unknown.calls == list(status.values()).count("unknown") <= 1
    store.close()
    assert is_intact(path)


def test_a_forked_child_is_not_its_parent(path: Path) -> None:
    """It may neither read nor write with its parent's store, and does not keep a dead parent's run alive."""
    process = launch(
        path,
        "r",
        """
        import signal, threading, warnings
        warnings.simplefilter("ignore")  # forking beside a thread is what is tried here
        start()
        child = os.fork()
        if child == 0:
            for act in (lambda: store.runs(), lambda: store.append(RunTicked(name, 1.0))):
                try:
                    act()
                except Exception as error:
                    say("child", type(error).__name__)
            store.close()
            say("orphan", os.getpid())
            signal.pause()
        signal.pause()
        """,
    )
    assert [told(process, "child") for _ in range(2)] == ["child StoreFailed"] * 2
    orphan = int(told(process, "orphan").split()[1])
    store = open_store(path)
    assert store.run("r").is_live

    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    store.claim("r")
    os.kill(orphan, signal.SIGKILL)
    process.communicate(timeout=30)
    store.close()


def test_what_is_queued_is_written_when_the_program_ends(path: Path) -> None:
    """A program that forgets to close loses nothing it has submitted, and its claim is free."""
    process = launch(path, "r", "start()\nfor n in range(500): store.append(ValueKept(name, str(n), '1'))")
    process.communicate(timeout=30)

    store = open_store(path, read_only=True)
    assert (process.returncode, len(store.kept("r")), store.run("r").is_live) == (0, 500, False)
    store.close()


# Several at once


@pytest.mark.parametrize("durability", ["process", "power"])
def test_four_processes_write_fairly_and_lose_nothing(path: Path, durability: str) -> None:
    """While all of them keep writing as fast as they can, nobody is left behind."""
    script = f"""
        import select
        store = open_store(path, durability="{durability}")
        start()
        steps = 0
        while not select.select([sys.stdin], [], [], 0)[0]:
            steps += 1
            store.append(intended(f"p/{{steps}}")).result()
            store.append(settled(f"p/{{steps}}")).result()
            if steps == 150:
                say("far")
        say("steps", steps)
        store.close()
    """
    processes = [launch(path, f"r{number}", script, stdin=subprocess.PIPE) for number in range(4)]
    for process in processes:
        told(process, "far")
    said = [process.communicate("stop", timeout=60)[0].split() for process in processes]

    steps = [int(words[1]) for words in said]
    assert max(steps) < 8 * min(steps), steps
    store = open_store(path)
    assert [store.totals(f"r{number}").spent.calls for number in range(4)] == steps
    assert not any(row.is_live for row in store.runs())
    store.close()
    assert is_intact(path)


def test_four_processes_never_overdraw_an_account(path: Path) -> None:
    """Granted and spent together stay within the limit, while all of it is spent."""
    store = open_store(path)
    store.open_account("team", Budget(calls=150).to_json())
    script = """
        start()
        asked = 0
        while got := store.grant("team", Amount(9, 9, 7), Amount(0, 0, 1)).result():
            for each in range(got.calls):
                asked += 1
                store.append(intended(f"p/{asked}", "team")).result()
                row = store.accounts()[0]
                if (row.spent + row.granted).calls > 150:
                    say("broken", row)
                store.append(settled(f"p/{asked}")).result()
        say("spent", asked)
        store.close()
    """
    processes = [launch(path, f"r{number}", script) for number in range(4)]
    said = [process.communicate(timeout=60)[0].split() for process in processes]

    assert all(words[0] == "spent" for words in said)
    assert sum(int(words[1]) for words in said) == 150
    (row,) = store.accounts()
    assert (row.spent.calls, row.granted, row.over_bound) == (150, NOTHING, NOTHING)
    store.close()


def test_many_may_create_the_store_at_once(path: Path) -> None:
    """The first one creates it, the others find it whole."""
    processes = [launch(path, f"r{number}", "start()\nstore.close()") for number in range(4)]

    assert [process.wait(timeout=60) for process in processes] == [0] * 4
    store = open_store(path)
    assert {row.run for row in store.runs()} == {"r0", "r1", "r2", "r3"}
    store.close()
    for process in processes:
        process.communicate()


def test_opening_starts_no_thread(path: Path) -> None:
    """Reading commands stay light; the first write starts the one writer."""
    script = """
        import threading
        store.runs()
        before = threading.active_count()
        start()
        say("threads", before, threading.active_count())
        store.close()
    """
    process = launch(path, "r", script)

    assert process.communicate(timeout=30)[0].split() == ["threads", "1", "2"]
