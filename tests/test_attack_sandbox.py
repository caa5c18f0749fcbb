"""Long attacks on the sandbox: callers killed at any moment, crowds, and bombs one after another."""

from __future__ import annotations

import asyncio
import random
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from agentflow.sandbox import Limits, Result, Sandbox

pytestmark = [
    pytest.mark.attack,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap: apt-get install bubblewrap"),
]

CALLER = """
from agentflow.sandbox import Limits, Sandbox
sandbox = Sandbox(Limits(seconds=60))
print("ready", flush=True)
while True:
    sandbox.run(["sh", "-c", "setsid sleep 94.25 & sleep 0.02"])
"""
BOMBS = [
    "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass",
    "x = []\nwhile True: x.append(bytearray(10**6))",
    "while True: print('x' * 10**5)",
    "import os, signal as s\nfor n in (1, 2, 3, 13, 14, 15, 24, 25): s.signal(n, s.SIG_IGN)\nwhile 1: os.fork()",
    "def f(): f()\nimport sys\nsys.setrecursionlimit(10**9)\nf()",
    "x = '(' * 10**6\neval(x)",
    "import os\nwhile True:\n  for n in range(10**6): os.pipe()",
    "import os\nfor n in range(2, 10**4):\n  try: os.kill(n, 9)\n  except OSError: pass\nos.kill(0, 9)",
]


def left_over(mark: bytes) -> int:
    """How many processes have *mark* in their command line."""
    count = 0
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            count += mark in place.read_bytes()
        except OSError:
            continue  # it ended meanwhile
    return count


def test_a_caller_killed_at_any_moment_leaves_nothing() -> None:
    """Thirty times, before, while and after a sandbox is set up."""
    pause, seeded = threading.Event(), random.Random(4)
    for _ in range(30):
        caller = subprocess.Popen([sys.executable, "-c", CALLER], stdout=subprocess.PIPE)
        assert caller.stdout is not None
        caller.stdout.readline()
        pause.wait(seeded.random() * 0.1)

        caller.kill()
        caller.communicate()

    end = time.monotonic() + 10
    while left_over(b"94.25") and time.monotonic() < end:
        pause.wait(0.05)
    assert left_over(b"94.25") == 0


def test_bombs_do_not_reach_their_neighbours() -> None:
    """In one batch, every second job is harmless and answers."""
    sandbox = Sandbox(Limits(seconds=1, cpu_seconds=1, memory=128 * 2**20))
    results = sandbox.run_many([source for bomb in BOMBS for source in (bomb, "print('fine')")])

    assert [result.stdout for result in results[1::2]] == ["fine\n"] * len(BOMBS)
    assert not any(result.is_clean for result in results[::2])


async def crowd(sandbox: Sandbox) -> list[Result]:
    """Two hundred at once, some of which are cancelled."""
    tasks = [asyncio.create_task(sandbox.arun_python(f"print({n})")) for n in range(200)]
    await asyncio.wait(tasks[:20])
    for task in tasks[100:150]:
        task.cancel()
    await asyncio.wait(tasks)
    return [task.result() for task in tasks[:100] + tasks[150:]]


def test_a_crowd_is_served_in_turn() -> None:
    """Those that are not cancelled get their own answers."""
    results = asyncio.run(crowd(Sandbox()))

    assert [result.stdout for result in results] == [f"{n}\n" for n in (*range(100), *range(150, 200))]
