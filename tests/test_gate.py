"""The gate: how sure a model was travels with its answer, and decides where thresholds say so."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow import validators as v
from agentflow.attempt import Attempt
from agentflow.errors import ConfigurationError, DefinitionError
from agentflow.gates import Entry, Gate, load_gate
from agentflow.records import dump_attempts, load_attempts
from agentflow.scope import Flight
from agentflow.thresholds import Scored
from agentflow.usage import Usage
from agentflow.verdict import Case, Validator, Verdict


def judged(rule: Validator, confidence: float | None, tier: str = "a/small", *, by_function: bool = False) -> Verdict:
    """The verdict on an answer of that confidence."""
    found = rule.judge(Case({}, {"x": 1}, tier=tier, confidence=confidence, by_function=by_function))
    assert isinstance(found, Verdict)
    return found


# confident


@pytest.mark.parametrize(
    ("at_least", "confidence", "accepted"),
    [
        pytest.param(-0.2, -0.2, True, id="the threshold itself is enough"),
        pytest.param(-0.2, -0.2000001, False, id="a hair below is not"),
        pytest.param(-0.2, None, False, id="silence is not"),
        pytest.param({"a/small": -0.2}, -0.3, False, id="by tier"),
        pytest.param({"a/large": -0.2}, -9.0, True, id="a tier without a threshold passes"),
        pytest.param({"a/large": -0.2}, None, True, id="and need not say how sure it was"),
        pytest.param({}, None, True, id="no thresholds at all"),
    ],
)
def test_an_answer_passes_when_the_model_was_sure(at_least: Any, confidence: float | None, accepted: bool) -> None:
    """For all tiers alike, or by the tier's label."""
    assert bool(judged(v.confident(at_least), confidence)) is accepted


def test_a_rejection_says_that_the_model_was_unsure() -> None:
    """With both numbers, as a failure of its own class."""
    verdict = judged(v.confident(-0.2), -0.51)

    assert verdict.kind == "confident"
    assert verdict.feedback == "the model was unsure: -0.510 per token, and -0.200 is needed"


def test_a_function_is_never_unsure() -> None:
    """It has no confidence, and passes; a model without one does not, and negation proves nothing."""
    rule = v.confident(-0.2)

    assert judged(rule, None, by_function=True)
    assert judged(rule, None).kind == "undecided:confident"
    assert not judged(~rule, None)


@pytest.mark.parametrize("at_least", [True, math.nan, -math.inf, "-0.2", None, {"a": None}, {"a": True}, 10**400])
def test_a_threshold_that_is_no_number_is_refused(at_least: Any) -> None:
    """When the step is defined."""
    with pytest.raises(DefinitionError, match="mean log-probability"):
        v.confident(at_least)


def test_other_thresholds_judge_otherwise() -> None:
    """The identity covers every number, in whatever order they are named."""
    one, other = v.confident({"a": -0.1, "b": -0.2}), v.confident({"b": -0.2, "a": -0.1})

    assert one.identity() == other.identity()
    rules = [one, v.confident(-0.1), v.confident(-0.2), v.confident({"a": -0.1}), v.confident({"a": -0.1, "b": -0.3})]
    assert len({rule.identity() for rule in rules}) == len(rules)


# the file


ENTRY = Entry(-0.25, 0.9, 0.95, 60, 59, "sha256:ab")
NEVER = replace(ENTRY, threshold=None)
GATE = Gate({"read_total": {"a/small": ENTRY, "a/large": NEVER}, "read_date": {}})


def changed(*place: str, to: Any) -> dict[str, Any]:
    """The file's object with one thing changed; to `...`: taken out."""
    plain = json.loads(GATE.to_json())
    inner = plain
    for key in place[:-1]:
        inner = inner[key]
    if to is ...:
        del inner[place[-1]]
    else:
        inner[place[-1]] = to
    return dict(plain)


def test_a_gate_decides_by_step_and_tier(tmp_path: Path) -> None:
    """From a file, an object or the value alike; null never believes, and a tier that is not named has no threshold."""
    file = tmp_path / "gate.json"
    file.write_text(GATE.to_json())

    for source in (GATE, file, str(file), json.loads(GATE.to_json())):
        rule = v.gate(source, step="read_total")

        assert judged(rule, -0.25)
        assert judged(rule, -0.26).kind == "confident"
        assert judged(rule, 0.0, "a/large").feedback.startswith("the model was unsure")
        assert judged(rule, None, "a/large", by_function=True)
        assert judged(rule, None, "a/other")
        assert rule == v.gate(GATE, step="read_total")


def test_a_gate_is_read_once(tmp_path: Path) -> None:
    """What was defined stands, whatever happens to the file meanwhile."""
    file = tmp_path / "gate.json"
    file.write_text(GATE.to_json())
    rule = v.gate(file, step="read_total")

    file.unlink()

    assert not judged(rule, -0.26)


def test_a_step_that_the_gate_does_not_know_is_refused() -> None:
    """A misspelt name must not mean that everything passes."""
    with pytest.raises(DefinitionError, match="no step 'read_totl'; it has read_date, read_total"):
        v.gate(GATE, step="read_totl")


TIER = ("steps", "read_total", "a/small")


@pytest.mark.parametrize(
    ("plain", "complaint"),
    [
        pytest.param(changed("version", to=2), "version is 2; give 1", id="another version"),
        pytest.param(changed("version", to=True), "version is True", id="a bool as version"),
        pytest.param(changed("version", to=...), "lacks 'version'", id="no version"),
        pytest.param(changed("note", to=""), "unknown key 'note'", id="an unknown key"),
        pytest.param(changed("steps", to=[]), "steps is .*give an object", id="a list of steps"),
        pytest.param(changed("steps", "read_total", to=1), "steps.read_total is 1", id="a step that is no object"),
        pytest.param(changed(*TIER, to=-0.2), r"steps.read_total.a/small is -0.2", id="a bare number"),
        pytest.param(changed(*TIER, "threshold", to=...), "a/small lacks 'threshold'", id="no threshold"),
        pytest.param(changed(*TIER, "treshold", to=1), "unknown key 'treshold'", id="a misspelt key"),
        pytest.param(changed(*TIER, "threshold", to="-1"), "a/small.threshold is '-1'", id="a text as threshold"),
        pytest.param(changed(*TIER, "threshold", to=False), "a/small.threshold is False", id="a bool as threshold"),
        pytest.param(changed(*TIER, "threshold", to=10**400), "a/small.threshold is 1000", id="beyond every float"),
        pytest.param(changed(*TIER, "target", to=90), "target is 90; give a share", id="percent"),
        pytest.param(changed(*TIER, "confidence", to=1.0), "confidence is 1.0", id="certainty"),
        pytest.param(changed(*TIER, "n", to=60.0), "n is 60.0; give a count", id="a float as count"),
        pytest.param(changed(*TIER, "right", to=-1), "right is -1", id="a negative count"),
        pytest.param(changed(*TIER, "right", to=61), "at most n, which is 60", id="more right than there were"),
        pytest.param(changed(*TIER, "source", to=None), "source is None; give a text", id="no source"),
    ],
)
def test_a_gate_that_is_not_understood_is_refused_by_name(plain: dict[str, Any], complaint: str) -> None:
    """Nothing is half believed."""
    with pytest.raises(ConfigurationError, match=complaint):
        Gate.parse(json.dumps(plain), name="gate.json")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("", "no JSON", id="empty"),
        pytest.param("[" * 100_000, "no JSON", id="endless nesting"),
        pytest.param("[]", "give an object", id="a list"),
        pytest.param('{"version": 1, "version": 1, "steps": {}}', "'version' stands there twice", id="a key twice"),
        pytest.param(GATE.to_json().replace("-0.25", "NaN"), "NaN is no number", id="not a number"),
        pytest.param(GATE.to_json().replace("-0.25", "-1e999"), "threshold is -inf", id="infinity in digits"),
        pytest.param(GATE.to_json().replace("-0.25", "9" * 9_999), "no JSON", id="endless digits"),
    ],
)
def test_a_text_that_is_no_gate_is_refused(text: str, complaint: str) -> None:
    """As what it is: a file that somebody must mend."""
    with pytest.raises(ConfigurationError, match=complaint):
        Gate.parse(text, name="gate.json")


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """Missing, a folder, or no text."""
    (tmp_path / "latin").write_bytes(b"\xff")
    for name in ("nowhere.json", "", "latin"):
        with pytest.raises(ConfigurationError, match="cannot be read"):
            load_gate(tmp_path / name)


@given(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)), st.text(max_size=20))
def test_a_gate_is_read_as_it_was_written(threshold: float | None, tier: str) -> None:
    """To the last bit of a threshold, whatever a tier is called."""
    gate = Gate({"step": {tier: replace(ENTRY, threshold=threshold)}})

    assert Gate.parse(gate.to_json()) == gate
    assert Gate.parse(gate.to_json()).to_json() == gate.to_json()


def test_an_entry_is_fitted_to_labelled_answers() -> None:
    """With the counts it rests on; without a threshold where they prove none."""
    good, bad = [Scored(-0.1, True)] * 60, [Scored(-1.0, False)] * 20

    fitted = Entry.fitted(good + bad, target=0.9, confidence=0.95, source="s")
    hopeless = Entry.fitted(bad, target=0.9, confidence=0.95, source="s")

    assert fitted == Entry(-0.1, 0.9, 0.95, 60, 60, "s")
    assert hopeless == Entry(None, 0.9, 0.95, 20, 0, "s")


def test_only_what_decides_is_part_of_the_identity() -> None:
    """Another threshold is another validator; another count of labels is not."""
    recounted = Gate({"read_total": {"a/small": replace(ENTRY, n=99), "a/large": NEVER}})
    moved = Gate({"read_total": {"a/small": replace(ENTRY, threshold=-0.3), "a/large": NEVER}})
    never = Gate({"read_total": {"a/small": NEVER, "a/large": NEVER}})
    rules = [v.gate(each, step="read_total").identity() for each in (GATE, recounted, moved, never)]

    assert rules[0] == rules[1]
    assert len(set(rules)) == 3


# how it travels


@pytest.mark.parametrize(
    ("told", "least"),
    [
        pytest.param([], None, id="nothing was asked"),
        pytest.param([-0.1], -0.1, id="one answer"),
        pytest.param([-0.1, -0.5, -0.2], -0.5, id="of several the least"),
        pytest.param([-0.1, None, -0.2], None, id="one that did not say leaves all unknown"),
        pytest.param([None, -0.2], None, id="whichever it is"),
    ],
)
def test_an_attempt_is_as_sure_as_its_least_sure_answer(told: list[float | None], least: float | None) -> None:
    """A step of several requests is not proven by the surest of them."""
    flight = Flight()
    for each in told:
        flight.record(text="x", finish="stop", usage=Usage(1, 1), confidence=each)

    assert flight.confidence == least


@given(st.one_of(st.none(), st.floats(-50, 0)), st.dictionaries(st.text(max_size=5), st.floats(0, 1), max_size=3))
def test_the_journal_keeps_confidence_and_evidence(confidence: float | None, evidence: dict[str, float]) -> None:
    """To the last bit."""
    verdict = Verdict(False, "no", 0.5, "k", tuple(evidence.items()))

    read = load_attempts(dump_attempts((Attempt("t", verdict, confidence=confidence),)))[0]

    assert (read.confidence, read.verdict) == (confidence, verdict)


def test_attempts_of_an_older_journal_have_no_confidence() -> None:
    """They are read all the same."""
    plain = json.loads(dump_attempts((Attempt("t", Verdict(True), confidence=-0.1),)))
    del plain[0]["confidence"]

    assert load_attempts(json.dumps(plain))[0].confidence is None


@pytest.mark.parametrize("combine", [lambda a, b: a & b, lambda a, b: ~a | b, lambda a, b: ~(~a & b)])
def test_combined_validators_keep_what_their_parts_measured(combine: Callable[[Any, Any], Any]) -> None:
    """In order, whichever of them decides."""
    one = v.predicate(lambda case: Verdict(True, evidence=(("one", 0.5),)), name="one")
    other = v.predicate(lambda case: Verdict(True, evidence=(("other", 0.25),)), name="other")

    assert dict(judged(combine(one, other), None).evidence)["one"] == 0.5
    assert judged(one & other, None).evidence == (("one", 0.5), ("other", 0.25))
