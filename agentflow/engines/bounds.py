"""Upper bounds on what a request can be billed as input, and the text they are counted on.

Nothing is downloaded here: a tokenizer that is not on this machine does not exist. A bound is a proof only as far as
the framing constants cover what a provider wraps around a request; each is well above what is published or measured.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias
from unicodedata import normalize

from dspy import lm15

from agentflow.usage import Bound

Counter: TypeAlias = Callable[[str], int]
"""How many tokens a model's own tokenizer makes of a text."""

PER_REQUEST, PER_MESSAGE, PER_PART = 64, 16, 8
PER_TOOL, WITH_TOOLS = 32, 640
"""The second: a provider's own instructions on tools, up to 530 tokens where they are published."""
WITH_FORMAT = 512
"""A provider's own instructions on the form of the answer."""

UNBOUNDED_PARTS = frozenset({"image", "audio", "video", "document", "binary"})

UNBOUNDED_EXTENSIONS = frozenset(
    {"audio", "conversation", "modalities", "plugins", "prediction", "previous_response_id", "prompt", "tools"}
    | {"best_of", "web_search_options"}
)
"""Settings that add input, tools or answers which the request does not show."""

KNOWN_SERVICES = (None, "auto", "default", "standard", "standard_only", "flex", "priority")

LONGEST_TOKENIZED = 100_000
"""Characters; what is longer is bounded by its bytes, because tokenizers are slow on endless words."""


def bound_of(request: lm15.Request, counter: Counter | None = None) -> Bound:
    """Most input tokens of *request*, by the model's tokenizer where there is one, else by bytes.

    Raises `UnsupportedFeatureError` for what nobody can bound: media, tools of the provider, hidden context.
    """
    _refuse_unbounded(request)
    count = _most_bytes if counter is None else lambda text: _counted(counter, text)
    tokens = _framing(request) + sum(count(text) for text in request_texts(request))
    if counter is None:
        return Bound(tokens, "byte", "a byte-level tokenizer makes at most one token of a byte, in any Unicode form")
    return Bound(tokens, "tokenizer", "counted by the model's own tokenizer, framing included")


def request_texts(request: lm15.Request) -> Iterator[str]:
    """Every text of *request* that a model reads, tools and response format as JSON."""
    if isinstance(request.system, str):
        yield request.system
    elif request.system is not None:
        for part in request.system:
            yield from _part_texts(part)
    for message in request.messages:
        for part in message.parts:
            yield from _part_texts(part)
        for state in message.continuation:
            yield _json(state.data)
    for tool in request.tools:
        yield _json({"name": tool.name, "description": tool.description, "parameters": tool.parameters})
    if request.config.response_format is not None:
        yield _json(request.config.response_format)


def counter_for(model: str) -> Counter | None:
    """The tokenizer of an OpenAI model, when it is installed; never fetched."""
    try:
        from tiktoken.model import encoding_name_for_model

        name = encoding_name_for_model(model)
    except (ImportError, KeyError):
        return None
    return o200k_counter() if name == "o200k_base" else None


@cache
def o200k_counter() -> Counter | None:
    """Counts as GPT-4o and its successors do, from the vocabulary that comes with litellm. None: it did not come."""
    spec = find_spec("litellm")
    folders = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
    files = [folder / "litellm_core_utils" / "tokenizers" / O200K_FILE for folder in folders]
    ranks = next((_ranks(file) for file in files if file.is_file()), None)
    if ranks is None:
        return None
    import tiktoken

    encoding = tiktoken.Encoding("o200k", pat_str=O200K_WORDS, mergeable_ranks=ranks, special_tokens={})
    return lru_cache(maxsize=256)(lambda text: len(encoding.encode_ordinary(text)))  # demos come again and again


def _refuse_unbounded(request: lm15.Request) -> None:
    for tool in request.tools:
        if tool.type != "function":
            raise lm15.UnsupportedFeatureError(_unbounded(f"the provider's own tool {tool.name}"), feature="tools")
    config = request.config
    if hidden := UNBOUNDED_EXTENSIONS.intersection(config.extensions or {}):
        raise lm15.UnsupportedFeatureError(_unbounded(", ".join(sorted(hidden))), feature="config.extensions")
    if config.cache is not None and config.cache.resource is not None:
        raise lm15.UnsupportedFeatureError(_unbounded("a stored cache"), feature="config.cache.resource")
    if config.service_tier not in KNOWN_SERVICES:
        raise lm15.UnsupportedFeatureError(
            _unbounded(f"service_tier={config.service_tier}"), feature="config.service_tier"
        )


def _unbounded(what: str) -> str:
    return f"{what} has no upper bound on what it is billed for, so no budget could be kept; leave it out"


def _part_texts(part: Any) -> Iterator[str]:
    if part.type in UNBOUNDED_PARTS:
        raise lm15.UnsupportedFeatureError(_unbounded(f"a part of type {part.type}"), feature="messages")
    if part.type == "tool_call":
        yield f"{part.id} {part.name}"
        yield _json(part.input)
    elif part.type == "tool_result":
        yield f"{part.id} {part.name or ''}"
        for inner in part.content:
            yield from _part_texts(inner)
    elif part.type == "data":
        yield _json(part.value)
    elif part.type == "citation":
        yield f"{part.text or ''} {part.title or ''} {part.url or ''}"
    else:
        yield part.text


def _framing(request: lm15.Request) -> int:
    parts = sum(1 + len(message.parts) + len(message.continuation) for message in request.messages)
    tools = WITH_TOOLS + PER_TOOL * len(request.tools) if request.tools else 0
    form = WITH_FORMAT if request.config.response_format is not None else 0
    return PER_REQUEST + PER_MESSAGE * len(request.messages) + PER_PART * parts + tools + form


def _most_bytes(text: str) -> int:
    """UTF-8 bytes of *text*, in the longest form that a tokenizer may bring it into before it begins."""
    if text.isascii():
        return len(text)
    return max(len(form.encode("utf-8", "surrogatepass")) for form in _forms(text))


def _forms(text: str) -> tuple[str, str, str, str]:
    return text, normalize("NFC", text), normalize("NFD", text), normalize("NFKD", text)


def _counted(counter: Counter, text: str) -> int:
    size = _most_bytes(text)
    return size if len(text) > LONGEST_TOKENIZED else min(size, counter(text))


def _json(value: Any) -> str:
    """The longest usual form of *value*: indented and escaped, as chat templates may render it."""
    return json.dumps(_plain(value), indent=4)


def _plain(value: Any) -> Any:
    if hasattr(value, "items"):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value


def _ranks(file: Path) -> dict[bytes, int]:
    pairs = (line.split() for line in file.read_bytes().splitlines() if line)
    return {base64.b64decode(token): int(rank) for token, rank in pairs}


O200K_FILE = "fb374d419588a4632f3f557e76b4b70aebbca790"
"""SHA-1 of the address it is published at, which is how tiktoken names its copies."""

_CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
O200K_WORDS = "|".join(
    [
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + _CONTRACTIONS,
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + _CONTRACTIONS,
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ]
)
"""How GPT-4o cuts text into words before it merges bytes."""
