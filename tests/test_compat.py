"""What touches DSPy's insides: modules without a model of their own, errors as what they are, quiet logs."""

from __future__ import annotations

import logging
from typing import Any

import dspy
import pytest
from dspy import lm15
from pydantic import BaseModel

from agentflow import compat, prompts
from agentflow.errors import ConfigurationError, DefinitionError


def test_a_module_is_asked_on_the_tiers_model_and_not_on_one_bound_to_it() -> None:
    """What BestOfN binds is left out of a copy; a module that binds nothing is not copied."""
    free, bound = dspy.ChainOfThought("q -> a"), dspy.ChainOfThought("q -> a")
    bound.set_lm(compat.lm_of_nobody())

    assert compat.without_lm(free) is free
    assert compat.brings_lm(bound)
    assert not compat.brings_lm(compat.without_lm(bound))
    assert compat.brings_lm(bound)


def raised(error: Exception, *causes: Exception) -> Exception:
    for outer, inner in zip((error, *causes), causes, strict=False):
        outer.__cause__ = inner
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(raised(ValueError("x"), ConfigurationError("own")), "own", id="one below"),
        pytest.param(raised(ValueError("x"), KeyError("y"), ConfigurationError("own")), "own", id="two below"),
        pytest.param(ConfigurationError("own"), "own", id="itself"),
        pytest.param(ValueError("x"), "None", id="none"),
    ],
)
def test_our_own_error_is_found_behind_another(error: Exception, expected: str) -> None:
    """However often it was wrapped."""
    assert str(compat.own_error(error)) == expected


def test_an_engines_error_is_told_from_a_modules() -> None:
    """By what it is, or by being the very failure that the meter noted."""
    failure = RuntimeError("of the engine")

    assert compat.is_of_engine(lm15.ServerError("x"), None)
    assert compat.is_of_engine(raised(ValueError("x"), failure), failure)
    assert not compat.is_of_engine(RuntimeError("of the module"), failure)


@pytest.mark.parametrize("target", [3, None, dspy.Predict, "no arrow", "q -> a: Unknown", object()])
def test_what_is_no_module_is_refused(target: Any) -> None:
    """With what it should have been."""
    with pytest.raises(DefinitionError, match="signature"):
        compat.as_module(target)


def line(**fields: Any) -> Any:
    return type("Line", (BaseModel,), {"__annotations__": fields})


def test_identity_follows_the_inside_of_a_type() -> None:
    """A field more in a model is another question; the module a type was imported as is not."""
    one, same, other = (
        dspy.Predict(dspy.Signature({"q": (str, dspy.InputField()), "a": (kind, dspy.OutputField())}, "Do."))
        for kind in (line(name=str), line(name=str), line(name=str, price=int))
    )

    assert prompts.prompt_identity(one) == prompts.prompt_identity(same) != prompts.prompt_identity(other)


def test_structure_is_code_and_options() -> None:
    """How often a ReAct may turn is part of it; the random word that DSPy gives a predictor is not."""
    few, same, many = (dspy.ReAct("q -> a", tools=[], max_iters=n) for n in (3, 3, 4))

    assert prompts.structure_identity(few) == prompts.structure_identity(same) != prompts.structure_identity(many)


def test_one_line_of_dspys_log_is_quiet_and_others_are_not(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing global is configured: one logger drops one sentence."""
    compat.quiet_settings()
    compat.quiet_settings()
    logger = logging.getLogger("dspy.clients.lm")

    logger.warning("LM response was truncated; increase max_tokens or inspect history.")
    logger.warning("something else")

    assert [record.getMessage() for record in caplog.records] == ["something else"]
    assert len([each for each in logger.filters if getattr(each, "__name__", "") == "_is_news"]) == 1


def test_a_trace_that_nobody_reads_keeps_nothing() -> None:
    """BestOfN extends it and Predict appends to it, for as long as a run lasts."""
    trace = compat.UnreadTrace()

    trace.append(1)
    trace.extend([1, 2])

    assert list(trace) == []
