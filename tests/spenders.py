"""Processes that spend on one standing account: forks of one warmed process. Each prints how it ended.

Run as `python spenders.py PROCESSES CHILDREN URL STATE`; a fork's number comes first on its line.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from spending import CAP, ask_many, spend

from agentflow import Budget, Tier
from agentflow.usage import Price

ACCOUNT = "team"


def main(processes: int, children: int, url: str, state: Path) -> None:
    pids = []
    for number in range(processes):
        pids.append(os.fork())
        if pids[-1] == 0:
            work(number, children, url, state)
            os._exit(0)
    for pid in pids:
        os.waitpid(pid, 0)


def work(number: int, children: int, url: str, state: Path) -> None:
    say(number, "pid", os.getpid())
    tier = Tier("openai/loopback", max_tokens=CAP, api_base=url, price=Price.per_million(1, 4), timeout=5)
    outcome = spend(ask_many(children), tier, Budget(), state, account=ACCOUNT)
    say(number, "accepted", outcome.value.count("accepted") if outcome.value else 0)
    say(number, "spent", outcome.spent.tokens)


def say(number: int, what: str, value: int) -> None:
    os.write(1, (json.dumps([number, what, value]) + "\n").encode())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
