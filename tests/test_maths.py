"""The maths pipeline: how a problem and its solutions are read, what is believed, and what a recording comes to."""

from __future__ import annotations

import gzip
import importlib
import json
import math
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow import Budget, ConfigurationError, Ladder, Price, Tier, run
from agentflow.testing import RecordedEngine

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "pipelines"))  # where `agentflow run` finds a pipeline's neighbours
maths = importlib.import_module("maths")
rules = importlib.import_module("maths_rules")
answer = importlib.import_module("maths_rules.answer")
misreading = importlib.import_module("maths_rules.misreading")
quantities = importlib.import_module("maths_rules.quantities")
working = importlib.import_module("maths_rules.working")

EGGS = "Ada has 4 boxes of 6 eggs. She breaks 5 eggs. How many eggs are left?"
GOOD = "Ada has 4 * 6 = <<4*6=24>>24 eggs.\nShe keeps 24 - 5 = <<24-5=19>>19 eggs.\n#### 19"
WRONG = "Ada has 4 + 6 = 10 eggs.\nShe keeps 10 - 5 = 5 eggs.\n#### 5"


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        pytest.param("3 apples and 1,200 pears", [3, 1200], id="figures"),
        pytest.param("twenty-five hens and half a dozen eggs", [25, Fraction(1, 2), 12], id="words"),
        pytest.param("two thirds of 30%", [Fraction(2, 3), 30], id="counted parts and percents"),
        pytest.param("1 1/2 cups, .5 spoons", [Fraction(3, 2), Fraction(1, 2)], id="mixed and bare fractions"),
        pytest.param("on the second day", [], id="no ordinals"),
        pytest.param("1/0 and " + "9" * 5000, [], id="nothing that is no number"),
    ],
)
def test_the_numbers_of_a_problem_are_found(problem: str, expected: list[Any]) -> None:
    """A problem states numbers in figures and in words, and each is read exactly."""
    assert [each.value for each in quantities.quantities(problem)] == expected


@pytest.mark.parametrize(
    ("problem", "solution", "expected"),
    [
        pytest.param("How many carts?", "So 9 / 3 = 3 carts.\n#### 3", 3, id="marked"),
        pytest.param("How many carts?", "9 / 3 = 3. Thus 3 carts are needed for the 9 stones.", 3, id="a result"),
        pytest.param("How far in 7 hours?", "She goes 20 + 30 = 50 miles in 7 hours.", 50, id="not the last number"),
        pytest.param("How many cups and mugs?", "#### 3 cups and 4 mugs", 7, id="two amounts asked together"),
        pytest.param("What is it, in cents?", "So $0.20 each, that is 20 cents each.", 20, id="in the asked unit"),
        pytest.param("Which place?", "7 - 1 = 6th place\n#### 6th place", 6, id="an ordinal"),
        pytest.param("How much?", "It costs $1,234.50.", Fraction(2469, 2), id="money"),
        pytest.param("How cold?", "2 - 8 = -6, so it is -6 degrees.", -6, id="below zero"),
        pytest.param("How many?", "Nobody knows.", None, id="no number"),
        pytest.param("How many?", "", None, id="nothing"),
    ],
)
def test_the_answer_is_read_as_a_person_would(problem: str, solution: str, expected: Any) -> None:
    """The answer is what the last words say, not the last number of the text."""
    assert answer.said_answer(problem, solution) == expected


@pytest.mark.parametrize(
    ("solution", "expected"),
    [
        pytest.param("21 x 52 = 1104\n1104 + 50 = 1154\n#### 1154", 1142, id="carried on"),
        pytest.param("30 * 50 - 20 = <<30*50-20=1500-20=1420>>1420\n#### 1420", 1480, id="in an annotation"),
        pytest.param("(2 + 3) * 4 = 5 * 4 = 24\n#### 24", 20, id="in a chain"),
        pytest.param("10 / 3 = 3.33\n#### 3.33", Fraction(333, 100), id="not where it was rounded"),
        pytest.param("45 - 5 = 40 / 2 = 20\n#### 20", 20, id="not in a sloppy chain"),
        pytest.param("4 feet + 3 inches = 51 inches\n#### 51", 51, id="not where words stand between"),
        pytest.param("50 * $0.20 = 1000 cents\n#### 1000", 1000, id="not where dollars become cents"),
    ],
)
def test_a_slip_of_arithmetic_is_mended(solution: str, expected: Any) -> None:
    """What is written as arithmetic is done again, and what follows from it too; where in doubt it stands."""
    assert answer.answer_of("How much is it?", solution) == expected


@pytest.mark.parametrize(
    ("question", "problem", "solution"),
    [
        pytest.param(
            "is_wrong_way", "Bo has 40 fewer pens than Al, who has 90.", "90 + 40 = 130", id="fewer was added"
        ),
        pytest.param(
            "is_discount_as_price", "A $50 hat at 80% off costs what?", "50 * 0.8 = 40", id="the part taken off"
        ),
        pytest.param(
            "is_odd_operation", "He had 9 and ate 2. How many are left?", "9 + 2 = 11", id="left without minus"
        ),
        pytest.param(
            "is_part_for_total",
            "Al has 38 pens and 6 more caps than pens. How many in all?",
            "38 + 6 = 44",
            id="a part",
        ),
    ],
)
def test_a_misreading_is_noticed(question: str, problem: str, solution: str) -> None:
    """Words of the problem that the operations contradict are found."""
    number = solution.split()[-1]

    assert getattr(misreading, question)(rules.Draft(problem, f"{solution}\n#### {number}"))
    assert not getattr(misreading, question)(rules.Draft(EGGS, GOOD))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.text(alphabet="0123456789+-*/=().,<>$%x A#\n", max_size=400))
def test_no_text_breaks_the_reading(problem: str, solution: str) -> None:
    """Whatever is written, the evidence is finite numbers under the same names."""
    found = rules.evidence(rules.Draft(problem, solution), {"other": rules.Draft(problem, GOOD)})

    assert all(math.isfinite(value) for value in found.values())
    assert found.keys() == rules.evidence(rules.Draft(EGGS, GOOD), {"other": rules.Draft(EGGS, GOOD)}).keys()


def test_a_long_answer_is_read_in_bounded_time() -> None:
    """A million signs in a row are no calculation and cost no more than the part that is read."""
    assert working.calculations("1 + " * 250_000 + "= 3") == ()


BROKEN = rules.Policy(trusted={"strong": math.inf}).to_json()


def policy_for(height: float) -> Any:
    """A policy that believes `small` from *height* on when `helper` says the same, and trusts `strong`."""
    weights = rules.Weights(-2.0, {"same_as:helper": 4.0})
    return rules.Policy({"small": rules.Judged(weights, rules.Bar(height))}, frozenset({"helper"}), {"strong": 0.9})


def tier(name: str, *samples: str) -> Tier:
    """A tier that answers the one problem from a recording."""
    price = Price.per_million(1, 1)
    return Tier(f"recorded/{name}", name=name, price=price, engine=RecordedEngine({EGGS: samples}))


def solved(tmp_path: Path, policy: Any, *tiers: Tier) -> Any:
    """The outcome of one performance of the step, inside a run."""
    outcomes = []

    async def solve() -> None:
        outcomes.append(await maths.solving(policy).aperform(problem=EGGS))

    work = importlib.import_module("agentflow").pipeline(solve)
    run(work(), ladder=Ladder(*tiers), budget=Budget(usd=1), state=tmp_path, resumable=False)
    return outcomes[0]


def test_a_cheap_answer_is_believed_when_others_agree(tmp_path: Path) -> None:
    """Evidence from earlier tiers lifts an answer over the bar, and the strong tier is never asked."""
    outcome = solved(tmp_path, policy_for(0.8), tier("helper", GOOD), tier("small", GOOD), tier("strong", GOOD))

    assert outcome.accepted
    assert outcome.value.answer == Decimal(19)
    assert [each.tier for each in outcome.attempts] == ["helper", "small"]
    assert outcome.attempts[-1].verdict.score == pytest.approx(1 / (1 + math.exp(-2)))


def test_a_doubtful_answer_sends_the_problem_up(tmp_path: Path) -> None:
    """An answer below the bar is not accepted, and no later tier is told of it."""
    strong = tier("strong", GOOD)
    outcome = solved(tmp_path, policy_for(0.8), tier("helper", GOOD), tier("small", WRONG), strong)

    assert outcome.attempts[-1].tier == "strong"
    assert outcome.value.answer == Decimal(19)
    assert [part.text for part in strong.engine.requests[0].messages[-1].parts] == [EGGS]


def test_an_answer_without_a_number_is_never_accepted(tmp_path: Path) -> None:
    """Not even the trusted tier is believed when it says nothing."""
    outcome = solved(tmp_path, policy_for(0.0), tier("strong", "I do not know."))

    assert outcome.status == "rejected"
    assert outcome.attempts[-1].verdict.kind == "no_number"


def test_a_tier_without_a_sample_is_skipped(tmp_path: Path) -> None:
    """A recording that ran out is no answer, and the next tier is asked."""
    outcome = solved(tmp_path, policy_for(0.0), tier("small"), tier("strong", GOOD))

    assert [each.tier for each in outcome.attempts] == ["strong"]


@pytest.mark.parametrize(
    ("solution", "is_accepted"),
    [pytest.param(GOOD, True, id="faultless"), pytest.param("#### 19", False, id="figures it never used")],
)
def test_a_tier_nobody_knows_is_believed_without_faults(tmp_path: Path, solution: str, is_accepted: bool) -> None:
    """Without labels for a tier, its answer must show no fault at all."""
    outcome = solved(tmp_path, rules.Policy(), tier("any", solution))

    assert outcome.accepted == is_accepted


def test_a_bar_is_lower_where_the_next_tier_is_dearer() -> None:
    """The longer problem and solution are, the more doubt is worth keeping."""
    bar = rules.Bar(0.9, per_problem_character=0.001, per_solution_character=0.01)

    assert bar.over("p" * 100, "s" * 10) == pytest.approx(0.7)


def test_a_policy_is_the_same_after_reading(tmp_path: Path) -> None:
    """What is written is what is read."""
    file = tmp_path / "policy.json"
    file.write_text(policy_for(0.5).to_json(), encoding="utf-8")

    assert rules.load_policy(file) == policy_for(0.5)


@pytest.mark.parametrize("text", ["", "[]", '{"version": 2}', '{"version": 1}', '{"version": 1, "judged": 3}', BROKEN])
def test_what_is_no_policy_is_refused(tmp_path: Path, text: str) -> None:
    """A policy that is not understood is never half believed."""
    file = tmp_path / "policy.json"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError, match=r"policy\.json holds no policy"):
        rules.load_policy(file)


def test_the_pipeline_answers_a_file_of_problems(tmp_path: Path) -> None:
    """Each line is a problem, and the answer is written as people write it."""
    file = tmp_path / "problems.txt"
    file.write_text(f"{EGGS}\n\n", encoding="utf-8")

    outcome = run(maths.maths([str(file)]), ladder=Ladder(tier("any", GOOD)), budget=Budget(usd=1), state=tmp_path)

    assert [record["answer"] for record in outcome.value] == ["19"]


def recorded_set(folder: Path, truth: str) -> Path:
    """A set of one problem, in the format of recorded sets."""
    samples = dict.fromkeys(
        ("gpt3-6b-finetuned", "gpt3-6b-verifier", "mixtral-8x7b-instruct", "gpt-4-1106-preview"), GOOD
    )
    row = {"question": EGGS, "answer": truth, "samples": samples, "recorded_correct": {"gpt-4-1106-preview": True}}
    file = folder / f"set-{truth}.jsonl.gz"
    file.write_bytes(gzip.compress(json.dumps(row).encode()))
    return file


@pytest.mark.parametrize(("truth", "right"), [("19", 1), ("20", 0)])
def test_a_recorded_set_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str], truth: str, right: int) -> None:
    """The truth decides what counts as right, and changes nothing that is asked, accepted or paid."""
    recorded = importlib.import_module("tests.benchmarks.recorded")

    recorded.main(["gsm8k", str(recorded_set(tmp_path, truth)), "--json"])

    told = json.loads(capsys.readouterr().out)
    assert (told["n"], told["right"]["count"], told["accepted"]["count"]) == (1, right, 1)
    assert told["tiers"]["mixtral-8x7b-instruct"]["accepted"]["count"] == 1
    assert 0 < told["share_of_strong_cost"] < 1


def test_what_is_no_recorded_set_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong file ends the benchmark with 2 and one line."""
    recorded = importlib.import_module("tests.benchmarks.recorded")
    file = tmp_path / "other.jsonl"
    file.write_text('{"a": 1}\n', encoding="utf-8")

    with pytest.raises(SystemExit, match="2"):
        recorded.main(["gsm8k", str(file)])
    assert "is no recorded set" in capsys.readouterr().err
