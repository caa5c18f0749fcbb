"""Pages that were read not long ago, up to a number of bytes. It changes how long an answer takes and nothing else."""

from __future__ import annotations

import threading
from collections import OrderedDict

from agentflow.nano.transformer import Ids, Page

ROOM = 32 * 1024 * 1024
"""Bytes of the pages that are kept: about eight receipts of the larger model."""


class Shelf:
    """Keeps the pages used last, for any number of threads."""

    def __init__(self, room: int = ROOM) -> None:
        self.size = 0
        """Bytes of the pages that are here."""
        self._room = room
        self._pages: OrderedDict[bytes, Page] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, ids: Ids) -> Page | None:
        """The page of these tokens, if it is still here."""
        key = ids.tobytes()
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
            return self._pages.get(key)

    def keep(self, page: Page) -> None:
        """Put *page* here, and take away those that were not used for longest."""
        key = page.ids.tobytes()
        with self._lock:
            if key not in self._pages:
                self._pages[key] = page
                self.size += page.size
            while self.size > self._room:
                self.size -= self._pages.popitem(last=False)[1].size
