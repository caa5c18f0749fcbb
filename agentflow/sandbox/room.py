"""The sandbox as its users know it: commands and Python in, results out, a few at once. It keeps nothing in between."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import PurePosixPath

from agentflow.errors import ConfigurationError, DefinitionError
from agentflow.sandbox.cell import Job, Leash, run_all
from agentflow.sandbox.limits import Limits
from agentflow.sandbox.result import Result

NO_FILES: Mapping[str, bytes] = {}


class Sandbox:
    """Runs each command in a place of its own that is gone when the command is.

    A command sees the system's programs and this interpreter's standard library, read-only, and an empty `/tmp`, where
    it starts. It has no environment and no network. Any thread or task may call.
    """

    def __init__(self, limits: Limits | None = None, *, at_once: int | None = None) -> None:
        self.limits = limits or Limits()
        self._at_once = at_once or len(os.sched_getaffinity(0))
        self._threads = _Threads(self._at_once)

    def run(self, argv: Sequence[str], *, files: Mapping[str, bytes] = NO_FILES, stdin: bytes = b"") -> Result:
        """Run a program with *files* laid out where it starts."""
        return self._wait([self._program(argv, files, stdin)], self.limits)[0]

    async def arun(self, argv: Sequence[str], *, files: Mapping[str, bytes] = NO_FILES, stdin: bytes = b"") -> Result:
        """`run` without blocking the loop; cancelled, it kills."""
        return (await self._await([self._program(argv, files, stdin)], self.limits))[0]

    def run_python(self, source: str, *, files: Mapping[str, bytes] = NO_FILES, stdin: bytes = b"") -> Result:
        """Run *source* as the main module of a bare Python: standard library and *files* only."""
        return self._wait([self._python(source, files, stdin)], self.limits)[0]

    async def arun_python(self, source: str, *, files: Mapping[str, bytes] = NO_FILES, stdin: bytes = b"") -> Result:
        """`run_python` without blocking the loop; cancelled, it kills."""
        return (await self._await([self._python(source, files, stdin)], self.limits))[0]

    def run_many(self, sources: Iterable[str], *, stdin: bytes = b"") -> list[Result]:
        """Run pieces of Python one after another in one sandbox, each in a process of its own with nothing to write to.

        Far cheaper than one `run_python` each. What an earlier one left in memory a later one could still find.
        """
        return self._wait([self._python(source, NO_FILES, stdin) for source in sources], replace(self.limits, disk=0))

    async def arun_many(self, sources: Iterable[str], *, stdin: bytes = b"") -> list[Result]:
        """`run_many` without blocking the loop; cancelled, it kills."""
        jobs = [self._python(source, NO_FILES, stdin) for source in sources]
        return await self._await(jobs, replace(self.limits, disk=0))

    def check(self) -> None:
        """Raise ConfigurationError where nothing could be run here."""
        result = self.run_python("print('inside')")
        if result.stdout != "inside\n":
            raise ConfigurationError(f"a sandbox starts here but runs nothing: {result.stderr or result.killed_by}")

    def __deepcopy__(self, memo: dict[int, object]) -> Sandbox:
        return self

    def _wait(self, jobs: list[Job], limits: Limits) -> list[Result]:
        future, leash = self._threads.start(jobs, limits)
        try:
            return future.result()
        except BaseException:
            leash.cut()
            raise

    async def _await(self, jobs: list[Job], limits: Limits) -> list[Result]:
        future, leash = self._threads.start(jobs, limits)
        try:
            return await asyncio.wrap_future(future)
        except BaseException:
            leash.cut()
            raise

    def _program(self, argv: Sequence[str], files: Mapping[str, bytes], stdin: bytes) -> Job:
        if isinstance(argv, str) or not argv or not all(argv) or any("\0" in word for word in argv):
            raise DefinitionError(f"run takes a list of words to start a program with, not {argv!r}")
        return [b"program", stdin, b"%d" % len(argv), *(os.fsencode(word) for word in argv), *self._laid_out(files)]

    def _python(self, source: str, files: Mapping[str, bytes], stdin: bytes) -> Job:
        return [b"python", stdin, b"1", source.encode(errors="surrogatepass"), *self._laid_out(files)]

    def _laid_out(self, files: Mapping[str, bytes]) -> list[bytes]:
        for name, content in files.items():
            parts = PurePosixPath(name).parts
            if not parts or name.startswith("/") or ".." in parts or "\0" in name:
                raise DefinitionError(f"files[{name!r}]: name it relative to where the command starts, without '..'")
            if len(content) > self.limits.file_size:
                raise DefinitionError(f"files[{name!r}]: {len(content):,} bytes; the limit is file_size")
        if sum(map(len, files.values())) > self.limits.disk or (files and not self.limits.disk):
            raise DefinitionError(f"{len(files)} files do not fit into disk={self.limits.disk}")
        return [part for name, content in files.items() for part in (name.encode(), content)]


class _Threads:
    """Threads that wait for sandboxes: as many as may run at once."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._pid = -1

    def start(self, jobs: list[Job], limits: Limits) -> tuple[Future[list[Result]], Leash]:
        if self._pid != os.getpid():  # a forked process has none of its parent's threads
            self._pool = ThreadPoolExecutor(self._at_once, thread_name_prefix="sandbox")
            self._pid = os.getpid()
        leash = Leash()
        return self._pool.submit(run_all, jobs, limits, leash), leash
