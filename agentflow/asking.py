"""One prompt asked without DSPy's detours: what is sent, what comes of it and what optimisers see are the same.

Whatever is unusual about the module, its inputs or the settings takes DSPy's own way; nothing is decided here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import dspy
from dspy import lm15
from dspy.clients.call_result import legacy_output
from dspy.clients.errors import wrap_error
from dspy.clients.execution import _canonical, prepare
from dspy.dsp.utils.settings import thread_local_overrides
from dspy.predict.predict import _is_value_compatible_with_type

from agentflow import compat
from agentflow.adapters import ExactChatAdapter, ExactJSONAdapter, with_note
from agentflow.awaiting import calling
from agentflow.compat import AdapterParseError, Request, Response, Signature
from agentflow.effects import Work
from agentflow.engines.faces import MeteredEngine
from agentflow.engines.metered import Meter
from agentflow.rendering import Form, Message, form_of, is_text
from agentflow.scope import Scope

_MARK = "8c1f6a52-here-stands-what-is-asked"
_DSPYS_OWN = (dspy.Predict.__call__, dspy.Predict.forward, dspy.ChainOfThought.forward)
_METHODS = frozenset({"__call__", "forward", "acall", "aforward"})
_UNUSUAL = ("callbacks", "send_stream", "usage_tracker", "track_usage")
_MOST_ROUTES = 64


def asking(module: Any, inputs: Mapping[str, Any], scope: Scope) -> Work[Any]:
    """What *module* makes of *inputs* under the settings of this place, in the shortest way that leads there."""
    ask = _prompt_of(module, inputs)
    if ask is None:
        return (yield calling(module, inputs, scope))
    return (yield from ask.answered(inputs))


@dataclass(frozen=True, slots=True)
class _Route:
    """How prompts of one form with the same demos go through one model: all but their last message."""

    demos: list[Message]
    request: Request
    begun: Any
    """The hash of a request's key up to the last message."""
    rest: bytes
    """What of the canonical request follows that message."""

    def request_for(self, text: str) -> tuple[Request, str]:
        """The request that ends with *text*, and its journal key. Raises UnicodeEncodeError for half a letter."""
        key = self.begun.copy()
        key.update(json.dumps(text, ensure_ascii=False).encode() + self.rest)
        first = self.request
        last = lm15.Message(role="user", parts=(lm15.TextPart(text),))
        messages = (*first.messages[:-1], last)
        request = lm15.Request(first.model, messages, system=first.system, tools=first.tools, config=first.config)
        return request, key.hexdigest()


@dataclass(frozen=True, slots=True)
class _Prompt:
    """One predictor's question through one model."""

    predictor: Any
    adapter: Any
    lm: Any
    request: Request
    key: str

    def answered(self, inputs: Mapping[str, Any]) -> Work[Any]:
        """The prediction, noted in the trace. Raises what DSPy raises."""
        meter: Meter = self.lm.engine.meter
        try:
            response = yield from meter.exchange(self.request, key=self.key)
        except Exception as error:
            told = wrap_error(error, model=self.lm.model)
            if told is error:
                raise
            raise told from error
        signature = self.predictor.signature
        fields = self.adapter.parse(signature, _text_of(response, self.adapter, signature))
        prediction = dspy.Prediction.from_completions([fields], signature=signature)
        settings = thread_local_overrides.get()
        if settings["max_trace_size"] > 0:
            settings["trace"].append((self.predictor, {**inputs}, prediction))
        return prediction


def _prompt_of(module: Any, inputs: Mapping[str, Any]) -> _Prompt | None:
    """The prompt that *module* would send; None when anything about it is unusual."""
    predictor, settings = _predictor_of(module), thread_local_overrides.get()
    if predictor is None or not _are_usual(settings):
        return None
    adapter, lm, signature = settings["adapter"], settings["lm"], predictor.signature
    form = form_of(adapter, signature)
    if not form.is_text or not _are_known(form, inputs):
        return None
    text, shown = with_note(form.last(inputs)), form.demos(adapter, signature, predictor.demos)
    route = _route(form, adapter, lm, signature, shown) if is_text(text) else None
    if route is None:
        return None
    try:
        request, key = route.request_for(text)
    except UnicodeEncodeError:
        return None  # DSPy says it in words
    return _Prompt(predictor, adapter, lm, request, key)


def _predictor_of(module: Any) -> Any:
    """The one predictor that *module* is; None when it is more, or other than DSPy made it."""
    if (dspy.Predict.__call__, dspy.Predict.forward, dspy.ChainOfThought.forward) != _DSPYS_OWN:
        return None  # somebody watches DSPy at work
    own = vars(module)
    if type(module) is dspy.ChainOfThought:
        if own["callbacks"] or not _METHODS.isdisjoint(own):
            return None
        module, own = own["predict"], vars(own["predict"])
    if type(module) is not dspy.Predict or not _METHODS.isdisjoint(own):
        return None
    return None if own["callbacks"] or own["config"] or own["fields"] or own["lm"] is not None else module


def _are_usual(settings: Mapping[str, Any]) -> bool:
    """Whether nobody watches, streams or counts in a way of DSPy's own, and the engine is metered."""
    adapter, lm = settings["adapter"], settings["lm"]
    return (
        type(adapter) in (ExactChatAdapter, ExactJSONAdapter)
        and type(lm) is dspy.LM
        and not (adapter.callbacks or lm.callbacks)
        and isinstance(lm.engine, MeteredEngine)
        and lm.kwargs.keys() <= {"temperature", "max_tokens", "max_completion_tokens"}
        and bool(settings["disable_history"])
        and not any(settings[name] for name in _UNUSUAL)
    )


def _are_known(form: Form, inputs: Mapping[str, Any]) -> bool:
    """Whether the inputs are those of the signature, each of its type: DSPy fills in or warns otherwise."""
    if inputs.keys() != form.inputs.keys():
        return False
    pairs = ((value, form.inputs[name].annotation) for name, value in inputs.items())
    return all(
        type(value) is kind or value is None or _is_value_compatible_with_type(value, kind) for value, kind in pairs
    )


_ROUTES: WeakKeyDictionary[Any, dict[tuple[int, int], tuple[Form, _Route | None]]] = WeakKeyDictionary()


def _route(form: Form, adapter: Any, lm: Any, signature: Signature, shown: list[Message]) -> _Route | None:
    """The route of this form with these demos through *lm*; None when it does not end with one plain text."""
    routes = _ROUTES.setdefault(lm, {})
    known = routes.get((id(form), id(shown)))
    if known is not None and known[0] is form and (known[1] is None or known[1].demos is shown):
        return known[1]
    if len(routes) >= _MOST_ROUTES:
        routes.clear()
    route = _new_route(form, adapter, lm, signature, shown)
    routes[id(form), id(shown)] = (form, route)
    return route


def _new_route(form: Form, adapter: Any, lm: Any, signature: Signature, shown: list[Message]) -> _Route | None:
    options: dict[str, Any] = {}
    if isinstance(adapter, ExactJSONAdapter):
        adapter._prepare_response_format(lm, options, signature)
    if adapter._call_preprocess(lm, options, signature, {}) is not signature:
        return None
    messages = form.around(shown, _MARK)
    if messages is None:
        return None
    request: Request = _canonical(prepare(lm, None, messages, options))
    before, mark, after = compat.request_text(request).partition(json.dumps(_MARK))
    if not mark or _MARK in after or request.messages[-1] != lm15.Message(role="user", parts=(lm15.TextPart(_MARK),)):
        return None
    begun = hashlib.blake2b(f"{lm.engine.meter.tier.identity}\n{before}".encode(), digest_size=compat.KEY_BYTES)
    return _Route(shown, request, begun, after.encode())


def _text_of(response: Response, adapter: Any, signature: Signature) -> str:
    """What the model wrote, as adapters take it. Raises `AdapterParseError` where that is nothing."""
    output = legacy_output(response)
    if not output["text"]:
        told = output if len(output) > 1 else output["text"]
        raise AdapterParseError(
            adapter_name=type(adapter).__name__,
            signature=signature,
            lm_response=str(told),
            message="The LM returned an empty or null response.",
        )
    return str(output["text"])
