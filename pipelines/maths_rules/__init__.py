"""What a worded problem and its solutions give away without a model: one question, one file.

`whole_text` alone asks a model, through the step it is part of; nothing here sees a true answer.
"""

from __future__ import annotations

from maths_rules.draft import Draft
from maths_rules.evidence import evidence
from maths_rules.judging import IsLikelyRight
from maths_rules.policy import Bar, Judged, Policy, Weights, load_policy
from maths_rules.whole_text import Solver, as_decimal

__all__ = [
    "Bar",
    "Draft",
    "IsLikelyRight",
    "Judged",
    "Policy",
    "Solver",
    "Weights",
    "as_decimal",
    "evidence",
    "load_policy",
]
