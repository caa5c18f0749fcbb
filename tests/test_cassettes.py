"""Cassettes: what was answered once is answered again, without network, key or cost, and nothing else ever is."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from cassettes import MODEL, PRICE, Studio, ask, ask_at_once, numbered

from agentflow import Budget, ConfigurationError, DefinitionError, Ladder, Tier, agents, pipeline, resume, run
from agentflow.errors import BadCassette, NotRecorded
from agentflow.testing import LoopbackProvider, ScriptedEngine, chat, on_cassette


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


# the file


def test_a_cassette_is_readable_by_its_owner_alone(studio: Studio) -> None:
    """It holds what was asked and answered."""
    studio.record(ask(["a?"]), numbered())

    assert stat.S_IMODE(studio.tape.stat().st_mode) == 0o600
    assert [line["kind"] for line in studio.lines] == ["cassette", "tier", "call"]
    assert studio.lines[0]["pipeline"] == "cassettes.py:ask"


def test_no_secret_is_on_a_cassette(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not from the question, not from the answer, not from the environment; the replay answers all the same."""
    monkeypatch.setenv("SHOP_PASSWORD", "correct-horse-battery")
    secret = "sk-proj-1234567890abcdefghij"
    questions = [f"is {secret} a key?", "is correct-horse-battery a password?"]
    studio.record(ask(questions), [chat(answer=f"yes, {secret}"), chat(answer="correct-horse-battery is")])

    text = studio.tape.read_text()
    replayed = studio.replay(ask(questions))

    assert secret not in text
    assert "correct-horse" not in text
    assert replayed.value == ["yes, [redacted: key]", "[redacted: SHOP_PASSWORD] is"]


def test_a_file_that_exists_is_not_written_over(studio: Studio) -> None:
    """Nothing is asked, and the file stays as it is."""
    studio.record(ask(["a?"]), numbered())
    before = studio.tape.read_bytes()

    with pytest.raises(BadCassette, match="exists: choose another file"):
        studio.record(ask(["b?"]), numbered())

    assert studio.tape.read_bytes() == before
    assert studio.engine.calls == 0


def test_append_adds_to_a_cassette(studio: Studio) -> None:
    """What is there stays first."""
    studio.record(ask(["a?"]), [chat(answer="old")])
    studio.record(ask(["a?", "b?"]), numbered(), append=True)

    assert studio.replay(ask(["a?", "b?", "a?"])).value == ["old", "2", "1"]


def test_nothing_is_added_to_what_is_no_cassette(studio: Studio) -> None:
    """A file of somebody's own survives a slip of the tongue."""
    studio.tape.write_text("my notes")

    with pytest.raises(BadCassette, match="its first line does not say so"):
        studio.record(ask(["a?"]), numbered(), append=True)

    assert studio.tape.read_text() == "my notes"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param({"record": "x", "replay": "y"}, "no use for record=", id="record and replay"),
        pytest.param({"reuse": "x", "replay": "y"}, "no use for reuse=", id="reuse and replay"),
        pytest.param({"append": True}, "give record= too", id="append alone"),
        pytest.param({"record": 7}, "record= takes the file of a cassette", id="no file"),
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path: Path, options: dict[str, Any], said: str) -> None:
    """Before anything is asked."""
    with pytest.raises(DefinitionError, match=said):
        run(ask(["a?"]), budget=Budget(usd=1), state=tmp_path, **options)


# going on


def test_a_resumed_run_goes_on_recording(studio: Studio) -> None:
    """One cassette for all sittings, which answers the whole run."""
    ladder = Ladder(Tier(MODEL, engine=ScriptedEngine(numbered()), price=PRICE, attempts=2))
    budget = Budget(calls=2, tokens=9_000)
    stopped = studio.record(ask(["a?", "b?", "c?"]), [], ladder=ladder, budget=budget)

    resume(stopped.run, ladder=ladder, budget=Budget(calls=9), state=studio.here / "recorded")

    assert len(studio.calls) == 3
    assert studio.replay(ask(["a?", "b?", "c?"])).value == ["1", "2", "3"]


def test_a_resumed_replay_stays_one(studio: Studio) -> None:
    """It goes on from the same cassette."""
    studio.record(ask(["a?", "b?", "c?"]), numbered())
    stopped = studio.replay(ask(["a?", "b?", "c?"]), budget=Budget(calls=2, tokens=9_000))

    finished = resume(stopped.run, budget=Budget(calls=9), state=studio.here / "replayed")

    assert (finished.status, finished.value) == ("accepted", ["1", "2", "3"])


def test_a_run_is_recorded_from_its_beginning_or_not_at_all(studio: Studio) -> None:
    """Half a run would answer nothing."""
    ladder = Ladder(Tier(MODEL, engine=ScriptedEngine(numbered()), price=PRICE))
    done = studio.record(ask(["a?"]), [], ladder=ladder, record=None)

    with pytest.raises(ConfigurationError, match="--reuse RUN --record FILE"):
        resume(done.run, ladder=ladder, record=studio.tape, state=studio.here / "recorded")


def test_a_run_that_was_paid_for_is_recorded_by_reusing_it(studio: Studio) -> None:
    """Reused answers are on the cassette like others; nothing is asked."""
    paid = studio.record(ask(["a?", "b?"]), numbered(), record=None)

    studio.record(ask(["a?", "b?"]), [], reuse=paid.run)

    assert studio.engine.calls == 0
    assert studio.replay(ask(["a?", "b?"])).value == ["1", "2"]


# for tests


def test_a_test_runs_on_its_cassette(studio: Studio) -> None:
    """The same line records and replays; a variable says which."""
    engine = ScriptedEngine(numbered())
    ladder = Ladder(Tier(MODEL, engine=engine, price=PRICE))
    given: dict[str, Any] = {"ladder": ladder, "budget": Budget(usd=1), "state": studio.here}

    on_cassette(ask(["a?"]), studio.tape, environ={"AGENTFLOW_RECORD": "1"}, **given)
    again = on_cassette(ask(["a?"]), studio.tape, environ={}, **given)

    assert (again.value, engine.calls) == (["1"], 1)


def test_a_recording_that_fails_leaves_the_old_cassette(studio: Studio) -> None:
    """Whole or not at all."""
    studio.record(ask(["a?"]), numbered())
    before = studio.tape.read_bytes()
    ladder = Ladder(Tier(MODEL, engine=ScriptedEngine([]), price=PRICE))
    given: dict[str, Any] = {"ladder": ladder, "budget": Budget(usd=1), "state": studio.here}

    outcome = on_cassette(ask(["a?"]), studio.tape, environ={"AGENTFLOW_RECORD": "1"}, **given)

    assert outcome.status == "engine_failed"
    assert studio.tape.read_bytes() == before
    assert not list(studio.here.glob(".tape*"))


def test_an_edited_answer_is_the_answer(studio: Studio) -> None:
    """A cassette is a text: whoever tests an unusual answer writes it there."""
    studio.record(ask(["a?"]), numbered())
    lines = studio.lines
    lines[2]["response"]["message"]["parts"][0]["text"] = chat(answer="edited")
    studio.rewrite(lines)

    assert studio.replay(ask(["a?"])).value == ["edited"]
    assert json.dumps(lines[2]["usage"])
