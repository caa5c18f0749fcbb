"""`agentflow report`: everything the journal says about one run."""

from __future__ import annotations

import shutil
import sys
from contextlib import closing

from agentflow.cli.ending import here
from agentflow.cli.options import Json, RunId, State, read_store, settings_for
from agentflow.cli.speech import put, wants_colour
from agentflow.report import render, summarise, to_json


def report(run: RunId = "last", state: State = None, json: Json = False) -> None:
    """Say what a run proved, what it cost and how to go on."""
    settings = settings_for(state)
    with closing(read_store(settings)) as store:
        found = here(summarise(store, run), settings)
    if json:
        put(to_json(found, indent=2))
    else:
        put(render(found, colour=wants_colour(sys.stdout), width=shutil.get_terminal_size((100, 24)).columns))
