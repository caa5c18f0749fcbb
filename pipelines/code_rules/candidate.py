"""A model's answer as a program: code out of its words, put behind the prompt where it only goes on from it.

Nothing is run, or even parsed, here: an answer is only cut. Whether it is Python is found out in the sandbox.
"""

from __future__ import annotations

import re

from code_rules.task import Task

LONGEST = 40_000
"""Characters of an answer; a longer one is cut there."""
_FENCED = re.compile(r"```[ \t]*\w*[ \t]*\n(.*?)(?:\n[ \t]*```|\Z)", re.DOTALL)


def program_of(task: Task, answer: str) -> str:
    """A program that should define the task's function."""
    code = _code(answer[:LONGEST])
    if re.search(rf"^(?:async\s+)?def\s+{re.escape(task.entry_point)}\b", code, re.MULTILINE):
        return f"{_above(task)}\n{code}\n"
    return f"{task.prompt.rstrip()}\n{_indented(code)}\n"


def _code(answer: str) -> str:
    """What stands between fences, all of it where there are none."""
    blocks: list[str] = _FENCED.findall(answer)
    return max(blocks, key=len) if blocks else answer


def _indented(body: str) -> str:
    """A body that lost the indent of its first line, or of all, gets it back."""
    lines = body.strip("\n").split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.startswith((" ", "\t")):
        return "\n".join(lines)
    rest = [line for line in lines[lines.index(first) + 1 :] if line.strip()] if first else []
    if rest and all(line.startswith((" ", "\t")) for line in rest) and not first.rstrip().endswith(":"):
        return "\n".join([f"    {line}" if line is first else line for line in lines])
    return "\n".join([f"    {line}" if line.strip() else line for line in lines])


def _above(task: Task) -> str:
    """What the prompt has before its function: imports and helpers."""
    start = task.prompt.rfind(f"def {task.entry_point}")
    return task.prompt[:start].rstrip()
