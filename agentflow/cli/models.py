"""`agentflow models`: the tiers that may be asked, what they cost, whether their key is there, whom not to trust."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from typing import Annotated

import typer

from agentflow.attempt import Tier
from agentflow.cli.commands import COMMANDS, QUIET, PlainCommand
from agentflow.cli.options import Json, State, read_store, settings_for, write_store
from agentflow.cli.speech import columns, put, put_json, say
from agentflow.engines import LOCAL
from agentflow.engines.routes import find_route
from agentflow.errors import UnknownModel, UnknownPrice
from agentflow.events import ModelTrusted
from agentflow.prices import PriceTable
from agentflow.report.figures import usd_text
from agentflow.settings import Settings

EMBEDDED = (Tier("local/nano-s"), Tier("local/nano-m"))
"""Models that come with AgentFlow."""

models = typer.Typer(help=COMMANDS["models"].help, invoke_without_command=True, **QUIET)


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of one tier before it is asked."""

    model: str
    use: str
    """`ladder`, or `embedded` when no ladder names it."""
    price: str
    key: str
    trust: str
    """Empty, or why it gets no requests."""


@models.callback()
def list_models(context: typer.Context, state: State = None, json: Json = False) -> None:
    """List the configured tiers and the embedded models, with price and key."""
    if context.invoked_subcommand:
        return
    settings = settings_for(state)
    found = known_models(settings)
    if json:
        names = ModelFacts.__dataclass_fields__
        put_json("models", {"models": [{name: getattr(fact, name) for name in names} for fact in found]})
        return
    heads = ("model", "use", "USD per million in / out", "key", "trust")
    put(columns([heads, *((fact.model, fact.use, fact.price, fact.key, fact.trust or "-") for fact in found)]))


@models.command(cls=PlainCommand)
def trust(
    name: Annotated[str, typer.Argument(metavar="MODEL", help="As `agentflow models` names it.")], state: State = None
) -> None:
    """Send requests again to a model that charged more than its declared bound."""
    settings = settings_for(state)
    broken = _distrusted(settings)
    if name not in broken:
        say(f"nothing stands against {name}; distrusted here: {', '.join(sorted(broken)) or 'none'}")
        return
    with closing(write_store(settings)) as store:
        store.append(ModelTrusted(name)).result()
    say(f"{name} is trusted again: {broken[name]}")


def known_models(settings: Settings) -> list[ModelFacts]:
    """Every tier of the configured ladder, then the embedded models it does not name."""
    distrusted = _distrusted(settings)
    ladder = [tier for tier in settings.ladder if isinstance(tier.model, str)]
    named = {tier.model for tier in ladder}
    tiers = [(tier, "ladder") for tier in ladder]
    tiers += [(tier, "embedded") for tier in EMBEDDED if tier.model not in named]
    table = PriceTable(settings.prices)
    return [
        ModelFacts(str(tier.model), use, _price(table, tier), key_state(tier), distrusted.get(str(tier.model), ""))
        for tier, use in tiers
    ]


def key_state(tier: Tier) -> str:
    """Whether the key of the tier's provider is set; never the key itself."""
    model = str(tier.model)
    if model.startswith(LOCAL) or tier.engine is not None:
        return "none needed"
    try:
        route = find_route(model, tier.api_base, os.environ)
    except UnknownModel as error:
        return f"unknown model: {error}"
    found = next((name for name in route.keys if os.environ.get(name)), "")
    if found:
        return f"{found} is set"
    return f"{' or '.join(route.keys)} is missing" if route.needs_key else "none needed"


def _distrusted(settings: Settings) -> dict[str, str]:
    """Who broke a bound, and how."""
    if not settings.database.is_file():
        return {}
    with closing(read_store(settings)) as store:
        return store.distrusted()


def _price(table: PriceTable, tier: Tier) -> str:
    try:
        price = tier.price or table.price(str(tier.model), tier.api_base)
    except UnknownPrice:
        return "unknown"
    rate = price.rates[0]
    return "free" if price.is_free else f"{usd_text(rate.input)} / {usd_text(rate.output)}"
