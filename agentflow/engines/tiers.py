"""The tiers of one run: each with its engine, its meter, and what DSPy must be told to use it."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agentflow import compat
from agentflow.adapters import adapter_named
from agentflow.attempt import Tier
from agentflow.engines import LOCAL, Engine, open_engine
from agentflow.engines.faces import AsyncMeteredEngine, MeteredEngine
from agentflow.engines.limits import Limiters
from agentflow.engines.metered import Meter
from agentflow.engines.recorder import Recorder
from agentflow.engines.retry import Retry
from agentflow.engines.routes import check_key, find_route
from agentflow.errors import MissingKey, UnknownModel, UnknownPrice
from agentflow.ladder import Ladder
from agentflow.nano import NAMES
from agentflow.nano.adapter import NanoAdapter
from agentflow.prices import PriceTable
from agentflow.usage import Price

if TYPE_CHECKING:
    from agentflow.settings import Settings

LIMITERS = Limiters()
"""Shared by all runs of this process that set no limits of their own: a provider counts requests, not runs."""


class Tiers:
    """Opens what a tier needs when it is first used, and closes everything at the end."""

    def __init__(self, settings: Settings, prices: PriceTable) -> None:
        self._settings, self._prices = settings, prices
        self._limiters = Limiters(settings.providers) if settings.providers else LIMITERS
        self._open: dict[Tier, dict[str, Any]] = {}
        self._usable: dict[Ladder, Ladder] = {}
        self._engines: list[Engine] = []
        self._lock = threading.Lock()
        self.recorder: Recorder | None = None
        """What writes the answers of all tiers on a cassette; set before the first one is opened."""

    def settings(self, tier: Tier) -> Mapping[str, Any]:
        """DSPy settings under which a module runs on *tier*: its metered LM, its adapter."""
        with self._lock:
            if tier not in self._open:
                self._open[tier] = self._open_tier(tier)
            return self._open[tier]

    def price(self, tier: Tier) -> Price | None:
        """What the tier's tokens cost; None when nobody knows."""
        try:
            return tier.price or self._prices.price(str(tier.model), self._address(tier))
        except UnknownPrice:
            return None

    def pinned(self, ladders: Sequence[Ladder], *, is_usd_limited: bool) -> dict[str, Price]:
        """The price of every model. Raises `UnknownPrice`, before anything is spent, when money is limited."""
        prices = {}
        for tier in (tier for ladder in ladders for tier in ladder.without_functions()):
            try:
                prices[str(tier.model)] = tier.price or self._prices.price(str(tier.model), tier.api_base)
            except UnknownPrice:
                if is_usd_limited:
                    raise
        return prices

    @staticmethod
    def _address(tier: Tier) -> str | None:
        """Where the tier is asked, variables such as OLLAMA_HOST considered; None: the provider's own address."""
        if tier.engine is not None or str(tier.model).startswith(LOCAL):
            return tier.api_base
        return find_route(str(tier.model), tier.api_base, os.environ).api_base

    def missing_key(self, tier: Tier) -> str | None:
        """What to set before this tier can serve, in words; None when nothing is missing."""
        if tier.engine is not None or tier.is_function or str(tier.model).startswith(LOCAL):
            return None
        return check_key(tier, os.environ)

    def usable_ladder(self, ladder: Ladder) -> Ladder:
        """The ladder without optional tiers whose key is missing. Raises `MissingKey` for one that is not optional."""
        if ladder not in self._usable:
            usable = [tier for tier in ladder.tiers if self._is_usable(tier)]
            if not usable:
                raise MissingKey(f"no tier of the ladder can serve: {', '.join(t.label for t in ladder.tiers)}")
            self._usable[ladder] = Ladder(*usable)
        return self._usable[ladder]

    def _is_usable(self, tier: Tier) -> bool:
        model = str(tier.model)
        if tier.engine is None and model.startswith(LOCAL) and model.removeprefix(LOCAL) not in NAMES:
            known = ", ".join(LOCAL + name for name in NAMES)
            raise UnknownModel(f"there is no model {model!r} inside AgentFlow; there are: {known}")
        missing = self.missing_key(tier)
        if missing is not None and not tier.optional:
            raise MissingKey(missing)
        return missing is None

    async def aclose(self) -> None:
        """Give back every connection."""
        if self.recorder is not None:
            self.recorder.close()
        for engine in self._engines:
            engine.close()
            await engine.aclose()

    def _open_tier(self, tier: Tier) -> dict[str, Any]:
        meter, model = self._meter(tier), str(tier.model)
        lm = compat.lm_for(model, MeteredEngine(meter), AsyncMeteredEngine(meter), temperature=tier.temperature)
        is_nano = model.startswith(LOCAL) and tier.engine is None
        return {"lm": lm, "adapter": NanoAdapter() if is_nano else adapter_named(self._settings.adapter)}

    def _meter(self, tier: Tier) -> Meter:
        engine, price = open_engine(tier, self._settings), self.price(tier)
        self._engines.append(engine)
        at = tier.api_base if tier.engine is None else f"engine {id(tier.engine)}"
        limiter = self._limiters.of(str(tier.model).partition("/")[0], at)
        meter = Meter(tier, engine, price, limiter, Retry())
        meter.recorder = self.recorder.of(tier, engine, price) if self.recorder is not None else None
        return meter
