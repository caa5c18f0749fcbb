"""One sitting of a run: the time in which this process holds it, from claim to release."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agentflow import bridge, compat, deadlines, guard
from agentflow.account import Account
from agentflow.attempt import Outcome
from agentflow.boundary import close_books, perform_target
from agentflow.budget import Budget
from agentflow.deadlines import set_deadline
from agentflow.effects import drive
from agentflow.engines.teller import carve
from agentflow.errors import ConfigurationError, NoAccount, StoreFailed
from agentflow.events import RunContinued, RunFinished, RunStarted, RunTicked
from agentflow.policies import Policy
from agentflow.progress import Watch
from agentflow.records import to_json
from agentflow.reservation import Ask
from agentflow.scope import Run, Scope
from agentflow.standing import Standing
from agentflow.store import RunRow, Store
from agentflow.survey import steps_of
from agentflow.usage import FREE

if TYPE_CHECKING:
    from agentflow.declare import Bound
    from agentflow.engines.tiers import Tiers
    from agentflow.ladder import Ladder
    from agentflow.options import RunOptions

TICK_SECONDS = 1.0
"""How often the time held is written down: so much of it is lost in a crash at most."""
STOPPED = "stopped from outside"
LISTEN_SECONDS = 0.05
"""How soon a request to stop is heard."""


class Sitting:
    """A run while this process holds it."""

    def __init__(
        self,
        bound: Bound,
        store: Store,
        row: RunRow,
        tiers: Tiers,
        ladder: Ladder | None,
        options: RunOptions,
        *,
        opening: RunStarted | RunContinued,
    ) -> None:
        self.bound, self.store, self.row, self.options = bound, store, row, options
        self._opening = opening
        self.budget = Budget.from_json(row.budget)
        standing = None
        if row.account:
            standing = Standing(row.account, allowance_of(store, row.account))
        account = Account(self.budget, parent=standing)
        account.is_run = True
        self.run = Run(
            id=row.run,
            store=store,
            account=account,
            tiers=tiers,
            ladder=ladder,
            policy=Policy.parse(row.policy, name=f"the policy of run {row.run}") if row.policy else None,
            may_replay=isinstance(opening, RunContinued),
            reuse=options.reuse or "",
            standing=standing,
            on_full_wait=options.on_full == "wait",
            on_event=options.on_event,
        )
        self._ending: Account | None = None
        self._is_stopped = False
        self._ticked = 0.0

    async def hold(self) -> Outcome:
        """Perform the pipeline and write down how it ended. Raises `RunIsLive` when somebody else holds the run."""
        guard.install()
        self.store.claim(self.row.run)
        try:
            self._open_books()
            async with self._clockwork():
                outcome = await self._perform()
            return await self._close(outcome)
        finally:
            await self.run.tiers.aclose()
            with suppress(StoreFailed):
                self.store.release(self.row.run)

    def _open_books(self) -> None:
        run, store = self.run, self.store
        if isinstance(self._opening, RunContinued):
            run.append(self._opening).result()
            run.look_back()
        else:
            run.show(self._opening)
        if run.reuse:
            run.reuse = store.run(run.reuse).run
        run.distrusted = store.distrusted()
        totals = store.totals(run.id)
        run.account.charge(totals.spent, unknown=totals.unknown, over_bound=totals.over_bound)
        if self.options.ending is not None:
            self._ending = Account(self.options.ending, path="/ending", parent=run.account)
            self._ending.is_exempt = True
            run.foresee(self._ending)
            refusal = drive(carve(run, self._ending))
            if refusal is not None:
                raise ConfigurationError(f"ending= does not fit into the budget: {refusal.limit_hit}")
        set_deadline(run.account, run.clock, used=self.row.seconds)
        for ladder in (run.ladder, *(step.ladder for step in steps_of(self.bound.pipeline.function))):
            self._note_floors(ladder)

    def _note_floors(self, ladder: Ladder | None) -> None:
        """No call of the run is smaller than an empty request to one of its tiers."""
        for tier in ladder.without_functions() if ladder is not None else ():
            ask = Ask(0, tier.cap, tier.floor, self.run.tiers.price(tier) or FREE, tier.token_weight)
            self.run.note_floor(ask.amount(ask.floor))

    async def _perform(self) -> Outcome:
        run = self.run
        watch = Watch(run.loop)
        ending = None if self._ending is None else Scope(run, self._ending, path="/ending", watch=watch)
        scope = Scope(run, run.account, watch=watch, ending=ending)
        known = asyncio.all_tasks()
        with compat.entering(scope, **compat.quiet_settings()):
            task = asyncio.ensure_future(perform_target(self.bound.pipeline, self.bound.arguments, scope))
            listening = asyncio.ensure_future(self._listen(task))
            try:
                return await task
            except asyncio.CancelledError:
                run.account.halt("cancelled")
                await self._stop(task)
                return Outcome("cancelled", feedback=STOPPED)
            finally:
                listening.cancel()
                await self._stop_strays(known)

    async def _stop_strays(self, known: set[asyncio.Task[Any]]) -> None:
        """Tasks that the pipeline started and left alone end with it: nothing is sent once the books are closed."""
        self.run.account.halt("the run has ended")
        if self._ending is not None:
            self._ending.halt("the run has ended")
        if not bridge.drives(asyncio.get_running_loop()):
            return  # a loop of somebody else, whose tasks they may be
        strays = [task for task in asyncio.all_tasks() - known if task is not asyncio.current_task()]
        for task in strays:
            task.cancel()
        if strays:
            await asyncio.wait(strays)

    async def _close(self, outcome: Outcome) -> Outcome:
        """The final word on the run. One that cannot be written down has failed, whatever it was."""
        try:
            await asyncio.wrap_future(self._tick())  # what is read back below must have been written
            await asyncio.wrap_future(self.run.append())  # what follows reads back everything written so far
            return await self._written(self._judged(outcome))
        except StoreFailed as error:
            failed = replace(outcome, status="failed", value=None, feedback=str(error), error=error)
            return close_books(failed, self.run.account)

    def _judged(self, outcome: Outcome) -> Outcome:
        """What the run is worth, and what of it is worth keeping."""
        if self._is_stopped:
            outcome = replace(outcome, status="cancelled", feedback=STOPPED)
        error = self.run.broken or self.run.misconfigured
        if outcome.accepted and error is not None:
            outcome = replace(outcome, status="failed", feedback=str(error), error=error)
        if outcome.accepted and self.options.strict and self._any_rejected():
            outcome = replace(outcome, status="rejected", feedback="a child or step was rejected (strict)")
        share = self._replayed_share()
        if self.options.expect_replay is not None and share is not None and share < self.options.expect_replay:
            outcome = replace(outcome, status="failed", feedback=f"only {share:.0%} of the calls were replayed")
        outcome = close_books(outcome, self.run.account)
        return replace(outcome, partial={} if outcome.accepted else self._partial())

    async def _written(self, outcome: Outcome) -> Outcome:
        run = self.run
        if run.standing is not None:
            self.store.give_back(run.standing.path, run.standing.shrink_to_used())
        finished = RunFinished(
            run=run.id,
            status=outcome.status,
            value=_json_or_null(outcome.value),
            feedback=outcome.feedback,
            limit_hit=outcome.limit_hit,
            partial=to_json(outcome.partial),
        )
        await asyncio.wrap_future(run.append(finished))
        return outcome

    @asynccontextmanager
    async def _clockwork(self) -> AsyncIterator[None]:
        """Write down the time held."""
        self._ticked = self.run.clock()
        ticking = asyncio.ensure_future(self._keep_ticking())
        try:
            yield
        finally:
            ticking.cancel()

    async def _keep_ticking(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._tick()

    def _tick(self) -> Future[None]:
        """Write down the time since the last tick, however late this one comes."""
        now = self.run.clock()
        seconds, self._ticked = round(now - self._ticked, 3), now
        return self.run.append(RunTicked(self.run.id, seconds))

    async def _listen(self, task: asyncio.Task[Any]) -> None:
        """Once somebody outside asks the run to stop, let what is on the wire settle, and cancel *task*."""
        stop = self.options.stop
        while stop is not None:
            await asyncio.sleep(LISTEN_SECONDS)
            if stop.is_set():
                self._is_stopped = True
                self.run.account.halt(STOPPED)
                while self.run.on_wire and not task.done():  # what is paid for may still be told
                    await asyncio.sleep(LISTEN_SECONDS)
                await self._stop(task)
                return

    async def _stop(self, task: asyncio.Task[Any]) -> None:
        """Cancel *task*, and again where its code swallowed that, but not while its closing work is on the wire."""
        task.cancel()
        while not task.done():
            await asyncio.wait([task], timeout=deadlines.GRACE_SECONDS)
            if not task.done() and not self.run.on_wire:
                task.cancel()

    def _any_rejected(self) -> bool:
        steps = any(row.status != "accepted" for row in self.store.steps(self.run.id))
        return steps or any(agent.status != "accepted" for agent in self.store.agents(self.run.id))

    def _replayed_share(self) -> float | None:
        """The share of the run's calls that an earlier sitting had paid; None on a first sitting."""
        asked = self.run.replayed + self.run.sent
        return self.run.replayed / asked if self.run.may_replay and asked else None

    def _partial(self) -> dict[str, Any]:
        accepted = {
            row.path: json.loads(row.prediction) for row in self.store.steps(self.run.id) if row.status == "accepted"
        }
        kept = {name: json.loads(value) for name, value in self.store.kept(self.run.id).items()}
        return {**accepted, **kept}


def allowance_of(store: Store, account: str) -> Budget:
    """What the standing *account* may spend; nothing is limited where there is none. Raises `ConfigurationError`."""
    if not account:
        return Budget()
    rows = store.accounts()
    found = next((row for row in rows if row.name == account), None)
    if found is None:
        known = ", ".join(row.name for row in rows) or "none"
        raise ConfigurationError(
            f"there is no standing account {account!r}, there is {known}; open it: agentflow accounts open {account}"
        )
    return Budget.from_json(found.limit)


@contextmanager
def ending() -> Iterator[None]:
    """Work in this block is paid from what `run(ending=…)` set aside, when everything else is spent.

    Raises `NoAccount` outside a run, `ConfigurationError` when nothing was set aside.
    """
    scope = compat.current_scope()
    if scope is None:
        raise NoAccount("ending() was entered outside a run")
    if scope.ending is None:
        raise ConfigurationError("nothing was set aside for an ending; give run(ending=Budget(…))")
    with compat.entering(scope.ending):  # one scope for all such blocks: equal questions are told apart
        yield


def _json_or_null(value: Any) -> str:
    try:
        return to_json(value)
    except ConfigurationError:
        return "null"
