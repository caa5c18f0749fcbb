"""The DSPy adapter of the embedded model: a signature becomes one of its tasks, its answer becomes typed fields.

Instructions, demos and feedback are never rendered: the model cannot read them, so each attempt is a fresh sample.
"""

from __future__ import annotations

from typing import Any

import dspy
from dspy.utils.exceptions import AdapterParseError

from agentflow.nano.tasks import task_of


class NanoAdapter(dspy.Adapter):  # type: ignore[misc]  # dspy is untyped
    """Speaks to `local/nano-s` and `local/nano-m` and to nothing else."""

    def format(
        self, signature: type[dspy.Signature], demos: list[dict[str, Any]], inputs: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """One short user message. Raises `UnsupportedSignature` for what the model was not trained for."""
        del demos  # it was not trained to read examples
        task = task_of(signature)
        return [{"role": "user", "content": task.prompt(str(inputs.get(task.source, "")))}]

    def parse(self, signature: type[dspy.Signature], completion: str) -> dict[str, Any]:
        """The asked fields, amounts exactly as written. Raises `AdapterParseError` on any other answer."""
        try:
            return task_of(signature).values(completion)
        except ValueError as error:
            raise AdapterParseError(
                adapter_name="NanoAdapter", signature=signature, lm_response=completion, message=str(error)
            ) from error
