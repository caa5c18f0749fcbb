"""Where a model's name leads: its address, its key, and the way out where it leads nowhere."""

from __future__ import annotations

import pytest

from agentflow.attempt import Tier
from agentflow.engines.provider import check_key
from agentflow.engines.routes import find_route
from agentflow.errors import UnknownModel


@pytest.mark.parametrize(
    ("tier", "environ", "missing"),
    [
        pytest.param(Tier("openai/m"), {}, "OPENAI_API_KEY", id="no key"),
        pytest.param(Tier("openai/m"), {"OPENAI_API_KEY": ""}, "OPENAI_API_KEY", id="an empty key"),
        pytest.param(Tier("gemini/m"), {}, "GEMINI_API_KEY or GOOGLE_API_KEY", id="one of two"),
        pytest.param(Tier("mistral/m"), {}, "MISTRAL_API_KEY", id="through litellm"),
        pytest.param(Tier("openai/m"), {"OPENAI_API_KEY": "k"}, None, id="set"),
        pytest.param(Tier("together_ai/m"), {"TOGETHER_API_KEY": "k"}, None, id="set under its other name"),
        pytest.param(Tier("openai/m", api_base="http://127.0.0.1:1/v1"), {}, None, id="a server by address"),
        pytest.param(Tier("ollama/m"), {}, None, id="ollama"),
        pytest.param(Tier("bedrock/m"), {}, None, id="a cloud signs in its own way"),
        pytest.param(Tier("local/nano-s"), {}, None, id="in this process"),
        pytest.param(Tier(len), {}, None, id="a function"),
    ],
)
def test_a_missing_key_is_named_before_the_run(tier: Tier, environ: dict[str, str], missing: str | None) -> None:
    """Whoever starts a run hears which variable to set."""
    said = check_key(tier, environ)

    assert said is None if missing is None else missing in str(said)


@pytest.mark.parametrize(
    ("model", "hint"),
    [
        pytest.param("openia/gpt-5", "did you mean openai/gpt-5", id="misspelt provider"),
        pytest.param("gpt-5-mini", r"did you mean openai/gpt-5-mini\?", id="no provider"),
        pytest.param("claude-sonnet-4-5", "did you mean anthropic/", id="no provider, another maker"),
        pytest.param("something", "write provider/model, such as", id="nothing to go by"),
        pytest.param("openai/", "names no provider", id="no model"),
        pytest.param("zzzzqqq/m", "with api_base=", id="nothing near"),
    ],
)
def test_an_unknown_model_is_told_the_way_out(model: str, hint: str) -> None:
    """Names are resolved offline, before anything is spent."""
    with pytest.raises(UnknownModel, match=hint):
        find_route(model, None, {})


@pytest.mark.parametrize(
    ("model", "api_base", "environ", "address"),
    [
        pytest.param("ollama/m", None, {}, "http://localhost:11434/v1", id="default"),
        pytest.param("ollama/m", None, {"OLLAMA_HOST": "10.0.0.1:5"}, "http://10.0.0.1:5/v1", id="environment"),
        pytest.param("lmstudio/m", "http://h:1", {}, "http://h:1/v1", id="a host alone"),
        pytest.param("vllm/m", "http://h:1/api/v2/", {}, "http://h:1/api/v2", id="a path of its own"),
        pytest.param("openai/m", None, {"OPENAI_BASE_URL": "http://h/v1"}, "http://h/v1", id="a gateway"),
        pytest.param("openai/m", None, {}, None, id="the provider's own"),
    ],
)
def test_addresses_are_completed(
    model: str, api_base: str | None, environ: dict[str, str], address: str | None
) -> None:
    """People write addresses in several ways."""
    assert find_route(model, api_base, environ).api_base == address
