"""Writes what models answer on a cassette, while they answer: whole lines, one after the other, whoever else writes.

A line is written before its answer is committed: after a kill at any point, what the journal holds is on the cassette.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agentflow.attempt import Tier
from agentflow.compat import Request
from agentflow.engines import Engine
from agentflow.engines.lines import (
    VERSION,
    Asked,
    as_line,
    fields_of,
    is_whole,
    price_to_json,
    read_lines,
    tier_to_json,
)
from agentflow.errors import BadCassette, StoreFailed
from agentflow.events import CallSettled
from agentflow.redact import Redactor
from agentflow.usage import Price

BLOCK = 2**16
CAPABILITIES = ("supports_function_calling", "supports_reasoning", "supports_response_schema", "supported_params")
"""What prompts are made by: a replayed tier must have them as they were."""


class Recorder:
    """One run's pen on a cassette."""

    def __init__(self, path: Path, run: str, redactor: Redactor | None = None) -> None:
        self.path, self.run = path, run
        self.redactor = redactor or Redactor.of_environment()
        self._descriptor = -1
        self._lock = threading.Lock()

    def begin(self, header: dict[str, Any], tiers: Iterable[tuple[Tier, Price | None]], *, append: bool) -> None:
        """Say what follows. Raises `BadCassette` unless the file is new, or a cassette to *append* to."""
        told = [tier_to_json(tier, price, self.redactor) for tier, price in tiers]
        line = {"kind": "cassette", "version": VERSION, "run": self.run, **self.redactor.value(header), "tiers": told}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._open():
                self._refuse_to_spoil(append=append)
                self._write(line)
        except OSError as error:
            raise BadCassette(f"nothing can be recorded on {self.path}: {error.strerror or error}") from error
        finally:
            self.close()

    def go_on(self) -> None:
        """Record more of a run that was begun. Raises `BadCassette` when its beginning is gone."""
        if next(read_lines(self.path), None) is None:
            raise BadCassette(f"{self.path} is empty, and held what run {self.run} was answered; put it back")

    def of(self, tier: Tier, engine: Engine, price: Price | None) -> TierRecorder:
        """What writes down the answers of one tier."""
        can = {name: getattr(engine, name) for name in CAPABILITIES}
        can["supported_params"] = sorted(can["supported_params"])
        self.write({"kind": "tier", **tier_to_json(tier, price, self.redactor), **can})
        return TierRecorder(self, tier, engine, price)

    def write(self, line: dict[str, Any]) -> None:
        """Add a line. Raises `StoreFailed`, and then it is as if nothing had been written."""
        try:
            with self._lock, self._open():
                self._write(line)
        except OSError as error:
            raise StoreFailed(f"the cassette {self.path} cannot be written: {error.strerror or error}") from error

    def close(self) -> None:
        """Give back the file. The next line opens it again."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    @contextmanager
    def _open(self) -> Iterator[None]:
        """Have the file, and no other process at the same time."""
        if self._descriptor < 0:
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            self._descriptor = os.open(self.path, flags, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def _refuse_to_spoil(self, *, append: bool) -> None:
        if os.fstat(self._descriptor).st_size == 0:
            return
        if not append:
            raise BadCassette(
                f"{self.path} exists: choose another file, delete it, or add to it with --append (append=True)"
            )
        next(read_lines(self.path), None)  # raises where it is something else

    def _write(self, line: dict[str, Any]) -> None:
        self._mend_end()
        size, text = os.fstat(self._descriptor).st_size, as_line(line)
        written = 0
        try:
            while written < len(text):
                written += os.write(self._descriptor, text[written:])
        except OSError:
            os.ftruncate(self._descriptor, size)
            raise

    def _mend_end(self) -> None:
        """What a killed process left of a line goes: its answer was never used."""
        size = os.fstat(self._descriptor).st_size
        if size == 0 or os.pread(self._descriptor, 1, size - 1) == b"\n":
            return
        start, tail = size, b""
        while start > 0 and b"\n" not in tail:
            start = max(0, start - BLOCK)
            tail = os.pread(self._descriptor, BLOCK if tail else size - start, start) + tail
        rest = tail[tail.rfind(b"\n") + 1 :]
        if is_whole(rest):
            os.write(self._descriptor, b"\n")  # an editor took it away
        else:
            os.ftruncate(self._descriptor, size - len(rest))


class TierRecorder:
    """Writes down what one tier answers."""

    def __init__(self, recorder: Recorder, tier: Tier, engine: Engine, price: Price | None) -> None:
        self._recorder, self._tier, self._engine, self._price = recorder, tier, engine, price
        self._refused: set[str] = set()

    def keep(self, request: Request, cap: int, settled: CallSettled | None) -> None:
        """Write down an answer that is about to be settled, or that the budget refused to pay. Raises `StoreFailed`.

        *request* is as it was asked, *cap* the output tokens that were allowed on the wire.
        """
        asked = Asked.of(self._tier, request, self._recorder.redactor)
        bound = self._engine.bound(request).input_tokens
        if settled is not None:
            self._recorder.write(self._call(asked, bound, cap, settled))
        elif asked.key not in self._refused:
            self._refused.add(asked.key)
            self._recorder.write({"kind": "refused", "key": asked.key, "bound": bound})

    def _call(self, asked: Asked, bound: int, cap: int, settled: CallSettled) -> dict[str, Any]:
        id, usage, clean = settled.id, settled.usage, self._recorder.redactor.value
        usual = self._price.cost(usage) if self._price is not None and usage.is_known else settled.spent.usd
        said = {"path": id.path, "tier": self._tier.label, "response": json.loads(settled.response)}
        return {
            "kind": "call",
            "key": asked.key,
            "run": id.run,
            "occurrence": id.occurrence,
            "identity": asked.identity,
            "request": asked.request,
            **clean(said),
            "usage": fields_of(usage),
            "bound": bound,
            "cap": cap,
            "clipped": settled.clipped,
            "dear": settled.spent.usd > usual,
            "spent": fields_of(settled.spent),
            "price": price_to_json(self._price),
        }
