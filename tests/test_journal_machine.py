"""The journal under any sequence of events, beside a dictionary: two owners, kills, compaction, damaged tails."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from journal_model import Asked, RunModel, Wire
from ledger_processes import kill
from stores import started

from agentflow.errors import RunIsLive, StoreFailed
from agentflow.events import (
    CallId,
    CallIntended,
    CallLost,
    CallReleased,
    CallSettled,
    Event,
    RunContinued,
    RunFinished,
    RunTicked,
    StepFinished,
    TierSkipped,
    ValueKept,
)
from agentflow.store.sqlite import SQLiteStore
from agentflow.usage import Amount, Usage

RUNS = ("r0", "r1")
PATHS = ("a", "a/b", "a/b/c", "a0")
KEYS = ("ab" * 8, "no hex")
ASKED = st.builds(Asked, st.sampled_from(PATHS), st.sampled_from(KEYS), st.integers(0, 1))
WHO, RUN = st.integers(0, 1), st.sampled_from(RUNS)
DAMAGES = st.one_of(st.binary(max_size=200), st.sampled_from(["half a frame", "an old frame", "zeros"]))


@dataclass(eq=False)
class Owner:
    """One process, simulated: a store of its own and the runs it holds."""

    store: SQLiteStore
    runs: set[str] = field(default_factory=set)


class Journal(RuleBasedStateMachine):
    """What was acknowledged is there, whoever asks, whatever happened since."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="agentflow-journal-"))
        self.moves = 0
        self.models: dict[str, RunModel] = {}
        self.epoch_of: dict[int, str] = {}
        self.owners: list[Owner] = []

    @property
    def file(self) -> Path:
        return self.folder / str(self.moves) / "agentflow.db"

    @initialize(compacts=st.booleans())
    def start(self, compacts: bool) -> None:
        self.compacts = compacts
        self.owners = [Owner(self.open()), Owner(self.open())]
        self.eye = self.open(read_only=True)
        self.hold(0, RUNS[0])

    def open(self, *, read_only: bool = False) -> SQLiteStore:
        return SQLiteStore(self.file, clock=lambda: 1e9, compact_steps=self.compacts, read_only=read_only)

    # runs and who holds them

    @rule(who=WHO, run=RUN)
    def hold(self, who: int, run: str) -> None:
        """A run is held by one owner, who charges what a dead one left open."""
        owner, other = self.owners[who], self.owners[1 - who]
        if run not in self.models:
            owner.store.append(started(run)).result()
            self.models[run] = RunModel()
        if run in other.runs:
            with pytest.raises(RunIsLive, match="held by process"):
                owner.store.claim(run)
        elif run not in owner.runs:
            owner.store.claim(run)
            owner.runs.add(run)

    @rule(who=WHO, is_kill=st.booleans())
    def leave(self, who: int, is_kill: bool) -> None:
        """Closed or killed: what it left on the wire is lost either way, and another takes its place."""
        owner = self.owners[who]
        kill(owner.store) if is_kill else owner.store.close()
        for run in owner.runs:
            self.models[run].die()
        self.owners[who] = Owner(self.open())

    @rule(damage=DAMAGES)
    def cut_the_power(self, damage: bytes | str) -> None:
        """Both owners die, and what the disk holds after the last commit is rubbish."""
        before, self.moves = self.file, self.moves + 1
        self.file.parent.mkdir()
        log = before.with_name(before.name + "-wal")
        shutil.copy(before, self.file)
        if log.exists():
            tail = _damaged(log.read_bytes(), damage)
            self.file.with_name(self.file.name + "-wal").write_bytes(tail)
        self._close()
        for model in self.models.values():
            model.die()
        self.owners = [Owner(self.open()), Owner(self.open())]
        self.eye = self.open(read_only=True)

    @rule(run=RUN)
    def finish(self, run: str) -> None:
        self._write(run, RunFinished(run, "accepted"))
        if self._holder(run):
            self.models[run].is_finished = True

    @rule(run=RUN, is_raised=st.booleans())
    def go_on(self, run: str, is_raised: bool) -> None:
        """Another budget forgets which tiers were skipped, but for steps that are finished."""
        if (owner := self._holder(run)) is None:
            return
        model, before = self.models[run], self.eye.run(run).budget
        budget = before + " " if is_raised else before
        owner.store.append(RunContinued(run, budget)).result()
        model.is_finished = False
        if is_raised:
            model.skips = {path: skips for path, skips in model.skips.items() if path in model.steps}

    @rule()
    def prune(self) -> None:
        """Finished runs that nobody holds go; nothing of the others does."""
        held = self.owners[0].runs | self.owners[1].runs
        gone = {run for run, model in self.models.items() if model.is_finished and run not in held}
        assert self.owners[0].store.prune(-1) == len(gone)
        for run in gone:
            del self.models[run]

    # what is written

    @rule(run=RUN, asked=ASKED, reserved=st.integers(1, 99), cap=st.integers(1, 9), is_bad=st.booleans())
    def intend(self, run: str, asked: Asked, reserved: int, cap: int, is_bad: bool) -> None:
        """Events given together are there together, or not at all."""
        if (owner := self._holder(run)) is None:
            return
        wires = self.models[run].calls.get(asked, {})
        id = CallId(run, *asked, owner.store.next_wire(CallId(run, *asked)))
        assert id.wire == max(wires, default=-1) + 1
        event = CallIntended(id, "small", "small", Amount(0, reserved, 1), "byte", cap)
        if is_bad:
            with pytest.raises(StoreFailed, match="sent before"):
                owner.store.append(event, ValueKept(run, "torn", "1"), event).result()
            return
        owner.store.append(event).result()
        self.models[run].calls.setdefault(asked, {})[id.wire] = Wire(reserved, cap=cap)

    @rule(run=RUN, pick=st.integers(0, 99), spent=st.integers(0, 150), is_clipped=st.booleans(), how=st.integers(0, 5))
    def end(self, run: str, pick: int, spent: int, is_clipped: bool, how: int) -> None:
        """Any request may end, and may end again, and be answered after it was given up."""
        owner = self._holder(run)
        found = [(a, n) for a, wires in self.models[run].calls.items() for n in wires] if run in self.models else []
        if owner is None or not found:
            return
        model, (asked, number) = self.models[run], found[pick % len(found)]
        id, wire, answer = CallId(run, *asked, number), model.calls[asked][number], f'"{spent}{is_clipped}"'
        usage, over = Usage(1, 1), Amount(0, max(0, spent - wire.reserved))
        events: dict[int, Event] = {0: CallLost(id, "reset"), 1: CallReleased(id, "429")}
        event = events.get(how) or CallSettled(id, Amount(0, spent, 1), usage, answer, "stop", is_clipped, over)
        owner.store.append(event).result()
        if how == 0:
            wire.lose()
        elif how == 1:
            wire.status = "released" if wire.status == "intended" else wire.status
        else:
            model.settle(asked, wire, Wire(0, "done", spent, answer, is_clipped))

    @rule(run=RUN, path=st.sampled_from(PATHS), prediction=st.integers(0, 9), replayable=st.booleans())
    def finish_step(self, run: str, path: str, prediction: int, replayable: bool) -> None:
        step = StepFinished(run, path, "read", "cd" * 8, "accepted", str(prediction), "[]", replayable=replayable)
        if self._write(run, step):
            self.models[run].steps[path] = str(prediction), replayable
            if self.compacts and replayable:
                self.models[run].compact(path)

    @rule(run=RUN, seconds=st.integers(0, 9), name=st.sampled_from("xy"), path=st.sampled_from(PATHS))
    def note(self, run: str, seconds: int, name: str, path: str) -> None:
        skip = TierSkipped(run, path, name, "no room")
        if self._write(run, RunTicked(run, seconds), ValueKept(run, name, str(seconds)), skip):
            model = self.models[run]
            model.seconds += seconds
            model.kept[name] = str(seconds)
            model.skips.setdefault(path, set()).add(name)

    @rule(run=RUN, asked=ASKED)
    def compact(self, run: str, asked: Asked) -> None:
        """A resumed run learns the same as before it was made smaller."""
        if run not in self.models:
            return
        everything = [Asked(path, key, number) for path in PATHS for key in KEYS for number in (0, 1)]
        before = [_learnt(self.eye, run, one) for one in everything]
        self.owners[0].store.compact(run)
        assert [_learnt(self.eye, run, one) for one in everything] == before
        self.models[run].compact_all()

    # what always holds

    @invariant()
    def what_was_acknowledged_is_there(self) -> None:
        if not self.owners:
            return
        assert {row.run for row in self.eye.runs()} == set(self.models)
        for run, model in self.models.items():
            row = self.eye.run(run)
            assert (row.seconds, bool(row.status)) == (model.seconds, model.is_finished)
            assert row.is_live == (self._holder(run) is not None)
            assert {step.path: (step.prediction, step.replayable) for step in self.eye.steps(run)} == model.steps
            assert self.eye.kept(run) == model.kept
            assert {path: set(self.eye.skips(run, path)) for path in PATHS if self.eye.skips(run, path)} == {
                path: skips for path, skips in model.skips.items() if skips
            }

    @invariant()
    def every_call_is_charged_once_and_answered_once(self) -> None:
        for run, model in self.models.items():
            rows = self.eye.calls(run)
            assert {(Asked(*_where(row.id)), row.id.wire): (row.status, row.spent.tokens) for row in rows} == {
                (asked, number): (wire.status, wire.spent)
                for asked, wires in model.calls.items()
                for number, wire in wires.items()
            }
            for asked in model.calls:
                whole = [row for row in rows if Asked(*_where(row.id)) == asked and row.response and not row.clipped]
                assert len([row for row in whole if row.status == "done"]) <= 1
                assert _learnt(self.eye, run, asked) == model.reply(asked)

    @invariant()
    def sums_are_equal(self) -> None:
        for run, model in self.models.items():
            totals = self.eye.totals(run)
            assert totals.spent.tokens == sum(wire.spent for wire in model.wires)
            assert totals.unknown.tokens == sum(wire.spent for wire in model.wires if wire.status == "unknown")

    @invariant()
    def another_run_may_reuse_each_answer_once(self) -> None:
        """They count in path order, the longest answer of each call."""
        if not self.owners:
            return
        with closing(self.open(read_only=True)) as fresh:
            for run, model in self.models.items():
                for key in KEYS:
                    answered = sorted(asked for asked in model.calls if asked.key == key and model.answered(asked))
                    reused = [fresh.reusable_call(run, key, number) for number in range(len(answered) + 1)]
                    assert [row and Asked(*_where(row.id)) for row in reused] == [*answered, None]
                    for asked, row in zip(answered, reused, strict=False):
                        assert row is not None
                        assert row.response == model.answered(asked).answer  # type: ignore[union-attr]  # it has one

    def teardown(self) -> None:
        if self.owners:
            self._close()
            with closing(sqlite3.connect(self.file)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        shutil.rmtree(self.folder)

    # inside

    def _holder(self, run: str) -> Owner | None:
        return next((owner for owner in self.owners if run in owner.runs), None)

    def _write(self, run: str, *events: Event) -> bool:
        owner = self._holder(run)
        if owner is not None:
            owner.store.append(*events).result()
        return owner is not None

    def _close(self) -> None:
        for owner in self.owners:
            kill(owner.store)
        self.eye.close()


def _where(id: CallId) -> tuple[str, str, int]:
    return id.path, id.key, id.occurrence


def _learnt(store: SQLiteStore, run: str, asked: Asked) -> str | None:
    """What a resumed run learns: from the outermost finished step above, or else from the answer."""
    parts = asked.path.split("/")
    for end in range(1, len(parts) + 1):
        step = store.step(run, "/".join(parts[:end]))
        if step is not None and step.replayable:
            return step.prediction
    row = store.call(CallId(run, *asked))
    return row.response if row is not None else None


def _damaged(log: bytes, damage: bytes | str) -> bytes:
    """The log with a tail that was being written when the power went."""
    frame = log[-4120:]  # a frame of SQLite's log: 24 bytes and a page of 4,096
    tails = {"half a frame": frame[:2000], "an old frame": log[32:4152], "zeros": bytes(4120)}
    return log + (tails[damage] if isinstance(damage, str) else damage)


LIGHT = settings(max_examples=10, stateful_step_count=25, deadline=None, derandomize=True, database=None,
                 suppress_health_check=list(HealthCheck))  # fmt: skip


@pytest.mark.slow
class TestJournal(Journal.TestCase):
    settings = LIGHT


@pytest.mark.attack
class TestJournalAtLength(Journal.TestCase):
    settings = settings(LIGHT, max_examples=200, stateful_step_count=50)


@pytest.mark.attack
@pytest.mark.filterwarnings(
    "ignore:.*fork.*:DeprecationWarning"
)  # forking beside other tests' threads is harmless here
@pytest.mark.parametrize("seed", range(6))
def test_a_killed_fork_leaves_all_that_it_was_told_is_written(seed: int, tmp_path: Path) -> None:
    """Whatever it wrote and was told of is there after SIGKILL, and the sums are equal."""
    dice, path = random.Random(seed), tmp_path / "agentflow.db"
    ear, mouth = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _write_until_killed(path, random.Random(seed), mouth)
        finally:
            os._exit(1)  # it must never come back as a second pytest
    os.close(mouth)
    with os.fdopen(ear) as told:
        lines = [told.readline() for _ in range(dice.randrange(20, 400))]
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        lines += told.readlines()

    with closing(SQLiteStore(path)) as store:
        store.claim("r0")
        rows = {row.id.occurrence: row for row in store.calls("r0")}
        for what, number in (line.split() for line in lines if line.endswith("\n")):
            if what == "kept":
                assert int(store.kept("r0")["n"]) >= int(number)
            else:
                assert rows[int(number)].status in (["done"] if what == "done" else ["done", "unknown"])
        assert sum(row.status == "unknown" for row in rows.values()) <= 1
        assert store.totals("r0").spent.tokens == sum(row.spent.tokens for row in rows.values())


def _write_until_killed(path: Path, dice: random.Random, mouth: int) -> None:
    store = SQLiteStore(path, compact_steps=True)
    store.append(started("r0")).result()
    store.claim("r0")
    for number in count():
        id = CallId("r0", dice.choice(PATHS), KEYS[0], number)
        store.append(CallIntended(id, "small", "small", Amount(0, 9, 1), "byte", 9)).result()
        os.write(mouth, f"intended {number}\n".encode())
        answer = CallSettled(id, Amount(0, dice.randrange(9), 1), Usage(1, 1), "{}", "stop")
        step = StepFinished("r0", id.path, "read", "cd" * 8, "accepted", "1", "[]")
        store.append(answer, ValueKept("r0", "n", str(number)), *[step] * dice.randrange(2)).result()
        os.write(mouth, f"done {number}\nkept {number}\n".encode())
        if dice.random() < 0.1:
            store.compact("r0")
