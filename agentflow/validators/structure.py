"""What comes before any validator: an answer that is whole, is there, and can be read.

DSPy accepts an answer that was cut off without a word. These verdicts are why AgentFlow does not.
"""

from __future__ import annotations

from agentflow.verdict import ACCEPTED, Verdict

QUOTED = 160
"""Characters of a parser's complaint that feedback repeats, about 40 tokens."""


def structure(*, finish: str, complaint: str, text: str, cap: int | None = None) -> Verdict:
    """Accept an answer that is whole, is there and could be parsed.

    *finish* is the canonical reason why it ended: `stop`, `length`, `tool_call`, `content_filter` or `error`; empty
    when nothing was asked. *complaint* is the parser's, empty when it had none; *cap* how many tokens were allowed.
    """
    if finish == "length":
        return truncated(cap)
    if finish == "content_filter":
        return refused()
    if finish == "error":
        return Verdict(False, "The answer broke off before its end; answer again, completely", kind="truncated")
    if finish == "stop" and not text.strip():
        return empty()
    return unparsed(complaint) if complaint else ACCEPTED


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
