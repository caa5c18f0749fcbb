"""The ledger of calls against a simple model, whatever happens in whatever order."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from stores import STORES, call_id, intended, settled, with_run

from agentflow.budget import Budget
from agentflow.errors import StoreFailed
from agentflow.events import CallId, CallLost, CallReleased
from agentflow.usage import NOTHING, Amount

pytestmark = pytest.mark.slow

LIMIT = 2_000
IDS = st.builds(
    call_id, path=st.sampled_from("ab"), occurrence=st.sampled_from((0, 1)), wire=st.sampled_from((0, 1, 2))
)


@dataclass
class Call:
    """What the model knows of one request."""

    reserved: int
    status: str = "intended"
    spent: int = 0


class Ledger(RuleBasedStateMachine):
    """Every call is charged once, every account stays within its limit, every answer is the first."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.open = lambda: STORES["sqlite"](Path(self.folder.name))
        self.calls: dict[CallId, Call] = {}
        self.answers: dict[CallId, str] = {}
        self.over = 0

    @initialize()
    def start(self) -> None:
        self.store = with_run(self.open())
        self.store.open_account("team", Budget(tokens=LIMIT).to_json())

    @rule(id=IDS, reserved=st.integers(1, 200))
    def intend(self, id: CallId, reserved: int) -> None:
        granted = self.store.grant("team", Amount(0, reserved), Amount(0, reserved)).result()
        if granted is None:
            return
        error = self.store.append(intended(id, Amount(0, reserved, 1), account="team")).exception()
        assert (error is not None) == (id in self.calls)
        if error is not None:
            self.store.give_back("team", granted).result()
        self.calls.setdefault(id, Call(reserved))

    @rule(id=IDS, spent=st.integers(0, 300))
    def settle(self, id: CallId, spent: int) -> None:
        call, answer = self.calls.get(id), f'"{spent}"'
        over = Amount(0, max(0, spent - call.reserved)) if call else NOTHING
        event = settled(id, Amount(0, spent, 1), answer, over)
        if call is None:
            with pytest.raises(StoreFailed, match="never intended"):
                self.store.append(event).result()
            return
        self.store.append(event).result()
        if call.status != "done":
            call.spent = max(spent, call.spent)
            same = CallId(id.run, id.path, id.key, id.occurrence)
            call.status = "unknown" if same in self.answers else "done"
            self.answers.setdefault(same, answer)

    @rule(id=IDS, is_lost=st.booleans())
    def give_up(self, id: CallId, is_lost: bool) -> None:
        error = self.store.append(CallLost(id, "reset") if is_lost else CallReleased(id, "429")).exception()
        assert (error is not None) == (id not in self.calls)
        call = self.calls.get(id)
        if call is not None and call.status == "intended":
            call.status, call.spent = ("unknown", call.reserved) if is_lost else ("released", 0)

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = self.open()
        self.store.claim("run-1")
        for call in self.calls.values():
            if call.status == "intended":
                call.status, call.spent = "unknown", call.reserved

    @invariant()
    def books_agree(self) -> None:
        if not hasattr(self, "store"):
            return
        rows = {row.id: row for row in self.store.calls("run-1")}
        assert {id: (row.status, row.spent.tokens) for id, row in rows.items()} == {
            id: (call.status, call.spent) for id, call in self.calls.items()
        }
        totals = self.store.totals("run-1")
        assert totals.spent.tokens == sum(call.spent for call in self.calls.values())
        assert totals.unknown.tokens == sum(call.spent for call in self.calls.values() if call.status == "unknown")
        (account,) = self.store.accounts()
        assert account.spent.tokens == totals.spent.tokens
        assert account.spent.tokens + account.granted.tokens <= LIMIT + account.over_bound.tokens
        for id, answer in self.answers.items():
            row = self.store.call(id)
            assert row is not None
            assert row.response == answer

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
