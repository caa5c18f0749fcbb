"""Who answers for a model name, where, and with which key: offline, from the name alone.

Nothing is sent and no key is read here; only whether one is set.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from dspy._vendor.lm15.registry import PROVIDERS
from dspy._vendor.lm15.router import DEFAULT_RULES, LITELLM_PROVIDER_PREFIXES

from agentflow.attempt import Tier
from agentflow.errors import UnknownModel

PROVIDERS_FILE = "provider_endpoints_support_backup.json"

SERVERS: Mapping[str, tuple[str, str]] = {
    "llamacpp": ("lmstudio", "http://localhost:8080/v1"),
    "lm_studio": ("lmstudio", "http://localhost:1234/v1"),
    "lmstudio": ("lmstudio", "http://localhost:1234/v1"),
    "hosted_vllm": ("vllm", "http://localhost:8000/v1"),
    "vllm": ("vllm", "http://localhost:8000/v1"),
    "sglang": ("sglang", "http://localhost:30000/v1"),
    "ollama": ("ollama", "http://localhost:11434/v1"),
    "ollama_chat": ("ollama", "http://localhost:11434/v1"),
}
"""Servers that people run themselves: the dialect each speaks, and where it listens by default."""

OTHER_KEYS: Mapping[str, tuple[str, ...]] = {
    "cohere": ("COHERE_API_KEY", "CO_API_KEY"),
    "cohere_chat": ("COHERE_API_KEY", "CO_API_KEY"),
    "fireworks_ai": ("FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY"),
    "huggingface": ("HF_TOKEN", "HUGGINGFACE_API_KEY"),
    "perplexity": ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"),
    "replicate": ("REPLICATE_API_KEY", "REPLICATE_API_TOKEN"),
    "together_ai": ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY"),
}

# fmt: off
KEYLESS = frozenset({
    "bedrock", "chatgpt", "custom", "custom_openai", "databricks", "docker_model_runner", "gigachat", "github_copilot",
    "infinity", "langgraph", "lemonade", "litellm_proxy", "llamafile", "oci", "oobabooga", "openai_like", "petals",
    "sagemaker", "sagemaker_chat", "sap", "snowflake", "triton", "vertex_ai", "watsonx", "watsonx_text", "xinference",
})
# fmt: on
"""Providers of litellm that sign in otherwise, or that are servers."""


@dataclass(frozen=True, slots=True)
class Route:
    """The way from a tier to whoever answers."""

    provider: str
    """The prefix of the model's name."""
    model: str
    """What the provider calls it."""
    native: str | None
    """The provider's name in lm15; None: only litellm can ask it."""
    dialect: str | None = None
    """The spellings of a server asked by address; None: the provider's own."""
    api_base: str | None = None
    """None: the provider's own address."""
    keys: tuple[str, ...] = ()
    """Variables that may hold the key, the first set one wins."""
    needs_key: bool = True


def find_route(model: str, api_base: str | None, environ: Mapping[str, str]) -> Route:
    """Raises `UnknownModel`, which names the nearest spelling that exists."""
    provider, slash, name = model.partition("/")
    if not (slash and name):
        raise UnknownModel(_unprefixed(model))
    base = _address(api_base or _environment_address(provider, environ))
    if provider in SERVERS:
        dialect, default = SERVERS[provider]
        own = (f"{provider.upper()}_API_KEY",)
        return Route(provider, name, f"{dialect}-by-address", dialect, base or default, own, needs_key=False)
    if provider == "openai" and base is not None:
        return Route(provider, name, "openai-by-address", "openai", base, ("OPENAI_API_KEY",), needs_key=False)
    native = LITELLM_PROVIDER_PREFIXES.get(provider) or (provider if provider in PROVIDERS else None)
    if native is not None and not (base and PROVIDERS[native].hosted):
        access = PROVIDERS[native]
        needs_key = access.credential_policy == "key" and bool(access.env_keys) and base is None
        return Route(provider, name, native, None, base, tuple(access.env_keys), needs_key)
    if provider in known_providers():
        usual = (f"{provider.upper().replace('-', '_')}_API_KEY",)
        keys = OTHER_KEYS.get(provider, usual)
        return Route(provider, name, None, None, base, keys, provider not in KEYLESS and base is None)
    raise UnknownModel(_unknown(provider, name))


def check_key(tier: Tier, environ: Mapping[str, str]) -> str | None:
    """What to set before this tier can be asked, in words; None when nothing is missing."""
    if not isinstance(tier.model, str) or tier.engine is not None or tier.model.startswith("local/"):
        return None
    route = find_route(tier.model, tier.api_base, environ)
    if not route.needs_key or any(environ.get(name) for name in route.keys):
        return None
    return f"{tier.label} needs a key: set {' or '.join(route.keys)} in the environment, or declare it optional=True"


@cache
def known_providers() -> frozenset[str]:
    """Every prefix that something here can answer for."""
    spec = find_spec("litellm")
    listed: set[str] = set()
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        file = Path(folder) / PROVIDERS_FILE
        if file.is_file():
            listed |= {name for name in json.loads(file.read_text(encoding="utf-8"))["providers"] if "/" not in name}
    return frozenset({*SERVERS, *LITELLM_PROVIDER_PREFIXES, *PROVIDERS, *listed})


def _address(base: str | None) -> str | None:
    """A base address with its scheme, and with /v1 where somebody gave a host alone."""
    if not base:
        return None
    base = (base if "://" in base else f"http://{base}").rstrip("/")
    return base if urlsplit(base).path else f"{base}/v1"


def _environment_address(provider: str, environ: Mapping[str, str]) -> str | None:
    names = [f"{provider.upper()}_API_BASE", f"{provider.upper()}_BASE_URL"]
    names += ["OLLAMA_HOST"] if provider.startswith("ollama") else []
    return next((environ[name] for name in names if environ.get(name)), None)


def _unprefixed(model: str) -> str:
    guess = next((rule.provider for rule in DEFAULT_RULES if model.startswith(rule.prefix)), None)
    hint = f"did you mean {guess}/{model}?" if guess else "such as openai/gpt-5-mini, ollama/llama3 or local/nano-s"
    return f"{model!r} names no provider; write provider/model, {hint}"


def _unknown(provider: str, name: str) -> str:
    near = difflib.get_close_matches(provider.lower(), sorted(known_providers()), n=3)
    hint = f"did you mean {' or '.join(f'{one}/{name}' for one in near)}?" if near else "see the providers of litellm"
    return f"no engine answers for {provider}/{name}; {hint} A server of your own: openai/{name} with api_base="
