"""One standing account, many processes: what they spend together stays within it, whoever of them is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from spending import ANSWER, CAP, answer, ask_many, spend

from agentflow import Budget, agents, ending, open_account, pipeline
from agentflow.settings import load_settings
from agentflow.store import StandingRow
from agentflow.store.sqlite import open_store
from agentflow.testing import LoopbackProvider

pytestmark = pytest.mark.slow


@contextmanager
def spenders(processes: int, children: int, url: str, state: Path) -> Iterator[subprocess.Popen[str]]:
    """Processes at work; they are waited for at the end of the block."""
    script = Path(__file__).with_name("spenders.py")
    command = [sys.executable, str(script), str(processes), str(children), url, str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as running:
        yield running


def heard(running: subprocess.Popen[str]) -> dict[tuple[int, str], int]:
    """Everything that the processes said, once all have ended."""
    out, _ = running.communicate(timeout=60)
    return {(number, what): value for number, what, value in map(json.loads, out.splitlines())}


def standing(state: Path) -> StandingRow:
    store = open_store(load_settings({"state": str(state)}).database)
    try:
        store.others_hold("team")  # whoever is dead is buried first
        return store.accounts()[0]
    finally:
        store.close()


def a_call(state: Path) -> int:
    """The tokens of one call."""
    with LoopbackProvider(ANSWER) as provider:
        spend(ask_many(1), provider.tier(max_tokens=CAP), Budget(tokens=100_000), state)
        return provider.tokens


@pytest.mark.parametrize("resource", ["tokens", "usd"])
def test_four_processes_spend_what_their_account_has_and_no_more(resource: str, tmp_path: Path) -> None:
    """Each takes what it needs and gives back what it does not; nothing is left over for want of talking."""
    tokens = 200 * a_call(tmp_path / "probe")
    budget = Budget(tokens=tokens) if resource == "tokens" else Budget(usd=f"{tokens * 1.15e-6:.9f}")
    open_account("team", budget, state=tmp_path)

    with LoopbackProvider(ANSWER, latency=0.02) as provider:
        with spenders(4, 70, provider.url, tmp_path) as running:
            said = heard(running)

        limit = tokens if resource == "tokens" else budget.nano
        billed = provider.tokens if resource == "tokens" else provider.nano_usd
        assert limit is not None
        print(f"\nbilled / limit = {billed / limit:.4f}; {said}")
        assert 0.95 <= billed / limit <= 1
        row = standing(tmp_path)
        assert (row.spent.tokens, row.spent.usd) == (provider.tokens, provider.nano_usd)
        assert not row.granted


def test_the_others_spend_what_a_killed_process_held(tmp_path: Path) -> None:
    """What it had on the wire is charged, the rest returns, and nobody waits for it."""
    open_account("team", Budget(calls=60, tokens=1_000_000), state=tmp_path)

    with LoopbackProvider(ANSWER, latency=0.05) as provider:
        with spenders(4, 40, provider.url, tmp_path) as running:
            assert running.stdout is not None
            _, what, pid = json.loads(running.stdout.readline())
            assert what == "pid"
            assert provider.reached(20, timeout=30)
            os.kill(pid, signal.SIGKILL)
            started = time.monotonic()
            heard(running)

        row = standing(tmp_path)
        assert provider.billed_calls <= row.spent.calls <= 60
        assert row.spent.calls >= 57
        assert not row.granted
        assert time.monotonic() - started < 20


def test_carves_and_closing_work_are_set_aside_on_a_standing_account_too(tmp_path: Path) -> None:
    """They are granted before they are carved."""

    @pipeline
    async def family() -> list[str]:
        async with agents() as team:
            own = team.within(Budget(calls=1), share="carve").spawn(answer, question="mine")
            greedy = [team.spawn(answer, question=f"{n}") for n in range(10)]
        with ending():
            last = await answer.aperform(question="sum it up")
        return [own.outcome.status, last.status, *(child.outcome.status for child in greedy)]

    open_account("team", Budget(calls=5), state=tmp_path)
    with LoopbackProvider(ANSWER) as provider:
        tier = provider.tier(max_tokens=CAP)
        outcome = spend(family(), tier, Budget(), tmp_path, account="team", ending=Budget(calls=1))

        assert outcome.value[:2] == ["accepted", "accepted"], outcome.feedback
        assert provider.billed_calls == 5
    assert standing(tmp_path).spent.calls == 5
    assert not standing(tmp_path).granted


def test_a_run_on_an_account_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """It says how to open one, and nothing is sent."""
    with LoopbackProvider(ANSWER) as provider:
        with pytest.raises(Exception, match="accounts open nobody"):
            spend(ask_many(1), provider.tier(), Budget(), tmp_path, account="nobody")
        assert provider.calls == 0


def test_what_is_left_over_of_several_grants_covers_a_last_call(tmp_path: Path) -> None:
    """A call is refused only when this process and the account together cannot pay for it."""
    tokens = a_call(tmp_path / "probe")
    open_account("team", Budget(tokens=40 * tokens), state=tmp_path)
    with LoopbackProvider(ANSWER) as provider:
        outcome = spend(ask_many(60, limit=1), provider.tier(max_tokens=CAP), Budget(), tmp_path, account="team")

        print(f"\nsequential on a standing account: billed / limit = {provider.tokens / (40 * tokens):.4f}")
        assert provider.tokens <= 40 * tokens
        assert outcome.value.count("accepted") >= 36


def test_a_child_that_is_out_of_money_leaves_the_standing_account_to_its_siblings(tmp_path: Path) -> None:
    """Its own limit is to blame: nobody else is stopped by it, and no other process is waited for."""

    @pipeline
    async def family() -> list[str]:
        async with agents(each=Budget(calls=1)) as team:
            poor = team.spawn(ask_many(2, limit=1))
        async with agents() as team:
            other = team.spawn(answer, question="after it")
        return [*poor.outcome.value, other.outcome.status]

    open_account("team", Budget(calls=50, tokens=1_000_000), state=tmp_path)
    with LoopbackProvider(ANSWER) as provider:
        outcome = spend(family(), provider.tier(max_tokens=CAP), Budget(), tmp_path, account="team")

    assert outcome.value == ["accepted", "budget_exhausted", "accepted"]
    assert standing(tmp_path).spent.calls == 2
