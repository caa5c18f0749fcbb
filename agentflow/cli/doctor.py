"""`agentflow doctor`: what a run will need, and whether it is here. Nothing is changed and nothing is asked."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import typer

from agentflow.cli.exits import Exit
from agentflow.cli.models import key_state
from agentflow.cli.options import Json, State, read_store, settings_for
from agentflow.cli.speech import columns, put, put_json
from agentflow.errors import AgentFlowError
from agentflow.prices import price_map
from agentflow.redact import SECRET_NAME
from agentflow.settings import Settings

OLDEST, TOO_NEW = (3, 11), (3, 14)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found."""

    what: str
    state: Literal["ok", "note", "bad"]
    """`note`: only some runs need it; `bad`: no run will start."""
    detail: str


def doctor(state: State = None, json: Json = False) -> None:
    """Look whether everything a run needs is here.

    Python and packages, settings, the journal, prices, keys by name, the embedded models, the sandbox.
    """
    found = list(examine(state))
    if json:
        put_json("doctor", {"findings": [{"what": f.what, "state": f.state, "detail": f.detail} for f in found]})
    else:
        put(columns([(finding.state, finding.what, finding.detail) for finding in found]))
    if any(finding.state == "bad" for finding in found):
        raise typer.Exit(Exit.CONFIGURATION)


def examine(state: Path | None) -> Iterator[Finding]:
    """Every finding, the most basic first."""
    version = sys.version_info[:2]
    known = OLDEST <= version < TOO_NEW
    yield Finding("python", "ok" if known else "bad", f"{sys.version.split()[0]} at {sys.executable}")
    missing = [name for name in ("dspy", "litellm", "numpy", "pydantic", "greenlet") if find_spec(name) is None]
    yield Finding("packages", "bad" if missing else "ok", f"missing: {', '.join(missing)}" if missing else "all here")
    try:
        settings = settings_for(state)
    except AgentFlowError as error:
        yield Finding("settings", "bad", str(error))
        return
    yield Finding("settings", "ok", f"budget {settings.budget or 'not set: say --usd or --tokens'}")
    for look in (_folder, _journal, _ladder, _prices):
        yield look(settings)
    for glance in (_keys, _weights, _sandbox):
        yield glance()


def _folder(settings: Settings) -> Finding:
    place = next(place for place in (settings.state, *settings.state.parents) if place.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=place):
            return Finding("state folder", "ok", f"{settings.state} can be written")
    except OSError as error:
        return Finding("state folder", "bad", f"{settings.state}: {error.strerror}; --state chooses another")


def _journal(settings: Settings) -> Finding:
    if not settings.database.is_file():
        return Finding("journal", "ok", "none yet")
    try:
        with closing(read_store(settings)) as store:
            return Finding("journal", "ok", f"{len(store.runs())} runs in {settings.database}")
    except AgentFlowError as error:
        return Finding("journal", "bad", str(error))


def _ladder(settings: Settings) -> Finding:
    lacking = [state for tier in settings.ladder if "missing" in (state := key_state(tier)) or "unknown" in state]
    names = ", ".join(tier.label for tier in settings.ladder) or "none set: a pipeline must bring its own"
    return Finding("ladder", "note" if lacking else "ok", "; ".join([names, *lacking]))


def _keys() -> Finding:
    names = sorted(name for name in os.environ if SECRET_NAME.search(name) and name.endswith("_API_KEY"))
    return Finding(
        "keys", "ok" if names else "note", ", ".join(names) or "no *_API_KEY is set: only local models can answer"
    )


def _prices(settings: Settings) -> Finding:
    known = len(price_map())
    state: Literal["ok", "note"] = "ok" if known else "note"
    return Finding("prices", state, f"{known:,} models in the installed map, {len(settings.prices)} of your own")


def _weights() -> Finding:
    spec = find_spec("agentflow")
    folder = Path((spec.submodule_search_locations or ["."])[0] if spec else ".") / "nano" / "weights"
    sums = folder / "SHA256SUMS"
    if not sums.is_file():
        return Finding("embedded models", "note", f"no weights in {folder}")
    listed = [line.split() for line in sums.read_text(encoding="utf-8").splitlines() if line.strip()]
    broken = [name for digest, name in listed if _sha256(folder / name.lstrip("*")) != digest]
    if broken:
        return Finding("embedded models", "bad", f"not as they were shipped: {', '.join(broken)}; install again")
    return Finding("embedded models", "ok", ", ".join(name.lstrip("*") for _, name in listed))


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def _sandbox() -> Finding:
    from agentflow.sandbox import Sandbox

    try:
        Sandbox().check()
    except AgentFlowError as error:
        return Finding("sandbox", "note", str(error))
    return Finding("sandbox", "ok", f"generated code can be run, by {shutil.which('bwrap')}")
