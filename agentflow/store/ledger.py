"""Journal and ledger inside the open transaction: each event becomes rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from agentflow import events
from agentflow.errors import StoreFailed
from agentflow.events import Event
from agentflow.store.calls import Calls
from agentflow.store.register import Register, packed
from agentflow.store.schema import PLACES


class Ledger:
    """Writes events through one connection."""

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], float], *, compact_steps: bool) -> None:
        self.epoch = 0
        """The owner on whose behalf is written."""
        self.register = Register(connection)
        self.calls = Calls(connection, self.register)
        self._connection = connection
        self._clock = clock
        self._compact_steps = compact_steps
        self._acts: dict[type, Callable[[Any], None]] = {
            events.RunStarted: self._start,
            events.RunContinued: self._continue,
            events.RunTicked: self._tick,
            events.RunFinished: self._finish,
            events.CallIntended: lambda event: self.calls.intend(event, self.epoch),
            events.CallSettled: self.calls.settle,
            events.CallReleased: self.calls.release,
            events.CallLost: self.calls.lose,
            events.TierSkipped: self._skip,
            events.StepFinished: self._finish_step,
            events.OutcomeLabelled: self._label,
            events.AgentFinished: self._finish_agent,
            events.ValueKept: self._keep,
            events.BoundBroken: self._distrust,
            events.ModelTrusted: self._trust,
        }

    def write(self, sentences: Sequence[Event]) -> None:
        """Write each event in order."""
        for event in sentences:
            self._acts[type(event)](event)

    def compact(self, run: str) -> None:
        """Drop the answers of calls whose step is finished; amounts and usage stay for the report."""
        id = self.register.meter(run).run
        query = "SELECT name FROM path JOIN step ON step.place = path.place WHERE path.run = ? AND step.replayable"
        for (path,) in self._connection.execute(query, (id,)).fetchall():
            self._compact_below(id, path)

    def _start(self, event: events.RunStarted) -> None:
        documents = [self.register.document(text) for text in (event.arguments, event.ladder, event.prices)]
        policy = self.register.document(event.policy) if event.policy else None
        cursor = self._connection.execute(
            """INSERT INTO run (name, pipeline, source_hash, arguments, ladder, prices, policy, budget, account,
            resumable, started_at, options, touched) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (event.run, event.pipeline, event.source_hash, *documents, policy, event.budget, event.account,
             event.resumable, event.started_at, event.options, self._clock()),
        )  # fmt: skip
        self._connection.execute("INSERT INTO meter (run) VALUES (?)", (cursor.lastrowid,))

    def _continue(self, event: events.RunContinued) -> None:
        run = self.register.meter(event.run).run
        before, account = self._connection.execute("SELECT budget, account FROM run WHERE id = ?", (run,)).fetchone()
        if event.budget != before or account:  # what a standing account has left is another matter every time
            self._connection.execute(
                "DELETE FROM skip WHERE place BETWEEN ? AND ? AND place NOT IN (SELECT place FROM step)",
                (run * PLACES, (run + 1) * PLACES - 1),
            )
        self._connection.execute(
            """UPDATE run SET budget = ?, account = ?, status = '', value = 'null', feedback = '', limit_hit = '',
            partial = '{}', touched = ? WHERE id = ?""",
            (event.budget, event.account or account, self._clock(), run),
        )

    def _tick(self, event: events.RunTicked) -> None:
        self.register.count(self.register.meter(event.run)).seconds += event.seconds

    def _finish(self, event: events.RunFinished) -> None:
        self._connection.execute(
            "UPDATE run SET status = ?, value = ?, feedback = ?, limit_hit = ?, partial = ?, touched = ? WHERE id = ?",
            (event.status, event.value, event.feedback, event.limit_hit, event.partial, self._clock(),
             self.register.meter(event.run).run),
        )  # fmt: skip

    def _skip(self, event: events.TierSkipped) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO skip (place, tier, reason) VALUES (?, ?, ?)",
            (self._place(event.run, event.path), self.register.word(event.tier), event.reason),
        )

    def _finish_step(self, event: events.StepFinished) -> None:
        word, spent = self.register.word, event.spent
        self._connection.execute(
            """INSERT OR REPLACE INTO step (place, step, identity, status, spent_usd, spent_tokens, spent_calls,
            replayable, feedback, inputs, prediction, attempts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (self._place(event.run, event.path), word(event.step), packed(event.identity), word(event.status),
             spent.usd, spent.tokens, spent.calls, event.replayable, event.feedback, event.inputs, event.prediction,
             event.attempts),
        )  # fmt: skip
        if self._compact_steps and event.replayable:
            self._compact_below(self.register.meter(event.run).run, event.path)

    def _label(self, event: events.OutcomeLabelled) -> None:
        """Add a label to a finished step. The same word as the latest one adds nothing."""
        run = self.register.meter(event.run).run
        query = "SELECT place FROM path JOIN step USING (place) WHERE path.run = ? AND path.name = ?"
        found = self._connection.execute(query, (run, event.path)).fetchone()
        if found is None:
            raise StoreFailed(f"run {event.run} has no finished step at {event.path}, so there is nothing to label")
        latest = "SELECT label FROM label WHERE place = ? ORDER BY id DESC LIMIT 1"
        if self._connection.execute(latest, found).fetchone() != (event.label,):
            self._connection.execute("INSERT INTO label (place, label) VALUES (?, ?)", (*found, event.label))

    def _finish_agent(self, event: events.AgentFinished) -> None:
        place, status, spent = self._place(event.run, event.path), self.register.word(event.status), event.spent
        self._connection.execute(
            "INSERT OR REPLACE INTO agent VALUES (?, ?, ?, ?, ?, ?, ?)",
            (place, status, spent.usd, spent.tokens, spent.calls, event.feedback, event.limit_hit),
        )

    def _keep(self, event: events.ValueKept) -> None:
        row = (self.register.meter(event.run).run, event.name, event.value)
        self._connection.execute("INSERT OR REPLACE INTO kept (run, name, value) VALUES (?, ?, ?)", row)

    def _distrust(self, event: events.BoundBroken) -> None:
        self.register.trusted.discard(event.model)
        row = (event.model, event.run, event.reason)
        self._connection.execute("INSERT OR IGNORE INTO distrust (model, run, reason) VALUES (?, ?, ?)", row)

    def _trust(self, event: events.ModelTrusted) -> None:
        self._connection.execute("DELETE FROM distrust WHERE model = ?", (event.model,))

    def _place(self, run: str, path: str) -> int:
        """The place of a row that, unlike an intent, does not tell how many paths there are."""
        meter = self.register.count(self.register.meter(run))
        return self.register.place(meter, path)

    def _compact_below(self, run: int, path: str) -> None:
        self._connection.execute(
            """UPDATE call SET response = '' WHERE response <> '' AND place IN (
            SELECT place FROM path WHERE run = ? AND (name = ? OR (name >= ? AND name < ?)))""",
            (run, path, f"{path}/", f"{path}0"),  # 0 is the character after /
        )
