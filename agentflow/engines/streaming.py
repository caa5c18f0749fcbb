"""An answer shown while it is written: each event goes to the consumer as it comes, and the whole is put together.

Nothing is charged here. The end is kept back: whoever settles the answer shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from dspy import lm15
from dspy._vendor.lm15.result import StreamAccumulator

from agentflow.compat import Request, Response
from agentflow.effects import Call, Emit, Work


class Streaming(Protocol):
    """An engine that can show an answer while it is written."""

    def stream(self, request: Request, *, timeout: float) -> Any: ...
    def astream(self, request: Request, *, timeout: float) -> Any: ...


@dataclass(slots=True)
class Shown:
    """What the consumer of a stream has seen."""

    has_begun: bool = False
    end: Any = None
    """The last event, still to be shown."""


def can_stream(engine: Any) -> bool:
    """Whether *engine* shows its answers while it writes them, to threads and to tasks."""
    return hasattr(engine, "stream") and hasattr(engine, "astream")


def show(engine: Any, request: Request, timeout: float, shown: Shown) -> Work[Response]:
    """Emit the events of an answer, all but the last, and give the whole of it.

    A failure after the first emitted event says so in `after_output`: what was shown cannot be taken back.
    """
    whole, start = StreamAccumulator(request), None
    events = yield _opened(engine, request, timeout)
    try:
        while shown.end is None:
            event = yield _next_of(events)
            _check(event)
            whole.push(event)
            if event.type == "end":
                shown.end = event
            elif event.type == "start":
                start = event  # kept until more comes: before that, another request may still go out
            else:
                shown.has_begun = True
                yield from _emitted(start, event)
                start = None
    except Exception as error:
        error.after_output = shown.has_begun  # type: ignore[attr-defined]  # as providers mark theirs
        raise
    finally:
        yield Call(lambda: _close(events), lambda: _aclose(events))
    return whole.response()


def _emitted(start: Any, event: Any) -> Work[None]:
    if start is not None:
        yield Emit(start)
    yield Emit(event)


def _check(event: Any) -> None:
    if event is None:
        raise lm15.StreamAssemblyError("the stream stopped before its end")
    if event.type == "error":
        raise lm15.ProviderError(event.error.message)


def _opened(engine: Streaming, request: Request, timeout: float) -> Call:
    async def opened() -> Any:
        return engine.astream(request, timeout=timeout)

    return Call(lambda: engine.stream(request, timeout=timeout), opened)


def _next_of(events: Any) -> Call:
    return Call(lambda: next(events, None), lambda: anext(events, None))


def _close(events: Any) -> None:
    if hasattr(events, "close"):
        events.close()


async def _aclose(events: Any) -> None:
    if hasattr(events, "aclose"):
        await events.aclose()
