"""Which steps can be seen from a pipeline before it runs: in its module, in what it closes over, in its module tree."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import dspy

from agentflow.declare import Pipeline
from agentflow.step import Step, Within

_HOLDERS = (dspy.Module, Within, Pipeline)
"""What is followed where a module or a list names it. Plain functions are not, or every import would be."""


def steps_of(function: Callable[..., Any]) -> list[Step]:
    """The steps, each once, in the order in which they are defined. What is made while running is not seen."""
    return list({id(step): step for step in _steps_in(function, set())}.values())


def _steps_in(value: Any, seen: set[int]) -> Iterator[Step]:
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, Step):
        yield value
    for inner in _inside(value):
        yield from _steps_in(inner, seen)


def _inside(value: Any) -> Iterator[Any]:
    """What may hold steps, one level down."""
    if isinstance(value, Within):
        yield value.step
    elif isinstance(value, Pipeline):
        yield value.function
    elif isinstance(value, partial):
        yield value.func
    elif isinstance(value, list | tuple | Mapping):
        items = value.values() if isinstance(value, Mapping) else value
        yield from (item for item in items if isinstance(item, _HOLDERS))
    elif isinstance(value, dspy.Module):
        yield from (inner for _, inner in value.named_sub_modules() if inner is not value)
        yield from (getattr(type(value), name, None) for name in ("forward", "aforward") if not isinstance(value, Step))
    elif inspect.ismethod(value):
        yield from (value.__self__, value.__func__)
    elif inspect.isfunction(value):
        named = [found for name, found in list(value.__globals__.items()) if not name.startswith("__")]
        yield from (found for found in named if isinstance(found, (*_HOLDERS, list, tuple, dict)))
        yield from (cell.cell_contents for cell in value.__closure__ or () if _is_filled(cell))


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:  # a name that its function defines later
        return False
