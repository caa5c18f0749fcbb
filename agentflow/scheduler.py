"""Agents: children that work at the same time, a bounded number of them, each on an account of its own.

Ten thousand spawned children are ten thousand small records, not ten thousand tasks: one becomes a task when there is a
place for it. Whoever waits for children gives its own place back meanwhile.
"""

from __future__ import annotations

import asyncio
import contextvars
import heapq
from collections.abc import AsyncIterable, AsyncIterator, Generator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal, TypeAlias

from agentflow import compat
from agentflow.account import Account
from agentflow.attempt import Outcome
from agentflow.boundary import close_books, name_of, perform_target
from agentflow.budget import Budget
from agentflow.errors import DefinitionError, NoAccount
from agentflow.events import AgentFinished
from agentflow.ladder import Ladder
from agentflow.places import Place, Places
from agentflow.progress import Watch
from agentflow.reservation import Refusal
from agentflow.scope import Scope

Share = Literal["ceiling", "carve"]
Items: TypeAlias = Iterable[Mapping[str, Any]] | AsyncIterable[Mapping[str, Any]]


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


class Child:
    """A spawned agent. Await it for its outcome; after the team's block the outcome is there."""

    __slots__ = ("_done", "_failure", "_outcome", "context", "inputs", "options", "path", "target", "task")

    def __init__(self, target: Any, inputs: Mapping[str, Any], options: Options, path: str) -> None:
        self.target, self.inputs, self.options, self.path = target, inputs, options, path
        self.context: contextvars.Context | None = contextvars.copy_context()
        self.task: asyncio.Task[None] | None = None
        self._outcome: Outcome | None = None
        self._done: asyncio.Future[Outcome] | None = None

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
            self._outcome = outcome
            self.context = None
            if self._done is not None and not self._done.done():
                self._done.set_result(outcome)

    async def _wait(self) -> Outcome:
        if self._outcome is None:
            if self._done is None:
                self._done = asyncio.get_running_loop().create_future()
            async with resting():
                await asyncio.shield(self._done)
        return self.outcome


class Team:
    """Children of one agent, `limit` of them at work at a time."""

    def __init__(self, scope: Scope, limit: int, each: Options, *, cancel_on_failure: bool) -> None:
        self.children: list[Child] = []
        self._scope, self._each = scope, each
        self._places = Places(limit, scope.account, self._start_ready)
        self._cancel_on_failure = cancel_on_failure
        self._ready: list[tuple[int, int, Child]] = []
        self._order = count()
        self._unfinished = 0
        self._changed = asyncio.Event()
        self._is_cancelled = False
        self._keeps_children = True

    def spawn(self, target: Any, /, **inputs: Any) -> Child:
        """Have *target* done with these inputs: a step, a module, a pipeline, or a function, sync or async."""
        return self.within().spawn(target, **inputs)

    def within(
        self,
        budget: Budget | None = None,
        *,
        ladder: Ladder | None = None,
        key: str = "",
        priority: int = 0,
        share: Share | None = None,
    ) -> Spawner:
        """Options for the next child, bound apart from its inputs, which may have any name."""
        each = self._each
        return Spawner(self, Options(budget or each.budget, ladder or each.ladder, key, priority, share or each.share))

    async def map(
        self,
        target: Any,
        items: Iterable[Mapping[str, Any]] | AsyncIterable[Mapping[str, Any]],
        *,
        ordered: bool = False,
    ) -> AsyncIterator[Child]:
        """One child per item of inputs, taken lazily; each is yielded when it ended, and then dropped.

        At most twice as many items are in hand as may be at work. With *ordered* they come in the order of the items.
        """
        source, hand, window = _aiter(items), list[Child](), 2 * self._places.limit
        kept, self._keeps_children = self._keeps_children, False
        is_open = True
        try:
            while is_open or hand:
                while is_open and len(hand) < window:
                    try:
                        hand.append(self.spawn(target, **await anext(source)))
                    except StopAsyncIteration:
                        is_open = False
                ended = hand[:1] if ordered else [child for child in hand if child.is_done]
                if not ended:
                    await self._next_change(hand)
                    continue
                for child in ended:
                    if not child.is_done:
                        await child
                    hand.remove(child)
                    yield child
        finally:
            self._keeps_children = kept

    def cancel(self, reason: str = "cancelled") -> None:
        """Stop every child: those that wait never start, those at work settle what they have on the wire."""
        self._is_cancelled = True
        while self._ready:
            self._end(heapq.heappop(self._ready)[2], Outcome("cancelled", feedback=reason))
        for child in self.children:
            if child.task is not None:
                child.task.cancel(reason)

    async def join(self) -> None:
        """Wait until every child ended."""
        async with resting():
            while self._unfinished:
                self._changed.clear()
                await self._changed.wait()

    def take(self, child: Child) -> Child:
        """Put a new child in line; one too deep or too many ends at once, and says so."""
        self._unfinished += 1
        self.children.append(child)
        refusal = self._scope.account.admit_agent()
        if refusal is not None:
            self._end(child, _refused(refusal, child.path))
        elif self._is_cancelled:
            self._end(child, Outcome("cancelled", path=child.path))
        else:
            heapq.heappush(self._ready, (-child.options.priority, next(self._order), child))
            self._places.fill()
        return child

    def path_of(self, target: Any, inputs: Mapping[str, Any], key: str) -> str:
        """Where a child stands in the journal."""
        return self._scope.child_path(name_of(target), inputs, key)

    def _start_ready(self, place: Place) -> bool:
        """Start the first in line on *place*; False when nobody is in line."""
        if not self._ready:
            return False
        child = heapq.heappop(self._ready)[2]
        assert child.context is not None
        loop = asyncio.get_running_loop()
        child.task = loop.create_task(self._run(child, place), context=child.context)
        child.task.add_done_callback(lambda _: self._clear(child, place))
        return True

    def _clear(self, child: Child, place: Place) -> None:
        """The child's task is over, perhaps without having begun."""
        place.leave()
        if not child.is_done:
            self._end(child, Outcome("cancelled", path=child.path))

    async def _run(self, child: Child, place: Place) -> None:
        options, account = child.options, Account(child.options.budget, path=child.path, parent=self._scope.account)
        scope = self._scope.below(
            child.path,
            account,
            ladder=options.ladder or self._scope.ladder,
            watch=Watch(self._scope.run.loop),
            place=place,
        )
        outcome = Outcome("cancelled", path=child.path)
        try:
            refusal = account.carve() if options.share == "carve" else None
            if refusal is not None:
                outcome = _refused(refusal, child.path)
            else:
                outcome = await perform_target(child.target, child.inputs, scope)
        finally:
            account.close()
            self._end(child, close_books(outcome, account))

    def _end(self, child: Child, outcome: Outcome) -> None:
        child.finish(outcome)
        child.task = None
        self._unfinished -= 1
        if not self._keeps_children:
            self.children.remove(child)
        run = self._scope.run
        run.append(
            AgentFinished(run.id, child.path, outcome.status, outcome.spent, outcome.feedback, outcome.limit_hit)
        )
        if self._cancel_on_failure and not outcome.accepted and not self._is_cancelled:
            self.cancel(f"{child.path} ended {outcome.status}")
        self._changed.set()

    async def _next_change(self, hand: list[Child]) -> None:
        self._changed.clear()
        if not any(child.is_done for child in hand):
            async with resting():
                await self._changed.wait()


@dataclass(frozen=True, slots=True)
class Spawner:
    """A team with options bound for the children to come."""

    team: Team
    options: Options

    def spawn(self, target: Any, /, **inputs: Any) -> Child:
        """What `Team.spawn` does, with these options."""
        path = self.team.path_of(target, inputs, self.options.key)
        return self.team.take(Child(target, inputs, self.options, path))


@asynccontextmanager
async def agents(
    *,
    limit: int = 64,
    each: Budget | None = None,
    ladder: Ladder | None = None,
    share: Share = "ceiling",
    cancel_on_failure: bool = False,
) -> AsyncIterator[Team]:
    """A team of children, joined at the end of the block.

    At most *limit* are at work at a time. *each* bounds every one of them. A child that fails does not disturb its
    siblings unless *cancel_on_failure*. An exception in the block, cancellation included, stops and settles them all.
    Raises `NoAccount` outside a run.
    """
    scope = compat.current_scope()
    if scope is None:
        raise NoAccount("agents() was entered outside a run, so nobody would pay; use it inside run(…)")
    if limit < 1:
        raise DefinitionError(f"agents(limit={limit}): at least one must be at work")
    team = Team(scope, limit, Options(each or Budget(), ladder, share=share), cancel_on_failure=cancel_on_failure)
    try:
        yield team
        await team.join()
    except BaseException:
        team.cancel("its parent stopped")
        await _join_whatever_comes(team)
        raise


@asynccontextmanager
async def resting() -> AsyncIterator[None]:
    """Give the agent's place back while it waits for others, and take a new one to go on."""
    scope = compat.current_scope()
    place: Place | None = scope.place if scope is not None else None
    if place is None:
        yield
        return
    place.rest()
    try:
        yield
    except BaseException:
        place.wake_at_once()
        raise
    await place.wake()


async def _join_whatever_comes(team: Team) -> None:
    """Children settle what they have on the wire, even when their parent is cancelled again meanwhile."""
    joining = asyncio.ensure_future(team.join())
    while not joining.done():
        try:
            await asyncio.shield(joining)
        except asyncio.CancelledError:
            continue


async def _aiter(items: Any) -> AsyncIterator[Mapping[str, Any]]:
    if hasattr(items, "__aiter__"):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item


def _refused(refusal: Refusal, path: str) -> Outcome:
    return Outcome("budget_exhausted", path=path, limit_hit=refusal.limit_hit, feedback=refusal.limit_hit)
