"""What somebody who knows the truth says about an outcome: that it is right or wrong, or what would be right.

Nothing here reads a journal or a file; truth never reaches a validator, a prompt or a running policy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agentflow.errors import ConfigurationError
from agentflow.records import shorten
from agentflow.validators.agreement import meaning

Fields = Mapping[str, Any]
"""Output fields of a prediction as JSON values."""


@dataclass(frozen=True, slots=True)
class Label:
    """The truth about one outcome."""

    right: bool | None = None
    """Whether the outcome's prediction is right. None: the right values say it."""
    only: str = ""
    """The one field that `right` speaks of; empty: the whole prediction."""
    correct: Fields = field(default_factory=dict)
    """Right values by field; others may be anything."""
    by: str = ""
    """Who said so."""

    def judge(self, said: Fields, labelled: Fields | None) -> bool | None:
        """Whether a prediction is right, where *labelled* is the one the label speaks of. None: the label cannot tell.

        Values are compared by what they mean: 12.50 and "12,50" are one number.
        """
        if self.correct:
            verdicts = [_same(said[name], value) if name in said else None for name, value in self.correct.items()]
            return False if False in verdicts else None if None in verdicts else True
        if labelled is None or self.right is None:
            return None
        names = [self.only] if self.only else sorted(set(labelled) | set(said))
        is_it = all(name in said and name in labelled and _same(said[name], labelled[name]) for name in names)
        return self.right if is_it else None

    def over(self, earlier: Label | None) -> Label:
        """This word after an *earlier* one: right values of other fields stand."""
        if earlier is None or not self.correct or not earlier.correct:
            return self
        return Label(None, "", {**earlier.correct, **self.correct}, self.by or earlier.by)

    def to_json(self) -> str:
        """A line of the journal, without what is not said."""
        told = {"right": self.right, "only": self.only, "correct": dict(self.correct), "by": self.by}
        return json.dumps({name: value for name, value in told.items() if value not in (None, "", {})}, sort_keys=True)

    @classmethod
    def parse(cls, text: str) -> Label:
        """The label that `to_json` wrote."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file of labels: which outcomes, and the truth about them."""

    path: str
    """A path, or a pattern of one with `*`; empty: by step and inputs."""
    step: str
    inputs: Fields
    label: Label
    value: tuple[Any, ...] = ()
    """A right value whose field is the only one there is."""

    @property
    def where(self) -> str:
        """What it names, for people."""
        return self.path or f"step {self.step!r} with inputs {json.dumps(self.inputs, ensure_ascii=False)[:80]}"

    @classmethod
    def of(cls, plain: object) -> Row:
        """A row of JSON. Raises `ConfigurationError` with what is wrong and what would do."""
        if not isinstance(plain, dict):
            raise ConfigurationError('is no JSON object; write one such as {"path": "/solve#1f3a", "right": true}')
        unknown = sorted(set(plain) - set(_KINDS))
        if unknown:
            raise ConfigurationError(f"has an unknown key {unknown[0]!r}; it takes {', '.join(_KINDS)}")
        for key, (kind, wanted) in _KINDS.items():
            if key in plain and not isinstance(plain[key], kind):
                raise ConfigurationError(f"{key} is {plain[key]!r}; give {wanted}")
        if bool(plain.get("path")) == ("step" in plain or "inputs" in plain):
            raise ConfigurationError("must name an outcome either by path or by step and inputs")
        if not plain.get("path") and not (plain.get("step") and "inputs" in plain):
            raise ConfigurationError("names only half an outcome; give step and inputs")
        return _row(plain)


_KINDS: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "path": (str, "the path of a step, as `agentflow report --json` names it"),
    "step": (str, "the name of a step"),
    "inputs": (dict, "an object of the step's inputs"),
    "field": (str, "the name of an output field"),
    "value": (object, "the right value"),
    "right": (bool, "true or false"),
    "correct": (dict, "an object of right values by field"),
    "by": (str, "who says so"),
}


def _row(plain: Mapping[str, Any]) -> Row:
    field, value = plain.get("field", ""), (plain["value"],) if "value" in plain else ()
    correct = dict(plain.get("correct", {}))
    if field and value:
        if field in correct and not _same(correct[field], value[0]):
            raise ConfigurationError(f"says two right values of {field!r}; say one")
        correct[field], value = value[0], ()
    if "right" not in plain and not correct and not value:
        raise ConfigurationError('says nothing; give "right": true or false, "value", or "correct": {"field": value}')
    label = Label(plain.get("right"), "" if correct else field, correct, plain.get("by", ""))
    return Row(plain.get("path", ""), plain.get("step", ""), plain.get("inputs", {}), label, value)


def _same(mine: Any, theirs: Any) -> bool | None:
    """Whether two values mean the same. None: one of them was cut to what a report can show."""
    if meaning(mine) == meaning(theirs):
        return True
    was_cut = any(isinstance(each, str) and each.endswith(" …") for each in (mine, theirs))
    return (None if shorten(mine) == shorten(theirs) else False) if was_cut else False
