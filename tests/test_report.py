"""What the journal says about a run, counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from journals import CHEAP, STRONG, attempt, call, started, step, three_steps, write

from agentflow.budget import Budget
from agentflow.errors import UnknownRun
from agentflow.events import AgentFinished, CallId, CallIntended, CallLost, Event, RunContinued, RunFinished
from agentflow.redact import Redactor
from agentflow.report import render, summarise, to_json
from agentflow.store.sqlite import SQLiteStore, open_store
from agentflow.usage import Amount


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteStore]:
    """An empty journal."""
    opened = open_store(tmp_path / "state.db")
    yield opened
    opened.close()


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
