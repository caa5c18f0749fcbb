"""What the journal says about a run, counted by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentflow.budget import Budget
from agentflow.errors import UnknownRun
from agentflow.events import (
    AgentFinished,
    CallId,
    CallIntended,
    CallLost,
    CallSettled,
    Event,
    RunContinued,
    RunFinished,
    RunStarted,
    StepFinished,
)
from agentflow.prices import write_prices
from agentflow.redact import Redactor
from agentflow.report import Report, render, summarise, to_json
from agentflow.report.figures import count_text, line_text, seconds_text, usd_text
from agentflow.store.sqlite import SQLiteStore, open_store
from agentflow.usage import Amount, Price, Usage

CHEAP, STRONG = "acme/small", "acme/large"
PRICES = write_prices({CHEAP: Price.per_million(1, 2), STRONG: Price.per_million(10, 20)})
LADDER = json.dumps([["read_total", "function:read_total:x"], [CHEAP, f"{CHEAP}||1024|"], [STRONG, f"{STRONG}||1024|"]])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteStore]:
    """An empty journal."""
    opened = open_store(tmp_path / "state.db")
    yield opened
    opened.close()


def write(store: SQLiteStore, *events: Event) -> None:
    for event in events:
        store.append(event).result()


def started(**changes: Any) -> RunStarted:
    fields = {"budget": Budget(usd="0.50").to_json(), "ladder": LADDER, "prices": PRICES}
    return RunStarted("r1", "/p/receipts.py:receipts", "hash", "{}", **{**fields, **changes})


def attempt(tier: str, *, accepted: bool = True, usd: int = 0, **more: Any) -> dict[str, Any]:
    """One attempt as the journal keeps it: 100 tokens in, 10 out, unless a function answered."""
    by_function = "/" not in tier
    plain = {
        "tier": tier,
        "accepted": accepted,
        "score": 1.0 if accepted else 0.0,
        "kind": "" if accepted else "occurs_in:total",
        "feedback": "" if accepted else "12.50 is not in the receipt",
        "spent": {"usd": usd, "tokens": 0 if by_function else 110, "calls": 0 if by_function else 1},
        "usage": {"input_tokens": 0 if by_function else 100, "output_tokens": 0 if by_function else 10},
        "seconds": 0.5,
        "replayed": False,
        "by_function": by_function,
        "text": "",
    }
    return plain | more


def step(path: str, *attempts: dict[str, Any], status: str = "accepted", **more: Any) -> StepFinished:
    spent = Amount(*(sum(one["spent"][name] for one in attempts) for name in ("usd", "tokens", "calls")))
    fields = {"step": path.rpartition("/")[2].split("#")[0], "identity": "i", "prediction": "null", "spent": spent}
    feedback = attempts[-1]["feedback"] if attempts else ""
    return StepFinished(
        "r1", path, status=status, attempts=json.dumps(attempts), **{"feedback": feedback, **fields, **more}
    )


def call(path: str, key: str, spent: Amount, tier: str = CHEAP, *, bound: str = "byte") -> list[Event]:
    id = CallId("r1", path, key, 0)
    intended = CallIntended(id, tier, tier, Amount(9_999, 999, 1), bound, cap=10)
    return [intended, CallSettled(id, spent, Usage(100, 10), "{}", "stop")]


def three_steps() -> list[Event]:
    """A function answers one, the cheap model one at its second try, and nobody the third."""
    refused = [attempt("read_total", accepted=False), attempt(CHEAP, accepted=False, usd=120)]
    return [
        started(),
        step("/r/total#a", attempt("read_total")),
        step("/r/total#b", refused[0], refused[1], attempt(CHEAP, usd=120, seconds=1.5)),
        *call("/r/total#b", "k1", Amount(120, 110, 1)),
        *call("/r/total#b", "k2", Amount(120, 110, 1)),
        step("/r/total#c", *refused, attempt(STRONG, accepted=False, usd=1_200), status="rejected", inputs='{"n": 3}'),
        *call("/r/total#c", "k3", Amount(120, 110, 1)),
        *call("/r/total#c", "k4", Amount(1_200, 110, 1), STRONG),
        AgentFinished("r1", "/r/total#c", "rejected"),
        RunFinished("r1", "accepted", "[12.5]"),
    ]


def test_outcomes_are_counted_by_step_and_reason(store: SQLiteStore) -> None:
    """What was not accepted is grouped under the validator's last words."""
    write(store, *three_steps())

    report = summarise(store, "r1")

    assert (report.status, report.outcomes) == ("accepted", {"accepted": 2, "rejected": 1})
    assert report.agents == {"rejected": 1}
    (rejection,) = report.rejections
    assert (rejection.step, rejection.reason, rejection.count) == ("total", "occurs_in:total", 1)
    assert rejection.examples[0].feedback == "12.50 is not in the receipt"
    assert rejection.examples[0].inputs == '{"n": 3}'


def test_each_tier_answers_for_its_own(store: SQLiteStore) -> None:
    """Attempts, verdicts, escalations, tokens, cost and latency belong to the tier that caused them."""
    write(store, *three_steps())

    function, cheap, strong = summarise(store, "r1").steps[0].tiers

    assert (function.attempts, function.accepted, function.escalated, function.is_function) == (3, 1, 2, True)
    assert (cheap.attempts, cheap.accepted, cheap.rejected, cheap.escalated) == (3, 1, 2, 1)
    assert (cheap.input_tokens, cheap.output_tokens, cheap.spent.usd) == (300, 30, 360)
    assert (cheap.p50, cheap.p95) == (0.5, 1.5)
    assert (strong.spent.usd, strong.escalated, strong.reasons) == (1_200, 0, {"occurs_in:total": 1})


def test_tiers_add_up_to_the_total(store: SQLiteStore) -> None:
    """Nothing that was charged is missing from the table, and nothing stands in it twice."""
    write(store, *three_steps())

    report = summarise(store, "r1")

    assert sum(tier.spent.usd for step in report.steps for tier in step.tiers) == report.spent.usd == 1_560


def test_an_accepted_outcome_carries_the_cost_of_the_others(store: SQLiteStore) -> None:
    """Cost per accepted outcome is everything charged, divided, rounded up."""
    write(store, *three_steps())

    assert summarise(store, "r1").cost_per_accepted == 780


def test_without_acceptance_there_is_no_cost_per_outcome(store: SQLiteStore) -> None:
    """None is not zero."""
    write(store, started(), step("/r/total#c", attempt(CHEAP, accepted=False, usd=5), status="rejected"))

    report = summarise(store, "r1")

    assert (report.cost_per_accepted, report.status) == (None, "interrupted")


def test_the_top_tier_is_estimated_from_what_it_did(store: SQLiteStore) -> None:
    """Its attempts of this run are the best witness: two accepted at 1,200 each."""
    write(store, *three_steps())

    estimate = summarise(store, "r1").top_tier

    assert estimate is not None
    assert (estimate.tier, estimate.amount.usd, estimate.covers, estimate.of) == (STRONG, 2_400, 2, 2)
    assert "mean cost" in estimate.how


def test_an_unseen_top_tier_is_estimated_from_its_price(store: SQLiteStore) -> None:
    """100 tokens in at 10 USD and 10 out at 20 USD per million are 1.2 milli-USD."""
    write(store, started(), step("/r/total#a", attempt(CHEAP, usd=120)), *call("/r/total#a", "k", Amount(120, 110, 1)))

    estimate = summarise(store, "r1").top_tier

    assert estimate is not None
    assert (estimate.tier, estimate.amount.usd) == (STRONG, 1_200_000)
    assert "price" in estimate.how


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([started(), step("/r/total#a", attempt("read_total"))], id="only functions answered"),
        pytest.param([started(prices="{}"), step("/r/t#a", attempt(CHEAP, usd=1))], id="the top tier has no price"),
        pytest.param([started()], id="nothing happened"),
    ],
)
def test_an_unknowable_top_tier_is_not_guessed(store: SQLiteStore, events: list[Event]) -> None:
    """No tokens seen or no price known: no estimate."""
    write(store, *events)

    assert summarise(store, "r1").top_tier is None


def test_a_step_with_a_ladder_of_its_own_has_its_own_top(store: SQLiteStore) -> None:
    """The strongest tier seen stands in where the run's ladder is not the step's."""
    tries = [attempt("own/a", accepted=False, usd=1), attempt("own/b", usd=8)]
    write(store, started(ladder="[]"), step("/r/total#a", *tries))

    estimate = summarise(store, "r1").top_tier

    assert estimate is not None
    assert (estimate.tier, estimate.amount.usd) == ("own/b", 8)


def test_lost_and_open_calls_are_listed(store: SQLiteStore) -> None:
    """What nobody can vouch for is counted apart, under the step that asked."""
    lost, open_ = CallId("r1", "/r/total#a", "k1", 0), CallId("r1", "/r/total#a", "k2", 0)
    intents = [CallIntended(id, CHEAP, CHEAP, Amount(500, 50, 1), "byte", 10) for id in (lost, open_)]
    write(store, started(), *intents, CallLost(lost, "timeout"))

    report = summarise(store, "r1")

    assert (report.calls.unknown, report.calls.open, report.calls.settled) == (1, 1, 0)
    assert report.unknown == Amount(500, 50, 1)
    assert [(fact.step, fact.outcomes) for fact in report.steps] == [("total", {"unfinished": 1})]


def test_a_judge_is_no_outcome_of_its_own(store: SQLiteStore) -> None:
    """A step inside a step is charged, and shown, but what it accepted is no result."""
    judge = step("/r/total#a/judge#b", attempt(CHEAP, usd=40))
    write(store, started(), judge, step("/r/total#a", attempt(CHEAP, usd=60)))

    report = summarise(store, "r1")

    assert report.outcomes == {"accepted": 1}
    assert {fact.step: fact.is_nested for fact in report.steps} == {"total": False, "judge": True}


def test_replayed_and_reused_answers_are_free_and_counted(store: SQLiteStore) -> None:
    """Latency leaves them out: nobody waited for a model."""
    replayed = attempt(CHEAP, replayed=True, seconds=0.0)
    write(
        store,
        started(),
        step("/r/total#a", replayed),
        *call("/r/total#a", "k", Amount(), bound="reused"),
        step("/r/total#b", attempt(CHEAP, usd=5)),
    )

    report = summarise(store, "r1")

    assert (report.replayed, report.calls.reused, report.calls.settled) == (1, 1, 0)
    assert report.steps[0].tiers[0].p50 == 0.5


@pytest.mark.parametrize(
    ("status", "limit_hit", "command"),
    [
        pytest.param(
            "budget_exhausted", "usd of the run", "agentflow resume r1 --usd 1", id="a limit of the run is doubled"
        ),
        pytest.param("budget_exhausted", "calls of /r/total#a", "agentflow resume r1", id="a limit of the code is not"),
        pytest.param("cancelled", "", "agentflow resume r1", id="a cancelled run goes on"),
        pytest.param("engine_failed", "", "agentflow resume r1", id="so does one whose provider failed"),
        pytest.param(
            "rejected", "", "agentflow run /p/receipts.py:receipts … --reuse r1", id="a rejected one is run again"
        ),
    ],
)
def test_the_way_on_can_be_typed(store: SQLiteStore, status: str, limit_hit: str, command: str) -> None:
    """A report ends with what to do."""
    write(store, started(), RunFinished("r1", status, limit_hit=limit_hit))

    stop = summarise(store, "r1").stop

    assert stop is not None
    assert stop.command == command


def test_a_run_that_died_can_go_on(store: SQLiteStore) -> None:
    """No last words in the journal: interrupted."""
    write(store, started())

    report = summarise(store, "last")

    assert (report.status, report.stop and report.stop.command) == ("interrupted", "agentflow resume r1")


def test_agents_that_ran_out_can_go_on(store: SQLiteStore) -> None:
    """A pipeline may go on without them; the report says so, and raises the limit that was nearest."""
    starved = AgentFinished("r1", "/r/total#b", "budget_exhausted")
    write(store, started(budget=Budget(usd="0.50", calls=1).to_json()), *call("/r/total#a", "k", Amount(120, 110, 1)))
    write(store, starved, RunFinished("r1", "accepted"))

    report = summarise(store, "r1")

    assert report.stop is not None
    assert report.stop.command == "agentflow resume r1 --calls 2"
    assert "Incomplete, 1 agent ran out of budget" in render(report)


def test_a_raised_budget_is_the_one_reported(store: SQLiteStore) -> None:
    """The report shows what the last sitting was allowed."""
    write(store, started(), RunContinued("r1", Budget(usd="2").to_json()))

    assert str(summarise(store, "r1").budget) == "usd=2"


def test_an_unknown_run_is_refused(store: SQLiteStore) -> None:
    """A report of nothing is an error, not an empty page."""
    with pytest.raises(UnknownRun, match="r9"):
        summarise(store, "r9")


def test_secrets_do_not_reach_a_report(store: SQLiteStore) -> None:
    """Feedback and inputs are redacted in text and JSON alike."""
    leaked = attempt(CHEAP, accepted=False, feedback="hunter22x is wrong")
    write(store, started(), step("/r/total#a", leaked, status="rejected", inputs='{"q": "hunter22x"}'))

    report = summarise(store, "r1", Redactor.of_environment({"DB_PASSWORD": "hunter22x"}))

    assert "hunter22x" not in render(report) + to_json(report)
    assert "[redacted: DB_PASSWORD] is wrong" in render(report)


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
