"""What every benchmark shares: the machine it ran on, cases in processes of their own, and the JSON of a result.

Nothing is asserted here: a goal that is missed is written down like one that is met.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).with_name("results")
TMPFS = Path("/dev/shm")
PACKAGES = ("agentflow", "dspy", "litellm", "pydantic", "numpy")


@dataclass(frozen=True, slots=True)
class Goal:
    """One promise beside its figure."""

    what: str
    goal: str
    figure: float | None
    """None: not measured here."""
    met: bool | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Figures for the page."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    note: str = ""


@dataclass(slots=True)
class Result:
    """What one benchmark found."""

    title: str
    goals: list[Goal] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Paragraphs: how it was measured, and what was not."""


def at_most(what: str, figure: float | None, most: float, *, unit: str = "", note: str = "") -> Goal:
    """A goal that a figure stays at or below *most*."""
    return Goal(what, f"≤ {most:g}{unit}", figure, None if figure is None else figure <= most, note)


def at_least(what: str, figure: float | None, least: float, *, unit: str = "", note: str = "") -> Goal:
    """A goal that a figure reaches *least*."""
    return Goal(what, f"≥ {least:g}{unit}", figure, None if figure is None else figure >= least, note)


def bench(
    name: str,
    measure: Callable[[argparse.Namespace], Result],
    *,
    case: Callable[..., Any] | None = None,
    options: Callable[[argparse.ArgumentParser], object] | None = None,
) -> None:
    """The command of one benchmark. With `--case JSON` it is one of its own fresh processes instead."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.benchmarks.{name}")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    parser.add_argument(
        "--peers", action="store_true", default=os.environ.get("PEERS") == "1", help="measure peers too"
    )
    parser.add_argument("--json", type=Path, help=f"where the result goes (results/{name}.json)")
    parser.add_argument("--case", type=json.loads, help=argparse.SUPPRESS)
    if options is not None:
        options(parser)
    chosen = parser.parse_args()
    _settle_environment()
    if chosen.case is not None:
        assert case is not None
        say("RESULT " + json.dumps(case(**chosen.case)), stream=sys.stdout)
        return
    started, load = time.perf_counter(), os.getloadavg()[0]
    result = measure(chosen)
    default = f"{name}-quick.json" if chosen.quick else f"{name}.json"
    write(result, name, chosen.json or RESULTS / default, quick=chosen.quick, started=started, load=load)


def write(result: Result, name: str, path: Path, *, quick: bool, started: float, load: float) -> None:
    """Write *result* with everything needed to read it in a year, and say its goals."""
    path.parent.mkdir(parents=True, exist_ok=True)
    command = ["python", "-m", f"tests.benchmarks.{name}", *sys.argv[1:]]
    plain = {
        "benchmark": name,
        "command": " ".join(command),
        "quick": quick,
        "measured_at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "seconds": round(time.perf_counter() - started, 1),
        "machine": machine() | {"load_before": round(load, 2), "load_after": round(os.getloadavg()[0], 2)},
        "versions": versions(),
        "commit": commit(),
        **asdict(result),
    }
    path.write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for goal in result.goals:
        mark = {True: "met", False: "MISSED", None: "not measured"}[goal.met]
        shown = "-" if goal.figure is None else f"{goal.figure:.4g}"
        say(f"{mark:12} {goal.what}: {shown} (goal {goal.goal})")
    say(f"{plain['seconds']} s, written to {path}")


def say(text: str, *, stream: Any = None) -> None:
    """One line for whoever watches: stderr, unless it is the answer of a case."""
    target = stream or sys.stderr
    target.write(text + "\n")
    target.flush()


# processes of their own


def fresh(
    name: str, case: dict[str, Any], *, python: str = sys.executable, wrap: Sequence[str] = (), timeout: float = 1_800
) -> dict[str, Any]:
    """What `--case` says in a new process, so that no measurement warms or burdens the next."""
    command = [*wrap, python, "-m", f"tests.benchmarks.{name}", "--case", json.dumps(case)]
    return answer_of(command, timeout=timeout)


def answer_of(command: Sequence[str], *, timeout: float = 1_800) -> dict[str, Any]:
    """The last `RESULT` line of a command. Raises `RuntimeError` with its last words when there is none."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if not lines:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode} and no result: {done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(lines[-1].removeprefix("RESULT "))
    return answer


def syncs_of(command: Sequence[str]) -> int:
    """How often a command with a RESULT asks the disk to be sure, counted by strace."""
    log = Path(tempfile.gettempdir()) / f"agentflow-strace-{os.getpid()}"
    try:
        answer_of(["strace", "-f", "--seccomp-bpf", "-c", "-e", "trace=fdatasync,fsync", "-o", str(log), *command])
        rows = [line.split() for line in log.read_text().splitlines()]
        return sum(int(row[3]) for row in rows if row and row[-1] in ("fdatasync", "fsync"))
    finally:
        log.unlink(missing_ok=True)


def cpu_ms(command: Sequence[str], times: int, here: Path) -> float:
    """Least CPU of a process, in milliseconds, of so many."""
    return min(_once(command, here) for _ in range(times))


def _once(command: Sequence[str], here: Path) -> float:
    environment = {**os.environ, "PYTHONPATH": "", "XDG_CONFIG_HOME": str(here), "HOME": tempfile.gettempdir()}
    before = _children_seconds()
    subprocess.run(command, cwd=here, env=environment, capture_output=True, timeout=300)
    return (_children_seconds() - before) * 1e3


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def folder(*, in_memory: bool = True) -> Iterator[Path]:
    """A folder for journals: on tmpfs, where only software costs, or on the disk."""
    where = TMPFS if in_memory and TMPFS.is_dir() else None
    path = Path(tempfile.mkdtemp(prefix="agentflow-bench-", dir=where))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _settle_environment() -> None:
    """Nobody's configuration, keys or caches; no price map is fetched."""
    for name in list(os.environ):
        if name.startswith("AGENTFLOW_") or name.endswith(("_API_KEY", "_API_BASE", "_BASE_URL")):
            del os.environ[name]
    home = Path(tempfile.gettempdir()) / "agentflow-bench-home"
    os.environ |= {
        "LITELLM_LOCAL_MODEL_COST_MAP": "true",
        "DSPY_CACHEDIR": str(home / "dspy"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "PYTHONHASHSEED": "0",
        "NO_COLOR": "1",
    }


# the machine


def machine() -> dict[str, Any]:
    """What the figures hold for."""
    cpu = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "")
    memory = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return {
        "cpu": cpu or platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / 2**20, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Of what the figures depend on."""
    return {name: metadata.version(name) for name in PACKAGES}


def commit() -> str:
    """The commit measured; with a plus where the package has changed since."""
    head = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    dirty = subprocess.run(["git", "status", "--porcelain", "agentflow"], cwd=ROOT, capture_output=True, text=True)
    changed = [line for line in dirty.stdout.splitlines() if line.endswith(".py")]
    return head.stdout.strip() + ("+" if changed else "")


# memory and time


def resident_mib() -> float:
    """Memory of this process now."""
    return _status("VmRSS") / 1024


def peak_mib() -> float:
    """Most memory since `forget_peak`."""
    return _status("VmHWM") / 1024


def share_mib() -> float:
    """Proportional share of memory (PSS): what is shared with other processes counts in part."""
    lines = _lines("/proc/self/smaps_rollup")
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def forget_peak() -> None:
    """Collect garbage and begin a new peak."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def writer_seconds(name: str = "agentflow-store") -> float:
    """CPU that this process's threads of that name have used."""
    tasks = [thread.native_id for thread in threading.enumerate() if thread.name == name]
    return sum(int(_lines(f"/proc/self/task/{task}/schedstat")[0].split()[0]) for task in tasks) / 1e9


def _status(key: str) -> int:
    return next(int(line.split()[1]) for line in _lines("/proc/self/status") if line.startswith(key))


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()
