"""The code pipeline: how a prompt is read, what a candidate must do to be believed, and that none of them cheats."""

from __future__ import annotations

import asyncio
import importlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from agentflow import Budget, ConfigurationError, Ladder, Price, Tier, run
from agentflow.attempt import Attempt
from agentflow.loading import import_file
from agentflow.sandbox import Sandbox
from agentflow.testing import RecordedEngine
from agentflow.verdict import Case

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "pipelines"))  # where `agentflow run` finds a pipeline's neighbours
code = import_file(ROOT / "pipelines" / "code.py")  # not by its name, which the standard library has too
rules = importlib.import_module("code_rules")
exam = importlib.import_module("code_rules.exam")
literals = importlib.import_module("code_rules.literals")

needs_sandbox = pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap: apt-get install bubblewrap")

DOUBLE = 'def double(n):\n    """Twice n.\n    >>> double(3)\n    6\n    >>> double(-2)\n    -4\n    """\n'
BARE = 'def triple(n: int) -> int:\n    """Three times n."""\n'


def prompt_of(words: str, head: str = "def f(a, b=0):") -> str:
    """A prompt whose docstring says *words*."""
    return f'import math\n\n{head}\n    """{words}\n    """\n'


def read(words: str, head: str = "def f(a, b=0):") -> list[tuple[tuple[Any, ...], Any]]:
    """The examples in such a prompt."""
    task = rules.read_task(prompt_of(words, head))
    return [(each.arguments, each.expected) for each in rules.examples_of(task)]


# reading


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(">>> f([1, 2])\n    {'a': 1}", [(([1, 2],), {"a": 1})], id="as a session"),
        pytest.param(">>> f('x') == (1, 2)", [(("x",), (1, 2))], id="as a comparison in a session"),
        pytest.param("f(1, 2) == -3", [((1, 2), -3)], id="as a comparison"),
        pytest.param("f(1) -> [2]\n    f(2)=>[3]", [((1,), [2]), ((2,), [3])], id="by arrows"),
        pytest.param("f(1) ➞ True, f(0) ==> false", [((1,), True), ((0,), False)], id="by other arrows, any spelling"),
        pytest.param('f(1) # returns "a"', [((1,), "a")], id="in a comment"),
        pytest.param("f(4) should return 16.", [((4,), 16)], id="in a sentence, whose full stop is no decimal point"),
        pytest.param("f('1.5') should\n    return 2 and no more", [(("1.5",), 2)], id="over the end of a line"),
        pytest.param("`f(2)` returns `None`.", [((2,), None)], id="in backticks"),
        pytest.param("f(2, b=3) = 5", [((2, 3), 5)], id="with a keyword"),
        pytest.param("f('5 and 6', 19) -> 19 - 5 - 6 = 8", [(("5 and 6", 19), 8)], id="at the end of a calculation"),
        pytest.param("Input: a = [1], b = 2\n    Output: 3", [(([1], 2), 3)], id="as input and output by name"),
        pytest.param("For a = 1 and b = 2 the output should be 3", [((1, 2), 3)], id="as a sentence by name"),
        pytest.param("f('a\\nb') == 'c'", [(("a\nb",), "c")], id="with an escape"),
        pytest.param("g(1) ==> 2", [((1,), 2)], id="under another name where nothing has the own one"),
        pytest.param("f(1) == 1 + x", [], id="not what is a formula"),
        pytest.param("f(x) == 1", [], id="not with a variable"),
        pytest.param("f(1, 2, 3) == 1", [], id="not with too many arguments"),
        pytest.param("f(__import__('os')) == 1", [], id="not what would have to be run"),
        pytest.param("f(" + "[" * 3000 + ") == 1", [], id="not what nests without end"),
        pytest.param("f(1) == 2\n    f(1) == 2", [((1,), 2)], id="each call once"),
    ],
)
def test_the_examples_of_a_docstring_are_found(words: str, expected: list[Any]) -> None:
    """People write examples down in many ways, and what is not one is left alone."""
    assert read(words) == expected


def test_examples_below_the_heading_win_over_formulas_of_another_form() -> None:
    """A recurrence looks like examples; where it disagrees in form with those below `Examples:`, it is none."""
    assert read("f(1) = 3\n    f(2) = 4\n    Examples:\n    f(3) = [1, 3]") == [((3,), [1, 3])]


def test_one_value_in_brackets_may_be_a_tuple() -> None:
    """`("a")` is a text to Python, and a tuple to many people: both are right."""
    task = rules.read_task(prompt_of('f(1) == ("a")'))
    (example,) = rules.examples_of(task)

    assert example.is_loose
    for given, is_right in ((("a",), True), ("a", True), (["a"], False)):
        assert rules.judging.gives(example, exam.Called("gave", exam.written(given))) is is_right


@pytest.mark.parametrize(
    "prompt",
    [
        pytest.param("", id="nothing"),
        pytest.param("x = 1\n", id="no function"),
        pytest.param("def f(:\n", id="no Python"),
        pytest.param("def f(*a):\n    'x'\n", id="any number of arguments"),
        pytest.param("def f(a):\n    '''" + "x" * 50_000 + "'''\n", id="far too long"),
        pytest.param("def f(a=" + "(" * 5_000 + "):\n", id="too deep"),
    ],
)
def test_what_is_no_task_is_refused_before_anybody_is_paid(prompt: str) -> None:
    """Nobody is asked to write what could not be checked."""
    assert not rules.is_a_task({"prompt": prompt})


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("    return n * 2", id="a body"),
        pytest.param("return n * 2", id="a body without its indent"),
        pytest.param("m = n\n    return m * 2", id="a body whose first line lost its indent"),
        pytest.param("def double(n):\n    return n * 2", id="a whole function"),
        pytest.param("Sure:\n```python\ndef double(n):\n    return n * 2\n```\nDone.", id="a fenced function"),
        pytest.param("```\n    return n * 2\n```", id="a fenced body"),
    ],
)
@needs_sandbox
def test_an_answer_becomes_a_program(answer: str) -> None:
    """Models answer with bodies, functions and talk around them."""
    assert judged(DOUBLE, answer).accepted


def test_inputs_are_the_same_every_time_and_like_the_examples() -> None:
    """They are new, of the examples' types, and no wilder than they."""
    reading = rules.reading_of(DOUBLE)
    again = rules.inputs_for(reading.task, reading.examples)

    assert reading.inputs == again
    assert len({repr(each) for each in again}) == len(again) > 10
    assert all(type(value) is int and (value,) not in ((3,), (-2,)) for (value,) in again)


@pytest.mark.parametrize(
    ("head", "kind"),
    [("def f(words):", list), ("def f(text: str):", str), ("def f(x: float):", float), ("def f(lst):", list)],
)
def test_without_examples_inputs_follow_types_and_names(head: str, kind: type) -> None:
    """An annotation says what to try, or a name does."""
    task = rules.read_task(prompt_of("No example.", head))

    assert all(isinstance(row[0], kind) for row in rules.inputs_for(task))


# judging


def judged(prompt: str, answer: str, *earlier: str, policy: Any = None, tier: str = "cheap") -> Any:
    """The verdict on *answer* after other answers of the same step."""
    validator = rules.IsChecked(policy or rules.Policy(), rules.Examiner())
    fails = importlib.import_module("agentflow").Verdict(False)
    tried = tuple(Attempt(tier, fails, Answer(each)) for each in earlier)
    return asyncio.run(validator.judge(Case({"prompt": prompt}, Answer(answer), tried, tier=tier)))


class Answer:
    """A prediction with its one field."""

    def __init__(self, answer: str) -> None:
        self.answer = answer


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        pytest.param("    return n + 3", "example", r"double\(-2\) must give -4; it gives 1", id="fails an example"),
        pytest.param("    raise ValueError('odd')", "example", "it raises ValueError: odd", id="raises"),
        pytest.param("    while True: pass", "example", "does not come to an end", id="never ends"),
        pytest.param("    return n *", "broken", "SyntaxError", id="is no Python"),
        pytest.param("    return n * 2\ndel double", "broken", "does not define double", id="takes itself back"),
        pytest.param("    return n * 2\nraise SystemExit(0)", "broken", "SystemExit", id="exits when it is defined"),
        pytest.param("    raise SystemExit(0)", "example", "it raises SystemExit", id="exits when it is called"),
        pytest.param("    import os; os._exit(0)", "example", "ended before", id="ends its process"),
        pytest.param("    print('6'); print('-4')", "example", "gives None", id="prints what it should give"),
        pytest.param(
            "    return type('E', (), {'__eq__': lambda *a: True})()", "example", "gives", id="equals anything"
        ),
        pytest.param("    import os; os.fork(); return n * 2", "example", "raises BlockingIOError", id="forks"),
        pytest.param("    return open('/etc/passwd').read()", "example", "FileNotFound", id="reads files"),
        pytest.param("    return 'x' * 10**10", "example", "MemoryError", id="takes all memory"),
    ],
)
@needs_sandbox
def test_a_candidate_that_does_not_do_it_is_told_why(answer: str, kind: str, said: str) -> None:
    """The words name the example that fails and what came instead."""
    verdict = judged(DOUBLE, answer)

    assert not verdict.accepted
    assert verdict.kind == kind
    assert importlib.import_module("re").search(said, verdict.feedback), verdict.feedback


@needs_sandbox
def test_what_builtins_become_changes_no_judgement() -> None:
    """A candidate that rewrites the interpreter around itself says no more than its own results."""
    answer = (
        "    return n + 3\nimport builtins, os\nbuiltins.isinstance = lambda *a: True\nbuiltins.repr = lambda v: '6'"
    )

    assert not judged(DOUBLE, answer).accepted


@needs_sandbox
def test_a_cheap_candidate_is_believed_with_enough_others() -> None:
    """Votes are earlier candidates that pass and do the same; a rejection for want of votes blames nobody."""
    policy = rules.Policy(votes={"cheap": (2, 2, 2)})
    same, other = "    return 2 * n", "    return n + n if n < 5 else 0"

    alone = judged(DOUBLE, same, policy=policy)
    assert (alone.accepted, alone.kind, alone.feedback) == (False, "consensus", "")
    assert not judged(DOUBLE, same, other, policy=policy).accepted
    assert not judged(DOUBLE, same, "    return 0", policy=policy).accepted
    assert judged(DOUBLE, same, "    return n + n", policy=policy).accepted
    assert judged(DOUBLE, same, policy=policy, tier="strong").accepted


@needs_sandbox
def test_without_examples_a_function_must_at_least_give_something() -> None:
    """One that gives nothing for any input is no answer; where a policy says 0, no answer of that tier is believed."""
    assert judged(BARE, "    pass").kind == "no_value"
    assert judged(BARE, "    return 3 * n").accepted
    assert not judged(BARE, "    return 3 * n", "    return n * 3", policy=rules.Policy({"cheap": (0, 1, 1)})).accepted


@pytest.mark.parametrize("text", ["", "[]", '{"votes": {"a": [1]}}', '{"votes": {"a": "111"}}', '{"votes": []}'])
def test_what_is_no_policy_is_refused(tmp_path: Path, text: str) -> None:
    """The file is named."""
    file = tmp_path / "policy.json"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError, match=r"policy\.json is no policy"):
        rules.load_policy(file)


def test_the_shipped_policy_can_be_read_and_written_again(tmp_path: Path) -> None:
    """A policy survives its own file."""
    policy = rules.load_policy()
    file = tmp_path / "policy.json"
    file.write_text(policy.to_json(), encoding="utf-8")

    assert rules.load_policy(file) == policy


# through the engine


@needs_sandbox
def test_a_wrong_draft_sends_the_prompt_up(tmp_path: Path) -> None:
    """The pipeline hands out whole programs, and says which prompt is none."""
    file = tmp_path / "prompts.jsonl"
    file.write_text(json.dumps({"prompt": DOUBLE}) + "\n" + json.dumps({"prompt": "x = 1"}) + "\n", encoding="utf-8")
    ladder = Ladder(tier("cheap", "    return n + 3"), tier("strong", "    return 2 * n"))

    outcome = run(code.code([str(file)]), ladder=ladder, budget=Budget(usd=1), state=tmp_path, resumable=False)

    good, bad = outcome.value
    assert good["code"].endswith("    return 2 * n\n")
    assert (bad["code"], "does not end in a Python function" in bad["rejected"]) == (None, True)


def tier(name: str, *samples: str) -> Tier:
    """A tier that answers the one prompt from a recording."""
    return Tier(f"recorded/{name}", name=name, price=Price.per_million(1, 1), engine=RecordedEngine({DOUBLE: samples}))


# grading


TEST = "def check(candidate):\n    assert candidate(7) == 14\n    assert candidate(-1) == -2\n"


@pytest.mark.parametrize(
    ("answer", "passes"),
    [
        pytest.param("    return 2 * n", True, id="right"),
        pytest.param("    return 2 * abs(n)", False, id="wrong"),
        pytest.param("    raise SystemExit(0)", False, id="exits"),
        pytest.param("    import os; os._exit(0)", False, id="ends its process"),
        pytest.param("    import os, signal; os.kill(os.getppid(), signal.SIGKILL)", False, id="kills the judge"),
        pytest.param("    return type('E', (int,), {'__eq__': lambda *a: True})(5)", False, id="equals anything"),
        pytest.param("    import os; os.write(1, b'x' * 32); os.write(4, b'y' * 64)", False, id="writes everywhere"),
        pytest.param(
            "    import sys\n    return 14 if '14' in str(sys._getframe(1).f_locals) else 0", False, id="looks up"
        ),
        pytest.param("    import sys\n    return 14 if '14' in sys.stdin.read() else 0", False, id="reads the input"),
        pytest.param(
            "    import gc\n    return 14 if 'assert' in str(gc.get_objects()) else 0", False, id="looks around"
        ),
        pytest.param("    raise KeyboardInterrupt", False, id="interrupts"),
        pytest.param("    return n *", False, id="is no Python"),
    ],
)
@needs_sandbox
def test_only_what_is_right_passes_the_hidden_test(answer: str, passes: bool) -> None:
    """A candidate sees neither the test nor the word that the judge says at the end."""
    grading = importlib.import_module("tests.benchmarks.recorded_grading")
    program = rules.program_of(rules.read_task(DOUBLE), answer)

    assert grading.grade(Sandbox(grading.LIMITS), grading.Hidden(DOUBLE, "double", TEST), [program]) == [passes]


@needs_sandbox
def test_a_recorded_set_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The hidden test decides what counts as right; each cheap sample pays for its prompt again."""
    recorded = importlib.import_module("tests.benchmarks.recorded_code")
    samples = {"codegen-16b": ["    return 0", "    return 2 * n"], "text-davinci-003": [""], "gpt-4": ["    return n"]}
    row = {"id": "T/1", "prompt": DOUBLE, "entry_point": "double", "test": TEST, "samples": samples}
    file = tmp_path / "set.jsonl"
    file.write_text(json.dumps(row), encoding="utf-8")
    (tmp_path / "policy.json").write_text(rules.Policy(tries={"codegen-16b": 2}).to_json(), encoding="utf-8")

    recorded.main([str(file), "--policy", str(tmp_path / "policy.json")])

    told = json.loads(capsys.readouterr().out)
    assert (told["n"], told["right"]["count"], told["strong_alone"]["right"]["count"]) == (1, 1, 0)
    assert told["tiers"]["codegen-16b"]["samples"] == 2
    assert 0 < told["share_of_strong_cost"] < 1


def test_a_policy_is_fitted_by_what_samples_cost_and_how_they_end() -> None:
    """Cheap samples that are right spare the strong tier; what it costs is told beside what is right."""
    fit = importlib.import_module("tests.benchmarks.recorded_code_fit")
    names = [*((fit.CHEAP, place) for place in range(12)), (fit.SECOND, 0), (fit.STRONGEST, 0)]
    usd = {name: {fit.CHEAP: 0.01, fit.SECOND: 0.5, fit.STRONGEST: 1.0}[name[0]] for name in names}
    yes, none = dict.fromkeys(names, True), frozenset[Any]()
    facts = [fit.Facts(2, yes, none, yes, usd) for _ in range(10)]

    policy = fit.chosen_from(facts)

    assert policy.votes[fit.CHEAP][1] == 1
    assert policy.learned["cross_validated"] == {
        "right": 10,
        "right_of_strong_alone": 10,
        "share_of_strong_cost": pytest.approx(0.01),
    }
