"""What a validator may say, what it may look at, and what it may ask for. It performs nothing itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    from agentflow.attempt import Attempt, Outcome


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement on one prediction."""

    accepted: bool
    feedback: str = ""
    """What to change, addressed to whoever tries next. Empty: nothing useful can be said."""
    score: float | None = None
    """0 (useless) to 1 (perfect). None in the constructor: 1 when accepted, else 0."""
    kind: str = ""
    """The class of failure, such as `parse` or `occurs_in:total`; empty when accepted. Loops are told apart by it."""
    evidence: tuple[tuple[str, float], ...] = ()
    """What validators measured on the way, by name, such as the share of samples that agree; for calibration."""

    def __post_init__(self) -> None:
        if self.score is None:
            object.__setattr__(self, "score", 1.0 if self.accepted else 0.0)

    def __bool__(self) -> bool:
        return self.accepted


ACCEPTED = Verdict(True)


@dataclass(frozen=True, slots=True)
class Case:
    """One prediction to be judged, with what was known when it was made."""

    inputs: Mapping[str, Any]
    prediction: Any
    """A DSPy Prediction: output fields are attributes and items."""
    earlier: tuple[Attempt, ...] = ()
    """Attempts of the same step before this one, oldest first."""
    text: str = ""
    """The raw text of the answer, empty when a function gave it."""
    tier: str = ""
    """Label of the tier that answered."""
    confidence: float | None = None
    """Mean log-probability of the answer's tokens, the least of several answers. None: unknown, as of a function."""
    by_function: bool = False
    """Whether a plain function answered, which is never unsure."""


@dataclass(frozen=True, slots=True)
class Again:
    """Stands for the tier that gave the judged answer, to be asked once more for a fresh sample."""

    temperature: float | None = None
    """None: the tier's own."""


@dataclass(frozen=True, slots=True)
class Check:
    """A validator's request: perform this, then decide with what came out."""

    perform: Any
    """A `Step` to perform, or a `Tier`, or `Again`, on which the judged step itself is tried once more."""
    inputs: Mapping[str, Any]
    then: Callable[[Outcome], Finding]


Finding: TypeAlias = Verdict | Check | Awaitable[Verdict]
"""What judging gives: a verdict, a request that leads to one, or a coroutine that will give one."""


@runtime_checkable
class Validator(Protocol):
    """Judges one prediction of a step. Combine with `&`, `|` and `~`."""

    def judge(self, case: Case) -> Finding:
        """Decide, or ask for what is needed to decide."""
        ...

    def fields(self) -> frozenset[str]:
        """The signature's fields this validator reads, so that a misspelt one is refused when the step is defined."""
        ...

    def identity(self) -> str:
        """A text that changes when, and only when, the judgement may change: it is hashed into the journal."""
        ...
