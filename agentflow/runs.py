"""run() and resume(): open account and journal, start or continue a pipeline, close both, whatever happens between."""

from __future__ import annotations

import asyncio
import contextvars
import json
import secrets
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from agentflow import bridge, compat
from agentflow.attempt import Outcome, Tier
from agentflow.budget import Budget
from agentflow.declare import Bound, Pipeline, load_pipeline
from agentflow.errors import ConfigurationError, DefinitionError, NoBudget
from agentflow.events import RunContinued, RunStarted
from agentflow.ladder import Ladder
from agentflow.loading import refuse_while_importing
from agentflow.options import RunOptions, default_ladder, policy_of, settings_of
from agentflow.policies import Policy
from agentflow.prices import PriceTable, read_prices, write_prices
from agentflow.report import render, summarise
from agentflow.settings import Settings
from agentflow.sitting import Sitting, allowance_of
from agentflow.store import RunRow
from agentflow.store.sqlite import open_store
from agentflow.survey import steps_of
from agentflow.taping import begin_recording, go_on_recording, tiers_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RunOutcome(Outcome):
    """How a run ended."""

    run: str = ""
    database: Path = Path()

    def report(self) -> str:
        """What was accepted and rejected, why, at what cost, and how to go on: a text for a terminal."""
        store = open_store(self.database, read_only=True)
        try:
            return render(summarise(store, self.run))
        finally:
            store.close()


def run(call: Bound, **options: Any) -> RunOutcome:
    """Run a pipeline to its end and give its outcome, from any thread, inside a running event loop or not.

    *options* are the fields of `RunOptions`. Never raises for a verdict or a breach; raises `DefinitionError`,
    `ConfigurationError` and `StoreFailed` when the run cannot start. Ctrl-C stops and settles it, and is raised when
    the run is closed. Inside a run it is refused, for it would spend beside that run's budget: await the pipeline.
    """
    return start(call, RunOptions.of(options))


async def arun(call: Bound, **options: Any) -> RunOutcome:
    """The same on this event loop. Here a synchronous step call needs `await step.acall(…)` in tasks of your own."""
    chosen = RunOptions.of(options)
    _refuse_inside_a_run("arun")
    return await _begin(call, chosen)


def start(call: Bound, options: RunOptions) -> RunOutcome:
    """The sync door to a new run."""
    _refuse_inside_a_run("run")
    return _block(lambda: _begin(call, options))


def resume(run: str = "last", options: RunOptions | None = None, **changes: Any) -> RunOutcome:
    """Continue a run: what was answered is not asked again, and limits given now replace those it had.

    *run* is its id, an unambiguous beginning of it, or `last`. Raises `UnknownRun`, `RunIsLive`, `ConfigurationError`.
    """
    given = {field.name: getattr(options or RunOptions(), field.name) for field in fields(RunOptions)}
    chosen = RunOptions.of({**given, **changes})
    _refuse_inside_a_run("resume")
    return _block(lambda: _continue(run, chosen))


async def _begin(call: Bound | Pipeline, options: RunOptions) -> RunOutcome:
    bound = call() if isinstance(call, Pipeline) else call
    if not isinstance(bound, Bound):
        raise DefinitionError(f"run() takes a pipeline with its arguments, such as run(totals(receipts)), not {call!r}")
    settings = settings_of(options)
    store = open_store(settings.database, durability=settings.durability)
    try:
        ladder = options.ladder or default_ladder(settings)
        account = "" if options.replay else options.account or settings.account or ""
        budget = _checked_budget(options.budget or settings.budget or Budget(), account, options)
        table = PriceTable(settings.prices)
        room = tiers_of(options, settings, table, bound.pipeline.source_hash)
        usable = room.usable_ladder(ladder) if ladder else None
        steps = steps_of(bound.pipeline.function)
        policy = policy_of(options)
        _check_policy(policy, bound, ladder)
        ladders = [one for one in (usable, *(room.usable_ladder(s.ladder) for s in steps if s.ladder)) if one]
        is_usd_limited = budget.usd is not None or allowance_of(store, account).usd is not None
        started = RunStarted(
            run=secrets.token_hex(4),
            pipeline=_reference(bound, options),
            source_hash=bound.pipeline.source_hash,
            arguments=bound.arguments_json or "{}",
            budget=budget.to_json(),
            ladder=_ladder_json(ladder),
            prices=write_prices(room.pinned(ladders, is_usd_limited=is_usd_limited)),
            account=account,
            resumable=options.resumable,
            options=options.to_json(),
            policy=policy.to_json() if policy else "",
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        begin_recording(room, options, started, ladders)
        store.append(started).result()
        sitting = Sitting(bound, store, store.run(started.run), room, usable, options, opening=started)
        return await _outcome(sitting, settings)
    finally:
        store.close()


async def _continue(run: str, options: RunOptions) -> RunOutcome:
    settings = settings_of(options)
    store = open_store(settings.database, durability=settings.durability)
    try:
        row = store.run(run)
        options = options.recalling(row.options)
        bound = _reload(row)
        budget = _raised(Budget.from_json(row.budget), options.budget)
        continued = RunContinued(row.run, budget.to_json(), options.account or "")
        ladder = options.ladder or _recorded_ladder(row) or default_ladder(settings)
        _check_policy(_pinned(row, options), bound, ladder)
        prices = PriceTable({**settings.prices, **read_prices(row.prices).own})
        room = tiers_of(options, settings, prices, bound.pipeline.source_hash)
        go_on_recording(room, options, row.run)
        usable = room.usable_ladder(ladder) if ladder else None
        kept = replace(row, budget=budget.to_json(), account=options.account or row.account)
        sitting = Sitting(bound, store, kept, room, usable, options, opening=continued)
        return await _outcome(sitting, settings)
    finally:
        store.close()


async def _outcome(sitting: Sitting, settings: Settings) -> RunOutcome:
    outcome = await sitting.hold()
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError  # the run is closed; whoever cancelled is told that it worked
    plain = {field.name: getattr(outcome, field.name) for field in fields(Outcome)}
    return RunOutcome(**plain, run=sitting.row.run, database=settings.database)


def _block(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine to its end on an event loop of our own, in a thread of its own where one is running already."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _on_own_loop(work, [])
    context, tasks, done = contextvars.copy_context(), list[asyncio.Task[Any]](), Future[T]()

    def in_thread() -> None:
        try:
            done.set_result(context.run(_on_own_loop, work, tasks))
        except BaseException as error:  # noqa: BLE001  # because it must cross to the waiting thread
            done.set_exception(error)

    thread = threading.Thread(target=in_thread, name="agentflow-run")
    thread.start()
    try:
        return done.result()
    except KeyboardInterrupt:
        if not done.done() and tasks:  # somebody interrupts a notebook: close the run, then say so
            tasks[0].get_loop().call_soon_threadsafe(tasks[0].cancel)
        thread.join()
        raise


def _on_own_loop(work: Callable[[], Coroutine[Any, Any, T]], tasks: list[asyncio.Task[Any]]) -> T:
    """Run a coroutine on a fresh loop; its task is entered in *tasks*, for whoever wants to cancel it."""

    async def begin() -> T:
        tasks.extend(filter(None, [asyncio.current_task()]))
        return await work()

    with asyncio.Runner() as runner:
        bridge.bridge_tasks(runner.get_loop())
        return runner.run(begin())


def _refuse_inside_a_run(door: str) -> None:
    refuse_while_importing(door)
    if compat.current_scope() is not None:
        raise DefinitionError(
            f"{door}() was called inside a run, and would spend beside its budget; "
            "await the pipeline there, as in `await totals(receipts)`, or spawn it"
        )


def _checked_budget(budget: Budget, account: str, options: RunOptions) -> Budget:
    if not budget.is_spending_limited and not options.no_budget and not account:
        raise NoBudget()
    return budget


def _check_policy(policy: Policy | None, bound: Bound, ladder: Ladder | None) -> None:
    """Raise `ConfigurationError` for a policy that was made for other steps or other tiers."""
    if policy is not None:
        ladders = [(step.name, step.ladder or ladder) for step in steps_of(bound.pipeline.function)]
        policy.check([(name, [tier.label for tier in own.tiers] if own else []) for name, own in ladders])


def _pinned(row: RunRow, options: RunOptions) -> Policy | None:
    """The policy a run was started with. Raises `ConfigurationError` where another one is given: it stays that one."""
    pinned = Policy.parse(row.policy, name=f"the policy of run {row.run}") if row.policy else None
    given = policy_of(options)
    if given is not None and (pinned is None or given.checksum != pinned.checksum):
        started = "without a policy" if pinned is None else "with another policy"
        raise ConfigurationError(f"run {row.run} was started {started}, and stays so; start a new run with this one")
    return pinned


def _ladder_json(ladder: Ladder | None) -> str:
    """Label, identity and options of each tier; null options where a tier holds what JSON cannot say."""
    return json.dumps([[tier.label, tier.identity, _tier_options(tier)] for tier in ladder.tiers] if ladder else [])


def _tier_options(tier: Tier) -> dict[str, Any] | None:
    if tier.is_function or tier.engine is not None:
        return None
    told = {field.name: getattr(tier, field.name) for field in fields(Tier) if field.name not in ("engine", "price")}
    return told | {"price": json.loads(write_prices({"": tier.price})) if tier.price else None}


def _recorded_ladder(row: RunRow) -> Ladder | None:
    """The ladder the run was started with; None when it had none, or one that JSON could not keep whole."""
    told = [options for _, _, options in json.loads(row.ladder or "[]")]
    if not told or None in told:
        return None
    tiers = []
    for options in told:
        price = options.pop("price")
        tiers.append(Tier(**options, price=read_prices(json.dumps(price)).own[""] if price else None))
    return Ladder(*tiers)


def _reference(bound: Bound, options: RunOptions) -> str:
    """How the run is found again. Raises `ConfigurationError` when it must be and cannot."""
    reference = bound.pipeline.reference
    if options.resumable and (not reference or bound.arguments_json is None):
        what = "its arguments cannot be written as JSON" if reference else "no file holds it under its name"
        raise ConfigurationError(
            f"{bound.pipeline.name} could not be resumed after a crash: {what}; mend that, or say resumable=False"
        )
    return reference


def _reload(row: RunRow) -> Bound:
    if not row.resumable or not row.pipeline:
        raise ConfigurationError(
            f"run {row.run} was started with resumable=False; start it again with --reuse {row.run}"
        )
    return load_pipeline(row.pipeline).bind(json.loads(row.arguments))


def _raised(budget: Budget, given: Budget | None) -> Budget:
    """The run's budget with the limits that were given now."""
    if given is None:
        return budget
    changes = {field.name: getattr(given, field.name) for field in fields(Budget)}
    return replace(budget, **{name: value for name, value in changes.items() if value is not None})
