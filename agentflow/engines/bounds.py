"""Upper bounds on what a request can be billed as input, and the text they are counted on.

Nothing is downloaded here: a tokenizer that is not on this machine does not exist.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any


def request_texts(request: Any) -> Iterator[str]:
    """Every text of *request* that a model reads, tools and response format as JSON."""
    if isinstance(request.system, str):
        yield request.system
    for part in () if request.system is None or isinstance(request.system, str) else request.system:
        yield from _part_texts(part)
    for message in request.messages:
        for part in message.parts:
            yield from _part_texts(part)
    for tool in request.tools:
        yield json.dumps(_plain_tool(tool), indent=4)
    if request.config.response_format is not None:
        yield json.dumps(_plain(request.config.response_format), indent=4)


def _part_texts(part: Any) -> Iterator[str]:
    if part.type == "tool_call":
        yield f"{part.id} {part.name} "
        yield json.dumps(_plain(part.input), indent=4)
    elif part.type == "tool_result":
        yield f"{part.id} {part.name or ''} "
        for inner in part.content:
            yield from _part_texts(inner)
    elif getattr(part, "text", None):
        yield part.text
    elif part.type == "data":
        yield json.dumps(_plain(part.value), indent=4)


def _plain_tool(tool: Any) -> dict[str, object]:
    names = ("name", "description", "parameters", "config")
    return {name: _plain(getattr(tool, name)) for name in names if getattr(tool, name, None) is not None}


def _plain(value: Any) -> Any:
    if hasattr(value, "items"):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value
