"""DSPy adapters that send what DSPy would send, render each signature once, and read values exactly.

There is no second, silently paid call when an answer cannot be parsed: that is a rejection, and the feedback says why.
"""

from __future__ import annotations

import json
from typing import Any
from weakref import WeakKeyDictionary

import dspy
from dspy.adapters.utils import apply_output_field_defaults, parse_value
from pydantic import ValidationError

from agentflow import exact
from agentflow.compat import AdapterParseError, Signature, current_scope

PREVIOUS_CHARACTERS = 1_000
"""How much of a rejected answer is shown again: about 300 tokens."""

_FIELD = dspy.adapters.chat_adapter.field_header_pattern


class _Exact:
    """What both adapters share: one rendering per signature, feedback in the last message."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self

    def format_system_message(self, signature: Signature) -> str:
        """Rendered once per signature and instructions, which optimisers may change in place."""
        cache = _rendered_by(type(self)).setdefault(signature, {})
        if signature.instructions not in cache:
            cache[signature.instructions] = super().format_system_message(signature)  # type: ignore[misc]  # a mixin
        return cache[signature.instructions]

    def format(self, signature: Signature, demos: list[Any], inputs: dict[str, Any]) -> list[dict[str, Any]]:
        """DSPy's own messages; the last one also carries the feedback on the attempt before."""
        messages: list[dict[str, Any]] = super().format(signature, demos, inputs)  # type: ignore[misc]  # a mixin
        scope = current_scope()
        if scope is not None and scope.flight is not None and scope.flight.feedback:
            last = messages[-1]
            note = feedback_note(scope.flight.previous, scope.flight.feedback)
            if isinstance(last["content"], str):
                messages[-1] = {**last, "content": f"{last['content']}\n\n{note}"}
            else:
                messages[-1] = {**last, "content": [*last["content"], {"type": "text", "text": note}]}
        return messages


class ExactChatAdapter(_Exact, dspy.ChatAdapter):  # type: ignore[misc]  # dspy is untyped
    """DSPy's chat format."""

    def __init__(self, **options: Any) -> None:
        super().__init__(use_json_adapter_fallback=False, **options)

    def parse(self, signature: Signature, completion: str) -> dict[str, Any]:
        """The typed output fields. Raises AdapterParseError with words a model can act on."""
        fields: dict[str, Any] = {}
        for name, text in _sections(completion):
            if name in signature.output_fields and name not in fields:
                fields[name] = _value(self, signature, completion, name, text)
        return _complete(self, signature, completion, fields)


class ExactJSONAdapter(_Exact, dspy.JSONAdapter):  # type: ignore[misc]  # dspy is untyped
    """DSPy's JSON format."""

    def parse(self, signature: Signature, completion: str) -> dict[str, Any]:
        """The typed output fields. Raises AdapterParseError with words a model can act on."""
        if not any(exact.is_exact(field.annotation) for field in signature.output_fields.values()):
            parsed: dict[str, Any] = super().parse(signature, completion)
            return parsed
        fields: dict[str, Any] = {}
        for name, value in self._object(signature, completion).items():
            if name in signature.output_fields:
                text = value if isinstance(value, str) else _json_text(value)
                fields[name] = _value(self, signature, completion, name, text)
        return _complete(self, signature, completion, fields)

    def _object(self, signature: Signature, completion: str) -> dict[str, Any]:
        start, end = completion.find("{"), completion.rfind("}")
        try:
            plain = exact.read_json(completion[start : end + 1])
        except json.JSONDecodeError as error:
            raise _parse_error(self, signature, completion, f"not a JSON object: {error.msg}") from error
        if not isinstance(plain, dict):
            raise _parse_error(self, signature, completion, "not a JSON object")
        return plain


def feedback_note(previous: str, feedback: str) -> str:
    """What a next attempt is told: constant in the number of attempts, 60 tokens beside the two quotes at most."""
    shown = previous if len(previous) <= PREVIOUS_CHARACTERS else previous[:PREVIOUS_CHARACTERS] + " …"
    answer = f"Your previous answer was:\n{shown}\n\n" if shown else ""
    return f"{answer}It was not accepted: {feedback}\nAnswer again in the same format."


def adapter_named(name: str) -> dspy.Adapter:
    """The adapter of that name: chat or json."""
    return ExactJSONAdapter() if name == "json" else ExactChatAdapter()


_RENDERED: dict[type, WeakKeyDictionary[Signature, dict[str, str]]] = {}


def _rendered_by(adapter: type) -> WeakKeyDictionary[Signature, dict[str, str]]:
    return _RENDERED.setdefault(adapter, WeakKeyDictionary())


def _sections(completion: str) -> list[tuple[str, str]]:
    """Field names with their text, as DSPy's chat format marks them."""
    sections: list[tuple[str, list[str]]] = []
    for line in completion.splitlines():
        if match := _FIELD.match(line.strip()):
            rest = line.strip()[match.end() :].strip()
            sections.append((match.group(1), [rest] if rest else []))
        elif sections:
            sections[-1][1].append(line)
    return [(name, "\n".join(lines).strip()) for name, lines in sections]


def _value(adapter: Any, signature: Signature, completion: str, name: str, text: str) -> Any:
    annotation = signature.output_fields[name].annotation
    try:
        return exact.read(text, annotation) if exact.is_exact(annotation) else parse_value(text, annotation)
    except ValidationError as error:
        complaint = "; ".join(item["msg"] for item in error.errors()[:3])
        raise _parse_error(adapter, signature, completion, f"`{name}`: {complaint}") from error
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise _parse_error(adapter, signature, completion, f"`{name}`: {error}") from error


def _complete(adapter: Any, signature: Signature, completion: str, fields: dict[str, Any]) -> dict[str, Any]:
    complete: dict[str, Any] = apply_output_field_defaults(signature, fields)
    missing = [name for name in signature.output_fields if name not in complete]
    if missing:
        raise _parse_error(adapter, signature, completion, f"missing {', '.join(f'`{name}`' for name in missing)}")
    return complete


def _parse_error(adapter: Any, signature: Signature, completion: str, message: str) -> AdapterParseError:
    return AdapterParseError(
        adapter_name=type(adapter).__name__, signature=signature, lm_response=completion, message=message
    )


def _json_text(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False) if isinstance(value, dict | list) else _scalar(value)


def _scalar(value: Any) -> str:
    return "null" if value is None else str(value)
