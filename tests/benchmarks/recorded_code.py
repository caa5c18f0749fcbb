"""The code pipeline over a recorded set, through the whole engine, and the figures of what came out.

    python -m tests.benchmarks.recorded_code FILE [--policy POLICY] [--half calibration|test|all] [--json]
    python -m tests.benchmarks.recorded_code FILE --fit POLICY [--half calibration|all]

FILE holds one JSON object per line, gzipped or not: `id`, `prompt`, `entry_point`, `test` and `samples` by model. The
pipeline sees the prompt. The hidden test is run only afterwards, to grade what was accepted. `--half` picks by the id.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from agentflow import AgentFlowError, Budget, ConfigurationError, Ladder, Outcome, Price, Tier, agents, pipeline, run
from agentflow.intervals import clopper_pearson, wilson
from agentflow.loading import import_file
from agentflow.sandbox import Sandbox
from agentflow.thresholds import half_of
from agentflow.usage import as_usd

from .recorded_grading import LIMITS, Hidden, grade
from .recorded_sets import LONGEST_ANSWER, Counted, Half, counter

PIPELINES = Path(__file__).parents[2] / "pipelines"
sys.path.insert(0, str(PIPELINES))  # where `agentflow run` finds a pipeline's neighbours
rules = importlib.import_module("code_rules")
code = import_file(PIPELINES / "code.py")  # not by its name, which the standard library has too

CODE_PRICES: Mapping[str, Price] = {
    "codegen-16b": Price.per_million("0.5", "0.5"),
    "text-davinci-003": Price.per_million("20", "20"),
    "gpt-4": Price.per_million("30", "60"),
}
"""USD per million tokens, cheap to strong. The set's gpt-4-reflexion is left out: nobody recorded what it cost."""
STRONGEST = "gpt-4"
USD_PER_TASK = 1
"""Far more than a task can take: a budget that is never the reason for a figure."""
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Row:
    """One task of the set."""

    id: str
    prompt: str
    hidden: Hidden
    samples: Mapping[str, Sequence[str]]

    def program(self, answer: str) -> str:
        """The program that *answer* makes of the prompt."""
        reading = rules.reading_of(self.prompt)
        return str(rules.program_of(reading.task, answer)) if reading is not None else answer


@dataclass(frozen=True, slots=True)
class Written:
    """What the engine made of one task."""

    row: Row
    outcome: Outcome
    is_right: bool
    """Whether it was accepted and passes the hidden test."""

    @property
    def tier(self) -> str:
        """Who gave the accepted answer; empty when nobody did."""
        return self.outcome.attempts[-1].tier if self.outcome.accepted else ""


def read_rows(path: Path, half: Half = "all") -> tuple[Row, ...]:
    """The rows of a file, or the half of them that the hash of the id picks. Raises `ConfigurationError`."""
    try:
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        rows = [_row(json.loads(line)) for line in text.splitlines() if line.strip()]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path} is no recorded set of functions: {error!r}; see ../shared/data") from error
    return tuple(row for row in rows if half in ("all", half_of(row.id)))


def measure(rows: Sequence[Row], policy: Any) -> dict[str, Any]:
    """The figures of *rows* under *policy*, beside the strongest tier asked once for everything."""
    sandbox = Sandbox(LIMITS)
    written = write_all(rows, policy, sandbox)
    alone = write_all(rows, rules.Policy(tries={STRONGEST: 1}), sandbox, [STRONGEST])
    first = [grade(sandbox, row.hidden, [row.program(row.samples[STRONGEST][0])])[0] for row in rows]
    return figures(written, alone, first)


def write_all(rows: Sequence[Row], policy: Any, sandbox: Sandbox, tiers: Sequence[str] = ()) -> list[Written]:
    """Every task's outcome from one run in a folder of its own, graded after it has ended."""
    ladder = recorded_ladder(rows, policy, tiers or tuple(CODE_PRICES))
    step = code.writing(policy, rules.Examiner(), feedback=False)
    outcomes: dict[str, Outcome] = {}

    async def one(prompt: str) -> None:
        outcomes[prompt] = await step.aperform(prompt=prompt)

    @pipeline
    async def recorded() -> None:
        async with agents(limit=AT_ONCE) as team:
            children = [team.spawn(one, prompt=row.prompt) for row in rows]
        for child in children:
            if child.outcome.error is not None:
                raise child.outcome.error

    with tempfile.TemporaryDirectory() as folder:
        budget = Budget(usd=str(USD_PER_TASK * max(1, len(rows))))
        ended = run(recorded(), ladder=ladder, budget=budget, state=Path(folder), resumable=False)
    if not ended.accepted:
        raise RuntimeError(f"the run ended {ended.status}: {ended.feedback}") from ended.error
    return [Written(row, outcomes[row.prompt], _is_right(sandbox, row, outcomes[row.prompt])) for row in rows]


def recorded_ladder(rows: Sequence[Row], policy: Any, tiers: Sequence[str]) -> Ladder:
    """These tiers answering from the recording: the k-th request of a prompt gets the k-th sample, and pays for it."""
    _, count = counter()
    return Ladder(
        *(
            Tier(
                f"recorded/{name}",
                name=name,
                price=CODE_PRICES[name],
                attempts=policy.tries.get(name, 1),
                max_tokens=LONGEST_ANSWER,
                engine=Counted({row.prompt: row.samples[name] for row in rows}, count),
            )
            for name in tiers
            if policy.tries.get(name, 1)
        )
    )


def figures(written: Sequence[Written], alone: Sequence[Written], first: Sequence[bool]) -> dict[str, Any]:
    """What a set came to, beside the strongest tier *alone*, whose *first* samples are right or not."""
    n, accepted = len(written), [each for each in written if each.outcome.accepted]
    right = sum(each.is_right for each in written)
    spent, alone_usd = _usd(written), _usd(alone)
    return {
        "n": n,
        "problems": _fingerprint([each.row for each in written]),
        "right": _share(right, n),
        "accepted": _share(len(accepted), n),
        "right_among_accepted": _share(right, len(accepted)),
        "usd": str(spent),
        "usd_per_right": str(spent / right) if right else None,
        "share_of_strong_cost": float(spent / alone_usd) if alone_usd else None,
        "tiers": _tiers(written, spent),
        "strong_alone": {
            "tier": STRONGEST,
            "right": _share(sum(first), n),
            "usd": str(alone_usd),
            "usd_per_right": str(alone_usd / sum(first)) if any(first) else None,
        },
        "against_strong_alone": {
            "only_here": sum(each.is_right and not there for each, there in zip(written, first, strict=True)),
            "only_there": sum(there and not each.is_right for each, there in zip(written, first, strict=True)),
        },
        "counter": counter()[0],
    }


def _tiers(written: Sequence[Written], spent: Decimal) -> dict[str, Any]:
    """By tier: of how many tasks it was asked, how often, who was believed, and what it cost."""
    names = dict.fromkeys(attempt.tier for each in written for attempt in each.outcome.attempts)
    told = {}
    for name in names:
        attempts = [attempt for each in written for attempt in each.outcome.attempts if attempt.tier == name]
        asked = sum(any(attempt.tier == name for attempt in each.outcome.attempts) for each in written)
        believed = [each for each in written if each.tier == name]
        usd = as_usd(sum(attempt.spent.usd for attempt in attempts))
        told[name] = {
            "asked": _share(asked, len(written)),
            "samples": len(attempts),
            "accepted": _share(len(believed), len(written)),
            "right_among_accepted": _share(sum(each.is_right for each in believed), len(believed)),
            "usd": str(usd),
            "share_of_cost": float(usd / spent) if spent else None,
        }
    return told


def _is_right(sandbox: Sandbox, row: Row, outcome: Outcome) -> bool:
    return outcome.accepted and grade(sandbox, row.hidden, [row.program(outcome.value.answer)])[0]


def _usd(written: Sequence[Written]) -> Decimal:
    return as_usd(sum(each.outcome.spent.usd for each in written))


def _share(count: int, of: int) -> dict[str, Any]:
    if not of:
        return {"count": count, "of": of, "share": None, "low": 0.0, "high": 1.0}
    exact, score = clopper_pearson(count, of), wilson(count, of)
    return {"count": count, "of": of, "share": count / of, "low": exact.low, "high": exact.high, "wilson": list(score)}


def _fingerprint(rows: Sequence[Row]) -> str:
    return hashlib.sha256("\n".join(row.prompt for row in rows).encode()).hexdigest()[:12]


def _row(row: Mapping[str, Any]) -> Row:
    prompt, name = str(row["prompt"]), str(row["entry_point"])
    samples = {model: [str(sample) for sample in row["samples"][model]] for model in CODE_PRICES}
    return Row(str(row["id"]), prompt, Hidden(prompt, name, str(row["test"])), samples)


def answer(options: argparse.Namespace) -> dict[str, Any]:
    """What the options ask for: figures, or a policy fitted and written to `options.fit`."""
    rows = read_rows(options.file, options.half)
    if options.fit:
        policy = importlib.import_module("tests.benchmarks.recorded_code_fit").fitted(rows)
        options.fit.write_text(policy.to_json(), encoding="utf-8")
        return dict(policy.learned)
    policy = rules.load_policy(options.policy) if options.policy else rules.load_policy()
    return {"set": "humaneval", "file": options.file.name, "half": options.half, **measure(rows, policy)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure or fit, and say what came out as JSON. Ends with 2 and one line where a file or an option is no use."""
    try:
        told = answer(_parser().parse_args(arguments))
    except (AgentFlowError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from error
    sys.stdout.write(json.dumps(told, indent=2) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.recorded_code")
    parser.add_argument("file", type=Path, help="the recorded set")
    parser.add_argument("--policy", type=Path, help="a policy; without one, the one that comes with the pipeline")
    parser.add_argument("--half", choices=("calibration", "test", "all"), default="all", help="which tasks")
    parser.add_argument("--fit", type=Path, metavar="POLICY", help="fit a policy on the tasks and write it there")
    parser.add_argument("--json", action="store_true", help="the only form there is; accepted for the sake of habit")
    return parser


if __name__ == "__main__":
    main()
