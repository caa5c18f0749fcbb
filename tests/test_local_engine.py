"""The embedded model as an engine: lm15 requests in, lm15 responses out, on this machine's own cores."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import dspy
import numpy as np
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
from agentflow.nano.model import Model, Sampling
from agentflow.nano.prompt import Prompt, Shown
from tests.nano_files import BILL, OTHER, model, vocabulary

PROMPT = f"total:\n{BILL}"
SHOWING = (Message.user(f"total:\n{OTHER}"), Message.assistant("12.50"), Message.user(f"total: not 3.25\n{BILL}"))
CAPPED = Config(max_tokens=20)


def pool_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("agentflow-nano")]


def asking(prompt: str = PROMPT, config: Config | None = None, **rest: Any) -> Request:
    return Request(model="nano", messages=(Message.user(prompt),), config=config or CAPPED, **rest)


def untrained(name: str) -> Model:
    return model(seed=len(name))


def opened(clock: Callable[[], float] = time.monotonic) -> LocalEngine:
    return LocalEngine("local/nano-s", load=untrained, clock=clock)


def expected(prompt: Prompt, sampling: Sampling) -> str:
    return untrained("nano-s").answers(prompt, sampling, [np.random.default_rng(0)])[0].text


READ = expected(Prompt((Shown(BILL, "total"),)), Sampling(max_tokens=20))
"""What the model of these tests answers, right or wrong."""


@pytest.fixture
def engine() -> Iterator[LocalEngine]:
    engine = opened()
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


def test_a_tier_opens_the_weights_of_its_name() -> None:
    """One engine per name."""
    asked: list[str] = []

    def load(name: str) -> Model:
        asked.append(name)
        return model()

    for name in ("local/nano-s", "local/nano-m"):
        LocalEngine(name, load=load)

    assert asked == ["nano-s", "nano-m"]


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(asking(), id="a question"),
        pytest.param(
            Request(model="nano", messages=SHOWING, config=CAPPED), id="with an example and a rejected answer"
        ),
    ],
)
def test_a_request_is_answered_with_exact_usage(engine: LocalEngine, request_: Request) -> None:
    """What `bound` said is what is counted, however often it was read before."""
    bound = engine.bound(request_)

    responses = [engine.complete(request_, timeout=60) for _ in range(2)]

    assert {response.usage.input_tokens for response in responses} == {bound.input_tokens}
    assert (bound.kind, responses[0].model) == ("exact", "local/nano-s")
    assert 1 <= responses[0].usage.output_tokens <= 20
    assert responses[0].provider_data["mean_logprob"] < 0
    assert responses[0] == responses[1]


def test_messages_become_documents_in_their_order(engine: LocalEngine) -> None:
    """Examples first, with their answers; what was rejected stands with the question."""
    prompt = Prompt((Shown(OTHER, "total", "12.50"), Shown(BILL, "total", rejected="3.25")))

    answer = engine.complete(Request(model="nano", messages=SHOWING, config=CAPPED), timeout=60)

    assert answer.message.text == expected(prompt, Sampling(max_tokens=20))
    assert answer.usage.input_tokens == untrained("nano-s").count_tokens(prompt)


def test_a_cut_answer_says_length(engine: LocalEngine) -> None:
    """The cap of the request is kept to the token."""
    response = engine.complete(asking(config=Config(max_tokens=3)), timeout=60)

    assert READ.startswith(response.message.text)
    assert (response.finish_reason, response.usage.output_tokens) == ("length", 3)


def test_stop_texts_are_honoured(engine: LocalEngine) -> None:
    """The answer ends before them."""
    response = engine.complete(asking(config=Config(max_tokens=20, stop=(READ[4:6],))), timeout=60)

    assert response.message.text == READ[: READ.find(READ[4:6])]


def test_streaming_gives_pieces_as_they_are_written(engine: LocalEngine) -> None:
    """The pieces make the complete answer, and the end carries its usage."""
    start, *deltas, end = engine.stream(asking(), timeout=60)

    complete = engine.complete(asking(), timeout=60)

    assert (start.type, end.type) == ("start", "end")
    assert "".join(event.delta.text for event in deltas) == complete.message.text == READ
    assert len(deltas) > 3
    assert (end.usage, end.finish_reason) == (complete.usage, complete.finish_reason)


def test_async_streaming_gives_the_same_events(engine: LocalEngine) -> None:
    """One logic stands behind both."""

    async def collected() -> list[Any]:
        return [event async for event in engine.astream(asking(), timeout=60)]

    assert asyncio.run(collected()) == list(engine.stream(asking(), timeout=60))


def test_a_timeout_ends_the_answer_between_tokens() -> None:
    """The clock is looked at before each token."""
    ticking = opened(itertools.count().__next__)

    with pytest.raises(dspy.lm15.TimeoutError, match="stopped after 4 tokens"):
        ticking.complete(asking(), timeout=5)


def test_an_async_timeout_is_raised_too() -> None:
    """It is the same error from a coroutine."""
    ticking = opened(itertools.count().__next__)

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
        engine = opened(clock)
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
        engine.complete(asking(config=Config(max_tokens=24, temperature=1.5, seed=seed)), timeout=60)
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
            "messages in turn",
            id="two questions",
        ),
        pytest.param(
            Request(model="nano", messages=SHOWING[:2]),
            UnsupportedFeatureError,
            "a question at the end",
            id="no question",
        ),
        pytest.param(
            Request(
                model="nano", messages=(Message("user", (TextPart("total:\n"), ImagePart(url="https://x/y.png"))),)
            ),
            UnsupportedFeatureError,
            "reads text alone",
            id="an image",
        ),
        pytest.param(asking(system="You are"), UnsupportedSignature, "NanoAdapter", id="a chat prompt"),
        pytest.param(asking("What is love?"), UnsupportedSignature, "What is love", id="another task"),
        pytest.param(asking("mood:\n" + BILL), UnsupportedSignature, "'mood:' asks for none", id="another field"),
        pytest.param(asking("total:\n" + "9" * 600), ContextLengthError, "the model reads 511", id="too long a text"),
        pytest.param(
            Request(model="nano", messages=SHOWING[:2] * 4 + SHOWING[2:]),
            ContextLengthError,
            "5 documents",
            id="four examples",
        ),
    ],
)
def test_what_it_cannot_serve_is_refused(
    engine: LocalEngine, request_: Request, error: type[Exception], reason: str
) -> None:
    """The same from every door, with the reason."""
    with pytest.raises(error, match=reason):
        engine.complete(request_, timeout=60)
    with pytest.raises(error, match=reason):
        asyncio.run(engine.acomplete(request_, timeout=60))
    with pytest.raises(error, match=reason):
        engine.bound(request_)


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


def test_a_dspy_program_asks_and_reads(engine: LocalEngine) -> None:
    """Signature and demos in, the field out, with nothing but this process."""
    language_model = dspy.LM("local/nano-s", engine=Bridge(engine), cache=False)
    program = dspy.Predict("receipt -> number")
    program.demos = [dspy.Example(receipt=OTHER, number="4").with_inputs("receipt")]

    with dspy.context(lm=language_model, adapter=NanoAdapter(vocabulary())):
        prediction = program(receipt=BILL)

    prompt = Prompt((Shown(OTHER, "number", "4"), Shown(BILL, "number")))
    assert prediction.number == " ".join(expected(prompt, Sampling()).split())


def test_a_foreign_signature_surfaces_through_dspy(engine: LocalEngine) -> None:
    """DSPy does not swallow the error that names the way out."""
    language_model = dspy.LM("local/nano-s", engine=Bridge(engine), cache=False)

    with (
        dspy.context(lm=language_model, adapter=NanoAdapter(vocabulary())),
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
