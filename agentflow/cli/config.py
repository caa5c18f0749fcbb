"""`agentflow config show`: every setting, and who set it."""

from __future__ import annotations

import json as json_text
from collections.abc import Iterator
from typing import Annotated

import typer

from agentflow.attempt import Tier
from agentflow.cli.commands import COMMANDS, QUIET, PlainCommand
from agentflow.cli.options import Json, State, settings_for
from agentflow.cli.speech import columns, put, put_json
from agentflow.settings import Settings
from agentflow.sources import LIMITS
from agentflow.usage import Price, as_usd

config = typer.Typer(help=COMMANDS["config"].help, invoke_without_command=True, **QUIET)


@config.callback()
def configuration(context: typer.Context) -> None:
    """Show every setting, and who set it."""
    if not context.invoked_subcommand:
        show(origin=True)


@config.command(cls=PlainCommand)
def show(
    origin: Annotated[bool, typer.Option("--origin", help="Say who set each value.")] = False,
    state: State = None,
    json: Json = False,
) -> None:
    """Show every setting, merged from flags, environment, project file, user file and defaults."""
    settings = settings_for(state)
    values = dict(_values(settings))
    origins = {key: settings.origins.get(key, "default") for key in values}
    if json:
        put_json("config", {"values": values, "origins": origins})
        return
    rows = [(key, "=", json_text.dumps(value, ensure_ascii=False, default=str)) for key, value in values.items()]
    said: list[tuple[str, ...]] = [(*row, f"# {origins[row[0]]}") if origin else row for row in rows]
    put(columns(said))


def _values(settings: Settings) -> Iterator[tuple[str, object]]:
    yield "state", str(settings.state)
    yield "durability", settings.durability
    for limit in LIMITS:
        value = getattr(settings.budget, limit, None)
        if value is not None:
            yield f"budget.{limit}", str(value) if limit == "usd" else value
    yield "ladder", [_tier(tier) for tier in settings.ladder]
    yield "adapter", settings.adapter
    yield "account", settings.account
    yield "strict", settings.strict
    for model, price in settings.prices.items():
        yield f"prices.{model}", _price(price)
    for provider, limits in settings.providers.items():
        yield f"providers.{provider}", {"concurrency": limits.concurrency, "rpm": limits.rpm, "tpm": limits.tpm}


def _tier(tier: Tier) -> object:
    set_here = {
        name: getattr(tier, name)
        for name, option in Tier.__dataclass_fields__.items()
        if getattr(tier, name) != option.default
    }
    return tier.model if set(set_here) == {"model"} else set_here


def _price(price: Price) -> dict[str, str]:
    rate = price.rates[0]
    kinds = {"input": rate.input, "output": rate.output, "cached": rate.cached, "cache_write": rate.cache_write}
    return {kind: f"{as_usd(nano).normalize():f}" for kind, nano in kinds.items()}
