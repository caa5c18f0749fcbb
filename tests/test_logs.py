"""Records that say what happened, where, without secrets."""

from __future__ import annotations

import json
import os
import subprocess
import sys

WRITE = """
import sys
from agentflow.logs import get_logger, log_keys
log = get_logger("agentflow.engines.metered")
log.info("call_settled")
assert "structlog" not in sys.modules, "loaded too early"
with log_keys(run="r1"):
    log.warning("attempt_refused", tier="a/b", feedback="Bearer abcdefgh12345678")
"""


def write(**environ: str) -> str:
    """What a fresh interpreter writes to stderr."""
    environ = dict(os.environ) | environ
    finished = subprocess.run([sys.executable, "-c", WRITE], env=environ, capture_output=True, text=True, check=True)
    assert finished.stdout == ""
    return finished.stderr


def test_a_record_is_one_json_object() -> None:
    """Event, room, keys of the block and values stand side by side, and nothing below the level is written."""
    record = json.loads(write(AGENTFLOW_LOG="json"))

    assert record.pop("timestamp")
    assert record == {
        "event": "attempt_refused",
        "level": "warning",
        "room": "engines.metered",
        "run": "r1",
        "tier": "a/b",
        "feedback": "Bearer [redacted: bearer]",
    }


def test_a_console_line_has_no_colours_off_a_terminal() -> None:
    """A log file stays readable."""
    line = write()

    assert "attempt_refused" in line
    assert "\x1b" not in line
