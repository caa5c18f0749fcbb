"""The first process inside a sandbox: starts one job at a time, watches it, and sweeps up. It never leaves the sandbox.

Its text is handed to the Python inside, so it imports only what is there and quick to load. As process 1 of its own
namespace it cannot be signalled by a job, and whatever a job leaves running becomes its child and is killed.
"""

from __future__ import annotations

import atexit
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable

IN, OUT, ERR = 0, 1, 2
HOME = "/tmp"
FLOOD = 16


def pack(message: list[bytes]) -> bytes:
    """*message* as bytes that say how long they are."""
    return b"".join(len(part).to_bytes(8, "big") + part for part in (len(message).to_bytes(8, "big"), *message))


def unpack(read: Callable[[int], bytes]) -> list[bytes]:
    """The next message; *read* gives exactly as many bytes as it is asked for."""

    def part() -> bytes:
        return read(int.from_bytes(read(8), "big"))

    return [part() for _ in range(int.from_bytes(part(), "big"))]


class Kept:
    """The first and last bytes of a stream."""

    def __init__(self, limit: int) -> None:
        self.half = (limit + 1) // 2
        self.flood = limit * FLOOD
        self.head = self.tail = b""
        self.total = 0

    def add(self, data: bytes) -> None:
        self.total += len(data)
        room = self.half - len(self.head)
        self.head, data = self.head + data[:room], data[room:]
        self.tail = (self.tail + data)[-self.half :]

    def parts(self) -> list[bytes]:
        return [self.head, self.tail, b"%d" % self.total]


class Rules:
    """The limits every job is started under, as the outside passes them: nine whole numbers."""

    def __init__(self, words: list[str]) -> None:
        milliseconds, self.cpu, memory, processes, disk, file_size, open_files, self.output, self.uid = map(int, words)
        self.seconds = milliseconds / 1000
        self.has_disk = disk > 0
        ours = 1 if self.uid < 0 else 0  # this process counts too where it has the same user as the job
        self.each = (
            (resource.RLIMIT_CPU, self.cpu, self.cpu + 1),
            (resource.RLIMIT_AS, memory, memory),
            (resource.RLIMIT_NPROC, processes + ours, processes + ours),
            (resource.RLIMIT_FSIZE, file_size, file_size),
            (resource.RLIMIT_NOFILE, open_files, open_files),
            (resource.RLIMIT_CORE, 0, 0),
            (resource.RLIMIT_MSGQUEUE, 0, 0),
        )


def serve(rules: Rules) -> list[bytes] | None:
    """Answer jobs until there are no more: None. In the process of a job it returns as well: with that job."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a handler would let jobs interrupt this process
    write_all(OUT, pack([b"ready"]))
    is_first = True
    while True:
        try:
            job = unpack(read_all)
        except EOFError:
            return None
        if not is_first:
            __import__("typing")  # there are many: none of them need load it, and what it rests on, again
        watch = start(rules, job[1])
        if watch is None:
            return job
        del job  # a later job has no business with it
        write_all(OUT, pack(watch.finish()))
        is_first = False


def start(rules: Rules, stdin: bytes) -> Watch | None:
    """Fork: the watch over a new process, or None in that process."""
    inward, outward, sideward = os.pipe(), os.pipe(), os.pipe()
    pid = os.fork()
    if pid:
        for end in (inward[0], outward[1], sideward[1]):
            os.close(end)
        return Watch(rules, pid, (inward[1], stdin), (outward[0], sideward[0]))
    for end, place in ((inward[0], IN), (outward[1], OUT), (sideward[1], ERR)):
        os.dup2(end, place)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    confine(rules)
    return None


def confine(rules: Rules) -> None:
    """Give up, for good, what a job may not have."""
    for kind, soft, hard in rules.each:
        resource.setrlimit(kind, (soft, hard))
    if rules.uid >= 0:
        os.setgroups([])
        os.setgid(rules.uid)
        os.setuid(rules.uid)


class Watch:
    """One running job."""

    def __init__(self, rules: Rules, pid: int, feed: tuple[int, bytes], streams: tuple[int, int]) -> None:
        self.rules, self.pid = rules, pid
        self.started = time.monotonic()
        self.pidfd = os.pidfd_open(pid)
        self.feed, self.unfed = feed[0], memoryview(feed[1])
        self.kept = {stream: Kept(rules.output) for stream in streams}
        self.reason = b""
        os.set_blocking(self.feed, False)

    def finish(self) -> list[bytes]:
        """Wait until the job or its time is over, end whatever it started, and report."""
        self._follow()
        seconds = time.monotonic() - self.started
        status, used = self._sweep()
        for stream, kept in self.kept.items():
            while data := os.read(stream, 65536):
                kept.add(data)
        for end in (self.pidfd, self.feed, *self.kept):
            if end >= 0:
                os.close(end)
        if not self.reason and status < 0:
            is_slow = -status == signal.SIGXCPU or (-status == signal.SIGKILL and used >= self.rules.cpu)
            self.reason = b"cpu" if is_slow else b"signal"
        texts = [part for kept in self.kept.values() for part in kept.parts()]
        return [b"%d" % status, self.reason, b"%d" % (seconds * 1e6), *texts]

    def _follow(self) -> None:
        poll = select.poll()
        for end in (self.pidfd, IN, *self.kept):  # nothing comes from outside meanwhile but its end
            poll.register(end, select.POLLIN if end != IN else 0)
        poll.register(self.feed, select.POLLOUT)
        while not self.reason:
            left = self.started + self.rules.seconds - time.monotonic()
            ready = dict(poll.poll(max(0, left * 1000) + 1))
            if IN in ready:
                self.reason = b"lost"
            elif self.pidfd in ready:
                return
            elif left <= 0:
                self.reason = b"time"
            if self.feed in ready:
                self._hand_over(poll)
            for stream in self.kept.keys() & ready.keys():
                self._take(poll, stream)

    def _hand_over(self, poll: select.poll) -> None:
        try:
            self.unfed = self.unfed[os.write(self.feed, self.unfed[:65536]) if self.unfed else 0 :]
        except BrokenPipeError:
            self.unfed = self.unfed[:0]
        if not self.unfed:
            poll.unregister(self.feed)
            os.close(self.feed)
            self.feed = -1

    def _take(self, poll: select.poll, stream: int) -> None:
        data = os.read(stream, 65536)
        kept = self.kept[stream]
        kept.add(data)
        if not data:
            poll.unregister(stream)
        if kept.total > kept.flood:
            self.reason = b"output"

    def _sweep(self) -> tuple[int, float]:
        """Kill and reap everything else in here; the job's status and processor time."""
        status, used = -int(signal.SIGKILL), 0.0
        while True:
            try:  # noqa: SIM105  # contextlib takes longer to load than this takes to run
                os.kill(-1, signal.SIGKILL)
            except ProcessLookupError:
                pass  # only zombies are left, or nothing
            try:
                pid, raw, usage = os.wait4(-1, 0)
            except ChildProcessError:
                return status, used
            if pid == self.pid:
                status, used = os.waitstatus_to_exitcode(raw), usage.ru_utime + usage.ru_stime


def become(job: list[bytes], rules: Rules) -> None:
    """Turn this process into *job*: a program, or a piece of Python."""
    kind, _, count, *words = job
    argv, files = words[: int(count)], words[int(count) :]
    where = HOME if rules.has_disk else "/"
    for name, content in zip(files[::2], files[1::2], strict=True):
        place = os.path.join(where, name.decode())
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            file.write(content)
    if kind == b"python":
        become_python(argv[0].decode(), where)
    else:
        become_program(argv, where)


def become_python(source: str, where: str) -> None:
    """Run *source* as `__main__`, as if this interpreter had been started for it."""
    main = type(sys)("__main__")
    main.__dict__["__builtins__"] = __builtins__
    main.__dict__["__file__"] = os.path.join(where, "main.py")
    sys.modules["__main__"] = main
    sys.argv, sys.path[:0] = [main.__dict__["__file__"]], [where]
    os.environ.clear()
    try:
        exec(compile(source, main.__dict__["__file__"], "exec", dont_inherit=True), main.__dict__)
        status = 0
    except BaseException as error:  # noqa: BLE001  # because whatever it raises is how it ends
        status = show(error)
    leave(status)


def show(error: BaseException) -> int:
    """Print what *error* tells about the job, without the frames of this file; the exit status it means."""
    if isinstance(error, SystemExit):
        if error.code is None or isinstance(error.code, int):
            return (error.code or 0) & 0xFF
        print(error.code, file=sys.stderr)
        return 1
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename == show.__code__.co_filename:
        trace = trace.tb_next
    sys.excepthook(type(error), error.with_traceback(trace), trace)
    return 1


def leave(status: int) -> None:
    """End as an interpreter ends, but leave it to the system to free memory: half the time of a short job."""
    if "threading" in sys.modules:
        sys.modules["threading"]._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # a full or closed stream
            status = status or 120
    os._exit(status)


def become_program(argv: list[bytes], where: str) -> None:
    """Replace this process by the program *argv*."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    path = f"{os.path.dirname(sys.executable)}:/usr/local/bin:/usr/bin:/bin"
    try:
        os.execvpe(argv[0], argv, {"PATH": path, "HOME": where, "LANG": "C.UTF-8"})
    except OSError as error:
        os.write(ERR, f"{argv[0].decode(errors='replace')}: {error.strerror}\n".encode())
        os._exit(127)


def read_all(size: int) -> bytes:
    """Exactly *size* bytes from the outside."""
    data = bytearray()
    while len(data) < size:
        piece = os.read(IN, min(size - len(data), 1 << 20))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)


def write_all(end: int, data: bytes) -> None:
    """Everything, however often it takes."""
    left = memoryview(data)
    while left:
        left = left[os.write(end, left) :]


if __name__ == "__main__":
    RULES = Rules(sys.argv[1:])
    JOB = serve(RULES)
    if JOB is None:
        os._exit(0)
    become(JOB, RULES)
