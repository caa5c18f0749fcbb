"""What the prompts of a signature are made of, rendered once: DSPy's own words around inputs, demos and feedback.

Nothing is rendered here that DSPy would render otherwise; what has parts other than text is left to DSPy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from operator import is_
from types import NoneType
from typing import Any
from weakref import WeakKeyDictionary

import dspy
from dspy.adapters.types.base_type import CUSTOM_TYPE_START_IDENTIFIER
from dspy.adapters.utils import format_field_value

from agentflow.compat import Signature
from agentflow.exact import type_adapter
from agentflow.prompts import UNCHANGING

Message = dict[str, Any]

_MOST_DEMOS = 64
"""So many sets of demos of one signature stay rendered."""
_AS_THEY_ARE = frozenset({str, int, bool, NoneType})
"""Types of which DSPy shows what `str` gives."""
_ABSENT = object()


class Form:
    """A signature with its instructions, as one adapter asks it."""

    def __init__(self, adapter: Any, signature: Signature) -> None:
        """*adapter* renders as DSPy does. The form keeps neither it nor the signature."""
        inputs = signature.input_fields
        self.system: str = adapter.render_system_message(signature)
        self.outputs: dict[str, Any] = dict(signature.output_fields)
        self.requirements: str = adapter.user_message_output_requirements(signature)
        self.headers = {name: f"[[ ## {name} ## ]]\n" for name in inputs}
        self.inputs: dict[str, Any] = dict(inputs)
        self.is_text = not any(_is_dspys(field) for field in [*inputs.values(), *self.outputs.values()])
        """Whether inputs and outputs are made of plain values."""
        self._demos: dict[int, tuple[list[Any], list[Message]]] = {}

    def around(self, shown: list[Message], text: str) -> list[Message] | None:
        """The messages of a request that shows these demos and ends with *text*; None when some of it is no text."""
        if not text or not is_text(text) or not all(is_text(message["content"]) for message in shown):
            return None
        return [{"role": "system", "content": self.system}, *map(dict, shown), {"role": "user", "content": text}]

    def last(self, inputs: Mapping[str, Any]) -> str:
        """The last message: what is asked now."""
        parts = [
            f"{header}{text_of(self.inputs[name], inputs[name])}"
            for name, header in self.headers.items()
            if name in inputs
        ]
        return "\n\n".join([*parts, self.requirements]).strip()

    def demos(self, adapter: Any, signature: Signature, demos: Sequence[Any]) -> list[Message]:
        """The messages of *demos*; the same list as long as nothing about them has changed."""
        if not demos:
            return _NO_DEMOS
        values = list(self._values(demos))
        known: list[Any]
        shown: list[Message]
        known, shown = self._demos.get(id(demos), (_NO_DEMOS, _NO_DEMOS))
        if len(known) == len(values) and all(map(is_, known, values)):
            return shown
        rendered: list[Message] = adapter.format_demos(signature, demos)
        if all(value is _ABSENT or type(value) in UNCHANGING for value in values):
            if len(self._demos) >= _MOST_DEMOS:
                self._demos.clear()
            self._demos[id(demos)] = (values, rendered)
        return rendered

    def _values(self, demos: Sequence[Any]) -> Iterator[Any]:
        for demo in demos:
            yield from (demo.get(name, _ABSENT) for name in self.inputs)
            yield from (demo.get(name, _ABSENT) for name in self.outputs)


_NO_DEMOS: list[Any] = []
_FORMS: dict[type, WeakKeyDictionary[Signature, dict[str | None, Form]]] = {}


def form_of(adapter: Any, signature: Signature) -> Form:
    """The form of *signature* under that kind of adapter, for as long as its instructions stay what they are."""
    forms = _FORMS.setdefault(type(adapter), WeakKeyDictionary()).setdefault(signature, {})
    form = forms.get(signature.__doc__)
    if form is None:
        form = forms[signature.__doc__] = Form(adapter, signature)
    return form


def text_of(field: Any, value: Any) -> str:
    """The value of an input as DSPy shows it."""
    kind: Any = type(value)
    if kind in _AS_THEY_ARE:
        return str(value)
    if isinstance(value, list) and field.annotation is str:
        return str(format_field_value(field, value))
    try:
        plain = type_adapter(kind).dump_python(value, mode="json", fallback=str)
    except Exception:  # noqa: BLE001  # because DSPy takes whatever pydantic cannot write as its text
        return str(value)
    return json.dumps(plain, ensure_ascii=False) if isinstance(plain, dict | list) else str(plain)


def is_text(content: Any) -> bool:
    """Whether a message is text alone: DSPy's own types stand in it between marks until they are taken apart."""
    return isinstance(content, str) and CUSTOM_TYPE_START_IDENTIFIER not in content


def _is_dspys(field: Any) -> bool:
    """Whether a field holds a type of DSPy's own, which may be sent or read in ways of its own."""
    if field.annotation in (dspy.History, dspy.Tool, dspy.ToolCalls):
        return True
    if any(isinstance(each, type) and issubclass(each, dspy.Type) for each in field.metadata):
        return True
    return bool(dspy.Type.extract_custom_type_from_annotation(field.rebuild_annotation()))
