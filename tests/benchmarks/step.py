"""CPU of a validated, metered, journaled step beside a bare `dspy.Predict` on the same scripted engine.

Both take turns in one process, block by block; what counts is the ratio within a pair of blocks. No time is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import contextvars
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import dspy
from pydantic import BaseModel

from agentflow import Budget, Ladder, Price, Step, Tier, pipeline, run
from agentflow.testing import ScriptedEngine, chat

WARM_UP = 40
"""Steps before the clock runs."""


class Line(BaseModel):
    name: str
    price: float


class Invoice(BaseModel):
    seller: str
    lines: list[Line]
    total: float


class Ask(dspy.Signature):
    """Answer the question about the text in one short sentence."""

    text: str = dspy.InputField(desc="what is known")
    question: str = dspy.InputField()
    answer: str = dspy.OutputField(desc="one short sentence")


class Read(dspy.Signature):
    """Read the invoice."""

    text: str = dspy.InputField()
    invoice: Invoice = dspy.OutputField()


TEXT = "The kettle was bought on the third of March for 24.90, together with two cups at 3.50 each. " * 4
INVOICE = Invoice(seller="Teas", lines=[Line(name="kettle", price=24.9), Line(name="cup", price=7.0)], total=31.9)


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of prompt, with what the scripted engine answers to it."""

    name: str
    signature: type[dspy.Signature]
    adapter: str
    answer: str
    check: Callable[[Any, Any], bool]

    def inputs(self, number: int) -> dict[str, str]:
        """Inputs that no other step has."""
        given = {"text": f"{TEXT}{number}"}
        return given | {"question": "How much was the kettle?"} if self.signature is Ask else given


CASES = (
    Case("chat", Ask, "chat", chat(answer="It was 24.90."), lambda given, said: "24.90" in said.answer),
    Case("json", Ask, "json", json.dumps({"answer": "It was 24.90."}), lambda given, said: "24.90" in said.answer),
    Case(
        "pydantic",
        Read,
        "chat",
        chat(invoice=INVOICE.model_dump_json()),
        lambda given, said: round(sum(line.price for line in said.invoice.lines), 2) == said.invoice.total,
    ),
)


@dataclass(slots=True)
class Pair:
    """CPU seconds per step of paired blocks."""

    case: Case
    mode: str
    own: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    def result(self) -> dict[str, Any]:
        """Microseconds and ratios, with percentiles over the blocks."""
        ratios = [own / bare for own, bare in zip(self.own, self.bare, strict=True)]
        return {
            "case": self.case.name,
            "mode": self.mode,
            "blocks": len(ratios),
            "step_us": _spread(self.own, 1e6),
            "predict_us": _spread(self.bare, 1e6),
            "ratio": _spread(ratios, 1),
        }


class _Face:
    """The scripted engine as DSPy takes one."""

    def __init__(self, engine: ScriptedEngine) -> None:
        self.engine = engine
        self.supports_function_calling, self.supports_reasoning = engine.supports_function_calling, False
        self.supports_response_schema, self.supported_params = engine.supports_response_schema, engine.supported_params

    def complete(self, request: Any) -> Any:
        return self.engine.complete(request)


class _AsyncFace(_Face):
    async def complete(self, request: Any) -> Any:
        return await self.engine.acomplete(request)


def measure(case: Case, mode: str, *, blocks: int, size: int) -> Pair:
    """Run *case* in blocks of *size* steps, each beside a block of bare predictions."""
    pair, engine = Pair(case, mode), ScriptedEngine(lambda request: case.answer)
    lm = dspy.LM("test/model", engine=_Face(engine), async_engine=_AsyncFace(engine), cache=False)
    dspy.configure(lm=lm, adapter=dspy.JSONAdapter() if case.adapter == "json" else dspy.ChatAdapter())
    step = Step(case.signature, validate=lambda inputs, said: case.check(inputs, said), name="step")
    work = _sync_work if mode == "sync" else _async_work
    os.environ["AGENTFLOW_ADAPTER"] = case.adapter
    with tempfile.TemporaryDirectory() as folder:
        ladder = Ladder(Tier("test/model", engine=engine, price=Price.per_million(1, 2)))
        outcome = run(
            pipeline(work(pair, step, engine, blocks=blocks, size=size))(),
            ladder=ladder,
            budget=Budget(usd=1_000, tokens=10**12),
            state=Path(folder),
            resumable=False,
        )
    if not outcome.accepted:
        raise SystemExit(f"{case.name} {mode}: {outcome.status}: {outcome.feedback or outcome.error}")
    return pair


def _sync_work(pair: Pair, step: Step, engine: ScriptedEngine, *, blocks: int, size: int) -> Callable[[], None]:
    predict, numbers = dspy.Predict(pair.case.signature), iter(range(10**9))

    def own(count: int) -> None:
        for _ in range(count):
            step(**pair.case.inputs(next(numbers)))

    def bare(count: int) -> None:
        for _ in range(count):
            predict(**pair.case.inputs(next(numbers)))

    def work() -> None:
        for times, count in _plan(pair, blocks, size):
            times[0].append(_cpu(lambda n=count: own(n)) / count)
            times[1].append(_cpu(lambda n=count: contextvars.Context().run(bare, n)) / count)
            engine.requests.clear()

    return work


def _async_work(pair: Pair, step: Step, engine: ScriptedEngine, *, blocks: int, size: int) -> Callable[[], Any]:
    predict, numbers = dspy.Predict(pair.case.signature), iter(range(10**9))

    async def own(count: int) -> None:
        for _ in range(count):
            await step.acall(**pair.case.inputs(next(numbers)))

    async def bare(count: int) -> None:
        for _ in range(count):
            await predict.acall(**pair.case.inputs(next(numbers)))

    async def work() -> None:
        loop = asyncio.get_running_loop()
        apart = asyncio.Runner()  # a loop as DSPy's users have it, in a thread of its own
        with ThreadPoolExecutor(1) as pool:
            for times, count in _plan(pair, blocks, size):
                started = time.process_time()
                await own(count)
                times[0].append((time.process_time() - started) / count)
                times[1].append(await loop.run_in_executor(pool, _cpu, lambda n=count: apart.run(bare(n))) / count)
                engine.requests.clear()
            await loop.run_in_executor(pool, apart.close)

    return work


def _plan(pair: Pair, blocks: int, size: int) -> Iterator[tuple[tuple[list[float], list[float]], int]]:
    """Where each block's times go, and how many steps it has; the first warms up and is forgotten."""
    yield ([], []), WARM_UP
    for _ in range(blocks):
        yield (pair.own, pair.bare), size


def _cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _spread(values: Sequence[float], unit: float) -> dict[str, float]:
    cuts = quantiles(values, n=100, method="inclusive")
    return {
        name: round(value * unit, 3)
        for name, value in {"p10": cuts[9], "p50": median(values), "p90": cuts[89], "p99": cuts[98]}.items()
    }


def main(words: Sequence[str] | None = None) -> None:
    """Measure, and write JSON to a file or to stdout."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.step", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the result here instead of to stdout")
    parser.add_argument("--blocks", type=int, default=25, help="paired blocks of each case")
    parser.add_argument("--size", type=int, default=20, help="steps of a block")
    parser.add_argument("--only", default="", help="such as sync/chat")
    told = parser.parse_args(words)
    wanted = [(mode, case) for mode in ("sync", "async") for case in CASES if told.only in f"{mode}/{case.name}"]
    results = [measure(case, mode, blocks=told.blocks, size=told.size).result() for mode, case in wanted]
    text = json.dumps(
        {"what": "step", "python": platform.python_version(), "dspy": dspy.__version__, "results": results}, indent=1
    )
    if told.json is None:
        sys.stdout.write(text + "\n")
    else:
        told.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
