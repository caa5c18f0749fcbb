"""Where a setting comes from and which one wins: flags, environment, project file, user file, defaults.

Nothing here imports a provider, opens a store or creates a folder. A project file may narrow a budget, never widen it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

from agentflow.attempt import Tier
from agentflow.budget import Budget
from agentflow.errors import ConfigurationError, DefinitionError
from agentflow.sources import (
    LIMITS,
    Source,
    Table,
    environment_table,
    file_sources,
    find_project_file,
    given,
    nearest,
    user_file,
)
from agentflow.store import Durability
from agentflow.usage import Price, Rate, nano_usd

Adapter = Literal["chat", "json"]
STATE = ".agentflow"


@dataclass(frozen=True, slots=True)
class ProviderLimits:
    """What one provider allows, shared by all agents of a process. None: not known, so not limited here."""

    concurrency: int | None = None
    """Requests on the wire at once."""
    rpm: int | None = None
    """Requests per minute."""
    tpm: int | None = None
    """Tokens per minute."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be configured, and who said so."""

    state: Path = Path(STATE)
    """The folder of the journal and of results."""
    durability: Durability = "process"
    budget: Budget | None = None
    """None: nobody set any limit."""
    ladder: tuple[Tier, ...] = ()
    """Cheap to strong; empty: the pipeline must bring its own."""
    adapter: Adapter = "chat"
    account: str | None = None
    """The standing account that pays. None: the run pays for itself."""
    strict: bool = False
    """Whether one rejected child makes the run rejected."""
    prices: Mapping[str, Price] = field(default_factory=dict)
    """By model name; they go before every table."""
    providers: Mapping[str, ProviderLimits] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    """Who set each value, by key as in `agentflow.toml`, such as `budget.usd`."""

    @property
    def database(self) -> Path:
        """The file that holds journal and ledger."""
        return self.state / "state.db"


def load_settings(
    flags: Table | None = None, *, environ: Mapping[str, str] | None = None, folder: Path | None = None
) -> Settings:
    """Merge every source, strongest first. *flags* is shaped like `agentflow.toml`.

    Raises `ConfigurationError` naming the file, the key and the nearest key that exists.
    """
    environ = os.environ if environ is None else environ
    folder = (folder or Path.cwd()).absolute()
    try:
        project = find_project_file(folder)
        files = [*file_sources(project, narrows=True), *file_sources(user_file(environ), narrows=False)]
    except OSError as error:  # what cannot be looked at may hold a limit, and is not passed over
        raise ConfigurationError(
            f"{error.filename}: {error.strerror}; let it be read, or set HOME or XDG_CONFIG_HOME to a folder that can"
        ) from error
    sources = [
        Source("flag", given(flags or {}), folder),
        Source("environment", environment_table(environ), folder),
        *files,
    ]
    chosen, origins = _merge([(source, _read(source)) for source in sources])
    state = (project.parent if project else folder) / STATE
    origins.setdefault("state", f"default, beside {project}" if project else "default")
    return _settings({"state": state} | chosen, origins)


def likely_state(flags: Table) -> Path:
    """Where the journal most likely is, for whoever has to leave a word there although the settings cannot be read."""
    named = flags.get("state") or os.environ.get("AGENTFLOW_HOME")
    try:
        project = find_project_file(Path.cwd())
    except (ConfigurationError, OSError):
        project = None
    return Path(named).expanduser().absolute() if named else (project.parent if project else Path.cwd()) / STATE


def read_flags(flags: Table) -> None:
    """Whether every one of *flags* makes sense by itself. Raises `ConfigurationError` that names the flag."""
    _read(Source("flag", given(flags), Path()))


Values: TypeAlias = dict[str, Any]
"""Flat key, such as `budget.usd`, to its parsed value."""


def _read(source: Source) -> Values:
    """Every value of *source*, parsed; unknown keys are refused."""
    values: Values = {}
    for key, raw in source.table.items():
        if key in SECTIONS:
            if not isinstance(raw, Mapping):
                raise source.refuse(key, f"must be a table, not {raw!r}")
            parse = SECTIONS[key]
            values |= {f"{key}.{name}": parse(source, f"{key}.{name}", value) for name, value in raw.items()}
        elif key in SCALARS:
            values[key] = SCALARS[key](source, key, raw)
        else:
            raise source.refuse(key, f"is no setting{nearest(key, [*SCALARS, *SECTIONS])}")
    return values


def _merge(read: list[tuple[Source, Values]]) -> tuple[Values, dict[str, str]]:
    """The strongest source wins; of a limit, a tighter one in a source that narrows does."""
    chosen: Values = {}
    origins: dict[str, str] = {}
    for key in {key: None for _, values in read for key in values}:
        setters = [Setter(source, values[key]) for source, values in read if key in values]
        if key.startswith("budget."):
            chosen[key], origins[key] = _tightest(setters)
        else:
            chosen[key], origins[key] = setters[0].value, setters[0].source.name
    return chosen, origins


class Setter(NamedTuple):
    """A source and what it sets one key to."""

    source: Source
    value: Any


def _tightest(setters: list[Setter]) -> tuple[Any, str]:
    allowed = [setter for setter in setters if not setter.source.narrows]
    for narrow in (setter for setter in setters if setter.source.narrows):
        if not allowed:
            return narrow.value, narrow.source.name
        if narrow.value < allowed[0].value:
            return narrow.value, f"{narrow.source.name} (narrows {allowed[0].source.name})"
    return allowed[0].value, allowed[0].source.name


def _settings(values: Values, origins: dict[str, str]) -> Settings:
    def section(name: str) -> Values:
        return {key.partition(".")[2]: value for key, value in values.items() if key.startswith(f"{name}.")}

    limits = section("budget")
    plain = {key: value for key, value in values.items() if key in SCALARS}
    return Settings(
        **plain,
        budget=Budget(**limits) if limits else None,
        prices=MappingProxyType(section("prices")),
        providers=MappingProxyType(section("providers")),
        origins=MappingProxyType(dict(sorted(origins.items()))),
    )


Parse: TypeAlias = Callable[[Source, str, Any], Any]
"""Reads one raw value for the source and key it stands at, or refuses it."""


def _text(source: Source, key: str, raw: Any) -> str:
    if not isinstance(raw, str) or not raw:
        raise source.refuse(key, f"must be a text, not {raw!r}")
    return raw


def _path(source: Source, key: str, raw: Any) -> Path:
    return source.folder / Path(_text(source, key, str(raw) if isinstance(raw, Path) else raw)).expanduser()


def _one_of(*allowed: str) -> Parse:
    def parse(source: Source, key: str, raw: Any) -> str:
        if raw not in allowed:
            raise source.refuse(key, f"must be one of {', '.join(allowed)}, not {raw!r}")
        return str(raw)

    return parse


def _truth(source: Source, key: str, raw: Any) -> bool:
    spoken = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if isinstance(raw, str) and source.is_text and raw.lower() in spoken:
        return spoken[raw.lower()]
    if not isinstance(raw, bool):
        raise source.refuse(key, f"must be true or false, not {raw!r}")
    return raw


def _number(source: Source, key: str, raw: Any) -> Decimal:
    """A finite number that is not negative; a text only where every value is one, or where it is money."""
    is_money = key.endswith("usd") or key.startswith("prices.")
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal | str):
        raise source.refuse(key, f"must be a number, not {raw!r}")
    if isinstance(raw, str) and not (source.is_text or is_money):
        raise source.refuse(key, f"must be a number, not the text {raw!r}")
    try:
        number = Decimal(str(raw).replace("_", ""))
    except InvalidOperation:
        raise source.refuse(key, f"must be a number, not {raw!r}") from None
    if not number.is_finite() or number < 0:
        raise source.refuse(key, f"must be a number from 0 up, not {raw!r}")
    return number


def _whole(source: Source, key: str, raw: Any) -> int:
    number = _number(source, key, raw)
    if number != int(number):
        raise source.refuse(key, f"must be a whole number, not {raw!r}")
    return int(number)


def _seconds(source: Source, key: str, raw: Any) -> float:
    return float(_number(source, key, raw))


def _moment(source: Source, key: str, raw: Any) -> str:
    """ISO 8601 in UTC, so that two of them compare as texts; without an offset it is local time."""
    try:
        moment = raw if isinstance(raw, datetime) else datetime.fromisoformat(raw)
        return moment.astimezone(UTC).isoformat()
    except (TypeError, ValueError):
        raise source.refuse(key, f"must be a moment such as 2026-12-31T06:00:00+01:00, not {raw!r}") from None


def _limit(source: Source, key: str, raw: Any) -> Any:
    parsers: dict[str, Parse] = {"usd": _number, "until": _moment, "seconds": _seconds}
    name = key.partition(".")[2]
    if name not in LIMITS:
        raise source.refuse(key, f"is no limit{nearest(name, LIMITS)}")
    parse: Parse = parsers.get(name, _whole)
    return parse(source, key, raw)


def _tiers(source: Source, key: str, raw: Any) -> tuple[Tier, ...]:
    if isinstance(raw, str):
        raw = [name.strip() for name in raw.split(",") if name.strip()]
    if not isinstance(raw, list | tuple) or not raw:
        raise source.refuse(key, f"must be a list of tiers, or names with commas between them, not {raw!r}")
    return tuple(_tier(source, f"{key}[{index}]", tier) for index, tier in enumerate(raw))


def _tier(source: Source, key: str, raw: Any) -> Tier:
    table = {"model": raw} if isinstance(raw, str) else raw
    if not isinstance(table, Mapping):
        raise source.refuse(key, f"must be a model name or a table, not {raw!r}")
    known = {option.name: option.type for option in fields(Tier) if option.name not in ("engine", "price")}
    for name in [name for name in table if name not in known]:
        raise source.refuse(f"{key}.{name}", f"is no option of a tier{nearest(name, known)}")
    try:
        return Tier(**{name: _option(source, f"{key}.{name}", table[name], str(known[name])) for name in table})
    except DefinitionError as error:
        raise source.refuse(key, f"is no tier: {error}") from error
    except TypeError:
        raise source.refuse(key, "needs a model") from None


def _option(source: Source, key: str, raw: Any, type: str) -> Any:
    if "bool" in type:
        return _truth(source, key, raw)
    if "int" in type:
        return _whole(source, key, raw)
    return float(_number(source, key, raw)) if "float" in type else _text(source, key, raw)


def _price(source: Source, key: str, raw: Any) -> Price:
    """USD per million tokens: `input` and `output`, and what a cache costs where it is priced apart."""
    kinds = ("input", "output", "cached", "cache_write")
    if not isinstance(raw, Mapping):
        raise source.refuse(key, f"must be a table such as {{input = 0.25, output = 2.00}}, not {raw!r}")
    for name in [name for name in raw if name not in kinds]:
        raise source.refuse(f"{key}.{name}", f"is no kind of token{nearest(name, kinds)}")
    if not {"input", "output"} <= set(raw):
        raise source.refuse(key, "needs both input and output, in USD per million tokens")
    rate = {kind: nano_usd(_number(source, f"{key}.{kind}", raw.get(kind, raw["input"]))) for kind in kinds}
    return Price((Rate(**rate),))


def _provider(source: Source, key: str, raw: Any) -> ProviderLimits:
    known = [limit.name for limit in fields(ProviderLimits)]
    if not isinstance(raw, Mapping):
        raise source.refuse(key, f"must be a table such as {{concurrency = 8, rpm = 500}}, not {raw!r}")
    for name in [name for name in raw if name not in known]:
        raise source.refuse(f"{key}.{name}", f"is no limit of a provider{nearest(name, known)}")
    return ProviderLimits(**{name: _whole(source, f"{key}.{name}", value) for name, value in raw.items()})


SCALARS: dict[str, Parse] = {
    "state": _path,
    "durability": _one_of(*get_args(Durability)),
    "ladder": _tiers,
    "adapter": _one_of(*get_args(Adapter)),
    "account": _text,
    "strict": _truth,
}
SECTIONS: dict[str, Parse] = {"budget": _limit, "prices": _price, "providers": _provider}
