"""`agentflow run` and `agentflow resume`: the one file of the command line that knows how runs are started."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import TyperException

from agentflow.attempt import Outcome
from agentflow.budget import Budget
from agentflow.cli.exits import Exit
from agentflow.cli.options import Json, State, settings_of
from agentflow.cli.sitting import Mode, Sitting, refuse, sit
from agentflow.cli.speech import columns, put, put_json, say
from agentflow.errors import ConfigurationError
from agentflow.ladder import Ladder
from agentflow.report.figures import usd_text
from agentflow.settings import Settings, likely_state
from agentflow.sources import LIMITS, Table

if TYPE_CHECKING:
    from agentflow.options import RunOptions

Usd = Annotated[str | None, typer.Option(help="Most money to spend, in USD.")]
Tokens = Annotated[int | None, typer.Option(help="Most tokens, input and output together.")]
Calls = Annotated[int | None, typer.Option(help="Most requests, failed ones included.")]
Seconds = Annotated[float | None, typer.Option(help="Most seconds at work, over all sittings.")]
MaxLive = Annotated[int | None, typer.Option(help="Most agents at work at the same time.")]
NoBudget = Annotated[bool, typer.Option("--no-budget", help="Run without a limit on money or tokens.")]
LadderNames = Annotated[str | None, typer.Option("--ladder", help="Models, cheap to strong, with commas between.")]
AccountName = Annotated[str | None, typer.Option("--account", help="The standing account that pays.")]
Record = Annotated[Path | None, typer.Option(metavar="FILE", help="Write every answer on a cassette, a new file.")]
Append = Annotated[bool, typer.Option("--append", help="Let --record add to a cassette that exists.")]
Replay = Annotated[Path | None, typer.Option(metavar="FILE", help="Answer from a cassette: no network, key or cost.")]
Reuse = Annotated[str | None, typer.Option(metavar="RUN", help="Answer from what another run has paid for.")]
PolicyFile = Annotated[Path | None, typer.Option("--policy", help="Climb ladders as `agentflow calibrate` found.")]
Strict = Annotated[bool, typer.Option("--strict", help="One rejected step makes the run rejected.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the worst case per step; spend nothing.")]
Jsonl = Annotated[bool, typer.Option("--jsonl", help="Every event as a line of JSON on stdout, the result last.")]
Durability = Annotated[str | None, typer.Option(help="What acknowledged work survives: `process` or `power` loss.")]


@dataclass(frozen=True, slots=True)
class Answers:
    """Where answers come from and go to, beside the tiers and the journal."""

    reuse: str | None = None
    record: Path | None = None
    append: bool = False
    replay: Path | None = None

    def refuse_nonsense(self, account: str | None) -> None:
        """Raise `TyperException` for options that exclude each other."""
        others = {"--record": self.record, "--reuse": self.reuse, "--account": account}
        beside = next((name for name, value in others.items() if value is not None), "")
        if self.replay is not None and beside:
            raise TyperException(f"--replay answers everything and pays nothing, so there is no use for {beside}")
        if self.append and self.record is None:
            raise TyperException("--append says how --record treats a cassette that exists; give --record FILE too")


NO_ANSWERS = Answers()


def run(
    pipeline: Annotated[str, typer.Argument(metavar="PIPELINE[:FUNCTION]", help="A Python file with a @pipeline.")],
    arguments: Annotated[list[str] | None, typer.Argument(metavar="ARGUMENTS", help="What the pipeline takes.")] = None,
    usd: Usd = None,
    tokens: Tokens = None,
    calls: Calls = None,
    seconds: Seconds = None,
    max_live: MaxLive = None,
    no_budget: NoBudget = False,
    ladder: LadderNames = None,
    account: AccountName = None,
    reuse: Reuse = None,
    record: Record = None,
    append: Append = False,
    replay: Replay = None,
    policy: PolicyFile = None,
    strict: Strict = False,
    dry_run: DryRun = False,
    json: Json = False,
    jsonl: Jsonl = False,
    state: State = None,
    durability: Durability = None,
) -> None:
    """Run a pipeline under a budget, to its end, and say how it ended.

    ARGUMENTS are taken in order, or by name as name=value; what is not declared a text is read as JSON.
    What the pipeline returns is printed on stdout; progress, its own prints and the report go to stderr.

    --record writes what every tier answers on FILE, which must be new, or with --append a cassette that is added to; no
    secret of the environment is on it. --replay answers every tier from FILE: nothing is asked or paid, budgets count
    as they did, and a request that is not on it ends the run with exit code 3 and the nearest one that is.

    --json prints one object instead: schema, kind, run, pipeline, status, exit_code, error, value, partial, kept, usd,
    spent, unknown, over_bound, from_cassette, budget, steps, agents, limit_hit, feedback, resume. Null means unknown.
    The same is kept as result.json in the folder of the journal, and there in runs/RUN. With --jsonl it is the last
    line, after an object of kind "event" for each thing that happened.

    Exit codes: 0 accepted, 1 rejected, 2 usage, 3 configuration, 4 budget, 5 provider, 7 no progress, 70 internal,
    75 try later, 130 interrupted, 143 terminated.
    """
    limits = {"usd": usd, "tokens": tokens, "calls": calls, "seconds": seconds, "live": max_live}
    flags = {"ladder": ladder, "account": account, "strict": strict or None, "state": state, "durability": durability}
    spoken, mode = {"budget": limits, **flags}, _mode(json=json, jsonl=jsonl)
    if dry_run:
        raise typer.Exit(print_worst_case(pipeline, arguments or [], settings_of(spoken), as_json=json))
    answers = Answers(reuse, record, append, replay)
    answers.refuse_nonsense(account)
    settings = _settings_or_leave(spoken, mode)

    def begin(sitting: Sitting) -> Outcome:
        options = _options(settings, sitting, answers=answers, policy=policy, no_budget=no_budget)
        return start_run(pipeline, arguments or [], options)

    raise typer.Exit(sit(begin, settings, mode))


def resume(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Its id, the beginning of it, or `last`.")] = "last",
    usd: Usd = None,
    tokens: Tokens = None,
    calls: Calls = None,
    seconds: Seconds = None,
    max_live: MaxLive = None,
    no_budget: NoBudget = False,
    ladder: LadderNames = None,
    account: AccountName = None,
    strict: Strict = False,
    expect_replay: Annotated[
        float | None, typer.Option(help="Fail when a smaller share of the calls is found in the journal, 0 to 1.")
    ] = None,
    json: Json = False,
    jsonl: Jsonl = False,
    state: State = None,
    durability: Durability = None,
) -> None:
    """Go on with a run where it stopped.

    Limits given here replace the ones it had; what was answered is not asked again.
    """
    limits = {"usd": usd, "tokens": tokens, "calls": calls, "seconds": seconds, "live": max_live}
    flags = {"ladder": ladder, "account": account, "strict": strict or None, "state": state, "durability": durability}
    mode = _mode(json=json, jsonl=jsonl)
    settings = _settings_or_leave({"budget": limits, **flags}, mode)

    def begin(sitting: Sitting) -> Outcome:
        return resume_run(run, settings, sitting, expect_replay=expect_replay, no_budget=no_budget)

    raise typer.Exit(sit(begin, settings, mode))


def start_run(reference: str, arguments: list[str], options: RunOptions) -> Outcome:
    """Load the pipeline and run it to its end."""
    from agentflow.declare import load_pipeline  # heavy: brings DSPy
    from agentflow.runs import start

    pipeline = load_pipeline(reference)
    call = pipeline.bind(pipeline.parse_arguments(arguments))
    return start(call, options)


def resume_run(
    run: str, settings: Settings, sitting: Sitting, *, expect_replay: float | None, no_budget: bool
) -> Outcome:
    """Go on with a run of the journal."""
    from agentflow.runs import resume  # heavy: brings DSPy

    spoken = settings.ladder if settings.origins.get("ladder") == "flag" else ()  # else the ladder it started with
    raised = replace(settings, budget=_spoken(settings), ladder=spoken)
    return resume(run, _options(raised, sitting, expect_replay=expect_replay, no_budget=no_budget))


def print_worst_case(reference: str, arguments: list[str], settings: Settings, *, as_json: bool) -> Exit:
    """What each step may cost at most on each tier."""
    from agentflow.declare import load_pipeline  # heavy: brings DSPy
    from agentflow.estimate import worst_case

    pipeline = load_pipeline(reference)
    call = pipeline.bind(pipeline.parse_arguments(arguments))
    cases = worst_case(call, _options(settings))
    if as_json:
        names = ("step", "tier", "input_bound", "max_tokens", "usd")
        put_json("worst_case", {"cases": [{name: getattr(case, name) for name in names} for case in cases]})
        return Exit.ACCEPTED
    rows: list[tuple[str, ...]] = [("step", "tier", "input tokens", "output tokens", "cost at most")]
    rows += [(c.step, c.tier, f"{c.input_bound:,}", f"{c.max_tokens:,}", usd_text(c.usd)) for c in cases]
    put(columns(rows) if cases else "no step can be seen from here that asks a model")
    say("once, for the largest input among the arguments; a run reserves what each request really needs, in its budget")
    return Exit.ACCEPTED


def _settings_or_leave(flags: Table, mode: Mode) -> Settings:
    """The settings; where they make no sense, the command ends here, with a `result.json`."""
    try:
        return settings_of(flags)
    except ConfigurationError as error:
        raise typer.Exit(refuse(error, likely_state(flags), mode)) from error


def _options(
    settings: Settings,
    sitting: Sitting | None = None,
    *,
    answers: Answers = NO_ANSWERS,
    policy: Path | None = None,
    no_budget: bool = False,
    expect_replay: float | None = None,
) -> RunOptions:
    from agentflow.options import RunOptions

    return RunOptions(
        ladder=Ladder(*settings.ladder) if settings.ladder else None,
        budget=settings.budget,
        account=settings.account if answers.replay is None else None,
        reuse=answers.reuse,
        record=answers.record,
        append=answers.append,
        replay=answers.replay,
        policy=policy,
        strict=settings.strict,
        no_budget=no_budget,
        durability=settings.durability,
        state=settings.state,
        on_event=sitting.note if sitting else None,
        stop=sitting.stop if sitting else None,
        expect_replay=expect_replay,
    )


def _spoken(settings: Settings) -> Budget | None:
    """The limits given on this command line, narrowed where the project says so; what the run had stays otherwise."""
    given = {
        limit: getattr(settings.budget, limit)
        for limit in LIMITS
        if settings.origins.get(f"budget.{limit}", "").endswith(("flag", "(narrows flag)"))
    }
    return Budget(**given) if given else None


def _mode(*, json: bool, jsonl: bool) -> Mode:
    return "jsonl" if jsonl else "json" if json else "text"
