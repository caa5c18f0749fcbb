"""How a run ends for whoever started it: the exit code, stdout, and `result.json` on every ending."""

from __future__ import annotations

import json
import os
import pty
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentflow.attempt import Outcome, Status
from agentflow.budget import Budget
from agentflow.cli.exits import Exit
from agentflow.cli.sitting import Sitting, sit, stopping
from agentflow.errors import ConfigurationError, EngineFailed, RunIsLive, StoreFailed
from agentflow.events import (
    Event,
    RunFinished,
    RunStarted,
)
from agentflow.settings import Settings
from agentflow.store.sqlite import open_store

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
Shell = Callable[..., Any]


def result(here: Path) -> dict[str, Any]:
    """The latest `result.json`."""
    return dict(json.loads((here / ".agentflow" / "result.json").read_text()))


def journal(here: Path, *events: Event) -> None:
    """Write a journal by hand."""
    store = open_store(here / ".agentflow" / "state.db")
    for event in events:
        store.append(event).result()
    store.close()


STARTED = RunStarted(
    "r1", "p.py:p", "h", "{}", Budget(usd="1").to_json(), "[]", "{}", started_at="2026-01-01T00:00:00Z"
)


# run


@pytest.mark.parametrize(
    ("numbers", "flags", "code", "value"),
    [
        pytest.param([1, 2], [], Exit.ACCEPTED, [2, 4], id="all accepted"),
        pytest.param([1, 200], [], Exit.ACCEPTED, [2], id="a rejected child is the pipeline's to judge"),
        pytest.param([1, 200], ["--strict"], Exit.REJECTED, [2], id="unless strict"),
    ],
)
def test_a_run_leaves_its_result(
    shell: Shell, here: Path, doubles: Path, numbers: list[int], flags: list[str], code: Exit, value: list[int]
) -> None:
    """The value is on stdout, the report on stderr, and `result.json` lies beside the journal and under the run."""
    spoken = shell("run", doubles, *numbers, "--tokens", 100, *flags)

    kept = result(here)
    assert (spoken.code, kept["exit_code"], kept["value"], json.loads(spoken.out)) == (code, code, value, value)
    assert "double: " in spoken.err
    assert json.loads((here / ".agentflow" / "runs" / kept["run"] / "result.json").read_text()) == kept


def test_json_is_one_object(shell: Shell, here: Path, doubles: Path) -> None:
    """`--json` prints what `result.json` keeps, and nothing else."""
    spoken = shell("run", doubles, 1, 2, "--tokens", 100, "--json")

    assert spoken.json == result(here)
    assert (spoken.json["schema"], spoken.json["kind"], spoken.json["value"]) == (1, "result", [2, 4])


def test_jsonl_streams_events_and_ends_with_the_result(shell: Shell, here: Path, doubles: Path) -> None:
    """Every line is an object of its own; the first tells of the start, the last of the end."""
    lines = [json.loads(line) for line in shell("run", doubles, 1, "--tokens", 100, "--jsonl").out.splitlines()]

    assert (lines[0]["kind"], lines[0]["event"]) == ("event", "run_started")
    assert "step_finished" in [line.get("event") for line in lines]
    assert lines[-1] == result(here)


CHATTERS = """
from agentflow import pipeline


@pipeline
def chatters():
    print("hello from the pipeline")
    return [1, {"two": 2}]
"""


@pytest.mark.parametrize("mode", [[], ["--json"], ["--jsonl"]], ids=["text", "json", "jsonl"])
def test_stdout_is_data_while_a_terminal_watches(here: Path, mode: list[str]) -> None:
    """Neither the live display nor what a pipeline prints gets between the lines of whoever reads stdout."""
    (here / "chatters.py").write_text(CHATTERS)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "agentflow", "run", "chatters.py", "--tokens", "9", *mode]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "60"}

    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, env=environment, timeout=60, check=False)

    os.close(theirs)
    out, seen = ended.stdout.decode(), os.read(ours, 65_536).decode()
    os.close(ours)
    parsed = [json.loads(line) for line in out.splitlines()] if mode == ["--jsonl"] else [json.loads(out)]
    assert ended.returncode == 0
    assert (parsed[-1]["value"] if mode else parsed[-1]) == [1, {"two": 2}]
    assert "hello from the pipeline" in seen
    assert "hello" not in out


def test_a_list_is_printed_one_element_to_a_line(shell: Shell, here: Path, doubles: Path) -> None:
    """Records can be read by people, by `grep` and as JSON."""
    assert shell("run", doubles, 1, 2, "--tokens", 9).out == "[\n  2,\n  4\n]\n"


def test_a_refused_run_leaves_a_result_too(shell: Shell, here: Path, doubles: Path) -> None:
    """Whoever looks in the morning finds why nothing was done."""
    spoken = shell("run", doubles, 1, "--json")

    assert spoken.json == result(here)
    assert (spoken.json["status"], spoken.json["exit_code"], spoken.json["run"]) == ("refused", 3, None)
    assert "limit" in spoken.json["error"]


def test_a_dry_run_spends_nothing(shell: Shell, here: Path, doubles: Path) -> None:
    """It prints the worst case and leaves no trace."""
    spoken = shell("run", doubles, 1, "--usd", 1, "--dry-run", "--json")

    assert (spoken.code, spoken.json["kind"]) == (0, "worst_case")
    assert not (here / ".agentflow").exists()


def test_a_folder_that_cannot_be_written_is_named(shell: Shell, here: Path, doubles: Path) -> None:
    """Neither journal nor result: exit 3, not a traceback."""
    (here / ".agentflow").write_text("a file where the folder should be")

    spoken = shell("run", doubles, 1, "--tokens", 100)

    assert spoken.code == Exit.CONFIGURATION
    assert ".agentflow" in spoken.err
    assert "Traceback" not in spoken.err


# endings


def ends_with(outcome: Outcome | BaseException, *events: Event) -> Callable[[Sitting], Outcome]:
    """A run that tells *events* and then ends so."""

    def begin(sitting: Sitting) -> Outcome:
        for event in events:
            sitting.note(event)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return begin


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("accepted", 0),
        ("rejected", 1),
        ("budget_exhausted", 4),
        ("engine_failed", 5),
        ("no_progress", 7),
        ("failed", 70),
        ("cancelled", 130),
    ],
)
def test_every_status_has_its_code(here: Path, status: Status, code: int) -> None:
    """These numbers are a promise."""
    journal(here, STARTED, RunFinished("r1", status))

    ended = sit(ends_with(Outcome(status), STARTED), Settings(), "json")

    assert (ended, result(here)["exit_code"], result(here)["status"]) == (code, code, status)


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        pytest.param(ConfigurationError("no"), 3, "refused", id="configuration"),
        pytest.param(StoreFailed("disk full"), 3, "refused", id="store"),
        pytest.param(RunIsLive(), 75, "refused", id="another process holds the run"),
        pytest.param(EngineFailed("down"), 5, "failed", id="provider"),
        pytest.param(KeyError("x"), 70, "failed", id="a bug"),
        pytest.param(SystemExit(0), 70, "failed", id="a pipeline that calls exit"),
    ],
)
def test_every_error_leaves_a_result(here: Path, error: BaseException, code: int, status: str) -> None:
    """Whatever leaves a run ends in a code and a file, and names the run where there was one."""
    journal(here, STARTED)

    ended = sit(ends_with(error, STARTED), Settings(), "json")

    kept = result(here)
    assert (ended, kept["exit_code"], kept["status"], kept["run"]) == (code, code, status, "r1")
    assert kept["error"]
    assert kept["resume"] == "agentflow resume r1"


def test_what_cannot_be_read_back_is_no_success(here: Path) -> None:
    """A run whose value was lost with its journal does not exit with 0."""

    def begin(sitting: Sitting) -> Outcome:
        sitting.note(STARTED)
        (here / ".agentflow" / "state.db").write_bytes(b"no journal any more")
        return Outcome("accepted", value=[1])

    journal(here, STARTED)

    ended = sit(begin, Settings(), "json")

    assert (ended, result(here)["value"]) == (Exit.CONFIGURATION, None)
    assert "is damaged" in result(here)["error"]


def test_an_exhausted_run_says_how_to_go_on(here: Path) -> None:
    """Status, what was spent, which limit, and the command with a raised one."""
    journal(here, STARTED, RunFinished("r1", "budget_exhausted", limit_hit="usd of the run", partial='{"a": 1}'))

    sit(ends_with(Outcome("budget_exhausted"), STARTED), Settings(), "json")

    kept = result(here)
    assert (kept["limit_hit"], kept["partial"]) == ("usd of the run", {"a": 1})
    assert kept["resume"] == "agentflow resume r1 --usd 2"


def test_the_first_signal_stops_gracefully(here: Path) -> None:
    """SIGTERM sets the stop event; the run then ends as it can, with the signal's code."""
    journal(here, STARTED, RunFinished("r1", "cancelled"))

    def begin(sitting: Sitting) -> Outcome:
        sitting.note(STARTED)
        os.kill(os.getpid(), signal.SIGTERM)
        assert sitting.stop.wait(5)
        return Outcome("cancelled")

    assert sit(begin, Settings(), "json") == Exit.TERMINATED


def test_the_second_signal_ends_the_process_with_a_result(here: Path) -> None:
    """Twice means now: the process is gone, and `result.json` says so."""
    script = (
        "import os, signal\n"
        "from agentflow.cli.sitting import sit\n"
        "from agentflow.settings import Settings\n"
        "def begin(sitting):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    raise SystemExit('still here')\n"
        "sit(begin, Settings(), 'text')\n"
    )

    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)

    assert (ended.returncode, result(here)["status"]) == (130, "cancelled")
    assert "press Ctrl-C again" in ended.stderr


def test_handlers_are_given_back() -> None:
    """After a sitting Ctrl-C means what it meant before."""
    before = signal.getsignal(signal.SIGINT)

    with stopping(threading.Event(), lambda: None):
        assert signal.getsignal(signal.SIGINT) is not before

    assert signal.getsignal(signal.SIGINT) is before


def test_a_reader_that_leaves_does_not_change_how_a_run_ends(tmp_path: Path) -> None:
    """`agentflow run --jsonl | head -1` pays for nothing in vain."""
    receipts = tmp_path / "receipts"
    receipts.mkdir()
    (receipts / "one.txt").write_text("INVOICE\nFrom: Solmar Foods Ltd\nDate: 2021-03-04\nTea 3.20\nTotal 3.20 EUR\n")
    words = [sys.executable, "-m", "agentflow", "run", str(ROOT / "pipelines" / "receipts.py"), str(receipts)]
    command = shlex.join([*words, "--tokens", "20000", "--jsonl", "--state", str(tmp_path / "state")])

    shown = subprocess.run(
        ["bash", "-c", f"{command} 2>/dev/null | head -1 >/dev/null; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert shown.stdout.strip() == "0"
    assert json.loads((tmp_path / "state" / "result.json").read_text())["status"] == "accepted"
