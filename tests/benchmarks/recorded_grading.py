"""The hidden test of a recorded function, in the sandbox: the one file that touches it, and no candidate ever sees it.

Two processes: a judge, which reads the test from its input and calls a stand-in, and a fresh interpreter with the
candidate, which is told arguments and says results as text. The judge prints a random word after the last check; the
candidate has neither the word, nor the test, nor the judge's output. It can end both, and has then not passed.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from typing import NamedTuple

from agentflow.sandbox import Limits, Sandbox

LIMITS = Limits(seconds=60, cpu_seconds=10, processes=2, disk=0)
"""No recorded function that is right takes a second; the machine may be busy."""

_CANDIDATE = """
import ast, os, sys
replies, requests = os.dup(1), os.fdopen(os.dup(0))
nowhere = os.open("/dev/null", os.O_RDWR)
for end in (0, 1, 2):
    os.dup2(nowhere, end)

def plain(value, depth=0):
    if depth > 50:
        raise ValueError("too deep")
    for kind in (bool, int, float, complex, str, bytes):
        if isinstance(value, kind):
            return kind(value)
    if value is None:
        return None
    if isinstance(value, dict):
        return {plain(key, depth + 1): plain(item, depth + 1) for key, item in value.items()}
    for kind in (list, tuple, set, frozenset):
        if isinstance(value, kind):
            made = [plain(item, depth + 1) for item in value]
            return made if kind is list else tuple(made) if kind is tuple else set(made)
    raise ValueError("no plain value")

program, name = ast.literal_eval(requests.readline())
main = {"__name__": "candidate"}
problem = ""
try:
    exec(compile(program, "candidate.py", "exec"), main)
    function = main[name]
except BaseException as error:
    problem = type(error).__name__
for line in requests:
    try:
        if problem:
            raise RuntimeError(problem)
        said = ("gave", repr(plain(function(*ast.literal_eval(line)))))
    except BaseException as error:
        said = ("raised", type(error).__name__)
    os.write(replies, ascii(said).encode() + b"\\n")
"""

_JUDGE = """
import ast, json, os, subprocess, sys

def judge(candidate, program, name):
    child = subprocess.Popen([sys.executable, "-I", "-S", "-B", "-c", candidate],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    def say(value):
        child.stdin.write(ascii(value) + "\\n")
        child.stdin.flush()
    say((program, name))
    def stand_in(*arguments):
        say(arguments)
        kind, text = ast.literal_eval(child.stdout.readline(1_000_000))
        if kind != "gave":
            raise RuntimeError(str(text))
        return ast.literal_eval(text)
    hidden = json.loads(sys.stdin.read())
    space = {"__name__": "judge"}
    exec(compile(hidden["prompt"].rstrip() + "\\n    pass\\n", "prompt.py", "exec"), space)
    exec(compile(hidden["test"], "test.py", "exec"), space)
    space["check"](stand_in)
    os.write(1, hidden["word"].encode())
    os._exit(0)
"""


class Hidden(NamedTuple):
    """What only the judge may know of a task."""

    prompt: str
    entry_point: str
    test: str


def grade(sandbox: Sandbox, hidden: Hidden, programs: Iterable[str]) -> list[bool]:
    """Whether each program passes the hidden test. The prompt and the test are trusted, the programs are not."""
    word = secrets.token_hex(16)
    told = json.dumps({"prompt": hidden.prompt, "test": hidden.test, "word": word}).encode()
    sources = [f"{_JUDGE}\njudge({_CANDIDATE!r}, {program!r}, {hidden.entry_point!r})\n" for program in programs]
    return [result.is_clean and result.stdout == word for result in sandbox.run_many(sources, stdin=told)]
