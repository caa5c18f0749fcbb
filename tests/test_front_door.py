"""The front door and the stairs: what importing costs, what is public, and who may import whom."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import agentflow

pytestmark = pytest.mark.slow

ROOT = Path(agentflow.__file__).parent
HEAVY = ("dspy", "litellm", "numpy", "pydantic", "structlog", "rich", "openai")
LONGEST_FILE = 400

LAZY = {"cli": "a command imports what is heavy when it is called, so that help costs nothing"}
"""Folders whose functions may import our own modules, with the reason."""
LAZY_FUNCTIONS = {("agentflow.engines", "open_engine"): "an engine is imported when a tier names it"}


def python(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def homes() -> list[tuple[str, str]]:
    """Every public name with the file it comes from."""
    return [(agentflow._HOME_OF.get(name, name), name) for name in agentflow.__all__]


# the door


def test_importing_agentflow_imports_nothing_heavy() -> None:
    """Neither DSPy nor litellm nor any other slow library."""
    loaded = python("import sys, agentflow; print(*sorted({name.partition('.')[0] for name in sys.modules}))").split()

    assert not set(loaded) & set(HEAVY)


def test_importing_agentflow_does_nothing(tmp_path: Path) -> None:
    """No file, no thread, no output."""
    code = "import threading, agentflow; assert threading.active_count() == 1"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, cwd=tmp_path, check=True)

    assert (done.stdout, done.stderr) == (b"", b"")
    assert not list(tmp_path.iterdir())


def test_the_public_names_are_few_and_sorted() -> None:
    """At most thirty; each is listed once and has a home."""
    names = agentflow.__all__

    assert names == sorted(set(names))
    assert len(names) <= 30
    assert set(names) == {*agentflow._HOME_OF, "validators"}
    assert set(names) <= set(dir(agentflow))


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As of any module."""
    with pytest.raises(AttributeError, match="has no attribute 'budgets'"):
        _ = agentflow.budgets


def test_every_public_name_can_be_imported_first() -> None:
    """Alone, in an interpreter that has seen nothing of us, and before or after its own file."""
    checks = "\n".join(
        f"fresh(lambda: __import__('agentflow', fromlist=[{name!r}]), {home!r}, {name!r})" for home, name in homes()
    )
    code = f"""
import importlib, sys

def ours():
    return [name for name in sys.modules if name.partition('.')[0] == 'agentflow']

def fresh(first, home, name):
    for order in ('name', 'file'):
        for module in ours():
            del sys.modules[module]
        steps = [first, lambda: importlib.import_module('agentflow.' + home)]
        for step in steps if order == 'name' else reversed(steps):
            step()
        value = getattr(sys.modules['agentflow'], name)
        is_module = type(value).__name__ == 'module'
        assert is_module == (name == 'validators'), f'{{name}} became {{value!r}} when its {{order}} came first'

{checks}
"""
    python(code)


def test_no_public_name_is_a_file_as_well() -> None:
    """Importing the file would replace the function; only the namespace of validators is a module."""
    files = {path.stem for path in ROOT.iterdir()}

    assert files & set(agentflow.__all__) == {"validators"}


def test_types_are_shipped() -> None:
    """Type checkers look into the package."""
    assert (ROOT / "py.typed").is_file()


# the house


def sources() -> list[Path]:
    return sorted(path for folder in (ROOT, ROOT.parent / "pipelines") for path in folder.rglob("*.py"))


def test_no_file_is_longer_than_one_can_read() -> None:
    """Four hundred lines at most."""
    long = {str(path): lines for path in sources() if (lines := len(path.read_text().splitlines())) > LONGEST_FILE}

    assert not long


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def own_imports(tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    """Every import of ours below *tree*, with the module that it needs; those for type checkers are no imports."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names if alias.name.partition(".")[0] == "agentflow")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "agentflow":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield node, inner if is_file(inner) else str(node.module)
        else:
            yield from own_imports(node)


def is_file(name: str) -> bool:
    path = ROOT.parent.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def stairs() -> dict[str, set[str]]:
    """Which of our modules each of them imports when it is imported."""
    graph: dict[str, set[str]] = {}
    for path in sources():
        tree = ast.parse(path.read_text())
        inside = {id(node) for function in functions(tree) for node, _ in own_imports(function)}
        graph[module_name(path)] = {target for node, target in own_imports(tree) if id(node) not in inside}
    return graph


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Modules that need each other; empty when there are none."""
    left = {name: targets - {name} for name, targets in graph.items()}
    while free := [name for name, targets in left.items() if not targets & left.keys()]:
        for name in free:
            del left[name]
    return sorted(left)


def test_no_file_imports_one_that_imports_it() -> None:
    """The stairs go one way."""
    assert circle(stairs()) == []


def test_a_circle_would_be_found() -> None:
    """The test above can fail."""
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": set()}) == ["a", "b", "c", "d"]


def test_nothing_of_ours_is_imported_inside_a_function() -> None:
    """Except where the list at the top of this file gives the reason."""
    hidden = [
        f"{path.relative_to(ROOT.parent)}:{node.lineno} {function.name} imports {target}"
        for path in sources()
        if path.parent.name not in LAZY
        for function in functions(ast.parse(path.read_text()))
        if (module_name(path), function.name) not in LAZY_FUNCTIONS
        for node, target in own_imports(function)
    ]

    assert hidden == []


DOORS = {"greenlet": "bridge.py", "sqlite3": "store/", "litellm": "engines/", "tenacity": "engines/", "typer": "cli/"}


@pytest.mark.parametrize("library", DOORS)
def test_every_outside_thing_has_one_door(library: str) -> None:
    """Only the room behind that door touches it."""
    found = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if library in {name.partition(".")[0] for name in names}:
                found.add(str(path.relative_to(ROOT)))

    assert {name for name in found if not name.startswith(DOORS[library])} == set()
