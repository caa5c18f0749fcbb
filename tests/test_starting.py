"""What is refused before a run spends anything, what it remembers of its start, and what never reaches its journal."""

from __future__ import annotations

import asyncio
import contextvars
from pathlib import Path
from typing import Any

import dspy
import pytest
from dspy import lm15

from agentflow import (
    Budget,
    ConfigurationError,
    Ladder,
    Step,
    Tier,
    agents,
    ending,
    open_account,
    pipeline,
    resume,
    run,
)
from agentflow import validators as v
from agentflow.declare import load_pipeline
from agentflow.errors import PipelineNotFound, UnknownPrice
from agentflow.testing import ScriptedEngine, chat
from agentflow.usage import FREE

answer = Step("question -> answer", validate=v.one_of("answer", "yes"))
PLENTY = Budget(tokens=1_000_000)


@pipeline
async def ask(count: int) -> int:
    async with agents(limit=8) as team:
        for number in range(count):
            team.spawn(answer, question=f"{number}?")
    return sum(child.outcome.accepted for child in team.children)


@pipeline
async def ask_on_pocket_money(count: int) -> list[str]:
    async with agents(each=Budget(usd="0.01")) as team:
        for number in range(count):
            team.spawn(answer, question=f"{number}?")
    return [type(child.outcome.error).__name__ for child in team.children]


@pipeline
async def close_well() -> str:
    with ending():
        return (await answer.acall(question="Done?")).answer


def engine_saying(text: str) -> ScriptedEngine:
    return ScriptedEngine(lambda _: chat(answer=text))


def test_a_standing_account_in_usd_refuses_a_model_without_a_price(tmp_path: Path) -> None:
    """Whoever limits money, unknown is never free."""
    engine = engine_saying("yes")
    open_account("team", Budget(usd="1"), state=tmp_path)

    with pytest.raises(UnknownPrice, match="nobody/knows"):
        run(ask(2), ladder=Ladder(Tier("nobody/knows", engine=engine)), account="team", state=tmp_path)

    assert engine.requests == []


def test_a_child_limited_in_usd_gets_nothing_from_a_model_without_a_price(tmp_path: Path) -> None:
    """A limit on tokens above does not make money below free."""
    engine = engine_saying("yes")

    outcome = run(
        ask_on_pocket_money(2), ladder=Ladder(Tier("nobody/knows", engine=engine)), budget=PLENTY, state=tmp_path
    )

    assert outcome.value == ["UnknownPrice", "UnknownPrice"]
    assert engine.requests == []


def test_an_account_that_was_never_opened_is_named_before_the_run_exists(tmp_path: Path) -> None:
    """The error says what to type."""
    ladder = Ladder(Tier("test/any", engine=engine_saying("yes")))

    with pytest.raises(ConfigurationError, match="agentflow accounts open tema"):
        run(ask(1), ladder=ladder, account="tema", state=tmp_path)


@pytest.mark.parametrize(
    ("limits", "complaint"),
    [
        pytest.param({"usd": "abc"}, "a number is needed", id="letters are no amount"),
        pytest.param({"usd": "nan"}, "a number is needed", id="not a number is none"),
        pytest.param({"calls": 2.5}, "a whole number", id="there is no half call"),
        pytest.param({"tokens": "100"}, "a whole number", id="a text is no count"),
        pytest.param({"seconds": -1}, "negative", id="time does not run backwards"),
        pytest.param({"until": "tomorrow"}, "ISO 8601", id="tomorrow is no instant"),
        pytest.param({"live": 0}, "at least one agent", id="nobody at work would wait for ever"),
    ],
)
def test_a_budget_that_means_nothing_is_refused(limits: dict[str, object], complaint: str) -> None:
    """At once, and not in the middle of the night."""
    with pytest.raises(ConfigurationError, match=complaint):
        Budget(**limits)  # type: ignore[arg-type]


def test_strict_sees_every_rejection(tmp_path: Path) -> None:
    """Also those that were written in the last moment."""
    ladder = Ladder(Tier("test/any", engine=engine_saying("no")))

    seen = [run(ask(1), ladder=ladder, budget=PLENTY, strict=True, state=tmp_path).status for _ in range(5)]

    assert seen == ["rejected"] * 5


def test_a_resumed_run_is_run_as_it_was_started(tmp_path: Path) -> None:
    """Strictness and the money for the ending need not be said again."""
    ladder = Ladder(Tier("test/any", engine=engine_saying("yes"), price=FREE))
    first = run(close_well(), ladder=ladder, budget=PLENTY, ending=Budget(calls=2), strict=True, state=tmp_path)

    again = resume(first.run, ladder=ladder, state=tmp_path)

    assert (first.status, again.status, again.value) == ("accepted", "accepted", "yes")


def test_a_file_that_runs_itself_when_imported_is_refused(tmp_path: Path) -> None:
    """Otherwise going on with a run would first start another."""
    script = tmp_path / "eager.py"
    script.write_text("from agentflow import pipeline, run\n@pipeline\ndef p() -> int:\n    return 1\nrun(p())\n")

    with pytest.raises(PipelineNotFound, match="__main__"):
        load_pipeline(str(script))


def test_a_provider_that_quotes_the_key_does_not_get_it_into_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Errors are written down, secrets in them are not."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-verysecret1234567890")
    engine = ScriptedEngine(lambda _: lm15.AuthError("Incorrect API key provided: sk-verysecret1234567890"))

    run(ask(1), ladder=Ladder(Tier("test/any", engine=engine)), budget=PLENTY, state=tmp_path)

    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"verysecret" not in stored


@pipeline
async def ask_in_shares(count: int) -> int:
    async with agents(each=Budget(calls=3), share="carve") as team:
        for number in range(count):
            team.spawn(answer, question=f"{number}?")
    return sum(child.outcome.accepted for child in team.children)


def test_what_is_set_aside_again_is_only_what_was_not_spent(tmp_path: Path) -> None:
    """A resumed child needs no second share for what the journal answers."""
    ladder = Ladder(Tier("test/any", engine=engine_saying("yes"), price=FREE))
    first = run(ask_in_shares(4), ladder=ladder, budget=Budget(tokens=1_000_000, calls=12), state=tmp_path)

    again = resume(first.run, ladder=ladder, state=tmp_path)

    assert (first.value, again.value) == (4, 4)


@pipeline
async def close_twice() -> list[str]:
    answers = []
    for _ in range(2):
        with ending():
            answers.append((await answer.acall(question="Done?")).answer)
    return answers


@pipeline
async def by_key() -> int:
    await answer.within(key="a").acall(question="Why?")
    await answer.within(key="a").acall(question="Why?")
    await answer.within(key="a.1").acall(question="Why?")
    return 3


@pytest.mark.parametrize("work", [pytest.param(close_twice, id="when closing"), pytest.param(by_key, id="by key")])
def test_equal_questions_are_told_apart(work: Any, tmp_path: Path) -> None:
    """Each is a call of its own, wherever it is asked."""
    ladder = Ladder(Tier("test/any", engine=engine_saying("yes"), price=FREE))

    outcome = run(work(), ladder=ladder, budget=PLENTY, ending=Budget(calls=9), state=tmp_path)

    assert outcome.status == "accepted", outcome.feedback


class Twice(dspy.Module):  # type: ignore[misc]  # dspy is untyped
    """Asks a step two times for one answer."""

    def forward(self, question: str) -> Any:
        first = answer(question=f"{question} (one)")
        answer(question=f"{question} (two)")
        return first


twice = Step(Twice(), validate=v.none(reason="the inner step judges"), name="twice")


@pipeline
async def ask_in_depth(marker: str) -> int:
    def work() -> int:
        twice(question="How deep?")
        if not Path(marker).exists():
            Path(marker).touch()
            raise ValueError("not yet")
        return sum(answer.perform(question=f"{number}?").accepted for number in range(3))

    async with agents(each=Budget(calls=3)) as team:
        child = team.spawn(work)
    return child.outcome.value or 0


def test_a_resumed_child_remembers_what_its_inner_steps_cost(tmp_path: Path) -> None:
    """Its limit holds over all sittings, however deep the calls stood."""
    engine = engine_saying("yes")
    ladder = Ladder(Tier("test/any", engine=engine, price=FREE))
    first = run(ask_in_depth(str(tmp_path / "tried")), ladder=ladder, budget=PLENTY, state=tmp_path)

    again = resume(first.run, ladder=ladder, state=tmp_path)

    assert (first.value, again.value) == (0, 1)
    assert len(engine.requests) == 3


def test_a_follower_that_fails_costs_nothing(tmp_path: Path) -> None:
    """What was paid for is told, whoever watches."""
    ladder = Ladder(Tier("test/any", engine=engine_saying("yes")))

    def follow(_: object) -> None:
        raise BrokenPipeError

    outcome = run(ask(3), ladder=ladder, budget=PLENTY, on_event=follow, state=tmp_path)

    assert outcome.value == 3


def test_another_run_hears_at_once_that_a_bound_was_broken(tmp_path: Path) -> None:
    """The store refuses the next request to that model, whichever run would send it."""
    fat = ScriptedEngine(lambda _: chat(answer="yes " * 400), honours_max_tokens=False)
    greedy = Ladder(Tier("test/any", max_tokens=20, engine=fat, price=FREE))
    honest = engine_saying("yes")

    @pipeline
    async def ask_around() -> str:
        await answer.aperform(question="First?")
        await asyncio.to_thread(lambda: contextvars.Context().run(spend_elsewhere))
        return (await answer.aperform(question="Second?")).status

    def spend_elsewhere() -> None:
        run(ask(1), ladder=greedy, budget=PLENTY, state=tmp_path)

    ladder = Ladder(Tier("test/any", engine=honest, price=FREE))
    outcome = run(ask_around(), ladder=ladder, budget=PLENTY, resumable=False, state=tmp_path)

    assert outcome.value == "engine_failed"
    assert len(honest.requests) == 1
