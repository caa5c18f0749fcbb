"""Bare DSPy: one `Predict` per agent, nothing checked, metered or written down."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import dspy
from driving import Asked, begin, drive, ended, fan_out
from dspy import lm15

TEXT = "[[ ## reason ## ]]\nbecause\n\n[[ ## answer ## ]]\n42\n\n[[ ## completed ## ]]\n"


class Canned:
    """A model that answers by itself."""

    def __init__(self, latency: float) -> None:
        self.latency = latency

    def complete(self, request: Any) -> Any:
        time.sleep(self.latency)
        return _response(request)

    def stream(self, request: Any) -> Any:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is held open."""


class CannedAsync(Canned):
    """The same for a loop."""

    async def complete(self, request: Any) -> Any:
        await asyncio.sleep(self.latency)
        return _response(request)

    async def aclose(self) -> None:
        """Nothing is held open."""


def _response(request: Any) -> Any:
    message = lm15.Message(role="assistant", parts=(lm15.TextPart(TEXT),))
    usage = lm15.Usage(input_tokens=100, output_tokens=20)
    return lm15.Response(id=None, model=request.model, message=message, finish_reason="stop", usage=usage)


def predict(asked: Asked) -> Any:
    """A predictor on it."""
    engine, later = Canned(asked.latency), CannedAsync(asked.latency)
    lm = dspy.LM("openai/canned", engine=engine, async_engine=later, cache=False, num_retries=0)
    dspy.configure(lm=lm, disable_history=True)
    return dspy.Predict("question -> reason, answer: int")


async def fanout(asked: Asked) -> Any:
    step = predict(asked)
    return await fan_out(lambda number: step.acall(question=f"question {number:05d}"), asked)


def fanout_parallel(asked: Asked) -> Any:
    """`dspy.Parallel`, which is threads."""
    step = predict(asked)
    before, cpu, wall = begin()
    pool = dspy.Parallel(num_threads=asked.limit or 256, disable_progress_bar=True)
    kept = pool([(step, {"question": f"question {number:05d}"}) for number in range(asked.count)])
    return ended(before, cpu, wall, asked, kept)


if __name__ == "__main__":
    drive({"fanout": fanout, "fanout_parallel": fanout_parallel})
