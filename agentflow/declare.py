"""Declare a pipeline: a function or DSPy module made of steps, and how a run finds it again."""

from __future__ import annotations

import hashlib
import inspect
import json
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import dspy

from agentflow import compat
from agentflow.errors import ConfigurationError, DefinitionError, PipelineNotFound
from agentflow.events import ValueKept
from agentflow.loading import import_file
from agentflow.records import to_json
from agentflow.step import Within
from agentflow.words import parse_arguments


@dataclass(frozen=True)
class Pipeline:
    """A function or module that a run can perform. Calling it binds its arguments and starts nothing."""

    function: Callable[..., Any]
    module: str = ""
    """Name of the Python module that declared it."""

    def __call__(self, *args: Any, **kwargs: Any) -> Bound:
        """The pipeline with its arguments: hand it to `run`, or await it inside a run."""
        return Bound(self, self._bind(args, kwargs))

    @property
    def name(self) -> str:
        """What reports call it."""
        return name_of(self.function)

    @property
    def reference(self) -> str:
        """`file.py:name`; empty when no file holds it under a name."""
        module = sys.modules.get(self.module)
        file = getattr(module, "__file__", None)
        held = [key for key, value in vars(module).items() if value is self] if module is not None else []
        if not file or not held or not Path(file).is_file():  # what is typed or piped in has a name, but no file
            return ""
        return f"{Path(file).absolute()}:{self.name if self.name in held else held[0]}"

    @property
    def source_hash(self) -> str:
        """Hash of the file that holds it; empty when there is none."""
        file = self.reference.rpartition(":")[0]
        return hashlib.sha256(Path(file).read_bytes()).hexdigest() if file else ""

    @property
    def signature(self) -> inspect.Signature:
        """What it takes."""
        return _signature_of(self.function)

    def parse_arguments(self, words: Sequence[str]) -> dict[str, Any]:
        """Arguments from the words of a command line. Raises `ConfigurationError`."""
        return self._bind((), parse_arguments(self.name, self.signature, words))

    def bind(self, arguments: Mapping[str, Any]) -> Bound:
        """The pipeline with arguments by name."""
        return Bound(self, self._bind((), arguments))

    def _bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        signature = self.signature
        try:
            arguments = dict(signature.bind(*args, **kwargs).arguments)
        except TypeError as error:
            raise ConfigurationError(f"{self.name}: {error}; it is called as {self.name}{signature}") from error
        for parameter in signature.parameters.values():
            if parameter.kind is parameter.VAR_KEYWORD:
                arguments |= arguments.pop(parameter.name, {})
            elif parameter.kind is parameter.VAR_POSITIONAL and arguments.pop(parameter.name, ()):
                raise ConfigurationError(f"{self.name} takes its arguments by name: {self.name}{signature}")
        return arguments


@dataclass(frozen=True)
class Bound:
    """A pipeline with its arguments."""

    pipeline: Pipeline
    arguments: dict[str, Any] = field(default_factory=dict)

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._inside().__await__()

    @property
    def arguments_json(self) -> str | None:
        """JSON of the arguments; None when JSON cannot say them."""
        try:
            text = json.dumps(self.arguments)
        except (TypeError, ValueError, RecursionError):
            return None
        return text if json.loads(text) == self.arguments else None

    async def _inside(self) -> Any:
        """As part of another pipeline: on the caller's account."""
        function: Any = self.pipeline.function
        is_async = isinstance(function, dspy.Module) and hasattr(type(function), "aforward")
        result = (function.acall if is_async else function)(**self.arguments)
        return await result if inspect.isawaitable(result) else result


def pipeline(target: Any) -> Pipeline:
    """Declare that *target*, a function or a DSPy module made of steps, is a pipeline.

    Raises `DefinitionError` for anything else, and for a function that takes arguments without a name.
    """
    if isinstance(target, Pipeline):
        return target
    if isinstance(target, type) or not callable(target):
        raise DefinitionError(f"@pipeline takes a function or a module, not {target!r}")
    if not isinstance(target, dspy.Module):
        for parameter in _signature_of(target).parameters.values():
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
                raise DefinitionError(f"{name_of(target)}: a run keeps arguments by name; {parameter} has none")
    declaring = target if inspect.isfunction(target) else None
    module = declaring.__module__ if declaring is not None else sys._getframe(1).f_globals.get("__name__", "")
    return Pipeline(target, module)


def keep(value: Any, *, name: str = "value") -> None:
    """Have *value* in the run's partial result, whatever comes. The last value of a name counts.

    Raises `ConfigurationError` for what JSON cannot say, and nothing outside a run.
    """
    scope = compat.current_scope()
    if scope is not None:
        scope.run.append(ValueKept(scope.run.id, name, to_json(value)))


def load_pipeline(reference: str) -> Pipeline:
    """The pipeline of `file.py` or `file.py:name`. Raises `PipelineNotFound` with what there is instead."""
    path, _, name = reference.rpartition(":") if ".py:" in reference else (reference, "", "")
    file = Path(path)
    if not file.is_file():
        raise PipelineNotFound(f"there is no file {path}; name a Python file that holds one @pipeline")
    module = import_file(file)
    found = {key: value for key, value in vars(module).items() if isinstance(value, Pipeline)}
    if name:
        return _named(module, found, path, name)
    own = {id(value): value for value in found.values() if value.module == module.__name__}
    choice = own or {id(value): value for value in found.values()}
    if len(choice) != 1:
        names = ", ".join(f"{path}:{key}" for key, value in sorted(found.items()) if id(value) in choice)
        way_out = f"choose one of {names}" if choice else "mark one with @pipeline"
        raise PipelineNotFound(f"{path} holds {len(choice) or 'no'} pipelines; {way_out}")
    return next(iter(choice.values()))


def _named(module: ModuleType, found: dict[str, Pipeline], path: str, name: str) -> Pipeline:
    if name in found:
        return found[name]
    if callable(getattr(module, name, None)):
        raise PipelineNotFound(f"{name} in {path} is no pipeline; mark it with @pipeline")
    raise PipelineNotFound(f"{path} has no pipeline {name!r}; it has {', '.join(sorted(found)) or 'none'}")


def name_of(target: Any) -> str:
    """What paths call a target."""
    inner = target.step if isinstance(target, Within) else target.func if isinstance(target, partial) else target
    name = getattr(inner, "name", "") or getattr(inner, "__name__", "") or type(inner).__name__
    return str(name)


def _signature_of(target: Any) -> inspect.Signature:
    if not isinstance(target, dspy.Module):
        return inspect.signature(target)
    forward = getattr(target, "forward", None) or getattr(target, "aforward", None)
    return inspect.signature(forward if forward is not None else target)
