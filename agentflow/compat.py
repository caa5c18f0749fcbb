"""Everything that touches DSPy's internals, in one file: when DSPy changes, this changes and nothing else.

Written against dspy 3.4. Importing it imports dspy.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import logging
from collections.abc import Mapping
from functools import cache
from typing import Any, NoReturn, TypeAlias

import dspy
from dspy import lm15
from dspy._vendor.lm15.serde import request_to_dict, response_from_dict, response_to_dict
from dspy.dsp.utils.settings import dotdict, main_thread_config, thread_local_overrides
from dspy.utils.exceptions import AdapterParseError, LMError
from pydantic import TypeAdapter

from agentflow.errors import AgentFlowError, ConfigurationError, DefinitionError
from agentflow.exact import type_adapter
from agentflow.scope import Scope
from agentflow.thresholds import finite

__all__ = ["AdapterParseError", "LMError", "Request", "Response", "Signature"]

Request: TypeAlias = lm15.Request
Response: TypeAlias = lm15.Response
Signature: TypeAlias = type[dspy.Signature]

KEY_BYTES = 16
_SCOPE = "agentflow_scope"


# the context


def current_scope() -> Scope | None:
    """The scope of the running work, in every thread and task that DSPy starts; None outside a run."""
    scope: Scope | None = dspy.settings.get(_SCOPE)
    return scope


class entering:
    """Work inside *scope*, with other DSPy settings for as long: what `dspy.context` does, in a third of the time."""

    def __init__(self, scope: Scope, **settings: Any) -> None:
        self._scope, self._settings = scope, settings

    def __enter__(self) -> Scope:
        here = {**main_thread_config, **thread_local_overrides.get(), _SCOPE: self._scope, **self._settings}
        self._token = thread_local_overrides.set(dotdict(here))
        return self._scope

    def __exit__(self, *error: object) -> None:
        thread_local_overrides.reset(self._token)


def quiet_settings() -> dict[str, Any]:
    """DSPy settings under which a long run keeps its memory flat: no history, and a trace that nobody reads is bounded.

    The trace must exist (BestOfN and Refine crash without), and must have room while an optimiser compiles.
    """
    logging.getLogger("dspy.clients.lm").addFilter(_is_news)
    quiet = {"disable_history": True, "trace": UnreadTrace(), "callbacks": [], "track_usage": False}
    return {**quiet, "lm": lm_of_nobody()}


def _is_news(record: logging.LogRecord) -> bool:
    """False for the one line that our own verdict says better: that an answer was cut off."""
    return not record.getMessage().startswith("LM response was truncated")


class _NoTier:
    """Stands where DSPy looks for a model outside of steps, and answers nothing."""

    supports_function_calling = supports_reasoning = supports_response_schema = False
    supported_params: frozenset[str] = frozenset()

    def __deepcopy__(self, memo: dict[int, Any]) -> _NoTier:
        return self

    def complete(self, request: Request) -> NoReturn:
        """Refuse, in words."""
        del request  # whatever it was
        raise ConfigurationError("a prompt outside of any Step has no tier and no validator; make it a Step")

    async def acomplete(self, request: Request) -> NoReturn:
        """Refuse, in words."""
        _NoTier.complete(self, request)


class _NoAsyncTier(_NoTier):
    """The same from an event loop."""

    complete = _NoTier.acomplete  # type: ignore[assignment]  # DSPy wants the same name for both


@cache
def lm_of_nobody() -> dspy.LM:
    """A model that refuses to be asked, where DSPy insists on having one."""
    return lm_for("agentflow/no-tier", _NoTier(), _NoAsyncTier(), temperature=None)


class UnreadTrace(list[Any]):
    """A trace that keeps nothing, for work that no optimiser watches."""

    def append(self, item: Any) -> None:
        """Forget *item*."""

    def extend(self, items: Any) -> None:
        """Forget *items*."""


def is_watched() -> bool:
    """Whether callbacks, DSPy's count of tokens or its history want to know of every module that is called."""
    here = dspy.settings
    return bool(here.callbacks or here.track_usage or not here.disable_history)


def watched_trace() -> list[Any] | None:
    """The trace an optimiser reads, or None when nobody does."""
    trace = dspy.settings.trace
    return None if trace is None or isinstance(trace, UnreadTrace) else trace


# requests and responses


def request_text(request: Request) -> str:
    """A canonical JSON text of everything that decides the answer."""
    return json.dumps(request_to_dict(request), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def call_key(identity: str, request: Request) -> str:
    """The journal key of *request* on the tier of that *identity*: 32 hexadecimal digits."""
    text = f"{identity}\n{request_text(request)}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).hexdigest()


def dump_response(response: Response) -> str:
    """JSON of a response. What the provider sent along, such as headers, stays out."""
    plain = response_to_dict(response)
    plain.pop("provider_data", None)
    if (sure := confidence_of(response)) is not None:
        plain["provider_data"] = {"mean_logprob": sure}
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def load_response(text: str) -> Response:
    """The response that `dump_response` wrote."""
    return response_from_dict(json.loads(text))


def confidence_of(response: Response) -> float | None:
    """Mean log-probability of the answer's tokens, as the engine reported it; None when it did not."""
    told = response.provider_data
    value = told.get("mean_logprob") if isinstance(told, Mapping) else None
    return finite(value)


def response_text(response: Response) -> str:
    """What the model wrote, tool calls included."""
    parts = []
    for part in response.message.parts:
        text = getattr(part, "text", None)
        if text:
            parts.append(text)
        elif part.type == "tool_call":
            parts.append(json.dumps({"tool": part.name, "input": part.input}, default=str, sort_keys=True))
    return "\n".join(parts)


def lm_for(model: str, engine: Any, async_engine: Any, *, temperature: float | None) -> dspy.LM:
    """A DSPy LM that owns nothing: no cache, no retries, no cap. Those are the metered engine's."""
    options = {} if temperature is None else {"temperature": temperature}
    lm = dspy.LM(model, engine=engine, async_engine=async_engine, cache=False, num_retries=0, **options)
    lm.is_metered = True  # copies keep it: they share the engine
    return lm


# modules and signatures


def signature_of(module: Any) -> Signature | None:
    """The signature whose outputs *module* promises; None when it does not say."""
    for candidate in (module, getattr(module, "predict", None)):
        signature = getattr(candidate, "signature", None)
        if isinstance(signature, type) and issubclass(signature, dspy.Signature):
            return signature
    return None


def reads_feedback(module: Any) -> bool:
    """Whether the whole module is one prompt, into which feedback can be rendered."""
    return isinstance(module, dspy.Predict | dspy.ChainOfThought)


def as_module(target: Any) -> dspy.Module:
    """A module for a signature, a signature's text, or a module. Raises `DefinitionError`."""
    if isinstance(target, dspy.Module):
        return target
    if isinstance(target, str) or (isinstance(target, type) and issubclass(target, dspy.Signature)):
        try:
            return dspy.Predict(target)
        except (ValueError, TypeError, SyntaxError) as error:
            raise DefinitionError(f"{target!r} is no signature: {error}") from error
    raise DefinitionError(f"a Step is made of a signature or a DSPy module, not of {target!r}")


def has_async_side(module: dspy.Module) -> bool:
    """Whether *module* can be awaited: DSPy's own can, one with a `forward` alone cannot."""
    return getattr(type(module), "aforward", None) is not None


def brings_lm(module: dspy.Module) -> bool:
    """Whether a predictor is bound to a model of its own, which would be asked past every tier and meter."""
    return any(predictor.lm is not None for predictor in module.predictors())


def without_lm(module: dspy.Module) -> dspy.Module:
    """*module*, or a copy of it whose predictors take the model of the tier: BestOfN binds them to another."""
    predictors = [module] if isinstance(module, dspy.Predict) else module.predictors()
    if all(predictor.lm is None for predictor in predictors):
        return module
    unbound = module.deepcopy()
    unbound.set_lm(None)
    return unbound


def takes_input(module: dspy.Module, name: str) -> bool:
    """Whether *module* can be called with an input of that *name*."""
    signature = signature_of(module)
    if signature is not None and name in signature.input_fields:
        return True
    if signature is not None and isinstance(module, dspy.Predict | dspy.ChainOfThought):
        return False
    parameters = inspect.signature(module.forward).parameters.values()
    return any(each.name == name or (each.kind is each.VAR_KEYWORD and signature is None) for each in parameters)


def missing_inputs(signature: Signature, inputs: Mapping[str, Any]) -> list[str]:
    """Input fields without a value and without a default."""
    return [name for name, field in signature.input_fields.items() if name not in inputs and field.is_required()]


def type_text(annotation: Any) -> str:
    """What a type allows, in words that do not depend on the module it was imported as."""
    try:
        return json.dumps(TypeAdapter(annotation).json_schema(), sort_keys=True, default=str)
    except Exception:  # noqa: BLE001  # because any type may refuse in its own way, and its name is the next best
        return str(getattr(annotation, "__qualname__", annotation))


def parse_complaint(error: AdapterParseError) -> str:
    """What the parser objected to, without the answer it quotes and the fields it lists."""
    first = str(error).split("\n\n", 1)[0]
    return first.removeprefix("Adapter ").split("LM Response:", 1)[0].strip() or "the answer could not be parsed"


def own_error(error: BaseException) -> AgentFlowError | None:
    """AgentFlow's own error behind one that DSPy disguised; None when there is none."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, AgentFlowError):
            return seen
        seen = seen.__cause__
    return None


def is_of_engine(error: BaseException, failure: BaseException | None) -> bool:
    """Whether *error* is a model's or provider's failure, *failure* itself or as DSPy tells it."""
    seen: BaseException | None = error
    while seen is not None:
        if seen is failure or isinstance(seen, LMError | lm15.LM15Error):
            return True
        seen = seen.__cause__
    return False


def is_model_fault(error: BaseException) -> bool:
    """Whether one of DSPy's own modules gave up on what the model wrote, such as ReActV2 without a final answer."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = trace.tb_frame.f_globals.get("__name__", "") if trace is not None else ""
    return isinstance(error, ValueError | RuntimeError) and where.startswith("dspy.predict.")


def dump_fields(signature: Signature | None, prediction: Any) -> str | None:
    """JSON of a prediction by the declared types of its fields; None when reading it would not give the same again."""
    try:
        if _is_plain(signature, plain := dict(prediction.items())):
            return json.dumps(plain, ensure_ascii=False)
        text = json.dumps(_dumped(signature, prediction), ensure_ascii=False)
        return text if dict(load_fields(signature, text).items()) == dict(prediction.items()) else None
    except Exception:  # noqa: BLE001  # because any type may refuse in its own way, and calls replay instead
        return None


def _is_plain(signature: Signature | None, plain: Mapping[str, Any]) -> bool:
    """Whether it is the declared fields alone, of types that JSON gives back as they were."""
    fields = signature.output_fields if signature is not None else {}
    return plain.keys() == fields.keys() and all(
        type(value) in (str, int, bool) and type(value) is fields[name].annotation for name, value in plain.items()
    )


def load_fields(signature: Signature | None, text: str) -> dspy.Prediction:
    """The prediction that `dump_fields` wrote. Raises ValueError when it no longer fits."""
    plain = json.loads(text)
    fields = signature.output_fields if signature is not None else {}
    if not set(fields) <= set(plain):
        raise ValueError("the signature has other output fields now")
    typed = {name: type_adapter(fields[name].annotation).validate_python(plain[name]) for name in fields}
    return dspy.Prediction(**{**plain, **typed})


def _dumped(signature: Signature | None, prediction: Any) -> dict[str, Any]:
    fields = signature.output_fields if signature is not None else {}
    typed = {
        name: type_adapter(each.annotation).dump_python(prediction[name], mode="json") for name, each in fields.items()
    }
    return {**dict(prediction.items()), **typed}


def prediction_of(signature: Signature | None, outputs: Mapping[str, Any]) -> dspy.Prediction:
    """The prediction of a plain function, its values of the declared types. Raises ValueError where they cannot be."""
    fields = signature.output_fields if signature is not None else {}
    typed = {name: type_adapter(field.annotation).validate_python(outputs[name]) for name, field in fields.items()}
    return dspy.Prediction(**{**outputs, **typed})


def takes(signature: Signature | None, name: str, value: Any) -> bool:
    """Whether *value* alone may be the value of that output field: a mapping only where one is declared."""
    if signature is None or not isinstance(value, Mapping):
        return signature is not None
    return '"type": "object"' in type_text(signature.output_fields[name].annotation)


def plain_outputs(outputs: Any) -> Any:
    """What a function returned, a prediction as its fields."""
    return outputs.toDict() if isinstance(outputs, dspy.Prediction) else outputs
