"""Cassettes: what was answered once is answered again, without network, key or cost, and nothing else ever is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cassettes import MODEL, PRICE, Studio, ask, ask_at_once, numbered

from agentflow import Budget, DefinitionError, Ladder, Tier, agents, pipeline
from agentflow.errors import NotRecorded
from agentflow.testing import LoopbackProvider, ScriptedEngine, chat


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


# the same again


def test_a_replay_is_the_run_again(studio: Studio) -> None:
    """Value, spent money, tokens and calls are those of the recording; no engine is asked."""
    recorded = studio.record(ask(["a?", "b?", "a?"]), numbered())

    replayed = studio.replay(ask(["a?", "b?", "a?"]))

    assert (replayed.status, replayed.value) == ("accepted", ["1", "2", "3"])
    assert replayed.spent == recorded.spent
    assert studio.engine.calls == 3


def test_a_replay_says_so_in_its_report(studio: Studio) -> None:
    """What it shows as spent was spent when it was recorded."""
    studio.record(ask(["a?"]), numbered())

    report = studio.replay(ask(["a?"])).report()

    assert "1 replayed from a cassette, nothing was paid" in report
    assert "as it was when it was recorded" in report


def test_equal_children_get_their_own_answers_again(studio: Studio) -> None:
    """Fifty at once, ten equal to each other: each gets what it got, whoever comes first."""
    questions = [f"{number % 5}?" for number in range(50)]
    recorded = studio.record(ask_at_once(questions), numbered())

    replayed = studio.replay(ask_at_once(questions))

    assert sorted(int(said or 0) for said in recorded.value) == list(range(1, 51))
    assert replayed.value == recorded.value
    assert replayed.spent == recorded.spent


def test_the_kth_equal_request_gets_the_kth_answer_wherever_it_is_asked(studio: Studio) -> None:
    """A renamed agent finds its answers by what it asks."""
    studio.record(ask(["a?", "a?"]), numbered())

    @pipeline
    async def elsewhere() -> list[Any]:
        async with agents() as team:
            first = team.spawn(ask, questions=["a?"])
            await first
            second = team.spawn(ask, questions=["a?"])
            await second
        return [first.outcome.value, second.outcome.value]

    assert studio.replay(elsewhere(), resumable=False).value == [["1"], ["2"]]


def test_a_rejected_answer_is_rejected_again(studio: Studio) -> None:
    """The whole ladder is climbed as it was, feedback and all."""
    said = [chat(answer=""), chat(answer="better")]
    recorded = studio.record(ask(["a?"]), said)

    replayed = studio.replay(ask(["a?"]))

    assert (replayed.value, replayed.spent.calls) == (["better"], 2)
    assert replayed.spent == recorded.spent


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("größer, 大きい, 🦉", id="other scripts"),
        pytest.param("a\u2028b\x85c\x1ed", id="ends of lines that are none"),
        pytest.param('"quoted" \\ [[ ## {"answer": 1}', id="marks of formats"),
    ],
)
def test_every_text_comes_back_as_it_was(studio: Studio, text: str) -> None:
    """In the question and in the answer."""
    recorded = studio.record(ask([text]), [chat(answer=text)])

    assert studio.replay(ask([text])).value == recorded.value


def test_a_replay_needs_no_network_for_a_tier_with_an_address(studio: Studio) -> None:
    """Servers move: where a tier was asked does not matter."""
    with LoopbackProvider(lambda _: chat(answer="yes")) as server:
        ladder = Ladder(Tier("hosted_vllm/any", api_base=server.url))
        recorded = studio.record(ask(["a?"]), [], ladder=ladder)

    replayed = studio.replay(ask(["a?"]), ladder=Ladder(Tier("hosted_vllm/any", api_base="http://elsewhere:1/v1")))

    assert (replayed.value, replayed.spent) == (["yes"], recorded.spent)


def test_an_optional_tier_serves_if_it_did(studio: Studio) -> None:
    """Its key is not looked for; a tier that was left out stays out."""
    studio.record(ask(["a?"]), [chat(answer=""), chat(answer="")])
    ladder = Ladder(Tier(MODEL, attempts=2, optional=True), Tier("openai/gpt-never-asked", optional=True))

    replayed = studio.replay(ask(["a?"]), ladder=ladder)

    assert (replayed.status, replayed.spent.calls) == ("rejected", 2)


# budgets


def test_a_budget_stops_a_replay_where_it_stopped_the_run(studio: Studio) -> None:
    """A test of a budget is a real one."""
    budget = Budget(calls=2, tokens=9_000)
    recorded = studio.record(ask(["a?", "b?", "c?"]), numbered(), budget=budget)

    replayed = studio.replay(ask(["a?", "b?", "c?"]), budget=budget)

    assert recorded.status == replayed.status == "budget_exhausted"
    assert (replayed.spent, replayed.limit_hit) == (recorded.spent, recorded.limit_hit)


def test_a_smaller_budget_stops_a_replay_earlier(studio: Studio) -> None:
    """Reservations are made as for a request on the wire."""
    studio.record(ask(["a?", "b?", "c?"]), numbered())

    replayed = studio.replay(ask(["a?", "b?", "c?"]), budget=Budget(calls=1, tokens=9_000))

    assert (replayed.status, replayed.spent.calls) == ("budget_exhausted", 1)


def test_a_smaller_cap_cuts_the_answer(studio: Studio) -> None:
    """As a provider would: charged up to the cap, and rejected for being cut off."""
    recorded = studio.record(ask(["a?"]), [chat(answer="word " * 100)])
    spent = recorded.spent.tokens

    replayed = studio.replay(ask(["a?"]), ladder=Ladder(Tier(MODEL, min_tokens=1)), budget=Budget(tokens=spent - 50))

    assert replayed.status != "accepted"
    assert replayed.spent.tokens == spent - 50
    assert not replayed.over_bound


def test_an_answer_cut_off_by_the_budget_does_not_stand_for_a_longer_one(studio: Studio) -> None:
    """What the model would have gone on to say is not on the cassette."""
    ladder = Ladder(Tier(MODEL, engine=ScriptedEngine([chat(answer="word " * 100)]), price=PRICE, min_tokens=1))
    studio.record(ask(["a?"]), [], ladder=ladder, budget=Budget(tokens=200))

    replayed = studio.replay(ask(["a?"]), ladder=Ladder(Tier(MODEL)))

    assert isinstance(replayed.error, NotRecorded)
    assert "cut off by the budget" in replayed.feedback


def test_no_standing_account_pays_for_a_replay(studio: Studio) -> None:
    """Nothing was spent, so nothing is charged to anybody."""
    studio.record(ask(["a?"]), numbered())

    with pytest.raises(DefinitionError, match="no use for account="):
        studio.replay(ask(["a?"]), account="team")


# what is not there


def test_an_unknown_request_fails_and_says_what_is_nearest(studio: Studio) -> None:
    """With step, tier, the first difference, and how to record it."""
    studio.record(ask(["what is it?", "who was it?"]), numbered())

    replayed = studio.replay(ask(["what was it?"]))

    assert isinstance(replayed.error, NotRecorded)
    for said in (f"answer on {MODEL}", "recorded '", "asked '", "what was it?", "--append", str(studio.tape)):
        assert said in replayed.feedback
    assert replayed.spent.calls == 0


def test_one_request_more_than_recorded_fails(studio: Studio) -> None:
    """No answer is given twice."""
    studio.record(ask(["a?"]), numbered())

    replayed = studio.replay(ask(["a?", "a?"]))

    assert isinstance(replayed.error, NotRecorded)
    assert "holds 1 answer to this request, and one more was asked for" in replayed.feedback


def test_another_tier_is_named_with_what_it_was(studio: Studio) -> None:
    """Same request, other cap: the model might have said more."""
    studio.record(ask(["a?"]), numbered())

    replayed = studio.replay(ask(["a?"]), ladder=Ladder(Tier(MODEL, max_tokens=99)))

    assert f"was on {MODEL}||1024|None, not on {MODEL}||99|None" in replayed.feedback


def test_a_miss_that_nobody_looks_at_still_fails_the_run(studio: Studio) -> None:
    """A pipeline that goes on without the answer proves nothing."""
    studio.record(ask_at_once(["a?"]), numbered())

    replayed = studio.replay(ask_at_once(["a?", "b?"]))

    assert (replayed.status, type(replayed.error)) == ("failed", NotRecorded)


def test_the_version_of_the_pipeline_is_blamed_where_it_changed(studio: Studio) -> None:
    """An unchanged prompt is answered all the same."""
    studio.record(ask(["a?"]), numbered())
    header, *lines = studio.lines
    studio.rewrite([{**header, "source_hash": "of another time"}, *lines])

    assert studio.replay(ask(["a?"])).value == ["1"]
    replayed = studio.replay(ask(["a?", "z?"]))

    assert "the pipeline was another version then" in str(replayed.error)
