"""The `agentflow` command: stdout is data, stderr is for people, and the exit code says how it ended.

Importing this loads no provider and no DSPy; each command brings what it needs.
"""

from __future__ import annotations

import os
import sys

import typer
from typer.exceptions import TyperException

from agentflow.cli.commands import QUIET, Commands
from agentflow.cli.exits import Exit, exit_of_error
from agentflow.cli.speech import explain, put, say, say_where

app = typer.Typer(name="agentflow", invoke_without_command=True, **(QUIET | {"cls": Commands, "add_completion": True}))


@app.callback()
def agentflow(context: typer.Context) -> None:
    """Run DSPy programs unattended, under a hard budget, believing nothing that was not checked."""
    if not context.invoked_subcommand:
        put(context.get_help())


def main(arguments: list[str] | None = None) -> None:
    """The door of the shell. Always ends in `SystemExit`."""
    try:
        code = app(args=arguments, prog_name="agentflow", standalone_mode=False)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read stdout has left
        code = Exit.ACCEPTED
    except typer.Abort:
        code = Exit.INTERRUPTED
    except (TyperException, Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # because the shell wants a line
        code = _refuse(error)
    raise SystemExit(int(code or 0))


def _refuse(error: BaseException) -> int:
    """Say what went wrong in one line, its traceback only to whoever debugs; the exit code."""
    say_where(error)
    say(f"error: {explain(error)}")
    return exit_of_error(error)
