"""Has DSPy's models refuse to be asked inside a run that does not meter them. Outside of runs it does nothing.

Anything else could send what nobody reserved: a model that user code puts into `dspy.context`, or asks itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

import dspy

from agentflow.compat import current_scope
from agentflow.errors import ConfigurationError

DOORS = ("__call__", "acall", "forward", "aforward")
_MARK = "_agentflow_guarded"


def install() -> None:
    """Guard every model class there is, and every one that will be defined. Twice is once."""
    if getattr(dspy.BaseLM, _MARK, False):
        return
    setattr(dspy.BaseLM, _MARK, True)
    for kind in (dspy.BaseLM, *_subclasses(dspy.BaseLM), dspy.Embedder):
        _guard(kind)

    def guard_subclass(cls: type[Any], /, **options: Any) -> None:
        super(dspy.BaseLM, cls).__init_subclass__(**options)
        _guard(cls)

    dspy.BaseLM.__init_subclass__ = classmethod(guard_subclass)


def _guard(kind: type) -> None:
    for name in DOORS:
        door = vars(kind).get(name)
        if callable(door) and not getattr(door, _MARK, False):
            setattr(kind, name, _guarded(door))


def _guarded(door: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(door):

        @wraps(door)
        async def guarded(self: Any, *args: Any, **options: Any) -> Any:
            _refuse_unmetered(self)
            return await door(self, *args, **options)
    else:

        @wraps(door)
        def guarded(self: Any, *args: Any, **options: Any) -> Any:
            _refuse_unmetered(self)
            return door(self, *args, **options)

    setattr(guarded, _MARK, True)
    return guarded


def _refuse_unmetered(model: Any) -> None:
    if current_scope() is not None and not getattr(model, "is_metered", False):
        name = getattr(model, "model", type(model).__name__)
        raise ConfigurationError(f"{name} is not metered: inside a run a model is asked by a Step, on a Tier")


def _subclasses(kind: type) -> list[type]:
    inner: list[type] = kind.__subclasses__()
    return [*inner, *(deeper for each in inner for deeper in _subclasses(each))]
