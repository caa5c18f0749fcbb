"""A recorded set through the whole engine: what comes out right, what is believed, and what it costs by tier.

    python -m tests.benchmarks.recorded gsm8k FILE [--policy POLICY] [--half calibration|test|all] [--json]
    python -m tests.benchmarks.recorded gsm8k FILE --fit POLICY [--cost-share 0.4] [--half calibration|all]

FILE holds one JSON object per line, gzipped or not: `question`, `answer`, `samples` by model and, where the source
graded them, `recorded_correct`. The pipeline never sees an answer. `--half` picks problems by a hash of the question.

`--json` prints, with shares as {count, of, share, low, high} and 95 % intervals of Clopper and Pearson: n, problems
(a hash of them), right, accepted, right_among_accepted, usd, usd_per_right, share_of_strong_cost, tiers (asked,
accepted, right_among_accepted, usd, share_of_cost), strong_alone (the strongest tier asked for everything, by the same
reader and by the source's own grading), against_the_source (problems that only one of the two gets right), counter.

`--fit` writes a policy fitted on the given problems by cross-validation, and prints what it estimates of itself.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agentflow import AgentFlowError

from .recorded_fit import fitted
from .recorded_maths import figures, maths, rules, solve_all
from .recorded_sets import STRONG, Problem, read_problems


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, or fit, and say what came out. Ends with 2 and one line where the file or an option is not usable."""
    options = _parser().parse_args(arguments)
    try:
        problems = read_problems(options.file, options.half)
        told = _fit(problems, options) if options.fit else _measure(problems, options)
    except (AgentFlowError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from error
    sys.stdout.write(json.dumps(told, indent=2) + "\n" if options.json else _table(told))


def _measure(problems: Sequence[Problem], options: argparse.Namespace) -> dict[str, Any]:
    policy = rules.load_policy(options.policy) if options.policy else rules.load_policy()
    solved = solve_all(problems, maths.solving(policy))
    alone = solve_all(problems, maths.solving(policy), [STRONG])
    return {"set": options.set, "file": options.file.name, "half": options.half, **figures(solved, alone)}


def _fit(problems: Sequence[Problem], options: argparse.Namespace) -> dict[str, Any]:
    policy = fitted(problems, cost_share=options.cost_share)
    options.fit.write_text(policy.to_json(), encoding="utf-8")
    return dict(policy.learned)


def _table(told: dict[str, Any], indent: str = "") -> str:
    lines = []
    for name, value in told.items():
        if isinstance(value, dict) and "share" in value and "low" in value:
            share = (
                "-" if value["share"] is None else f"{value['share']:.1%} ({value['low']:.1%} to {value['high']:.1%})"
            )
            lines.append(f"{indent}{name:28} {value['count']:5} of {value['of']:5}  {share}\n")
        elif isinstance(value, dict):
            lines.append(f"{indent}{name}\n{_table(value, indent + '  ')}")
        else:
            lines.append(f"{indent}{name:28} {value}\n")
    return "".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.recorded", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("set", choices=("gsm8k",), help="which sort of set FILE is")
    parser.add_argument("file", type=Path, help="the recorded set")
    parser.add_argument("--policy", type=Path, help="a policy; without one, the one that comes with the pipeline")
    parser.add_argument("--half", choices=("calibration", "test", "all"), default="all", help="which problems")
    parser.add_argument("--fit", type=Path, metavar="POLICY", help="fit a policy on the problems and write it there")
    parser.add_argument("--cost-share", type=float, default=0.4, help="of what the strong tier alone would cost")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


if __name__ == "__main__":
    main()
