"""One sandbox, seen from outside: started, given one job after another, and ended with everything in it."""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Iterable
from threading import Lock

from agentflow.sandbox import bubblewrap, syscalls
from agentflow.sandbox.inside import pack, unpack
from agentflow.sandbox.limits import Limits
from agentflow.sandbox.result import Result, as_result, lost

STARTING = 20.0
GRACE = 3.0
"""Seconds beyond a job's own after which the sandbox itself is ended; the inside should have ended the job long ago."""

Job = list[bytes]


class Leash:
    """Ends a call from another thread: what runs on it is killed, and nothing more is started."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self.is_cut = False

    def hold(self, process: subprocess.Popen[bytes] | None) -> None:
        """Tie *process* to the leash instead of the one before."""
        with self._lock:
            self._process = process
            if self.is_cut and process:
                process.kill()

    def cut(self) -> None:
        """Kill, now and whatever comes."""
        with self._lock:
            self.is_cut = True
            if self._process:
                self._process.kill()


class Gone(Exception):
    """The sandbox ended, or hung."""


class Cell:
    """A running sandbox. It ends with its block, and with this process however that ends."""

    def __init__(self, limits: Limits, leash: Leash) -> None:
        self._limits = limits
        self._leash = leash
        self._largest = 4 * limits.output + 4096

    def __enter__(self) -> Cell:
        self._process = _start(self._limits)
        self._leash.hold(self._process)
        try:
            _ = self._receive(time.monotonic() + STARTING)
        except Gone:
            raise bubblewrap.refusal(self._end()) from None
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def run(self, job: Job) -> Result:
        """How *job* ended. The cell is of no more use once something was lost."""
        began = time.monotonic()
        deadline = began + self._limits.seconds + GRACE
        try:
            self._send(pack(job), deadline)
            return as_result(self._receive(deadline))
        except (Gone, ValueError) as error:
            self._process.kill()
            return lost(time.monotonic() - began, f"the sandbox broke off: {error}")

    def _send(self, data: bytes, deadline: float) -> None:
        assert self._process.stdin is not None  # it was opened as a pipe
        end, left = self._process.stdin.fileno(), memoryview(data)
        while left:
            _wait(end, select.POLLOUT, deadline)
            try:
                left = left[os.write(end, left[:65536]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise Gone("it takes no more jobs") from None

    def _receive(self, deadline: float) -> list[bytes]:
        assert self._process.stdout is not None  # it was opened as a pipe
        end = self._process.stdout.fileno()

        def read(size: int) -> bytes:
            if size > self._largest:
                raise Gone("it says more than it may")
            data = b""
            while len(data) < size:
                _wait(end, select.POLLIN, deadline)
                piece = os.read(end, size - len(data))
                if not piece:
                    raise Gone("it ended")
                data += piece
            return data

        return unpack(read)

    def _end(self) -> str:
        """Close the door, which is the sign to end inside; then see that it did. What was said on stderr."""
        try:
            _, said = self._process.communicate(timeout=GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            _, said = self._process.communicate()
        self._leash.hold(None)
        return said.decode(errors="replace")


def run_all(jobs: Iterable[Job], limits: Limits, leash: Leash) -> list[Result]:
    """Every result in order, all from one cell; from a new one where a cell was lost."""
    results: list[Result] = []
    left = list(jobs)
    while left and not leash.is_cut:
        with Cell(limits, leash) as cell:
            while left:
                results.append(cell.run(left.pop(0)))
                if results[-1].killed_by == "lost":
                    break
    return results


def _start(limits: Limits) -> subprocess.Popen[bytes]:
    filter_end, writing_end = os.pipe()
    try:
        with open(writing_end, "wb") as sink:
            sink.write(syscalls.program())
        process = subprocess.Popen(
            bubblewrap.command(limits, filter_end),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(filter_end,),
            env={},  # a cleared environment could still be read from its process
            cwd="/",
            start_new_session=True,
        )
    finally:
        os.close(filter_end)
    assert process.stdin is not None  # it was opened as a pipe
    os.set_blocking(process.stdin.fileno(), False)
    return process


def _wait(end: int, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(end, event)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise Gone("it does not answer")
