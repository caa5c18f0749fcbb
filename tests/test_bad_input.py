"""Bad input gets a clear error that names the way out, with the right exit code, and nothing is lost."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentflow import Budget, resume, run
from agentflow.cli.exits import Exit
from agentflow.declare import load_pipeline
from agentflow.errors import ConfigurationError, NoBudget, UnknownRun
from agentflow.events import RunStarted
from agentflow.store.sqlite import open_store

pytestmark = pytest.mark.slow


Shell = Callable[..., Any]


RECEIPTS = Path(__file__).parent.parent / "pipelines" / "receipts.py"


RECEIPT = "INVOICE\nFrom: Solmar Foods\nDate: 2021-03-04\nBolt 9.30\nTea 3.20\nTotal 12.50 EUR"


ASKS = """
from agentflow import Step, agents, pipeline
from agentflow import validators as v

capital = Step("country -> capital", validate=v.length("capital", at_least=1))


@pipeline
async def capitals(countries: list[str]) -> list[str]:
    async with agents() as team:
        children = [team.spawn(capital, country=country) for country in countries]
    return [child.outcome.prediction.capital for child in children if child.outcome.accepted]
"""


WAITS = """
import asyncio
from agentflow import pipeline


@pipeline
async def waits() -> None:
    print("at work", flush=True)
    await asyncio.sleep(30)
"""


@pytest.fixture
def asks(here: Path) -> Path:
    """A pipeline whose step brings no ladder."""
    file = here / "asks.py"
    file.write_text(ASKS)
    return file


def result(here: Path) -> dict[str, Any]:
    """The latest `result.json`."""
    return dict(json.loads((here / ".agentflow" / "result.json").read_text()))


def agentflow(*words: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "agentflow", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)


def refused(here: Path, spoken: Any, *complaints: str) -> None:
    """One line with the way out, nothing on stdout, exit 3, and a `result.json` that says the same."""
    assert (spoken.code, spoken.out) == (Exit.CONFIGURATION, "")
    assert "Traceback" not in spoken.err
    assert [word for word in complaints if word not in spoken.err] == []
    kept = result(here)
    assert (kept["status"], kept["exit_code"], kept["run"]) == ("refused", 3, None)
    assert kept["error"] in spoken.err


# models, keys, prices, budgets


@pytest.mark.parametrize(
    ("words", "complaints"),
    [
        pytest.param(["--ladder", "gpt-5-mini", "--tokens", 9], ["did you mean openai/gpt-5-mini"], id="no provider"),
        pytest.param(["--ladder", "opnai/gpt-5-mini", "--tokens", 9], ["opnai", "openai"], id="an unknown provider"),
        pytest.param(["--ladder", "groq/gpt-5-mni", "--usd", 1], ["did you mean", "gpt-5-mini"], id="an unknown model"),
        pytest.param(["--ladder", "groq/mine", "--usd", 1], ["[prices", "agentflow.toml"], id="no price"),
        pytest.param(["--ladder", "openai/gpt-5-mini", "--usd", 1], ["set OPENAI_API_KEY"], id="no key"),
        pytest.param(["--ladder", "local/nano-x", "--tokens", 9], ["local/nano-s"], id="an unknown local model"),
        pytest.param(["--ladder", "openai/gpt-5-mini"], ["say --usd or --tokens, or --no-budget"], id="no budget"),
    ],
)
def test_a_run_that_could_not_be_kept_is_not_begun(
    shell: Shell,
    here: Path,
    asks: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[object],
    complaints: list[str],
) -> None:
    """Before anything is sent: which model, key, price or limit is missing, and what to type."""
    monkeypatch.setenv("GROQ_API_KEY", "a key that is sent nowhere")

    refused(here, shell("run", asks, "France", *words), *complaints)


@pytest.mark.parametrize(
    ("options", "error", "complaint"),
    [
        pytest.param({}, NoBudget, "limit in usd or tokens", id="no budget"),
        pytest.param({"budget": 5}, TypeError, "takes a Budget", id="a number for a budget"),
        pytest.param({"bugdet": 5}, TypeError, "no option 'bugdet'", id="an unknown option"),
        pytest.param({"budget": Budget(tokens=9), "state": "asks.py"}, Exception, "asks.py", id="a file for a folder"),
    ],
)
def test_the_python_door_says_the_same(
    asks: Path, options: dict[str, Any], error: type[Exception], complaint: str
) -> None:
    """What a shell is told in a line is an exception in Python."""
    with pytest.raises(error, match=complaint):
        run(load_pipeline(str(asks))(["France"]), **options)


def test_a_budget_below_nothing_is_refused_in_python() -> None:
    """As on the command line."""
    with pytest.raises((ValueError, TypeError, ConfigurationError), match="usd"):
        Budget(usd=-1)


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        pytest.param([], "ladder", id="nobody to ask"),
        pytest.param(["--ladder", "local/nano-s"], "UnsupportedSignature", id="a signature outside a model's training"),
    ],
)
def test_an_agent_that_fails_says_why(shell: Shell, asks: Path, flags: list[str], complaint: str) -> None:
    """A pipeline may go on without its children; the report tells what each died of."""
    spoken = shell("run", asks, "France", "Spain", "--tokens", 900, *flags)

    told = spoken.err.partition("Not accepted, and why")[2]
    assert "2 × capital (failed)" in told
    assert complaint in told


# receipts


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "is empty", id="an empty receipt"),
        pytest.param(b" \n\t\n", "is empty", id="a blank receipt"),
        pytest.param(b"a line of five\n" * 350_000, "more than 100,000 bytes", id="a receipt of 5 MB"),
        pytest.param(bytes(range(256)) * 40, "is not text", id="a picture"),
        pytest.param(b"\xff\xfe\x00\x00", "is not text", id="bytes of no encoding"),
    ],
)
def test_a_receipt_that_cannot_be_read_is_rejected_beside_one_that_can(
    shell: Shell, here: Path, content: bytes, reason: str
) -> None:
    """Its record says why; the others are read as if it were not there."""
    folder = here / "receipts"
    folder.mkdir()
    (folder / "bad.txt").write_bytes(content)
    (folder / "good.txt").write_text(RECEIPT)

    spoken = shell("run", RECEIPTS, folder, "--tokens", 20_000)

    bad, good = json.loads(spoken.out)
    assert spoken.code == 0
    assert reason in bad["rejected"]["receipt"]
    assert (bad["total"], good["total"], good["rejected"]) == (None, "12.50", {})


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        pytest.param("nowhere", "nowhere does not exist", id="a path that is not there"),
        pytest.param("empty", "empty holds no .txt files", id="a folder without receipts"),
    ],
)
def test_receipts_that_are_not_there_end_the_run(shell: Shell, here: Path, name: str, complaint: str) -> None:
    """Exit 3 with the path; the run is in the journal and can be looked at."""
    (here / "empty").mkdir()

    spoken = shell("run", RECEIPTS, name, "--tokens", 20_000)

    assert (spoken.code, spoken.out) == (Exit.CONFIGURATION, "")
    assert complaint in spoken.err
    assert "Traceback" not in spoken.err
    assert result(here)["exit_code"] == 3


# pipeline files


@pytest.mark.parametrize(
    ("text", "complaints"),
    [
        pytest.param("import no_such_module", ["file.py:1", "no_such_module"], id="does not import"),
        pytest.param("\n\ndef f(:\n", ["file.py:3", "SyntaxError"], id="is no Python"),
        pytest.param("\nraise SystemExit(0)", ["file.py:2", "cannot be imported"], id="exits"),
        pytest.param("x = 1", ["no pipelines", "mark one with @pipeline"], id="holds none"),
        pytest.param(ASKS + "\n\nother = pipeline(lambda: 1)\n", ["choose one of", ":capitals", ":other"], id="two"),
        pytest.param("\0", ["cannot be imported"], id="is binary"),
        pytest.param(ASKS, ["countries", "capitals("], id="gets no arguments"),
    ],
)
def test_a_file_that_is_no_pipeline_is_named(shell: Shell, here: Path, text: str, complaints: list[str]) -> None:
    """With the line, or with what there is to choose from."""
    (here / "file.py").write_text(text)

    refused(here, shell("run", "file.py", "--tokens", 9), *complaints)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        pytest.param("nowhere.py", "no file nowhere.py", id="is missing"),
        pytest.param("folder", "folder", id="is a folder"),
        pytest.param("asks.txt", "must end in .py", id="has another name"),
        pytest.param("asks.py:nobody", "it has capitals", id="lacks the function"),
        pytest.param("asks.py:capital", "no pipeline; mark it with @pipeline", id="has a step of that name"),
    ],
)
def test_a_reference_that_leads_nowhere_is_named(
    shell: Shell, here: Path, asks: Path, name: str, complaint: str
) -> None:
    """Where was looked, and what should stand there."""
    (here / "folder").mkdir()
    (here / "asks.txt").write_text(asks.read_text())

    refused(here, shell("run", name, "France", "--tokens", 9), complaint)


def test_a_value_that_is_no_json_is_not_lost_in_silence(shell: Shell, here: Path) -> None:
    """A pipeline that returns what cannot be kept ends with a bug's code, and says which type it was."""
    (here / "odd.py").write_text("from agentflow import pipeline\n\n\n@pipeline\ndef odd():\n    return object()\n")

    spoken = shell("run", "odd.py", "--tokens", 9)

    assert spoken.code != 0
    assert "JSON" in spoken.err


# runs


def test_a_run_that_is_at_work_cannot_be_resumed(here: Path) -> None:
    """Exit 75 with the process to wait for; the one at work goes on."""
    (here / "waits.py").write_text(WAITS)
    command = [sys.executable, "-m", "agentflow", "run", "waits.py", "--tokens", "9"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as first:
        assert first.stderr is not None
        while "at work" not in first.stderr.readline():
            assert first.poll() is None

        second = agentflow("resume")
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=30)

    assert (second.returncode, first.returncode) == (75, 130)
    assert f"process {first.pid}" in second.stderr
    assert result(here)["status"] == "cancelled"


def test_a_run_that_never_was_cannot_be_resumed(shell: Shell, here: Path, doubles: Path) -> None:
    """The shell and Python say where they looked."""
    shell("run", doubles, 1, "--tokens", 9)

    refused(here, shell("resume", "nobody"), "no run 'nobody'", "agentflow runs")
    with pytest.raises(UnknownRun, match="no run 'nobody'"):
        resume("nobody")


def test_a_result_of_yesterday_is_not_left_lying(shell: Shell, here: Path, doubles: Path) -> None:
    """Whoever looks after a refusal must not find an old success."""
    shell("run", doubles, 1, "--tokens", 9)
    assert result(here)["status"] == "accepted"

    shell("run", "nowhere.py", "--tokens", 9)

    assert result(here)["status"] == "refused"


def test_a_full_disk_loses_nothing_that_was_acknowledged(here: Path, doubles: Path) -> None:
    """The run ends with the journal's name, and the journal can still be read."""
    store = open_store(here / ".agentflow" / "state.db")
    store.append(RunStarted("r1", "p.py:p", "h", "{}", Budget(tokens=9).to_json(), "[]", "{}")).result()
    store.close()

    def limit_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))

    full = agentflow("run", doubles, *range(999), "--tokens", 9, preexec_fn=limit_files)
    after = agentflow("status", "r1")

    assert full.returncode == Exit.CONFIGURATION
    assert "Traceback" not in full.stderr
    assert (after.returncode, after.stdout[:14]) == (0, "r1 interrupted")


# configuration


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("[budget\nusd = 1", "cannot be read", id="is no TOML"),
        pytest.param("[budgt]\nusd = 1", "did you mean 'budget'", id="has an unknown table"),
        pytest.param("[budget]\nusb = 1", "did you mean 'usd'", id="has an unknown limit"),
        pytest.param("[budget]\nusd = -1", "from 0 up", id="has a negative budget"),
        pytest.param("[budget]\nusd = 'abc'", "must be a number", id="has a word for money"),
        pytest.param("ladder = 5", "must be a list of tiers", id="has a number for a ladder"),
    ],
)
def test_a_broken_configuration_is_named(shell: Shell, here: Path, doubles: Path, text: str, complaint: str) -> None:
    """File, key and what was probably meant; a `result.json` lies where the journal would."""
    (here / "agentflow.toml").write_text(text)

    refused(here, shell("run", doubles, 1, "--tokens", 9), str(here / "agentflow.toml"), complaint)


def test_a_misspelt_variable_is_no_budget(
    shell: Shell, here: Path, doubles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit that is silently ignored is none."""
    monkeypatch.setenv("AGENTFLOW_MAX_UDS", "1")

    refused(here, shell("run", doubles, 1, "--tokens", 9), "AGENTFLOW_MAX_USD")
