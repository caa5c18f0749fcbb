"""A report for people, 60 to 100 columns wide. Plain text unless colours are asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import NamedTuple

from agentflow.report.answers import Rejection, Report, StepFacts, UnknownCall
from agentflow.report.figures import count_text, line_text, place_text, seconds_text, usd_text
from agentflow.usage import Amount

WIDTH = 100
INDENT = 13
"""Columns before the facts at the top."""
HEADS = ("tried", "accepted", "rejected", "escalated", "tokens in", "out", "cost", "p50", "p95")
NAME = 20
"""Columns that a tier's name needs at least; figures give way to it."""
GIVING_WAY = ("p95", "escalated", "p50", "out", "tokens in", "rejected")
"""Columns of the table that a narrow terminal does without, the least needed first."""
LISTED = 5
"""Unknown requests that are shown."""
CODES = {"": "", "bold": "1", "dim": "2", "red": "1;31", "green": "1;32", "yellow": "1;33", "cyan": "1;36"}
"""ANSI codes by style."""
STYLES = {"accepted": "green", "running": "cyan", "rejected": "yellow", "no_progress": "yellow"}
"""By status; everything else is red."""


class Line(NamedTuple):
    """One line of the report."""

    text: str = ""
    style: str = ""


NO_WORDS = {"no_answer": "nobody on the ladder had an answer"}
"""What is said for kinds of failure that have no feedback."""


def render(report: Report, *, colour: bool = False, width: int = WIDTH) -> str:
    """The whole report as text."""
    width = max(60, min(width, WIDTH))
    lines = [
        _head(report, width),
        *_top(report, width),
        *_table(report.steps, width),
        *_reasons(report.rejections, width),
        *_unknown(report.unknown_calls, width),
        *_ending(report, width),
    ]
    return "".join(f"{_painted(line) if colour else line.text}\n" for line in lines)


def _painted(line: Line) -> str:
    return f"\x1b[{CODES[line.style]}m{line.text}\x1b[0m" if line.style else line.text


def _head(report: Report, width: int) -> Line:
    text = f"Run {report.run}: {report.status}"
    return Line(f"{text}  {place_text(report.pipeline, width - len(text) - 2)}", STYLES.get(report.status, "red"))


def _top(report: Report, width: int) -> Iterator[Line]:
    for label, text in _facts(report):
        for place, line in enumerate(wrap(text, width - INDENT)):
            yield Line(f"  {'' if place else label:<{INDENT - 2}}{line}")


def _facts(report: Report) -> Iterator[tuple[str, str]]:
    started = report.started_at.replace("T", " ").replace("+00:00", " UTC")
    yield "started", f"{started or 'unknown'}, at work for {seconds_text(report.seconds)}"
    yield "steps", _statuses(report.outcomes) or "none finished"
    if report.labelled:
        yield "labelled", f"{report.labelled:,}; `agentflow eval validators {report.run}` measures by them"
    if report.policy:
        yield "policy", report.policy
    if report.agents:
        yield "agents", _statuses(report.agents)
    yield "spent", _spent(report)
    if report.unknown:
        yield "unknown", f"{_amount(report.unknown)} of that, charged in full: nobody knows whether it was billed"
    if report.over_bound:
        yield "over bound", f"{_amount(report.over_bound)}: a provider charged more than it had declared possible"
    if report.cost_per_accepted is not None:
        yield "per step", f"{usd_text(report.cost_per_accepted)} and {_tokens(report)} for each accepted one"
    if report.top_tier is not None:
        yield "top tier", _top_tier(report)
    if answered := _free_answers(report):
        yield "for free", answered


def _statuses(counts: Mapping[str, int]) -> str:
    return " · ".join(f"{count:,} {status}" for status, count in counts.items())


def _spent(report: Report) -> str:
    limits = report.budget
    parts = [
        usd_text(report.spent.usd) + (f" of {usd_text(limits.nano)}" if limits.nano is not None else ""),
        f"{report.spent.tokens:,}{f' of {limits.tokens:,}' if limits.tokens is not None else ''} tokens",
        f"{report.spent.calls:,}{f' of {limits.calls:,}' if limits.calls is not None else ''} calls",
    ]
    paid_by = f" (account {report.account})" if report.account else ""
    is_replay = report.calls.from_cassette > 0
    return " · ".join(parts) + paid_by + (" (as it was when it was recorded)" if is_replay else "")


def _amount(amount: Amount) -> str:
    return f"{usd_text(amount.usd)}, {amount.tokens:,} tokens, {amount.calls:,} call{'' if amount.calls == 1 else 's'}"


def _tokens(report: Report) -> str:
    return f"{report.tokens_per_accepted or 0:,} tokens"


def _top_tier(report: Report) -> str:
    estimate = report.top_tier
    assert estimate is not None
    covered = "" if estimate.covers == estimate.of else f", for {estimate.covers:,} of {estimate.of:,} accepted"
    return f"{estimate.tier} alone: about {_amount(estimate.amount)}{covered} ({estimate.how})"


def _free_answers(report: Report) -> str:
    parts = {
        "by functions": report.by_function,
        "replayed from the journal": report.replayed - report.calls.reused - report.calls.from_cassette,
        "reused from another run": report.calls.reused,
        "replayed from a cassette, nothing was paid": report.calls.from_cassette,
    }
    return " · ".join(f"{count:,} {what}" for what, count in parts.items() if count > 0)


def _table(steps: tuple[StepFacts, ...], width: int) -> Iterator[Line]:
    """A line for each step, and one for each of its tiers; names give way to figures."""
    rows = [row for step in steps for row in _rows(step)]
    if not rows:
        return
    table = [("", *HEADS), *(row for row in rows if len(row) > 1)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    shown = _fitting(widths, width)
    widths[0] = min(widths[0], width - sum(widths[place] + 2 for place in shown))
    yield Line()
    for row in [("", *HEADS), *rows]:
        if len(row) == 1:
            yield Line(line_text(row[0], width), "bold")
            continue
        label = row[0] if len(row[0]) <= widths[0] else row[0][: widths[0] - 1] + "…"
        figures = (row[place].rjust(widths[place]) for place in shown)
        yield Line("  ".join([label.ljust(widths[0]), *figures]), "" if row[0] else "dim")


def _fitting(widths: list[int], width: int) -> list[int]:
    """Places of the columns of figures that leave the name its room."""
    shown = list(range(1, len(widths)))
    for name in GIVING_WAY:
        if min(widths[0], NAME) + sum(widths[place] + 2 for place in shown) <= width:
            break
        shown.remove(HEADS.index(name) + 1)
    return shown


def _rows(step: StepFacts) -> Iterator[tuple[str, ...]]:
    yield (f"{step.step}: {_statuses(step.outcomes)}{' (serves other steps)' if step.is_nested else ''}",)
    for tier in step.tiers:
        tokens = ("-", "-", "-")
        if not tier.is_function:
            tokens = (count_text(tier.input_tokens), count_text(tier.output_tokens), usd_text(tier.spent.usd))
        counts = (f"{count:,}" for count in (tier.attempts, tier.accepted, tier.rejected, tier.escalated))
        yield (f"  {tier.tier}", *counts, *tokens, seconds_text(tier.p50), seconds_text(tier.p95))


def _reasons(rejections: tuple[Rejection, ...], width: int) -> Iterator[Line]:
    if rejections:
        yield Line()
        yield Line("Not accepted, and why", "bold")
    for rejection in rejections:
        status = "" if rejection.status == "rejected" else f" ({rejection.status})"
        reason = rejection.reason if rejection.reason != rejection.status else ""
        yield Line("  " + line_text(f"{rejection.count:,} × {rejection.step}{status} {reason}", width - 2))
        for example in rejection.examples:
            told = line_text(example.feedback or NO_WORDS.get(reason, example.path), 3 * width)
            yield from (Line(f"      {line}") for line in wrap(told, width - 6))
            if inputs := _shown(example.inputs):
                yield Line("        " + line_text(inputs, width - 8), "dim")


def _shown(inputs: str) -> str:
    """Such as `receipt: PEBBLEWICK GROCERS…`; a text that was cut is no JSON any more and is shown as it stands."""
    try:
        plain = json.loads(inputs)
    except ValueError:
        return re.sub(r'^\{"(\w+)": "?', r"\1: ", inputs).replace("\\n", " ")
    if not isinstance(plain, dict):
        return "" if plain is None else inputs
    return ", ".join(f"{name}: {value}" for name, value in plain.items())


def _unknown(calls: tuple[UnknownCall, ...], width: int) -> Iterator[Line]:
    if calls:
        yield Line()
        yield Line("Charged in full, for nobody knows whether it was billed", "bold")
    for call in calls[:LISTED]:
        why = f": {call.reason}" if call.reason else ""
        yield Line("  " + line_text(f"{_amount(call.spent)} {call.tier} {call.path}{why}", width - 2))
    if len(calls) > LISTED:
        yield Line(f"  and {len(calls) - LISTED:,} more; `agentflow report --json` lists them all", "dim")


def _ending(report: Report, width: int) -> Iterator[Line]:
    stop = report.stop
    if stop is None:
        return
    why = f"by the limit on {stop.limit_hit}" if stop.limit_hit else stop.feedback
    yield Line()
    head = "Incomplete" if report.status == "accepted" else f"Stopped: {report.status}"
    said = line_text(f"{head}{f', {why}' if why else ''}", 4 * width)
    yield from (Line(line, "bold") for line in wrap(said, width))
    if stop.advice:
        yield from (Line(f"  {line}") for line in wrap(f"{stop.advice[0].upper()}{stop.advice[1:]}.", width - 2))
    if stop.command:
        yield Line(f"    {stop.command}", "cyan")
