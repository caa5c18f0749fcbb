"""What comes before any validator: an answer that is whole, is there, and can be read.

DSPy accepts an answer that was cut off without a word. These verdicts are why AgentFlow does not.
"""

from __future__ import annotations

from agentflow.verdict import Verdict

QUOTED = 160
"""Characters of a parser's complaint that feedback repeats, about 40 tokens."""


def fault_of(finish_reason: str, text: str, *, cap: int | None = None) -> Verdict | None:
    """The rejection of an answer that ended badly or is empty; None when it may be parsed.

    *finish_reason* is the canonical one: `stop`, `length`, `tool_call`, `content_filter` or `error`. *cap* is how many
    tokens the answer was allowed.
    """
    if finish_reason == "length":
        return truncated(cap)
    if finish_reason == "content_filter":
        return refused()
    if finish_reason == "error":
        return Verdict(False, "The answer broke off before its end; answer again, completely", kind="truncated")
    if not text.strip() and finish_reason != "tool_call":
        return empty()
    return None


def truncated(cap: int | None = None) -> Verdict:
    """The rejection of an answer that was cut off."""
    where = f" at {cap} tokens" if cap is not None else ""
    return Verdict(False, f"The answer was cut off{where}; answer more briefly", kind="truncated")


def refused() -> Verdict:
    """The rejection of an answer that the provider withheld."""
    return Verdict(False, "The answer was withheld by a content filter; answer only what is asked", kind="refused")


def empty() -> Verdict:
    """The rejection of no answer at all."""
    return Verdict(False, "The answer was empty; give every field that is asked for", kind="empty")


def unparsed(complaint: str, *, expected: str = "") -> Verdict:
    """The rejection of an answer that cannot be read: what the parser said, and what it wanted."""
    said = " ".join(complaint[: 4 * QUOTED].split())
    said = f"{said[:QUOTED]}…" if len(said) > QUOTED else said
    wanted = " ".join(expected[: 2 * QUOTED].split())[: QUOTED // 2]
    feedback = f"The answer could not be read: {said or 'it has no recognisable form'}"
    return Verdict(False, f"{feedback}. Expected: {wanted}" if wanted else feedback, kind="parse")
