"""The report as people and programs read it: its lines, its widths, its JSON, its figures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from journals import CHEAP, STRONG, attempt, started, step, three_steps, write

from agentflow.events import CallId, CallIntended, CallLost, RunFinished
from agentflow.report import Report, render, summarise, to_json
from agentflow.report.figures import count_text, line_text, seconds_text, usd_text
from agentflow.store.sqlite import SQLiteStore, open_store
from agentflow.usage import Amount


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteStore]:
    """An empty journal."""
    opened = open_store(tmp_path / "state.db")
    yield opened
    opened.close()


def exhausted(store: SQLiteStore) -> Report:
    write(store, *three_steps()[:-1], RunFinished("r1", "budget_exhausted", limit_hit="usd of the run"))
    return summarise(store, "r1")


def test_the_text_says_it_all_in_a_hundred_columns(store: SQLiteStore) -> None:
    """Spent, table, reasons, what stopped it and the way on, without a colour."""
    text = render(exhausted(store))

    assert max(map(len, text.splitlines())) <= 100
    assert "\x1b" not in text
    for part in (
        "budget_exhausted",
        "$0.00000156 of $0.50",
        "n: 3",
        "1 × total occurs_in:total",
        "12.50 is not in the receipt",
        f"{STRONG} alone",
        "Stopped: budget_exhausted, by the limit on usd of the run",
        "agentflow resume r1 --usd 1",
    ):
        assert part in text


@pytest.mark.parametrize("width", [60, 72, 80, 100])
def test_a_narrow_terminal_gets_fewer_figures(store: SQLiteStore, width: int) -> None:
    """Names stay whole, no line is broken by the terminal, and tries and cost are always there."""
    lines = render(exhausted(store), width=width).splitlines()

    assert max(map(len, lines)) <= width
    heads = next(line for line in lines if "tried" in line)
    assert "cost" in heads
    assert any(line.startswith(f"  {STRONG} ") for line in lines)


def test_a_lost_request_is_named_where_money_was_charged(store: SQLiteStore) -> None:
    """Whoever compares with a provider's bill finds each request that nobody can vouch for."""
    lost = [CallId("r1", f"/r/total#{letter}", "k", 0) for letter in "abcdefg"]
    intents = [CallIntended(id, CHEAP, CHEAP, Amount(500, 50, 1), "byte", 10) for id in lost]
    write(store, started(), *intents, *(CallLost(id, "timeout") for id in lost))

    report = summarise(store, "r1")

    assert [call.path for call in report.unknown_calls] == [id.path for id in lost]
    assert f"50 tokens, 1 call {CHEAP} /r/total#a: timeout" in render(report)
    assert "and 2 more" in render(report)


def test_colours_are_on_request(store: SQLiteStore) -> None:
    """Only a terminal gets them."""
    assert "\x1b[" in render(exhausted(store), colour=True)


def test_a_model_cannot_steer_the_terminal(store: SQLiteStore) -> None:
    """Escapes, line breaks and endless words of an answer are shown as one short line."""
    nasty = attempt(CHEAP, accepted=False, feedback="\x1b[2J\x07evil\n" + "x" * 500)
    write(store, started(), step("/r/total#a", nasty, status="rejected"))

    text = render(summarise(store, "r1"))

    assert "\x1b" not in text
    assert "\x07" not in text
    assert max(map(len, text.splitlines())) <= 100


def test_the_json_says_the_same(store: SQLiteStore) -> None:
    """One object with a schema version, money as text and as nano-USD."""
    plain = json.loads(to_json(exhausted(store)))

    assert (plain["schema"], plain["kind"], plain["status"]) == (1, "report", "budget_exhausted")
    assert plain["spent"] == {"usd": "0.00000156", "nano_usd": 1_560, "tokens": 440, "calls": 4}
    assert plain["steps"][0]["tiers"][1]["tier"] == CHEAP
    assert plain["stop"]["command"] == "agentflow resume r1 --usd 1"


@pytest.mark.parametrize(
    ("nano", "text"),
    [
        pytest.param(None, "unknown", id="unknown is not zero"),
        pytest.param(0, "$0", id="nothing"),
        pytest.param(1, "$0.000000001", id="the smallest amount"),
        pytest.param(123_456, "$0.000123", id="three digits below a dollar"),
        pytest.param(500_000_000, "$0.50", id="two places at least"),
        pytest.param(1_234_567_000_000, "$1,234.57", id="two places above"),
    ],
)
def test_money_is_readable_at_any_size(nano: int | None, text: str) -> None:
    """Something that cost money never reads as $0.00."""
    assert usd_text(nano) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (0, "0 ms"),
        (0.0004, "0.4 ms"),
        (0.25, "250 ms"),
        (1.44, "1.4 s"),
        (125, "2 min 05 s"),
        (7500, "2 h 05 min"),
    ],
)
def test_times_are_readable_at_any_size(seconds: float | None, text: str) -> None:
    """Two units at most."""
    assert seconds_text(seconds) == text


def test_counts_and_lines_are_short() -> None:
    """Millions are abbreviated; a long line ends in an ellipsis."""
    assert (count_text(12_345), count_text(1_250_000)) == ("12,345", "1.2M")
    assert line_text("one\ttwo\n three" + "x" * 99, 12) == "one two thr…"
