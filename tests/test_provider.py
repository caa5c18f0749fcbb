"""One request is one request on the wire, it ends in time, and every failure says whether it may have been billed."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from time import monotonic
from typing import Any

import pytest
from dspy import lm15

from agentflow.attempt import Tier
from agentflow.engines import Engine, open_engine
from agentflow.engines.provider import ProviderEngine, certainly_unbilled, is_dearer, usage_of
from agentflow.engines.retry import Retry
from agentflow.settings import Settings
from agentflow.testing import Hang, LoopbackProvider, Refusal, Reply, Reset

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Item 'summary' on TypedDict:UserWarning"),  # litellm's own types
]


NATIVE, THROUGH_LITELLM = "openai/m", "mistral/m"


FAILURES = {
    "429": Refusal(429, retry_after=3),
    "500": Refusal(500),
    "503": Refusal(503),
    "400": Refusal(400),
    "401": Refusal(401),
    "402": Refusal(402),
    "404": Refusal(404),
    "reset": Reset(),
    "hang": Hang(),
    "fat": Reply("word " * 99, honours_max_tokens=False),
    "silent": Reply("hello", reports_usage=False),
}


def answer(body: Any) -> Any:
    return FAILURES.get(str(body["messages"][-1]["content"]), "hello world again")


def ask(text: str = "hi", *, max_tokens: int = 64, **config: Any) -> lm15.Request:
    settings = lm15.Config(max_tokens=max_tokens, **config)
    return lm15.Request(model="whatever", messages=(lm15.Message.user(text),), config=settings)


def opened(model: str, api_base: str) -> ProviderEngine:
    engine = open_engine(Tier(model, api_base=api_base), Settings())
    assert isinstance(engine, ProviderEngine)
    return engine


@pytest.fixture(scope="module")
def provider() -> Iterator[LoopbackProvider]:
    with LoopbackProvider(answer) as running:
        yield running


@pytest.fixture(params=[NATIVE, THROUGH_LITELLM], ids=["native", "litellm"], scope="module")
def engine(request: pytest.FixtureRequest, provider: LoopbackProvider) -> Iterator[ProviderEngine]:
    running = opened(request.param, provider.url)
    yield running
    running.close()


def test_an_answer_comes_with_its_usage(engine: ProviderEngine, provider: LoopbackProvider) -> None:
    """Text, ending and tokens arrive as the provider said them, under the cap that was sent."""
    response = engine.complete(ask(max_tokens=2), timeout=20)

    assert response.message.parts[0].text == "hello wo"
    assert response.finish_reason == "length"
    assert usage_of(response, "openai").output_tokens == 2
    assert provider.bodies[-1]["max_tokens"] == 2


@pytest.mark.parametrize(
    ("text", "error", "unbilled"),
    [
        pytest.param("400", lm15.InvalidRequestError, True, id="invalid request"),
        pytest.param("401", lm15.AuthError, True, id="wrong key"),
        pytest.param("404", lm15.LM15Error, True, id="unknown model"),
        pytest.param("429", lm15.RateLimitError, True, id="rate limit"),
        pytest.param("500", lm15.ServerError, False, id="server error"),
        pytest.param("503", lm15.ServerError, False, id="overloaded"),
        pytest.param("reset", (lm15.TransportError, lm15.ServerError), False, id="reset"),
    ],
)
def test_every_failure_goes_out_once_and_says_whether_it_may_cost(
    engine: ProviderEngine, provider: LoopbackProvider, text: str, error: type[Exception], unbilled: bool
) -> None:
    """No library below sends again, and in doubt a request was billed."""
    before = provider.calls

    with pytest.raises(error, match=r".") as caught:
        engine.complete(ask(text), timeout=20)

    assert provider.calls == before + 1
    assert isinstance(caught.value, lm15.LM15Error)
    assert certainly_unbilled(caught.value) is unbilled


def test_a_missing_report_stays_missing(engine: ProviderEngine) -> None:
    """Nobody on the way makes a usage up."""
    response = engine.complete(ask("silent"), timeout=20)

    assert not usage_of(response, engine.route.provider).is_known


def test_a_refusal_for_the_rate_says_when_to_come_back(engine: ProviderEngine) -> None:
    """Retry-After arrives by both ways."""
    with pytest.raises(lm15.RateLimitError, match="refused") as caught:
        engine.complete(ask("429"), timeout=20)

    assert caught.value.retry_after == 3


def test_a_hanging_provider_is_left_in_time(engine: ProviderEngine, provider: LoopbackProvider) -> None:
    """The timeout holds for the whole request, and the request counts as billed."""
    started = monotonic()

    with pytest.raises(lm15.TimeoutError, match=r"no answer within 0\.2 s") as caught:
        engine.complete(ask("hang"), timeout=0.2)

    assert monotonic() - started < 2
    assert not certainly_unbilled(caught.value)
    assert provider.idle()


def test_an_answer_that_trickles_ends_in_time() -> None:
    """Bytes that keep coming do not stretch a timeout."""
    with LoopbackProvider(lambda body: Reply("x " * 500, latency=0.0), latency=5) as slow:
        running = opened(NATIVE, slow.url)
        with pytest.raises(lm15.TimeoutError, match="no answer within"):
            running.complete(ask(), timeout=0.2)
        running.close()


def test_nobody_listening_is_certainly_unbilled(engine: ProviderEngine) -> None:
    """What never found a connection cost nothing."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    refused = opened(f"{engine.route.provider}/m", address)

    with pytest.raises(lm15.LM15Error, match=r".") as caught:
        refused.complete(ask(), timeout=20)

    assert certainly_unbilled(caught.value)
    assert Retry().next_delay(1, caught.value, None, Random(0)) is not None
    refused.close()


def read_request(connection: socket.socket) -> bytes:
    head, _, body = connection.recv(65_536).partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65_536)
    return head + body


def test_a_reused_connection_that_breaks_is_not_asked_again(provider: LoopbackProvider) -> None:
    """A request that may have arrived is never sent twice under one reservation."""
    requests: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        ok = json.dumps({"model": "m", "choices": [{"message": {"content": "ok"}, "finish_reason": "stop"}]}).encode()
        connection, _ = listener.accept()
        requests.append(read_request(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(ok), ok))
        requests.append(connection.recv(1_024))  # the beginning of the second, then away
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        connection.close()
        listener.settimeout(1)
        try:
            again, _ = listener.accept()
        except TimeoutError:
            return
        requests.append(again.recv(1_024))
        again.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=(listener,))
        server.start()
        running = opened(NATIVE, f"http://127.0.0.1:{listener.getsockname()[1]}/v1")
        running.complete(ask(), timeout=20)

        with pytest.raises(lm15.LM15Error, match=r".") as caught:
            running.complete(ask("x" * 30_000_000), timeout=20)
        server.join()
    running.close()

    assert len(requests) == 2
    assert not certainly_unbilled(caught.value)


def test_fifty_tasks_are_fifty_requests(engine: ProviderEngine, provider: LoopbackProvider) -> None:
    """A pool per loop, no queue of its own, and every answer to its own asker."""
    before = provider.calls

    async def together() -> list[lm15.Response]:
        try:
            return await asyncio.gather(*(engine.acomplete(ask(str(n)), timeout=30) for n in range(50)))
        finally:
            await engine.aclose()

    responses = asyncio.run(together())

    assert all(response.message.parts[0].text == "hello world again" for response in responses)
    assert provider.calls == before + 50


def test_threads_share_one_pool(engine: ProviderEngine, provider: LoopbackProvider) -> None:
    """Sync callers stand side by side on the wire."""
    before = provider.calls
    provider.hold()

    with ThreadPoolExecutor(20) as pool:
        answers = [pool.submit(engine.complete, ask(), timeout=30) for _ in range(20)]
        assert provider.reached(before + 20)
        provider.let_go()
        assert {response.result().finish_reason for response in answers} == {"stop"}


def test_a_loop_after_another_gets_a_pool_of_its_own(provider: LoopbackProvider) -> None:
    """Connections of a loop that is gone are not touched again."""
    running = opened(NATIVE, provider.url)

    async def once() -> str:
        response = await running.acomplete(ask(), timeout=20)
        await running.aclose()
        return str(response.finish_reason)

    assert [asyncio.run(once()) for _ in range(3)] == ["stop"] * 3


def test_a_cancelled_task_leaves_the_wire(engine: ProviderEngine, provider: LoopbackProvider) -> None:
    """Cancellation arrives as itself, and the provider sees the client go."""
    before = provider.calls

    async def scenario() -> bool:
        task = asyncio.create_task(engine.acomplete(ask("hang"), timeout=60))
        await asyncio.to_thread(provider.reached, before + 1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await engine.aclose()
        return task.cancelled()

    assert asyncio.run(scenario())
    assert provider.idle()


def test_a_closed_engine_may_be_asked_again(provider: LoopbackProvider) -> None:
    """Closing gives connections back; it is no end."""
    running = opened(NATIVE, provider.url)

    for _ in range(2):
        assert running.complete(ask(), timeout=20).finish_reason == "stop"
        running.close()

    assert isinstance(running, Engine)


def test_a_stream_ends_with_its_usage(engine: ProviderEngine) -> None:
    """Deltas add up to the text, and the end carries the bill."""
    events = list(engine.stream(ask(), timeout=20))

    assert "".join(event.delta.text for event in events if event.type == "delta") == "hello world again"
    assert events[-1].type == "end"
    assert events[-1].usage.output_tokens == 5


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reset(after_chunks=2, text="a b c d e"), id="after two words"),
        pytest.param(Reset(), id="before the first"),
    ],
)
@pytest.mark.parametrize("model", [NATIVE, THROUGH_LITELLM], ids=["native", "litellm"])
def test_a_stream_that_dies_may_have_been_billed(model: str, reply: Reset) -> None:
    """A stream without its end is a failure, whatever came of it."""
    with LoopbackProvider(lambda body: reply) as dying:
        running = opened(model, dying.url)
        with pytest.raises(lm15.LM15Error, match=r".") as caught:
            list(running.stream(ask(), timeout=20))
        running.close()

    assert not certainly_unbilled(caught.value)
    assert dying.calls == 1


def test_a_stream_ends_in_time(provider: LoopbackProvider) -> None:
    """Its timeout is for all of it."""
    running = opened(NATIVE, provider.url)

    with pytest.raises(lm15.TimeoutError, match=r"no answer within 0\.2 s"):
        list(running.stream(ask("hang"), timeout=0.2))
    running.close()


def test_what_lm15_cannot_say_goes_through_litellm(provider: LoopbackProvider) -> None:
    """The second way is taken before anything was sent, so the request goes out once."""
    running, before = opened("anthropic/m", provider.url), provider.calls

    with pytest.raises(lm15.LM15Error, match=r"."):  # the answer is no Anthropic's; the way to it is what counts
        running.complete(ask(response_format={"type": "json_object"}), timeout=30)

    assert provider.calls == before + 1
    assert "lm15" not in provider.headers[-1]["user-agent"]
    running.close()


def test_what_nobody_can_say_is_refused_before_it_is_sent(engine: ProviderEngine, provider: LoopbackProvider) -> None:
    """A part without a place on the wire costs nothing and is named."""
    before, film = provider.calls, lm15.VideoPart(url="http://localhost/a.mp4", media_type="video/mp4")
    request = lm15.Request(model="m", messages=(lm15.Message.user([film]),))

    with pytest.raises(lm15.UnsupportedFeatureError, match="video part") as caught:
        engine.complete(request, timeout=30)

    assert certainly_unbilled(caught.value)
    assert provider.calls == before


@pytest.mark.parametrize(
    ("model", "field"),
    [
        pytest.param("ollama/m", "max_tokens", id="ollama"),
        pytest.param("hosted_vllm/m", "max_tokens", id="vllm"),
        pytest.param("lmstudio/m", "max_tokens", id="LM Studio"),
        pytest.param("llamacpp/m", "max_tokens", id="llama-server"),
        pytest.param("openai/m", "max_tokens", id="any server"),
        pytest.param("openai/gpt-5-mini", "max_completion_tokens", id="a gateway to OpenAI"),
    ],
)
def test_servers_by_address_need_no_key_and_hear_the_cap(provider: LoopbackProvider, model: str, field: str) -> None:
    """The cap is spelt as the server reads it: one that is not heard is a budget that is not kept."""
    running = opened(model, provider.url)

    running.complete(ask(max_tokens=9), timeout=20)
    running.close()

    assert provider.bodies[-1][field] == 9
    assert provider.bodies[-1]["model"] == model.partition("/")[2]


def test_a_key_is_read_when_it_is_needed(provider: LoopbackProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes from the environment, goes to the provider, and stands in no attribute of the engine."""
    running = opened(NATIVE, provider.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-secret")

    running.complete(ask(), timeout=20)

    assert provider.headers[-1]["authorization"] == "Bearer sk-test-secret"
    assert "sk-test-secret" not in repr(vars(running))
    running.close()


@pytest.mark.parametrize(
    ("data", "config", "dearer"),
    [
        pytest.param({}, {}, False, id="usual"),
        pytest.param({"service_tier": "default"}, {}, False, id="as usual, in words"),
        pytest.param({"service_tier": "priority"}, {}, True, id="with priority"),
        pytest.param({"usageMetadata": {"serviceTier": "PRIORITY"}}, {}, True, id="with priority, elsewhere"),
        pytest.param({}, {"cache": lm15.CacheConfig(retention="long")}, True, id="kept long"),
    ],
)
def test_a_dearer_service_is_noticed(data: dict[str, Any], config: dict[str, Any], dearer: bool) -> None:
    """What was served dearer is settled at its ceiling."""
    response = lm15.Response(None, "m", lm15.Message.assistant("x"), "stop", lm15.Usage(1, 1), provider_data=data)

    assert is_dearer(ask(**config), response) is dearer


def test_the_door_to_the_engines_loads_none() -> None:
    """Importing the protocol costs nothing."""
    code = "import sys, agentflow.engines; print('dspy' in sys.modules, 'litellm' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]
