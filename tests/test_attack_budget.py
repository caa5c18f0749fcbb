"""The promise on money, over real HTTP: a provider that bills whatever reaches it never bills beyond a limit."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import dspy
import pytest
from spending import ANSWER, CAP, FULL, accepted, answer, ask_many, calls_of, exact_tier, gather_many, spend

from agentflow import Budget, Ladder, Step, Tier, agents, ending, pipeline, resume, run
from agentflow import validators as v
from agentflow.errors import UnknownPrice
from agentflow.events import ModelTrusted
from agentflow.loopback import Answer, Body
from agentflow.settings import load_settings
from agentflow.store.sqlite import open_store
from agentflow.testing import Hang, LoopbackProvider, Refusal, Reply, Reset, ScriptedEngine
from agentflow.usage import FREE, as_usd

pytestmark = pytest.mark.slow


@pytest.fixture
def provider() -> Iterator[LoopbackProvider]:
    with LoopbackProvider(FULL, latency=0.02) as one:
        yield one


# many at once


@pytest.mark.parametrize("many", [ask_many, gather_many], ids=["fifty agents", "fifty requests of one agent"])
@pytest.mark.parametrize("resource", ["calls", "tokens", "usd"])
def test_of_fifty_at_once_exactly_the_ten_that_were_paid_for_succeed(
    many: Any, resource: str, provider: LoopbackProvider, tmp_path: Path
) -> None:
    """With exact bounds a budget for ten calls is ten calls, in whatever it is given."""
    tier, tokens, nano = exact_tier(provider, tmp_path)
    before = (provider.billed_calls, provider.tokens, provider.nano_usd)
    budget = {
        "calls": Budget(calls=10, tokens=1_000_000),
        "tokens": Budget(tokens=10 * tokens),
        "usd": Budget(usd=as_usd(10 * nano)),
    }[resource]

    outcome = spend(many(50), tier, budget, tmp_path)

    assert provider.billed_calls - before[0] == 10
    assert provider.tokens - before[1] == outcome.spent.tokens == 10 * tokens
    assert provider.nano_usd - before[2] == outcome.spent.usd == 10 * nano
    assert accepted(outcome) == 10
    assert sorted(set(outcome.value)) == ["accepted", "budget_exhausted"]
    assert not outcome.held


@pytest.mark.parametrize("resource", ["tokens", "usd"])
def test_loose_bounds_waste_less_than_a_twentieth_of_two_hundred_calls(resource: str, tmp_path: Path) -> None:
    """What byte bounds hold too much comes back in time; never is more billed than allowed."""
    with LoopbackProvider(ANSWER, latency=0.01) as provider:
        tier = provider.tier(max_tokens=CAP)
        spend(ask_many(1), tier, Budget(tokens=100_000), tmp_path)
        tokens, nano = 200 * provider.tokens, 200 * provider.nano_usd
        before = (provider.tokens, provider.nano_usd)
        budget = Budget(tokens=tokens) if resource == "tokens" else Budget(usd=as_usd(nano))

        outcome = spend(ask_many(260), tier, budget, tmp_path)

        billed = (provider.tokens - before[0]) / tokens
    print(f"\nbilled / limit = {billed:.4f}, {accepted(outcome)} of 200")
    assert 0.95 <= billed <= 1
    assert outcome.spent.tokens == provider.tokens - before[0]


def test_ten_thousand_children_on_a_small_budget_end_promptly(tmp_path: Path) -> None:
    """Each has an outcome, the limit holds, and memory stays within what ten thousand records take."""
    engine = ScriptedEngine(lambda request: ANSWER)
    tier = Tier("test/scripted", max_tokens=CAP, engine=engine, price=FREE)
    tracemalloc.start()

    outcome = spend(ask_many(10_000), tier, Budget(calls=25, tokens=10_000_000), tmp_path)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"\npeak of 10,000 children: {peak / 2**20:.0f} MiB")
    assert engine.calls == outcome.spent.calls == 25
    assert [outcome.value.count(status) for status in ("accepted", "budget_exhausted")] == [25, 9_975]
    assert peak < 150 * 2**20


# answers that are not as promised


def test_a_fat_completion_is_recorded_and_its_model_gets_nothing_more(tmp_path: Path) -> None:
    """Beyond the limit goes only what was on the wire when the first such answer came, and the truth is shown."""
    with LoopbackProvider(Reply("x" * 4_000, honours_max_tokens=False), latency=0.02) as provider:
        tier = provider.tier(max_tokens=CAP)

        outcome = spend(ask_many(50, limit=4), tier, Budget(tokens=100_000), tmp_path)
        again = spend(ask_many(5), tier, Budget(tokens=100_000), tmp_path)

        assert provider.billed_calls <= 4
        assert outcome.over_bound.tokens > 0
        assert outcome.spent.tokens == provider.tokens
        assert set(again.value) == {"engine_failed"}


def test_a_model_that_is_trusted_again_goes_on(tmp_path: Path) -> None:
    """A person says so, once, and it holds for every run after."""
    fat = Reply("x" * 4_000, honours_max_tokens=False)
    answers = count()
    with LoopbackProvider(lambda body: fat if next(answers) == 0 else ANSWER) as provider:
        tier = provider.tier(max_tokens=CAP)
        spend(ask_many(1), tier, Budget(tokens=100_000), tmp_path)

        store = open_store(load_settings({"state": str(tmp_path)}).database)
        store.append(ModelTrusted(str(tier.model))).result()
        store.close()

        assert accepted(spend(ask_many(3), tier, Budget(tokens=100_000), tmp_path)) == 3


def test_an_answer_without_usage_is_charged_in_full(tmp_path: Path) -> None:
    """Nobody said what it cost, so it cost all that was held for it."""
    with LoopbackProvider(Reply(ANSWER, reports_usage=False)) as provider:
        outcome = spend(ask_many(50), provider.tier(max_tokens=CAP), Budget(tokens=5_000), tmp_path)

        assert provider.tokens <= outcome.spent.tokens <= 5_000
        assert outcome.spent == sum((c.reserved for c in calls_of(outcome)[1:]), calls_of(outcome)[0].reserved)


# failures


def once(first: Answer, then: Answer = ANSWER) -> Callable[[Body], Answer]:
    """Fails the first time a question is asked."""
    asked: set[str] = set()

    def reply(body: Body) -> Answer:
        question = str(body["messages"])
        return then if question in asked else asked.add(question) or first  # type: ignore[func-returns-value]  # None

    return reply


@pytest.mark.parametrize(
    ("failure", "unknown", "requests"),
    [
        pytest.param(Refusal(429, retry_after=0.01), 0, 2, id="a rate limit releases"),
        pytest.param(Refusal(400), 0, 1, id="a bad request releases"),
        pytest.param(Refusal(401), 0, 1, id="a missing key releases"),
        pytest.param(Refusal(500), 1, 2, id="an error of the server is charged"),
        pytest.param(Reset(), 1, 2, id="a reset is charged"),
        pytest.param(Hang(), 1, 2, id="a timeout is charged"),
    ],
)
def test_each_try_has_a_reservation_of_its_own(failure: Answer, unknown: int, requests: int, tmp_path: Path) -> None:
    """And what may have been billed stays charged, whatever the next try brings."""
    with LoopbackProvider(once(failure)) as provider:
        tier = provider.tier(max_tokens=CAP, timeout=0.5)

        outcome = spend(ask_many(1), tier, Budget(tokens=20_000), tmp_path)

        assert provider.calls == len(calls_of(outcome)) == requests
        assert [row.status for row in calls_of(outcome)].count("unknown") == unknown
        assert provider.tokens <= outcome.spent.tokens
        assert outcome.unknown.calls == unknown
        assert not outcome.held


@pytest.mark.parametrize(
    "failure", [Refusal(500), Reset(), Hang(), Refusal(429, retry_after=0.01)], ids=["500", "reset", "hang", "429"]
)
def test_fifty_agents_against_a_broken_provider_stay_within_the_limit(failure: Answer, tmp_path: Path) -> None:
    """Retries spend what is left and no more; the run ends by itself."""
    with LoopbackProvider(failure) as provider:
        tier = provider.tier(max_tokens=CAP, timeout=0.2)

        outcome = spend(ask_many(50), tier, Budget(tokens=6_000, calls=12, seconds=4), tmp_path)

        assert provider.tokens <= outcome.spent.tokens <= 6_000
        assert provider.billed_calls <= outcome.spent.calls <= 12
        assert not accepted(outcome)


def test_a_deadline_ends_requests_on_the_wire_and_whoever_waits(tmp_path: Path) -> None:
    """Timeouts are cut to it, lines end at it, and the hanging requests are charged."""
    with LoopbackProvider(Hang()) as provider:
        tier = provider.tier(max_tokens=CAP, timeout=60)

        outcome = spend(ask_many(20), tier, Budget(calls=3, tokens=1_000_000, seconds=0.5), tmp_path)

        assert set(outcome.value or ["budget_exhausted"]) == {"budget_exhausted"}
        assert provider.billed_calls == outcome.spent.calls == 3
        assert provider.idle()
    assert not outcome.held


# prices


def test_an_unknown_price_is_refused_before_anything_is_sent(provider: LoopbackProvider, tmp_path: Path) -> None:
    """A limit in money could not be kept; one in tokens can."""
    tier = replace(provider.tier(max_tokens=CAP), price=None)

    with pytest.raises(UnknownPrice, match="loopback"):
        spend(ask_many(1), tier, Budget(usd=1), tmp_path)

    assert provider.calls == 0
    assert accepted(spend(ask_many(1), tier, Budget(tokens=100_000), tmp_path)) == 1


def test_the_price_of_a_ladder_that_a_step_brings_is_asked_for_at_the_start(
    provider: LoopbackProvider, tmp_path: Path
) -> None:
    """It is found by looking, before the pipeline has begun."""
    unpriced = replace(provider.tier(max_tokens=CAP), price=None)
    own = Step("question -> answer", validate=v.none(reason="never asked"), ladder=Ladder(unpriced))

    @pipeline
    async def mixed() -> None:
        await answer.acall(question="first")
        await own.acall(question="second")

    with pytest.raises(UnknownPrice, match="loopback"):
        spend(mixed(), provider.tier(max_tokens=CAP), Budget(usd=1), tmp_path)

    assert provider.calls == 0


def test_a_free_model_goes_on_when_the_money_is_spent(provider: LoopbackProvider, tmp_path: Path) -> None:
    """What is left covers a call that costs nothing."""
    free = Tier("test/free", max_tokens=CAP, engine=ScriptedEngine(lambda request: ANSWER), price=FREE)
    local = Step("question -> answer", validate=v.none(reason="free"), ladder=Ladder(free), name="local")

    @pipeline
    async def both() -> list[str]:
        async with agents() as team:
            paid = [team.spawn(answer, question=f"{n}") for n in range(5)]
        async with agents() as team:
            unpaid = [team.spawn(local, question=f"{n}") for n in range(5)]
        return [child.outcome.status for child in [*paid, *unpaid]]

    outcome = spend(both(), provider.tier(max_tokens=CAP), Budget(usd="0.0000001"), tmp_path)

    assert outcome.value == ["budget_exhausted"] * 5 + ["accepted"] * 5
    assert provider.calls == 0


# shares


def test_a_carved_child_is_not_starved_by_greedy_siblings(provider: LoopbackProvider, tmp_path: Path) -> None:
    """What was set aside for it is there however late it asks; what it leaves goes to the others."""

    @pipeline
    async def family() -> list[str]:
        async with agents(limit=50) as team:
            own = team.within(Budget(calls=2), share="carve").spawn(late_pair)
            greedy = [team.spawn(answer, question=f"{n:03d}") for n in range(40)]
        return [own.outcome.status, *(child.outcome.status for child in greedy)]

    async def late_pair() -> None:
        await asyncio.to_thread(provider.reached, 8)
        for n in range(2):
            await answer.acall(question=f"late {n}")

    outcome = spend(family(), provider.tier(max_tokens=CAP), Budget(calls=10, tokens=1_000_000), tmp_path)

    assert outcome.value[0] == "accepted"
    assert outcome.value.count("accepted") == 9
    assert provider.billed_calls == 10


async def four_times() -> None:
    for number in range(4):
        await answer.acall(question=f"{number}")


@pipeline
async def carved_four() -> str:
    """A pipeline of this file, so that it can be resumed."""
    async with agents() as team:
        own = team.within(Budget(calls=4), share="carve").spawn(four_times)
    if not own.outcome.accepted:
        raise RuntimeError(own.outcome.feedback)
    return own.outcome.status


def test_a_resumed_carve_needs_only_what_it_has_not_spent(tmp_path: Path) -> None:
    """What it spent before is on the run's account already."""
    script: list[Any] = [ANSWER, ANSWER, dspy.lm15.AuthError("the key has expired"), ANSWER, ANSWER]
    ladder = Ladder(Tier("test/scripted", max_tokens=CAP, engine=ScriptedEngine(script), price=FREE))
    budget = Budget(calls=4, tokens=1_000_000)

    first = run(carved_four(), ladder=ladder, budget=budget, state=tmp_path)
    second = resume(first.run, ladder=ladder, state=tmp_path)

    assert (first.status, first.spent.calls) == ("failed", 2)
    assert second.accepted, second.feedback
    assert second.spent.calls == 4


def test_closing_work_is_paid_when_everything_else_is_spent(provider: LoopbackProvider, tmp_path: Path) -> None:
    """It was set aside at the start, outside every latch."""

    @pipeline
    async def closing() -> str:
        for n in range(100):
            if not (await answer.aperform(question=f"{n:03d}")).accepted:
                break
        with ending():
            return str((await answer.acall(question="sum it up")).answer)

    budget = Budget(calls=5, tokens=1_000_000)
    outcome = spend(closing(), provider.tier(max_tokens=CAP), budget, tmp_path, ending=Budget(calls=1))

    assert outcome.accepted, outcome.feedback
    assert provider.billed_calls == 5


# clipping


def test_a_reused_answer_that_our_own_cap_cut_off_counts_only_while_no_longer_one_can_be_paid(tmp_path: Path) -> None:
    """As in the run's own journal, which then knows that it was cut off."""
    engine = ScriptedEngine(lambda request: FULL)
    tier = Tier("test/long", max_tokens=CAP, min_tokens=4, engine=engine, price=FREE)
    reads = spend(ask_many(1), tier, Budget(tokens=100_000), tmp_path / "probe").spent.tokens - CAP
    short, ladder = Budget(tokens=reads + 8), Ladder(tier)
    paid = spend(ask_many(1), tier, short, tmp_path)

    poor = run(ask_many(1), ladder=ladder, budget=short, state=tmp_path, reuse=paid.run)
    rich = resume(poor.run, ladder=ladder, budget=Budget(tokens=9 * (reads + CAP)), state=tmp_path, reuse=paid.run)
    other = spend(ask_many(1), tier, Budget(tokens=100_000), tmp_path, reuse=paid.run)

    assert (poor.value, poor.spent.calls) == (["rejected"], 0)
    assert [(row.cap, row.clipped) for row in calls_of(rich)] == [(8, True), (CAP, False)]
    assert rich.value == other.value == ["accepted"]
    assert rich.spent.calls == other.spent.calls == 1


def test_an_answer_that_our_own_cap_cut_off_is_asked_again_once_a_longer_one_can_be_paid(tmp_path: Path) -> None:
    """It was charged and stays as evidence; the longer one is the journal's answer from then on."""
    engine = ScriptedEngine(lambda request: FULL)
    tier = Tier("test/long", max_tokens=CAP, min_tokens=4, engine=engine, price=FREE)
    reads = spend(ask_many(1), tier, Budget(tokens=100_000), tmp_path / "probe").spent.tokens - CAP
    ladder = Ladder(tier)

    clipped = run(ask_many(1), ladder=ladder, budget=Budget(tokens=reads + 8), state=tmp_path)
    whole = resume(clipped.run, ladder=ladder, budget=Budget(tokens=4 * (reads + CAP)), state=tmp_path)
    again = resume(clipped.run, ladder=ladder, budget=Budget(tokens=9 * (reads + CAP)), state=tmp_path)

    assert clipped.value == ["rejected"]
    assert whole.value == again.value == ["accepted"]
    assert [(row.finish, row.cap, row.status) for row in calls_of(again)] == [
        ("length", 8, "done"),
        ("stop", 32, "done"),
    ]
    assert again.spent.tokens == 2 * reads + 8 + CAP
