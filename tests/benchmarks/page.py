"""The page of all benchmarks, written from their JSON and from nothing else: every goal beside its figure.

It measures nothing, and leaves no miss out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .harness import RESULTS, at_most

PAGE = Path(__file__).with_name("BENCHMARKS.md")
ORDER = ("overshoot", "step", "fanout", "durable", "kill", "million", "imports")
"""What the page must hold; whatever else lies among the results follows."""
MARKS = {True: "met", False: "**missed**", None: "not measured"}
HEAD = """# What is measured, and what came out

Written by `python -m tests.benchmarks.page` from the JSON files in `tests/benchmarks/results/`; edit neither by hand.
`make bench` measures everything but the million steps, `make bench-million` those, `PEERS=1 make bench` the peers as
well, each in an environment of its own. Every benchmark is also a command of its own, `python -m
tests.benchmarks.NAME`, with `--quick` for small sizes. Ratios within one sitting are what counts: absolute times are of
one machine, which is named with each.
"""


def main() -> None:
    """Write the page, and say what was missed and what is missing."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.page", description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--out", type=Path, help="BENCHMARKS.md, or results/quick.md")
    parser.add_argument("--quick", action="store_true", help="from the results of quick runs, to see the form")
    chosen, _ = parser.parse_known_args()  # `make bench ARGS=…` gives every benchmark the same words
    found = read_results(chosen.results, quick=chosen.quick)
    out = chosen.out or (chosen.results / "quick.md" if chosen.quick else PAGE)
    out.write_text(page(found), encoding="utf-8")
    goals = [goal for one in found.values() for goal in one.get("goals", ())]
    missed = [
        f"{goal['what']}: {_figure(goal['figure'])}, goal {goal['goal']}" for goal in goals if goal["met"] is False
    ]
    missing = [name for name in ORDER if name not in found]
    lines = [f"{len(goals)} goals, {len(missed)} missed", *missed, *(f"no result of {name}" for name in missing)]
    sys.stderr.write("\n".join(lines) + "\n")


def read_results(folder: Path, *, quick: bool) -> dict[str, dict[str, Any]]:
    """Every result by the name of its file, in the order of the page."""
    files = {file.stem: file for file in sorted(folder.glob("*.json"))}
    chosen = {name.removesuffix("-quick"): file for name, file in files.items() if name.endswith("-quick") == quick}
    names = [*(name for name in ORDER if name in chosen), *(name for name in chosen if name not in ORDER)]
    return {name: _as_result(json.loads(chosen[name].read_text(encoding="utf-8")), name) for name in names}


def page(found: dict[str, dict[str, Any]]) -> str:
    """The whole page."""
    parts = [HEAD, "## Goals\n", *_goals(found)]
    for name, one in found.items():
        parts += [f"\n## {one['title']}\n", _origin(name, one), *(f"{note}\n" for note in one.get("notes", ()))]
        parts += [_table(table) for table in one.get("tables", ())]
    missing = [f"`{name}`" for name in ORDER if name not in found]
    if missing:
        parts.append(f"\n## Not measured yet\n\nThere is no result of {', '.join(missing)}.\n")
    return "\n".join(parts).rstrip() + "\n"


def _goals(found: dict[str, dict[str, Any]]) -> Iterator[str]:
    rows = [
        [goal["what"], goal["goal"], _figure(goal["figure"]), MARKS[goal["met"]], f"`{name}`", goal.get("note", "")]
        for name, one in found.items()
        for goal in one.get("goals", ())
    ]
    yield _grid(("what", "goal", "figure", "", "benchmark", "note"), rows)


def _origin(name: str, one: dict[str, Any]) -> str:
    """Where the figures come from: command, file, commit, machine."""
    machine, versions = one.get("machine", {}), one.get("versions", {})
    file = f"results/{name}{'-quick' if one.get('quick') else ''}.json"
    facts = [f"Command: `{one.get('command', 'unknown')}`; file: `{file}`"]
    if machine:
        load = f"load {machine['load_before']} before and {machine['load_after']} after"
        facts.append(
            f"{one['measured_at']}, commit {one['commit']}, {one['seconds']:g} s; {machine['cores']} of "
            f"{machine['cpu']}, {machine['memory_gib']} GiB, Python {machine['python']}, {load}; "
            + ", ".join(f"{package} {at}" for package, at in versions.items())
        )
    small = "**Small sizes: these figures show that it runs, nothing more.** " if one.get("quick") else ""
    return small + ". ".join(facts) + ".\n"


def _table(table: dict[str, Any]) -> str:
    note = f"\n{table['note']}\n" if table.get("note") else ""
    return f"### {table['title']}\n\n{_grid(table['columns'], table['rows'])}{note}"


def _grid(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join("| " + " | ".join(_cell(cell) for cell in line) + " |\n" for line in lines)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    text = _figure(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")


def _figure(value: float | None) -> str:
    """A figure as one reads it: whole where it is whole, four digits where it is not."""
    if value is None:
        return "–"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"


# results of other forms


def _as_result(plain: dict[str, Any], name: str) -> dict[str, Any]:
    """A result as the page takes it. Raises `KeyError` for a step result without its figures."""
    if "goals" in plain or "tables" in plain:
        return plain
    return {"title": f"`{name}`", **(_of_steps(plain) if plain.get("what") == "step" else _of_facts(plain))}


def _of_steps(plain: dict[str, Any]) -> dict[str, Any]:
    goals, rows = [], []
    for one in plain["results"]:
        what, ratio = f"{one['mode']}, {one['case']}", one["ratio"]
        rows.append([what, one["blocks"], one["step_us"]["p50"], one["predict_us"]["p50"], *ratio.values()])
        goals.append(at_most(f"CPU of a whole step / bare dspy.Predict, {what}", ratio["p50"], 1.15, unit="x"))
        if one["mode"] == "sync":
            goals.append(at_most(f"the same, second goal, {what}", ratio["p50"], 0.6, unit="x"))
    shares = [f"ratio {share}" for share in plain["results"][0]["ratio"]]
    columns = ["case", "blocks", "step µs", "Predict µs", *shares]
    return {
        "title": "Step: validated, metered, journaled, beside a bare dspy.Predict",
        "command": "python -m tests.benchmarks.step",
        "goals": [asdict(goal) for goal in goals],
        "tables": [{"title": "AgentFlow", "columns": columns, "rows": rows}],
    }


def _of_facts(plain: dict[str, Any]) -> dict[str, Any]:
    """Whatever stands at the top of a result of a form of its own."""
    rows = [[key, value] for key, value in plain.items() if isinstance(value, str | int | float)]
    return {"tables": [{"title": "Figures", "columns": ["what", "figure"], "rows": rows}]}


if __name__ == "__main__":
    main()
