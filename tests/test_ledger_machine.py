"""No sequence of events and deaths overdraws the ledger, forgets anybody, or refuses what there is."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from ledger_machine import Ledger
from test_account import ask

from agentflow.budget import Budget
from agentflow.store.sqlite import open_store
from agentflow.usage import FREE, NOTHING

LIGHT = settings(max_examples=15, stateful_step_count=25, deadline=None, derandomize=True, database=None,
                 suppress_health_check=list(HealthCheck))  # fmt: skip


@pytest.mark.slow
class TestLedger(Ledger.TestCase):
    settings = LIGHT


@pytest.mark.attack
class TestLedgerAtLength(Ledger.TestCase):
    settings = settings(LIGHT, max_examples=250, stateful_step_count=50)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """A team of 400 tokens, and two processes that may spend them."""
    ledger = Ledger()
    ledger.start(limits={}, tokens=400)
    ledger.enter(limits={}, is_on_team=True)
    ledger.enter(limits={}, is_on_team=True)
    yield ledger
    ledger.teardown()


def test_processes_whose_answers_broke_a_bound_do_not_wait_for_each_other(ledger: Ledger) -> None:
    """What the store still counts as granted goes back, so that what is left can be spent, and a refusal comes."""
    for who, sitting in enumerate(ledger.alive):
        ledger.ask(who, 0, ask(20, 20, price=FREE))
        ledger.ask(who, 0, ask(20, 20, price=FREE))
        ledger._end(sitting, sitting.sent[0], "above")
        ledger._end(sitting, sitting.sent[0], "nothing")
    assert not ledger._team()[0].granted

    ledger.ask(0, 0, ask(100, 41, price=FREE))
    ledger.ask(0, 0, ask(100, 40, price=FREE))
    for _ in range(3):
        ledger.let_time_pass()

    assert [sent.request.bound for sent in ledger.alive[0].sent] == [(0, 140, 1)]


@pytest.mark.attack
@pytest.mark.parametrize("seed", range(2))
def test_real_processes_of_which_some_are_killed_share_one_account(seed: int, tmp_path: Path) -> None:
    """They never overdraw it, spend nearly all of it, and what the dead held is spent by the living."""
    path, dice = tmp_path / "agentflow.db", random.Random(seed)
    store = open_store(path)
    store.open_account("team", Budget(tokens=6_000, calls=400).to_json())
    script = str(Path(__file__).with_name("ledger_spenders.py"))
    commands = [[sys.executable, script, str(path), f"r{number}", str(seed * 10 + number)] for number in range(4)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) for command in commands]

    for victim in dice.sample(running, 2):
        assert victim.stdout is not None
        for _ in range(dice.randrange(1, 30)):
            victim.stdout.readline()
        victim.send_signal(signal.SIGKILL)
    said = [process.communicate(timeout=120)[0] for process in running]

    store.others_hold("team")
    (row,) = store.accounts()
    totals = [store.totals(f"r{number}").spent for number in range(4)]
    store.close()
    assert "broken" not in "".join(said)
    assert row.spent == sum(totals, NOTHING)
    assert (row.granted, row.over_bound) == (NOTHING, NOTHING)
    assert row.spent.tokens <= 6_000
    assert row.spent.calls <= 400
    assert row.spent.calls == 400 or 6_000 - row.spent.tokens < 60
