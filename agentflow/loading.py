"""Import a file of pipelines as `python file.py` would, under a name of its own."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import ModuleType

from agentflow.errors import DefinitionError, PipelineNotFound

_importing: ContextVar[str] = ContextVar("agentflow_importing", default="")


def refuse_while_importing(door: str) -> None:
    """Raises `DefinitionError` when *door* is opened by a file that is only being looked at for its pipelines."""
    if file := _importing.get():
        raise DefinitionError(f"{file} calls {door}(…) when it is imported; put that under if __name__ == '__main__'")


def import_file(file: Path) -> ModuleType:
    """The module in *file* as it is written now, in a package of its own, so that relative imports find its folder.

    Raises `PipelineNotFound`, which names the line, when it cannot be imported.
    """
    path = file.resolve()
    try:
        source = path.read_bytes()
    except OSError as error:
        raise PipelineNotFound(f"{file} cannot be read: {error.strerror or error}") from error
    digest = hashlib.sha256(str(path).encode() + b"\n" + source).hexdigest()[:12]
    package = f"agentflow_pipeline_{digest}"
    name = f"{package}.{path.stem}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PipelineNotFound(f"{file} is no Python file; its name must end in .py")
    room = ModuleType(package)
    room.__path__ = [str(path.parent)]
    module = importlib.util.module_from_spec(spec)
    sys.modules |= {package: room, name: module}
    try:
        with _on_path(str(path.parent)):
            token = _importing.set(str(file))
            try:
                spec.loader.exec_module(module)
            finally:
                _importing.reset(token)
    except BaseException as error:
        del sys.modules[name], sys.modules[package]
        if not isinstance(error, Exception | SystemExit):
            raise
        where = f"{file}:{_line(error, path)}"
        raise PipelineNotFound(f"{where} cannot be imported: {type(error).__name__}: {error}") from error
    return module


@contextmanager
def _on_path(folder: str) -> Iterator[None]:
    """Look into *folder* first while a file of it is imported; last ever after, for imports that come while running."""
    before = folder in sys.path
    sys.path.insert(0, folder)
    try:
        yield
        if not before:
            sys.path.append(folder)
    finally:
        sys.path.remove(folder)


def _line(error: BaseException, path: Path) -> int:
    """The last line of *path* on the way to *error*."""
    if isinstance(error, SyntaxError) and error.lineno and error.filename == str(path):
        return error.lineno
    lines, trace = [0], error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return lines[-1]
