"""The SQLite store between processes, on bad files and under the knife: what was acknowledged is never lost."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from agentflow.budget import Budget
from agentflow.errors import RunIsLive, SchemaTooNew, StoreFailed
from agentflow.events import CallId, CallIntended, CallSettled, RunFinished, RunStarted, StepFinished, ValueKept
from agentflow.store.schema import VERSIONS, migrate
from agentflow.store.sqlite import SQLiteStore, open_store
from agentflow.usage import NOTHING, Amount, Usage

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


def run_started(name: str) -> RunStarted:
    return RunStarted(name, "p.py:f", "h", "[]", "{}", "[]", "{}")


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


def test_four_processes_write_fairly_and_lose_nothing(path: Path) -> None:
    """None waits until another has finished: each is well on its way when the first one ends."""
    script = """
        start()
        say("ready")
        sys.stdin.readline()
        for number in range(300):
            store.append(intended(f"p/{number}")).result()
            store.append(settled(f"p/{number}")).result()
        say("steps", *(len(store.calls(row.run)) for row in store.runs()))
        store.close()
    """
    processes = [launch(path, f"r{number}", script, stdin=subprocess.PIPE) for number in range(4)]
    for process in processes:
        told(process, "ready")
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    counts = [sorted(map(int, told(process, "steps").split()[1:])) for process in processes]
    for process in processes:
        process.communicate(timeout=60)

    assert min(count[0] for count in counts) > 60, counts
    store = open_store(path)
    assert [store.totals(f"r{number}").spent.calls for number in range(4)] == [300] * 4
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


# Files


def test_the_file_is_private(tmp_path: Path) -> None:
    """Only its owner may read what was asked and answered."""
    path = tmp_path / "state" / "agentflow.db"
    store = open_store(path)
    store.append(run_started("r")).result()

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in [path.parent, *path.parent.iterdir()]}
    assert {name: mode for name, mode in modes.items() if mode & 0o077} == {}
    store.close()


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


def a_folder(path: Path) -> None:
    path.mkdir()


def an_empty_file(path: Path) -> None:
    path.touch()


def no_database(path: Path) -> None:
    path.write_bytes(b"nonsense " * 2_000)


def another_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (x)")
    connection.close()


def a_cut_store(path: Path) -> None:
    open_store(path).close()
    path.write_bytes(path.read_bytes()[:3_000])


def a_file_for_a_folder(path: Path) -> None:
    path.parent.rmdir()
    path.parent.touch()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(a_folder, "name a file in it", id="a folder"),
        pytest.param(an_empty_file, "delete it to start a new store", id="an empty file"),
        pytest.param(no_database, "restore a copy, or move it away", id="no database"),
        pytest.param(another_database, "another program's database", id="another program's database"),
        pytest.param(a_cut_store, "restore a copy, or move it away", id="a store cut short"),
        pytest.param(a_file_for_a_folder, "make it and its folder writable", id="a file where the folder should be"),
    ],
)
def test_what_is_no_store_is_refused_with_the_way_out(
    tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    """Nothing of it is changed."""
    path = tmp_path / "folder" / "agentflow.db"
    path.parent.mkdir()
    spoil(path)
    before = path.read_bytes() if path.is_file() else b""

    with pytest.raises(StoreFailed, match=words):
        open_store(path)
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_reading_creates_nothing(tmp_path: Path) -> None:
    """Asking about a store that is not there says so."""
    with pytest.raises(StoreFailed, match="there is no store at"):
        open_store(tmp_path / "none" / "agentflow.db", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_store_opened_for_reading_refuses_to_write(path: Path) -> None:
    """And reads what others write meanwhile."""
    writer, reader = open_store(path), open_store(path, read_only=True)
    writer.append(run_started("r")).result()

    with pytest.raises(StoreFailed, match="for reading only"):
        reader.append(run_started("s")).result()
    assert [row.run for row in reader.runs()] == ["r"]
    writer.close()
    reader.close()


def test_a_folder_that_cannot_be_written_can_still_be_read(path: Path) -> None:
    """`status` and `report` work on a read-only copy; a run there is refused with the way out."""
    store = open_store(path)
    store.append(run_started("r")).result()
    store.close()
    script = """
        import sys
        from agentflow.errors import StoreFailed
        from agentflow.store.sqlite import open_store
        print([row.run for row in open_store(sys.argv[1], read_only=True).runs()])
        try:
            open_store(sys.argv[1]).runs()
        except StoreFailed as error:
            print("make it and its folder writable" in str(error))
    """
    modes = dict.fromkeys([path, *(path.parent / "agentflow.db-locks").iterdir()], 292)
    for file, mode in {**modes, path.parent / "agentflow.db-locks": 0o555, path.parent: 0o555}.items():
        file.chmod(mode)
    said = as_nobody([sys.executable, "-c", textwrap.dedent(script), str(path)], path)
    path.parent.chmod(0o755)

    assert said.split("\n")[:2] == ["['r']", "True"]


def as_nobody(command: list[str], path: Path) -> str:
    """What the command says when run by a user who may read but not write."""
    if os.getuid() == 0:
        for folder in path.parents:
            if not folder.stat().st_mode & 0o005:
                folder.chmod(0o755)
        probe = subprocess.run([sys.executable, "-c", "import agentflow.store.sqlite"], user=65534, check=False)
        if probe.returncode:
            pytest.skip("another user cannot import agentflow here")
        return subprocess.run(command, user=65534, capture_output=True, text=True, check=False).stdout
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_a_newer_schema_is_refused(path: Path) -> None:
    """The message says to upgrade."""
    open_store(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(SchemaTooNew, match="upgrade AgentFlow"):
        open_store(path)


def an_old_store(path: Path) -> None:
    """A store as version 1 left it, with an answer in it."""
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection, VERSIONS[:1], 0)
    connection.executescript("""
        PRAGMA journal_mode = WAL;
        INSERT INTO document VALUES (1, x'00', '[]');
        INSERT INTO word VALUES (1, 'small'), (2, 'stop');
        INSERT INTO run (name, pipeline, source_hash, arguments, budget, ladder, prices, account, resumable, started_at,
            touched) VALUES ('r', 'p.py:f', 'h', 1, '{}', 1, 1, '', 1, '', 0);
        INSERT INTO meter (run, paths, asked, spent_usd) VALUES (1, 1, 1, 60);
        INSERT INTO path VALUES (1, 'p', 268435456);
        INSERT INTO call VALUES (1, 268435456, x'abab', 0, 0, 1, 1, 1, 1, 1, 9, 100, 10, 1, 1, 60, 6, 1, 3, 3, 0, 0, 0,
            2, 0, 0, 0, 0, 0.5, '', '"old"');
    """)
    connection.close()


def test_an_older_schema_is_brought_forward(path: Path) -> None:
    """What was paid for under version 1 answers, and what came later works."""
    an_old_store(path)
    with pytest.raises(StoreFailed, match="open it once for writing"):
        open_store(path, read_only=True)

    store = open_store(path)
    row = store.call(CallId("r", "p", "abab", 0))
    store.open_account("team", "{}")
    store.claim("r")
    store.append(CallIntended(CallId("r", "q", "cd", 0), "small", "small", Amount(5, 5, 1), "byte", 9, "team")).result()

    assert row is not None
    assert (row.response, row.tier, row.finish, row.spent) == ('"old"', "small", "stop", Amount(60, 6, 1))
    assert store.totals("r").spent.usd == 60
    store.close()


def test_a_migration_that_fails_changes_nothing(path: Path) -> None:
    """All of its steps are one transaction."""
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection, VERSIONS[:1], 0)

    with pytest.raises(sqlite3.OperationalError, match="syntax error"):
        migrate(connection, (("CREATE TABLE extra (x)", "NONSENSE"),), 1)

    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'extra'").fetchone() == (0,)
    connection.close()


# Failure


def fill(store: SQLiteStore, path: Path) -> StoreFailed:
    """Write until the disk is full."""
    pages = sqlite3.connect(path).execute("PRAGMA page_count").fetchone()[0]
    store._writer.submit(
        lambda desk: desk.connection.execute(f"PRAGMA max_page_count = {pages + 8}").fetchall()
    ).result()
    for number in range(1_000):
        error = store.append(ValueKept("r", f"v{number}", '"' + "x" * 2_000 + '"')).exception()
        if error is not None:
            assert isinstance(error, StoreFailed)
            return error
    raise AssertionError("the disk never filled")


def test_a_full_disk_stops_writing_and_loses_nothing(path: Path) -> None:
    """The message names the file and the way out; what was acknowledged can be read, now and after reopening."""
    store = open_store(path)
    store.append(run_started("r")).result()
    store.claim("r")
    error = fill(store, path)
    kept = store.kept("r")

    assert f"disk full at {path}: free space, then `agentflow resume r`" in str(error)
    assert len(kept) > 1
    with pytest.raises(StoreFailed, match="disk full"):
        store.append(ValueKept("r", "small", "1")).result()
    store.close()
    again = open_store(path)
    again.claim("r")
    again.append(ValueKept("r", "small", "1")).result()
    assert again.kept("r") == {**kept, "small": "1"}
    again.close()


def test_a_file_locked_by_another_program_is_named(path: Path) -> None:
    """After its patience the store says who is in the way, fails what was queued and stays readable."""
    store = SQLiteStore(path, patience=0.05)
    store.append(run_started("r")).result()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    futures = [store.append(ValueKept("r", str(number), "1")) for number in range(3)]

    assert all("locked by another program: close it" in str(future.exception()) for future in futures)
    assert [row.run for row in store.runs()] == ["r"]
    other.close()
    store.close()


def test_damage_found_while_reading_is_named(path: Path) -> None:
    """The message says what saves the rest."""
    store = open_store(path)
    store.append(run_started("r"), *(ValueKept("r", str(n), '"' + "x" * 900 + '"') for n in range(200))).result()
    store.close()
    with path.open("r+b") as file:
        file.seek(4_096 * 12)
        file.write(os.urandom(4_096 * 200))

    with pytest.raises(StoreFailed, match=r"\.recover"):
        open_store(path).kept("r")


def test_compacting_drops_answers_and_keeps_amounts(path: Path) -> None:
    """Below a finished step only; its own outcome stands for the answers."""
    store = open_store(path)
    ids = [CallId("r", place, "ab", 0) for place in ("a/read", "a/read/judge", "a/reader", "a/write")]
    store.append(run_started("r"), *(CallIntended(id, "s", "s", Amount(9, 9, 1), "byte", 9) for id in ids)).result()
    store.append(*(CallSettled(id, Amount(5, 5, 1), Usage(1, 1), "{}", "stop") for id in ids)).result()
    for place, replayable in (("a/read", True), ("a/write", False)):
        store.append(StepFinished("r", place, "s", "cd", "accepted", "{}", "[]", replayable=replayable)).result()

    store.compact("r")

    assert [store.call(id) is not None for id in ids] == [False, False, True, True]
    assert [row.spent for row in store.calls("r")] == [Amount(5, 5, 1)] * 4
    store.close()


def test_pruning_gives_space_back(path: Path) -> None:
    """The file shrinks, and what was said once for several runs stays while one of them does."""
    store = SQLiteStore(path, clock=lambda: 0.0)
    store.append(*(run_started(name) for name in "rs")).result()
    store.append(*(ValueKept("r", str(n), '"' + "x" * 900 + '"') for n in range(2_000)), RunFinished("r", "accepted"))
    store.close()
    before = path.stat().st_size

    store = SQLiteStore(path, clock=lambda: 86_400.0 * 8)
    assert (store.prune(9), store.prune(7)) == (0, 1)
    assert store.run("s").arguments == "[]"
    store.close()
    assert path.stat().st_size < before / 4


@pytest.mark.parametrize(("durability", "level"), [("process", 1), ("power", 2)])
def test_durability_decides_how_a_commit_is_synchronised(path: Path, durability: str, level: int) -> None:
    """WAL with NORMAL survives a killed process, with FULL a power cut."""
    store = SQLiteStore(path, durability=durability)  # type: ignore[arg-type]  # both of its values
    level_of = store._writer.submit(lambda desk: desk.connection.execute("PRAGMA synchronous").fetchone())
    mode = store._writer.submit(lambda desk: desk.connection.execute("PRAGMA journal_mode").fetchone())

    assert (level_of.result(), mode.result()) == ((level,), ("wal",))
    store.close()
