"""Runs a command where it can do no harm: no network, no files, no secrets, and no more than its limits of anything.

Nothing is ever run outside: where bubblewrap is missing or refused, a call is a ConfigurationError.

    sandbox = Sandbox(Limits(seconds=5))
    sandbox.run(["sh", "-c", "sort words"], files={"words": b"b\\na\\n"}).stdout
    sandbox.run_python("print(2 + 2)").is_clean
"""

from __future__ import annotations

from agentflow.sandbox.limits import Limits
from agentflow.sandbox.result import KilledBy, Result
from agentflow.sandbox.room import Sandbox

__all__ = ["KilledBy", "Limits", "Result", "Sandbox"]
