"""Stock validators, imported as `v`: they say yes, or no and what to change, and perform nothing themselves."""

from __future__ import annotations

from agentflow.validators.combine import as_validator
from agentflow.validators.grounding import occurs_in
from agentflow.validators.own import none, predicate
from agentflow.validators.values import between, length, matches, one_of, positive

__all__ = ["as_validator", "between", "length", "matches", "none", "occurs_in", "one_of", "positive", "predicate"]
