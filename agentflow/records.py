"""Attempts and outcomes as JSON texts of the journal, and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from agentflow.attempt import Attempt
from agentflow.errors import ConfigurationError
from agentflow.progress import FRESH_SAMPLES
from agentflow.usage import Amount, Usage
from agentflow.verdict import Verdict

SHOWN_CHARACTERS = 400
"""How much of a text or an input a report can show."""


def dump_attempts(attempts: tuple[Attempt, ...], fields_of: Callable[[Any], str | None] = lambda _: None) -> str:
    """A JSON list, one object per attempt. What was rejected keeps its prediction, as *fields_of* tells it in JSON, so
    that whoever knows the truth can say whether that was right; votes on the way to a consensus do not.
    """
    plain = [_plain(attempt) | _rejected_fields(attempt, fields_of) for attempt in attempts]
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def load_attempts(text: str) -> tuple[Attempt, ...]:
    """The attempts that `dump_attempts` wrote, marked as replayed."""
    return tuple(
        Attempt(
            tier=plain["tier"],
            verdict=_verdict(plain),
            text=plain["text"],
            spent=Amount(**plain["spent"]),
            usage=Usage(**plain["usage"]),
            seconds=plain["seconds"],
            replayed=True,
            by_function=plain["by_function"],
            confidence=plain.get("confidence"),
        )
        for plain in json.loads(text)
    )


def _verdict(plain: Mapping[str, Any]) -> Verdict:
    evidence = tuple((plain.get("evidence") or {}).items())
    return Verdict(plain["accepted"], plain["feedback"], plain["score"], plain["kind"], evidence)


def dump_inputs(inputs: Mapping[str, Any]) -> str:
    """JSON of the inputs, each cut to what a report can show."""
    return json.dumps({name: shorten(value) for name, value in inputs.items()}, ensure_ascii=False)


def shorten(value: Any) -> Any:
    """A value a report can show: numbers as they are, everything else as a text of bounded length."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + " …"


def to_json(value: Any) -> str:
    """JSON of a result: predictions as their fields, amounts and dates as texts, sets as lists.

    Raises `ConfigurationError` for what has no such form.
    """
    try:
        return json.dumps(value, default=_as_plain, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"a result of this kind cannot be written as JSON: {error}") from error


def _rejected_fields(attempt: Attempt, fields_of: Callable[[Any], str | None]) -> dict[str, Any]:
    if attempt.verdict.accepted or attempt.prediction is None or attempt.verdict.kind == FRESH_SAMPLES:
        return {}
    text = fields_of(attempt.prediction)
    return {} if text is None else {"prediction": {name: shorten(value) for name, value in json.loads(text).items()}}


def _as_plain(value: Any) -> Any:
    if isinstance(value, Decimal | date):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    for method in ("toDict", "model_dump"):
        if hasattr(value, method):
            return getattr(value, method)()
    raise TypeError(f"{type(value).__name__} {str(value)[:60]!r}")


def _plain(attempt: Attempt) -> dict[str, Any]:
    usage = attempt.usage
    told: dict[str, Any] = {}
    if attempt.confidence is not None:
        told["confidence"] = attempt.confidence
    if attempt.verdict.evidence:
        told["evidence"] = dict(attempt.verdict.evidence)
    return {
        "tier": attempt.tier,
        "accepted": attempt.verdict.accepted,
        "score": attempt.verdict.score,
        "kind": attempt.verdict.kind,
        "feedback": attempt.verdict.feedback,
        "spent": {"usd": attempt.spent.usd, "tokens": attempt.spent.tokens, "calls": attempt.spent.calls},
        "usage": {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens},
        "seconds": round(attempt.seconds, 4),
        "replayed": attempt.replayed,
        "by_function": attempt.by_function,
        "text": "" if attempt.verdict.accepted else shorten(attempt.text),
        **told,
    }
