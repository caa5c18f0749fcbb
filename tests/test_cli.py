"""The command line as people and scripts use it: help, mistakes, reading a journal, progress, quick answers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console, Group

from agentflow.budget import Budget
from agentflow.cli.commands import COMMANDS
from agentflow.cli.exits import Exit
from agentflow.cli.progress import Board, PlainLines, _drawn, event_json
from agentflow.events import (
    AgentFinished,
    BoundBroken,
    CallId,
    CallIntended,
    CallLost,
    CallSettled,
    Event,
    RunFinished,
    RunStarted,
    StepFinished,
)
from agentflow.redact import Redactor
from agentflow.store.sqlite import open_store
from agentflow.testing import TickingClock
from agentflow.usage import Amount, Usage

Shell = Callable[..., Any]


def journal(here: Path, *events: Event) -> None:
    """Write a journal by hand."""
    store = open_store(here / ".agentflow" / "state.db")
    for event in events:
        store.append(event).result()
    store.close()


STARTED = RunStarted(
    "r1", "p.py:p", "h", "{}", Budget(usd="1").to_json(), "[]", "{}", started_at="2026-01-01T00:00:00Z"
)


# help and mistakes


@pytest.mark.parametrize(
    "command", ["", *COMMANDS, "runs prune", "eval validators", "models trust", "accounts open", "config show"]
)
def test_every_command_explains_itself(shell: Shell, command: str) -> None:
    """Help is data: it goes to stdout, and ends well."""
    spoken = shell(*command.split(), "--help")

    assert (spoken.code, spoken.err) == (0, "")
    assert spoken.out.startswith(f"Usage: agentflow {command}".rstrip())


def test_without_a_command_there_is_help(shell: Shell) -> None:
    """As with --help, and no error."""
    bare, asked = shell(), shell("--help")

    assert (bare.code, bare.out, bare.err) == (0, asked.out, "")


def test_the_table_of_commands_says_what_they_say(shell: Shell) -> None:
    """The line in `agentflow --help` stands in the command's own help."""
    for name, entry in COMMANDS.items():
        assert entry.help in " ".join(shell(name, "--help").out.split())


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        pytest.param(["fly"], "No such command 'fly'", id="an unknown command"),
        pytest.param(["run"], "Missing argument", id="nothing to run"),
        pytest.param(
            ["run", "p.py", "--usb", "1"],
            "No such option: --usb; did you mean --reuse or --usd? see `agentflow run --help`",
            id="a flag",
        ),
        pytest.param(["run", "p.py", "--tokens", "many"], "'many' is not a whole number", id="a word for a number"),
        pytest.param(["run", "p.py", "--tokens", "1.5"], "'1.5' is not a whole number", id="a part of a token"),
        pytest.param(["run", "p.py", "--seconds", "soon"], "'soon' is not a number", id="no time"),
        pytest.param(["rum"], "did you mean run?", id="a misspelt command"),
        pytest.param(["run", "p.py", "--usd", "-1"], "--usd must be a number from 0 up, not '-1'", id="a debt"),
        pytest.param(["run", "p.py", "--usd", "abc"], "--usd must be a number, not 'abc'", id="no amount"),
        pytest.param(["run", "p.py", "--max-live", "-1"], "--max-live must be a number from 0", id="fewer than nobody"),
        pytest.param(["run", "p.py", "--durability", "x"], "--durability must be one of process", id="no durability"),
        pytest.param(["run", "p.py", "--ladder", ","], "--ladder must be a list of tiers", id="no tier"),
        pytest.param(["accounts", "open", "team", "--usd", "x"], "--usd must be a number", id="an account of what"),
        pytest.param(["status", "a", "b"], "unexpected extra argument", id="a word too many"),
    ],
)
def test_a_misunderstood_line_exits_2(shell: Shell, words: list[str], complaint: str) -> None:
    """One line that starts with `error:`, nothing on stdout, no traceback."""
    spoken = shell(*words)

    assert (spoken.code, spoken.out) == (Exit.USAGE, "")
    assert spoken.err.startswith("error: ")
    assert complaint in spoken.err
    assert spoken.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        pytest.param(["status"], "no run has been started in", id="no journal"),
        pytest.param(["run", "nowhere.py", "--usd", "1"], "there is no file nowhere.py", id="no pipeline"),
        pytest.param(["run", "doubles.py", "1"], "say --usd or --tokens, or --no-budget", id="no budget"),
        pytest.param(["run", "doubles.py:triples", "1", "--usd", "1"], "it has doubles", id="no such function"),
        pytest.param(["run", "doubles.py", "--usd", "1"], "missing a required argument", id="no arguments"),
        pytest.param(["resume", "r9"], "r9", id="an unknown run"),
        pytest.param(["accounts", "open", "team"], "what may team spend", id="an account without a limit"),
        pytest.param(["runs", "prune", "--older-than", "soon"], "write 30d, 12h or 2w", id="no age"),
    ],
)
def test_what_cannot_start_exits_3(shell: Shell, doubles: Path, words: list[str], complaint: str) -> None:
    """Configuration and environment: one line with the way out."""
    spoken = shell(*words)

    assert (spoken.code, spoken.out) == (Exit.CONFIGURATION, "")
    assert complaint in spoken.err
    assert "Traceback" not in spoken.err


# reading


def test_status_report_and_runs_read_the_journal(shell: Shell, here: Path) -> None:
    """Each works in words and as JSON, with any beginning of the id."""
    journal(here, STARTED, RunFinished("r1", "cancelled"))

    assert shell("status").out.startswith("r1 cancelled: $0 spent (usd=1)")
    assert shell("status", "r", "--json").json["status"] == "cancelled"
    assert "agentflow resume r1" in shell("report", "r1").out
    assert shell("report", "--json").json["kind"] == "report"
    assert "r1" in shell("runs").out
    assert [run["run"] for run in shell("runs", "--json").json["runs"]] == ["r1"]


def test_the_way_on_finds_the_journal_again(shell: Shell, here: Path) -> None:
    """Whoever said --state is told to say it again."""
    journal(here, STARTED)
    elsewhere = here / "else where"
    (here / ".agentflow").rename(elsewhere)

    assert f"agentflow resume r1 --state '{elsewhere}'" in shell("report", "--state", "else where").out


def test_no_runs_is_an_empty_list(shell: Shell, here: Path) -> None:
    """Reading creates nothing."""
    assert shell("runs", "--json").json["runs"] == []
    assert not (here / ".agentflow").exists()


def test_prune_deletes_runs_with_their_results(shell: Shell, here: Path) -> None:
    """What is pruned leaves no folder behind; what is unfinished stays."""
    open_run = RunStarted("r2", "p.py:p", "h", "{}", "{}", "[]", "{}", started_at="2026-01-01T00:00:00Z")
    journal(here, STARTED, RunFinished("r1", "accepted"), open_run)
    (here / ".agentflow" / "runs" / "r1").mkdir(parents=True)

    shell("runs", "prune", "--older-than", "0d")

    assert [run["run"] for run in shell("runs", "--json").json["runs"]] == ["r2"]
    assert not (here / ".agentflow" / "runs" / "r1").exists()


def test_accounts_are_opened_and_listed(shell: Shell) -> None:
    """A standing account has the limits it was given, and no others."""
    shell("accounts", "open", "team", "--usd", "5", "--calls", "100")

    (account,) = shell("accounts", "--json").json["accounts"]
    assert (account["name"], account["limit"]) == ("team", {"calls": 100, "usd": "5"})
    assert "team" in shell("accounts").out


def test_a_model_is_trusted_again(shell: Shell, here: Path) -> None:
    """After `models trust` nothing stands against it."""
    journal(here, STARTED, BoundBroken("r1", "local/nano-s", "900 tokens instead of 100"))
    assert "900 tokens" in shell("models").out

    spoken = shell("models", "trust", "local/nano-s")

    assert "900 tokens" in spoken.err
    assert "900 tokens" not in shell("models").out


def test_models_tell_price_and_key_without_the_key(shell: Shell, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names and whether they are set, never a value."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret-1234567890")
    (here / "agentflow.toml").write_text(
        'ladder = ["local/nano-s", "openai/gpt-5-mini", "groq/x", "acme/x", "ollama/y"]\n'
    )

    out = shell("models", "--json").out + shell("doctor", "--json").out

    assert "OPENAI_API_KEY is set" in out
    assert "GROQ_API_KEY is missing" in out
    assert "unknown model" in out
    assert "very-secret" not in out


def test_doctor_names_what_is_broken(shell: Shell, here: Path) -> None:
    """A configuration that no run would accept is found before the night."""
    (here / "agentflow.toml").write_text("[budget]\nusb = 1\n")

    spoken = shell("doctor", "--json")

    bad = [finding["what"] for finding in spoken.json["findings"] if finding["state"] == "bad"]
    assert (spoken.code, bad) == (Exit.CONFIGURATION, ["settings"])


def test_config_says_who_set_what(shell: Shell, here: Path) -> None:
    """Every value stands beside its origin."""
    (here / "agentflow.toml").write_text('strict = true\nladder = ["local/nano-s", {model = "a/b", attempts = 2}]\n')

    spoken = shell("config", "show", "--origin", "--json")

    assert spoken.json["values"]["ladder"] == ["local/nano-s", {"model": "a/b", "attempts": 2}]
    assert spoken.json["origins"]["strict"] == str(here / "agentflow.toml")
    assert "# default" in shell("config", "show", "--origin").out


# progress

CALL = CallId("r1", "/p/s#1", "k", 0)
INTENDED = CallIntended(CALL, "a/b", "a/b", Amount(500, 50, 1), "byte", 10)


def test_the_board_counts_what_happens() -> None:
    """Wire, verdicts and the burned share of the tightest limit."""
    board = Board(TickingClock())
    budget = Budget(usd="0.000001", calls=10).to_json()

    board.note(RunStarted("r1", "p", "h", "{}", budget, "[]", "{}"))
    board.note(INTENDED)
    on_wire = board.on_wire
    board.note(CallSettled(CALL, Amount(250, 20, 1), Usage(10, 10), "{}", "stop"))
    board.note(StepFinished("r1", "/p/s#1", "s", "i", "accepted", "null", "[]"))

    assert (on_wire, board.on_wire, board.burned) == (1, 0, 0.25)
    spent = "$0.00000025 of $0.000001, 20 tokens, 1 of 10 calls"
    assert board.line() == f"0 s · 1 at work, 0 on the wire · steps 1 accepted · {spent}"


def test_the_board_knows_who_is_at_work() -> None:
    """A child of the run counts from its first sign of life until it has ended, however many steps it takes."""
    board, child = Board(TickingClock()), "/read#1"

    board.note(CallIntended(CallId("r1", f"{child}/total#2", "k", 0), "a/b", "a/b", Amount(), "byte", 10))
    board.note(StepFinished("r1", f"{child}/total#2", "total", "i", "accepted", "null", "[]"))
    busy = board.at_work
    board.note(AgentFinished("r1", child, "accepted"))

    assert (busy, board.at_work) == (1, 0)


def test_the_picture_fits_a_narrow_terminal() -> None:
    """Two lines, cut and never wrapped, with the share of the budget first."""
    board, drawn = Board(TickingClock()), StringIO()
    board.note(STARTED)
    board.note(INTENDED)

    Console(file=drawn, width=40).print(Group(_drawn(board.picture())))

    lines = drawn.getvalue().splitlines()
    assert len(lines) == 2
    assert max(map(len, lines)) <= 40
    assert "0%  $0 of $1" in lines[0]


def test_a_lost_call_burns_its_whole_reservation() -> None:
    """Nobody knows, so everything counts."""
    board = Board(TickingClock())

    board.note(INTENDED)
    board.note(CallLost(CALL, "timeout"))

    assert (board.spent, board.on_wire) == (Amount(500, 50, 1), 0)


def test_plain_lines_come_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    """A log is told of the start, and then at most every few seconds."""
    clock = TickingClock()
    lines = PlainLines(Board(clock), clock, every=10)

    lines.note(STARTED)
    for seconds in (1, 10, 1, 9):
        clock.advance(seconds)
        lines.note(INTENDED)

    said = capsys.readouterr().err.splitlines()
    assert said[0] == "run r1 started, budget usd=1"
    assert len(said) == 3


def test_an_exported_event_has_neither_secret_nor_bulk() -> None:
    """The answer's text stays in the journal; a key that strayed into a reason is taken out."""
    redactor = Redactor.of_environment({"A_TOKEN": "secretsecret"})

    settled = json.loads(event_json(CallSettled(CALL, Amount(1, 2, 3), Usage(1, 2), '{"big": 1}', "stop"), redactor))
    lost = json.loads(event_json(CallLost(CALL, "refused secretsecret"), redactor))

    assert "response" not in settled
    assert (settled["event"], settled["path"], settled["spent"]["nano_usd"]) == ("call_settled", "/p/s#1", 1)
    assert lost["reason"] == "refused [redacted: A_TOKEN]"


# start-up


@pytest.mark.parametrize("words", [["--help"], ["status"], ["runs"], ["config", "show"]], ids=" ".join)
def test_a_quick_question_loads_nothing_heavy(here: Path, words: list[str]) -> None:
    """Neither DSPy nor pydantic nor rich is imported to say how a run stands."""
    journal(here, STARTED)
    script = (
        "import sys\nfrom agentflow.cli import main\n"
        f"try:\n    main({words!r})\nexcept SystemExit as ended:\n    assert not ended.code, ended.code\n"
        "heavy = {'dspy', 'litellm', 'pydantic', 'numpy', 'rich', 'structlog', 'asyncio'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )

    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)

    assert ended.returncode == 0, ended.stderr


def test_a_closed_pipe_is_no_error(here: Path) -> None:
    """`agentflow runs | head -1` ends quietly."""
    journal(here, STARTED)
    command = f"{sys.executable} -m agentflow runs --json | true"

    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=30, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")
