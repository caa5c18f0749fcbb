"""A limit of a child or of a step holds over all sittings of its run, in whatever order things are asked again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dspy
import pytest
from crews import FREE, account, ask, soon

from agentflow import Budget, Ladder, Step, Tier, agents, pipeline, resume, run
from agentflow import validators as v
from agentflow.account import Account
from agentflow.runs import RunOutcome
from agentflow.testing import ScriptedEngine, chat

SEEN: list[Account] = []
"""The accounts that paid in this sitting."""


class AskAll(dspy.Module):  # type: ignore[misc]  # dspy is untyped
    """Asks what this sitting asks, in this order."""

    def __init__(self) -> None:
        super().__init__()
        self.ask = dspy.Predict("question -> answer")

    async def aforward(self, script: str) -> Any:
        SEEN.append(account())
        asked = json.loads(Path(script).read_text())["asked"]
        return [await self.ask.acall(question=question) for question in asked][-1]


several = Step(AskAll(), validate=v.none(reason="any answer will do here"), name="several", loop_key=None)


async def ask_all(script: str) -> None:
    SEEN.append(account())
    for question in json.loads(Path(script).read_text())["asked"]:
        await ask.acall(question=question)


async def ask_in_a_team(script: str) -> None:
    async with agents() as team:
        own = team.spawn(ask_all, script=script)
    if not own.outcome.accepted:
        raise RuntimeError(own.outcome.feedback)


@pipeline
async def work(who: str, script: str) -> dict[str, Any]:
    """A pipeline of this file, so that it can be resumed. Tells what the account with the limit says in the end."""
    limit = Budget(calls=json.loads(Path(script).read_text())["calls"])
    async with agents() as team:
        if who == "step":
            outcome = await several.within(limit).aperform(script=script)
        else:
            target = {"child": ask_all, "carve": ask_all, "grandchild": ask_in_a_team, "asking step": several}[who]
            bound = team.within(limit, share="carve" if who == "carve" else "ceiling")
            outcome = await bound.spawn(target, script=script)
    limited = next(account for account in SEEN[-1].chain() if account.budget.calls is not None)
    return {
        "accepted": outcome.accepted,
        "spent": limited.spent.calls,
        "left": limited.available.calls,
        "over": limited.over_bound.tokens,
        "said over": outcome.over_bound.tokens,
    }


class Sittings:
    """The sittings of one run."""

    def __init__(self, folder: Path, who: str) -> None:
        self.state, self.script = folder, folder / "script.json"
        self.call = work(who, str(self.script))
        self.last: RunOutcome | None = None

    def sit(self, *asked: str, calls: int = 3) -> RunOutcome:
        """Ask this; `no key` is turned away, and whoever asked it fails. To `fat` more is answered than may be."""
        self.script.write_text(json.dumps({"asked": asked, "calls": calls}))
        engine = ScriptedEngine(_answer, honours_max_tokens=False)
        ladder = Ladder(Tier("test/yes", engine=engine, price=FREE, max_tokens=64))
        given: dict[str, Any] = {"ladder": ladder, "budget": Budget(calls=9, tokens=100_000), "state": self.state}
        before = self.last
        self.last = soon(lambda: run(self.call, **given) if before is None else resume(before.run, **given))
        return self.last


def _answer(request: dspy.lm15.Request) -> str:
    text = str(request)
    if "no key" in text:
        raise dspy.lm15.AuthError("the key has expired")
    return chat(answer="x" * 900 if "fat" in text else "yes")


@pytest.mark.parametrize("who", ["child", "grandchild", "asking step", "step", "carve"])
@pytest.mark.parametrize(
    ("asked", "accepted"),
    [
        pytest.param(["a", "b", "c"], True, id="old ones first"),
        pytest.param(["c", "a", "b"], True, id="a new one first"),
        pytest.param(["c", "d", "a", "b"], False, id="two new ones first"),
        pytest.param(["c", "d", "e"], False, id="new ones alone"),
    ],
)
def test_new_calls_leave_room_for_old_ones(tmp_path: Path, who: str, asked: list[str], accepted: bool) -> None:
    """A limit of three calls is three calls, though two of them were made in an earlier sitting."""
    sittings = Sittings(tmp_path, who)
    first = sittings.sit("a", "b", "no key")

    second = sittings.sit(*asked)

    assert (first.value["accepted"], first.value["spent"]) == (False, 2)
    assert (second.value["accepted"], second.spent.calls) == (accepted, 3)
    assert (second.value["spent"], second.value["left"]) == (3, 0)


@pytest.mark.parametrize("who", ["child", "step", "carve"])
def test_a_limit_that_was_raised_leaves_room_for_more(tmp_path: Path, who: str) -> None:
    """What was paid before an edit counts, and a larger limit pays for what must be asked anew."""
    sittings = Sittings(tmp_path, who)
    sittings.sit("a", "b", "c")

    second = sittings.sit("d", "e", calls=5)

    assert (second.value["accepted"], second.value["spent"], second.value["left"]) == (True, 5, 0)


@pytest.mark.parametrize("who", ["child", "grandchild", "asking step", "carve"])
@pytest.mark.parametrize("asked", [["fat", "a"], ["a", "fat"], ["a"]], ids=["first", "last", "no more"])
def test_what_lay_above_its_bound_is_known_in_the_next_sitting(tmp_path: Path, who: str, asked: list[str]) -> None:
    """The account and the outcome say it, once, whether the call that broke its bound is asked again or not."""
    sittings = Sittings(tmp_path, who)
    first = sittings.sit("fat", "no key")

    second = sittings.sit(*asked)

    assert first.value["over"] > 0
    assert second.value["over"] == second.value["said over"] == first.value["over"] == second.over_bound.tokens
