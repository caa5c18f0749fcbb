"""What stands for what: runs, paths, words and documents as small integers, and what each run was charged.

Remembered only while nobody else writes. A transaction ends with `flush`, or with `forget` when it is undone.
"""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass

from agentflow.errors import UnknownRun
from agentflow.events import CallId
from agentflow.store.schema import PLACES
from agentflow.usage import NOTHING, Amount

_CACHED_PATHS = 20_000
_METER = f"""SELECT id, max(paths, coalesce(max(place) - id * {PLACES} + 1, 0)),
    max(meter.asked, coalesce(max(intent.asked), 0)) FROM run JOIN meter ON meter.run = run.id
    LEFT JOIN intent ON place BETWEEN run.id * {PLACES} AND run.id * {PLACES} + {PLACES - 1} WHERE name = ?"""


@dataclass(slots=True, eq=False)
class Meter:
    """What one run was charged since the last `flush`, and how far it has counted."""

    run: int
    paths: int
    """Paths it has. Those of open requests are found in their intents, the others are flushed."""
    asked: int
    """Requests it has intended, found the same way."""
    seconds: float = 0.0
    spent: Amount = NOTHING
    unknown: Amount = NOTHING
    over: Amount = NOTHING


class Register:
    """Small integers for long names."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._words: dict[str, int] = {}
        self._places: dict[tuple[int, str], int] = {}
        self._meters: dict[str, Meter] = {}
        self._changed: set[Meter] = set()
        self.trusted: set[str] = set()
        """Models that are certainly not distrusted."""
        self._version = -1

    def refresh(self) -> None:
        """Forget when another process has written since; called as a transaction begins."""
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        if version != self._version or len(self._places) > _CACHED_PATHS:
            self.forget()
        self._version = version

    def forget(self) -> None:
        """The file is the truth."""
        self._words.clear()
        self._places.clear()
        self._meters.clear()
        self._changed.clear()
        self.trusted.clear()

    def flush(self) -> None:
        """Write what the meters have counted."""
        for meter in self._changed:
            spent, unknown, over = meter.spent, meter.unknown, meter.over
            self._connection.execute(
                """UPDATE meter SET paths = ?, asked = ?, seconds = seconds + ?,
                spent_usd = spent_usd + ?, spent_tokens = spent_tokens + ?, spent_calls = spent_calls + ?,
                unknown_usd = unknown_usd + ?, unknown_tokens = unknown_tokens + ?, unknown_calls = unknown_calls + ?,
                over_usd = over_usd + ?, over_tokens = over_tokens + ?, over_calls = over_calls + ? WHERE run = ?""",
                (meter.paths, meter.asked, meter.seconds, spent.usd, spent.tokens, spent.calls, unknown.usd,
                 unknown.tokens, unknown.calls, over.usd, over.tokens, over.calls, meter.run),
            )  # fmt: skip
            meter.seconds, meter.spent, meter.unknown, meter.over = 0.0, NOTHING, NOTHING, NOTHING
        self._changed.clear()

    def meter(self, run: str) -> Meter:
        """The meter of a run."""
        meter = self._meters.get(run)
        if meter is None:
            row = self._connection.execute(_METER, (run,)).fetchone()
            if row[0] is None:
                raise UnknownRun(f"there is no run {run} in the store; `agentflow runs` lists them")
            meter = self._meters[run] = Meter(*row)
        return meter

    def count(self, meter: Meter) -> Meter:
        """The same meter, to be changed: it will be flushed."""
        self._changed.add(meter)
        return meter

    def call(self, meter: Meter, id: CallId) -> tuple[int, bytes | str, int, int]:
        """The key of a request in the tables."""
        return self.place(meter, id.path), packed(id.key), id.occurrence, id.wire

    def place(self, meter: Meter, path: str) -> int:
        """The integer of a path, new or known."""
        place = self._places.get((meter.run, path))
        if place is None:
            place = meter.run * PLACES + meter.paths
            cursor = self._connection.execute(
                "INSERT OR IGNORE INTO path (run, name, place) VALUES (?, ?, ?)", (meter.run, path, place)
            )
            if cursor.rowcount:
                meter.paths += 1
            else:
                query = "SELECT place FROM path WHERE run = ? AND name = ?"
                (place,) = self._connection.execute(query, (meter.run, path)).fetchone()
            self._places[meter.run, path] = int(place)
        return int(place)

    def word(self, word: str) -> int:
        """The integer of a word that repeats."""
        id = self._words.get(word)
        if id is None:
            self._connection.execute("INSERT OR IGNORE INTO word (word) VALUES (?)", (word,))
            (id,) = self._connection.execute("SELECT id FROM word WHERE word = ?", (word,)).fetchone()
            self._words[word] = int(id)
        return int(id)

    def document(self, text: str) -> int:
        """The integer of a long text, kept once however many runs share it."""
        hash = hashlib.blake2b(text.encode(), digest_size=16).digest()
        self._connection.execute("INSERT OR IGNORE INTO document (hash, text) VALUES (?, ?)", (hash, text))
        (id,) = self._connection.execute("SELECT id FROM document WHERE hash = ?", (hash,)).fetchone()
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
