"""The benchmarks: what the page says of a result, and that their own arithmetic is right. Nothing is measured here."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # benchmarks are run from the folder of the checkout
harness = importlib.import_module("tests.benchmarks.harness")
page = importlib.import_module("tests.benchmarks.page")
million = importlib.import_module("tests.benchmarks.million")
overshoot = importlib.import_module("tests.benchmarks.overshoot")

MISSED = harness.at_most("wall / ideal", 1.3, 1.15, unit="x")
MET = harness.at_least("calls of 10", 10, 10)
UNKNOWN = harness.at_most("fdatasync per step", None, 1)


def written(folder: Path, name: str, *goals: Any, is_quick: bool = False) -> None:
    """A result as `make bench` leaves it."""
    result = harness.Result(
        name.title(), list(goals), [harness.Table("AgentFlow", ("what", "figure"), [["steps", 1_000]])]
    )
    file = folder / f"{name}{'-quick' if is_quick else ''}.json"
    harness.write(result, name, file, quick=is_quick, started=0.0, load=0.0)


@pytest.mark.parametrize(
    ("goal", "line"),
    [
        pytest.param(MISSED, "| wall / ideal | ≤ 1.15x | 1.3 | **missed** | `kill` |", id="a miss is shown as one"),
        pytest.param(MET, "| calls of 10 | ≥ 10 | 10 | met | `kill` |", id="what is met is said to be"),
        pytest.param(UNKNOWN, "| fdatasync per step | ≤ 1 | – | not measured | `kill` |", id="unknown is not zero"),
    ],
)
def test_the_page_shows_every_goal_beside_its_figure(goal: Any, line: str, tmp_path: Path) -> None:
    """With what came of it, and where it was measured."""
    written(tmp_path, "kill", goal)

    assert line in page.page(page.read_results(tmp_path, quick=False))


def test_the_page_traces_every_figure_to_a_command_and_a_file(tmp_path: Path) -> None:
    """And says what was not measured at all."""
    written(tmp_path, "kill", MET)

    text = page.page(page.read_results(tmp_path, quick=False))

    assert "`python -m tests.benchmarks.kill" in text
    assert "`results/kill.json`" in text
    assert "There is no result of `overshoot`" in text


def test_quick_figures_never_reach_the_page(tmp_path: Path) -> None:
    """They only show that a benchmark runs."""
    written(tmp_path, "kill", MET, is_quick=True)

    assert page.read_results(tmp_path, quick=False) == {}
    assert "Small sizes" in page.page(page.read_results(tmp_path, quick=True))


def test_a_result_names_machine_versions_and_commit(tmp_path: Path) -> None:
    """So that it can be read in a year."""
    written(tmp_path, "kill", MET)

    plain = json.loads((tmp_path / "kill.json").read_text())

    assert plain["commit"]
    assert plain["machine"]["python"].startswith("3.")
    assert plain["versions"]["agentflow"]
    assert plain["goals"] == [asdict(MET)]


def test_the_towers_are_solved_by_the_right_moves() -> None:
    """The benchmark's own truth reaches the end in the fewest steps, each of them legal."""
    pegs = "A" * 6
    for _ in range(2**6 - 1):
        move = million.right_move(pegs)
        assert move in million.legal_moves(pegs)
        pegs = million.moved(pegs, f"{move[0]} {move[1]}")

    assert pegs == "C" * 6


def test_a_vote_takes_a_little_more_than_its_lead() -> None:
    """Three samples when nobody errs, and some more for the errors."""
    assert million.AHEAD < million.calls_per_step() < 1.02 * million.AHEAD


def test_the_fallible_model_errs_as_often_as_it_says() -> None:
    """Equally in every process, by the seed alone."""
    part = argparse.Namespace(text="[[ ## pegs ## ]]\nABC")
    request = argparse.Namespace(messages=[argparse.Namespace(parts=[part])])
    model, other = million.Fallible(7), million.Fallible(7)

    answers = [model(request) for _ in range(20_000)]

    assert answers == [other(request) for _ in range(20_000)]
    assert 140 < model.visible < 260
    assert 5 < model.invisible < 45


@pytest.mark.parametrize(
    ("limit", "billed", "ratio"),
    [(10, 10, 1.0), (200, 190, 0.95), (0, 0, 0.0), (0, 1, float("inf"))],
    ids=["all of it", "nearly all", "nothing of nothing", "something without an allowance"],
)
def test_a_bill_is_judged_by_its_limit(limit: int, billed: int, ratio: float) -> None:
    """What may not be billed at all is infinitely too much."""
    assert overshoot.Bill("any", limit, billed, 1).ratio == ratio
