"""The DSPy adapter of the embedded model: a signature becomes one of its questions, its answer a typed field.

Instructions are never rendered: the model cannot read them. Demos are, and an answer that was rejected before.
"""

from __future__ import annotations

from typing import Any

import dspy
from dspy.utils.exceptions import AdapterParseError

from agentflow.compat import current_scope
from agentflow.nano import printed
from agentflow.nano.page import page, plain
from agentflow.nano.prompt import Shown
from agentflow.nano.tasks import Task, task_of
from agentflow.nano.tokens import Vocabulary
from agentflow.nano.transformer import MOST_DOCUMENTS

MOST_DEMOS = MOST_DOCUMENTS - 1
ROOM = 511
"""Tokens of a page."""
LONGEST_ANSWER = 97
"""Tokens of a demo's answer, as in training; a demo with a longer one is left out."""
LONGEST_REJECTED = 40
"""Tokens of a rejected answer; a longer one is not told."""


class NanoAdapter(dspy.Adapter):  # type: ignore[misc]  # dspy is untyped
    """Speaks to `local/nano-s` and `local/nano-m` and to nothing else."""

    def __init__(self, vocabulary: Vocabulary | None = None) -> None:
        """*vocabulary* None: the one that ships."""
        super().__init__()
        self._vocabulary = vocabulary

    def __deepcopy__(self, memo: dict[int, Any]) -> NanoAdapter:
        return self

    def format(
        self, signature: type[dspy.Signature], demos: list[dict[str, Any]], inputs: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """The last three usable demos, then the question. Raises `UnsupportedSignature` for what it cannot be."""
        task = task_of(signature)
        vocabulary = self._vocabulary or Vocabulary.load()
        text = page(str(inputs.get(task.source, "")), vocabulary, ROOM)
        examples = [each for demo in demos if (each := _example(task, demo, vocabulary)) is not None]
        messages = [
            {"role": role, "content": content}
            for each in examples[-MOST_DEMOS:]
            for role, content in (("user", each.question), ("assistant", each.answer))
        ]
        asked = Shown(text, task.field, rejected=_rejected(text, vocabulary))
        return [*messages, {"role": "user", "content": asked.question}]

    def parse(self, signature: type[dspy.Signature], completion: str) -> dict[str, Any]:
        """The asked field, an amount exactly as written. Raises `AdapterParseError` on any other answer."""
        task = task_of(signature)
        try:
            return {task.output: task.value(completion)}
        except ValueError as error:
            raise AdapterParseError(
                adapter_name="NanoAdapter", signature=signature, lm_response=completion, message=str(error)
            ) from error


def _example(task: Task, demo: dict[str, Any], vocabulary: Vocabulary) -> Shown | None:
    """A demo as the model reads it; None when it lacks the text or the answer, or the text does not show the answer."""
    if not isinstance(demo.get(task.source), str) or task.output not in demo:
        return None
    text = page(demo[task.source], vocabulary, ROOM)
    answer = task.printed(demo[task.output], text)
    if answer is None or len(answer) > 16 * LONGEST_ANSWER or len(vocabulary.encode(answer)) > LONGEST_ANSWER:
        return None
    return Shown(text, task.field, answer)


def _rejected(text: str, vocabulary: Vocabulary) -> str:
    """The answer before, when it was rejected and the text shows it: no other can be confused with the right one."""
    scope = current_scope()
    flight = scope.flight if scope is not None else None
    if flight is None or not flight.feedback:
        return ""
    previous = " ".join(plain(flight.previous[:1_000]).split())
    is_usable = previous and printed.stands_in(previous, text)
    return previous if is_usable and len(vocabulary.encode(previous)) <= LONGEST_REJECTED else ""
