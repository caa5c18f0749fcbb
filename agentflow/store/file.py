"""The store's file: creating, opening and migrating it, and saying in words why it cannot be used."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from agentflow.errors import StoreFailed
from agentflow.store import Durability
from agentflow.store.locks import Turn
from agentflow.store.schema import VERSIONS, migrate, version_of

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_CLOSED_TO_US = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_FATAL = _DAMAGED | _CLOSED_TO_US | _BUSY | {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM}

CHECKPOINT_PAGES = 4_000
"""Pages the log may have before they are brought into the file, 16 MB: each time costs two waits for the disk."""


@dataclass(frozen=True, slots=True)
class StoreFile:
    """Where the store is, and how its connections are opened."""

    path: Path
    durability: Durability = "process"
    patience: float = 30.0
    """Seconds to wait for a program other than AgentFlow that holds the file."""

    @property
    def locks(self) -> Path:
        """The folder of lock files beside the database."""
        return self.path.with_name(self.path.name + "-locks")

    def prepare(self) -> None:
        """Create the file, or bring an older one forward, so that it can be written."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.locks.mkdir(mode=0o700, exist_ok=True)
            if self._needs_work():
                with closing(Turn(self.locks)) as turn, turn:
                    self._create_or_migrate()
        except (sqlite3.Error, OSError) as error:
            raise self.explain(error) from error

    def writer(self) -> sqlite3.Connection:
        """The one connection that writes."""
        connection = self._connect("rw")
        try:
            connection.execute(f"PRAGMA synchronous = {'FULL' if self.durability == 'power' else 'NORMAL'}")
            connection.execute("PRAGMA secure_delete = OFF")
            connection.execute("PRAGMA journal_size_limit = 67108864")
            connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        except BaseException:
            connection.close()
            raise
        return connection

    def reader(self, *, read_only: bool) -> sqlite3.Connection:
        """A connection that reads, even where nothing may be written."""
        try:
            self._refuse_what_is_no_store()
            try:
                return self._asking("ro" if read_only else "rw")
            except sqlite3.OperationalError:
                if not read_only or self._wal.exists():
                    raise
            # a folder that cannot be written and no other process: nothing can change below us
            return self._asking("ro&immutable=1")
        except (sqlite3.Error, OSError) as error:
            raise self.explain(error) from error

    def explain(self, error: BaseException, run: str = "RUN") -> StoreFailed:
        """What happened, and the way out."""
        resume = f"then `agentflow resume {run}`"
        code = _code(error)
        if code == sqlite3.SQLITE_FULL or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            return StoreFailed(f"disk full at {self.path}: free space, {resume}")
        if code in _BUSY:
            return StoreFailed(f"{self.path} is locked by another program: close it, {resume}")
        if code in _DAMAGED:
            return StoreFailed(
                f"{self.path} is damaged or no store ({error}): restore a copy, or move it away to start a new one; "
                f"`sqlite3 {self.path} .recover` saves what can still be read"
            )
        if code in _CLOSED_TO_US or isinstance(error, PermissionError | FileExistsError | NotADirectoryError):
            return StoreFailed(f"{self.path} cannot be opened or written ({error}): make it and its folder writable")
        return StoreFailed(f"{self.path} failed ({error}): check the disk, {resume}")

    def _asking(self, mode: str) -> sqlite3.Connection:
        """A connection to a store of this version that cannot write; closed again where it is none."""
        connection = self._connect(mode)
        try:
            version = version_of(connection, self.path)
            if version < len(VERSIONS):
                raise StoreFailed(f"{self.path} has the older schema {version}; open it once for writing to migrate it")
            connection.execute("PRAGMA query_only = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    @property
    def _wal(self) -> Path:
        return self.path.with_name(self.path.name + "-wal")

    def _needs_work(self) -> bool:
        if not self.path.exists():
            return True
        self._refuse_what_is_no_store()
        connection = self._connect("rw")
        try:
            return version_of(connection, self.path) < len(VERSIONS)
        finally:
            connection.close()

    def _create_or_migrate(self) -> None:
        if not self.path.exists():
            return self._create()
        connection = self._connect("rw")
        try:
            version = version_of(connection, self.path)
            migrate(connection, VERSIONS[version:], version)
        finally:
            connection.close()

    def _create(self) -> None:
        """Under another name first: a crash leaves no half-made store behind."""
        draft = self.path.with_name(self.path.name + "-draft")
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(draft, isolation_level=None)
        try:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            migrate(connection, VERSIONS, 0)
            connection.execute("PRAGMA journal_mode = WAL")
        finally:
            connection.close()
        draft.rename(self.path)

    def _connect(self, mode: str) -> sqlite3.Connection:
        uri = f"{self.path.absolute().as_uri()}?mode={mode}"
        return sqlite3.connect(uri, uri=True, timeout=self.patience, isolation_level=None, check_same_thread=False)

    def _refuse_what_is_no_store(self) -> None:
        if self.path.is_dir():
            raise StoreFailed(f"{self.path} is a folder; name a file in it, such as {self.path / 'agentflow.db'}")
        if not self.path.exists():
            raise StoreFailed(f"there is no store at {self.path}; start a run first, or name another path")
        if not self.path.stat().st_size:
            raise StoreFailed(f"{self.path} is an empty file: delete it to start a new store, or restore a copy")


def is_fatal(error: BaseException) -> bool:
    """Whether the store itself failed, rather than one event that it was given."""
    return isinstance(error, OSError) or _code(error) in _FATAL


def is_busy(error: BaseException) -> bool:
    """Whether another program holds the file."""
    return _code(error) in _BUSY


def _code(error: BaseException) -> int:
    """SQLite's primary result code, 0 when it is not SQLite's."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
