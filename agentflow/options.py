"""How a run is run, and what of that a resumed run remembers."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from agentflow.budget import Budget
from agentflow.errors import ConfigurationError, DefinitionError
from agentflow.events import Event
from agentflow.ladder import Ladder
from agentflow.policies import Policy, load_policy
from agentflow.settings import Settings, load_settings
from agentflow.store import Durability


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run is run. None: as the settings say."""

    ladder: Ladder | None = None
    budget: Budget | None = None
    no_budget: bool = False
    """Run without a limit on money or tokens: said in words, or refused."""
    account: str | None = None
    """The standing account that pays."""
    reuse: str | None = None
    """A run whose paid answers may serve again."""
    record: str | Path | None = None
    """The cassette on which every answer is written: a new file, unless `append`."""
    append: bool = False
    """Let `record` add to a cassette that exists."""
    replay: str | Path | None = None
    """The cassette that answers for every tier: nothing is asked, nothing is paid, budgets count as if."""
    policy: Policy | Path | str | None = None
    """How ladders are climbed and when answers are believed, or the file of it. On resume: the run's own."""
    strict: bool = False
    """One rejected child makes the run rejected."""
    resumable: bool = True
    """Whether the run must be one that can be resumed; otherwise it is refused at its start."""
    ending: Budget | None = None
    """Set aside at the start for work inside `ending()`, outside every latch."""
    on_full: str = "wait"
    """`wait` for money that may come back, or `refuse` at once."""
    durability: Durability | None = None
    state: Path | None = None
    """Folder of the journal."""
    expect_replay: float | None = None
    """On resume: fail when a smaller share of the calls, 0 to 1, came from the journal."""
    on_event: Callable[[Event], None] | None = None
    stop: threading.Event | None = None
    """Once set, the run stops gracefully: nothing new is sent, what is on the wire is settled."""

    def __post_init__(self) -> None:
        for name, kind, such_as in _KINDS:
            value = getattr(self, name)
            if value is not None and not isinstance(value, kind):
                raise DefinitionError(f"{name}= takes {such_as}, not {value!r}")
        if self.on_full not in ("wait", "refuse"):
            raise DefinitionError(f"on_full= is 'wait' or 'refuse', not {self.on_full!r}")
        if self.durability not in (None, "process", "power"):
            raise DefinitionError(f"durability= is 'process' or 'power', not {self.durability!r}")
        if self.expect_replay is not None and not 0 <= self.expect_replay <= 1:
            raise DefinitionError(f"expect_replay= is a share from 0 to 1, not {self.expect_replay!r}")
        if self.append and self.record is None:
            raise DefinitionError("append= says how record= treats a cassette that exists; give record= too")
        for name in ("record", "account", "reuse") if self.replay is not None else ():
            if getattr(self, name) is not None:
                raise DefinitionError(f"replay= answers everything and pays nothing, so there is no use for {name}=")

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> RunOptions:
        """Options by name. Raises `DefinitionError` for one that does not exist."""
        known = [field.name for field in fields(cls)]
        unknown = sorted(set(options) - set(known))
        if unknown:
            raise DefinitionError(f"there is no option {unknown[0]!r}; there are {', '.join(known)}")
        return cls(**options)

    def to_json(self) -> str:
        """What a resumed run shall know without being told again."""
        told = {"strict": self.strict, "reuse": self.reuse, "on_full": self.on_full}
        ending = None if self.ending is None else self.ending.to_json()
        tapes = {name: _absolute(getattr(self, name)) for name in ("record", "replay")}
        return json.dumps({name: value for name, value in (told | {"ending": ending} | tapes).items() if value})

    def recalling(self, text: str) -> RunOptions:
        """These options, with what the run remembers where nothing is said now. Raises `ConfigurationError`."""
        told = json.loads(text or "{}")
        if self.record is not None and _absolute(self.record) != told.get("record"):
            raise ConfigurationError("a cassette holds whole runs; start a new one: --reuse RUN --record FILE")
        if self.replay is not None and "replay" not in told:
            raise ConfigurationError("this run has asked its tiers so far; replay= is for a new run")
        return replace(
            self,
            strict=self.strict or told.get("strict", False),
            reuse=self.reuse or told.get("reuse"),
            record=told.get("record"),
            replay=self.replay or told.get("replay"),
            on_full=told.get("on_full", "wait") if self.on_full == "wait" else self.on_full,
            ending=self.ending or (Budget.from_json(told["ending"]) if "ending" in told else None),
        )


_KINDS: tuple[tuple[str, type | tuple[type, ...], str], ...] = (
    ("budget", Budget, "a Budget, such as Budget(usd='0.50')"),
    ("ending", Budget, "a Budget, such as Budget(usd='0.05')"),
    ("ladder", Ladder, "a Ladder, such as Ladder(Tier('openai/gpt-5-mini'))"),
    ("policy", (Policy, str, Path), "a Policy or its file"),
    ("account", str, "the name of a standing account"),
    ("reuse", str, "the id of a run"),
    ("record", (str, Path), "the file of a cassette"),
    ("replay", (str, Path), "the file of a cassette"),
    ("state", (str, Path), "a folder"),
    ("stop", threading.Event, "a threading.Event"),
)


def _absolute(path: str | Path | None) -> str | None:
    return None if path is None else os.path.abspath(path)


def settings_of(options: RunOptions) -> Settings:
    """The settings of this folder and environment, with what the options say of state and durability."""
    flags = {"state": str(options.state) if options.state else None, "durability": options.durability}
    return load_settings({name: value for name, value in flags.items() if value is not None})


def policy_of(options: RunOptions) -> Policy | None:
    """The policy, read where a file was named. Raises `ConfigurationError`."""
    given = options.policy
    return given if given is None or isinstance(given, Policy) else load_policy(Path(given))


def default_ladder(settings: Settings) -> Ladder | None:
    """The ladder of the settings; None when they have none."""
    return Ladder(*settings.ladder) if settings.ladder else None
