"""DSPy adapters that send what DSPy would send, render each signature once, and read values exactly.

There is no second, silently paid call when an answer cannot be parsed: that is a rejection, and the feedback says why.
"""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from enum import EnumMeta
from typing import Any, get_origin

import dspy
from dspy.adapters.utils import apply_output_field_defaults, parse_value
from pydantic import BaseModel, TypeAdapter, ValidationError

from agentflow import exact
from agentflow.compat import AdapterParseError, Signature, current_scope
from agentflow.rendering import form_of
from agentflow.scope import Flight

PREVIOUS_CHARACTERS = 1_000
"""How much of a rejected answer is shown again: about 300 tokens."""

_FIELD = dspy.adapters.chat_adapter.field_header_pattern


class _Exact:
    """What both adapters share: one rendering per signature, feedback in the last message."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self

    def format_system_message(self, signature: Signature) -> str:
        """Rendered once per signature and instructions, which optimisers may change in place."""
        return form_of(self, signature).system

    def render_system_message(self, signature: Signature) -> str:
        """The system message as DSPy renders it."""
        return super().format_system_message(signature)  # type: ignore[misc,no-any-return]  # a mixin

    def format(self, signature: Signature, demos: list[Any], inputs: dict[str, Any]) -> list[dict[str, Any]]:
        """DSPy's own messages; the last one also carries the feedback on the attempt before."""
        form, messages = form_of(self, signature), None
        if form.is_text:
            messages = form.around(form.demos(self, signature, demos), form.last(inputs))
        if messages is None:
            messages = super().format(signature, demos, inputs)  # type: ignore[misc]  # a mixin
        last = messages[-1]
        return [*messages[:-1], {**last, "content": with_note(last["content"])}]


class ExactChatAdapter(_Exact, dspy.ChatAdapter):  # type: ignore[misc]  # dspy is untyped
    """DSPy's chat format."""

    def __init__(self, **options: Any) -> None:
        super().__init__(use_json_adapter_fallback=False, **options)

    def parse(self, signature: Signature, completion: str) -> dict[str, Any]:
        """The typed output fields. Raises AdapterParseError with words a model can act on."""
        fields: dict[str, Any] = {}
        outputs = form_of(self, signature).outputs
        for name, text in _sections(completion):
            if name in outputs and name not in fields:
                fields[name] = _value(self, signature, completion, name, text)
        return _complete(self, signature, completion, fields)


class ExactJSONAdapter(_Exact, dspy.JSONAdapter):  # type: ignore[misc]  # dspy is untyped
    """DSPy's JSON format."""

    def parse(self, signature: Signature, completion: str) -> dict[str, Any]:
        """The typed output fields. Raises AdapterParseError with words a model can act on."""
        text = completion[completion.find("{") : completion.rfind("}") + 1]
        try:
            plain = exact.read_json(text)
        except RecursionError:
            return self._mended(signature, completion, "nested too deeply")
        except ValueError as error:  # json's own, or Python's on a number of thousands of digits
            return self._mended(signature, completion, getattr(error, "msg", str(error)))
        if not isinstance(plain, dict):
            raise _parse_error(self, signature, completion, "not a JSON object")
        outputs = form_of(self, signature).outputs
        known = {name: value for name, value in plain.items() if name in outputs}
        fields = {name: _value(self, signature, completion, name, value) for name, value in known.items()}
        return _complete(self, signature, completion, fields)

    def _mended(self, signature: Signature, completion: str, complaint: str) -> dict[str, Any]:
        """What is almost JSON as DSPy mends it, where no number could be torn apart."""
        if any(exact.is_exact(field.annotation) for field in signature.output_fields.values()):
            raise _parse_error(self, signature, completion, f"not a JSON object: {complaint}")
        try:
            parsed: dict[str, Any] = super().parse(signature, completion)
        except (TypeError, ValueError, RecursionError) as error:
            raise _parse_error(self, signature, completion, f"not a JSON object: {complaint}") from error
        return parsed


def with_note(content: Any) -> Any:
    """The content of the last message with what the attempt under way has to add to it."""
    scope = current_scope()
    note = note_of(scope.flight) if scope is not None and scope.flight is not None else ""
    if not note:
        return content
    return f"{content}\n\n{note}" if isinstance(content, str) else [*content, {"type": "text", "text": note}]


def note_of(flight: Flight) -> str:
    """What the last message says besides: why the attempt before was rejected, and the nudge; empty for neither.

    Constant in the number of attempts, 60 tokens beside what it quotes at most.
    """
    if not flight.feedback:
        return flight.nudge
    shown = flight.previous
    if len(shown) > PREVIOUS_CHARACTERS:
        shown = shown[:PREVIOUS_CHARACTERS] + " …"
    answer = f"Your previous answer was:\n{shown}\n\n" if shown else ""
    return f"{answer}It was not accepted: {flight.feedback}\n{flight.nudge or 'Answer again in the same format.'}"


def adapter_named(name: str) -> dspy.Adapter:
    """The adapter of that name: chat or json."""
    return ExactJSONAdapter() if name == "json" else ExactChatAdapter()


def _sections(completion: str) -> list[tuple[str, str]]:
    """Field names with their text, as DSPy's chat format marks them."""
    sections: list[tuple[str, list[str]]] = []
    for line in completion.splitlines():
        match = _FIELD.match(line.strip()) if "[[ ## " in line else None
        if match:
            rest = line.strip()[match.end() :].strip()
            sections.append((match.group(1), [rest] if rest else []))
        elif sections:
            sections[-1][1].append(line)
    return [(name, "\n".join(lines).strip()) for name, lines in sections]


def _value(adapter: Any, signature: Signature, completion: str, name: str, value: Any) -> Any:
    """The typed value of a field, from its text or from what JSON said."""
    field = form_of(adapter, signature).outputs[name]
    try:
        typed = _typed(value, field.annotation)
        return TypeAdapter(field.rebuild_annotation()).validate_python(typed) if field.metadata else typed
    except ValidationError as error:
        complaint = "; ".join(_complaint(item) for item in error.errors(include_url=False)[:3])
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        complaint = str(error)
    if isinstance(field.annotation, EnumMeta):
        allowed = ", ".join(str(member.value) for member in list[Any](field.annotation))
        complaint = f"{str(value)[:40]!r} is none of {allowed}"
    raise _parse_error(adapter, signature, completion, f"`{name}`: {complaint}")


def _typed(value: Any, annotation: Any) -> Any:
    if not exact.is_exact(annotation):
        return _as_dspy_reads(exact.inexact(value), annotation)
    return exact.read(value if isinstance(value, str) else _json_text(value), annotation)


def _as_dspy_reads(value: Any, annotation: Any) -> Any:
    """What DSPy makes of it. Where its way is plain JSON, what validates that is not built again each time."""
    if annotation is not str and _is_read_as_json(annotation):
        with suppress(ValueError, TypeError, RecursionError):  # then it is DSPy who mends it, or says what is wrong
            return exact.type_adapter(annotation).validate_python(json.loads(value) if type(value) is str else value)
    return parse_value(value, annotation)


def _is_read_as_json(annotation: Any) -> bool:
    """Whether DSPy reads texts of that type as JSON first of all, and other values as they are."""
    kind = get_origin(annotation) or annotation
    if kind in (bool, list, dict):
        return True
    return isinstance(kind, type) and issubclass(kind, BaseModel) and not issubclass(kind, dspy.Type)


def _complaint(item: Any) -> str:
    """What pydantic objected to, and where inside the value."""
    where = ".".join(str(part) for part in item["loc"])
    return f"{where}: {item['msg']}" if where else str(item["msg"])


def _complete(adapter: Any, signature: Signature, completion: str, fields: dict[str, Any]) -> dict[str, Any]:
    outputs = form_of(adapter, signature).outputs
    if len(fields) == len(outputs):
        return {name: fields[name] for name in outputs}
    complete: dict[str, Any] = apply_output_field_defaults(signature, fields)
    missing = [name for name in outputs if name not in complete]
    if missing:
        raise _parse_error(adapter, signature, completion, f"missing {', '.join(f'`{name}`' for name in missing)}")
    return complete


def _parse_error(adapter: Any, signature: Signature, completion: str, message: str) -> AdapterParseError:
    return AdapterParseError(
        adapter_name=type(adapter).__name__, signature=signature, lm_response=completion, message=message
    )


def _json_text(value: Any) -> str:
    """A JSON value as text, with every Decimal as it was written."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_json_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_json_text(item) for item in value) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)
