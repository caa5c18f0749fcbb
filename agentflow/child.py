"""Child: a spawned agent, as its parent sees it."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Generator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Literal

from agentflow.attempt import Outcome
from agentflow.budget import Budget
from agentflow.errors import DefinitionError
from agentflow.ladder import Ladder
from agentflow.places import resting

Share = Literal["ceiling", "carve"]


@dataclass(frozen=True, slots=True)
class Options:
    """What may be said of a child besides its inputs."""

    budget: Budget = field(default_factory=Budget)
    ladder: Ladder | None = None
    key: str = ""
    """Identity in the journal. Empty: the hash of the inputs."""
    priority: int = 0
    """Higher starts first."""
    share: Share = "ceiling"

    def __post_init__(self) -> None:
        if not isinstance(self.budget, Budget):
            raise DefinitionError(f"a child's budget is a Budget, such as Budget(calls=4), not {self.budget!r}")
        if self.ladder is not None and not isinstance(self.ladder, Ladder):
            raise DefinitionError(f"ladder= takes a Ladder, not {self.ladder!r}")
        if self.share not in ("ceiling", "carve"):
            raise DefinitionError(f"share= is 'ceiling' or 'carve', not {self.share!r}")


class Child:
    """A spawned agent. Await it for its outcome; after the team's block the outcome is there."""

    __slots__ = ("__weakref__", "_done", "_outcome", "context", "inputs", "options", "path", "target")

    def __init__(self, target: Any, inputs: Mapping[str, Any], options: Options, path: str) -> None:
        self.target, self.inputs, self.options, self.path = target, inputs, options, path
        self.context: contextvars.Context | None = contextvars.copy_context()
        self._outcome: Outcome | None = None
        self._done: Future[None] | None = None

    @property
    def outcome(self) -> Outcome:
        """How it ended. Raises `DefinitionError` while it has not."""
        if self._outcome is None:
            raise DefinitionError(f"{self.path} has not ended; `await` the child, or leave the block of its team first")
        return self._outcome

    @property
    def is_done(self) -> bool:
        """Whether the outcome is there."""
        return self._outcome is not None

    def __await__(self) -> Generator[Any, Any, Outcome]:
        return self._wait().__await__()

    def finish(self, outcome: Outcome) -> None:
        """Enter the outcome, once."""
        if self._outcome is None:
            self._outcome, self.context = outcome, None
            if self._done is not None:
                self._done.set_result(None)

    async def _wait(self) -> Outcome:
        """Whoever waits may do so on another event loop than the team's."""
        if self._outcome is None and self._done is None:
            self._done = Future()
        if self._outcome is None and self._done is not None:
            async with resting():
                await asyncio.shield(asyncio.wrap_future(self._done))
        return self.outcome
