"""The file of a cassette: who may read it, what is on it, how runs, tests and the shell write and read it."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cassettes import MODEL, PRICE, Studio, ask, numbered

from agentflow import Budget, ConfigurationError, DefinitionError, Ladder, Tier, resume, run
from agentflow.errors import BadCassette
from agentflow.testing import LoopbackProvider, ScriptedEngine, chat, on_cassette


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


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


# from the shell

PIPELINE = """
from agentflow import Step, pipeline
from agentflow import validators as v

answer = Step("question -> answer", validate=v.one_of("answer", "yes"))


@pipeline
async def ask(question: str) -> str:
    return (await answer.acall(question=question)).answer
"""


def test_the_shell_records_and_replays(here: Path, shell: Callable[..., Any]) -> None:
    """The second run has no server to ask, and says that nothing was paid."""
    (here / "p.py").write_text(PIPELINE)
    with LoopbackProvider(lambda _: chat(answer="yes")) as server:
        (here / "agentflow.toml").write_text(f'ladder = [{{model = "hosted_vllm/any", api_base = "{server.url}"}}]\n')
        recorded = shell("run", "p.py", "a?", "--tokens", "9000", "--record", "tape.jsonl", "--json")

    replayed = shell("run", "p.py", "a?", "--tokens", "9000", "--replay", "tape.jsonl", "--json")

    said, again = json.loads(recorded.out), json.loads(replayed.out)
    assert (recorded.code, replayed.code, server.calls) == (0, 0, 1)
    assert (said["from_cassette"], again["from_cassette"]) == (0, 1)
    assert (again["value"], again["spent"]) == (said["value"], said["spent"])


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        pytest.param(("--replay", "none.jsonl"), 3, "cannot be read", id="no such cassette"),
        pytest.param(("--record", "p.py"), 3, "exists: choose another file", id="a file that exists"),
        pytest.param(("--record", "p.py", "--append"), 3, "is no cassette", id="a file of another kind"),
        pytest.param(("--append",), 2, "give --record FILE too", id="append alone"),
        pytest.param(("--record", "a", "--replay", "b"), 2, "no use for --record", id="both"),
        pytest.param(("--account", "team", "--replay", "b"), 2, "no use for --account", id="an account"),
    ],
)
def test_the_shell_refuses_in_words(
    here: Path, shell: Callable[..., Any], flags: tuple[str, ...], code: int, said: str
) -> None:
    """Nothing is asked, and no file is harmed."""
    (here / "p.py").write_text(PIPELINE)
    (here / "agentflow.toml").write_text('ladder = ["ollama/none"]\n')

    spoken = shell("run", "p.py", "a?", "--tokens", "9000", *flags)

    assert spoken.code == code
    assert said in " ".join(spoken.err.split())
    assert (here / "p.py").read_text() == PIPELINE
