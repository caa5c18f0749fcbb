"""Kills: a run is killed at seeded points and resumed; what is paid twice, whether results are equal, what it costs.

The pipeline, its billing provider and the processes that die are those of tests/test_kill.py.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from . import beside
from .harness import ROOT, Result, Table, at_least, at_most, bench

sys.path.insert(0, str(ROOT / "tests"))  # as pytest has it
shops: Any = import_module("shops")
sittings: Any = import_module("sittings")

EVENTS = 56
"""How many an unbroken run of the shop writes before its last, at least."""
REQUESTS = 19


NOTES = [
    "A shop's receipts are read by children at a limit of four on a ladder of two tiers over HTTP: some at once, "
    "some with feedback, some by escalation. The process kills itself while an event is written, a little after, "
    "before a request or after an answer, at a place drawn by the seed. Results, spending and the provider's own "
    "count are compared with a run that nothing happened to.",
    "The overhead is the seconds of both sittings less those of an unbroken one, the start of a process excluded: "
    "each is forked from one that has loaded everything.",
]


@dataclass(frozen=True, slots=True)
class Survival:
    """One kill and the resumption after it."""

    place: str
    paid_twice: int
    """Calls whose answer was committed before the kill and that reached the provider again after it."""
    asked_twice: int
    """The same for calls that were in flight: each is charged and listed as unknown."""
    unknown: int
    is_equal: bool
    is_honest: bool
    """Whether the run says it spent at least what the provider billed."""
    killed: float
    resumed: float
    """Seconds of the two sittings."""


def measure(chosen: argparse.Namespace) -> Result:
    """A hundred kills, each in a process forked from one that has everything loaded."""
    seeds = range(4 if chosen.quick else 100)
    with sittings.hosting() as host:
        unbroken, seconds = _unbroken(host)
        found = [survive(host, unbroken, _death(seed)) for seed in seeds]
    overhead = [one.killed + one.resumed - seconds for one in found]
    result = Result("Kills: SIGKILL at seeded points, then resume")
    result.goals = [
        at_most(f"completed calls paid again in {len(found)} kills", sum(one.paid_twice for one in found), 0),
        at_least("runs with the same result as the unbroken one", sum(one.is_equal for one in found), len(found)),
        at_least("runs that own up to all the provider billed", sum(one.is_honest for one in found), len(found)),
    ]
    rows = [
        ["kills", len(found)],
        ["calls of an unbroken run", REQUESTS],
        ["completed calls paid again", sum(one.paid_twice for one in found)],
        ["calls in flight at the kill, charged as unknown", sum(one.unknown for one in found)],
        ["of those, asked again", sum(one.asked_twice for one in found)],
        ["unbroken run, s", round(seconds, 3)],
        ["killed and resumed, median s", round(statistics.median(one.killed + one.resumed for one in found), 3)],
        ["overhead of a kill, median s", round(statistics.median(overhead), 3)],
        ["overhead of a kill, worst s", round(max(overhead), 3)],
    ]
    places = sorted({one.place for one in found})
    by_place = [[place, *_at(place, found)] for place in places]
    result.tables = [
        Table("AgentFlow", ("what", "figure"), rows),
        Table("By place", ("killed at", "kills", "in flight", "paid again", "equal"), by_place),
    ]
    if chosen.peers:
        result.tables.append(
            Table("Peers", ("peer", "how", "completed", "completed and run again"), beside.kill_rows())
        )
    result.notes = NOTES
    return result


def survive(host: Any, unbroken: Any, death: Any) -> Survival:
    """Die once, go on to the end, and compare."""
    with tempfile.TemporaryDirectory() as here, shops.opened(Path(here)) as shop:
        started = time.perf_counter()
        code = host.sit(shops.first(shop, death)).code
        killed = time.perf_counter() - started
        assert code == sittings.KILLED, f"{death} ended with {code}"
        shop.provider.idle()
        rows = shops.calls_of(shop.state)
        committed, before = shop.committed(rows), shop.asked()
        started = time.perf_counter()
        ending = host.sit(shops.again(shop))
        resumed = time.perf_counter() - started
        again = shop.asked() - before
        return Survival(
            place=f"{death.at}{' + a moment' if death.after else ''}",
            paid_twice=sum(again[prompt] for prompt in committed),
            asked_twice=sum(count for prompt, count in again.items() if before[prompt] and prompt not in committed),
            unknown=ending.unknown.calls,
            is_equal=ending.status == "accepted" and ending.value == unbroken.value,
            is_honest=shop.provider.nano_usd <= ending.spent.usd,
            killed=killed,
            resumed=resumed,
        )


def _unbroken(host: Any) -> tuple[Any, float]:
    """How the run ends when nothing happens, and the seconds it takes, the quickest of three."""
    seconds = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as here, shops.opened(Path(here)) as shop:
            started = time.perf_counter()
            ending = host.sit(shops.first(shop))
            seconds.append(time.perf_counter() - started)
    return ending, min(seconds)


def _death(seed: int) -> Any:
    """Anywhere: at an event, a little after one, before a request, after an answer."""
    chance = random.Random(seed)
    at = chance.choice(["event", "event", "later", "send", "answer"])
    if at == "later":
        return sittings.Death("event", chance.randint(1, EVENTS * 3 // 4), after=chance.uniform(0.0002, 0.01))
    return sittings.Death(at, chance.randint(1, REQUESTS if at in ("send", "answer") else EVENTS))


def _at(place: str, found: list[Survival]) -> list[Any]:
    here = [one for one in found if one.place == place]
    return [len(here), *(sum(getattr(one, name) for one in here) for name in ("unknown", "paid_twice", "is_equal"))]


if __name__ == "__main__":
    bench("kill", measure)
