"""Truth about outcomes: rows of labels, what they name, what they say of every attempt, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from journals import CHEAP, STRONG, attempt, started, step, write

from agentflow.calibration.labelling import NoJson, read_lines, write_labels
from agentflow.calibration.outcomes import known_outcomes
from agentflow.errors import BadLabels, StoreFailed, UnknownRun
from agentflow.events import OutcomeLabelled, RunFinished
from agentflow.report import render, summarise
from agentflow.scope import fingerprint
from agentflow.store.sqlite import SQLiteStore, open_store

ASKED = {"n": 3}
PATH = f"/r/total#{fingerprint(ASKED)}"


def total(path: str, value: object, *attempts: dict[str, Any], **more: Any) -> Any:
    """A finished step that gave this total."""
    return step(path, *(attempts or (attempt(CHEAP),)), prediction=json.dumps({"total": value}), **more)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteStore]:
    """A journal of four outcomes: two right ones, one that took two tries, one rejected."""
    opened = open_store(tmp_path / "state.db")
    wrong = attempt(CHEAP, accepted=False, prediction={"total": "12,50"})
    write(
        opened,
        started(),
        total(PATH, "12.50", inputs=json.dumps(ASKED)),
        total(f"{PATH}.1", "12.50", inputs=json.dumps(ASKED)),
        total("/r/total#b", "7", wrong, attempt(STRONG)),
        total("/r/total#c", "9", wrong, attempt(STRONG, accepted=False, prediction={"total": "9"}), status="rejected"),
        total("/r/total#c/check:acme#d", "9"),
    )
    yield opened
    opened.close()


def judged(store: SQLiteStore) -> dict[str, list[bool | None]]:
    """By path, which attempts were right."""
    return {each.path: [one.is_right for one in each.tries] for each in known_outcomes(store, ["r1"])}


# what is named


@pytest.mark.parametrize(
    ("row", "paths"),
    [
        pytest.param({"path": PATH, "right": True}, {PATH}, id="a path"),
        pytest.param({"path": "*#b", "right": False}, {"/r/total#b"}, id="a pattern"),
        pytest.param({"path": f"{PATH}*", "right": True}, {PATH, f"{PATH}.1"}, id="a pattern of equal predictions"),
        pytest.param({"step": "total", "inputs": ASKED, "value": 12.5}, {PATH, f"{PATH}.1"}, id="step and inputs"),
        pytest.param(
            {"path": "/r/*", "correct": {"total": 7}}, {PATH, f"{PATH}.1", "/r/total#b", "/r/total#c"}, id="all"
        ),
    ],
)
def test_a_row_names_outcomes(store: SQLiteStore, row: object, paths: set[str]) -> None:
    """By path, by pattern, or by what was asked; never what was performed for a validator."""
    done = write_labels(store, "r1", [row])

    assert set(store.labels("r1")) == paths
    assert (done.labelled, done.known, done.outcomes) == (len(paths), len(paths), 4)


def test_inputs_that_json_says_otherwise_are_found_by_what_the_journal_shows(tmp_path: Path) -> None:
    """A Decimal is a text in JSON; its hash is another."""
    store = open_store(tmp_path / "state.db")
    write(store, started(), total("/r/total#zz", "1", inputs='{"price": "12.50"}'))

    write_labels(store, "r1", [{"step": "total", "inputs": {"price": "12.50"}, "right": True}])

    assert list(store.labels("r1")) == ["/r/total#zz"]
    store.close()


# what is said


def test_right_values_judge_every_attempt(store: SQLiteStore) -> None:
    """Values are compared by what they mean, so a right answer that was rejected is known."""
    write_labels(store, "r1", [{"path": "/r/total#b", "correct": {"total": "12.5"}}])

    assert judged(store)["/r/total#b"] == [True, False]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param({"right": True}, [None, True], id="right says nothing of other answers"),
        pytest.param({"right": False}, [None, False], id="nor does wrong"),
        pytest.param({"right": True, "field": "total"}, [False, True], id="but a right field has one value"),
    ],
)
def test_a_word_about_the_prediction_is_about_equal_ones(
    store: SQLiteStore, row: dict[str, Any], expected: list[bool | None]
) -> None:
    """What the label cannot tell stays unknown."""
    write_labels(store, "r1", [{"path": "/r/total#b", **row}])

    assert judged(store)["/r/total#b"] == expected


def test_right_values_hold_wherever_the_same_was_asked(store: SQLiteStore) -> None:
    """In every run and at every place; a word about one prediction does not."""
    write_labels(store, "r1", [{"path": PATH, "value": "12.50", "field": "total"}])

    assert judged(store)[f"{PATH}.1"] == [True]


@pytest.mark.parametrize(("kind", "expected"), [("parse", False), ("occurs_in:total", None)])
def test_what_could_not_be_read_was_not_right(store: SQLiteStore, kind: str, expected: bool | None) -> None:
    """But an attempt of an older journal, which kept no prediction, is unknown."""
    write(store, total("/r/total#old", "5", attempt(CHEAP, accepted=False, kind=kind), attempt(STRONG)))

    write_labels(store, "r1", [{"path": "/r/total#old", "correct": {"total": 5}}])

    assert judged(store)["/r/total#old"] == [expected, True]


# latest wins, nothing twice


def test_the_same_label_again_writes_nothing(store: SQLiteStore) -> None:
    """Labelling is idempotent."""
    rows = [{"path": PATH, "right": True, "by": "ann"}, {"path": "/r/total#b", "value": 1}]
    write_labels(store, "r1", rows)

    again = write_labels(store, "r1", rows)

    assert (again.labelled, again.changed, again.unchanged) == (0, 0, 2)


def test_the_latest_label_counts(store: SQLiteStore) -> None:
    """Whoever was wrong can say so."""
    write_labels(store, "r1", [{"path": PATH, "right": False}])

    changed = write_labels(store, "r1", [{"path": PATH, "right": True}])

    assert (changed.labelled, changed.changed) == (1, 1)
    assert judged(store)[PATH] == [True]


def test_fields_are_labelled_one_by_one(store: SQLiteStore) -> None:
    """Rows about different fields of one outcome add up, in one file or in two."""
    write(store, step("/r/shop#s", attempt(CHEAP), prediction='{"shop": "A", "day": "2026-01-02"}'))
    write_labels(store, "r1", [{"path": "/r/shop#s", "field": "shop", "value": "a"}])

    write_labels(store, "r1", [{"path": "/r/shop#s", "field": "day", "value": "3 January 2026"}])

    assert json.loads(store.labels("r1")["/r/shop#s"])["correct"] == {"shop": "a", "day": "3 January 2026"}
    assert judged(store)["/r/shop#s"] == [False]


# what is refused


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        pytest.param(NoJson("{oops"), "is no JSON: '{oops'", id="garbage"),
        pytest.param([1], "is no JSON object", id="a list"),
        pytest.param({"path": PATH}, "says nothing", id="no truth"),
        pytest.param({"right": True}, "must name an outcome", id="no outcome"),
        pytest.param({"step": "total", "right": True}, "names only half an outcome", id="no inputs"),
        pytest.param({"path": PATH, "step": "total", "right": True}, "either by path or by step", id="two names"),
        pytest.param({"path": PATH, "right": "yes"}, "right is 'yes'; give true or false", id="a word for a bool"),
        pytest.param({"path": PATH, "rihgt": True}, "unknown key 'rihgt'; it takes path", id="a misspelt key"),
        pytest.param({"path": "/r/totl#a", "right": True}, "no finished step of the run", id="an unknown path"),
        pytest.param({"step": "sum", "inputs": {}, "right": True}, "the run has finished total", id="an unknown step"),
        pytest.param({"path": PATH, "correct": {"totl": 1}}, "field 'totl'; .* has total", id="an unknown field"),
        pytest.param({"path": "/r/*", "right": True}, "different predictions at once", id="many predictions"),
        pytest.param({"path": PATH, "right": True, "correct": {"total": 3}}, "contradicts itself", id="contradiction"),
        pytest.param({"path": PATH, "field": "total", "value": 1, "correct": {"total": 2}}, "two right", id="two"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written(store: SQLiteStore, row: object, complaint: str) -> None:
    """With its number, what is wrong and the way out; good rows beside it wait."""
    good = {"path": PATH, "right": True}

    with pytest.raises(BadLabels, match=f"1 of 2 rows cannot be used: row 2: .*{complaint}"):
        write_labels(store, "r1", [good, row])

    assert store.labels("r1") == {}


def test_rows_that_contradict_each_other_are_refused(store: SQLiteStore) -> None:
    """A file has one truth; a later file may have another."""
    rows = [{"path": PATH, "value": 1}, {"path": "/r/total#b", "value": 1}, {"path": f"{PATH}*", "value": 2}]

    with pytest.raises(BadLabels, match="row 3: contradicts row 1 about 'total'"):
        write_labels(store, "r1", rows)


def test_unknown_outcomes_may_be_passed_over(store: SQLiteStore) -> None:
    """A file about a whole set labels a run over a part of it."""
    rows = [{"path": PATH, "right": True}, {"path": "/r/elsewhere#a", "right": True}]

    done = write_labels(store, "r1", rows, skip_unknown=True)

    assert (done.labelled, done.missing) == (1, 1)


def test_an_unknown_run_is_refused(store: SQLiteStore) -> None:
    """By name."""
    with pytest.raises(UnknownRun, match="r9"):
        write_labels(store, "r9", [])


def test_the_store_keeps_no_label_of_nothing(store: SQLiteStore) -> None:
    """Whoever writes events by hand is told as well."""
    with pytest.raises(StoreFailed, match="nothing to label"):
        store.append(OutcomeLabelled("r1", "/r/total#none", "{}")).result()


def test_lines_are_read_one_by_one() -> None:
    """Empty ones are none."""
    assert read_lines('{"a": 1}\n\n  \n[2]\nx') == [{"a": 1}, [2], "x"]


# beside the journal


def test_labels_are_counted_and_pruned_with_their_run(store: SQLiteStore) -> None:
    """The report says how many there are; what is deleted leaves none behind."""
    write_labels(store, "r1", [{"path": PATH, "right": True}])
    report = summarise(store, "r1")
    write(store, RunFinished("r1", "accepted"))

    assert report.labelled == 1
    assert "labelled" in render(report)
    assert store.prune(-1) == 1
    assert store.labels("r1") == {}


def test_the_command_labels_from_a_file(shell: Callable[..., Any], here: Path, doubles: Path) -> None:
    """Words on stderr, one object as JSON; a bad file exits 3 and names each bad row."""
    shell("run", doubles, "[1, 2, 3, 9]", "--no-budget")
    rows = [{"step": "double", "inputs": {"number": n}, "correct": {"double": 2 * n}} for n in (1, 2, 3, 9)]
    (here / "truth.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    (here / "bad.jsonl").write_text('{"path": "/x", "right": true}\n{"path": 3}\nnonsense')

    done = shell("label", "--jsonl", "truth.jsonl", "last", "--json").json
    bad = shell("label", "--jsonl", "bad.jsonl")

    assert (done["kind"], done["labelled"], done["known"]) == ("labels", 4, 4)
    assert (bad.code, bad.out) == (3, "")
    assert all(f"row {number}:" in bad.err for number in (1, 2, 3))
    assert shell("label", "--jsonl", "none.jsonl").code == 3
