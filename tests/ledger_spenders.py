"""A process that spends on a standing account until it is refused, in several threads and in every way a call can end.

Run as `python ledger_spenders.py DATABASE RUN SEED`; it prints a line for every call, and `broken` if a sum is wrong.
"""

from __future__ import annotations

import os
import random
import sys
import threading
from itertools import count
from typing import cast

from stores import KEY, settled, started
from test_account import ask

from agentflow.account import Account
from agentflow.budget import Budget
from agentflow.effects import drive
from agentflow.engines.teller import reserve, return_unused
from agentflow.engines.tiers import Tiers
from agentflow.events import CallId, CallIntended, CallLost, CallReleased, Event
from agentflow.reservation import Refusal, Reservation
from agentflow.scope import Run, Scope
from agentflow.standing import Standing
from agentflow.store.sqlite import open_store
from agentflow.usage import FREE, Amount

THREADS = 3


def main(path: str, name: str, seed: int) -> None:
    store = open_store(path)
    store.append(started(name, account="team")).result()
    store.claim(name)
    standing = Standing("team", Budget(tokens=6_000, calls=400))
    account = Account(Budget(), parent=standing)
    account.is_run = True
    run = Run(name, store, account, cast("Tiers", None), standing=standing)
    serial = count()
    threads = [threading.Thread(target=work, args=[run, serial, random.Random(seed + n)]) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if account.held or standing.held:
        say("broken: something is held in the end")
    store.close()


def work(run: Run, serial: count[int], dice: random.Random) -> None:
    child = Account(Budget(), path=f"/{dice.random()}", parent=run.account)
    while True:
        answer = drive(reserve(Scope(run, child, child.path), ask(dice.randrange(1, 30), 30, 10, price=FREE)))
        if isinstance(answer, Refusal):
            return
        id = CallId(run.id, child.path, KEY, next(serial))
        run.append(CallIntended(id, "small", "small", answer.amount, "byte", answer.cap, "team")).result()
        (row,) = run.store.accounts()
        if (row.spent + row.granted).tokens > 6_000 or (row.spent + row.granted).calls > 400:
            say(f"broken: {row}")
        end(run, id, answer, dice)
        say(f"call {id.occurrence}")


def end(run: Run, id: CallId, reservation: Reservation, dice: random.Random) -> None:
    spent = Amount(0, dice.randrange(reservation.amount.tokens + 1), 1)
    events: dict[str, Event] = {
        "settle": settled(id, spent), "lose": CallLost(id, "reset"), "release": CallReleased(id, "429")
    }  # fmt: skip
    how = dice.choice(["settle", "settle", "settle", "lose", "release"])
    reservation.settle(spent) if how == "settle" else getattr(reservation, how)()
    run.append(events[how]).result()
    return_unused(run)


def say(what: str) -> None:
    os.write(1, (what + "\n").encode())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
