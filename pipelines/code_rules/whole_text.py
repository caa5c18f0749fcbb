"""A prompt that is the opened function and nothing else, and a module that takes the whole answer as it comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dspy


class WholeText(dspy.Adapter):  # type: ignore[misc]  # dspy is untyped
    """Instructions and what was wrong before as the system's words, the prompt as it is, the whole completion."""

    def format(
        self, signature: Any, demos: Sequence[Mapping[str, Any]], inputs: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Instructions, demos as earlier turns, and the prompt last."""
        feedback = inputs.get("feedback") or ""
        system = (
            f"{signature.instructions}\nThe last attempt was wrong: {feedback}" if feedback else signature.instructions
        )
        messages = [_said("system", system)]
        for demo in demos:
            messages += [_said("user", demo["prompt"]), _said("assistant", demo["answer"])]
        return [*messages, _said("user", inputs["prompt"])]

    def parse(self, signature: Any, completion: str) -> dict[str, Any]:  # noqa: ARG002  # DSPy hands it over
        """All of it."""
        return {"answer": completion}


class WriteFunction(dspy.Signature):  # type: ignore[misc]  # dspy is untyped
    """Complete the Python function. Answer with its code only."""

    prompt: str = dspy.InputField()
    feedback: str = dspy.InputField(default="")
    answer: str = dspy.OutputField()


class Writer(dspy.Module):  # type: ignore[misc]  # dspy is untyped
    """Asks for a function, with the words about the last attempt where there are any."""

    signature = WriteFunction

    def __init__(self) -> None:
        super().__init__()
        self.write = dspy.Predict(WriteFunction)

    def forward(self, prompt: str, feedback: str = "") -> Any:
        """The answer as it came."""
        with dspy.context(adapter=WholeText()):
            return self.write(prompt=prompt, feedback=feedback)

    async def aforward(self, prompt: str, feedback: str = "") -> Any:
        """The same on an event loop."""
        with dspy.context(adapter=WholeText()):
            return await self.write.acall(prompt=prompt, feedback=feedback)


def _said(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": text}
