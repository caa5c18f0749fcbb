"""One text per judgement: how the parameters and functions of a validator are named in hashes.

No address, no order of a set and no counter ever appears in it.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from types import CodeType, FunctionType, MethodType, ModuleType

from agentflow.attempt import source_hash
from agentflow.progress import canonical

CONSTANTS = (str, bytes, int, float, tuple, frozenset, set, list, dict, re.Pattern)


def stable(value: object, seen: frozenset[int] = frozenset()) -> str:
    """A text that is equal in every process, and differs when *value* behaves differently."""
    identity = getattr(value, "identity", None)
    if callable(identity) and not isinstance(value, type):
        return str(identity())
    if isinstance(identity, str):
        return identity
    if isinstance(value, re.Pattern):
        return f"pattern({value.pattern!r}, {value.flags})"
    if isinstance(value, functools.partial):
        return f"partial({_each((value.func, value.args, value.keywords), seen)})"
    if isinstance(value, MethodType):
        return f"{stable(value.__func__, seen)} of {stable(value.__self__, seen)}"
    if isinstance(value, Mapping):
        return f"{{{', '.join(sorted(f'{key!r}: {stable(item, seen)}' for key, item in value.items()))}}}"
    if isinstance(value, tuple | list):
        return f"({_each(value, seen)})"
    if isinstance(value, FunctionType):
        return _function(value, seen)
    if isinstance(value, type):
        return f"class({value.__qualname__}, {source_hash(value)})"
    if callable(value):
        return f"object({type(value).__qualname__}, {source_hash(type(value))}, {canonical(_state(value))})"
    return f"{type(value).__name__} {canonical(value)}"


def _each(values: tuple[object, ...] | list[object], seen: frozenset[int]) -> str:
    return ", ".join(stable(value, seen) for value in values)


def _state(value: object) -> object:
    return getattr(value, "__dict__", {})


def _function(function: FunctionType, seen: frozenset[int]) -> str:
    if id(function) in seen:
        return function.__name__
    inside = seen | {id(function)}
    parts = [f"{function.__name__}:{source_hash(function)}"]
    if function.__name__ == "<lambda>":  # two lambdas on one line share their source
        parts.append(_code(function.__code__))
    known = inspect.getclosurevars(function)
    outside = {name: value for name, value in known.globals.items() if _matters(value, function)}
    for values in (known.nonlocals, outside, _defaults(function)):
        parts += [f"{name}={stable(value, inside)}" for name, value in sorted(values.items())]
    return f"function({', '.join(parts)})"


def _matters(value: object, function: Callable[..., object]) -> bool:
    """Constants, and helpers written beside the function; what a library does is its own affair."""
    if isinstance(value, ModuleType):
        return False
    beside = getattr(value, "__module__", None) == function.__module__
    return isinstance(value, CONSTANTS) or (isinstance(value, FunctionType) and beside)


def _defaults(function: FunctionType) -> dict[str, object]:
    parameters = inspect.signature(function).parameters.values()
    return {each.name: each.default for each in parameters if each.default is not inspect.Parameter.empty}


def _code(code: CodeType) -> str:
    constants = [_code(each) if isinstance(each, CodeType) else repr(each) for each in code.co_consts]
    return f"{code.co_code.hex()} {constants} {code.co_names}"
