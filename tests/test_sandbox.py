"""The sandbox: what a command may do in it, and everything that ends it."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agentflow.sandbox import Limits, Result, Sandbox

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap: apt-get install bubblewrap")

TIGHT = Limits(seconds=5, cpu_seconds=1, memory=128 * 2**20, processes=4, disk=2**20, file_size=2**19, output=1024)
MIB = 2**20


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    """A sandbox with tight limits."""
    return Sandbox(TIGHT)


# what it is for


def test_python_runs_and_prints(sandbox: Sandbox) -> None:
    """As `__main__`, with the standard library."""
    result = sandbox.run_python("import json\nprint(__name__, json.dumps([1]))")

    assert (result.exit, result.stdout, result.stderr, result.killed_by) == (0, "__main__ [1]\n", "", "")
    assert result.is_clean
    assert 0 < result.seconds < 5


def test_a_program_runs_with_its_files_and_stdin(sandbox: Sandbox) -> None:
    """They lie where it starts."""
    result = sandbox.run(["sh", "-c", "cat in/a b -"], files={"in/a": b"1", "b": b"2"}, stdin=b"3")

    assert result.stdout == "123"


def test_python_can_import_its_files(sandbox: Sandbox) -> None:
    """As a script imports what lies beside it."""
    assert sandbox.run_python("import helper\nprint(helper.X)", files={"helper.py": b"X = 7"}).stdout == "7\n"


@pytest.mark.parametrize(
    ("source", "status", "stderr"),
    [
        pytest.param("raise SystemExit(3)", 3, "", id="a status"),
        pytest.param("raise SystemExit('no')", 1, "no\n", id="a message"),
        pytest.param("import sys; sys.exit()", 0, "", id="nothing"),
        pytest.param("1/0", 1, "ZeroDivisionError: division by zero\n", id="an exception"),
        pytest.param("1 +", 1, "SyntaxError: invalid syntax\n", id="bad syntax"),
        pytest.param("import os; os._exit(9)", 9, "", id="at once"),
        pytest.param("import os; os.abort()", -6, "", id="a signal"),
    ],
)
def test_python_ends_as_it_would_outside(sandbox: Sandbox, source: str, status: int, stderr: str) -> None:
    """With its status, and its own frames alone in a traceback."""
    result = sandbox.run_python(source)

    assert result.exit == status
    assert result.stderr.endswith(stderr)
    assert "<string>" not in result.stderr


def test_what_a_program_registered_for_its_end_is_done(sandbox: Sandbox) -> None:
    """Threads are joined, exit handlers called, streams flushed."""
    source = """
import atexit, sys, threading
atexit.register(sys.stdout.write, "end")
threading.Thread(target=sys.stdout.write, args=("thread ",)).start()
"""
    assert sandbox.run_python(source).stdout == "thread end"


def test_a_program_that_is_not_there_ends_with_127(sandbox: Sandbox) -> None:
    """As in a shell."""
    result = sandbox.run(["no-such-program"])

    assert (result.exit, result.stderr) == (127, "no-such-program: No such file or directory\n")


def test_stdin_ends(sandbox: Sandbox) -> None:
    """A program that reads to the end gets there, and one that does not read is not waited for."""
    assert sandbox.run_python("import sys; print(len(sys.stdin.read()))", stdin=b"x" * 300_000).stdout == "300000\n"
    assert sandbox.run_python("print(input())").stderr.endswith("EOFError: EOF when reading a line\n")
    assert sandbox.run(["true"], stdin=b"x" * 300_000).is_clean


def test_the_same_source_twice_is_the_same_twice(sandbox: Sandbox) -> None:
    """Even where it prints a set."""
    source = "print({'one', 'two', 'three', 'four'})"

    assert sandbox.run_python(source).stdout == sandbox.run_python(source).stdout


async def gathered(sandbox: Sandbox) -> list[Result]:
    """Eight at once."""
    return await asyncio.gather(*(sandbox.arun_python(f"print({n})") for n in range(8)))


def test_many_may_call_at_once(sandbox: Sandbox) -> None:
    """Each task gets its own answer."""
    assert [result.stdout for result in asyncio.run(gathered(sandbox))] == [f"{n}\n" for n in range(8)]


def test_a_batch_gives_every_result_in_order(sandbox: Sandbox) -> None:
    """What one does to itself the next does not feel."""
    sources = ["print(1)", "while True: pass", "import os; os.kill(1, 9); os.kill(-1, 9)", "1/0", "print(5)"]
    results = Sandbox(replace(TIGHT, seconds=0.2)).run_many(sources)

    assert [result.killed_by for result in results] == ["", "time", "", "", ""]
    assert [results[0].stdout, results[4].stdout] == ["1\n", "5\n"]


def test_an_empty_batch_is_empty(sandbox: Sandbox) -> None:
    """Nothing is started for it."""
    assert sandbox.run_many([]) == []


def test_a_batch_leaves_nothing_for_the_next_in_it(sandbox: Sandbox) -> None:
    """No file, no module, no process."""
    litter = """
import os, sys, builtins
sys.modules["litter"] = builtins.litter = 1
if os.fork() == 0:
    os.setsid()
    while True: pass
"""
    look = """
import builtins, os, sys
print("litter" in sys.modules, hasattr(builtins, "litter"))
try:
    os.kill(-1, 0)
except ProcessLookupError:
    print("alone")
open("/tmp/x", "w")
"""
    result = sandbox.run_many([litter, look])[1]

    assert result.stdout == "False False\nalone\n"
    assert result.stderr.endswith("'/tmp/x'\n")


# what ends a command

ENDS = [
    pytest.param("while True: pass", "cpu time", id="a loop"),
    pytest.param("import time; time.sleep(99)", "time", id="a sleep"),
    pytest.param(
        "import signal\nfor s in (2, 15, 1, 24): signal.signal(s, signal.SIG_IGN)\nwhile True: pass",
        "cpu time",
        id="a loop that ignores signals",
    ),
    pytest.param("x = bytearray(10**9)", "memory", id="one large block"),
    pytest.param("x = []\nwhile True: x.append(bytearray(10**6))", "memory", id="many small blocks"),
    pytest.param("while True: print('x' * 1000)", "output", id="a flood of output"),
    pytest.param("import sys\nwhile True: sys.stderr.write('x' * 1000)", "output", id="a flood of complaints"),
    pytest.param("import os; os.kill(os.getpid(), 9)", "signal", id="its own signal"),
    pytest.param("import os\nwhile True: os.fork()", "cpu time", id="a fork bomb"),
    pytest.param("import os\nwhile os.fork(): os.kill(-1, 19)", "time", id="stopped children"),
]


@pytest.mark.parametrize(("source", "reasons"), ENDS)
def test_what_takes_too_much_is_ended(source: str, reasons: str) -> None:
    """By the first limit it meets, and soon."""
    began = time.monotonic()
    result = Sandbox(replace(TIGHT, seconds=0.8)).run_python(source)

    assert result.killed_by in reasons.split() or "BlockingIOError" in result.stderr
    assert time.monotonic() - began < 15


def test_output_is_kept_from_both_ends(sandbox: Sandbox) -> None:
    """The middle is counted, not kept."""
    result = sandbox.run_python("print('a' * 5000 + 'z' * 5000, end='')")

    assert result.stdout.startswith("a" * 512 + "\n[")
    assert result.stdout.endswith("]\n" + "z" * 512)
    assert result.left_out == 10_000 - 1024


def test_processor_time_is_limited_apart_from_time() -> None:
    """One second of it, of ten on the clock."""
    assert Sandbox(replace(TIGHT, seconds=10)).run_python("while True: pass").killed_by == "cpu"


@pytest.mark.parametrize(
    ("source", "error"),
    [
        pytest.param("open('/tmp/x', 'wb').write(b'x' * 2**20)", "File too large", id="one large file"),
        pytest.param("for n in range(9): open(f'/tmp/{n}', 'wb').write(b'x' * 2**18)", "No space left", id="many"),
        pytest.param("x = [open('/dev/null') for _ in range(99)]", "Too many open files", id="open files"),
        pytest.param("import os\nos.memfd_create('x')", "Operation not permitted", id="a file in memory"),
        pytest.param("import threading as t\nfor _ in range(9): t.Timer(0.1, id).start()", "new thread", id="threads"),
        pytest.param("import resource as r; r.setrlimit(r.RLIMIT_AS, (-1, -1))", "not allowed", id="raising a limit"),
        pytest.param("import resource as r; r.prlimit(1, r.RLIMIT_CPU, (0, 0))", "not permitted", id="another's limit"),
    ],
)
def test_a_limit_inside_is_an_error_inside(sandbox: Sandbox, source: str, error: str) -> None:
    """The program is told, as by any system that is full."""
    result = sandbox.run_python(source)

    assert result.exit == 1
    assert error in result.stderr


def test_what_runs_on_in_the_background_is_ended() -> None:
    """A daemon with a session of its own holds nothing up, and is gone."""
    source = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(60)
    os._exit(0)
print("done")
"""
    began = time.monotonic()
    result = Sandbox(replace(TIGHT, seconds=30)).run_python(source)

    assert (result.stdout, result.is_clean) == ("done\n", True)
    assert time.monotonic() - began < 15


def test_no_zombie_is_left(sandbox: Sandbox) -> None:
    """This process has no child when a call is over."""
    sandbox.run_many(["import os\nfor _ in range(3): os.fork()"] * 3)

    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


# endings from outside


def alive(mark: str) -> list[str]:
    """Processes with *mark* in their command line."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += [place.parent.name] if mark.encode() in place.read_bytes() else []
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def until(condition: Callable[[], bool]) -> bool:
    """Whether *condition* came true within ten seconds."""
    end, pause = time.monotonic() + 10, threading.Event()
    while not (held := condition()) and time.monotonic() < end:
        pause.wait(0.01)
    return held


def test_a_cancelled_call_ends_what_it_started() -> None:
    """At once, with everything in it."""
    mark = "91.25"

    async def cancelled() -> None:
        task = asyncio.create_task(Sandbox(replace(TIGHT, seconds=99)).arun(["sleep", mark]))
        assert await asyncio.to_thread(until, lambda: bool(alive(f"sleep\0{mark}")))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())

    assert until(lambda: not alive(f"sleep\0{mark}"))


def test_a_killed_parent_leaves_no_child() -> None:
    """SIGKILL of whoever called ends the sandbox too."""
    mark = "92.25"
    code = (
        f"from agentflow.sandbox import *; Sandbox(Limits(seconds=99)).run(['sh', '-c', 'sleep {mark} & sleep {mark}'])"
    )
    caller = subprocess.Popen([sys.executable, "-c", code])
    assert until(lambda: len(alive(f"sleep\0{mark}")) == 2)

    caller.kill()
    caller.wait()

    assert until(lambda: not alive(mark))


def test_a_sandbox_killed_from_outside_is_lost_and_the_next_job_gets_another() -> None:
    """The caller hears of it."""
    sandbox = Sandbox(replace(TIGHT, seconds=60, cpu_seconds=60))
    results: list[Result] = []
    jobs = ["import time; time.sleep(93)", "print(2)"]
    calling = threading.Thread(target=lambda: results.extend(sandbox.run_many(jobs)), daemon=True)
    calling.start()
    assert until(lambda: len(alive("class Watch:")) == 3)  # bubblewrap, the first process inside, and the job

    os.kill(min(map(int, alive("class Watch:"))), 9)
    calling.join(20)

    assert [result.killed_by for result in results] == ["lost", ""]
    assert results[1].stdout == "2\n"


def test_a_forked_process_can_use_its_parents_sandbox(sandbox: Sandbox) -> None:
    """The threads that wait are made anew."""
    sandbox.run(["true"])
    pid = os.fork()
    if pid == 0:
        os._exit(0 if sandbox.run(["true"]).is_clean else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
