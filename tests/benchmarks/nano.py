"""Speed of the embedded models on one core: answers to questions of fresh receipts, and as fast as it goes.

python -m tests.benchmarks.nano [--quick] [--json FILE]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from statistics import median

import numpy as np

from agentflow.nano import NAMES
from agentflow.nano.catalog import load
from agentflow.nano.model import Model, Sampling
from agentflow.nano.page import page
from agentflow.nano.prompt import Prompt, Shown
from agentflow.nano.tokens import Vocabulary
from agentflow.nano.train.generate import group

from .harness import Result, Table, at_least, bench

FIELDS = ("company", "date", "total", "number", "tax")


def measure(chosen: argparse.Namespace) -> Result:
    """Output tokens per second of this process's CPU, prefill included, the median of some receipts."""
    count = 6 if chosen.quick else 60
    pages = [page(group("unseen", 30_000_000 + number, 1)[0].text, Vocabulary.load(), 500) for number in range(count)]
    rows, fastest = [], {}
    for name in NAMES:
        model = load(name)
        sizes = [model.count_tokens(Prompt((Shown(text, "date"),))) for text in pages]
        one = speed(lambda text, model=model: answered(model, text, (FIELDS[0],), 1), pages)
        all_fields = speed(lambda text, model=model: answered(model, text, FIELDS, 1), pages)
        eight = speed(lambda text, model=model: answered(model, text, (FIELDS[0],), 8), pages)
        rows.append([name, round(median(sizes)), round(one), round(all_fields), round(eight)])
        fastest[name] = all_fields
    result = Result("Embedded models: output tokens per core-second")
    result.goals = [at_least("nano-m, five questions of one fresh receipt", fastest["nano-m"], 300, unit=" tokens/s")]
    columns = ("model", "tokens of a receipt", "one short question", "five questions", "eight samples of one")
    result.tables = [
        Table("Output tokens per second of CPU, reading a receipt for the first time included", columns, rows)
    ]
    result.notes = [
        "The receipt is read anew for each measurement, once for all questions or samples of it. Answers are short, so "
        "reading is most of the work of a single question.",
    ]
    return result


def speed(answer: Callable[[str], int], pages: Sequence[str]) -> float:
    """Median over *pages* of tokens per CPU second."""
    rates = []
    for text in pages:
        start = time.process_time()
        tokens = answer(text)
        rates.append(tokens / (time.process_time() - start))
    return median(rates)


def answered(model: Model, text: str, fields: Sequence[str], samples: int) -> int:
    """Ask *fields* of *text*, and count what was written; the text is not remembered from before."""
    sampling = Sampling(temperature=0.0 if samples == 1 else 0.7)
    fresh = f"{text}\n{time.perf_counter_ns() % 10_000}"  # no page on the shelf is the same
    return sum(
        answer.output_tokens
        for field in fields
        for answer in model.answers(
            Prompt((Shown(fresh, field),)), sampling, [np.random.default_rng(seed) for seed in range(samples)]
        )
    )


if __name__ == "__main__":
    bench("nano", measure)
