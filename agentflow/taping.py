"""Whether a run asks its tiers, is recorded while it does, or is answered from a cassette."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agentflow import __version__
from agentflow.engines.cassette import Cassette
from agentflow.engines.recorder import Recorder
from agentflow.engines.replayed import ReplayedTiers
from agentflow.engines.tiers import Tiers
from agentflow.events import RunStarted
from agentflow.ladder import Ladder
from agentflow.options import RunOptions
from agentflow.prices import PriceTable

if TYPE_CHECKING:
    from agentflow.settings import Settings


def tiers_of(options: RunOptions, settings: Settings, prices: PriceTable, source_hash: str) -> Tiers:
    """The tiers of a run: real ones, or as a cassette knows them. Raises `BadCassette`."""
    if options.replay is None:
        return Tiers(settings, prices)
    return ReplayedTiers(settings, Cassette(Path(options.replay)), source_hash)


def begin_recording(tiers: Tiers, options: RunOptions, started: RunStarted, ladders: Sequence[Ladder]) -> None:
    """Have everything that *tiers* will answer on a cassette, if that is wanted. Raises `BadCassette`."""
    if options.record is None:
        return
    header = {
        "agentflow": __version__,
        "pipeline": started.pipeline.rpartition("/")[2],
        "source_hash": started.source_hash,
    }
    recorder = Recorder(Path(options.record).absolute(), started.run)
    known = dict.fromkeys(tier for ladder in ladders for tier in ladder.without_functions())
    recorder.begin(header, [(tier, tiers.price(tier)) for tier in known], append=options.append)
    tiers.recorder = recorder


def go_on_recording(tiers: Tiers, options: RunOptions, run: str) -> None:
    """The same for a run that goes on. Raises `BadCassette` when what was recorded of it is gone."""
    if options.record is not None:
        recorder = Recorder(Path(options.record).absolute(), run)
        recorder.go_on()
        tiers.recorder = recorder
