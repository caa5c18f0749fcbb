"""Declare a pipeline: a function or DSPy module made of steps, and how a run finds it again."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import json
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from agentflow import compat
from agentflow.boundary import name_of
from agentflow.errors import ConfigurationError, DefinitionError, PipelineNotFound
from agentflow.events import ValueKept
from agentflow.records import to_json


@dataclass(frozen=True)
class Pipeline:
    """A function or module that a run can perform. Calling it binds its arguments and starts nothing."""

    function: Callable[..., Any]

    def __call__(self, *args: Any, **kwargs: Any) -> Bound:
        """The pipeline with its arguments: hand it to `run`, or await it inside a run."""
        if isinstance(self.function, type) or not callable(self.function):
            raise DefinitionError(f"@pipeline takes a function or a module, not {self.function!r}")
        return Bound(self, self._bind(args, kwargs))

    @property
    def name(self) -> str:
        """What reports call it."""
        return name_of(self.function)

    @property
    def reference(self) -> str:
        """`file.py:function`; empty when no file holds it under its name."""
        module = sys.modules.get(getattr(self.function, "__module__", "") or "")
        file = getattr(module, "__file__", None)
        held = getattr(module, self.name, None)
        return f"{Path(file).absolute()}:{self.name}" if file and held in (self, self.function) else ""

    @property
    def source_hash(self) -> str:
        """Hash of the file that holds it; empty when there is none."""
        file = self.reference.rpartition(":")[0]
        return hashlib.sha256(Path(file).read_bytes()).hexdigest() if file else ""

    def bind(self, arguments: Mapping[str, Any]) -> Bound:
        """The pipeline with arguments by name."""
        return Bound(self, self._bind((), arguments))

    def parse_arguments(self, words: Sequence[str]) -> dict[str, Any]:
        """Arguments from a command line: `name=value` by name, other words in order; JSON where it parses.

        The last parameter takes all words that are left when it is a list. Raises `ConfigurationError`.
        """
        names = list(self._signature().parameters)
        named = dict(word.split("=", 1) for word in words if word.partition("=")[0] in names and "=" in word)
        plain = [word for word in words if not (word.partition("=")[0] in names and "=" in word)]
        arguments: dict[str, Any] = {name: _value(text) for name, text in named.items()}
        free = [name for name in names if name not in arguments]
        for position, name in enumerate(free):
            if position == len(free) - 1 and self._takes_list(name):
                if plain:
                    arguments[name], plain = [_value(word) for word in plain], []
            elif plain:
                arguments[name] = _value(plain.pop(0))
        if plain:
            raise ConfigurationError(
                f"{self.name} does not take {plain[0]!r}; it takes {', '.join(names) or 'nothing'}"
            )
        self._bind((), arguments)
        return arguments

    def _bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return dict(self._signature().bind(*args, **kwargs).arguments)
        except TypeError as error:
            raise ConfigurationError(f"{self.name}: {error}; it is called as {self.name}{self._signature()}") from error

    def _signature(self) -> inspect.Signature:
        return inspect.signature(getattr(self.function, "forward", self.function))

    def _takes_list(self, name: str) -> bool:
        return str(self._signature().parameters[name].annotation).startswith(("list", "Sequence", "tuple"))


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
        except (TypeError, ValueError):
            return None
        return text if json.loads(text) == self.arguments else None

    async def _inside(self) -> Any:
        """As part of another pipeline: on the caller's account."""
        result = self.pipeline.function(**self.arguments)
        return await result if inspect.isawaitable(result) else result


def pipeline(target: Any) -> Pipeline:
    """Declare that *target*, a function or a DSPy module made of steps, is a pipeline."""
    if isinstance(target, Pipeline):
        return target
    if isinstance(target, type) or not callable(target):
        raise DefinitionError(f"@pipeline takes a function or a module, not {target!r}")
    return Pipeline(target)


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
    found = {key: value for key, value in vars(_import(file)).items() if isinstance(value, Pipeline)}
    if name:
        if name not in found:
            raise PipelineNotFound(f"{path} has no pipeline {name!r}; it has {', '.join(sorted(found)) or 'none'}")
        return found[name]
    own = {value.name: value for value in found.values()}
    if len(own) != 1:
        names = ", ".join(f"{path}:{key}" for key in sorted(own))
        raise PipelineNotFound(
            f"{path} holds {len(own)} pipelines; " + (f"choose one of {names}" if own else "mark one with @pipeline")
        )
    return next(iter(own.values()))


def _import(file: Path) -> ModuleType:
    """Import *file* under a name of its own, its folder on the path as `python file.py` would have it."""
    name = f"agentflow_pipeline_{hashlib.sha256(str(file.absolute()).encode()).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file.absolute())
    if spec is None or spec.loader is None:
        raise PipelineNotFound(f"{file} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    folder = str(file.absolute().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # because a user's file may fail in any way, and must be named
        del sys.modules[name]
        where = f"{file}:{_line(error, file)}"
        raise PipelineNotFound(f"{where} cannot be imported: {type(error).__name__}: {error}") from error
    return module


def _line(error: BaseException, file: Path) -> int:
    """The last line of *file* on the way to *error*."""
    if isinstance(error, SyntaxError) and error.lineno:
        return error.lineno
    lines, trace = [0], error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(file.absolute()):
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return lines[-1]


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
