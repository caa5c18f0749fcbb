"""Which steps can be seen from a pipeline before it runs: in its module, in what it closes over, in its module tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import dspy

from agentflow.step import Step, Within


def steps_of(function: Callable[..., Any]) -> list[Step]:
    """The steps, each once, in the order in which they are defined. What is made while running is not seen."""
    seen: dict[int, Step] = {}
    for value in _reachable(function):
        for step in _steps_in(value):
            seen.setdefault(id(step), step)
    return list(seen.values())


def _reachable(function: Callable[..., Any]) -> Iterator[Any]:
    yield function
    code = getattr(function, "__code__", None)
    if code is None:
        return
    names = getattr(function, "__globals__", {})
    yield from (value for value in list(names.values()) if isinstance(value, dspy.Module | Within))
    for cell in getattr(function, "__closure__", None) or ():
        yield cell.cell_contents


def _steps_in(value: Any) -> Iterator[Step]:
    if isinstance(value, Within):
        yield value.step
    elif isinstance(value, Step):
        yield value
    elif isinstance(value, dspy.Module):
        for _, inner in value.named_sub_modules():
            if isinstance(inner, Step):
                yield inner
