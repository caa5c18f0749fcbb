"""How well the receipts pipeline reads labelled receipts, by field, tier and validator; and thresholds fitted on them.

    python -m tests.benchmarks.receipts FILE [--json] [--functions on|off|both] [--half calibration|test|all]
                                             [--models nano-s,nano-m] [--against RESULT] [--ungated | --gate GATE]
                                             [--limit N] [--out FILE] [--fit GATE [--target 0.9]]

FILE holds one JSON object per line, gzipped or not: `id`, `lines` (or `text`), and in `key`, or beside them, the true
`company`, `date`, `total` and where known `subtotal` and `tax`. The pipeline never sees the truth.

How values are compared: a company without regard to case, spaces and punctuation; a date as a day, the true one being
read day before month unless its year comes first; an amount as a number without its currency. A field without a truth,
or with one that means nothing, is left out of that field's n and counted in `without_truth`; what the pipeline accepts
there all the same is counted in `accepted_without_truth`. A whole record is right when company, date and total are.

`--half` picks receipts by a hash of their ids, see `agentflow.thresholds.half_of`. `--functions off` asks the models
alone, `--models` only some of them. `--fit` lets each model read the calibration half alone, and writes the thresholds
of confidence that its answers support; they hold for those weights and no others. `--against` compares whole records
and tokens weighted by the size of the model with an earlier result on the same receipts, by a paired bootstrap:

    python -m agentflow.nano.train.generate --split unseen --seed 8000000 --count 300 --jsonl > unseen.jsonl
    python -m tests.benchmarks.receipts unseen.jsonl --functions off --models nano-m --json --out alone.json
    python -m tests.benchmarks.receipts unseen.jsonl --functions off --models nano-s,nano-m --against alone.json

`--json` prints, with shares as {count, of, share, low, high} and 95 % intervals of Clopper and Pearson:

    version, file, half, n, readings
    against.on|off: n, right (difference) and weighted_tokens (ratio) as {value, low, high}, seconds (ratio)
    readings.on|off: seconds, fields, records, tiers, validators, unvalidated, cost_per_right_record, by_record
      fields.F: n, without_truth, accepted_without_truth, right, accepted, right_among_accepted, rejected
      records: n, right, accepted, right_among_accepted
      tiers.T.F: is_function, attempts, accepted, right_among_accepted, tokens, usd, seconds
      validators.F: false_accepts (of wrong answers), false_rejects (of right answers), receipts_lost, by_kind
      unvalidated.F: right, right_among_answered, of the first answer given, as if nothing judged it
      cost_per_right_record: usd, tokens, seconds

Nothing is written but what `--out` and `--fit` name. Progress goes to stderr.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from agentflow.errors import AgentFlowError, ConfigurationError
from agentflow.nano import NAMES

from .receipt_figures import figures_of
from .receipt_gate import gate_of
from .receipt_ladders import against
from .receipt_runs import readers, reading_of, receipts
from .receipt_truth import Half, Labelled, fingerprint, read_labelled

VERSION = 1
MODES = {"on": (True,), "off": (False,), "both": (True, False)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, or fit, and say what came out. Ends with 2 and one line where the file or an option is not usable."""
    options = _parser().parse_args(arguments)
    try:
        said = _fitted(options) if options.fit else _measured(options)
        if options.out:
            options.out.write_text(said, encoding="utf-8")
    except (AgentFlowError, OSError) as error:
        _refuse(str(error))
    sys.stdout.write(said)


def _measured(options: argparse.Namespace) -> str:
    rows = _rows(options.file, options.half, options.limit)
    readings = {}
    for functions in MODES[options.functions]:
        name = "on" if functions else "off"
        chosen = readers(functions=functions, models=options.models, gate=_gate(options))
        readings[name] = figures_of(rows, reading_of(rows, chosen, _teller(f"functions {name}")))
    told = {"version": VERSION, "file": options.file.name, "half": options.half, "n": len(rows), "readings": readings}
    if options.against:
        other = _told(options.against)
        told["against"] = {name: against(readings[name], other[name]) for name in readings if name in other}
    return json.dumps(told, indent=2) + "\n" if options.json else table(told)


def _gate(options: argparse.Namespace) -> Path | None:
    """Whose thresholds count; None: nobody's."""
    if options.gate and not options.gate.is_file():
        _refuse(f"{options.gate} is no file; make one with --fit")
    return None if options.ungated else options.gate or receipts.GATE


def _fitted(options: argparse.Namespace) -> str:
    """The gate that the calibration half supports, written to its file and said."""
    rows = _rows(options.file, "calibration", options.limit)
    gate = gate_of(rows, target=options.target, source=fingerprint(options.file), tell=_teller("fitting"))
    options.fit.write_text(gate.to_json(), encoding="utf-8")
    return gate.to_json()


def _rows(file: Path, half: Half, limit: int | None) -> list[Labelled]:
    rows = read_labelled(file, half, limit)
    if not rows:
        _refuse(f"{file} has no receipt in the half {half!r}")
    return rows


def _told(file: Path) -> dict[str, Any]:
    """The readings of an earlier result."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        return {name: reading for name, reading in told["readings"].items() if "by_record" in reading}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{file} is no result of this benchmark; make one with --json --out") from error


def table(told: dict[str, Any]) -> str:
    """The same for people."""
    rows = [f"{told['file']}: {told['n']} receipts, half {told['half']}"]
    for name, figures in told["readings"].items():
        cost = figures["cost_per_right_record"]
        rows += ["", f"function tiers {name}, {figures['seconds']:.0f} s", _header("", "n", *_COLUMNS)]
        named = {**figures["fields"], "whole record": figures["records"]}
        rows += [_header(field, each["n"], *(_percent(each[key]) for key in _KEYS)) for field, each in named.items()]
        rows += [f"per right record: ${cost['usd'] or 0:g}, {cost['tokens']} tokens, {cost['seconds']} s"]
        rows += _tier_rows(figures["tiers"]) + _validator_rows(figures)
    compared = told.get("against", {})
    rows += [f"against the other, functions {name}: {_compared(each)}" for name, each in compared.items()]
    return "\n".join(rows) + "\n"


def _compared(told: dict[str, Any]) -> str:
    """What one ladder gains over the other, in words."""
    points = {key: f"{100 * value:+.1f}" for key, value in told["right"].items()}
    said = f"{points['value']} points [{points['low']}, {points['high']}] of whole records"
    if (tokens := told["weighted_tokens"]) is not None:
        said += f" at {tokens['value']:.2f} [{tokens['low']:.2f}, {tokens['high']:.2f}] of its weighted tokens"
    return f"{said} and {told['seconds']:.2f} of its seconds"


_COLUMNS = ("right of all", "accepted", "right among accepted")
_KEYS = ("right", "accepted", "right_among_accepted")


def _tier_rows(tiers: dict[str, Any]) -> list[str]:
    rows = [_header("tier and field", "tries", "accepted", "tokens", "right among accepted")]
    for tier, fields in tiers.items():
        for field, each in fields.items():
            named = f"  {tier} {field}"
            right = _percent(each["right_among_accepted"])
            rows.append(_header(named, each["attempts"], str(each["accepted"]), f"{each['tokens']:,}", right))
    return rows


def _validator_rows(figures: dict[str, Any]) -> list[str]:
    rows = [_header("validators of", "", "false accepts", "false rejects", "right without them")]
    for field, each in figures["validators"].items():
        unjudged = _percent(figures["unvalidated"][field]["right"])
        rows.append(
            _header(f"  {field}", "", _percent(each["false_accepts"]), _percent(each["false_rejects"]), unjudged)
        )
        kinds = ", ".join(f"{kind} {of['rejected']} ({of['right']} right)" for kind, of in each["by_kind"].items())
        rows += [f"    rejected: {kinds}"] if kinds else []
    return rows


def _header(name: str, count: object, *cells: str) -> str:
    return f"{name:<34}{count!s:>6}" + "".join(f"{cell:>30}" for cell in cells)


def _percent(each: dict[str, Any]) -> str:
    if each["share"] is None:
        return "-"
    return f"{each['count']}/{each['of']} {each['share']:.1%} [{each['low']:.1%}, {each['high']:.1%}]"


def _teller(what: str) -> Any:
    return lambda said: sys.stderr.write(f"{what}: {said}\n")


def _refuse(why: str) -> NoReturn:
    sys.stderr.write(f"{why}\n")
    raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.receipts",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, help="labelled receipts, one JSON object per line, gzipped or not")
    parser.add_argument("--json", action="store_true", help="print JSON rather than a table")
    parser.add_argument("--functions", choices=MODES, default="both", help="with function tiers, without them, or both")
    parser.add_argument(
        "--models", type=_models, default=(), help="only these of the small models, such as nano-s,nano-m"
    )
    parser.add_argument("--against", type=Path, metavar="RESULT", help="compare with an earlier result of --json --out")
    parser.add_argument("--half", choices=("calibration", "test", "all"), default="all", help="receipts by hash of id")
    parser.add_argument("--limit", type=_positive, help="read only the first N receipts")
    parser.add_argument("--out", type=Path, help="write what is printed to this file as well")
    parser.add_argument("--ungated", action="store_true", help="leave the gate of confidence out")
    parser.add_argument("--gate", type=Path, help="take the thresholds in this file rather than the pipeline's")
    parser.add_argument("--fit", type=Path, metavar="GATE", help="fit thresholds and write them to this file")
    parser.add_argument("--target", type=_share, default=0.9, help="share of accepted answers to be right, for --fit")
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of receipts")
    return int(text)


def _models(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if not set(names) <= set(NAMES) or len(set(names)) < len(names):
        raise argparse.ArgumentTypeError(f"{text!r} names other models than {','.join(NAMES)}")
    return names


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share between 0 and 1, such as 0.9")
    return value


if __name__ == "__main__":
    main()
