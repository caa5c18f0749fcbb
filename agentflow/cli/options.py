"""Options that several commands take, and the settings they lead to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from agentflow.errors import ConfigurationError, StoreFailed
from agentflow.settings import Settings, load_settings, read_flags
from agentflow.sources import Table
from agentflow.store import Store
from agentflow.store.sqlite import open_store

State = Annotated[Path | None, typer.Option("--state", help="Folder of the journal.", show_default=".agentflow")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="Its id, the beginning of it, or `last`.")]


def settings_for(state: Path | None) -> Settings:
    """The settings, with the folder of the journal as the option says."""
    return settings_of({"state": state})


def settings_of(flags: Table) -> Settings:
    """The settings with *flags*, shaped like `agentflow.toml`. Raises `TyperException` for one that makes no sense."""
    try:
        read_flags(flags)
    except ConfigurationError as error:
        raise TyperException(str(error)) from error
    settings = load_settings(flags)
    if os.path.exists(settings.state) and not os.path.isdir(settings.state):  # unlike Path, never an error itself
        raise ConfigurationError(f"{settings.state} is a file, not a folder for a journal; --state chooses another")
    return settings


def read_store(settings: Settings) -> Store:
    """The journal, for reading only. Raises `StoreFailed` where there is none."""
    if not settings.database.is_file():
        raise StoreFailed(
            f"no run has been started in {settings.state}; `agentflow run` starts one, --state looks elsewhere"
        )
    return open_store(settings.database, durability=settings.durability, read_only=True)


def write_store(settings: Settings) -> Store:
    """The journal, for changing it; created where there is none."""
    return open_store(settings.database, durability=settings.durability)
