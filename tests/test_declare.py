"""Pipelines: what can be one, how it takes its arguments, and how it is found in a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import dspy
import pytest

from agentflow import ConfigurationError, DefinitionError, Step, load_pipeline, pipeline, validators
from agentflow.declare import Bound, Pipeline
from agentflow.errors import PipelineNotFound
from agentflow.survey import steps_of
from tests.crews import ask, perform

SIMPLE = """
from agentflow import pipeline

@pipeline
def one(text: str = "x") -> str:
    return text
"""

hidden = Step("question -> answer", validate=validators.none(reason="test"), name="hidden")
LISTED = [hidden]


def write(folder: Path, text: str, name: str = "flow.py") -> Path:
    file = folder / name
    file.write_text(text)
    return file


class Program(dspy.Module):  # type: ignore[misc]  # dspy is untyped
    """Reads a receipt."""

    def __init__(self) -> None:
        super().__init__()
        self.ask = ask

    def forward(self, receipt: str, times: int = 1) -> str:
        return str(self.ask(question=receipt).answer) * times


class AsyncProgram(Program):
    async def aforward(self, receipt: str, times: int = 1) -> str:
        return str((await self.ask.acall(question=receipt)).answer) * times


class Open(dspy.Module):  # type: ignore[misc]  # dspy is untyped
    def forward(self, **inputs: Any) -> str:
        return str(ask(**inputs).answer)


program = pipeline(Program())


@pipeline
async def nested(receipt: str) -> list[Any]:
    """Pipelines inside a pipeline."""
    return [await program(receipt=receipt), await pipeline(AsyncProgram())(receipt), await plain(receipt)]


@pipeline
def plain(receipt: str) -> str:
    """A pipeline without await."""
    return str(ask(question=receipt).answer)


# what can be one


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (Program, "a function or a module"),
        ("totals", "a function or a module"),
        (lambda text, /: text, "keeps arguments by name"),
        (lambda *texts: texts, "keeps arguments by name"),
    ],
    ids=["a class", "a name", "a positional-only parameter", "a parameter without end"],
)
def test_what_cannot_be_a_pipeline_is_refused_at_definition(target: Any, message: str) -> None:
    """The error says what can."""
    with pytest.raises(DefinitionError, match=message):
        pipeline(target)


@pytest.mark.parametrize("module", [Program, AsyncProgram, Open])
def test_a_module_made_of_steps_is_a_pipeline(tmp_path: Path, module: Callable[[], Any]) -> None:
    """`pipeline(program)(receipt=…)` runs it, whichever face it has."""
    name = "question" if module is Open else "receipt"
    bound = pipeline(module())(**{name: "TOTAL 1"})

    outcome = perform(lambda: bound, tmp_path)

    assert (outcome.status, outcome.value, outcome.spent.calls) == ("accepted", "yes", 1)


def test_pipelines_can_be_awaited_inside_a_pipeline(tmp_path: Path) -> None:
    """They spend on the account of whoever awaits them."""
    outcome = perform(lambda: nested(receipt="x"), tmp_path)

    assert (outcome.value, outcome.spent.calls) == (["yes", "yes", "yes"], 3)


def test_declaring_twice_changes_nothing() -> None:
    """A pipeline is a pipeline."""
    assert pipeline(plain) is plain


# its reference


def takes(receipt: str) -> None: ...


@pytest.mark.parametrize(("declared", "name"), [(plain, "plain"), (program, "program")], ids=["function", "module"])
def test_a_pipeline_knows_where_it_stands(declared: Pipeline, name: str) -> None:
    """File and name, under which it is found again."""
    assert declared.reference == f"{Path(__file__).absolute()}:{name}"


@pytest.mark.parametrize("target", [lambda: None, partial(takes), Program()], ids=["lambda", "partial", "module"])
def test_a_pipeline_that_no_name_holds_has_no_reference(target: Any) -> None:
    """It cannot be resumed, and a run says so at its start."""
    assert pipeline(target).reference == ""


# arguments


def takes_texts(first: str, receipts: list[str]) -> None: ...
def takes_numbers(count: int, scores: Sequence[float] = ()) -> None: ...
def takes_one(receipt: str) -> None: ...
def takes_any(value, rest=None): ...  # type: ignore[no-untyped-def]  # as people write in a hurry


WORDS = [
    pytest.param(takes_texts, ["2024", "a.txt", "7"], {"first": "2024", "receipts": ["a.txt", "7"]}, id="texts stay"),
    pytest.param(takes_texts, ["first=1", "a"], {"first": "1", "receipts": ["a"]}, id="a name goes first"),
    pytest.param(takes_texts, ["x", "receipts=a", "receipts=b"], {"first": "x", "receipts": ["a", "b"]}, id="repeated"),
    pytest.param(takes_texts, ["x", '["a", "b"]'], {"first": "x", "receipts": ["a", "b"]}, id="a list in JSON"),
    pytest.param(takes_texts, ["x", "./a=b.txt"], {"first": "x", "receipts": ["./a=b.txt"]}, id="a path with ="),
    pytest.param(takes_numbers, ["3", "0.5", "1"], {"count": 3, "scores": [0.5, 1]}, id="numbers are read"),
    pytest.param(takes_numbers, ["count=3"], {"count": 3}, id="defaults stay"),
    pytest.param(takes_any, ['{"a": 1}', "text"], {"value": {"a": 1}, "rest": "text"}, id="JSON where it parses"),
    pytest.param(takes_any, ["true"], {"value": True}, id="a truth"),
]


@pytest.mark.parametrize(("function", "words", "arguments"), WORDS)
def test_words_of_a_command_line_become_arguments(
    function: Callable[..., Any], words: list[str], arguments: dict[str, Any]
) -> None:
    """By name or in order, as JSON unless a text is declared; a last list takes the rest."""
    assert pipeline(function).parse_arguments(words) == arguments


@pytest.mark.parametrize(
    ("function", "words", "message"),
    [
        pytest.param(takes_one, [], r"missing.*'receipt'; it is called as takes_one\(receipt: 'str'\)", id="missing"),
        pytest.param(takes_one, ["a", "b"], "no parameter left for 'b'", id="one too many"),
        pytest.param(takes_one, ["reciept=a"], r"takes no 'reciept'.*called as takes_one", id="a misspelt name"),
        pytest.param(takes_one, ["receipt=a", "receipt=b"], "'receipt' was given 2 times", id="twice"),
    ],
)
def test_wrong_words_are_refused_with_the_signature(
    function: Callable[..., Any], words: list[str], message: str
) -> None:
    """Nothing is guessed."""
    with pytest.raises(ConfigurationError, match=message):
        pipeline(function).parse_arguments(words)


def test_wrong_arguments_in_python_are_refused_with_the_signature() -> None:
    """When it is called, not when it is run."""
    with pytest.raises(ConfigurationError, match=r"unexpected keyword argument 'text'; it is called as plain"):
        plain("x", text="x")


@pytest.mark.parametrize(
    ("value", "is_said"),
    [([1, "a", None], True), ((1, 2), False), ({1: 2}, False), (float("nan"), False), ({1}, False)],
)
def test_arguments_are_kept_as_json_only_when_they_come_back_the_same(value: Any, is_said: bool) -> None:
    """A resumed run must get what the first one got."""
    text = Bound(plain, {"receipt": value}).arguments_json

    assert (text is not None) is is_said
    assert text is None or json.loads(text) == {"receipt": value}


# files


def test_a_file_with_one_pipeline_needs_no_name(tmp_path: Path) -> None:
    """Imported ones do not count; and a name still finds it."""
    write(tmp_path, SIMPLE.replace("one", "helper_flow"), "helper_of_simple.py")
    file = write(tmp_path, "from helper_of_simple import helper_flow\n" + SIMPLE)

    assert load_pipeline(str(file)).name == "one"
    assert load_pipeline(f"{file}:helper_flow").name == "helper_flow"


TWO = SIMPLE + SIMPLE.replace("one", "two")
TWINS = (
    "from agentflow import pipeline, Step, validators\nimport dspy\nclass P(dspy.Module):\n    def forward(self): ...\n"
)

BROKEN = [
    pytest.param("x = 1", "", "holds no pipelines; mark one with @pipeline", id="none"),
    pytest.param(TWO, "", r"holds 2 pipelines; choose one of .*flow.py:one, .*flow.py:two", id="two"),
    pytest.param(TWINS + "a = pipeline(P())\nb = pipeline(P())", "", "holds 2 pipelines", id="two of one module class"),
    pytest.param(SIMPLE, ":three", "has no pipeline 'three'; it has one", id="a wrong name"),
    pytest.param("def f(): ...", ":f", "f in .* is no pipeline; mark it with @pipeline", id="an unmarked function"),
    pytest.param("\n\nimport nowhere_at_all", "", r"flow.py:3 cannot be imported: ModuleNotFound", id="an import"),
    pytest.param("\nx = (", "", r"flow.py:2 cannot be imported: SyntaxError", id="bad syntax"),
    pytest.param("\nraise SystemExit(2)", "", r"flow.py:2 cannot be imported: SystemExit: 2", id="leaving"),
    pytest.param("def f():\n    1 / 0\nf()", "", r"flow.py:2 cannot be imported: ZeroDivision", id="a deep error"),
    pytest.param("import dspy, agentflow\nagentflow.Step('a -> b')", "", r"flow.py:2 .*needs validate=", id="a step"),
]


@pytest.mark.parametrize(("text", "name", "message"), BROKEN)
def test_a_file_that_gives_no_pipeline_says_what_is_wrong_and_where(
    tmp_path: Path, text: str, name: str, message: str
) -> None:
    """The file, the line, and what there is instead."""
    file, before = write(tmp_path, text), list(sys.path)

    with pytest.raises(PipelineNotFound, match=message):
        load_pipeline(f"{file}{name}")

    assert str(tmp_path) not in sys.path or sys.path == [*before, str(tmp_path)]


@pytest.mark.parametrize("path", ["nowhere.py", "notes.txt", "."], ids=["missing", "no Python", "a folder"])
def test_what_is_no_python_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """With the way out."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "text", "notes.txt")

    with pytest.raises(PipelineNotFound, match=r"there is no file|is no Python file"):
        load_pipeline(path)


@pytest.mark.parametrize("style", ["from beside_{n} import NAME", "from .beside_{n} import NAME"], ids=["plain", "dot"])
def test_a_file_may_import_what_stands_beside_it(tmp_path: Path, style: str) -> None:
    """As `python file.py` would have it, and relatively; the folder shadows nothing afterwards."""
    number = len(style)
    write(tmp_path, "NAME = 'beside'", f"beside_{number}.py")
    file = write(tmp_path, style.format(n=number) + SIMPLE.replace('"x"', "NAME"))

    loaded = load_pipeline(str(file))

    assert loaded.signature.parameters["text"].default == "beside"
    assert sys.path[0] != str(tmp_path)
    assert sys.path.count(str(tmp_path)) == 1


def test_a_file_is_loaded_as_it_is_written_now(tmp_path: Path) -> None:
    """An edited file is another file; an unchanged one is not run twice."""
    file = write(tmp_path, SIMPLE)
    first = load_pipeline(str(file))
    assert load_pipeline(str(file)) is first

    write(tmp_path, SIMPLE.replace('"x"', '"y"'))

    assert load_pipeline(str(file)).signature.parameters["text"].default == "y"


# what is seen of it before it runs


def closing_over(step: Step) -> Callable[[], Any]:
    def work() -> Any:
        return step, unborn

    held = work
    unborn = None
    return held


@pytest.mark.parametrize(
    "target",
    [
        Program(),
        AsyncProgram(),
        plain,
        nested,
        closing_over(ask),
        partial(plain.function, receipt="x"),
        Program().forward,
    ],
    ids=["a module", "an async module", "a pipeline", "a nest", "a closure", "a partial", "a method"],
)
def test_the_steps_of_a_pipeline_are_seen_before_it_runs(target: Any) -> None:
    """Wherever it holds them."""
    assert ask in steps_of(target)


def test_steps_in_lists_of_the_file_are_seen() -> None:
    """A module-level list or mapping of steps is looked into."""
    assert hidden in steps_of(plain.function)
