"""A provider on this machine that speaks OpenAI's chat wire and bills every request that reaches it.

It is the judge of a budget: what it counted is what would have been paid. Nothing leaves the loopback interface.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeAlias

from agentflow.attempt import Tier
from agentflow.usage import Price, Rate

BACKLOG = 1_024
CHARACTERS_PER_TOKEN = 4
UNCAPPED = 4_096
"""Output tokens billed for a lost answer to a request without a cap."""

Body: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, honest or not."""

    text: str
    reports_usage: bool = True
    honours_max_tokens: bool = True
    latency: float = 0.0
    """Seconds on top of the provider's own."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error instead of an answer; only what failed on the provider's side is billed."""

    status: int
    retry_after: float | None = None
    message: str = "refused"


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection dies: before the answer, or after so many chunks of a stream. Billed up to the cap."""

    after_chunks: int = 0
    text: str = "lost words"


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer ever comes, as long as the client stays. Billed up to the cap."""


Answer: TypeAlias = str | Reply | Refusal | Reset | Hang


class LoopbackProvider:
    """Use as a context manager; `url` is what a tier's `api_base` takes, `tier()` a tier that asks it.

    Counts one token for every four characters begun. The counters may be read from any thread at any time.
    """

    def __init__(
        self,
        answer: Callable[[Body], Answer] | str = "ok",
        *,
        latency: float = 0.0,
        input_price: int = 1_000,
        output_price: int = 4_000,
    ) -> None:
        self._answer = answer if callable(answer) else lambda _body: answer
        self._latency = latency
        self._input_price, self._output_price = input_price, output_price
        self.calls = 0
        """Requests that reached it, whatever became of them."""
        self.billed_calls = 0
        self.tokens = 0
        self.nano_usd = 0
        self.inflight = 0
        self.peak = 0
        """Most requests in hand at once."""
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        """Of every request, names in lower case."""
        self.errors: list[Exception] = []
        """What the answer function raised; the block ends with the first of them."""
        self.port = 0
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="loopback-provider", daemon=True)
        self._connections: set[asyncio.Task[None]] = set()
        self._open_gate: asyncio.Event

    @property
    def url(self) -> str:
        """Base address of the OpenAI-compatible API."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def price(self) -> Price:
        """What it charges."""
        read, write = self._input_price * 1_000_000, self._output_price * 1_000_000
        return Price((Rate(read, write, cached=read, cache_write=read),))

    def tier(self, *, max_tokens: int = 64, timeout: float = 30.0, attempts: int = 1) -> Tier:
        """A tier that asks this provider and knows its price."""
        return Tier(
            "openai/loopback",
            attempts=attempts,
            max_tokens=max_tokens,
            timeout=timeout,
            price=self.price,
            api_base=self.url,
        )

    def __enter__(self) -> LoopbackProvider:
        self._thread.start()
        with self._changed:
            self._changed.wait_for(lambda: self.port, timeout=10)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stop)
        self._thread.join(timeout=10)
        self._loop.close()
        if self.errors and error is None:
            raise self.errors[0]

    def hold(self) -> None:
        """Let requests in and answer none of them until `let_go`."""
        self._loop.call_soon_threadsafe(self._open_gate.clear)

    def let_go(self) -> None:
        """Answer what was held."""
        self._loop.call_soon_threadsafe(self._open_gate.set)

    def reached(self, calls: int, *, timeout: float = 10.0) -> bool:
        """Wait until so many requests have reached it; whether they did in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self.calls >= calls, timeout=timeout)

    def idle(self, *, timeout: float = 10.0) -> bool:
        """Wait until no request is in hand; whether that came in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self.inflight == 0, timeout=timeout)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._open_gate = asyncio.Event()
        self._open_gate.set()
        server = self._loop.run_until_complete(
            asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=BACKLOG, limit=2**26)
        )
        with self._changed:
            self.port = server.sockets[0].getsockname()[1]
            self._changed.notify_all()
        self._loop.run_forever()
        server.close()
        for task in self._connections:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._connections, return_exceptions=True))
        self._loop.run_until_complete(server.wait_closed())

    def _stop(self) -> None:
        self._loop.stop()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await self._answered_one(reader, writer):
                    pass
        finally:
            self._connections.discard(task)
            writer.close()

    async def _answered_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection may carry another request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        content = await reader.readexactly(int(headers.get("content-length") or 0))
        if head[0].startswith("GET"):
            writer.write(_json_response(200, {"object": "list", "data": [{"id": "loopback", "object": "model"}]}))
            return True
        body = json.loads(content)
        self._arrived(body, headers)
        try:
            return await self._answered(body, reader, writer)
        finally:
            with self._changed:
                self.inflight -= 1
                self._changed.notify_all()

    async def _answered(self, body: Body, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        try:
            answer = self._answer(body)
        except Exception as error:  # noqa: BLE001  # because the test that wrote the answer must see its mistake, not a reset
            self.errors.append(error)
            return False
        reply = Reply(answer) if isinstance(answer, str) else answer
        if isinstance(reply, Reply):
            return await self._replied(body, reply, writer)
        if isinstance(reply, Refusal):
            if reply.status >= 500:
                self._bill(body, output_tokens=0)
            writer.write(_refusal(reply))
            await writer.drain()
            return True
        self._bill(body, output_tokens=_cap(body) or UNCAPPED)
        if isinstance(reply, Hang):
            await reader.read(1)  # returns when the client hangs up
            return False
        await self._reset(body, reply, writer)
        return False

    async def _replied(self, body: Body, reply: Reply, writer: asyncio.StreamWriter) -> bool:
        written, cap = count_tokens(reply.text), _cap(body)
        is_cut = reply.honours_max_tokens and cap is not None and written > cap
        text = reply.text[: (cap or 0) * CHARACTERS_PER_TOKEN] if is_cut else reply.text
        usage = self._bill(body, output_tokens=cap or 0 if is_cut else written)
        await asyncio.sleep(self._latency + reply.latency)
        await self._open_gate.wait()
        finish = "length" if is_cut else "stop"
        if body.get("stream"):
            writer.write(STREAM_HEAD)
            async for event in _events(text, finish, usage if reply.reports_usage else None):
                writer.write(event)
        else:
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "finish_reason": finish, "message": message}
            plain = _completion(body, "chat.completion") | {"choices": [choice]}
            writer.write(_json_response(200, plain | ({"usage": usage} if reply.reports_usage else {})))
        await writer.drain()
        return not body.get("stream")

    async def _reset(self, body: Body, reset: Reset, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self._latency)
        if body.get("stream") and reset.after_chunks:
            writer.write(STREAM_HEAD)
            sent = 0
            async for event in _events(reset.text, "stop", None):
                if sent >= reset.after_chunks:
                    break
                writer.write(event)
                sent += 1
            await writer.drain()
        writer.transport.abort()

    def _arrived(self, body: dict[str, Any], headers: dict[str, str]) -> None:
        with self._changed:
            self.calls += 1
            self.inflight += 1
            self.peak = max(self.peak, self.inflight)
            self.bodies.append(body)
            self.headers.append(headers)
            self._changed.notify_all()

    def _bill(self, body: Body, *, output_tokens: int) -> dict[str, int]:
        read = count_tokens(json.dumps(body.get("messages"), ensure_ascii=False))
        read += count_tokens(json.dumps(body["tools"])) if body.get("tools") else 0
        with self._changed:
            self.billed_calls += 1
            self.tokens += read + output_tokens
            self.nano_usd += read * self._input_price + output_tokens * self._output_price
        return {"prompt_tokens": read, "completion_tokens": output_tokens, "total_tokens": read + output_tokens}


STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def count_tokens(text: str) -> int:
    """One token for every four characters begun."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def _cap(body: Body) -> int | None:
    cap = body.get("max_completion_tokens", body.get("max_tokens"))
    return None if cap is None else int(cap)


def _completion(body: Body, kind: str) -> dict[str, Any]:
    return {"id": "loopback-1", "object": kind, "created": 1, "model": body.get("model", "loopback")}


async def _events(text: str, finish: str, usage: dict[str, int] | None) -> AsyncIterator[bytes]:
    words = text.split(" ")
    for index, word in enumerate(words):
        yield _event({"delta": {"content": word if index == 0 else f" {word}"}, "index": 0, "finish_reason": None})
        await asyncio.sleep(0)
    yield _event({"delta": {}, "index": 0, "finish_reason": finish})
    if usage is not None:
        yield _data(_completion({}, "chat.completion.chunk") | {"choices": [], "usage": usage})
    yield b"data: [DONE]\n\n"


def _event(choice: dict[str, Any]) -> bytes:
    return _data(_completion({}, "chat.completion.chunk") | {"choices": [choice]})


def _data(plain: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(plain)}\n\n".encode()


def _refusal(refusal: Refusal) -> bytes:
    headers = {} if refusal.retry_after is None else {"Retry-After": f"{refusal.retry_after:g}"}
    return _json_response(refusal.status, {"error": {"message": refusal.message}}, headers)


def _json_response(status: int, plain: dict[str, Any], headers: Mapping[str, str] | None = None) -> bytes:
    content = json.dumps(plain).encode()
    lines = [f"HTTP/1.1 {status} Status", "Content-Type: application/json", f"Content-Length: {len(content)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + content
