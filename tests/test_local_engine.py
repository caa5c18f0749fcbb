"""The embedded model as an engine: lm15 requests in, lm15 responses out, on this machine's own cores."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import dspy
import pytest
from dspy.lm15 import (
    Config,
    ContextLengthError,
    FunctionTool,
    ImagePart,
    Message,
    Request,
    TextPart,
    UnsupportedFeatureError,
)

from agentflow.attempt import Tier
from agentflow.engines import Engine
from agentflow.engines.local import LocalEngine
from agentflow.errors import UnknownModel, UnsupportedSignature
from agentflow.nano.adapter import NanoAdapter
from agentflow.nano.gate import CORES

BILL = "Bill\nSeller: Lunwer GmbH\nDate: 4/10/26\nPrinter 12.50\nSoap 3.25\nTotal 15.75 EUR"
PROMPT = f"X:{BILL}\n="
READ = "Lunwer GmbH|2026-10-04|EUR|12.50+3.25|15.75"


def pool_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("agentflow-nano")]


def asking(prompt: str = PROMPT, config: Config | None = None, **rest: Any) -> Request:
    return Request(model="nano", messages=(Message.user(prompt),), config=config or Config(), **rest)


@pytest.fixture
def engine() -> Iterator[LocalEngine]:
    engine = LocalEngine("local/nano-s")
    yield engine
    engine.close()


def test_it_is_an_engine_that_says_what_it_cannot_do(engine: LocalEngine) -> None:
    """It is planned for without tools, reasoning or schemas."""
    assert isinstance(engine, Engine)
    assert not any((engine.supports_function_calling, engine.supports_reasoning, engine.supports_response_schema))


@pytest.mark.parametrize("name", ["local/nano-xl", "local/", "openai/nano-s"])
def test_an_unknown_model_lists_what_exists(name: str) -> None:
    """Nothing falls back to another model."""
    with pytest.raises(UnknownModel, match="local/nano-s, local/nano-m"):
        LocalEngine.open(Tier(name), settings=None)  # type: ignore[arg-type]  # it reads no settings


@pytest.mark.parametrize("name", ["local/nano-s", "local/nano-m"])
def test_a_request_is_answered_with_exact_usage(name: str) -> None:
    """What `bound` said is what is counted."""
    engine = LocalEngine(name)

    response = engine.complete(asking(), timeout=60)

    assert (response.message.text, response.model, response.finish_reason) == (READ, name, "stop")
    assert (response.usage.input_tokens, response.usage.output_tokens) == (1 + len(PROMPT), 1 + len(READ))
    assert engine.bound(asking()).input_tokens == response.usage.input_tokens
    assert engine.bound(asking()).kind == "exact"
    assert response.provider_data["mean_logprob"] < 0


def test_a_cut_answer_says_length(engine: LocalEngine) -> None:
    """The cap of the request is kept to the token."""
    response = engine.complete(asking(config=Config(max_tokens=7)), timeout=60)

    assert (response.message.text, response.finish_reason, response.usage.output_tokens) == (READ[:7], "length", 7)


def test_stop_texts_are_honoured(engine: LocalEngine) -> None:
    """The answer ends before them."""
    assert engine.complete(asking(config=Config(stop=("|",))), timeout=60).message.text == "Lunwer GmbH"


def test_streaming_gives_pieces_as_they_are_written(engine: LocalEngine) -> None:
    """The pieces make the complete answer, and the end carries its usage."""
    start, *deltas, end = engine.stream(asking(), timeout=60)

    complete = engine.complete(asking(), timeout=60)

    assert (start.type, end.type, len(deltas)) == ("start", "end", len(READ))
    assert "".join(event.delta.text for event in deltas) == complete.message.text
    assert (end.usage, end.finish_reason) == (complete.usage, complete.finish_reason)


def test_async_streaming_gives_the_same_events(engine: LocalEngine) -> None:
    """One logic stands behind both."""

    async def collected() -> list[Any]:
        return [event async for event in engine.astream(asking(), timeout=60)]

    assert asyncio.run(collected()) == list(engine.stream(asking(), timeout=60))


def test_a_timeout_ends_the_answer_between_tokens() -> None:
    """The clock is looked at before each token."""
    ticking = LocalEngine("local/nano-s", clock=itertools.count().__next__)

    with pytest.raises(dspy.lm15.TimeoutError, match="stopped after 4 tokens"):
        ticking.complete(asking(), timeout=5)


def test_an_async_timeout_is_raised_too() -> None:
    """It is the same error from a coroutine."""
    ticking = LocalEngine("local/nano-s", clock=itertools.count().__next__)

    with pytest.raises(dspy.lm15.TimeoutError, match="give the tier more time"):
        asyncio.run(ticking.acomplete(asking(), timeout=5))


def test_a_cancelled_task_stops_its_thread_between_tokens() -> None:
    """Nobody pays with processor time for an answer that nobody reads."""
    begun, looks = threading.Event(), []
    cancelled = threading.Event()

    def clock() -> float:
        looks.append(0)
        if len(looks) == 3:
            begun.set()
            cancelled.wait(10)
        return 0.0

    async def cancel_in_the_middle() -> None:
        engine = LocalEngine("local/nano-s", clock=clock)
        task = asyncio.create_task(engine.acomplete(asking(), timeout=60))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError, match=r"^$"):
            await task
        engine.close()
        cancelled.set()

    asyncio.run(cancel_in_the_middle())
    for thread in pool_threads():
        thread.join(10)

    assert len(looks) == 3


def test_equal_seeds_give_equal_answers(engine: LocalEngine) -> None:
    """A journal that derives its seeds can ask again and get the same."""
    first, again, other = (
        engine.complete(asking("X:zq 8\n=", Config(max_tokens=24, temperature=1.5, seed=seed)), timeout=60)
        for seed in (3, 3, -4)
    )

    assert first.message.text == again.message.text != other.message.text


@pytest.mark.slow
def test_sixty_at_once_answer_as_one_by_one_on_a_bounded_pool(engine: LocalEngine) -> None:
    """Concurrency changes no answer and starts no more threads than there are cores."""
    requests = [asking(config=Config(max_tokens=12, temperature=2.0, seed=seed)) for seed in range(60)]

    async def together() -> list[Any]:
        return await asyncio.gather(*(engine.acomplete(request, timeout=60) for request in requests))

    before = set(pool_threads())
    answers = asyncio.run(together())
    started = set(pool_threads()) - before

    assert answers == [engine.complete(request, timeout=60) for request in requests]
    assert 1 <= len(started) <= CORES


def test_it_can_be_used_after_it_was_closed(engine: LocalEngine) -> None:
    """Closing gives back threads, not the model."""
    asyncio.run(engine.aclose())

    assert asyncio.run(engine.acomplete(asking(), timeout=60)).message.text == READ


@pytest.mark.parametrize(
    ("request_", "error", "reason"),
    [
        pytest.param(
            asking(tools=(FunctionTool(name="f", parameters={}),)), UnsupportedFeatureError, "no tools", id="tools"
        ),
        pytest.param(asking(config=Config(top_p=0.5)), UnsupportedFeatureError, "no top_p", id="a knob it lacks"),
        pytest.param(
            Request(model="nano", messages=(Message.user(PROMPT), Message.user(PROMPT))),
            UnsupportedFeatureError,
            "one text message",
            id="two messages",
        ),
        pytest.param(
            Request(model="nano", messages=(Message("user", (TextPart("X:"), ImagePart(url="https://x/y.png"))),)),
            UnsupportedFeatureError,
            "one text message",
            id="an image",
        ),
        pytest.param(asking(system="You are"), UnsupportedSignature, "NanoAdapter", id="a chat prompt"),
        pytest.param(asking("What is love?"), UnsupportedSignature, "What is love", id="another task"),
        pytest.param(asking("X:" + "9" * 600 + "\n="), ContextLengthError, "context 512", id="too long a prompt"),
    ],
)
def test_what_it_cannot_serve_is_refused(
    engine: LocalEngine, request_: Request, error: type[Exception], reason: str
) -> None:
    """The same from both doors, with the reason."""
    with pytest.raises(error, match=reason):
        engine.complete(request_, timeout=60)
    with pytest.raises(error, match=reason):
        asyncio.run(engine.acomplete(request_, timeout=60))


class Bridge:
    """The engine in the shape that `dspy.LM` takes."""

    def __init__(self, engine: LocalEngine) -> None:
        self.engine = engine

    def complete(self, request: Request) -> Any:
        return self.engine.complete(request, timeout=60)

    def stream(self, request: Request) -> Any:
        return self.engine.stream(request, timeout=60)

    def close(self) -> None:
        self.engine.close()


def test_a_dspy_program_reads_a_receipt(engine: LocalEngine) -> None:
    """Signature in, typed fields out, with nothing but this process."""
    language_model = dspy.LM("local/nano-s", engine=Bridge(engine), cache=False)

    with dspy.context(lm=language_model, adapter=NanoAdapter()):
        prediction = dspy.Predict("receipt -> company, total: str")(receipt=BILL)
        total = dspy.Predict("receipt -> total")(receipt=BILL)

    assert (prediction.company, Decimal(prediction.total), total.total) == ("Lunwer GmbH", Decimal("15.75"), "15.75")


def test_a_foreign_signature_surfaces_through_dspy(engine: LocalEngine) -> None:
    """DSPy does not swallow the error that names the way out."""
    language_model = dspy.LM("local/nano-s", engine=Bridge(engine), cache=False)

    with (
        dspy.context(lm=language_model, adapter=NanoAdapter()),
        pytest.raises(UnsupportedSignature, match="configure a general model"),
    ):
        dspy.Predict("question -> answer")(question="Why?")


def test_a_prompt_of_another_adapter_surfaces_as_a_cause(engine: LocalEngine) -> None:
    """DSPy wraps what an engine raises and keeps the reason."""
    language_model = dspy.LM("local/nano-s", engine=Bridge(engine), cache=False)

    with (
        dspy.context(lm=language_model, adapter=dspy.ChatAdapter(use_json_adapter_fallback=False)),
        pytest.raises(Exception, match="its steps need NanoAdapter") as caught,
    ):
        dspy.Predict("question -> answer")(question="Why?")

    assert isinstance(caught.value.__cause__, UnsupportedSignature)
