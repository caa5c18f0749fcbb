"""`agentflow eval validators`: how often validators are wrong, and what that means for a chain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from agentflow.cli.commands import COMMANDS, QUIET, PlainCommand
from agentflow.cli.options import Json, State, read_store, settings_for
from agentflow.cli.speech import columns, put, put_json
from agentflow.errors import ConfigurationError

if TYPE_CHECKING:
    from agentflow.calibration.judging import Judgement, Share, StepJudgement
    from agentflow.calibration.outcomes import Known
    from agentflow.settings import Settings

Runs = Annotated[list[str], typer.Argument(metavar="RUN...", help="Ids of runs, beginnings of them, or `last`.")]
OneStep = Annotated[str | None, typer.Option("--step", metavar="NAME", help="Only this step.")]

evaluate = typer.Typer(help=COMMANDS["eval"].help, no_args_is_help=True, **QUIET)


@evaluate.callback()
def group() -> None:
    """Measure validators on labelled outcomes."""


@evaluate.command("validators", cls=PlainCommand)
def validators(runs: Runs, step: OneStep = None, state: State = None, json: Json = False) -> None:
    """Count what validators let pass and turned away, right or wrong, on labelled outcomes.

    With exact 95 % intervals, beside accepting and rejecting everything, and with what a chain of 1, 10 and 100 such
    steps could be relied on if errors do not depend on each other.
    """
    from agentflow.calibration.judging import judge_validators  # heavy: brings the validators

    judged = judge_validators(read_known(settings_for(state), runs, step))
    if json:
        put_json("validators", {"steps": [asdict(each) for each in judged]})
    else:
        put("\n".join(line for each in judged for line in _lines(each)))


def read_known(settings: Settings, runs: list[str], step: str | None) -> list[Known]:
    """The finished steps of these runs, labelled ones among them. Raises `ConfigurationError` where there is none."""
    from agentflow.calibration.outcomes import known_outcomes

    with closing(read_store(settings)) as store:
        names = list(dict.fromkeys(store.run(run).run for run in runs))
        known = known_outcomes(store, names)
    found = [each for each in known if step in (None, each.step)]
    if not found and step is not None:
        steps = ", ".join(sorted({each.step for each in known})) or "none"
        raise ConfigurationError(f"these runs have finished no step {step!r}; they have {steps}")
    if not any(each.label for each in found):
        told = f"{len(found)} outcomes of {', '.join(names)}"
        raise ConfigurationError(f"none of the {told} is labelled; say what is right with `agentflow label`")
    return found


def _lines(judged: StepJudgement) -> Iterator[str]:
    yield f"{judged.step}: {judged.labelled:,} of {judged.outcomes:,} outcomes labelled"
    yield f"  right among accepted outcomes  {_share(judged.right)}"
    for chain in judged.chains:
        share = "unknown" if chain.reliability is None else f"{chain.reliability:.1%}"
        yield f"  a chain of {chain.length:<3} is right          {share} ({chain.low:.1%} to {chain.high:.1%})"
    for tier in judged.tiers:
        yield from _tier(tier)


def _tier(judged: Judgement) -> Iterator[str]:
    unknown = f", {judged.unknown:,} unknown" if judged.unknown else ""
    yield f"  {judged.tier}: {judged.n:,} attempts judged by labels{unknown}"
    named = (
        ("wrong among accepted", judged.false_accepts),
        ("right ones rejected", judged.false_rejects),
        ("wrong ones caught", judged.caught),
        ("decided well", judged.decided_well),
        ("  had all been accepted", judged.accept_all),
        ("  had all been rejected", judged.reject_all),
    )
    for name, share in named:
        yield f"    {name:27}  {_share(share)}"
    if judged.rejections:
        rows: list[tuple[str, ...]] = [("rejected by", "right", "wrong", "unknown")]
        rows += [(each.kind, f"{each.right:,}", f"{each.wrong:,}", f"{each.unknown:,}") for each in judged.rejections]
        yield from (f"    {line}" for line in columns(rows).splitlines())


def _share(share: Share) -> str:
    if share.share is None:
        return "none"
    return f"{share.share:6.1%} ({share.low:.1%} to {share.high:.1%}), {share.count:,} of {share.of:,}"
