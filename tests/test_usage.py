"""What providers report of usage, in one convention."""

from __future__ import annotations

import pytest
from dspy import lm15

from agentflow.engines.billing import LITELLM_MARK
from agentflow.engines.provider import usage_of
from agentflow.usage import Usage


@pytest.mark.parametrize(
    ("usage", "provider", "litellm", "normal"),
    [
        pytest.param(lm15.Usage(100, 10, cache_read_tokens=60), "openai", False, Usage(100, 10, 60), id="openai"),
        pytest.param(
            lm15.Usage(100, 10, cache_read_tokens=60, cache_write_tokens=5),
            "anthropic",
            False,
            Usage(165, 10, 60, 5),
            id="anthropic counts its cache apart",
        ),
        pytest.param(
            lm15.Usage(165, 10, cache_read_tokens=60), "anthropic", True, Usage(165, 10, 60), id="litellm does not"
        ),
        pytest.param(
            lm15.Usage(100, 10, reasoning_tokens=30),
            "gemini",
            False,
            Usage(100, 40, 0, 0, 30),
            id="gemini thinks apart",
        ),
        pytest.param(
            lm15.Usage(100, 40, reasoning_tokens=30), "openai", False, Usage(100, 40, 0, 0, 30), id="openai does not"
        ),
        pytest.param(lm15.Usage(10, 1, cache_read_tokens=60), "openai", False, Usage(10, 1, 10), id="nonsense"),
        pytest.param(lm15.Usage(None, 10), "openai", False, Usage(None, None), id="half a report"),
        pytest.param(lm15.Usage(), "openai", False, Usage(None, None), id="no report"),
        pytest.param(lm15.Usage(0, 0), "openai", False, Usage(None, None), id="zeros are no report"),
        pytest.param(lm15.Usage(9, 0), "openai", False, Usage(None, None), id="a text of no tokens is none either"),
    ],
)
def test_usage_is_brought_into_one_convention(usage: lm15.Usage, provider: str, litellm: bool, normal: Usage) -> None:
    """Input includes what was cached, output includes what was thought, unknown stays unknown."""
    message = lm15.Message.assistant("x")
    response = lm15.Response(None, "m", message, "stop", usage, provider_data={LITELLM_MARK: True} if litellm else {})

    assert usage_of(response, provider) == normal
