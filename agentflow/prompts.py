"""What a module asks, as texts that change when it may change. Nothing is rendered here for a model to read."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from operator import is_
from types import NoneType
from typing import Any
from weakref import WeakKeyDictionary

import dspy

from agentflow.attempt import source_hash
from agentflow.compat import Signature, type_text
from agentflow.scope import fingerprint


def structure_identity(module: dspy.Module) -> str:
    """A text that changes when the code or the plain options of the modules change."""
    parts = []
    for path, inner in module.named_sub_modules():
        kind = type(inner)
        own = "" if kind.__module__.startswith("dspy.") else source_hash(kind)
        options = {name: value for name, value in vars(inner).items() if _is_option(name, value)}
        parts.append(f"{path} {kind.__qualname__} {own} {json.dumps(options, sort_keys=True)}")
    return "\n".join(parts)


def prompt_identity(module: dspy.Module) -> str:
    """A text that changes when what the module asks may change: signatures, instructions, demos, options."""
    state = _prompt_state(module)
    known, text = _PROMPTS.get(module, ((), "")) if state else ((), "")
    if len(known) != len(state) or not state or not all(map(is_, known, state)):
        text = "\n".join(
            f"{name} {_signature_identity(each.signature)} {fingerprint([_plain(each.demos), each.config])}"
            for name, each in module.named_predictors()
        )
        _PROMPTS[module] = (state, text)
    return text


def _prompt_state(module: dspy.Module) -> tuple[Any, ...]:
    """The very values that decide what a module of one prompt asks; empty when one of them could change unseen."""
    predictor = module.predict if type(module) is dspy.ChainOfThought else module
    own = vars(predictor)
    if type(predictor) is not dspy.Predict or own["config"]:
        return ()
    demos = [getattr(demo, "_store", demo) for demo in own["demos"]]
    told = tuple(value for demo in demos for pair in demo.items() for value in pair)
    signature = own["signature"]
    return (signature, signature.__doc__, len(demos), *told) if all(type(each) in UNCHANGING for each in told) else ()


UNCHANGING = frozenset({str, int, bool, float, bytes, NoneType, Decimal, date, datetime})
"""Types whose values stay what they are."""
_PROMPTS: WeakKeyDictionary[dspy.Module, tuple[tuple[Any, ...], str]] = WeakKeyDictionary()


def _is_option(name: str, value: Any) -> bool:
    return not name.startswith("_") and name != "stage" and isinstance(value, bool | int | float | str)  # a random word


def _signature_identity(signature: Signature) -> str:
    texts = _SIGNATURES.setdefault(signature, {})
    if signature.instructions not in texts:
        fields = {
            name: [type_text(field.annotation), str(field.metadata), field.json_schema_extra]
            for name, field in signature.fields.items()
        }
        texts[signature.instructions] = fingerprint([signature.instructions, list(fields), fields])
    return texts[signature.instructions]


_SIGNATURES: WeakKeyDictionary[Signature, dict[str, str]] = WeakKeyDictionary()


def _plain(demos: list[Any]) -> list[Any]:
    return [demo.toDict() if hasattr(demo, "toDict") else demo for demo in demos]


def prompt_bytes(module: dspy.Module) -> int:
    """UTF-8 bytes of the longest prompt of *module* without its inputs."""
    sizes = [0]
    for predictor in module.predictors():
        messages = dspy.ChatAdapter().format(predictor.signature, predictor.demos, {})
        sizes.append(sum(len(str(message["content"]).encode()) for message in messages))
    return max(sizes)
