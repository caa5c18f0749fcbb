"""Arguments to try a function with: like those of its examples, changed a little; else by its types and names.

The same task always gets the same ones. Nobody knows what should come out; what counts is who agrees.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from random import Random
from typing import Any

from code_rules.examples import Example
from code_rules.task import Parameter, Task

COUNT = 24
TRIES = 400
LARGEST = 1_000
"""No generated whole number goes further from zero unless an example did: many functions count up to it."""
LETTERS = "abcdeioxyzABE"

Arguments = tuple[Any, ...]

_SEEDS: tuple[tuple[str, tuple[Any, ...]], ...] = (
    (r"list\[list\[int", ([[1, 2], [3, 4]], [[1]], [[0, 1, 1], [1, 0, 0]])),
    (r"list\[str|words$|strings$", (["a", "bb", "abc"], ["hello", "World"], [])),
    (r"list\[float", ([1.0, 2.5, 3.7], [0.5, -1.2], [4.0])),
    (r"list|lst|arr|nums$|numbers$|sequence|^l\d?$|^q$", ([1, 2, 3], [5, 3, 8, 1], [4, -2, 0, 7, 7], [])),
    (r"dict", ({"a": "b"}, {"x": 1, "y": 2}, {})),
    (r"float|real", (1.5, 3.0, -2.25)),
    (
        r"str|text|word|sentence|^s\d?$|message|name|date|brackets|paren",
        ("abc", "Hello world", "aBc 12", "racecar", ""),
    ),
    (r"bool|flag", (True, False)),
    (r"", (1, 2, 3, 5, 8, 10, 12)),
)
"""By what stands in an annotation or, where there is none, in a name."""


def inputs_for(task: Task, examples: Sequence[Example] = (), count: int = COUNT) -> tuple[Arguments, ...]:
    """Different arguments for *task*, none of them those of an example."""
    random = Random(task.prompt)
    given = [each.arguments for each in examples if len(each.arguments) == len(task.parameters)]
    known = {repr(each.arguments) for each in examples}
    fresh: dict[str, Arguments] = {}
    for made in islice(_made(task, given, random), TRIES):
        if repr(made) not in known and len(fresh) < count:
            fresh.setdefault(repr(made), made)
    return tuple(fresh.values())


def _made(task: Task, given: Sequence[Arguments], random: Random) -> Iterator[Arguments]:
    """Without end: whole rows of arguments, most with a change or two."""
    pools = [_pool(parameter, [row[place] for row in given]) for place, parameter in enumerate(task.parameters)]
    if not pools:
        yield ()
        return
    rows: list[Arguments] = list(given) or [tuple(random.choice(pool) for pool in pools) for _ in range(len(pools) * 3)]
    if not given:
        yield from rows
    while True:
        row = list(random.choice(rows))
        for _ in range(random.choice((1, 1, 2, 3))):
            place = random.randrange(len(row))
            row[place] = _changed(row[place], pools[place], random)
        yield tuple(row)


def _pool(parameter: Parameter, given: list[Any]) -> list[Any]:
    if given:
        return given
    said = (parameter.annotation or parameter.name).lower()
    return list(next(seeds for pattern, seeds in _SEEDS if re.search(pattern, said)))


def _changed(value: Any, pool: Sequence[Any], random: Random) -> Any:
    """Another value of the same sort."""
    if len(pool) > 1 and random.random() < 0.2:
        return random.choice(pool)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return _whole(value, pool, random)
    if isinstance(value, float):
        return round(random.choice((value + 1, value / 2, value * 3, value + 0.25, -value, random.uniform(-9, 9))), 3)
    if isinstance(value, str):
        return _text(value, pool, random)
    if isinstance(value, list | tuple):
        changed = _row(list(value), random)
        return changed if isinstance(value, list) else tuple(changed)
    if isinstance(value, dict):
        return _table(value, random)
    return random.choice(pool)


def _whole(value: int, pool: Sequence[Any], random: Random) -> int:
    """Stays above zero where every example does, and at zero only where one was there or near."""
    whole = [each for each in pool if isinstance(each, int)] or [value]
    least, most = min(whole), max(LARGEST, *whole)
    floor = -most if least < 0 else min(least, 1)
    made = random.choice((value + 1, value - 1, value + 2, value * 2, value // 2, random.randint(1, 12), value + 7))
    return max(floor, min(most, -made if least < 0 and random.random() < 0.3 else made))


def _text(value: str, pool: Sequence[Any], random: Random) -> str:
    letters = sorted({letter for each in pool if isinstance(each, str) for letter in each}) or list(LETTERS)
    if " " in value and random.random() < 0.5:
        return " ".join(str(word) for word in _row(value.split(" "), random))
    return "".join(str(letter) for letter in _row(list(value), random, fresh=lambda: random.choice(letters)))


def _row(items: list[Any], random: Random, fresh: Callable[[], Any] | None = None) -> list[Any]:
    """One more, one fewer, in another order, one of them changed."""
    made = list(items)
    act = random.randrange(6)
    if act == 0 and made:
        del made[random.randrange(len(made))]
    elif act == 1 and made:
        made.insert(random.randrange(len(made) + 1), random.choice(made))
    elif act == 2 and len(made) > 1:
        random.shuffle(made)
    elif act == 3 and len(made) > 1:
        made.reverse()
    elif made:
        place = random.randrange(len(made))
        made[place] = fresh() if fresh else _changed(made[place], items, random)
    elif fresh:
        made.append(fresh())
    return made


def _table(value: dict[Any, Any], random: Random) -> dict[Any, Any]:
    pairs = list(value.items())
    if pairs and random.random() < 0.5:
        del pairs[random.randrange(len(pairs))]
    return {key: _changed(item, list(value.values()), random) for key, item in pairs}
