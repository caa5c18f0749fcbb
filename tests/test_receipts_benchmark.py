"""The receipts benchmark: what it takes for a file, when it calls a value right, and how it counts."""

from __future__ import annotations

import gzip
import importlib
import json
import sys
from pathlib import Path

import pytest

from agentflow import ConfigurationError
from agentflow.gates import Gate
from agentflow.nano.train.generate import labelled

pytestmark = pytest.mark.slow

sys.path.insert(0, str(Path(__file__).parents[1]))  # benchmarks are run from the folder of the checkout
truth = importlib.import_module("tests.benchmarks.receipt_truth")
runs = importlib.import_module("tests.benchmarks.receipt_runs")
figures = importlib.import_module("tests.benchmarks.receipt_figures")
gates = importlib.import_module("tests.benchmarks.receipt_gate")
ladders = importlib.import_module("tests.benchmarks.receipt_ladders")
benchmark = importlib.import_module("tests.benchmarks.receipts")

ROWS = [
    {
        "id": "one",
        "lines": ["Oak Ltd", "14/03/2023 10:15", "2 Tea 5.00", "Subtotal 5.00", "VAT 1.00", "Total £6.00"],
        "key": {"company": "OAK LTD.", "date": "14/03/23", "total": "£6.00", "tax": "1.00"},
    },
    {
        "id": "two",
        "text": "Elm GmbH\n15.03.2023 11:15\nTee 5,00\nSumme 5,00",
        "company": "Somebody else",
        "date": "15.03.2023",
        "total": "nothing",
    },
]


def written(path: Path, rows: list[object]) -> Path:
    """A gzipped file of these rows."""
    path.write_bytes(gzip.compress("\n".join(json.dumps(row) for row in rows).encode()))
    return path


def tried(field: str, tier: str, value: str, *, accepted: bool, confidence: float = -0.1, id: str = "one") -> object:
    """One attempt of a model."""
    kind = "" if accepted else "not_the_total"
    return runs.Try(id, field, tier, False, accepted, kind, value, 250, 0, 0.5, confidence)


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        pytest.param("company", "OAK & Sons, Ltd.", "oak&sons ltd", id="case, spaces and punctuation"),
        pytest.param("date", "03/04/2021", "2021-04-03", id="the day before the month"),
        pytest.param("date", "3 APR 2021", "03-04-21", id="a month by its name"),
        pytest.param("total", "RM 1,234.50", "1234.5", id="currency and thousands"),
        pytest.param("total", "€1.234,50", "1234.50", id="a decimal comma"),
        pytest.param("total", "1,234", "1234.00", id="thousands alone"),
    ],
)
def test_two_ways_to_write_a_value_are_one(field: str, one: str, other: str) -> None:
    """Values are compared by what they mean."""
    assert truth.comparable(field, one) == truth.comparable(field, other) is not None


@pytest.mark.parametrize(
    ("field", "value"), [("date", "soon"), ("date", "31/02/2021"), ("total", "RM"), ("total", ""), ("company", "--")]
)
def test_what_means_nothing_has_no_comparable_form(field: str, value: str) -> None:
    """A truth that cannot be understood is no truth."""
    assert truth.comparable(field, value) is None


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        pytest.param(b"", "holds no receipts", id="empty"),
        pytest.param(b"{oops", "line 1 is not JSON", id="not JSON"),
        pytest.param(b"[]", "line 1 has no `lines`", id="not an object"),
        pytest.param(b'{"id": "a", "lines": [1]}', "line 1 has no `lines`", id="lines of numbers"),
        pytest.param(b'{"lines": ["a"]}', "line 1 has no `id`", id="no id"),
        pytest.param(b'{"id": "a", "lines": ["a"], "key": 3}', "line 1: `key` is 3", id="a key of another kind"),
        pytest.param(b'{"id": "a", "lines": []}\n{"id": "a", "lines": []}', "line 2: the id 'a'", id="an id twice"),
        pytest.param(b"\xff\xfe\x00", "cannot be read", id="binary"),
    ],
)
def test_a_file_of_garbage_is_refused_by_line(tmp_path: Path, content: bytes, complaint: str) -> None:
    """The first line that is no labelled receipt is named, with what it should be."""
    file = tmp_path / "rows.jsonl"
    file.write_bytes(content)

    with pytest.raises(ConfigurationError, match=complaint):
        truth.read_labelled(file)


def test_the_halves_are_told_by_the_id_alone(tmp_path: Path) -> None:
    """Calibration and test share nothing and leave nothing out."""
    file = written(tmp_path / "rows.jsonl.gz", [{"id": f"r{n}", "lines": ["Total 1.00"]} for n in range(40)])

    halves = [{row.id for row in truth.read_labelled(file, half)} for half in ("calibration", "test")]

    assert halves[0].isdisjoint(halves[1])
    assert len(halves[0] | halves[1]) == 40
    assert min(map(len, halves)) > 5


def test_generated_receipts_can_be_read_as_labelled_ones(tmp_path: Path) -> None:
    """Each seed is one line with its own id, and tells nearly always what makes a whole record."""
    file = tmp_path / "unseen.jsonl"
    file.write_text("\n".join(labelled("unseen", seed) for seed in range(20)), encoding="utf-8")

    rows = truth.read_labelled(file)

    assert [row.id for row in rows] == [f"unseen-{seed}" for seed in range(20)]
    assert sum(set(truth.WHOLE) <= set(row.truth) for row in rows) >= 14
    assert not any(row.unreadable for row in rows)


def test_a_small_file_is_measured_by_the_real_pipeline(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Right, wrong and unknown are told apart by field, in JSON whose keys are promised."""
    file, out = written(tmp_path / "rows.jsonl.gz", list(ROWS)), tmp_path / "out.json"

    benchmark.main([str(file), "--json", "--functions", "on", "--out", str(out)])

    told = json.loads(capsys.readouterr().out)
    assert told == json.loads(out.read_text())
    assert (told["n"], set(told["readings"])) == (2, {"on"})
    fields = told["readings"]["on"]["fields"]
    assert {field: each["right"]["count"] for field, each in fields.items()} == {
        "company": 1, "date": 2, "total": 1, "tax": 1,
    }  # fmt: skip
    assert fields["company"]["right_among_accepted"]["share"] == 0.5
    assert (fields["total"]["n"], fields["total"]["accepted_without_truth"]) == (1, 1)
    assert told["readings"]["on"]["records"]["right"]["count"] == 1
    assert told["readings"]["on"]["tiers"]["date_by_mention"]["date"]["attempts"] == 2


def test_wrong_answers_let_through_and_right_ones_refused_are_counted() -> None:
    """A validator errs in two ways, and each is a share of the answers on which it could."""
    row = truth.Labelled("one", "", {"total": "6.00"}, ())
    tries = (
        tried("total", "nano-s", "6.00", accepted=False),
        tried("total", "nano-s", "5.00", accepted=False),
        tried("total", "nano-m", "5.00", accepted=True),
    )
    reading = runs.Reading({"one": {"total": "5.00"}}, tries, 2.0, ("total",))

    told = figures.figures_of([row], reading)

    errors = told["validators"]["total"]
    assert (errors["false_accepts"]["count"], errors["false_accepts"]["of"]) == (1, 2)
    assert (errors["false_rejects"]["count"], errors["false_rejects"]["of"]) == (1, 1)
    assert errors["by_kind"] == {"not_the_total": {"rejected": 2, "right": 1}}
    assert told["unvalidated"]["total"]["right"]["count"] == 1
    assert told["tiers"]["nano-m"]["total"]["tokens"] == 250


def read_by(right: str, tokens: float, seconds: float) -> dict[str, object]:
    """A reading in which each letter is a receipt, right where it is large."""
    by_record = {f"{n}": {"right": sign.isupper(), "weighted_tokens": tokens} for n, sign in enumerate(right)}
    return {"seconds": seconds, "by_record": by_record}


def test_a_ladder_is_compared_receipt_by_receipt() -> None:
    """What one gains over the other comes with an interval, and costs as a share of the other's."""
    told = ladders.against(read_by("RRRw" * 25, 100, 3), read_by("RRww" * 25, 200, 6))

    assert told["right"]["value"] == 0.25
    assert 0.15 < told["right"]["low"] < 0.25 < told["right"]["high"] < 0.35
    assert told["weighted_tokens"] == {"value": 0.5, "low": 0.5, "high": 0.5}
    assert (told["n"], told["seconds"]) == (100, 0.5)


def test_ladders_on_other_receipts_are_not_compared() -> None:
    """A difference means something on the same receipts only."""
    with pytest.raises(ConfigurationError, match="other receipts; make both from the same file"):
        ladders.against(read_by("RR", 1, 1), read_by("RRR", 1, 1))


def test_a_token_counts_by_the_size_of_its_model() -> None:
    """The largest model's tokens count in full, a function's nothing."""
    weights = [ladders.weight_of(tier) for tier in ("local/nano-m", "local/nano-s", "total_by_label")]

    assert weights == sorted(weights, reverse=True)
    assert (weights[0], weights[2]) == (1.0, 0.0)


def test_models_can_be_chosen_and_functions_left_out() -> None:
    """The ladder of each step keeps what was asked for; a step of functions alone is then not there."""
    steps = runs.readers(functions=False, models=("nano-m",))

    assert {field: [tier.label for tier in step.ladder.tiers] for field, step in steps.items()} == {
        field: ["local/nano-m"] for field in ("company", "date", "total")
    }


@pytest.mark.parametrize("stale", ["", "nano-m.gguf sha256:0000000000000000"], ids=["unnamed", "others"])
def test_a_gate_of_other_weights_is_refused(tmp_path: Path, stale: str) -> None:
    """Thresholds hold for the weights on which they were fitted; the refusal says how to fit them again."""
    gate = gates.fitted([], [], target=0.9, source="made up")
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(gate.to_json())
    bad.write_text(gate.to_json().replace(runs.receipts.weights_of("local/nano-m"), stale))

    assert set(runs.receipts.gated(good)) == set(runs.receipts.UNGATED)
    with pytest.raises(ConfigurationError, match=r"no threshold of local/nano-m .* fit them again: python -m"):
        runs.receipts.gated(bad)


def test_thresholds_are_fitted_on_what_the_validators_let_through() -> None:
    """Sixty right answers of high confidence and ten wrong ones of low confidence leave a threshold between them."""
    rows = [truth.Labelled(str(n), "", {"total": "6.00"}, ()) for n in range(70)]
    tries = [
        tried(
            "total",
            "local/nano-s",
            "6.00" if n < 60 else "5.00",
            accepted=True,
            confidence=-0.01 * n - (n >= 60) * 9,
            id=str(n),
        )
        for n in range(70)
    ]

    gate = gates.fitted(rows, tries, target=0.9, source="made up")

    entry = gate.of_step("read_total")["local/nano-s"]
    assert entry.threshold is not None
    assert entry.threshold > -9.7
    assert Gate.parse(gate.to_json()) == gate


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        pytest.param(["--half", "other"], "invalid choice", id="no such half"),
        pytest.param(["--limit", "0"], "no number of receipts", id="no receipts"),
        pytest.param(["--target", "1.5"], "no share", id="more than all"),
        pytest.param([], "cannot be read", id="no file"),
    ],
)
def test_a_call_that_means_nothing_ends_with_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], complaint: str
) -> None:
    """Exit code 2 and one complaint on stderr."""
    with pytest.raises(SystemExit, match="2"):
        benchmark.main([str(tmp_path / "none.jsonl"), *options])

    assert complaint in capsys.readouterr().err
