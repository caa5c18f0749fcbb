"""An agent that goes in circles is told once, with the evidence, and then stopped; one that gets on is left alone."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from itertools import count, cycle
from pathlib import Path
from typing import Any

import dspy
import pytest
from steps import Lab
from test_step import ANY

from agentflow import Budget, Step, Verdict, agents, load_pipeline, resume, run, tool
from agentflow import validators as v
from agentflow.errors import DefinitionError, LoopHalt
from agentflow.progress import Watch, fingerprint_of
from agentflow.testing import chat
from agentflow.tools import WatchedTool, explained

pytestmark = pytest.mark.slow

HANDFUL = 14
"""More requests than any loop here may make before it is stopped."""


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def answering(*answers: str) -> Callable[[Any], str]:
    following, lock = cycle(answers), threading.Lock()

    def answer(request: Any) -> str:
        with lock:
            return chat(a=next(following))

    return answer


def forever(step: Step, questions: Iterator[str]) -> Callable[[], Any]:
    async def work() -> None:
        for question in questions:
            await step.acall(q=question)

    return work


LOOPS = {
    "the same accepted answer": (Step("q -> a", validate=ANY), ["?"], ["x"]),
    "two in turn": (Step("q -> a", validate=ANY), ["1", "2"], ["x", "y"]),
    "three in turn": (Step("q -> a", validate=ANY), ["1", "2", "3"], ["x", "y", "z"]),
}


@pytest.mark.parametrize(("step", "questions", "answers"), LOOPS.values(), ids=LOOPS)
def test_a_cycle_of_steps_is_stopped(lab: Lab, step: Step, questions: list[str], answers: list[str]) -> None:
    """Although every answer is right, and long before the budget is gone."""
    outcome = lab.run(forever(step, cycle(questions)), answering(*answers))

    assert outcome.status == "no_progress"
    assert lab.engine.calls == 6 * len(questions)
    assert "Do something different" in outcome.feedback


def perform_forever(step: Step, questions: Iterator[str]) -> Callable[[], Any]:
    async def work() -> None:
        for question in questions:
            await step.aperform(q=question)

    return work


@pytest.mark.parametrize("attempts", [1, 3])
def test_a_rephrased_question_with_the_same_wrong_answer_is_stopped(lab: Lab, attempts: int) -> None:
    """An agent that takes outcomes and does not listen to them is halted in the end."""
    questions = (f"what is the price of tea in town number {n}" for n in count())

    outcome = lab.run(
        perform_forever(Step("q -> a", validate=v.one_of("a", "x")), questions), answering("w"), attempts=attempts
    )

    assert outcome.status == "no_progress"
    assert lab.engine.calls <= 6 * attempts


def scored(scores: Iterator[float]) -> Any:
    return lambda inputs, prediction: Verdict(False, "could be better", next(scores), kind="quality")


def test_a_score_that_never_gets_better_is_stopped(lab: Lab) -> None:
    """However many attempts the ladder would still allow, and however the answers differ."""
    step = Step("q -> a", validate=scored(iter(lambda: 0.3, None)))

    outcome = lab.perform(step, [chat(a=f"try {n}") for n in range(50)], q="?")

    assert outcome.status == "no_progress"
    assert lab.engine.calls <= HANDFUL


def test_a_slow_but_improving_agent_goes_on(lab: Lab) -> None:
    """Every attempt a little better is progress."""
    step = Step("q -> a", validate=scored(n / 100 for n in range(50)))

    outcome = lab.perform(step, [chat(a=f"try {n}") for n in range(50)], q="?")

    assert (outcome.status, len(outcome.attempts)) == ("rejected", 50)


def test_one_nudge_reaches_one_prompt_and_quotes_the_evidence(lab: Lab) -> None:
    """It is no part of a system message, and it does not say that an accepted answer was rejected."""
    lab.run(forever(Step("q -> a", validate=ANY, name="ask"), cycle("?")), answering("x"))

    told = [prompt for prompt in lab.prompts if "Do something different" in prompt]
    assert len(told) == 1
    assert told[0] == lab.prompts[3]
    assert "ask was tried 3 times" in told[0]
    assert "not accepted" not in told[0]


def test_a_caller_is_halted_and_an_outcome_says_why(lab: Lab) -> None:
    """`step()` raises what no `except Exception` catches; `perform` gives the status."""
    step = Step("q -> a", validate=ANY)

    async def work() -> str:
        for _ in range(6):
            await step.acall(q="?")
        with pytest.raises(LoopHalt, match="tried 3 times"):
            await step.acall(q="another")
        return (await step.aperform(q="a third")).status

    assert lab.run(work, answering("x")).value == "no_progress"
    assert lab.engine.calls == 6


def test_an_agent_that_ignores_every_outcome_ends_all_the_same(lab: Lab) -> None:
    """Without a request, and without keeping the event loop from others."""
    outcome = lab.run(perform_forever(Step("q -> a", validate=ANY), cycle("?")), answering("x"))

    assert outcome.status == "no_progress"
    assert lab.engine.calls == 6


def test_an_agent_that_ignores_an_empty_account_ends_all_the_same(lab: Lab) -> None:
    """With the budget as the reason."""
    work = perform_forever(Step("q -> a", validate=ANY), cycle("?"))

    outcome = lab.run(work, answering("x", "y", "z", "u", "v", "w"), budget=Budget(calls=2, tokens=100_000))

    assert outcome.status == "budget_exhausted"
    assert lab.engine.calls == 2


@pytest.mark.parametrize("key", [lambda inputs: next(TICKS), None], ids=["its key changes", "it opted out"])
def test_a_polling_step_goes_on(lab: Lab, key: Any) -> None:
    """It says what makes one question differ from the last."""
    step = Step("q -> a", validate=ANY, loop_key=key)

    async def work() -> None:
        for _ in range(20):
            await step.acall(q="done?")

    assert lab.run(work, answering("not yet")).accepted


TICKS = (f"tick {n}" for n in count())


def receipt(n: int) -> str:
    return f"SHOP {n * 7919}\nTEA {n}.10\nTOTAL {n}.50"


@pytest.mark.parametrize("answer", ["same", "unknown"])
def test_a_batch_of_different_papers_is_work(lab: Lab, answer: str) -> None:
    """A thousand receipts in one agent, accepted alike or rejected alike."""
    step = Step("q -> a", validate=v.one_of("a", "same"), loop_key="")

    async def work() -> list[str]:
        return [(await step.aperform(q=receipt(n))).status for n in range(300)]

    outcome = lab.run(work, answering(answer))

    assert set(outcome.value) == {"accepted" if answer == "same" else "rejected"}


@pytest.mark.parametrize("words", [("tea", "milk", "bread"), ("red tea kg", "green tea kg", "black tea kg")])
def test_short_questions_with_the_same_wrong_answer_are_work(lab: Lab, words: tuple[str, ...]) -> None:
    """That fields have the same names makes no two questions alike."""
    step = Step("name, unit -> a", validate=v.one_of("a", "x"))
    names = [f"{words[n % 3]} {n * 31}" for n in range(30)]

    async def work() -> list[str]:
        return [(await step.aperform(name=name, unit="kg")).status for name in names]

    assert set(lab.run(work, answering("unknown")).value) == {"rejected"}


def test_votes_asked_at_once_are_no_loop(lab: Lab) -> None:
    """What was begun before the nudge could not have heeded it."""
    step = Step("q -> a", validate=ANY)

    async def work() -> str:
        votes = await asyncio.gather(*(step.acall(q="?") for _ in range(12)))
        return f"{len(votes)} {(await step.acall(q='next')).a}"

    assert lab.run(work, answering("x")).value == "12 x"


def test_children_are_watched_apart(lab: Lab) -> None:
    """Twenty agents that ask the same once are twenty agents, not a loop."""
    step = Step("q -> a", validate=ANY)

    async def work() -> list[str]:
        async with agents() as team:
            children = [team.spawn(step, q="?") for _ in range(20)]
        return [child.outcome.status for child in children]

    assert set(lab.run(work, answering("x")).value) == {"accepted"}


def test_a_watch_counts_right_from_many_threads() -> None:
    """One nudge and one hand that takes it, whoever observes."""
    watch, same = Watch(), fingerprint_of(step="s", inputs="i", kind="", output="o")
    signals: list[str] = []

    def observe() -> None:
        signals.extend(watch.observe(same) for _ in range(50))

    threads = [threading.Thread(target=observe) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (signals.count("nudge"), signals.count("go"), signals.count("stop")) == (1, 4, 395)


# tools


def calling(name: str, **arguments: Any) -> str:
    return chat(next_thought="t", next_tool_name=name, next_tool_args=json.dumps(arguments))


def look(page: str) -> str:
    """Look at a page."""
    return f"nothing on {page}"


def react(*tools: Any) -> Step:
    return Step(dspy.ReAct("q -> a", tools=list(tools), max_iters=50), validate=ANY)


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "sync"])
def test_a_tool_called_on_and_on_is_stopped(lab: Lab, is_async: bool) -> None:
    """Its model is told once, in the tool's answer, and the step ends as no progress."""
    step = react(look)

    async def work() -> None:
        await step.acall(q="?")

    outcome = lab.run(work if is_async else lambda: step(q="?"), lambda _: calling("look", page="one"))

    assert outcome.status == "no_progress"
    assert lab.engine.calls == 6
    assert "the tool look was tried 3 times" in lab.prompts[3]


def test_tool_calls_of_the_newer_agent_are_stopped_too(lab: Lab) -> None:
    """ReActV2 calls its tools in another way, through the same watch."""
    step = Step(dspy.ReActV2("q -> a", tools=[look], max_iters=50), validate=ANY)
    calls = json.dumps({"tool_calls": [{"name": "look", "args": {"page": "one"}}]})

    outcome = lab.run(lambda: step(q="?"), lambda _: chat(next_thought="t", tool_calls=calls))

    assert (outcome.status, lab.engine.calls) == ("no_progress", 6)


@pytest.mark.parametrize("bad", [{"pag": 1}, {"page": 3}], ids=["no such argument", "of the wrong type"])
def test_a_call_that_is_refused_on_and_on_is_stopped(lab: Lab, bad: dict[str, Any]) -> None:
    """Nothing was looked at, and still it is the same again."""
    outcome = lab.run(lambda: react(look)(q="?"), lambda _: calling("look", **bad))

    assert outcome.status == "no_progress"


@pytest.mark.parametrize("key", [lambda arguments: next(TICKS), None], ids=["its key changes", "it opted out"])
def test_a_polling_tool_goes_on(lab: Lab, key: Any) -> None:
    """Until it has what it waits for."""
    answers = iter([calling("look", page="one")] * 12 + [calling("finish"), chat(reasoning="r", a="x")])

    outcome = lab.run(lambda: react(tool(look, loop_key=key))(q="?").a, lambda _: next(answers))

    assert outcome.value == "x"


def test_tools_that_answer_differently_are_work(lab: Lab) -> None:
    """Many calls of one tool are no loop as long as arguments or results change."""
    answers = [calling("look", page=str(n)) for n in range(15)] + [calling("finish"), chat(reasoning="r", a="x")]

    assert lab.run(lambda: react(look)(q="?").a, answers).value == "x"


def broken(page: str) -> str:
    raise FileNotFoundError(f"/home/someone/private/{page} with password=hunter2hunter2")


def test_a_model_hears_what_went_wrong_without_traceback_or_folders(lab: Lab) -> None:
    """The type and the message of the error, and no more."""
    answers = [calling("broken", page="one"), calling("finish"), chat(reasoning="r", a="x")]

    lab.run(lambda: react(broken)(q="?"), answers)

    assert "Execution error in broken: FileNotFoundError: one with" in lab.prompts[1]
    for secret in ("Traceback", "/home", "hunter2", ".py"):
        assert secret not in lab.prompts[1]


def test_a_tool_can_be_declared_in_every_way() -> None:
    """As a decorator with and without options, around a function or around DSPy's own."""
    made = [tool(look), tool(loop_key=None)(look), tool(dspy.Tool(look)), tool(look, name="peek")]

    assert [type(each) for each in made] == [WatchedTool] * 4
    assert [each.name for each in made] == ["look", "look", "look", "peek"]
    assert [each(page="x") for each in made] == ["nothing on x"] * 4
    assert made[0].args == dspy.Tool(look).args
    assert str(made[0]) == str(dspy.Tool(look))
    assert made[1].loop_key is None


@pytest.mark.parametrize("wrong", [lambda: tool(3), lambda: tool(look, loop_key=3)])
def test_what_is_no_tool_is_refused(wrong: Callable[[], Any]) -> None:
    """When it is declared."""
    with pytest.raises(DefinitionError, match="function"):
        wrong()


def test_words_about_an_error_are_bounded() -> None:
    """A tool that raises a book does not fill the prompt."""
    assert len(explained("look", ValueError("x" * 10_000))) < 500


class Talker(dspy.Module):
    """Calls a step of its own on and on."""

    def __init__(self) -> None:
        super().__init__()
        self.ask = Step("q -> a", validate=ANY)

    def forward(self, q: str) -> None:
        while True:
            self.ask(q=q)


def test_a_loop_inside_a_module_ends_the_step_around_it(lab: Lab) -> None:
    """The agent hears of it as an outcome and may go on."""
    step = Step(Talker(), validate=ANY, name="talk")

    async def work() -> str:
        return (await step.aperform(q="?")).status

    assert lab.run(work, answering("x")).value == "no_progress"
    assert lab.engine.calls == 6


LOOPING = """
from agentflow import Step, pipeline
from agentflow import validators as v

ask = Step("q -> a", validate=v.none(reason="a test"))


@pipeline
async def circle() -> None:
    while True:
        await ask.acall(q="?")
"""


def test_a_resumed_loop_ends_where_it_ended_and_pays_nothing(lab: Lab, tmp_path: Path) -> None:
    """The watch sees recorded outcomes as it saw them first, so the nudge goes to the same prompt."""
    file = tmp_path / "circle.py"
    file.write_text(LOOPING)
    first = run(
        load_pipeline(str(file))(),
        ladder=lab.ladder(answering("x")),
        budget=Budget(calls=5, tokens=10**6),
        state=tmp_path,
    )
    engine = lab.engine

    again = resume(first.run, ladder=lab.ladder(answering("x")), budget=Budget(calls=20, tokens=10**6), state=tmp_path)

    assert (first.status, engine.calls) == ("budget_exhausted", 5)
    assert (again.status, lab.engine.calls, again.spent.calls) == ("no_progress", 1, 6)
