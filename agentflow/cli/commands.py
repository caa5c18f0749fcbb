"""The table of commands. Each is imported when it is called, so that `agentflow --help` costs next to nothing.

Typer reads the words of a command line with pydantic, whose import alone costs half of what a start may take; the few
plain types of this command line are read here instead.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command


class Entry(NamedTuple):
    """Where a command is found, and its line in `--help`."""

    room: str
    name: str
    help: str


COMMANDS = {
    "run": Entry("run", "run", "Run a pipeline under a budget, to its end, and say how it ended."),
    "resume": Entry("run", "resume", "Go on with a run where it stopped."),
    "status": Entry("journal", "status", "Say in a line how a run stands."),
    "report": Entry("report", "report", "Say what a run proved, what it cost and how to go on."),
    "runs": Entry("journal", "runs", "List the runs of this folder, newest first, or prune them."),
    "label": Entry("label", "label", "Say which outcomes of a run were right, for measuring and calibrating."),
    "eval": Entry("evaluate", "evaluate", "Measure validators on labelled outcomes."),
    "calibrate": Entry("calibrate", "calibrate", "Learn whom to ask and when to believe, from labelled outcomes."),
    "models": Entry("models", "models", "List models with price and key, or trust one again."),
    "accounts": Entry("accounts", "accounts", "List standing accounts, or open one."),
    "doctor": Entry("doctor", "doctor", "Look whether everything a run needs is here."),
    "config": Entry("config", "config", "Show every setting, and who set it."),
}


class PlainCommand(TyperCommand):
    """A command whose parameters are read without pydantic."""

    def get_params(self, ctx: Any) -> Any:
        """Its parameters, the one for help included."""
        return [read_plainly(parameter) for parameter in super().get_params(ctx)]


class PlainGroup(TyperGroup):
    """A group of commands whose own parameters are read without pydantic."""

    def get_params(self, ctx: Any) -> Any:
        """Its parameters, the one for help included."""
        return [read_plainly(parameter) for parameter in super().get_params(ctx)]


class Commands(PlainGroup):
    """The commands of the table."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # Typer calls it so
        """Their names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  # Typer calls it so
        """Import the command and make it ready; None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        entry = COMMANDS[cmd_name]
        target = getattr(import_module(f"agentflow.cli.{entry.room}"), entry.name)
        if not isinstance(target, typer.Typer):
            function, target = target, typer.Typer(**QUIET)
            target.command(cmd_name, cls=PlainCommand)(function)
        command = get_command(target)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  # Typer calls it so
        """Their lines of help, without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


TOO_MANY = 10**18
"""No limit is as high as this; what is cannot be stored."""

QUIET: dict[str, Any] = {
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "add_completion": False,
    "cls": PlainGroup,
}
"""Options of every Typer here: no colours, no boxes, no tracebacks, no pydantic."""


def read_plainly(parameter: Any) -> Any:
    """*parameter*, read without pydantic where its type is plain."""
    annotation = getattr(getattr(parameter, "type_descriptor", None), "annotation", None)
    if annotation in READERS and hasattr(parameter, "_runtime_param"):  # an older Typer has none and needs none
        what = "a whole number" if annotation is int else "a number"
        parameter._runtime_param = Plain(READERS[annotation], what)
    return parameter


class Plain(NamedTuple):
    """Reads the value of one parameter, where Typer expects its own reader."""

    read: Callable[[Any], Any]
    what: str = "a number"
    """What it reads, for whoever wrote something else."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value as its type; None and what was not given stay as they are."""
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        try:
            return self.read(value)
        except ValueError:
            raise typer.BadParameter(f"{value!r} is not {self.what}", ctx=ctx, param=param) from None


def _integer(value: Any) -> int:
    """Such as `20000`, `20,000`, `20_000` or `2e4`. Raises `ValueError` for what is no whole number."""
    try:
        number = Decimal(str(value).replace(",", ""))
    except InvalidOperation:
        raise ValueError(value) from None
    if not number.is_finite() or number != int(number) or abs(number) >= TOO_MANY:
        raise ValueError(value)
    return int(number)


READERS: dict[Any, Callable[[Any], Any]] = {
    bool: bool,
    str: str,
    int: _integer,
    float: float,
    Path: Path,
    list[str]: list,
}
