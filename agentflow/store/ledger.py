"""Journal and ledger inside the open transaction: each event becomes rows, each charge is counted once.

How a request ends. The first settlement wins; what comes later may add to the charge and never lowers it. An answer
that comes after its request was given up (`unknown`) is charged at the larger of the two amounts and becomes the answer
of its call, unless another attempt has answered meanwhile; then it stays `unknown`: charged, and not replayed. The same
holds for a second wire attempt that is answered after the first. An answer to a `released` request is charged. What
was never intended cannot end.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from agentflow import events
from agentflow.errors import StoreFailed, UnknownRun
from agentflow.events import CallId, Event
from agentflow.store import standing
from agentflow.store.schema import ENDING_COLUMNS, INTENT_COLUMNS, PLACES
from agentflow.usage import NOTHING, Amount, Usage

INTENDED: Final = 0
DONE: Final = 1
RELEASED: Final = 2
UNKNOWN: Final = 3

_CACHED_PATHS = 20_000
_CALL = "place = ? AND key = ? AND occurrence = ? AND wire = ?"
_INTEND = f"INSERT INTO intent ({INTENT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_END = (
    f"INSERT INTO call ({INTENT_COLUMNS}, {ENDING_COLUMNS}) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(slots=True, eq=False)
class Meter:
    """What one run was charged and how far it has counted, since the last `flush`."""

    run: int
    paths: int
    asked: int
    seconds: float = 0.0
    spent: Amount = NOTHING
    unknown: Amount = NOTHING
    over: Amount = NOTHING


class Ending(NamedTuple):
    """How a request ended, in the order of the columns."""

    status: int
    spent: Amount
    usage: Usage = Usage(None, None)
    response: str = ""
    finish: str = ""
    clipped: bool = False
    over_bound: Amount = NOTHING
    seconds: float = 0.0
    reason: str = ""


class Ledger:
    """Writes events through one connection. Every transaction ends with `flush`, or with `forget` when it is undone."""

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], float], *, compact_steps: bool) -> None:
        self.connection = connection
        self.epoch = 0
        """The owner on whose behalf is written."""
        self._clock = clock
        self._compact_steps = compact_steps
        self._words: dict[str, int] = {}
        self._places: dict[tuple[int, str], int] = {}
        self._meters: dict[str, Meter] = {}
        self._changed: set[Meter] = set()
        self._seen = -1
        self._acts: dict[type, Callable[[Any], None]] = {
            events.RunStarted: self._start,
            events.RunContinued: self._continue,
            events.RunTicked: self._tick,
            events.RunFinished: self._finish,
            events.CallIntended: self._intend,
            events.CallSettled: self._settle,
            events.CallReleased: self._release,
            events.CallLost: self._lose,
            events.TierSkipped: self._skip,
            events.StepFinished: self._finish_step,
            events.AgentFinished: self._finish_agent,
            events.ValueKept: self._keep,
            events.BoundBroken: self._distrust,
            events.ModelTrusted: self._trust,
        }

    def write(self, sentences: Sequence[Event]) -> None:
        """Write each event in order."""
        for event in sentences:
            self._acts[type(event)](event)

    def refresh(self) -> None:
        """Drop what is remembered when another process has written since; called as a transaction begins."""
        (version,) = self.connection.execute("PRAGMA data_version").fetchone()
        if version != self._seen or len(self._places) > _CACHED_PATHS:
            self.forget()
        self._seen = version

    def flush(self) -> None:
        """Write what the meters have counted."""
        for meter in self._changed:
            spent, unknown, over = meter.spent, meter.unknown, meter.over
            self.connection.execute(
                """UPDATE meter SET paths = ?, asked = ?, seconds = seconds + ?,
                spent_usd = spent_usd + ?, spent_tokens = spent_tokens + ?, spent_calls = spent_calls + ?,
                unknown_usd = unknown_usd + ?, unknown_tokens = unknown_tokens + ?, unknown_calls = unknown_calls + ?,
                over_usd = over_usd + ?, over_tokens = over_tokens + ?, over_calls = over_calls + ? WHERE run = ?""",
                (meter.paths, meter.asked, meter.seconds, spent.usd, spent.tokens, spent.calls, unknown.usd,
                 unknown.tokens, unknown.calls, over.usd, over.tokens, over.calls, meter.run),
            )  # fmt: skip
            meter.seconds, meter.spent, meter.unknown, meter.over = 0.0, NOTHING, NOTHING, NOTHING
        self._changed.clear()

    def forget(self) -> None:
        """Drop everything remembered: the file is the truth."""
        self._words.clear()
        self._places.clear()
        self._meters.clear()
        self._changed.clear()

    def lose_all(self, epoch: int, reason: str) -> None:
        """Charge every open request of an owner who will not settle it any more."""
        rows = self.connection.execute(f"SELECT {INTENT_COLUMNS} FROM intent WHERE epoch = ?", (epoch,)).fetchall()
        for intent in rows:
            (run,) = self.connection.execute("SELECT name FROM run WHERE id = ?", (intent[0] // PLACES,)).fetchone()
            self._end(self._meter(run), intent, Ending(UNKNOWN, Amount(*intent[10:13]), reason=reason))

    # Runs

    def _start(self, event: events.RunStarted) -> None:
        documents = [self._document(text) for text in (event.arguments, event.ladder, event.prices)]
        cursor = self.connection.execute(
            """INSERT INTO run (name, pipeline, source_hash, arguments, ladder, prices, budget, account, resumable,
            started_at, touched) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (event.run, event.pipeline, event.source_hash, *documents, event.budget, event.account, event.resumable,
             event.started_at, self._clock()),
        )  # fmt: skip
        self.connection.execute("INSERT INTO meter (run) VALUES (?)", (cursor.lastrowid,))

    def _continue(self, event: events.RunContinued) -> None:
        run = self._meter(event.run).run
        (before,) = self.connection.execute("SELECT budget FROM run WHERE id = ?", (run,)).fetchone()
        if event.budget != before:
            self.connection.execute(
                "DELETE FROM skip WHERE place BETWEEN ? AND ? AND place NOT IN (SELECT place FROM step)", _places(run)
            )
        self.connection.execute(
            """UPDATE run SET budget = ?, status = '', value = 'null', feedback = '', limit_hit = '', partial = '{}',
            touched = ? WHERE id = ?""",
            (event.budget, self._clock(), run),
        )

    def _tick(self, event: events.RunTicked) -> None:
        self._count(self._meter(event.run)).seconds += event.seconds

    def _finish(self, event: events.RunFinished) -> None:
        self.connection.execute(
            "UPDATE run SET status = ?, value = ?, feedback = ?, limit_hit = ?, partial = ?, touched = ? WHERE id = ?",
            (event.status, event.value, event.feedback, event.limit_hit, event.partial, self._clock(),
             self._meter(event.run).run),
        )  # fmt: skip

    # Calls

    def _intend(self, event: events.CallIntended) -> None:
        meter = self._count(self._meter(event.id.run))
        call = self._call(meter, event.id)
        if self.connection.execute(f"SELECT 1 FROM call WHERE {_CALL}", call).fetchone():
            raise StoreFailed(f"{event.id} was sent before; ask next_wire for a fresh ordinal")
        meter.asked += 1
        account = standing.account_id(self.connection, event.account) if event.account else None
        reserved = event.reserved
        self.connection.execute(
            _INTEND,
            (*call, self.epoch, meter.asked, self._word(event.tier), self._word(event.model), self._word(event.bound),
             event.cap, reserved.usd, reserved.tokens, reserved.calls, account),
        )  # fmt: skip

    def _settle(self, event: events.CallSettled) -> None:
        meter, intent = self._intent(event.id)
        ending = Ending(
            DONE, event.spent, event.usage, event.response, event.finish, event.clipped, event.over_bound, event.seconds
        )
        if intent is None:
            self._settle_late(meter, event.id, ending)
        elif self._is_answered(self._call(meter, event.id)):
            self._end(meter, intent, ending._replace(status=UNKNOWN, response="", reason="another attempt answered"))
        else:
            self._end(meter, intent, ending)

    def _release(self, event: events.CallReleased) -> None:
        meter, intent = self._intent(event.id)
        if intent is None:
            self._ended(self._call(meter, event.id), event.id)
        else:
            self._end(meter, intent, Ending(RELEASED, NOTHING, Usage(0, 0), reason=event.reason))

    def _lose(self, event: events.CallLost) -> None:
        meter, intent = self._intent(event.id)
        if intent is None:
            self._ended(self._call(meter, event.id), event.id)
        else:
            self._end(meter, intent, Ending(UNKNOWN, Amount(*intent[10:13]), reason=event.reason))

    def _intent(self, id: CallId) -> tuple[Meter, tuple[Any, ...] | None]:
        meter = self._meter(id.run)
        query = f"SELECT {INTENT_COLUMNS} FROM intent WHERE {_CALL}"
        return meter, self.connection.execute(query, self._call(meter, id)).fetchone()

    def _end(self, meter: Meter, intent: tuple[Any, ...], ending: Ending) -> None:
        self.connection.execute(f"DELETE FROM intent WHERE {_CALL}", intent[:4])
        self.connection.execute(_END, (*intent, *self._columns(ending)))
        self._charge(meter, intent[4], intent[13], ending.spent, ending.over_bound)
        if ending.status == UNKNOWN:
            meter.unknown += ending.spent

    def _settle_late(self, meter: Meter, id: CallId, ending: Ending) -> None:
        call = self._call(meter, id)
        row, status = self._ended(call, id)
        if status == DONE:
            return
        epoch, account, *amounts = self.connection.execute(
            """SELECT epoch, account, spent_usd, spent_tokens, spent_calls, over_usd, over_tokens, over_calls
            FROM call WHERE id = ?""",
            (row,),
        ).fetchone()
        before, over = Amount(*amounts[:3]), Amount(*amounts[3:])
        ending = ending._replace(spent=before + ending.spent.excess_over(before))
        if self._is_answered(call):
            ending = ending._replace(status=UNKNOWN, response="", reason="another attempt answered")
        assignments = ", ".join(f"{column} = ?" for column in ENDING_COLUMNS.split(", "))
        self.connection.execute(f"UPDATE call SET {assignments} WHERE id = ?", (*self._columns(ending), row))
        self._charge(meter, epoch, account, ending.spent - before, ending.over_bound.excess_over(over))
        meter.unknown += (ending.spent if ending.status == UNKNOWN else NOTHING) - (
            before if status == UNKNOWN else NOTHING
        )

    def _ended(self, call: tuple[Any, ...], id: CallId) -> tuple[int, int]:
        """The row and status of a request that is no longer open."""
        row = self.connection.execute(f"SELECT id, status FROM call WHERE {_CALL}", call).fetchone()
        if row is None:
            raise StoreFailed(f"{id} was never intended, so it cannot end")
        return int(row[0]), int(row[1])

    def _is_answered(self, call: tuple[Any, ...]) -> bool:
        query = "SELECT 1 FROM call WHERE place = ? AND key = ? AND occurrence = ? AND status = ? AND response <> ''"
        return self.connection.execute(query, (*call[:3], DONE)).fetchone() is not None

    def _charge(self, meter: Meter, epoch: int, account: int | None, spent: Amount, over: Amount) -> None:
        self._count(meter).spent += spent
        if over:
            meter.over += over
        if account is not None:
            standing.charge(self.connection, account, epoch, spent=spent, over=over)

    def _columns(self, ending: Ending) -> tuple[Any, ...]:
        spent, usage, over = ending.spent, ending.usage, ending.over_bound
        return (
            ending.status, spent.usd, spent.tokens, spent.calls, usage.input_tokens, usage.output_tokens,
            usage.cached_tokens, usage.cache_write_tokens, usage.reasoning_tokens, ending.response,
            self._word(ending.finish), ending.clipped, over.usd, over.tokens, over.calls, ending.seconds, ending.reason,
        )  # fmt: skip

    # What work leaves behind

    def _skip(self, event: events.TierSkipped) -> None:
        place = self._place(self._meter(event.run), event.path)
        self.connection.execute(
            "INSERT OR REPLACE INTO skip (place, tier, reason) VALUES (?, ?, ?)",
            (place, self._word(event.tier), event.reason),
        )

    def _finish_step(self, event: events.StepFinished) -> None:
        meter, spent = self._meter(event.run), event.spent
        self.connection.execute(
            """INSERT OR REPLACE INTO step (place, step, identity, status, spent_usd, spent_tokens, spent_calls,
            replayable, feedback, inputs, prediction, attempts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (self._place(meter, event.path), self._word(event.step), packed(event.identity), self._word(event.status),
             spent.usd, spent.tokens, spent.calls, event.replayable, event.feedback, event.inputs, event.prediction,
             event.attempts),
        )  # fmt: skip
        if self._compact_steps and event.replayable:
            self._compact_below(meter.run, event.path)

    def compact(self, run: str) -> None:
        """Drop the answers of calls whose step is finished; amounts and usage stay for the report."""
        meter = self._meter(run)
        query = "SELECT name FROM path JOIN step ON step.place = path.place WHERE path.run = ? AND step.replayable"
        for (path,) in self.connection.execute(query, (meter.run,)).fetchall():
            self._compact_below(meter.run, path)

    def _compact_below(self, run: int, path: str) -> None:
        self.connection.execute(
            """UPDATE call SET response = '' WHERE response <> '' AND place IN (
            SELECT place FROM path WHERE run = ? AND (name = ? OR (name >= ? AND name < ?)))""",
            (run, path, f"{path}/", f"{path}0"),  # 0 is the character after /
        )

    def _finish_agent(self, event: events.AgentFinished) -> None:
        place, spent = self._place(self._meter(event.run), event.path), event.spent
        self.connection.execute(
            "INSERT OR REPLACE INTO agent VALUES (?, ?, ?, ?, ?, ?, ?)",
            (place, self._word(event.status), spent.usd, spent.tokens, spent.calls, event.feedback, event.limit_hit),
        )

    def _keep(self, event: events.ValueKept) -> None:
        run = self._meter(event.run).run
        self.connection.execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", (run, event.name, event.value))

    def _distrust(self, event: events.BoundBroken) -> None:
        row = (event.model, event.run, event.reason)
        self.connection.execute("INSERT OR IGNORE INTO distrust (model, run, reason) VALUES (?, ?, ?)", row)

    def _trust(self, event: events.ModelTrusted) -> None:
        self.connection.execute("DELETE FROM distrust WHERE model = ?", (event.model,))

    # What is remembered

    def _meter(self, run: str) -> Meter:
        meter = self._meters.get(run)
        if meter is None:
            row = self.connection.execute(
                "SELECT id, paths, asked FROM run JOIN meter ON meter.run = run.id WHERE name = ?", (run,)
            ).fetchone()
            if row is None:
                raise UnknownRun(f"there is no run {run} in the store; `agentflow runs` lists them")
            meter = self._meters[run] = Meter(*row)
        return meter

    def _count(self, meter: Meter) -> Meter:
        self._changed.add(meter)
        return meter

    def _call(self, meter: Meter, id: CallId) -> tuple[int, bytes | str, int, int]:
        return self._place(meter, id.path), packed(id.key), id.occurrence, id.wire

    def _place(self, meter: Meter, path: str) -> int:
        place = self._places.get((meter.run, path))
        if place is None:
            row = self.connection.execute(
                "SELECT place FROM path WHERE run = ? AND name = ?", (meter.run, path)
            ).fetchone()
            place = int(row[0]) if row else self._new_place(meter, path)
            self._places[meter.run, path] = place
        return place

    def _new_place(self, meter: Meter, path: str) -> int:
        place = meter.run * PLACES + meter.paths
        self._count(meter).paths += 1
        self.connection.execute("INSERT INTO path (run, name, place) VALUES (?, ?, ?)", (meter.run, path, place))
        return place

    def _word(self, word: str) -> int:
        id = self._words.get(word)
        if id is None:
            self.connection.execute("INSERT OR IGNORE INTO word (word) VALUES (?)", (word,))
            (id,) = self.connection.execute("SELECT id FROM word WHERE word = ?", (word,)).fetchone()
            self._words[word] = int(id)
        return int(id)

    def _document(self, text: str) -> int:
        hash = hashlib.blake2b(text.encode(), digest_size=16).digest()
        self.connection.execute("INSERT OR IGNORE INTO document (hash, text) VALUES (?, ?)", (hash, text))
        (id,) = self.connection.execute("SELECT id FROM document WHERE hash = ?", (hash,)).fetchone()
        return int(id)


def packed(key: str) -> bytes | str:
    """A hash in half the space: bytes for lower-case hexadecimal, anything else as it is."""
    try:
        raw = bytes.fromhex(key)
    except ValueError:
        return key
    return raw if raw.hex() == key else key


def unpacked(key: bytes | str) -> str:
    """The text that `packed` was given."""
    return key.hex() if isinstance(key, bytes) else key


def _places(run: int) -> tuple[int, int]:
    return run * PLACES, (run + 1) * PLACES - 1
