"""Is this agent getting anywhere? Evidence of a loop, as a value.

Nothing here reads a clock or a model, and nothing here stops anybody: it says `go`, `nudge` or `stop`.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import Literal
from zlib import crc32

from agentflow.errors import DefinitionError

Signal = Literal["go", "nudge", "stop"]

SKETCHED = 10_000
"""Characters of the inputs that are compared for a rephrasing."""
SKETCH_SIZE = 16
"""How many words of the inputs a fingerprint remembers; shorter inputs are remembered whole."""
REPHRASED, REPHRASED_DOCUMENT = 0.65, 0.8
"""The share of common words from which two short, or two longer inputs count as one input said differently."""
OTHER_FIGURES = 3
"""Inputs that differ in so many figures are other data, however alike the words around them; two may be a counter."""
FRESH_SAMPLES = "consensus"
"""A failure of this kind asks for another vote: the same answer again is then progress, not a loop."""
NO_ANSWER_OF_A_FUNCTION = "no_answer"
"""A plain function that has no answer costs nothing and proves nothing."""
NOT_BELIEVED = "policy"
"""Validators accepted the answer, and the policy asks for more evidence: nothing to mend, somebody else is asked."""
NO_OUTPUT = frozenset({"", "null", '""', "[]", "{}"})
_WORD = re.compile(r"\w+")
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What one attempt was and how it ended, small enough to keep."""

    step: str
    inputs_hash: str
    kind: str
    """The verdict's class of failure. Empty: accepted."""
    output_hash: str
    """Hash of the output, or of the caller's `loop_key`. Empty: no answer came."""
    score: float | None = None
    """None: there is no score to get better at."""
    sketch: tuple[int, ...] = ()
    """The smallest word hashes of the inputs, by which a rephrasing is recognised; failures only."""

    @property
    def failed(self) -> bool:
        """Whether the attempt was rejected."""
        return bool(self.kind)


@dataclass(frozen=True, slots=True)
class Loop:
    """What counts as going in circles."""

    repeats: int = 3
    """So many times the same cycle is a loop."""
    period: int = 4
    """The longest cycle looked for, in attempts."""
    no_better: int = 3
    """So many failures in a row on the same work, none better than the best before them, are a loop."""

    def __post_init__(self) -> None:
        if self.repeats < 2 or self.period < 1 or self.no_better < 1:
            raise DefinitionError(f"{self}: repeats must be at least 2, period and no_better at least 1")

    @property
    def window(self) -> int:
        """How many attempts are remembered."""
        return max(2 * self.period * self.repeats, self.no_better + 1)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an agent is thought to be going in circles."""

    reason: Literal["repeats", "no_better"]
    cycle: tuple[Fingerprint, ...]
    """What is repeated, oldest first; for `no_better` the attempts that did not get better."""
    times: int
    """How often the cycle was seen, or how many attempts did not get better."""


DEFAULT_LOOP = Loop()


def fingerprint_of(
    *, step: str, inputs: object, kind: str, output: object, score: float | None = None, loop_key: str | None = ""
) -> Fingerprint | None:
    """The fingerprint of one attempt, or None when it is no evidence of anything.

    A tool that polls declares a *loop_key*: it stands for the output, so a new key is a new state of the world. None
    opts out. The default, empty, declares nothing. A vote on the way to a consensus is never evidence.
    """
    if loop_key is None or kind in (FRESH_SAMPLES, NO_ANSWER_OF_A_FUNCTION):
        return None
    said = canonical(inputs)
    sketch = _sketch(said) if kind else ()
    if loop_key:
        return Fingerprint(step, _hash(said), kind, _hash(loop_key), None, sketch)
    answer = canonical(output)
    output_hash = "" if answer in NO_OUTPUT else _hash(answer)
    return Fingerprint(step, _hash(said), kind, output_hash, score, sketch)


def evidence(history: Sequence[Fingerprint], policy: Loop = DEFAULT_LOOP) -> Evidence | None:
    """What the end of *history*, oldest first, proves about going in circles; None when it proves nothing."""
    for period in range(1, policy.period + 1):
        if _is_cycling(history[-period * policy.repeats :], period, policy.repeats):
            return Evidence("repeats", tuple(history[-period:]), policy.repeats)
    stuck = _not_getting_better(history, policy.no_better)
    return Evidence("no_better", stuck, policy.no_better) if stuck else None


def looks_same(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether two attempts were the same thing, however it was phrased.

    Accepted attempts need equal inputs: the same answer to different questions is no loop. For failures the inputs may
    be the same question in other words; the same fault in different work is no loop either.
    """
    if (one.step, one.kind, one.output_hash) != (other.step, other.kind, other.output_hash):
        return False
    if one.inputs_hash == other.inputs_hash:
        return True
    return one.failed and _is_rephrased(one, other)


def nudge(evidence: Evidence) -> str:
    """The one message an agent gets before it is stopped: the evidence, and what to do about it."""
    last = evidence.cycle[-1]
    if evidence.reason == "no_better":
        seen = f"The last {evidence.times} attempts at {last.step} scored no better than the one before them"
    elif len(evidence.cycle) == 1:
        seen = f"{last.step} was tried {evidence.times} times and ended the same way"
    else:
        steps = ", ".join(fingerprint.step for fingerprint in evidence.cycle)
        seen = f"The same {len(evidence.cycle)} attempts ({steps}) were repeated {evidence.times} times"
    fault = f" ({last.kind})" if last.kind else ""
    return f"{seen}{fault}. Do something different now, or say why it cannot be done; otherwise the work is stopped."


@dataclass(slots=True)
class Watch:
    """Watches one agent from all its threads: nudges it once, with a fresh window to understand, then stops it."""

    policy: Loop = DEFAULT_LOOP
    evidence: Evidence | None = None
    """What it was nudged or stopped for last. None: nothing yet."""
    is_stopped: bool = False
    """Whether nothing more is to be tried."""
    _nudge: str = ""
    _turned_away: tuple[str, int] = ("", 0)
    _history: deque[Fingerprint] = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._history = deque(maxlen=self.policy.window)

    def observe(self, fingerprint: Fingerprint | None) -> Signal:
        """Take note of one attempt. None, an attempt that opted out, leaves no trace."""
        with self._lock:
            if self.is_stopped:
                return "stop"
            if fingerprint is None:
                return "go"
            self._history.append(fingerprint)
            found = evidence(tuple(self._history), self.policy)
            if found is None:
                return "go"
            self.is_stopped = self.evidence is not None
            self.evidence, self._nudge = found, "" if self.is_stopped else nudge(found)
            self._history.clear()
            return "stop" if self.is_stopped else "nudge"

    def take_nudge(self) -> str:
        """The nudge, for the one prompt that carries it; empty when there is none or somebody has it."""
        with self._lock:
            taken, self._nudge = self._nudge, ""
            return taken

    def turn_away(self, work: str) -> int:
        """How many times in a row this same *work* came back although the agent was stopped."""
        with self._lock:
            last, times = self._turned_away
            self._turned_away = (work, times + 1 if work == last else 1)
            return self._turned_away[1]


def canonical(value: object) -> str:
    """One JSON text per meaning: keys sorted, 12.50 and 12.5 alike, no addresses. Takes anything."""
    try:
        return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    except (RecursionError, ValueError):  # nested too deeply, in itself, or an integer nobody would print
        return f"unwritable {type(value).__name__}"


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | bool | int):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, Decimal | float):
        return _plain_number(Decimal(repr(value)) if isinstance(value, float) else value)
    if isinstance(value, date | time):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else canonical(key): _plain(item) for key, item in value.items()}
    if isinstance(value, AbstractSet):
        return sorted(canonical(item) for item in value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [_plain(item) for item in value]
    return _plain_object(value)


def _plain_number(value: Decimal) -> object:
    if not value.is_finite() or abs(value.adjusted()) > 40:
        return str(value)
    whole, dot, fraction = f"{value:f}".partition(".")
    fraction = fraction.rstrip("0")
    return (whole + dot + fraction) if fraction else int(whole)


def _plain_object(value: object) -> object:
    if isinstance(value, Enum):
        return _plain(value.value)
    for dump in ("model_dump", "toDict"):  # what pydantic models and DSPy's predictions call it
        method = getattr(type(value), dump, None)
        if callable(method):
            return _plain(method(value))
    return _ADDRESS.sub("", repr(value))


def _is_cycling(tail: Sequence[Fingerprint], period: int, repeats: int) -> bool:
    if len(tail) < period * repeats:
        return False
    pairs = zip(tail, tail[period:], strict=False)  # each attempt with the one a cycle later
    return all(looks_same(before, after) and not _is_better(after, before) for before, after in pairs)


def _is_better(one: Fingerprint, other: Fingerprint) -> bool:
    return one.score is not None and other.score is not None and one.score > other.score


def _not_getting_better(history: Sequence[Fingerprint], patience: int) -> tuple[Fingerprint, ...]:
    tail = _failures_on_the_same_work(history)
    scores = [fingerprint.score for fingerprint in tail if fingerprint.score is not None]
    if len(scores) <= patience or max(scores[-patience:]) > max(scores[:-patience]):
        return ()
    return tuple(tail[-patience:])


def _failures_on_the_same_work(history: Sequence[Fingerprint]) -> list[Fingerprint]:
    tail: list[Fingerprint] = []
    for fingerprint in reversed(history):
        if tail and not _is_same_question(fingerprint, tail[0]):
            continue
        if not fingerprint.failed:
            break
        if fingerprint.score is not None and (not tail or fingerprint.step == tail[0].step):
            tail.insert(0, fingerprint)
    return tail


def _is_same_question(one: Fingerprint, other: Fingerprint) -> bool:
    return one.inputs_hash == other.inputs_hash or _is_rephrased(one, other)


def _is_rephrased(one: Fingerprint, other: Fingerprint) -> bool:
    mine, theirs = set(one.sketch), set(other.sketch)
    if sum(word & 1 for word in mine ^ theirs) >= OTHER_FIGURES:
        return False
    union = sorted(mine | theirs)[:SKETCH_SIZE]
    enough = REPHRASED if _are_short(one, other) else REPHRASED_DOCUMENT
    return bool(union) and sum(word in mine and word in theirs for word in union) / len(union) >= enough


def _are_short(one: Fingerprint, other: Fingerprint) -> bool:
    return max(len(one.sketch), len(other.sketch)) < SKETCH_SIZE


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _sketch(text: str) -> tuple[int, ...]:
    distinct = set(_WORD.findall(text[:SKETCHED].casefold()))
    return tuple(sorted({_mark(word) for word in distinct})[:SKETCH_SIZE])


def _mark(word: str) -> int:
    """A hash of the word that is odd when it has a figure in it."""
    is_figure = any(sign.isdigit() for sign in word)
    return crc32(word.encode("utf-8", "surrogatepass")) & ~1 | is_figure
