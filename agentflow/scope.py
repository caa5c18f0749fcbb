"""Where a piece of work stands: its run, its account, its path. One immutable value that travels with the context."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from agentflow.account import Account
from agentflow.attempt import Tier
from agentflow.errors import ConfigurationError, StoreFailed
from agentflow.events import CallId, Event
from agentflow.ladder import Ladder
from agentflow.logs import get_logger
from agentflow.policies import Plan, Policy
from agentflow.progress import Loop, Watch, canonical
from agentflow.redact import Redactor
from agentflow.reservation import Refusal
from agentflow.standing import Standing
from agentflow.store import Store
from agentflow.usage import NOTHING, RESOURCES, Amount, Resource, Usage

if TYPE_CHECKING:
    from agentflow.engines.tiers import Tiers


log = get_logger(__name__)


class Ordinals:
    """Counts equal things in the order in which they are asked for."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._lock = threading.Lock()

    def take(self, key: str) -> int:
        """The ordinal of this *key*, from 0."""
        with self._lock:
            ordinal = self._seen.get(key, 0)
            self._seen[key] = ordinal + 1
            return ordinal


class Flight:
    """What the wire said during one attempt, and what the attempt tells the adapter."""

    def __init__(self, *, feedback: str = "", previous: str = "", nudge: str = "") -> None:
        self.feedback, self.previous, self.nudge = feedback, previous, nudge
        self.text = ""
        """The last raw answer."""
        self.finish = ""
        """Why the last answer ended; empty while none came."""
        self.spent = NOTHING
        self.usage = Usage(0, 0)
        self.confidence: float | None = None
        """The least mean log-probability of the answers; None once one of them came without."""
        self.was_clipped = False
        """Whether our own cap cut an answer off below the tier's."""
        self.requests = 0
        self.replayed = 0
        self.trace: list[Any] = []
        """What DSPy's predictors noted; an optimiser sees it once the attempt is accepted."""
        self.refusal: Refusal | None = None
        """Set once a request was refused: nothing more goes out in this attempt."""
        self.failure: Exception | None = None
        """The last error of the engine, however it was disguised on its way up."""

    def record(self, *, text: str, finish: str, usage: Usage, confidence: float | None = None) -> None:
        """Note one answer."""
        known = [confidence] if self.requests == 0 else [self.confidence, confidence]
        self.confidence = None if None in known else min(each for each in known if each is not None)
        self.text, self.finish = text, finish
        self.requests += 1
        read, write = self.usage.input_tokens or 0, self.usage.output_tokens or 0
        self.usage = Usage(read + (usage.input_tokens or 0), write + (usage.output_tokens or 0))

    @property
    def is_replayed(self) -> bool:
        """Whether the journal gave every answer."""
        return self.requests > 0 and self.replayed == self.requests


@dataclass(slots=True)
class Run:
    """What all scopes of a run share while a process holds it."""

    id: str
    store: Store
    account: Account
    tiers: Tiers
    """From tier to the metered engine behind it."""
    ladder: Ladder | None = None
    """For steps that bring none."""
    policy: Policy | None = None
    """How ladders are climbed, as pinned when the run started. None: in order, on the validators' word."""
    may_replay: bool = False
    """Whether the journal may hold answers: not in the first sitting of a run."""
    reuse: str = ""
    """Another run whose committed calls may answer; empty: none."""
    standing: Standing | None = None
    """This process's part of the standing account that pays."""
    clock: Callable[[], float] = time.monotonic
    random: Random = field(default_factory=Random)
    loop: Loop = field(default_factory=Loop)
    on_full_wait: bool = True
    on_event: Callable[[Event], None] | None = None
    redactor: Redactor = field(default_factory=Redactor.of_environment)
    """Takes secrets out of what is written about errors."""
    distrusted: dict[str, str] = field(default_factory=dict)
    """Models whose bound was broken, with the reason."""
    smallest: dict[Resource, int] = field(default_factory=dict)
    """The smallest floor of any call asked for, by resource; zero where some call needs none of it."""
    reused: Ordinals = field(default_factory=Ordinals)
    on_wire: set[CallId] = field(default_factory=set)
    """Requests that were sent and are not settled yet."""
    closing: set[object] = field(default_factory=set)
    """Pieces of closing work under way."""
    broken: StoreFailed | None = None
    """Why the journal could not be written; nothing goes out any more."""
    misconfigured: ConfigurationError | None = None
    """The first agent's failure that only whoever starts the run can mend."""
    replayed: int = 0
    """Calls that the journal answered in this sitting."""
    sent: int = 0
    """Calls that were paid for in this sitting."""
    _settled: dict[str, Amount] = field(default_factory=dict)
    """What earlier sittings paid for at each path and below."""
    _over_bound: dict[str, Amount] = field(default_factory=dict)
    """How much of it lies above its bound."""

    @property
    def is_closing(self) -> bool:
        """Whether closing work is under way, which no deadline disturbs."""
        return bool(self.closing) or any(id.path.startswith("/ending") for id in tuple(self.on_wire))

    def plan_of(self, step: str) -> Plan | None:
        """What the policy says about a step, by its name; None where it says nothing."""
        return None if self.policy is None else self.policy.steps.get(step)

    def settled_below(self, path: str) -> Amount:
        """What earlier sittings paid for answers at *path* and below, as far as the journal can replay them."""
        return self._settled.get(path, NOTHING)

    def look_back(self) -> None:
        """Read what earlier sittings paid, once, before anything is asked in this one."""
        for row in self.store.calls(self.id):
            parts = row.id.path.split("/") if row.status == "done" else []
            for end in range(len(parts)):
                above = "/".join(parts[: end + 1])
                self._settled[above] = self._settled.get(above, NOTHING) + row.spent
                if row.over_bound:
                    self._over_bound[above] = self._over_bound.get(above, NOTHING) + row.over_bound

    def foresee(self, account: Account) -> None:
        """Tell a new account what was spent at its path before: a limit holds over all sittings of a run."""
        account.foresee(self.settled_below(account.path), over_bound=self._over_bound.get(account.path, NOTHING))

    def append(self, *events: Event) -> Future[None]:
        """Write events, and show them to whoever follows the run. What they say of errors passes the redactor."""
        events = tuple(self._without_secrets(event) for event in events)
        written = self.store.append(*events)
        for event in events:
            self.show(event)
        return written

    def show(self, event: Event) -> None:
        """Tell whoever follows the run; one that fails is left alone, for what is paid for cannot depend on it."""
        try:
            if self.on_event is not None:
                self.on_event(event)
        except Exception as error:  # noqa: BLE001  # because the follower's code is not ours
            self.on_event = None
            log.warning("follower_dropped", error=f"{type(error).__name__}: {error}")

    def _without_secrets(self, event: Event) -> Event:
        said = {name: getattr(event, name, "") for name in ("reason", "feedback")}
        clean: dict[str, Any] = {name: self.redactor.text(text) for name, text in said.items() if text}
        return replace(event, **clean) if any(said[name] != text for name, text in clean.items()) else event

    def note_floor(self, floor: Amount) -> None:
        """Remember the smallest call that anyone asked for."""
        for resource in RESOURCES:
            least = getattr(floor, resource)
            self.smallest[resource] = min(least, self.smallest.get(resource, least))

    def is_spent(self, account: Account) -> bool:
        """Whether what *account* has left is below the smallest call of the run, with nothing to come back."""
        if account.on_wire or not self.smallest:
            return False
        least = Amount(**{resource: self.smallest.get(resource, 0) for resource in RESOURCES})
        return least.lacking_in(account.available) is not None


@dataclass(frozen=True, slots=True)
class Scope:
    """Where work stands. Copied and narrowed, never changed."""

    run: Run
    account: Account
    path: str = ""
    names: Ordinals = field(default_factory=Ordinals)
    """Ordinals of equal children at this path."""
    asked: Ordinals = field(default_factory=Ordinals)
    """Ordinals of equal requests at this path."""
    ladder: Ladder | None = None
    """Set by `within`, for the steps below."""
    flight: Flight | None = None
    """The attempt under way; None outside steps."""
    watch: Watch | None = None
    """Loop evidence of the agent; shared by its steps."""
    ending: Scope | None = None
    """Where closing work stands; None: nothing was set aside."""
    place: Any = None
    """The agent's place among the live ones; None for a run's own pipeline."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Scope:
        return self

    def time_left(self) -> float | None:
        """Seconds until the first deadline of the account or those above it; None without one."""
        first = self.first_late
        return None if first is None or first.deadline is None else max(0.0, first.deadline - self.run.clock())

    @property
    def first_late(self) -> Account | None:
        """The account whose deadline comes first, or came; None without one."""
        return min(self._timed(), key=lambda account: account.deadline or 0.0, default=None)

    @property
    def is_late(self) -> Account | None:
        """The account whose deadline has passed; None while there is time."""
        now = self.run.clock()
        return next(
            (account for account in self._timed() if account.deadline is not None and account.deadline <= now), None
        )

    @property
    def is_exempt(self) -> bool:
        """Whether this is closing work."""
        return any(account.is_exempt for account in self.account.chain())

    @property
    def may_be_left(self) -> bool:
        """Whether nobody need wait for this work: no request of it is on the wire, and nothing is being closed."""
        below = f"{self.path}/"
        paths = [id.path for id in tuple(self.run.on_wire)]
        return not self.run.is_closing and not any(path == self.path or path.startswith(below) for path in paths)

    def _timed(self) -> Iterator[Account]:
        """The accounts with a deadline that counts here: one for closing work keeps its own time."""
        for account in self.account.chain():
            if account.deadline is not None:
                yield account
            if account.is_exempt:
                return

    def timeout(self, tier: Tier) -> float:
        """How long one request may take."""
        left = self.time_left()
        return tier.timeout if left is None else max(0.001, min(tier.timeout, left))

    def child_path(self, name: str, inputs: Mapping[str, Any], key: str = "") -> str:
        """The path of a piece of work below this one: by content, or by the caller's *key*."""
        label = f"{name}:{_escaped(key)}" if key else f"{name}#{fingerprint(inputs)}"
        ordinal = self.names.take(label)
        return f"{self.path}/{label}" + (f".{ordinal}" if ordinal else "")

    def below(self, path: str, account: Account | None = None, **changes: Any) -> Scope:
        """The scope of a piece of work at *path*."""
        kept = {"ladder": self.ladder, "watch": self.watch, "ending": self.ending, "place": self.place}
        return Scope(self.run, account or self.account, path, **{**kept, **changes})


def fingerprint(value: Any) -> str:
    """A short hash of a value's canonical JSON, equal in every process: no addresses, no order of a set."""
    try:
        text = _text_of_texts(value) or _ENCODER.encode(value)
    except (TypeError, ValueError, RecursionError):  # keys that are no texts, or a value that holds itself
        text = canonical(value)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _text_of_texts(value: object) -> str:
    """The same JSON of a mapping from texts to texts, as inputs mostly are, in a fraction of the time; else empty."""
    if type(value) is not dict or not all(type(key) is str and type(text) is str for key, text in value.items()):
        return ""
    return "{" + ",".join(f"{_quoted(key)}:{_quoted(text)}" for key, text in sorted(value.items())) + "}"


def _as_text(value: object) -> str:
    if isinstance(value, Decimal):
        text = str(value)
    elif type(value).__repr__ is object.__repr__:  # it would only tell its address
        text = canonical(getattr(value, "__dict__", {}))
    else:
        text = canonical(value)
    return f"{type(value).__name__} {text}"


def _escaped(key: str) -> str:
    """A caller's key without the marks that paths are made of."""
    return "".join(f"%{ord(letter):02X}" if letter in "%/#.:" else letter for letter in key)


_quoted = json.encoder.encode_basestring
_ENCODER = json.JSONEncoder(sort_keys=True, default=_as_text, ensure_ascii=False, separators=(",", ":"))
