"""From a journal to a report: grouping and counting, nothing else."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from agentflow.budget import Budget
from agentflow.events import AgentFinished
from agentflow.redact import Redactor
from agentflow.report.answers import Calls, Example, Rejection, Report, StepFacts, TierFacts, UnknownCall
from agentflow.report.status import status_of
from agentflow.report.top_tier import estimate_top_tier
from agentflow.report.way_on import way_on
from agentflow.report.work import UNFINISHED, Try, Work, gather, step_name, total
from agentflow.store import CallRow, Store

EXAMPLES = 3
"""Outcomes shown for each reason."""
QUIET = ("accepted", "cancelled", "budget_exhausted")
"""Endings of agents that the report explains elsewhere."""
SHOWN_INPUTS = 400
"""Characters of an example's inputs."""


def summarise(store: Store, run_id: str, redactor: Redactor | None = None) -> Report:
    """What the journal says about a run: its id, an unambiguous prefix of it, or `last`. Raises `UnknownRun`."""
    redactor = redactor or Redactor.of_environment()
    row = store.run(run_id)
    works = gather(store, row.run)
    totals = store.totals(row.run)
    outcomes = _counted(work.status for work in works if not work.is_nested)
    ended = store.agents(row.run)
    agents = _counted(agent.status for agent in ended)
    accepted = outcomes.get("accepted", 0)
    tries = [attempt for work in works for attempt in work.tries]
    calls = store.calls(row.run)
    return Report(
        run=row.run,
        pipeline=row.pipeline,
        status=status_of(row),
        started_at=row.started_at,
        seconds=row.seconds,
        budget=Budget.from_json(row.budget),
        account=row.account,
        spent=totals.spent,
        unknown=totals.unknown,
        over_bound=totals.over_bound,
        outcomes=outcomes,
        labelled=len(store.labels(row.run)),
        policy=str(json.loads(row.policy)["checksum"])[:12] if row.policy else "",
        agents=agents,
        steps=_steps(works),
        rejections=(*_rejections(works, redactor), *_failures(works, ended, redactor)),
        cost_per_accepted=-(-totals.spent.usd // accepted) if accepted else None,
        tokens_per_accepted=-(-totals.spent.tokens // accepted) if accepted else None,
        top_tier=estimate_top_tier(row, works),
        calls=_calls(calls),
        replayed=sum(attempt.replayed for attempt in tries),
        by_function=sum(attempt.by_function and attempt.accepted for attempt in tries),
        unknown_calls=_unknown(calls, redactor),
        kept={name: redactor.text(value) for name, value in store.kept(row.run).items()},
        stop=way_on(row, redactor, spent=totals.spent, starved=agents.get("budget_exhausted", 0)),
    )


def _counted(statuses: Iterable[str]) -> dict[str, int]:
    """How often each, most frequent first."""
    return dict(Counter(statuses).most_common())


def _steps(works: list[Work]) -> tuple[StepFacts, ...]:
    by_step: dict[str, list[Work]] = defaultdict(list)
    for work in works:
        by_step[work.step].append(work)
    return tuple(_step(step, group) for step, group in by_step.items())


def _step(step: str, works: list[Work]) -> StepFacts:
    tiers = list(dict.fromkeys(tier for work in works for tier in work.tiers))
    facts = tuple(_tier(tier, works) for tier in tiers)
    return StepFacts(
        step=step,
        outcomes=_counted(work.status for work in works),
        spent=total(tier.spent for tier in facts),
        tiers=facts,
        is_nested=all(work.is_nested for work in works),
    )


def _tier(tier: str, works: list[Work]) -> TierFacts:
    tries = [attempt for work in works for attempt in work.tries if attempt.tier == tier]
    seconds = sorted(attempt.seconds for attempt in tries if not attempt.replayed)
    sure = sorted(attempt.confidence for attempt in tries if attempt.confidence is not None)
    tokens = [work.tokens_of(tier) for work in works]
    accepted = sum(attempt.accepted for attempt in tries)
    return TierFacts(
        tier=tier,
        attempts=len(tries),
        accepted=accepted,
        rejected=len(tries) - accepted,
        escalated=sum(_went_on(tier, work.tries) for work in works),
        replayed=sum(attempt.replayed for attempt in tries),
        is_function=bool(tries) and all(attempt.by_function for attempt in tries),
        input_tokens=sum(read for read, _ in tokens),
        output_tokens=sum(written for _, written in tokens),
        spent=total(work.spent_on(tier) for work in works),
        p50=_percentile(seconds, 50),
        p95=_percentile(seconds, 95),
        confidence=_percentile(sure, 50),
        reasons=_counted(attempt.kind or "unnamed" for attempt in tries if not attempt.accepted),
    )


def _went_on(tier: str, tries: tuple[Try, ...]) -> bool:
    """Whether the step left *tier* without an answer and tried another."""
    places = [place for place, attempt in enumerate(tries) if attempt.tier == tier]
    return bool(places) and not tries[places[-1]].accepted and places[-1] + 1 < len(tries)


def _percentile(ordered: list[float], percent: int) -> float | None:
    """Nearest rank."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else None


def _rejections(works: list[Work], redactor: Redactor) -> tuple[Rejection, ...]:
    groups: Mapping[tuple[str, str, str], list[Work]] = defaultdict(list)
    for work in works:
        if work.status not in ("accepted", UNFINISHED) and not work.is_nested:
            reason = work.last_kind if work.status == "rejected" else ""
            groups[work.step, work.status, reason or work.status].append(work)
    found = [
        Rejection(step, status, reason, len(group), tuple(_example(work, redactor) for work in group[:EXAMPLES]))
        for (step, status, reason), group in groups.items()
    ]
    return tuple(sorted(found, key=lambda rejection: (rejection.step, -rejection.count)))


def _failures(works: list[Work], agents: list[AgentFinished], redactor: Redactor) -> tuple[Rejection, ...]:
    """Agents that ended badly for a reason of their own, which no step of theirs tells."""
    told = {work.path for work in works if work.status != UNFINISHED}
    groups: Mapping[tuple[str, str, str], list[AgentFinished]] = defaultdict(list)
    for agent in agents:
        if agent.status not in QUIET and agent.path not in told:
            groups[step_name(agent.path), agent.status, agent.feedback or agent.limit_hit].append(agent)
    return tuple(
        Rejection(name, status, status, len(group), (Example(group[0].path, redactor.text(feedback), ""),))
        for (name, status, feedback), group in groups.items()
    )


def _example(work: Work, redactor: Redactor) -> Example:
    return Example(work.path, redactor.text(work.feedback), redactor.text(work.inputs)[:SHOWN_INPUTS])


def _unknown(rows: list[CallRow], redactor: Redactor) -> tuple[UnknownCall, ...]:
    lost = [row for row in rows if row.status == "unknown"]
    return tuple(UnknownCall(row.id.path, row.tier, row.spent, redactor.text(row.reason)) for row in lost)


def _calls(rows: list[CallRow]) -> Calls:
    kinds = Counter(row.bound for row in rows if row.status == "done")
    reused, from_cassette = kinds["reused"], kinds["replayed"]
    by_status = Counter(row.status for row in rows)
    return Calls(
        settled=by_status["done"] - reused - from_cassette,
        unknown=by_status["unknown"],
        released=by_status["released"],
        open=by_status["intended"],
        reused=reused,
        from_cassette=from_cassette,
    )
