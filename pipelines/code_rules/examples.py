"""Examples that a docstring gives of its own function, in the ways in which people write them down.

Read with care rather than with zeal: what is only part of a sum, or contradicts the rest in its form, is no example.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from code_rules.literals import Found, end_at, split_values, value_at
from code_rules.task import Task

MOST = 40
_GIVES = re.compile(
    r"""[\s`]*(?:
        [#]?\s*(?:=+>|-+>|==+|=|➞|→|⇒|:)\s*
      | [#,]?\s*(?:will\s+|should\s+|would\s+|must\s+)?(?:returns?|gives?|outputs?|yields?|equals?|be|is)\s+
      | \s*\n\s*
    )(?:returns?\s+)?`?""",
    re.VERBOSE | re.IGNORECASE,
)
_ARROW = re.compile(r"\s*(?:=+>|-+>|==|➞|→|⇒)\s*")
_SAID = re.compile(
    r"(?:output|result|answer|it|function)?\s*(?:should|must|will|would)\s+(?:be|return|give|output)\s*:?\s*`?"
    r"|(?:output|result|answer|return|returns)\s*(?:is|=|:)\s*`?",
    re.IGNORECASE,
)
_INPUT = re.compile(r"^[ \t]*(?:\d+[.)]\s*)?inputs?\s*:\s*", re.IGNORECASE | re.MULTILINE)
_FOR = re.compile(r"\b(?:for|if|given|when|with)\s+(?=[A-Za-z_]\w*\s*=[^=])", re.IGNORECASE)
_NAME = re.compile(r"([A-Za-z_]\w*)\s*[=:]\s*")
_HEADING = re.compile(r"\bexamples?\b[^\n]{0,12}$", re.IGNORECASE | re.MULTILINE)
_GOES_ON = re.compile(r"[ \t]*(?:[-+*/%^(\[]|(?!(?:and|or|because|since|as|for|when)\b)\w)")
_SUM = re.compile(r"[^\n=]*=\s*(?=[^=\n]*$)", re.MULTILINE)
_BETWEEN = re.compile(r"[\s,;]*(?:and\s+)?")


@dataclass(frozen=True, slots=True)
class Example:
    """A call and what it gives."""

    arguments: tuple[Any, ...]
    expected: Any
    is_loose: bool = False
    """Whether a tuple of this one value was perhaps meant: `("Venus")`."""
    place: int = 0
    """Where in the docstring it stands."""


def examples_of(task: Task) -> tuple[Example, ...]:
    """The examples in a task's docstring, in their order, each call once."""
    found = [*_calls(task, re.escape(task.entry_point))]
    found += [*_inputs(task), *_sentences(task)]
    if not found:
        found = [*_calls(task, r"[A-Za-z_]\w*", is_own=False)]
    distinct = {repr(each.arguments): each for each in sorted(found, key=lambda each: -each.place)}
    in_order = sorted(distinct.values(), key=lambda each: each.place)
    return tuple(_of_one_form(task, in_order))[:MOST]


def _calls(task: Task, name: str, *, is_own: bool = True) -> Iterator[Example]:
    """`name(arguments)` and what follows it, for every such call in the words."""
    text = task.docstring
    for match in re.finditer(rf"(?<![\w.]){name}\s*(?=\()", text):
        closed = end_at(text, match.end())
        arguments = _arguments(task, text[match.end() + 1 : closed - 1]) if closed else None
        if arguments is None or closed is None:
            continue
        gives = _GIVES.match(text, closed) if is_own else _ARROW.match(text, closed)
        found = _expected(text, gives.end()) if gives else None
        if found is not None:
            yield Example(arguments, found.value, _is_loose(text, found), match.start())


def _inputs(task: Task) -> Iterator[Example]:
    """`Input: a = 1, b = 2` and the `Output: 3` below it."""
    text = task.docstring
    for match in _INPUT.finditer(text):
        said = _SAID.search(text, match.end())
        if said is None or _INPUT.search(text, match.end(), said.start()):
            continue
        given = text[match.end() : said.start()].rstrip().rstrip(",;")
        arguments = _named(task, given) or _arguments(task, given)
        found = _expected(text, said.end())
        if arguments is not None and found is not None:
            yield Example(arguments, found.value, _is_loose(text, found), match.start())


def _sentences(task: Task) -> Iterator[Example]:
    """`For a = 1 and b = 2 the output should be 3`."""
    text = task.docstring
    for match in _FOR.finditer(text):
        said = _SAID.search(text, match.end(), match.end() + 400)
        arguments = _named(task, text[match.end() : said.start()]) if said else None
        found = _expected(text, said.end()) if said else None
        if arguments is not None and found is not None:
            yield Example(arguments, found.value, _is_loose(text, found), match.start())


def _named(task: Task, text: str) -> tuple[Any, ...] | None:
    """Values by parameter name, in the order of the parameters; None unless all are there."""
    values: dict[str, Any] = {}
    place = 0
    while match := _NAME.match(text, place):
        found = value_at(text, match.end())
        if found is None:
            return None
        values[match[1].lower()] = found.value
        between = _BETWEEN.match(text, found.end)
        place = between.end() if between else found.end
    names = [parameter.name.lower() for parameter in task.parameters][: len(values)]
    if not values or not task.takes(len(values)):
        return None
    if len(values) == 1:  # people rename the only one
        return tuple(values.values())
    return tuple(values[name] for name in names) if set(names) == set(values) else None


def _arguments(task: Task, text: str) -> tuple[Any, ...] | None:
    """Plain values, by place or by keyword; None where one is not plain or their number does not fit."""
    names = [parameter.name for parameter in task.parameters]
    values: dict[str, Any] = {}
    for place, piece in enumerate(split_values(text)):
        keyword = re.match(r"([A-Za-z_]\w*)\s*=(?!=)\s*", piece)
        start = keyword.end() if keyword else 0
        found = value_at(piece, start)
        name = keyword[1] if keyword else names[place] if place < len(names) else ""
        if found is None or found.end != len(piece) or name not in names:
            return None
        values[name] = found.value
    given = tuple(values[name] for name in names if name in values)
    return given if task.takes(len(given)) and set(names[: len(given)]) == set(values) else None


def _expected(text: str, start: int) -> Found | None:
    """The value that a call gives; the last one of `19 - 5 - 6 = 8`, none of what is a sum and stays one."""
    opening = re.compile(r"[ \t]*").match(text, start)
    found = value_at(text, opening.end() if opening else start)
    if found is None or not _GOES_ON.match(text, found.end):
        return found
    summed = _SUM.match(text, found.end)
    last = value_at(text, summed.end()) if summed else None
    return last if last is not None and not _GOES_ON.match(text, last.end) else None


def _is_loose(text: str, found: Found) -> bool:
    return text[found.end - 1] == ")" and not isinstance(found.value, tuple)


def _of_one_form(task: Task, examples: list[Example]) -> list[Example]:
    """All of them where they agree what sort of value comes out, else those below the last heading."""
    if len({_sort(each.expected) for each in examples} - {"none"}) < 2:
        return examples
    headings = [match.start() for match in _HEADING.finditer(task.docstring)]
    below = [each for each in examples if headings and each.place > headings[-1]]
    return below or examples


def _sort(value: Any) -> str:
    if value is None:
        return "none"
    return "list" if isinstance(value, list) else "other"
