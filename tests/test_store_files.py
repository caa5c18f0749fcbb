"""The SQLite store's file: what is no store, what is an older one, a full disk, damage, and space given back."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from stores import started

from agentflow.errors import SchemaTooNew, StoreFailed
from agentflow.events import CallId, CallIntended, CallSettled, RunFinished, StepFinished, ValueKept
from agentflow.store.schema import VERSIONS, migrate
from agentflow.store.sqlite import SQLiteStore, open_store
from agentflow.usage import Amount, Usage


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "agentflow.db"


def test_the_file_is_private(tmp_path: Path) -> None:
    """Only its owner may read what was asked and answered."""
    path = tmp_path / "state" / "agentflow.db"
    store = open_store(path)
    store.append(started("r")).result()

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in [path.parent, *path.parent.iterdir()]}
    assert {name: mode for name, mode in modes.items() if mode & 0o077} == {}
    store.close()


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
    writer.append(started("r")).result()

    with pytest.raises(StoreFailed, match="for reading only"):
        reader.append(started("s")).result()
    assert [row.run for row in reader.runs()] == ["r"]
    writer.close()
    reader.close()


def test_a_folder_that_cannot_be_written_can_still_be_read(tmp_path: Path) -> None:
    """`status` and `report` work on a read-only copy; a run there is refused with the way out."""
    script = """
        import os, sys
        from agentflow.errors import StoreFailed
        from agentflow.store.sqlite import open_store
        open_store(sys.argv[2]).close()  # all is imported before root's rights go: nobody else may read root's Python
        if os.getuid() == 0:
            os.setuid(65534)  # nothing is read-only for root
        store = open_store(sys.argv[1], read_only=True)
        print([row.run for row in store.runs()])
        store.close()
        try:
            open_store(sys.argv[1]).runs()
        except StoreFailed as error:
            print("make it and its folder writable" in str(error))
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "agentflow.db"
        store = open_store(path)
        store.append(started("r")).result()
        store.close()
        path.chmod(0o444)
        Path(folder).chmod(0o555)
        command = [sys.executable, "-c", textwrap.dedent(script), str(path), str(tmp_path / "other.db")]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        Path(folder).chmod(0o755)

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split("\n")[:2] == ["['r']", "True"]


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
    with closing(sqlite3.connect(path)) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
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
    store.append(started("r")).result()
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
    store.append(started("r")).result()
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
    store.append(started("r"), *(ValueKept("r", str(n), '"' + "x" * 900 + '"') for n in range(200))).result()
    store.close()
    with path.open("r+b") as file:
        file.seek(4_096 * 12)
        file.write(os.urandom(4_096 * 200))

    with pytest.raises(StoreFailed, match=r"\.recover"), closing(open_store(path)) as store:
        store.kept("r")


def test_compacting_drops_answers_and_keeps_amounts(path: Path) -> None:
    """Below a finished step only; its own outcome stands for the answers."""
    store = open_store(path)
    ids = [CallId("r", place, "ab", 0) for place in ("a/read", "a/read/judge", "a/reader", "a/write")]
    store.append(started("r"), *(CallIntended(id, "s", "s", Amount(9, 9, 1), "byte", 9) for id in ids)).result()
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
    store.append(*(started(name) for name in "rs")).result()
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
