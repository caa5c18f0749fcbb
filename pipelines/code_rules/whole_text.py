"""A prompt that is the opened function and nothing else, and a module that takes the whole answer as it comes."""

from __future__ import annotations

from typing import Any

import dspy

from agentflow import WholeText


class WriteFunction(dspy.Signature):  # type: ignore[misc]  # dspy is untyped
    """Complete the Python function. Answer with its code only."""

    prompt: str = dspy.InputField()
    feedback: str = dspy.InputField(default="", desc="The last attempt was wrong")
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
