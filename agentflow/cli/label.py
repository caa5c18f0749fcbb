"""`agentflow label`: truth about outcomes, from a file into the journal."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentflow.cli.options import Json, RunId, State, settings_for
from agentflow.cli.speech import put_json, say
from agentflow.errors import BadLabels, ConfigurationError

if TYPE_CHECKING:
    from agentflow.calibration.labelling import Labelling

SHOWN = 20
"""Bad rows that are named; the first of them stands in the error itself."""


Labels = Annotated[str, typer.Option("--jsonl", metavar="FILE", help="Labels, one JSON object a line; - is stdin.")]


def label(
    run: RunId = "last",
    jsonl: Labels = "-",
    skip_unknown: Annotated[bool, typer.Option("--skip-unknown", help="Pass over rows that name no outcome.")] = False,
    state: State = None,
    json: Json = False,
) -> None:
    """Say which outcomes of a run were right, for measuring and calibrating.

    Each line of FILE names an outcome, by "path" (perhaps with * in it) or by "step" and "inputs", and says the truth:
    "right": true or false about its prediction, or its right values as "correct": {"field": value} or "field" and
    "value". With right values every attempt can be judged, rejected ones as well. "by" says who knows.

    Nothing is written unless every row can be used. The latest label of an outcome counts; the same again is nothing.
    """
    from agentflow.calibration.labelling import label_outcomes, read_lines  # heavy: brings the validators

    rows = read_lines(_read(jsonl))
    try:
        done = label_outcomes(run, rows, state=settings_for(state).state, skip_unknown=skip_unknown)
    except BadLabels as error:
        for complaint in error.complaints[1:SHOWN]:
            say(complaint)
        raise
    if json:
        put_json("labels", asdict(done))
    else:
        say(_line(done))


def _read(file: str) -> str:
    if file == "-":
        return sys.stdin.read()
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the labels {file} cannot be read: {error}") from error


def _line(done: Labelling) -> str:
    parts = [f"{done.labelled:,} labelled"]
    parts += [f"{done.changed:,} of them otherwise than before"] if done.changed else []
    parts += [f"{done.unchanged:,} as before"] if done.unchanged else []
    parts += [f"{done.missing:,} rows name nothing here"] if done.missing else []
    return f"run {done.run}: {', '.join(parts)}; {done.known:,} of {done.outcomes:,} outcomes are labelled"
