"""What a prompt and the functions written for it give away: one question, one file.

`whole_text` alone asks a model, `exam` alone runs anything, and that only in the sandbox; no hidden test is ever seen.
"""

from __future__ import annotations

from code_rules.candidate import program_of
from code_rules.examples import Example, examples_of
from code_rules.inputs import inputs_for
from code_rules.judging import Examiner, IsChecked, Reading, is_a_task, reading_of
from code_rules.policy import Policy, load_policy
from code_rules.task import Parameter, Task, read_task
from code_rules.whole_text import Writer

__all__ = [
    "Examiner",
    "Example",
    "IsChecked",
    "Parameter",
    "Policy",
    "Reading",
    "Task",
    "Writer",
    "examples_of",
    "inputs_for",
    "is_a_task",
    "load_policy",
    "program_of",
    "read_task",
    "reading_of",
]
