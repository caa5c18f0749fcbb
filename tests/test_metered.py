"""What passes between DSPy and the wire: streams, aborts, copies, and what happens between reserve and settle."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import Any

import dspy
import pytest
from dspy import lm15
from spending import ANSWER, CAP, answer, ask_many, calls_of, spend

from agentflow import Budget, Ladder, Tier, pipeline, resume, run
from agentflow.compat import current_scope
from agentflow.testing import LoopbackProvider, Reply, Reset, ScriptedEngine, chat
from agentflow.usage import FREE

WORDS = chat(answer="one two three four five six seven eight")
BIG = Budget(tokens=1_000_000)


class Dripping(ScriptedEngine):
    """Streams its answer word by word."""

    def __init__(self, text: str = WORDS, *, dies_after: int | None = None, fails_first: int = 0) -> None:
        super().__init__(lambda request: text)
        self.shown = 0
        self.closed = 0
        self._dies_after, self._fails = dies_after, fails_first

    def stream(self, request: lm15.Request, *, timeout: float) -> Iterator[Any]:
        return self._events(request, timeout)

    async def astream(self, request: lm15.Request, *, timeout: float) -> AsyncGenerator[Any, None]:
        events = self._events(request, timeout)
        try:
            for event in events:
                await asyncio.sleep(0)
                yield event
        finally:
            events.close()

    def _events(self, request: lm15.Request, timeout: float) -> Any:
        response = self.complete(request, timeout=timeout)
        try:
            yield lm15.StreamStartEvent(model=request.model)
            if self._fails:
                self._fails -= 1
                raise lm15.ServerError("overloaded")
            text = str(response.message.parts[0].text)
            for number, word in enumerate(text.split(" ")):
                if number == self._dies_after:
                    raise lm15.TransportError("the line went dead")
                self.shown += 1
                yield lm15.StreamDeltaEvent(lm15.TextDelta(word if number == 0 else f" {word}"))
            yield lm15.StreamEndEvent(response.finish_reason, response.usage)
        finally:
            self.closed += 1


def tier_of(engine: ScriptedEngine) -> Tier:
    return Tier("test/streaming", max_tokens=64, engine=engine, price=FREE)


async def chunks_of(step: Any, seen: Callable[[Any], None] = lambda chunk: None) -> list[Any]:
    """What a user sees of a streamed step."""
    chunks = []
    async for chunk in dspy.streamify(step, async_streaming=True)(question="why?"):
        seen(chunk)
        chunks.append(chunk)
    return chunks


def streamed(engine: ScriptedEngine, state: Path, tier: Tier | None = None) -> Any:
    """A run whose pipeline streams one step; its value is the number of chunks before the prediction."""

    @pipeline
    async def show() -> list[str]:
        return [type(chunk).__name__ for chunk in await chunks_of(answer)]

    return spend(show(), tier or tier_of(engine), BIG, state)


# streams


def test_a_stream_is_shown_while_it_is_written(tmp_path: Path) -> None:
    """The first words are seen before the last ones exist, and the whole is charged once."""
    engine, shown_at = Dripping(), list[int]()

    @pipeline
    async def show() -> int:
        return len(await chunks_of(answer, lambda chunk: shown_at.append(engine.shown)))

    outcome = spend(show(), tier_of(engine), BIG, tmp_path)

    assert outcome.accepted, outcome.feedback
    assert shown_at[0] < shown_at[-1] == engine.shown
    (row,) = calls_of(outcome)
    assert (row.status, row.spent.tokens) == ("done", outcome.spent.tokens)
    assert row.spent.tokens < row.reserved.tokens


def test_the_end_of_a_stream_comes_after_its_settlement_is_durable(tmp_path: Path) -> None:
    """Whoever has seen the end knows that the journal has the answer."""
    seen = list[str]()

    @pipeline
    async def show() -> str:
        chunks = await chunks_of(answer)
        scope = current_scope()
        assert scope is not None
        seen.extend(row.status for row in scope.run.store.calls(scope.run.id))
        return str(chunks[-1].answer)

    outcome = spend(show(), tier_of(Dripping()), BIG, tmp_path)

    assert outcome.accepted, outcome.feedback
    assert seen == ["done"]


@pytest.mark.parametrize("is_async", [False, True], ids=["from a thread", "from a task"])
def test_a_stream_that_the_consumer_leaves_is_charged_in_full(is_async: bool, tmp_path: Path) -> None:
    """What was written and not read was paid for; the inner stream is closed."""
    engine = Dripping()

    @pipeline
    async def leave() -> list[str]:
        scope, request = current_scope(), lm15.Request(model="m", messages=(lm15.Message.user("why?"),))
        assert scope is not None
        lm = scope.run.tiers.settings(tier_of(engine))["lm"]
        if is_async:
            awaited = lm._async_engine_spec.stream(request)
            seen = [await anext(awaited), await anext(awaited)]
            await awaited.aclose()
        else:
            events = lm._engine_spec.stream(request)
            seen = [next(events), next(events)]
            events.close()
        return [event.type for event in seen]

    outcome = spend(leave(), tier_of(engine), BIG, tmp_path)

    assert outcome.value == ["start", "delta"], outcome.feedback
    (row,) = calls_of(outcome)
    assert (row.status, row.spent) == ("unknown", row.reserved)
    assert engine.closed == 1
    assert not outcome.held


def test_a_stream_that_dies_is_charged_in_full_and_not_asked_again(tmp_path: Path) -> None:
    """What was shown cannot be taken back."""
    engine = Dripping(dies_after=3)

    outcome = streamed(engine, tmp_path)

    assert engine.calls == 1
    (row,) = calls_of(outcome)
    assert (row.status, row.spent) == ("unknown", row.reserved)


def test_a_stream_that_fails_before_anything_was_shown_is_asked_again(tmp_path: Path) -> None:
    """With a reservation of its own; the consumer sees one stream."""
    engine = Dripping(fails_first=1)

    outcome = streamed(engine, tmp_path)

    assert outcome.accepted, outcome.feedback
    assert [row.status for row in calls_of(outcome)] == ["unknown", "done"]
    assert outcome.value[-1] == "Prediction"


def test_an_engine_that_cannot_stream_is_shown_at_once(tmp_path: Path) -> None:
    """The answer comes in one piece, metered like any other."""
    outcome = streamed(ScriptedEngine(lambda request: WORDS), tmp_path)

    assert outcome.accepted, outcome.feedback
    assert outcome.value[-1] == "Prediction"
    assert [row.status for row in calls_of(outcome)] == ["done"]


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        pytest.param(WORDS, "done", id="a whole stream is settled"),
        pytest.param(Reset(after_chunks=4, text=WORDS), "unknown", id="one that dies is charged in full"),
        pytest.param(Reply(WORDS, reports_usage=False), "done", id="one without usage is charged in full"),
    ],
)
def test_streams_over_the_wire_are_billed_within_what_was_held(reply: Any, status: str, tmp_path: Path) -> None:
    """The provider's own bill is never above ours."""
    with LoopbackProvider(lambda body: reply) as provider:
        outcome = streamed(ScriptedEngine([]), tmp_path, tier=provider.tier(max_tokens=64))

        (row,) = calls_of(outcome)
        assert row.status == status
        assert provider.tokens <= row.spent.tokens <= row.reserved.tokens
        assert (row.spent == row.reserved) == (reply != WORDS)


@pipeline
async def stream_once() -> str:
    """A pipeline of this file, so that it can be resumed."""
    chunks = await chunks_of(answer)
    await asyncio.sleep(0)
    return str(chunks[-1].answer) + ("" if len(chunks) > 1 else " at once")


def test_a_replayed_stream_is_shown_from_the_journal(tmp_path: Path) -> None:
    """Nothing is asked again, and the consumer sees a stream all the same."""
    engine = Dripping()
    first = run(stream_once(), ladder=Ladder(tier_of(engine)), budget=BIG, state=tmp_path)

    second = resume(first.run, ladder=Ladder(tier_of(engine)), state=tmp_path)

    assert first.accepted, first.feedback
    assert second.accepted, second.feedback
    assert engine.calls == 1


# copies


def test_a_copied_engine_is_the_same_engine(tmp_path: Path) -> None:
    """Whatever an optimiser copies spends through the same meter, on the same account."""
    engine = ScriptedEngine(lambda request: ANSWER)

    @pipeline
    async def copies() -> bool:
        scope = current_scope()
        assert scope is not None
        lm = scope.run.tiers.settings(tier)["lm"]
        twin = copy.deepcopy(answer)
        await twin.acall(question="from a copy")
        return copy.deepcopy(lm).engine is lm.engine and copy.deepcopy(scope) is scope

    tier = tier_of(engine)
    outcome = spend(copies(), tier, BIG, tmp_path)

    assert outcome.value is True, outcome.feedback
    assert outcome.spent.calls == engine.calls == 1


def test_an_optimiser_compiles_within_the_budget(tmp_path: Path) -> None:
    """BootstrapFewShot copies its student and its teacher; every call is on the account, and the limit ends it."""
    engine = ScriptedEngine(lambda request: ANSWER)
    examples = [dspy.Example(question=f"q{n}", answer="yes").with_inputs("question") for n in range(20)]

    @pipeline
    def compiled() -> int:
        optimiser = dspy.BootstrapFewShot(metric=lambda example, prediction, trace: False, max_rounds=1)
        optimiser.compile(answer, trainset=examples)
        return 1

    outcome = spend(compiled(), tier_of(engine), Budget(calls=7, tokens=1_000_000), tmp_path)

    assert outcome.status == "budget_exhausted"
    assert engine.calls == outcome.spent.calls == 7


# between reserve and settle


def test_what_cannot_be_bounded_is_not_sent(tmp_path: Path) -> None:
    """The tier is passed over with the reason, and nothing is charged."""

    class Unbounded(ScriptedEngine):
        def bound(self, request: lm15.Request) -> Any:
            raise lm15.UnsupportedFeatureError("images have no upper bound", feature="messages")

    engine = Unbounded(lambda request: ANSWER)
    outcome = spend(ask_many(1), tier_of(engine), BIG, tmp_path)

    assert outcome.value == ["engine_failed"]
    assert (engine.calls, outcome.spent.calls) == (0, 0)


def test_whoever_waited_while_a_model_broke_its_bound_is_not_sent(tmp_path: Path) -> None:
    """The model is looked at once more when the money is there."""
    with LoopbackProvider(Reply("x" * 8_000, honours_max_tokens=False), latency=0.05) as provider:
        tier = provider.tier(max_tokens=CAP)

        outcome = spend(ask_many(30, limit=30), tier, Budget(calls=2, tokens=1_000_000), tmp_path)

        assert provider.billed_calls <= 2
        assert outcome.value.count("rejected") == provider.billed_calls  # the fat ones: nobody else was answered


def test_a_cancelled_request_is_settled_and_the_run_goes_on(tmp_path: Path) -> None:
    """It leaves no hold behind, and counts as unknown."""
    with LoopbackProvider(ANSWER) as provider:
        provider.hold()

        @pipeline
        async def impatient() -> str:
            asking = asyncio.ensure_future(answer.acall(question="slow"))
            await asyncio.to_thread(provider.reached, 1)
            asking.cancel()
            await asyncio.wait([asking])
            provider.let_go()
            return str((await answer.acall(question="next")).answer)

        outcome = spend(impatient(), provider.tier(max_tokens=CAP), BIG, tmp_path)

        assert outcome.value == "yes", outcome.feedback
        assert [row.status for row in calls_of(outcome)] == ["unknown", "done"]
        assert outcome.unknown.calls == 1
        assert not outcome.held
