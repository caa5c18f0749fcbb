"""Stock validators, imported as `v`: they say yes, or no and what to change, and perform nothing themselves."""

from __future__ import annotations

from agentflow.validators.agreement import agrees_with, agrees_with_itself, consensus
from agentflow.validators.arithmetic import adds_up
from agentflow.validators.certainty import confident, gate
from agentflow.validators.combine import as_validator
from agentflow.validators.dates import date
from agentflow.validators.grounding import occurs_in
from agentflow.validators.judging import judge
from agentflow.validators.own import none, predicate
from agentflow.validators.schemas import json_schema, model
from agentflow.validators.values import between, length, matches, one_of, positive

__all__ = [
    "adds_up",
    "agrees_with",
    "agrees_with_itself",
    "as_validator",
    "between",
    "confident",
    "consensus",
    "date",
    "gate",
    "json_schema",
    "judge",
    "length",
    "matches",
    "model",
    "none",
    "occurs_in",
    "one_of",
    "positive",
    "predicate",
]
