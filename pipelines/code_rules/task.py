"""What a prompt asks for: the function that it opens, its parameters and its words. Nothing is run here."""

from __future__ import annotations

import ast
from dataclasses import dataclass

LONGEST = 20_000
"""Characters of a prompt; no function is asked for in more."""
UNREADABLE = (SyntaxError, ValueError, MemoryError, RecursionError)
"""What Python's own parser raises at what is no Python."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the function."""

    name: str
    annotation: str
    """As written; empty where there is none."""
    is_optional: bool


@dataclass(frozen=True, slots=True)
class Task:
    """A function to be written."""

    prompt: str
    entry_point: str
    parameters: tuple[Parameter, ...]
    returns: str
    """The return annotation as written; empty where there is none."""
    docstring: str
    """Between its quotes, as written: backslashes stand for themselves."""

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        needed = sum(not parameter.is_optional for parameter in self.parameters)
        return needed <= count <= len(self.parameters)


def read_task(prompt: str) -> Task | None:
    """The task of a prompt that ends within its last function, after the docstring; None where it is none."""
    tree = parsed(f"{prompt.rstrip()}\n    pass\n")
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)] if tree else []
    if not functions or functions[-1].args.kwonlyargs or functions[-1].args.vararg:
        return None
    last = functions[-1]
    given = [*last.args.posonlyargs, *last.args.args]
    first_optional = len(given) - len(last.args.defaults)
    parameters = tuple(
        Parameter(each.arg, _written(each.annotation), place >= first_optional) for place, each in enumerate(given)
    )
    return Task(prompt, last.name, parameters, _written(last.returns), _docstring(prompt, last))


def parsed(text: str) -> ast.Module | None:
    """The syntax tree of *text*; None where it is no Python, or too much of it."""
    if len(text) > LONGEST:
        return None
    try:
        return ast.parse(text)
    except UNREADABLE:
        return None


def _written(annotation: ast.expr | None) -> str:
    return "" if annotation is None else ast.unparse(annotation)


def _docstring(prompt: str, function: ast.FunctionDef) -> str:
    first = function.body[0]
    if ast.get_docstring(function) is None or not isinstance(first, ast.Expr):
        return ""
    written = (ast.get_source_segment(prompt, first) or "").lstrip("rRuUbB")
    width = 3 if written.startswith(("'''", '"""')) else 1
    return written[width:-width]
