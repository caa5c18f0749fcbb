"""The two engines DSPy sees, one for threads and one for event loops. Neither decides anything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from agentflow.compat import Request, Response
from agentflow.effects import adrive, adrive_stream, drive, drive_stream
from agentflow.engines import Engine
from agentflow.engines.metered import Meter


class MeteredEngine:
    """The face DSPy sees from threads."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        _forward_capabilities(self, meter.engine)

    def __deepcopy__(self, memo: dict[int, Any]) -> MeteredEngine:
        return self

    def complete(self, request: Request) -> Response:
        """One answer, metered."""
        return drive(self.meter.exchange(request))

    def stream(self, request: Request) -> Iterator[Any]:
        """The events of one answer as they come, metered: the end once it is settled, charged in full if cut short."""
        return drive_stream(self.meter.stream(request))

    def close(self) -> None:
        """Nothing: the run closes its engines."""


class AsyncMeteredEngine:
    """The face DSPy sees from an event loop."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        _forward_capabilities(self, meter.engine)

    def __deepcopy__(self, memo: dict[int, Any]) -> AsyncMeteredEngine:
        return self

    async def complete(self, request: Request) -> Response:
        """One answer, metered."""
        return await adrive(self.meter.exchange(request))

    def stream(self, request: Request) -> AsyncIterator[Any]:
        """The events of one answer as they come, metered: the end once it is settled, charged in full if cut short."""
        return adrive_stream(self.meter.stream(request))

    async def aclose(self) -> None:
        """Nothing: the run closes its engines."""


def _forward_capabilities(face: Any, engine: Engine) -> None:
    """Without these DSPy would believe that the engine can do nothing."""
    for name in ("supports_function_calling", "supports_reasoning", "supports_response_schema", "supported_params"):
        setattr(face, name, getattr(engine, name))
