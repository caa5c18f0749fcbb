"""The doubles keep their own promises, or every test that trusts them is worth nothing."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import deepcopy
from typing import Any
from urllib.error import HTTPError

import dspy
import pytest
from dspy import lm15

from agentflow.attempt import Tier
from agentflow.engines import Engine, open_engine
from agentflow.errors import UnknownModel
from agentflow.settings import Settings
from agentflow.testing import (
    Hang,
    LoopbackProvider,
    NoMoreAnswers,
    RecordedEngine,
    Refusal,
    Reply,
    Reset,
    ScriptedEngine,
    TickingClock,
    chat,
)


def ask(text: str = "hi", *, max_tokens: int | None = None) -> lm15.Request:
    return lm15.Request(model="m", messages=(lm15.Message.user(text),), config=lm15.Config(max_tokens=max_tokens))


def post(provider: LoopbackProvider, **body: Any) -> dict[str, Any]:
    plain = {"model": "m", "messages": [{"role": "user", "content": "hi"}]} | body
    request = urllib.request.Request(f"{provider.url}/chat/completions", json.dumps(plain).encode())
    with urllib.request.urlopen(request, timeout=10) as response:
        found: dict[str, Any] = json.loads(response.read())
    return found


def test_a_scripted_engine_is_an_engine() -> None:
    """The double stands wherever an engine may, found through its tier."""
    engine = ScriptedEngine(["ok"])

    assert isinstance(engine, Engine)
    assert open_engine(Tier("any/model", engine=engine), Settings()) is engine


def test_what_is_no_engine_is_refused_by_name() -> None:
    """A tier with something else for an engine says what it lacks."""
    with pytest.raises(UnknownModel, match="object is no Engine, it lacks complete, acomplete, bound"):
        open_engine(Tier("any/model", engine=object()), Settings())


def test_usage_is_exact_and_is_the_bound() -> None:
    """Four characters a token, the same before and after."""
    engine = ScriptedEngine(lambda request: "12345")

    response = engine.complete(ask("x" * 9))

    assert (response.usage.input_tokens, response.usage.output_tokens) == (3, 2)
    assert engine.bound(ask("x" * 9)).input_tokens == 3


@pytest.mark.parametrize(
    ("honours", "text", "finish", "tokens"),
    [
        pytest.param(True, "x" * 8, "length", 2, id="cut at the cap"),
        pytest.param(False, "x" * 40, "stop", 10, id="a fat completion"),
    ],
)
def test_a_cap_is_honoured_or_not_as_told(honours: bool, text: str, finish: str, tokens: int) -> None:
    """Providers of both kinds exist."""
    engine = ScriptedEngine(lambda request: "x" * 40, honours_max_tokens=honours)

    response = engine.complete(ask(max_tokens=2))

    assert response.message.parts[0].text == text
    assert (response.finish_reason, response.usage.output_tokens) == (finish, tokens)


def test_a_list_of_answers_is_given_in_order_and_ends() -> None:
    """Errors are raised, texts said, and the end is not made up."""
    engine = ScriptedEngine(["one", lm15.RateLimitError("slow"), [lm15.ToolCallPart(id="1", name="f", input={})]])

    assert engine.complete(ask()).message.parts[0].text == "one"
    with pytest.raises(lm15.RateLimitError, match="slow"):
        engine.complete(ask())
    assert engine.complete(ask()).finish_reason == "tool_call"
    with pytest.raises(NoMoreAnswers, match="the script held 3 answers"):
        engine.complete(ask())
    assert engine.calls == 4


def test_latency_beyond_the_timeout_is_a_timeout() -> None:
    """The script sleeps on the clock it was given, and no longer than it may."""
    clock = TickingClock()
    engine = ScriptedEngine(["late"], latency=5, sleep=clock.sleep)

    with pytest.raises(lm15.TimeoutError, match="no answer within 2 s"):
        engine.complete(ask(), timeout=2)
    assert clock() == 2


def test_a_scripted_stream_is_its_answer_in_events() -> None:
    """Both kinds of stream begin, say it, and end with the usage."""
    engine = ScriptedEngine(lambda request: "hello")

    async def collect() -> list[Any]:
        return [event async for event in engine.astream(ask())]

    for events in (list(engine.stream(ask())), asyncio.run(collect())):
        assert [event.type for event in events] == ["start", "delta", "end"]
        assert events[-1].usage.output_tokens == 2


def test_concurrent_requests_are_counted() -> None:
    """The peak is what a limit is judged by."""
    engine = ScriptedEngine(lambda request: "ok", asleep=lambda seconds: asyncio.sleep(0.01))

    async def together() -> None:
        await asyncio.gather(*(engine.acomplete(ask()) for _ in range(20)))

    asyncio.run(together())

    assert (engine.calls, engine.peak, engine.inflight) == (20, 20, 0)


def test_a_copy_of_an_engine_is_the_engine() -> None:
    """DSPy copies programs; what was asked stays in one place."""
    engine = ScriptedEngine(["ok"])

    assert deepcopy({"engine": engine})["engine"] is engine


def test_chat_renders_what_dspy_reads() -> None:
    """Fields go through DSPy's chat adapter unharmed."""
    signature = dspy.Signature("question -> answer, reason")

    parsed = dspy.ChatAdapter().parse(signature, chat(answer="42", reason="because\nof that"))

    assert parsed == {"answer": "42", "reason": "because\nof that"}


def test_a_recording_answers_each_key_in_order() -> None:
    """The k-th request of a key gets the k-th sample, and no more than there are."""
    engine = RecordedEngine({"a": ["a1", "a2"], "b": ["b1"]})

    said = [engine.complete(ask(text)).message.parts[0].text for text in "aba"]

    assert said == ["a1", "b1", "a2"]
    with pytest.raises(NoMoreAnswers, match="2 samples are recorded for 'a', and request 3 came"):
        engine.complete(ask("a"))
    with pytest.raises(NoMoreAnswers, match="0 samples are recorded for 'c'"):
        engine.complete(ask("c"))


def test_a_clock_moves_only_as_told() -> None:
    """By itself, by a tick per look, or by sleeping."""
    clock = TickingClock(10, tick=1)

    assert (clock(), clock()) == (11, 12)
    clock.sleep(5)
    assert clock() == 18


def test_the_provider_bills_what_it_answers() -> None:
    """Tokens and money add up to what the answers said."""
    with LoopbackProvider("x" * 40, input_price=1, output_price=10) as provider:
        usages = [post(provider)["usage"], post(provider, max_tokens=3)["usage"]]

    assert [usage["completion_tokens"] for usage in usages] == [10, 3]
    assert provider.tokens == sum(usage["total_tokens"] for usage in usages)
    assert provider.nano_usd == sum(usage["prompt_tokens"] + 10 * usage["completion_tokens"] for usage in usages)
    assert (provider.calls, provider.billed_calls) == (2, 2)


@pytest.mark.parametrize(
    ("refusal", "billed"),
    [
        pytest.param(Refusal(400), 0, id="400"),
        pytest.param(Refusal(401), 0, id="401"),
        pytest.param(Refusal(429, retry_after=2), 0, id="429"),
        pytest.param(Refusal(500), 1, id="500"),
    ],
)
def test_only_the_providers_own_failures_are_billed(refusal: Refusal, billed: int) -> None:
    """What the client did wrong costs nothing; what broke on the other side may."""
    with (
        LoopbackProvider(lambda body: refusal) as provider,
        pytest.raises(HTTPError, match=str(refusal.status)) as seen,
    ):
        post(provider)

    assert (provider.calls, provider.billed_calls) == (1, billed)
    assert seen.value.headers.get("Retry-After") == ("2" if refusal.retry_after else None)
    seen.value.close()


@pytest.mark.parametrize("answer", [Reset(), Hang()], ids=["reset", "hang"])
def test_lost_answers_are_billed_up_to_the_cap(answer: Reset | Hang) -> None:
    """Nobody sees them, somebody pays for them."""
    with LoopbackProvider(lambda body: answer, input_price=0, output_price=1) as provider:
        request = urllib.request.Request(f"{provider.url}/x", json.dumps({"messages": [], "max_tokens": 9}).encode())
        with pytest.raises(OSError, match=r"timed out|reset|closed|aborted"):
            urllib.request.urlopen(request, timeout=0.2)

        assert provider.idle()

    assert provider.nano_usd == 9


def test_a_fat_silent_answer_is_billed_in_full() -> None:
    """Neither the cap nor the missing report changes the bill."""
    with LoopbackProvider(
        lambda body: Reply("x" * 400, reports_usage=False, honours_max_tokens=False), input_price=0, output_price=1
    ) as provider:
        reply = post(provider, max_tokens=2)

    assert "usage" not in reply
    assert provider.nano_usd == 100


def test_held_requests_wait_together() -> None:
    """Fifty requests stand inside at once, and go when they are let go."""
    with LoopbackProvider() as provider, ThreadPoolExecutor(50) as pool:
        provider.hold()
        replies = [pool.submit(post, provider) for _ in range(50)]
        assert provider.reached(50)
        assert provider.peak == 50
        provider.let_go()

        assert all(reply.result(10)["choices"] for reply in replies)


def test_a_mistake_in_the_answer_function_ends_the_block() -> None:
    """A broken test fails as itself, not as a reset connection."""

    def wrong(body: object) -> str:
        raise LookupError("my own mistake")

    provider = LoopbackProvider(wrong)

    with pytest.raises(LookupError, match="my own mistake"), provider, suppress(OSError):
        post(provider)
