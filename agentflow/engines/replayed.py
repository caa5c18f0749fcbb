"""Tiers that answer from a cassette: no network, no key, no price but the recorded one. Budgets count as they did.

Nothing is made up: a request that is not on the cassette is a `NotRecorded`, which ends the run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dspy import lm15

from agentflow import compat
from agentflow.attempt import Tier
from agentflow.compat import Request, Response
from agentflow.effects import Work
from agentflow.engines.billing import LITELLM_MARK
from agentflow.engines.cassette import Call, Cassette
from agentflow.engines.limits import Limiter
from agentflow.engines.lines import Asked
from agentflow.engines.metered import Exchange, Meter, Sending
from agentflow.engines.retry import NO_RETRY
from agentflow.engines.streaming import Shown
from agentflow.engines.tiers import Tiers
from agentflow.errors import BadCassette, NotRecorded
from agentflow.ladder import Ladder
from agentflow.prices import PriceTable
from agentflow.reservation import Ask
from agentflow.scope import Scope
from agentflow.usage import FREE, Bound, Price

if TYPE_CHECKING:
    from agentflow.settings import Settings

REPLAYED = "replayed"
"""Kind of bound and provider in the journal, so that nobody takes these calls for paid ones."""


class ReplayedTiers(Tiers):
    """The tiers of a run that is answered from a cassette."""

    def __init__(self, settings: Settings, cassette: Cassette, source_hash: str = "") -> None:
        super().__init__(settings, PriceTable({}, entries={}))
        self.cassette, self._source_hash = cassette, source_hash

    def price(self, tier: Tier) -> Price | None:
        """What the tier's tokens cost when it was recorded. One that was not has no answers to charge for."""
        facts = self.cassette.facts(tier)
        return FREE if facts is None else facts.price or tier.price

    def missing_key(self, tier: Tier) -> str | None:  # noqa: ARG002  # whatever the tier
        """Nothing is ever missing."""
        return None

    def _is_usable(self, tier: Tier) -> bool:
        """An optional tier that could not serve then does not now."""
        return tier.is_function or not tier.optional or self.cassette.facts(tier) is not None

    def pinned(self, ladders: Sequence[Ladder], *, is_usd_limited: bool) -> dict[str, Price]:  # noqa: ARG002
        """The prices as recorded."""
        tiers = [tier for ladder in ladders for tier in ladder.without_functions()]
        return {str(tier.model): price for tier in tiers if (price := self.price(tier)) is not None}

    def _meter(self, tier: Tier) -> Meter:
        is_of_now = not self._source_hash or self._source_hash in self.cassette.sources
        engine = CassetteEngine(self.cassette, tier, is_of_now=is_of_now)
        named = replace(tier, model=f"{REPLAYED}/{tier.model}", name=tier.label, engine=None)
        return ReplayMeter(named, engine, self.price(tier), Limiter(REPLAYED), NO_RETRY)


class CassetteEngine:
    """Answers for one tier what it answered when it was recorded."""

    def __init__(self, cassette: Cassette, tier: Tier, *, is_of_now: bool) -> None:
        """*is_of_now*: whether the pipeline is the one that was recorded."""
        self.cassette, self.tier, self._is_of_now = cassette, tier, is_of_now
        facts = cassette.facts(tier)
        can: Mapping[str, Any] = facts.capabilities if facts is not None else {}
        self.supports_function_calling = bool(can.get("supports_function_calling"))
        self.supports_reasoning = bool(can.get("supports_reasoning"))
        self.supports_response_schema = bool(can.get("supports_response_schema"))
        self.supported_params = frozenset(can.get("supported_params", ()))

    def __deepcopy__(self, memo: object) -> CassetteEngine:
        return self

    def bound(self, request: Request) -> Bound:
        """As it was when it was recorded. What was not there costs nothing, and is `NotRecorded` once it is played."""
        return Bound(self.cassette.bound(self._asked(request).key) or 0, "declared", "reserved for it when recorded")

    def play(self, request: Request, path: str, occurrence: int, cap: int) -> Response:
        """The recorded answer to *request*, as it was asked, within *cap* output tokens. Raises `NotRecorded`."""
        asked = self._asked(request)
        call = self.cassette.take(asked.key, path, occurrence)
        if call is None:
            raise NotRecorded(f"{self._who(path)}: {self._lacking(asked)}; {self._way_out}")
        if call.was_clipped and cap > call.cap:
            raise NotRecorded(
                f"{self._who(path)}: the answer in line {call.number} of {self.cassette.path} was cut off by the "
                f"budget after {call.cap} tokens, and {cap} are allowed now; {self._way_out}"
            )
        return self._response(call, cap)

    def complete(self, request: Request, *, timeout: float) -> Response:
        """Refuse: who asks without a meter has no place in the run."""
        del request, timeout  # whatever they were
        raise NotRecorded(f"{self._who('')}: a cassette answers inside a run only")

    async def acomplete(self, request: Request, *, timeout: float) -> Response:
        """Refuse: who asks without a meter has no place."""
        return self.complete(request, timeout=timeout)

    def close(self) -> None:
        """Nothing is held open."""

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _response(self, call: Call, cap: int) -> Response:
        try:
            response = compat.load_response(call.response)
        except Exception as error:  # because whoever edits a line may write anything
            raise BadCassette(
                f"{self.cassette.path}, line {call.number}: no response: {error!r}; mend the line, or record anew"
            ) from error
        said = call.usage
        usage = lm15.Usage(
            input_tokens=said.input_tokens,
            output_tokens=said.output_tokens,
            cache_read_tokens=said.cached_tokens,
            cache_write_tokens=said.cache_write_tokens,
            reasoning_tokens=said.reasoning_tokens,
        )
        data = {**(response.provider_data or {}), LITELLM_MARK: True}  # counted in our convention, whoever answered
        if call.is_dear:
            data["service_tier"] = "priority"
        whole = replace(response, usage=usage, provider_data=data)
        return _cut(whole, cap) if cap < min(call.cap, said.output_tokens or 0) else whole

    def _asked(self, request: Request) -> Asked:
        return Asked.of(self.tier, request, self.cassette.redactor)

    def _lacking(self, asked: Asked) -> str:
        """Why there is no answer."""
        count = self.cassette.count(asked.key)
        if count:
            answers = f"{count} answer{'' if count == 1 else 's'}"
            return f"{self.cassette.path} holds {answers} to this request, and one more was asked for"
        found = self.cassette.nearest(asked, self.tier.label)
        if found is None:
            return f"{self.cassette.path} holds no call at all"
        line, apart = found
        version = "" if self._is_of_now else " (the pipeline was another version then)"
        return (
            f"this request is not on {self.cassette.path}; the nearest there is line {line.number}, "
            f"{_step(line.plain['path'])} on {line.plain['tier']}, which {apart}{version}"
        )

    def _who(self, path: str) -> str:
        return f"{_step(path)} on {self.tier.label}"

    @property
    def _way_out(self) -> str:
        return f"record it: --record {self.cassette.path} --append, or anew on another file"


class ReplayMeter(Meter):
    """A meter whose wire is a cassette."""

    engine: CassetteEngine

    def _exchange(self, request: Request, send: Exchange, key: str = "") -> Work[tuple[Response, Shown]]:
        scope = compat.current_scope()
        try:
            return (yield from super()._exchange(request, send, key))
        except (NotRecorded, BadCassette) as error:  # whoever swallows it on its way up: the run has failed
            if scope is not None:
                scope.run.misconfigured = scope.run.misconfigured or error
            raise

    def _ask(self, scope: Scope, request: Request) -> Ask:
        return replace(super()._ask(scope, request), bound=REPLAYED)

    def _send(self, sending: Sending, send: Exchange) -> Work[Response]:
        response = yield from super()._send(sending, send)
        if sending.scope.flight is not None:
            sending.scope.flight.replayed += 1
        return response

    def _complete(self, sending: Sending) -> Work[Response]:
        yield from ()
        id, cap = sending.id, sending.reservation.cap
        return self.engine.play(sending.asked, id.path, id.occurrence, cap)

    def _stream(self, sending: Sending) -> Work[Response]:
        return self._complete(sending)


def _cut(response: Response, cap: int) -> Response:
    """The answer as a smaller budget would have had it: as much of its text as of its tokens."""
    text = compat.response_text(response)
    shown = text[: len(text) * cap // (response.usage.output_tokens or 1)]
    usage = replace(
        response.usage,
        output_tokens=cap,
        total_tokens=None,
        reasoning_tokens=min(cap, response.usage.reasoning_tokens or 0),
    )
    message = lm15.Message(role="assistant", parts=(lm15.TextPart(shown),))
    return replace(response, message=message, finish_reason="length", usage=usage)


def _step(path: str) -> str:
    """The name of the step at *path*."""
    return path.rpartition("/")[2].partition("#")[0] or "a prompt outside of steps"
