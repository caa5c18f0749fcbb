"""Reserve, call, settle: every request of every DSPy module passes here, once per request on the wire.

Nothing is sent without a reservation and a durable intent; nothing is acknowledged before its settlement is durable.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from dspy import lm15

from agentflow import compat
from agentflow.attempt import Tier
from agentflow.compat import Request, Response
from agentflow.effects import Call, Emit, Pause, Wait, Work
from agentflow.engines import Engine
from agentflow.engines.billing import certainly_unbilled, is_dearer, usage_of
from agentflow.engines.limits import Entry, Limiter
from agentflow.engines.recorder import TierRecorder
from agentflow.engines.retry import Retry
from agentflow.engines.streaming import Shown, can_stream, show
from agentflow.engines.teller import reserve, return_unused
from agentflow.errors import HOW_TO_TRUST, BudgetHalt, ModelDistrusted, NoAccount, StoreFailed, StoreHalt, UnknownPrice
from agentflow.events import BoundBroken, CallId, CallIntended, CallLost, CallReleased, CallSettled
from agentflow.reservation import Ask, Refusal, Reservation, weighted
from agentflow.scope import Flight, Run, Scope
from agentflow.store import CallRow
from agentflow.usage import FREE, NOTHING, Amount, Price, Usage

LONGEST_QUEUE_SECONDS = 24 * 3_600.0
LEAST_SECONDS = 0.005
"""With less than this left it is the deadline that ends a wait: timers are not exact."""

Exchange = Callable[["Sending"], Work[Response]]
"""Puts one request on the wire and gives the answer."""


@dataclass(slots=True)
class Sending:
    """One request with its money put aside, from its intent to its settlement."""

    scope: Scope
    id: CallId
    asked: Request
    """As it was asked."""
    request: Request
    """As it goes out, clipped to the reservation."""
    reservation: Reservation
    started: float
    shown: Shown = field(default_factory=Shown)


class Meter:
    """One tier's way to the wire."""

    recorder: TierRecorder | None = None

    def __init__(self, tier: Tier, engine: Engine, price: Price | None, limiter: Limiter, retry: Retry) -> None:
        """*price* None: unknown. Such a tier serves only where no account limits money."""
        self.tier, self.engine, self.limiter, self.retry = tier, engine, limiter, retry
        self.price, self._is_priced = price or FREE, price is not None

    def exchange(self, request: Request, *, key: str = "") -> Work[Response]:
        """The answer to *request*: from the journal, or paid for. Raises `BudgetHalt` and `dspy.lm15` errors.

        *key* is the request's `compat.call_key` where it is known already.
        """
        return (yield from self._exchange(request, self._complete, key))[0]

    def stream(self, request: Request) -> Work[None]:
        """Emit the events of the answer as they come, the last one once its settlement is durable."""
        response, shown = yield from self._exchange(request, self._stream)
        for event in [shown.end] if shown.has_begun else lm15.response_to_events(response):
            yield Emit(event)

    def _exchange(self, request: Request, send: Exchange, key: str = "") -> Work[tuple[Response, Shown]]:
        """The answer, and what *send* has shown of it already."""
        scope = compat.current_scope()
        if scope is None:
            raise NoAccount()
        run = scope.run
        self._refuse_if_refused(scope)
        id = self.identify(scope, request, key)
        ask = self._ask(scope, request)
        run.note_floor(ask.amount(ask.floor))
        recorded = self._recorded(scope, id, request, ask)
        if recorded is not None:
            return recorded, Shown()
        self._refuse_if_stopped(scope)
        wire = run.store.next_wire(id) if run.may_replay else 0
        failures = 0
        while True:
            try:
                return (yield from self._attempt(scope, replace(id, wire=wire) if wire else id, request, ask, send))
            except Exception as error:  # because only the retry policy knows which failures pass
                failures += 1
                delay = self._next_delay(scope, failures, error)
                if delay is None:
                    _note_failure(scope, error)
                    raise
            yield Pause(delay)
            self._refuse_if_stopped(scope)
            wire += 1

    def _next_delay(self, scope: Scope, failures: int, error: Exception) -> float | None:
        """Seconds until the next request, or None. Raises `BudgetHalt` when it was the deadline that failed it."""
        run, left, late = scope.run, scope.time_left(), scope.first_late
        if left is not None and left <= LEAST_SECONDS and late is not None:
            raise BudgetHalt(late.deadline_hit, late.path) from error
        if getattr(error, "after_output", False):
            return None  # what was shown cannot be taken back
        return self.retry.next_delay(failures, error, left, run.random)

    def identify(self, scope: Scope, request: Request, key: str = "") -> CallId:
        """Who this request is in the journal."""
        key = key or compat.call_key(self.tier.identity, request)
        return CallId(scope.run.id, scope.path, key, scope.asked.take(key))

    def _ask(self, scope: Scope, request: Request) -> Ask:
        self._refuse_if_unpriced(scope)
        wanted = min(request.config.max_tokens or self.tier.cap, self.tier.cap)
        floor = min(self.tier.floor, wanted)
        try:
            bound = self.engine.bound(request)
        except Exception as error:  # because what cannot be bounded, for whatever reason, cannot be sent
            _note_failure(scope, error)
            raise
        return Ask(bound.input_tokens, wanted, floor, self.price, self.tier.token_weight, bound.kind)

    def _recorded(self, scope: Scope, id: CallId, request: Request, ask: Ask) -> Response | None:
        """The journal's answer. One that our own cap cut off does not count once a larger cap can be paid."""
        run = scope.run
        row = run.store.call(id) if run.may_replay else None
        if row is not None and not (row.clipped and row.cap < ask.cap and scope.account.fits(ask)):
            scope.account.charge_replayed(row.spent)
            return _recalled(scope, row)
        row = run.store.reusable_call(run.reuse, id.key, run.reused.take(id.key)) if run.reuse else None
        if row is None or (row.clipped and row.cap < ask.cap and scope.account.fits(ask)):
            return None
        id = replace(id, wire=run.store.next_wire(id) if run.may_replay else 0)
        intended = CallIntended(id, self.tier.label, row.model, NOTHING, "reused", row.cap)
        settled = CallSettled(id, NOTHING, row.usage, row.response, row.finish, row.clipped)
        self._keep(scope, request, row.cap, settled)
        run.append(intended, settled)
        return _recalled(scope, row)

    def _attempt(
        self, scope: Scope, id: CallId, request: Request, ask: Ask, send: Exchange
    ) -> Work[tuple[Response, Shown]]:
        """One request on the wire, from the provider's queue to its settlement. The queue is left without money."""
        place = yield from self._take_place(scope, ask.input_tokens + ask.cap)
        failure: BaseException | None = None
        tokens: int | None = 0
        try:
            reservation = yield from self._reserve(scope, request, ask)
            yield from self._intend(scope, id, reservation, ask.bound)
            tokens = None
            scope.run.on_wire.add(id)
            seeded = self._seeded(request, id)
            capped = replace(seeded, config=replace(seeded.config, max_tokens=reservation.cap))
            sending = Sending(scope, id, request, capped, reservation, scope.run.clock())
            response = yield from self._send(sending, send)
            used = usage_of(response, self.provider)
            tokens = used.total_tokens if used.is_known else None
            return response, sending.shown
        except BaseException as error:
            failure = error
            raise
        finally:
            scope.run.on_wire.discard(id)
            place.leave(failure, tokens=tokens)
            return_unused(scope.run)

    def _take_place(self, scope: Scope, tokens: int) -> Work[Entry]:
        patience = _patience(scope)
        place: Entry = yield Call(
            lambda: self.limiter.enter(tokens, timeout=patience), lambda: self.limiter.aenter(tokens, timeout=patience)
        )
        return place

    def _reserve(self, scope: Scope, request: Request, ask: Ask) -> Work[Reservation]:
        try:
            answer = yield from reserve(scope, ask)
        except StoreFailed as error:
            _stop_run(scope.run, error)
        if isinstance(answer, Refusal):
            self._keep(scope, request, 0)
            self._refuse(scope, answer)
        return answer

    def _intend(self, scope: Scope, id: CallId, reservation: Reservation, bound: str) -> Work[None]:
        """Make the intent durable before anything leaves, and look once more whether it still may."""
        run = scope.run
        account = run.standing.path if run.standing is not None else ""
        intended = CallIntended(
            id, self.tier.label, str(self.tier.model), reservation.amount, bound, reservation.cap, account
        )
        try:
            yield Wait(run.append(intended))
            self._refuse_if_stopped(scope)
        except StoreFailed as error:
            reservation.release()
            _stop_run(run, error)
        except ModelDistrusted as error:  # another run has found out meanwhile
            reservation.release()
            run.distrusted[str(self.tier.model)] = str(error)
            raise
        except BaseException:
            reservation.release()
            run.append(CallReleased(id, "stopped before sending"))
            raise

    def _send(self, sending: Sending, send: Exchange) -> Work[Response]:
        run, reservation = sending.scope.run, sending.reservation
        try:
            response = yield from send(sending)
        except BaseException as error:  # because whatever happened, the money must be accounted for
            _account_for_failure(sending, error, was_answered=False)
            raise
        try:
            usage = usage_of(response, self.provider)
            spent = self._spent(usage, reservation, is_dear=is_dearer(sending.request, response))
            text = compat.dump_response(response)
        except BaseException as error:  # because an answer that cannot be read was billed all the same
            _account_for_failure(sending, error, was_answered=True)
            raise
        over = reservation.settle(spent)
        seconds = max(0.0, run.clock() - sending.started)
        clipped = response.finish_reason == "length" and reservation.cap < self.tier.cap
        settled = CallSettled(sending.id, spent, usage, text, response.finish_reason, clipped, over, seconds)
        _note_answer(sending.scope, response, usage, spent)
        _note_clip(sending.scope, was_clipped=clipped)
        self._keep(sending.scope, sending.asked, reservation.cap, settled)
        yield from self._commit(sending.scope, settled)
        return response

    def _keep(self, scope: Scope, asked: Request, cap: int, settled: CallSettled | None = None) -> None:
        """Have an answer or refusal on the cassette, if any, before the journal has it; else nothing more is sent."""
        try:
            if self.recorder is not None:
                self.recorder.keep(asked, cap, settled)
        except StoreFailed as error:
            scope.run.broken = scope.run.broken or error

    def _complete(self, sending: Sending) -> Work[Response]:
        request, engine, timeout = sending.request, self.engine, sending.scope.timeout(self.tier)
        response: Response = yield Call(
            lambda: engine.complete(request, timeout=timeout), lambda: engine.acomplete(request, timeout=timeout)
        )
        return response

    def _stream(self, sending: Sending) -> Work[Response]:
        if not can_stream(self.engine):
            return (yield from self._complete(sending))
        timeout = sending.scope.timeout(self.tier)
        return (yield from show(self.engine, sending.request, timeout, sending.shown))

    def _commit(self, scope: Scope, settled: CallSettled) -> Work[None]:
        """Acknowledge only what is durable; tell the journal when a provider broke its bound."""
        run, model = scope.run, str(self.tier.model)
        events: list[Any] = [settled]
        if settled.over_bound:
            reason = f"charged {settled.spent.tokens} tokens, {settled.over_bound.tokens} above its bound"
            run.distrusted[model] = reason
            events.append(BoundBroken(run.id, model, reason))
        try:
            yield Wait(run.append(*events))
        except StoreFailed as error:
            _stop_run(run, error)
        if run.broken is not None:
            _stop_run(run, run.broken)

    def _spent(self, usage: Usage, reservation: Reservation, *, is_dear: bool) -> Amount:
        """What the answer costs; all that was reserved when the provider does not say.

        A service dearer than the usual one is charged at the dearest rates.
        """
        if not usage.is_known:
            return reservation.amount
        dearest = self.price.ceiling(usage.input_tokens or 0, usage.output_tokens or 0) if is_dear else 0
        return Amount(max(dearest, self.price.cost(usage)), weighted(usage.total_tokens, self.tier.token_weight), 1)

    def _seeded(self, request: Request, id: CallId) -> Request:
        """Where an engine samples by seed, the call's identity gives it; asking again is a fresh sample."""
        temperature = getattr(self.engine, "sampling_temperature", None)
        if temperature is None or request.config.seed is not None:
            return request
        seed = int(hashlib.blake2b(f"{id.path}|{id.key}|{id.occurrence}".encode(), digest_size=4).hexdigest(), 16)
        config = replace(request.config, seed=seed)
        if id.occurrence > 0 and config.temperature is None:
            config = replace(config, temperature=temperature)
        return replace(request, config=config)

    def _refuse_if_unpriced(self, scope: Scope) -> None:
        """Where any account limits money, a model without a price gets nothing."""
        if self._is_priced or not any(account.budget.usd is not None for account in scope.account.chain()):
            return
        error = UnknownPrice(
            f"{self.tier.label} has no price, and money is limited; set one in agentflow.toml [prices]"
        )
        _note_failure(scope, error)
        raise error

    def _refuse_if_refused(self, scope: Scope) -> None:
        if scope.flight is not None and scope.flight.refusal is not None:
            raise BudgetHalt(scope.flight.refusal.limit_hit, scope.path)

    def _refuse_if_stopped(self, scope: Scope) -> None:
        self._refuse_if_refused(scope)
        if reason := scope.account.halted:
            raise BudgetHalt(reason, scope.path)
        if (late := scope.is_late) is not None:
            raise BudgetHalt(late.deadline_hit, late.path)
        if reason := scope.run.distrusted.get(str(self.tier.model), ""):
            error = ModelDistrusted(f"{self.tier.model} broke its bound: {reason}; {HOW_TO_TRUST} {self.tier.model}")
            _note_failure(scope, error)
            raise error

    def _refuse(self, scope: Scope, refusal: Refusal) -> NoReturn:
        """Stop the attempt, or outside of one the whole account: nobody there could try a cheaper tier."""
        run = scope.run
        if scope.flight is not None:
            scope.flight.refusal = refusal
        else:
            scope.account.latch(refusal.limit_hit)
        if run.is_spent(refusal.blamed):
            refusal.blamed.exhaust(refusal.limit_hit)
        raise BudgetHalt(refusal.limit_hit, refusal.blamed.path)

    @property
    def provider(self) -> str:
        """The prefix of the model's name."""
        return str(self.tier.model).partition("/")[0]


def _recalled(scope: Scope, row: CallRow) -> Response:
    """The journal's answer, as if it had just come."""
    response = compat.load_response(row.response)
    scope.run.replayed += 1
    if scope.flight is not None:
        _note(scope.flight, response, row.finish, row.usage)
        scope.flight.replayed += 1
        scope.flight.spent += row.spent if row.id.run == scope.run.id else NOTHING  # another run has paid for its own
    _note_clip(scope, was_clipped=row.clipped)
    return response


def _note_clip(scope: Scope, *, was_clipped: bool) -> None:
    """What is concluded from an answer that our own cap cut off holds only while no longer one can be paid."""
    if scope.flight is not None and was_clipped:
        scope.flight.was_clipped = True


def _note_answer(scope: Scope, response: Response, usage: Usage, spent: Amount) -> None:
    scope.run.sent += 1
    if scope.flight is not None:
        _note(scope.flight, response, response.finish_reason, usage)
        scope.flight.spent += spent


def _note(flight: Flight, response: Response, finish: str, usage: Usage) -> None:
    sure = compat.confidence_of(response)
    flight.record(text=compat.response_text(response), finish=finish, usage=usage, confidence=sure)


def _note_failure(scope: Scope, error: Exception) -> None:
    """Remember the engine's own error: on its way up it may be disguised or swallowed."""
    if scope.flight is not None:
        scope.flight.failure = error


def _account_for_failure(sending: Sending, error: BaseException, *, was_answered: bool) -> None:
    """Nothing is charged for what was certainly not billed, everything for what nobody can tell."""
    scope = sending.scope
    reason = f"{type(error).__name__}: {error}"[:200]
    if not was_answered and isinstance(error, Exception) and certainly_unbilled(error):
        sending.reservation.release()
        scope.run.append(CallReleased(sending.id, reason))
        return
    sending.reservation.lose()
    scope.run.append(CallLost(sending.id, reason))
    if scope.flight is not None:
        scope.flight.spent += sending.reservation.amount


def _stop_run(run: Run, error: StoreFailed) -> NoReturn:
    """The journal cannot be written: not one further request goes out."""
    run.broken = run.broken or error
    run.account.halt(f"the journal failed: {error}")
    raise StoreHalt(str(error)) from error


def _patience(scope: Scope) -> float:
    """How long to wait for a place at the provider: until the deadline, or far longer than any queue lasts."""
    left = scope.time_left()
    return LONGEST_QUEUE_SECONDS if left is None else left
