"""Answers from the store: every question one short read, which sees all that was acknowledged."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from agentflow.errors import StoreFailed, UnknownRun
from agentflow.events import AgentFinished, CallId
from agentflow.store import CallRow, CallStatus, RunRow, StandingRow, StepRow, Totals, standing
from agentflow.store.calls import DONE, INTENDED, UNKNOWN
from agentflow.store.file import StoreFile
from agentflow.store.locks import is_held
from agentflow.store.owners import OWNER_DIED, lock_path
from agentflow.store.register import packed, unpacked
from agentflow.store.schema import ENDING_COLUMNS, INTENT_COLUMNS, PLACES
from agentflow.usage import NOTHING, Amount, Usage

Row: TypeAlias = tuple[Any, ...]
Key: TypeAlias = bytes | str
Values: TypeAlias = Sequence[Any] | Mapping[str, Any]

_STATUS: tuple[CallStatus, ...] = ("intended", "done", "released", "unknown")
_RUNS = """SELECT run.name, pipeline, source_hash, a.text, budget, l.text, p.text, account, resumable, started_at,
    seconds, status, value, feedback, limit_hit, partial, epoch, options, coalesce(o.text, '') FROM run
    JOIN meter ON meter.run = run.id LEFT JOIN document o ON o.id = policy
    JOIN document a ON a.id = arguments JOIN document l ON l.id = ladder JOIN document p ON p.id = prices"""
_METER = """SELECT spent_usd, spent_tokens, spent_calls, unknown_usd, unknown_tokens, unknown_calls,
    over_usd, over_tokens, over_calls FROM run JOIN meter ON meter.run = run.id WHERE name = :run"""
_AT = "FROM run JOIN path ON path.run = run.id AND path.name = :path JOIN {table} USING (place) WHERE run.name = :run"
_AGENT = ("status", "spent_usd", "spent_tokens", "spent_calls", "feedback", "limit_hit")
_IN = "FROM run JOIN path ON path.run = run.id JOIN {table} USING (place) WHERE run.name = :run"
_OPEN = f"""SELECT intent.epoch, sum(usd), sum(tokens), sum(calls) FROM run
    JOIN intent ON place BETWEEN run.id * {PLACES} AND (run.id + 1) * {PLACES} - 1
    WHERE name = :run GROUP BY intent.epoch"""
_INTENT = ", ".join(f"intent.{column}" for column in INTENT_COLUMNS.split(", "))
_CALL = ", ".join(f"call.{column}" for column in f"{INTENT_COLUMNS}, {ENDING_COLUMNS}".split(", "))
_SAME = "AND key = :key AND occurrence = :occurrence"
_DONE = f"AND call.status = {DONE} AND response <> ''"
_ANSWER = f"SELECT {_CALL} {_AT.format(table='call')} {_SAME} {_DONE} ORDER BY clipped, cap DESC, call.id LIMIT 1"
_ANSWERS = f"""SELECT key, path.name, occurrence, call.id {_IN.format(table="call")} {_DONE}
    ORDER BY path.name, occurrence, clipped, cap DESC, call.id"""
_WIRES = " UNION ALL ".join(f"SELECT max(wire) {_AT.format(table=table)} {_SAME}" for table in ("call", "intent"))
_STEP = """SELECT path.name, step, identity, step.status, prediction, attempts, spent_usd, spent_tokens, spent_calls,
    step.feedback, inputs, replayable"""


class Reader:
    """Reads over one connection, from any thread."""

    def __init__(self, file: StoreFile, *, read_only: bool) -> None:
        self._file = file
        self._connection = file.reader(read_only=read_only)
        self._is_closed = False
        self._lock = threading.Lock()
        self._words: dict[int, str] = {}
        self._answers: tuple[str, dict[Key, list[tuple[str, int]]]] = ("", {})

    def run(self, run: str) -> RunRow:
        """The run of this name, of this unambiguous prefix, or the `last` one."""
        names = [name for (name,) in self._ask("SELECT name FROM run ORDER BY id DESC")]
        found = names[:1] if run == "last" else _matches(run, names)
        if not found:
            raise UnknownRun(f"there is no run {run!r} in {self._file.path}; `agentflow runs` lists them")
        if len(found) > 1:
            raise UnknownRun(f"{run!r} may be any of {', '.join(found[:5])}; give more of its name")
        return self._run_row(self._ask(f"{_RUNS} WHERE run.name = ?", found)[0])

    def runs(self) -> list[RunRow]:
        """All runs, newest first."""
        return [self._run_row(row) for row in self._ask(f"{_RUNS} ORDER BY run.id DESC")]

    def call(self, id: CallId) -> CallRow | None:
        """The settled call of this run, path, key and occurrence."""
        rows = self._ask(_ANSWER, _of(id))
        return self._call_row(id.run, id.path, rows[0]) if rows else None

    def next_wire(self, id: CallId) -> int:
        """The first wire ordinal not yet used."""
        return 1 + max((wire for (wire,) in self._ask(_WIRES, _of(id)) if wire is not None), default=-1)

    def calls(self, run: str) -> list[CallRow]:
        """Every request of a run, in the order of intent; what a dead owner left open is `unknown` already."""
        with self._snapshot() as ask:
            ended = ask(f"SELECT path.name, {_CALL} {_IN.format(table='call')}", {"run": run})
            opened = ask(f"SELECT path.name, {_INTENT} {_IN.format(table='intent')}", {"run": run})
        living = {row[5]: self._is_alive(row[5]) for row in opened}
        rows = ended + [(*row, *_open_ending(row[11:14], is_alive=living[row[5]])) for row in opened]
        return [self._call_row(run, row[0], row[1:]) for row in sorted(rows, key=lambda row: int(row[6]))]

    def reusable_call(self, run: str, key: str, occurrence: int) -> CallRow | None:
        """The *occurrence*-th settled call with this key, as the run stood when it was first asked about."""
        if self._answers[0] != run:
            self._answers = (run, self._index(run))
        found = self._answers[1].get(packed(key), [])
        if not 0 <= occurrence < len(found):
            return None
        path, id = found[occurrence]
        rows = self._ask(f"SELECT {_CALL} FROM call WHERE id = ?", (id,))
        return self._call_row(run, path, rows[0]) if rows else None

    def step(self, run: str, path: str) -> StepRow | None:
        """The finished step at *path*."""
        rows = self._ask(f"{_STEP} {_AT.format(table='step')}", {"run": run, "path": path})
        return self._step_row(rows[0]) if rows else None

    def steps(self, run: str) -> list[StepRow]:
        """Every finished step of a run, by path."""
        rows = self._ask(f"{_STEP} {_IN.format(table='step')} ORDER BY path.name", {"run": run})
        return [self._step_row(row) for row in rows]

    def labels(self, run: str) -> dict[str, str]:
        """The latest label of every labelled step of a run, by path."""
        rows = self._ask(f"SELECT path.name, label {_IN.format(table='label')} ORDER BY label.id", {"run": run})
        return dict(rows)

    def agents(self, run: str) -> list[AgentFinished]:
        """How every finished agent ended, by path."""
        columns = ", ".join(["path.name", *(f"agent.{name}" for name in _AGENT)])
        rows = self._ask(f"SELECT {columns} {_IN.format(table='agent')} ORDER BY path.name", {"run": run})
        return [
            AgentFinished(run, path, self._word(status), Amount(usd, tokens, calls), feedback, limit_hit)
            for path, status, usd, tokens, calls, feedback, limit_hit in rows
        ]

    def kept(self, run: str) -> dict[str, str]:
        """Name to JSON of the values a run's pipeline kept."""
        query = "SELECT kept.name, kept.value FROM run JOIN kept ON kept.run = run.id WHERE run.name = ?"
        return dict(self._ask(query, (run,)))

    def skips(self, run: str, path: str) -> list[str]:
        """Labels of the tiers skipped at *path*."""
        rows = self._ask(f"SELECT tier {_AT.format(table='skip')}", {"run": run, "path": path})
        return [self._word(tier) for (tier,) in rows]

    def totals(self, run: str) -> Totals:
        """What the run was charged, what dead owners left open included."""
        with self._snapshot() as ask:
            meters = ask(_METER, {"run": run})
            opened = ask(_OPEN, {"run": run})
        spent, unknown, over = (Amount(*meters[0][at : at + 3]) if meters else NOTHING for at in (0, 3, 6))
        for epoch, *amount in opened:
            if not self._is_alive(epoch):
                spent, unknown = spent + Amount(*amount), unknown + Amount(*amount)
        return Totals(spent, unknown, over)

    def distrusted(self) -> dict[str, str]:
        """Models whose bound was broken, with the reason."""
        return dict(self._ask("SELECT model, reason FROM distrust ORDER BY model"))

    def accounts(self) -> list[StandingRow]:
        """All standing accounts by name."""
        with self._snapshot():
            return standing.standing_rows(self._connection)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._is_closed = True
            self._connection.close()

    def _ask(self, query: str, values: Values = ()) -> list[Row]:
        try:
            with self._lock:
                return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._explain(error) from error

    @contextmanager
    def _snapshot(self) -> Iterator[Callable[[str, Values], list[Row]]]:
        """Several questions about one and the same moment."""
        try:
            with self._lock:
                self._connection.execute("BEGIN")
                try:
                    yield lambda query, values: self._connection.execute(query, values).fetchall()
                finally:
                    self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._explain(error) from error

    def _explain(self, error: sqlite3.Error) -> StoreFailed:
        if self._is_closed:
            return StoreFailed(f"the store {self._file.path} is closed; open it again")
        return self._file.explain(error)

    def _index(self, run: str) -> dict[Key, list[tuple[str, int]]]:
        """For each key the best answer of every call with it, as `call` would choose, in path order."""
        best: dict[Key, dict[tuple[str, int], int]] = {}
        for key, path, occurrence, id in self._ask(_ANSWERS, {"run": run}):
            best.setdefault(key, {}).setdefault((path, occurrence), id)
        return {key: [(path, id) for (path, _), id in found.items()] for key, found in best.items()}

    def _is_alive(self, epoch: int | None) -> bool:
        return epoch is not None and is_held(lock_path(self._file.locks, epoch))

    def _word(self, id: int) -> str:
        if id not in self._words:
            self._words = dict(self._ask("SELECT id, word FROM word"))
        return self._words[id]

    def _run_row(self, row: Row) -> RunRow:
        columns = [*row[:8], bool(row[8]), *row[9:16], self._is_alive(row[16]), *row[17:]]
        return RunRow(*columns)

    def _call_row(self, run: str, path: str, row: Row) -> CallRow:
        _, key, occurrence, wire, _, _, tier, model, bound, cap, *reserved, _ = row[:14]
        status, spent, usage, (response, finish, clipped) = row[14], row[15:18], row[18:23], row[23:26]
        return CallRow(
            id=CallId(run, path, unpacked(key), occurrence, wire),
            tier=self._word(tier),
            model=self._word(model),
            status=_STATUS[status],
            reserved=Amount(*reserved),
            spent=Amount(*spent),
            usage=Usage(*usage),
            response=response,
            finish=self._word(finish) if finish else "",
            clipped=bool(clipped),
            cap=cap,
            bound=self._word(bound),
            over_bound=Amount(*row[26:29]),
            seconds=row[29],
            reason=row[30],
        )

    def _step_row(self, row: Row) -> StepRow:
        path, step, identity, status, prediction, attempts, usd, tokens, calls, feedback, inputs, replayable = row
        return StepRow(
            path=path,
            step=self._word(step),
            identity=unpacked(identity),
            status=self._word(status),
            prediction=prediction,
            attempts=attempts,
            spent=Amount(usd, tokens, calls),
            feedback=feedback,
            inputs=inputs,
            replayable=bool(replayable),
        )


def _matches(run: str, names: list[str]) -> list[str]:
    if run in names:
        return [run]
    return [name for name in names if run and name.startswith(run)]


def _of(id: CallId) -> dict[str, Any]:
    return {"run": id.run, "path": id.path, "key": packed(id.key), "occurrence": id.occurrence}


def _open_ending(reserved: Row, *, is_alive: bool) -> Row:
    """The ending columns of a request that has not ended."""
    status, spent, reason = (INTENDED, (0, 0, 0), "") if is_alive else (UNKNOWN, reserved, OWNER_DIED)
    return (status, *spent, None, None, 0, 0, 0, "", 0, False, 0, 0, 0, 0.0, reason)
