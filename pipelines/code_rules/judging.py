"""Is this the function that was asked for? Its examples, inputs like them, and other candidates say so, in the sandbox.

No true answer and no hidden test is ever read, and nothing of a candidate is run or parsed on this side.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from agentflow import Verdict
from agentflow.sandbox import Sandbox
from code_rules.candidate import program_of
from code_rules.exam import LIMITS, Called, Examined, examine, written
from code_rules.examples import Example, examples_of
from code_rules.inputs import Arguments, inputs_for
from code_rules.policy import Policy
from code_rules.task import Task, read_task

SAME = 0.9
"""The share of inputs on which two candidates must give the same to be taken for one function."""
BOTH_RAISED = 0.25
"""How much it counts that both raise: little, for most mistakes raise."""
VOTES_LACKING = "consensus"
"""The kind of a rejection that asks for another sample and blames nobody."""
SHOWN = 160
KEPT = 4_096


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything a prompt says without a model."""

    task: Task
    examples: tuple[Example, ...]
    inputs: tuple[Arguments, ...]

    @property
    def calls(self) -> tuple[Arguments, ...]:
        """Every call that a candidate is examined with, those of the examples first."""
        return (*(each.arguments for each in self.examples), *self.inputs)


@lru_cache(maxsize=1_024)
def reading_of(prompt: str) -> Reading | None:
    """What *prompt* says; None where it does not end in a function to be written."""
    task = read_task(prompt)
    if task is None:
        return None
    examples = examples_of(task)
    return Reading(task, examples, inputs_for(task, examples))


def is_a_task(inputs: Any) -> Verdict:
    """Whether it is worth asking anybody."""
    if reading_of(inputs["prompt"]) is None:
        return Verdict(False, "the prompt does not end in a Python function with plain parameters to be written")
    return Verdict(True)


class Examiner:
    """Examines candidates in one sandbox and remembers what came out."""

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        self._sandbox = sandbox or Sandbox(LIMITS)
        self._known: OrderedDict[tuple[str, str], Examined] = OrderedDict()

    def __deepcopy__(self, memo: dict[int, Any]) -> Examiner:
        return self

    async def examined(self, reading: Reading, programs: Sequence[str]) -> list[Examined]:
        """What each of the programs does, those seen before from memory."""
        prompt = reading.task.prompt
        fresh = [each for each in dict.fromkeys(programs) if (prompt, each) not in self._known]
        found = await examine(self._sandbox, fresh, reading.task.entry_point, reading.calls) if fresh else []
        here = dict(zip(fresh, found, strict=True))
        made = [here.get(each) or self._known[prompt, each] for each in programs]
        self._known.update({(prompt, program): each for program, each in here.items()})
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return made


@dataclass(frozen=True, slots=True)
class IsChecked:
    """Accepts a candidate that passes every example and does what enough others do, as the policy says."""

    policy: Policy
    examiner: Examiner

    async def judge(self, case: Any) -> Verdict:
        """The verdict on `prediction.answer` as the function that `inputs["prompt"]` asks for."""
        reading = reading_of(case.inputs["prompt"])
        assert reading is not None  # the step's inputs were checked
        programs = [program_of(reading.task, answer) for answer in (case.prediction.answer, *_earlier(case))]
        mine, *others = await self.examiner.examined(reading, programs)
        if not (verdict := of_its_own(reading, mine)):
            return verdict
        return self._with_others(reading, mine, others, case.tier)

    def fields(self) -> frozenset[str]:
        """What it reads."""
        return frozenset(("prompt", "answer"))

    def identity(self) -> str:
        """Changes with the policy."""
        return f"IsChecked({self.policy.to_json()})"

    def _with_others(self, reading: Reading, mine: Examined, others: list[Examined], tier: str) -> Verdict:
        rivals = [other for other in others if of_its_own(reading, other)]
        votes = 1 + sum(do_the_same(reading, mine, rival) for rival in rivals)
        evidence = (("votes", float(votes)), ("rivals", float(len(rivals))), ("examples", float(len(reading.examples))))
        needed = self.policy.needed(tier, len(reading.examples))
        if is_enough(votes, len(rivals), needed):
            return Verdict(True, evidence=evidence)
        return Verdict(False, "", min(0.99, votes / (needed or votes + 1)), VOTES_LACKING, evidence)


def of_its_own(reading: Reading, mine: Examined) -> Verdict:
    """The verdict on a candidate without a look at others."""
    if mine.problem:
        return Verdict(False, f"it cannot be run: {mine.problem[:SHOWN]}", 0.0, "broken")
    failed = [(each, call) for each, call in zip(reading.examples, mine.calls, strict=False) if not gives(each, call)]
    if failed:
        passed = 1 - len(failed) / len(reading.examples)
        return Verdict(False, _contradicted(reading.task, *failed[0]), passed / 2, "example")
    tried = mine.calls[len(reading.examples) :]
    if not reading.examples and tried and not any(call.has_value and call.text != "None" for call in tried):
        return Verdict(False, f"it gives no value for any input; {_told(tried[0])}", 0.0, "no_value")
    return Verdict(True)


def is_enough(votes: int, rivals: int, needed: int) -> bool:
    """Whether one of *votes* that do the same, among *rivals* besides itself, is believed where *needed* are."""
    return needed == 1 or (0 < needed <= votes and 2 * votes > rivals + 1)


def gives(example: Example, call: Called) -> bool:
    """Whether a call gave what the example says."""
    if call.kind not in ("gave", "changed"):
        return False
    return call.text == written(example.expected) or (example.is_loose and call.text == written((example.expected,)))


def do_the_same(reading: Reading, one: Examined, other: Examined) -> bool:
    """Whether two candidates give the same for inputs that no example tells the result of."""
    start, counted, same = len(reading.examples), 0.0, 0.0
    for mine, theirs in zip(one.calls[start:], other.calls[start:], strict=False):
        if mine.kind == theirs.kind == "raised":
            counted, same = counted + BOTH_RAISED, same + BOTH_RAISED
        elif {mine.kind, theirs.kind}.isdisjoint(("late", "lost")):
            counted += 1
            same += mine.has_value and theirs.has_value and mine.text == theirs.text
    return counted > 0 and same >= SAME * counted


def _earlier(case: Any) -> Iterator[str]:
    for attempt in case.earlier:
        if attempt.prediction is not None:
            yield attempt.prediction.answer


def _contradicted(task: Task, example: Example, call: Called) -> str:
    """What to say about an example that fails."""
    asked = ", ".join(map(repr, example.arguments))
    return f"{task.entry_point}({asked}) must give {example.expected!r}"[:SHOWN] + f"; {_told(call)}"


def _told(call: Called) -> str:
    said = call.text if len(call.text) <= SHOWN else f"{call.text[:SHOWN]}…"
    return {
        "raised": f"it raises {said}",
        "late": "it does not come to an end",
        "lost": "the process ended before that",
    }.get(call.kind, f"it gives {said}")
