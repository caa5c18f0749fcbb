"""How a request begins and ends in the open transaction. What it is charged is counted once, and never lowered.

The first ending wins. An answer that comes after its request was given up (`unknown`) is charged at the larger of the
two amounts and becomes the answer of its call, unless another attempt has answered meanwhile: then it stays `unknown`,
which is to say charged and not replayed. The same holds for a second attempt that is answered after the first. An
answer that our own cap cut off does not count here: a longer one may follow it. An answer to a `released` request is
charged. What was never intended cannot end.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final, NamedTuple

from agentflow.errors import HOW_TO_TRUST, ModelDistrusted, StoreFailed
from agentflow.events import CallId, CallIntended, CallLost, CallReleased, CallSettled
from agentflow.store import standing
from agentflow.store.register import Meter, Register
from agentflow.store.schema import ENDING_COLUMNS, INTENT_COLUMNS, PLACES
from agentflow.usage import NOTHING, Amount, Usage

INTENDED: Final = 0
DONE: Final = 1
RELEASED: Final = 2
UNKNOWN: Final = 3

_THIS = "place = ? AND key = ? AND occurrence = ? AND wire = ?"
_ANSWERED = f"""EXISTS (SELECT 1 FROM call AS other
    WHERE other.place = this.place AND other.key = this.key AND other.occurrence = this.occurrence
    AND other.status = {DONE} AND other.response <> '' AND NOT other.clipped)"""
_INTEND = f"""INSERT INTO intent ({INTENT_COLUMNS}) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
    WHERE NOT EXISTS (SELECT 1 FROM call WHERE {_THIS}) ON CONFLICT DO NOTHING"""
_OPEN = f"SELECT {INTENT_COLUMNS}, {_ANSWERED} FROM intent AS this WHERE {_THIS}"
_END = f"INSERT INTO call ({INTENT_COLUMNS}, {ENDING_COLUMNS}) VALUES ({', '.join('?' * 31)})"
_ENDED = f"""SELECT id, status, epoch, account, spent_usd, spent_tokens, spent_calls, over_usd, over_tokens, over_calls,
    {_ANSWERED} FROM call AS this WHERE {_THIS}"""
_AMEND = f"UPDATE call SET {', '.join(f'{column} = ?' for column in ENDING_COLUMNS.split(', '))} WHERE id = ?"


class _Ending(NamedTuple):
    status: int
    spent: Amount
    usage: Usage = Usage(None, None)
    response: str = ""
    finish: str = ""
    clipped: bool = False
    over_bound: Amount = NOTHING
    seconds: float = 0.0
    reason: str = ""

    def beside_an_answer(self) -> _Ending:
        return self._replace(status=UNKNOWN, response="", reason="another attempt had answered")


class Calls:
    """The requests of all runs."""

    def __init__(self, connection: sqlite3.Connection, register: Register) -> None:
        self._connection = connection
        self._register = register

    def intend(self, event: CallIntended, epoch: int) -> None:
        """Record that a request is about to leave."""
        register, reserved = self._register, event.reserved
        if reserved and event.model not in register.trusted:
            self._refuse_if_distrusted(event.model)
        meter = register.meter(event.id.run)
        account = standing.account_id(self._connection, event.account) if event.account else None
        meter.asked += 1
        this = register.call(meter, event.id)
        cursor = self._connection.execute(
            _INTEND,
            (*this, epoch, meter.asked, register.word(event.tier), register.word(event.model),
             register.word(event.bound), event.cap, reserved.usd, reserved.tokens, reserved.calls, account, *this),
        )  # fmt: skip
        if not cursor.rowcount:
            raise StoreFailed(f"{event.id} was sent before; ask next_wire for a fresh ordinal")

    def _refuse_if_distrusted(self, model: str) -> None:
        broken = self._connection.execute("SELECT reason FROM distrust WHERE model = ?", (model,)).fetchone()
        if broken is not None:
            raise ModelDistrusted(f"{model} broke its bound: {broken[0]}; {HOW_TO_TRUST} {model}")
        self._register.trusted.add(model)

    def settle(self, event: CallSettled) -> None:
        """Record an answer and what it cost."""
        ending = _Ending(
            DONE, event.spent, event.usage, event.response, event.finish, event.clipped, event.over_bound, event.seconds
        )
        meter, intent = self._open(event.id)
        if intent is None:
            self._settle_late(meter, event.id, ending)
        else:
            self._end(meter, intent[:-1], ending.beside_an_answer() if intent[-1] else ending)

    def release(self, event: CallReleased) -> None:
        """Record that a request was certainly not billed."""
        meter, intent = self._open(event.id)
        if intent is None:
            self._ended(meter, event.id)
        else:
            self._end(meter, intent[:-1], _Ending(RELEASED, NOTHING, Usage(0, 0), reason=event.reason))

    def lose(self, event: CallLost) -> None:
        """Charge a request of which nobody knows whether it was billed."""
        meter, intent = self._open(event.id)
        if intent is None:
            self._ended(meter, event.id)
        else:
            self._end(meter, intent[:-1], _Ending(UNKNOWN, Amount(*intent[10:13]), reason=event.reason))

    def lose_all(self, epoch: int, reason: str) -> None:
        """Charge every open request of an owner who will not settle it any more."""
        intents = self._connection.execute(f"SELECT {INTENT_COLUMNS} FROM intent WHERE epoch = ?", (epoch,)).fetchall()
        for intent in intents:
            (run,) = self._connection.execute("SELECT name FROM run WHERE id = ?", (intent[0] // PLACES,)).fetchone()
            self._end(self._register.meter(run), intent, _Ending(UNKNOWN, Amount(*intent[10:13]), reason=reason))

    def _open(self, id: CallId) -> tuple[Meter, tuple[Any, ...] | None]:
        """The request if it is open, with whether its call has an answer already."""
        meter = self._register.meter(id.run)
        return meter, self._connection.execute(_OPEN, self._register.call(meter, id)).fetchone()

    def _ended(self, meter: Meter, id: CallId) -> tuple[Any, ...]:
        """The request that is no longer open."""
        row = self._connection.execute(_ENDED, self._register.call(meter, id)).fetchone()
        if row is None:
            raise StoreFailed(f"{id} was never intended, so it cannot end")
        return tuple(row)

    def _end(self, meter: Meter, intent: tuple[Any, ...], ending: _Ending) -> None:
        self._connection.execute(f"DELETE FROM intent WHERE {_THIS}", intent[:4])
        self._connection.execute(_END, (*intent, *self._columns(ending)))
        self._charge(meter, intent[4], intent[13], ending.spent, ending.over_bound)
        if ending.status == UNKNOWN:
            meter.unknown += ending.spent

    def _settle_late(self, meter: Meter, id: CallId, ending: _Ending) -> None:
        row, status, epoch, account, *amounts, is_answered = self._ended(meter, id)
        if status == DONE:
            return
        before, over = Amount(*amounts[:3]), Amount(*amounts[3:])
        ending = ending._replace(spent=before + ending.spent.excess_over(before))
        if is_answered:
            ending = ending.beside_an_answer()
        self._connection.execute(_AMEND, (*self._columns(ending), row))
        self._charge(meter, epoch, account, ending.spent - before, ending.over_bound.excess_over(over))
        meter.unknown += _unknown(ending.status, ending.spent) - _unknown(status, before)

    def _charge(self, meter: Meter, epoch: int, account: int | None, spent: Amount, over: Amount) -> None:
        self._register.count(meter).spent += spent
        if over:
            meter.over += over
        if account is not None:
            standing.charge(self._connection, account, epoch, spent=spent, over=over)

    def _columns(self, ending: _Ending) -> tuple[Any, ...]:
        spent, usage, over, finish = ending.spent, ending.usage, ending.over_bound, self._register.word(ending.finish)
        return (
            ending.status, spent.usd, spent.tokens, spent.calls, usage.input_tokens, usage.output_tokens,
            usage.cached_tokens, usage.cache_write_tokens, usage.reasoning_tokens, ending.response,
            finish, ending.clipped, over.usd, over.tokens, over.calls, ending.seconds, ending.reason,
        )  # fmt: skip


def _unknown(status: int, spent: Amount) -> Amount:
    return spent if status == UNKNOWN else NOTHING
