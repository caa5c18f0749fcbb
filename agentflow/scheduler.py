"""Agents: children that work at the same time, a bounded number of them, each on an account of its own.

Ten thousand spawned children are ten thousand small records, not ten thousand tasks: one becomes a task when there is a
place for it. Whoever waits for children gives its own place back meanwhile.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from agentflow import compat, deadlines
from agentflow.account import Account
from agentflow.attempt import Outcome
from agentflow.boundary import close_books, perform_target
from agentflow.budget import Budget
from agentflow.child import Child, Options, Share
from agentflow.deadlines import set_deadline
from agentflow.declare import Bound, name_of
from agentflow.effects import adrive
from agentflow.engines.teller import carve
from agentflow.errors import ConfigurationError, DefinitionError, NoAccount, StoreFailed
from agentflow.events import AgentFinished
from agentflow.feed import Feed, Items
from agentflow.ladder import Ladder
from agentflow.places import Place, Places, resting
from agentflow.progress import Watch
from agentflow.reservation import Refusal
from agentflow.scope import Scope


class Team:
    """Children of one agent, `limit` of them at work at a time."""

    def __init__(self, scope: Scope, limit: int, each: Options, *, cancel_on_failure: bool) -> None:
        self.children: list[Child] = []
        """What was spawned, in order; what `map` yields is dropped instead."""
        self._scope, self._each = scope, each
        self._places = Places(limit, scope.account, self._start_ready)
        self._cancel_on_failure = cancel_on_failure
        self._ready: list[tuple[int, int, Child]] = []
        self._at_work: dict[Child, tuple[asyncio.Task[None], Account]] = {}
        self._order = count()
        self._unfinished = 0
        self._changed = asyncio.Event()
        self._why_stopped = ""
        self._is_left = False

    def spawn(self, target: Any, /, **inputs: Any) -> Child:
        """Have *target* done with these inputs: a step, a module, a pipeline, or a function, sync or async."""
        return Spawner(self, self._each).spawn(target, **inputs)

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

    async def map(self, target: Any, items: Items, *, ordered: bool = False) -> AsyncIterator[Child]:
        """One child per item of inputs, taken lazily; each is yielded when it ended, and then dropped.

        At most twice as many items are in hand as may be at work. With *ordered* they come in the order of the items.
        """
        window, hand, feed = 2 * self._places.limit, list[Child](), Feed(items, self._changed.set)
        try:
            while feed.is_open or hand:
                while len(hand) < window and (item := feed.poll()) is not None:
                    hand.append(self.take(target, item, self._each))
                child = _first_ended(hand, ordered=ordered)
                if child is not None:
                    hand.remove(child)
                    yield child
                    child = None
                elif feed.is_open or hand:
                    await self._next_change()
                await asyncio.sleep(0)  # the loop gets its turn, even where every child is refused at once
        finally:
            feed.close()

    def cancel(self, reason: str = "cancelled") -> None:
        """Stop every child: those that wait never start, those at work settle what they have on the wire."""
        self._why_stopped = self._why_stopped or reason
        while self._ready:
            child = heapq.heappop(self._ready)[2]
            self._end(child, Outcome("cancelled", path=child.path, feedback=reason))
        for task, account in list(self._at_work.values()):
            account.halt(reason)
            task.cancel(reason)

    def stop_again(self) -> None:
        """Cancel whoever is still at work, unless on closing work."""
        if not self._scope.run.is_closing:
            self.cancel(self._why_stopped)

    async def join(self) -> None:
        """Wait until every child ended."""
        if self._unfinished:
            async with resting():
                while self._unfinished:
                    self._changed.clear()
                    await self._changed.wait()

    def leave(self) -> None:
        """Take no more children."""
        self._is_left = True

    def take(self, target: Any, inputs: Any, options: Options) -> Child:
        """Put a new child in line; one too deep, too many or too late ends at once, and says so."""
        self._check(target)
        child = Child(target, dict(inputs), options, self._scope.child_path(name_of(target), inputs, options.key))
        self._unfinished += 1
        if self._why_stopped:
            self._end(child, Outcome("cancelled", path=child.path, feedback=self._why_stopped))
        elif refusal := self._refusal():
            self._end(child, _refused(refusal, child.path))
        else:
            heapq.heappush(self._ready, (-options.priority, next(self._order), child))
            self._places.fill()
        return child

    def _check(self, target: Any) -> None:
        if not callable(target):
            raise DefinitionError(f"a child is made of a step, a module, a pipeline or a function, not of {target!r}")
        if self._is_left:
            raise DefinitionError(f"{name_of(target)} was spawned after its team had ended; spawn inside the block")
        if not self._places.is_here():
            raise DefinitionError(f"{name_of(target)} was spawned from a thread; spawn where the team's block is")

    def _refusal(self) -> Refusal | None:
        """Which limit on live agents, depth or fan-out one more child would break."""
        full = None if self._scope.run.on_full_wait else self._places.full_account()
        return Refusal(full, "live") if full is not None else self._scope.account.admit_agent()

    def _start_ready(self, place: Place) -> bool:
        """Start the first in line on *place*; False when nobody is in line."""
        if not self._ready:
            return False
        child = heapq.heappop(self._ready)[2]
        account = Account(child.options.budget, path=child.path, parent=self._scope.account)
        loop = asyncio.get_running_loop()
        task = loop.create_task(self._run(child, account, place), context=child.context)
        self._at_work[child] = task, account
        task.add_done_callback(lambda _: self._clear(child, place))
        return True

    def _clear(self, child: Child, place: Place) -> None:
        """The child's task is over, perhaps without having begun."""
        self._at_work.pop(child, None)
        place.leave()
        if not child.is_done:
            self._end(child, Outcome("cancelled", path=child.path, feedback=self._why_stopped))

    async def _run(self, child: Child, account: Account, place: Place) -> None:
        options, base = child.options, self._scope
        ladder = options.ladder or base.ladder
        scope = base.below(child.path, account, ladder=ladder, watch=Watch(base.run.loop), place=place)
        outcome = Outcome("cancelled", path=child.path, feedback=self._why_stopped)
        try:
            base.run.foresee(account)
            set_deadline(account, base.run.clock)
            refusal = await adrive(carve(base.run, account)) if options.share == "carve" else None
            if refusal is not None:
                outcome = _refused(refusal, child.path)
            else:
                outcome = await perform_target(child.target, child.inputs, scope)
        except asyncio.CancelledError:
            account.halt("cancelled")
            outcome = replace(outcome, feedback=self._why_stopped or "cancelled")
            raise
        finally:
            account.close()
            self._at_work.pop(child, None)
            self._end(child, close_books(outcome, account))
            place.leave()

    def _end(self, child: Child, outcome: Outcome) -> None:
        if outcome.error is not None:
            outcome.error.__traceback__ = None  # it would keep everything the child had in hand alive
        if isinstance(outcome.error, ConfigurationError):
            self._scope.run.misconfigured = self._scope.run.misconfigured or outcome.error
        child.finish(outcome)
        self._unfinished -= 1
        self._changed.set()
        if self._cancel_on_failure and not outcome.accepted and not self._why_stopped:
            self.cancel(f"{child.path} ended {outcome.status}")
        run, said = self._scope.run, outcome
        with suppress(StoreFailed):  # whoever pays for the next call hears of it, and stops the run
            run.append(AgentFinished(run.id, child.path, said.status, said.spent, said.feedback, said.limit_hit))

    async def _next_change(self) -> None:
        self._changed.clear()
        async with resting():
            await self._changed.wait()


@dataclass(frozen=True, slots=True)
class Spawner:
    """A team with options bound for the children to come."""

    team: Team
    options: Options

    def spawn(self, target: Any, /, **inputs: Any) -> Child:
        """What `Team.spawn` does, with these options."""
        if isinstance(target, Bound):
            target, inputs = target.pipeline, {**target.arguments, **inputs}
        child = self.team.take(target, inputs, self.options)
        self.team.children.append(child)
        return child


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
    each = Budget() if each is None else each
    team = Team(scope, limit, Options(each, ladder, share=share), cancel_on_failure=cancel_on_failure)
    try:
        with deadlines.undisturbed(scope):
            yield team
            await team.join()
    except BaseException:
        team.cancel("its parent stopped")
        await _join_whatever_comes(team)
        raise
    finally:
        team.leave()


async def _join_whatever_comes(team: Team) -> None:
    """Children settle what they have on the wire, even when their parent is cancelled again meanwhile.

    Those that swallow it are stopped again, after every grace.
    """
    joining = asyncio.ensure_future(team.join())
    while not joining.done():
        with suppress(asyncio.CancelledError):  # the first one is raised again by whoever called
            await asyncio.wait([joining], timeout=deadlines.GRACE_SECONDS)
        team.stop_again()


def _first_ended(hand: list[Child], *, ordered: bool) -> Child | None:
    return next((child for child in (hand[:1] if ordered else hand) if child.is_done), None)


def _refused(refusal: Refusal, path: str) -> Outcome:
    return Outcome("budget_exhausted", path=path, limit_hit=refusal.limit_hit, feedback=refusal.limit_hit)
