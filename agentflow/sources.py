"""The places a setting may come from, each as TOML gives it: flags, environment, project file, user file.

Nothing here knows what a value means or which place wins.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeAlias

from agentflow.budget import Budget
from agentflow.errors import ConfigurationError

Table: TypeAlias = Mapping[str, Any]
"""One source as TOML gives it."""

FILE = "agentflow.toml"
LIMITS = tuple(limit.name for limit in fields(Budget))


@dataclass(frozen=True, slots=True)
class Source:
    """One place that may set values."""

    name: str
    """What an origin or an error calls it: a path, `flag`, or `environment`."""
    table: Table
    folder: Path
    """What relative paths in it are relative to."""
    narrows: bool = False
    """Whether its budget may only tighten what others allow."""

    def refuse(self, key: str, problem: str) -> ConfigurationError:
        """The error for *key* of this source."""
        if self.name == "flag":
            return ConfigurationError(f"--{FLAGS.get(key, key.rpartition('.')[2])} {problem}")
        spelling = VARIABLES.get(key, key) if self.name == "environment" else key
        return ConfigurationError(f"{self.name}: {spelling} {problem}")

    @property
    def is_text(self) -> bool:
        """Whether every value arrives as text."""
        return self.name in ("environment", "flag")


ENVIRONMENT = {
    "AGENTFLOW_HOME": "state",
    "AGENTFLOW_DURABILITY": "durability",
    "AGENTFLOW_LADDER": "ladder",
    "AGENTFLOW_ADAPTER": "adapter",
    "AGENTFLOW_ACCOUNT": "account",
    "AGENTFLOW_STRICT": "strict",
} | {f"AGENTFLOW_MAX_{limit.upper()}": f"budget.{limit}" for limit in LIMITS}
VARIABLES = {key: variable for variable, key in ENVIRONMENT.items()}
FLAGS = {"budget.live": "max-live"}
"""Flags that are not called like their key."""
OTHER_VARIABLES = frozenset({"AGENTFLOW_DEBUG", "AGENTFLOW_LOG", "AGENTFLOW_LOG_LEVEL"})


def find_project_file(folder: Path) -> Path | None:
    """The nearest configuration from *folder* up to its repository's root; without one only *folder* counts."""
    above = [folder, *folder.parents]
    roots = [index for index, place in enumerate(above) if (place / ".git").exists()]
    for place in above[: roots[0] + 1 if roots else 1]:
        if (place / FILE).is_file():
            return place / FILE
        pyproject = place / "pyproject.toml"
        if pyproject.is_file() and "agentflow" in _load(pyproject).get("tool", {}):
            return pyproject
    return None


def environment_table(environ: Mapping[str, str]) -> Table:
    """The settings among the variables. Raises `ConfigurationError` for one that looks like a setting and is none."""
    table: dict[str, Any] = {}
    for variable, text in environ.items():
        if not variable.startswith("AGENTFLOW_") or variable in OTHER_VARIABLES or not text:
            continue
        if variable not in ENVIRONMENT:
            raise ConfigurationError(f"environment: no setting {variable}{nearest(variable, ENVIRONMENT)}")
        section, _, key = ENVIRONMENT[variable].partition(".")
        if key:
            table.setdefault(section, {})[key] = text
        else:
            table[section] = text
    return table


def user_file(environ: Mapping[str, str]) -> Path | None:
    """The file of whoever runs this, where there is one."""
    home = environ.get("XDG_CONFIG_HOME") or os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".config")
    path = Path(home) / "agentflow" / "config.toml"
    return path if path.is_file() else None


def file_sources(path: Path | None, *, narrows: bool) -> Iterator[Source]:
    """What stands in *path*."""
    if path is None:
        return
    table = _load(path)
    if path.name == "pyproject.toml":
        table = table["tool"]["agentflow"]
    yield Source(str(path), table, path.parent, narrows)


def _load(path: Path) -> Table:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error


def given(flags: Table) -> Table:
    """Those of *flags* that were said."""
    kept = {key: given(value) if isinstance(value, Mapping) else value for key, value in flags.items()}
    return {key: value for key, value in kept.items() if value is not None and value != {}}


Values: TypeAlias = dict[str, Any]


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown *name*: the nearest known one, or all of them."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; there are: {', '.join(sorted(known))}"
