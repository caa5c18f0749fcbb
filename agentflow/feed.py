"""Feed: items taken one at a time, as late as possible, without keeping anyone waiting for a slow source."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from typing import Any, TypeAlias

from agentflow.errors import DefinitionError

Item: TypeAlias = Mapping[str, Any]
"""The inputs of one child, by name."""
Items: TypeAlias = Iterable[Item] | AsyncIterable[Item]


class Feed:
    """What `poll` gives next, or None while nothing is there. Belongs to one event loop."""

    def __init__(self, items: Items, on_change: Callable[[], None]) -> None:
        self._queue: asyncio.Queue[Any] = asyncio.Queue(maxsize=1)
        self._on_change = on_change
        self._source: Any = None
        self._pump: asyncio.Task[None] | None = None
        self.is_open = True
        """Whether more may come."""
        if isinstance(items, AsyncIterable):
            self._pump = asyncio.ensure_future(self._read(items))
            self._pump.add_done_callback(self._end)
        else:
            self._source = iter(items)

    def poll(self) -> Item | None:
        """The next item, when there is one now. Raises what the source raises, and `DefinitionError` for no mapping."""
        if self._pump is None:
            for item in self._source if self.is_open else ():
                return _checked(item)
            self.is_open = False
        elif not self._queue.empty():
            return _checked(self._queue.get_nowait())
        elif self._pump.done():
            self.is_open = False
            self._pump.result()
        return None

    def close(self) -> None:
        """Take nothing more."""
        self.is_open = False
        if self._pump is not None:
            self._pump.cancel()

    def _end(self, pump: asyncio.Task[None]) -> None:
        if not pump.cancelled():
            pump.exception()  # seen, also where nobody polls any more
        self._on_change()

    async def _read(self, items: AsyncIterable[Item]) -> None:
        """All items in one task, so that the source keeps its context from one item to the next."""
        async for item in items:
            await self._queue.put(item)
            self._on_change()


def _checked(item: Any) -> Item:
    if not isinstance(item, Mapping):
        raise DefinitionError(f"map() takes the inputs of each child by name, such as {{'receipt': …}}, not {item!r}")
    return item
