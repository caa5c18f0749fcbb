"""What an answer or a failure says about the bill: tokens in one convention, and whether nothing was billed.

Nothing is priced here, and in doubt a request was billed.
"""

from __future__ import annotations

from collections.abc import Iterator

from dspy import lm15

from agentflow.usage import Usage

LITELLM_MARK = "agentflow_litellm"
"""Key in a response's provider data: litellm answered, and counts as OpenAI does, whoever the provider is."""

UNBILLED = (
    lm15.AuthError,
    lm15.BillingError,
    lm15.CapabilityError,
    lm15.ConfigurationError,
    lm15.InvalidRequestError,
    lm15.LockTimeoutError,
    lm15.RateLimitError,
)

REASONING_APART = frozenset({"gemini", "vertex", "vertex-express", "xai"})
"""Providers whose output count leaves reasoning out."""

USUAL_SERVICE = frozenset({None, "auto", "default", "standard", "standard_only", "flex", "batch", "on_demand"})


def certainly_unbilled(error: BaseException) -> bool:
    """Whether the request behind *error* cannot have been billed."""
    if getattr(error, "nothing_sent", False):
        return True
    if getattr(error, "after_output", False):
        return False
    if isinstance(error, UNBILLED):
        return True
    is_network = isinstance(error, (lm15.TransportError, lm15.ServerError))
    return is_network and any(type(cause).__name__ in ("ConnectError", "ConnectTimeout") for cause in _causes(error))


def usage_of(response: lm15.Response, provider: str) -> Usage:
    """The tokens *response* consumed, whatever the provider includes in what. A zero that cannot be is no report."""
    said, data = response.usage, response.provider_data or {}
    has_text = any(getattr(part, "text", None) for part in response.message.parts)
    if not said.input_tokens or said.output_tokens is None or (has_text and not said.output_tokens):
        return Usage(None, None)
    cached, stored, reasoning = said.cache_read_tokens or 0, said.cache_write_tokens or 0, said.reasoning_tokens or 0
    read, written = said.input_tokens, said.output_tokens
    native, name = LITELLM_MARK not in data, provider.replace("_", "-")
    if native and (name.endswith("anthropic") or name == "claude-code"):
        read += cached + stored
    if native and name in REASONING_APART:
        written += reasoning
    cached = min(cached, read)
    return Usage(read, written, cached, min(stored, read - cached), min(reasoning, written))


def is_dearer(request: lm15.Request, response: lm15.Response) -> bool:
    """Whether the answer may cost more than the usual rate: priority service, or a long stay in the cache.

    Its settlement is then the price's ceiling for its tokens.
    """
    data = response.provider_data or {}
    metadata = data.get("usageMetadata")
    tier = data.get("service_tier") or (metadata.get("serviceTier") if isinstance(metadata, dict) else None)
    cache = request.config.cache
    is_long = cache is not None and cache.retention == "long"
    return is_long or (str(tier).lower() if tier else None) not in USUAL_SERVICE


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
