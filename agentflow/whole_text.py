"""An adapter that bends nothing: the prompt is the question as it is, the whole answer is one text.

No format is asked for: what counts is read out of the text afterwards. Feedback of validators is not told, unless an
input of the signature tells it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dspy

from agentflow.compat import Signature
from agentflow.errors import DefinitionError


class WholeText(dspy.Adapter):  # type: ignore[misc]  # dspy is untyped
    """The first input as it is, after the instructions; the whole completion is the one output.

    Further inputs that say something follow the instructions, each after its description. Demos are earlier turns.
    Take it with `dspy.context(adapter=WholeText())`, around the prompt and inside the module of the step.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> WholeText:
        return self

    def format(
        self, signature: Signature, demos: Sequence[Mapping[str, Any]], inputs: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Instructions, demos, and the question last. Raises `DefinitionError` for a signature of another shape."""
        answered = _output_of(signature)
        asked, *others = signature.input_fields
        told = [f"{_title(signature, name)}: {inputs[name]}" for name in others if inputs.get(name)]
        messages = [_said("system", "\n".join([signature.instructions, *told]))]
        for demo in demos:
            messages += [_said("user", demo[asked]), _said("assistant", demo[answered])]
        return [*messages, _said("user", inputs[asked])]

    def parse(self, signature: Signature, completion: str) -> dict[str, Any]:
        """All of it."""
        return {_output_of(signature): completion}


def _output_of(signature: Signature) -> str:
    """The name of the one output."""
    texts = [name for name, field in signature.output_fields.items() if field.annotation is str]
    if len(texts) != 1 or len(signature.output_fields) != 1 or not signature.input_fields:
        raise DefinitionError(
            f"WholeText takes an input and puts the whole answer into one text, which {signature.__name__} does not "
            "have; ask for a text here, and read the other fields out of it in the module"
        )
    return str(texts[0])


def _title(signature: Signature, name: str) -> str:
    """How an input is described, or called where it is not."""
    described = str((signature.input_fields[name].json_schema_extra or {}).get("desc", ""))
    return name if described in ("", f"${{{name}}}") else described


def _said(role: str, text: object) -> dict[str, Any]:
    return {"role": role, "content": str(text)}
