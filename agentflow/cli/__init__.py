"""The `agentflow` command: stdout is data, stderr is for people, and the exit code says how it ended.

Importing this loads no provider and no DSPy; each command brings what it needs.
"""

from __future__ import annotations

import os
import sys

import typer
from typer.exceptions import TyperException

from agentflow.cli import accounts, config, doctor, journal, models, run
from agentflow.cli.exits import Exit, exit_of_error
from agentflow.cli.speech import explain, say

app = typer.Typer(
    name="agentflow",
    help="Run DSPy programs unattended, under a hard budget, believing nothing that was not checked.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=True,
    no_args_is_help=True,
)
for command in (run.run, run.resume, journal.status, journal.report, doctor.doctor):
    app.command()(command)
app.add_typer(journal.runs, name="runs")
app.add_typer(models.models, name="models")
app.add_typer(accounts.accounts, name="accounts")
app.add_typer(config.config, name="config")


def main(arguments: list[str] | None = None) -> None:
    """The door of the shell. Always ends in `SystemExit`."""
    try:
        code = app(args=arguments, prog_name="agentflow", standalone_mode=False)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read stdout has left
        code = Exit.ACCEPTED
    except TyperException as error:
        code = _refuse(error, Exit.USAGE)
    except (typer.Abort, KeyboardInterrupt):
        code = Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001  # because the shell wants a line and a code, whatever went wrong
        code = _refuse(error, exit_of_error(error))
    raise SystemExit(int(code or 0))


def _refuse(error: Exception, code: Exit) -> Exit:
    """Say what went wrong in one line; its traceback only to whoever debugs."""
    if os.environ.get("AGENTFLOW_DEBUG") == "1":
        raise error
    say(f"error: {explain(error)}")
    return code
