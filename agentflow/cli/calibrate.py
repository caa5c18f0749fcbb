"""`agentflow calibrate`: a policy from labelled outcomes, or the reason why they support none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentflow.cli.evaluate import OneStep, Runs, read_known
from agentflow.cli.exits import Exit
from agentflow.cli.options import Json, State, settings_for
from agentflow.cli.speech import put, put_json, say
from agentflow.errors import ConfigurationError
from agentflow.report.figures import usd_text

if TYPE_CHECKING:
    from agentflow.calibration.fitting import Fitted
    from agentflow.policies import Figures, Plan


Out = Annotated[Path | None, typer.Option("--out", metavar="POLICY", help="Where to write it, instead of stdout.")]


def calibrate(
    runs: Runs,
    target: Annotated[float, typer.Option(help="The share of believed answers that shall be right, on every tier.")],
    confidence: Annotated[float, typer.Option(help="How sure that shall be.")] = 0.95,
    least_answered: Annotated[
        float, typer.Option(help="The share of attainable answers that a cheaper plan must still give.")
    ] = 0.98,
    step: OneStep = None,
    out: Out = None,
    state: State = None,
    json: Json = False,
) -> None:
    """Learn whom to ask and when to believe, from labelled outcomes.

    Half of the inputs are a test that chooses nothing; on the others plans are chosen and proven. A plan is an order of
    some tiers with a threshold on one evidence each: the cheapest for a right answer of those that can be proven. What
    a tier was never asked counts as wrong, so label runs of every tier: `agentflow run … --ladder TIER`, one by one.

    Exit code 1: the labels support no policy, and nothing is written. Use it with `agentflow run … --policy POLICY`.
    """
    from agentflow.calibration.fitting import Terms, fit, policy_of  # heavy: brings the validators

    terms = Terms(target, confidence, least_answered)
    known = read_known(settings_for(state), runs, step)
    fitted = fit(known, terms)
    policy = policy_of(fitted, known, terms)
    if json:
        plain = {"policy": str(out) if policy and out else None, "steps": [asdict(each) for each in fitted]}
        put_json("calibration", plain | {"checksum": policy.checksum if policy else None})
    for each in fitted:
        for line in _lines(each):
            say(line)
    if policy is None:
        say("no policy was written: the labels do not support the target for every step (--step chooses one)")
        raise typer.Exit(Exit.REJECTED)
    if out is not None:
        _write(out, policy.to_json())
    elif not json:
        put(policy.to_json())


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise ConfigurationError(f"the policy cannot be written to {path}: {error}") from error


def _lines(fitted: Fitted) -> Iterator[str]:
    yield f"{fitted.step}: {fitted.cases:,} inputs with known truth"
    if fitted.plan is None:
        yield f"  {fitted.why_not}"
        return
    yield from _rungs(fitted.plan)
    yield f"  on the test half   {_figures(fitted.plan.test)}"
    yield f"  without a policy   {_figures(fitted.static)}"


def _rungs(plan: Plan) -> Iterator[str]:
    for rung in plan.rungs:
        rule = "whenever validators accept" if rung.evidence is None else f"from {rung.evidence} {rung.threshold:.3f}"
        proof = f"{rung.right:,} of {rung.n:,} right, so at least {rung.precision:.1%}"
        yield f"  ask {rung.tier}, believe it {rule}: {proof}; {usd_text(rung.usd)} each"
    if plan.skipped:
        yield f"  skip {', '.join(plan.skipped)}"


def _figures(figures: Figures) -> str:
    n = figures.believed + figures.unseen
    share = f"{figures.right / n:.1%}" if n else "none"
    each = figures.usd_per_right
    cost = f", {usd_text(round(each))} for a right one" if each is not None else ""
    unseen = f", {figures.unseen:,} unseen" if figures.unseen else ""
    right = f"{share} right ({figures.low:.1%} to {figures.high:.1%}) of {n:,} believed"
    return f"{right}, {figures.n:,} inputs{unseen}{cost}"
