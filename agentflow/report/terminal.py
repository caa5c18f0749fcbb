"""A report for people, at most 100 columns wide. Plain text unless colours are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import StringIO
from typing import TYPE_CHECKING, Any

from agentflow.report.answers import Rejection, Report, StepFacts, TierFacts
from agentflow.report.figures import count_text, line_text, seconds_text, usd_text
from agentflow.usage import Amount

if TYPE_CHECKING:
    from rich.table import Table

WIDTH = 100
STYLES = {"accepted": "bold green", "running": "bold cyan", "rejected": "bold yellow", "no_progress": "bold yellow"}
"""By status; everything else is red."""
COLUMNS = ("step", "tier", "tried", "accepted", "rejected", "escalated", "tokens in", "out", "cost", "p50", "p95")


def render(report: Report, *, colour: bool = False, width: int = WIDTH) -> str:
    """The whole report as text."""
    from rich.console import Console  # heavy: only loaded to show a report
    from rich.text import Text

    width = max(60, min(width, WIDTH))
    out = StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    head = Text(f"Run {report.run}  ", style="bold").append(report.status, STYLES.get(report.status, "bold red"))
    console.print(head.append(f"  {line_text(report.pipeline, width // 2)}", "dim"), overflow="ellipsis", no_wrap=True)
    for label, text in _facts(report):
        console.print(Text(f"  {label:<11}", style="dim").append(text, "none"), soft_wrap=False)
    if report.steps:
        console.print()
        console.print(_table(report.steps))
    for line, style in [*_reasons(report.rejections, width), *_ending(report, width)]:
        console.print(Text(line, style=style), soft_wrap=line.lstrip().startswith("agentflow "))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _facts(report: Report) -> Iterator[tuple[str, str]]:
    yield "started", f"{report.started_at or 'unknown'}, at work for {seconds_text(report.seconds)}"
    yield "steps", _statuses(report.outcomes) or "none finished"
    if report.agents:
        yield "agents", _statuses(report.agents)
    yield "spent", _spent(report)
    if report.unknown:
        yield "unknown", f"{_amount(report.unknown)} of it: nobody knows whether it was billed"
    if report.over_bound:
        yield "over bound", f"{_amount(report.over_bound)}: a provider charged more than it had declared possible"
    if report.cost_per_accepted is not None:
        yield "per step", f"{usd_text(report.cost_per_accepted)} and {_tokens(report)} for each accepted one"
    if report.top_tier is not None:
        yield "top tier", _top_tier(report)
    if answered := _free_answers(report):
        yield "free", answered


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
    return " · ".join(parts) + paid_by


def _amount(amount: Amount) -> str:
    return f"{usd_text(amount.usd)}, {amount.tokens:,} tokens, {amount.calls:,} calls"


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
        "replayed from the journal": report.replayed - report.calls.reused,
        "reused from another run": report.calls.reused,
    }
    return " · ".join(f"{count:,} {what}" for what, count in parts.items() if count > 0)


def _table(steps: tuple[StepFacts, ...]) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", pad_edge=False)
    for column in COLUMNS:
        is_name = column in ("step", "tier")
        table.add_column(
            column,
            justify="left" if is_name else "right",
            no_wrap=True,
            overflow="ellipsis",
            max_width=20 if is_name else None,
        )
    for step in steps:
        for place, tier in enumerate(step.tiers):
            table.add_row(step.step if place == 0 else "", *_row(tier))
    return table


def _row(tier: TierFacts) -> list[Any]:
    tokens = ["-", "-", "-"]
    if not tier.is_function:
        tokens = [count_text(tier.input_tokens), count_text(tier.output_tokens), usd_text(tier.spent.usd)]
    counts = (tier.attempts, tier.accepted, tier.rejected, tier.escalated)
    return [tier.tier, *(f"{count:,}" for count in counts), *tokens, seconds_text(tier.p50), seconds_text(tier.p95)]


def _reasons(rejections: tuple[Rejection, ...], width: int) -> Iterator[tuple[str, str]]:
    if rejections:
        yield "", ""
        yield "Not accepted, and why", "bold"
    for rejection in rejections:
        status = "" if rejection.status == "rejected" else f" ({rejection.status})"
        reason = rejection.reason if rejection.reason != rejection.status else ""
        yield line_text(f"  {rejection.count:,} × {rejection.step}{status} {reason}", width), "none"
        for example in rejection.examples:
            yield "    " + line_text(f"{example.feedback or example.path}  {_shown(example.inputs)}", width - 4), "dim"


def _shown(inputs: str) -> str:
    return "" if inputs in ("null", "{}", "") else inputs


def _ending(report: Report, width: int) -> Iterator[tuple[str, str]]:
    stop = report.stop
    if stop is None:
        return
    why = f"by the limit on {stop.limit_hit}" if stop.limit_hit else stop.feedback
    yield "", ""
    yield line_text(f"Stopped: {report.status}{f', {why}' if why else ''}", width), "bold"
    if stop.advice:
        yield f"  {stop.advice[0].upper()}{stop.advice[1:]}.", "none"
    if stop.command:
        yield f"    {stop.command}", "bold cyan"
