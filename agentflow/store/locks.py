"""Locks of the operating system: a fair turn at writing, and proof that a process still lives.

A lock ends with its process, whatever kills it. A forked child keeps none of its parent's: it closes them at once, so
that it neither counts as the parent nor keeps a dead parent's locks alive. Not for network file systems.
"""

from __future__ import annotations

import fcntl
import os
import weakref
from pathlib import Path
from types import TracebackType


class LockFile:
    """An open file whose lock is held until `close` or the end of the process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        _OPEN.add(self)

    def lock(self) -> None:
        """Wait for the lock; the kernel wakes us."""
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def try_lock(self) -> bool:
        """Take the lock if it is free."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlock(self) -> None:
        """Let others have it."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file, and with it the lock. Closing twice is harmless."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class Turn:
    """One process at a time writes, and whoever has just written queues behind those who wait."""

    def __init__(self, folder: Path) -> None:
        self._door = LockFile(folder / "door")
        self._desk = LockFile(folder / "desk")

    def begin(self, *, may_block: bool = True) -> bool:
        """Take the turn, once it is ours; False when it is not and this may not block."""
        # Two locks, because a single one is mostly won by the process that has just let it go: while one process
        # writes at the desk the next stands in the door, so the first cannot overtake it.
        if not may_block:
            return self._begin_at_once()
        self._door.lock()
        try:
            self._desk.lock()
        finally:
            self._door.unlock()
        return True

    def end(self) -> None:
        """Let others have their turn."""
        self._desk.unlock()

    def __enter__(self) -> None:
        self.begin()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()

    def _begin_at_once(self) -> bool:
        if not self._door.try_lock():
            return False
        try:
            return self._desk.try_lock()
        finally:
            self._door.unlock()

    def close(self) -> None:
        """Give up the turn for good."""
        self._door.close()
        self._desk.close()


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock of this file. A file that is gone is held by nobody."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except PermissionError:
        return True  # another user's: nothing proves that they are gone
    try:
        fcntl.flock(
            descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB
        )  # shared, so that those who ask do not mislead each other
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


_OPEN: weakref.WeakSet[LockFile] = weakref.WeakSet()


def _close_inherited() -> None:
    for file in list(_OPEN):
        file.close()


os.register_at_fork(after_in_child=_close_inherited)
