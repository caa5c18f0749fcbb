"""Everything that touches DSPy's internals, in one file: when DSPy changes, this changes and nothing else.

Written against dspy 3.4. Importing it imports dspy.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

import dspy
from dspy import lm15
from dspy._vendor.lm15.serde import request_to_dict, response_from_dict, response_to_dict
from dspy.utils.exceptions import AdapterParseError
from pydantic import TypeAdapter

from agentflow.errors import DefinitionError
from agentflow.scope import Scope

__all__ = ["AdapterParseError", "Request", "Response", "Signature"]

Request: TypeAlias = lm15.Request
Response: TypeAlias = lm15.Response
Signature: TypeAlias = type[dspy.Signature]

_SCOPE = "agentflow_scope"


# the context


def current_scope() -> Scope | None:
    """The scope of the running work, in every thread and task that DSPy starts; None outside a run."""
    scope: Scope | None = dspy.settings.get(_SCOPE)
    return scope


@contextmanager
def entering(scope: Scope, **settings: Any) -> Iterator[Scope]:
    """Work inside *scope*, with other DSPy settings for as long."""
    with dspy.context(**{_SCOPE: scope}, **settings):
        yield scope


def quiet_settings() -> dict[str, Any]:
    """DSPy settings under which a long run keeps its memory flat: no history, and a trace that nobody reads is bounded.

    The trace must exist (BestOfN and Refine crash without), and must have room while an optimiser compiles.
    """
    return {"disable_history": True, "trace": UnreadTrace(), "callbacks": [], "track_usage": False}


class UnreadTrace(list[Any]):
    """A trace that keeps nothing, for work that no optimiser watches."""

    def append(self, item: Any) -> None:
        """Forget *item*."""


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
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def dump_response(response: Response) -> str:
    """JSON of a response. What the provider sent along, such as headers, stays out."""
    plain = response_to_dict(response)
    plain.pop("provider_data", None)
    if response.provider_data and "mean_logprob" in response.provider_data:
        plain["provider_data"] = {"mean_logprob": response.provider_data["mean_logprob"]}
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def load_response(text: str) -> Response:
    """The response that `dump_response` wrote."""
    return response_from_dict(json.loads(text))


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
    return dspy.LM(model, engine=engine, async_engine=async_engine, cache=False, num_retries=0, **options)


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


def module_identity(module: dspy.Module) -> str:
    """A text that changes when what the module asks may change: signatures, instructions, demos, structure."""
    parts = [type(module).__qualname__]
    for name, predictor in module.named_predictors():
        signature = predictor.signature
        fields = {n: [str(f.annotation), f.json_schema_extra] for n, f in signature.fields.items()}
        parts.append(json.dumps([name, signature.instructions, fields, _plain(predictor.demos)], default=repr))
    return "\n".join(parts)


def _plain(demos: list[Any]) -> list[Any]:
    return [demo.toDict() if hasattr(demo, "toDict") else demo for demo in demos]


def prompt_bytes(module: dspy.Module) -> int:
    """UTF-8 bytes of the longest prompt of *module* without its inputs."""
    sizes = [0]
    for predictor in module.predictors():
        messages = dspy.ChatAdapter().format(predictor.signature, predictor.demos, {})
        sizes.append(sum(len(str(message["content"]).encode()) for message in messages))
    return max(sizes)


def parse_complaint(error: AdapterParseError) -> str:
    """What the parser objected to, without the answer it quotes and the fields it lists."""
    first = str(error).split("\n\n", 1)[0]
    return first.removeprefix("Adapter ").split("LM Response:", 1)[0].strip() or "the answer could not be parsed"


def dump_fields(signature: Signature | None, prediction: Any) -> str | None:
    """JSON of a prediction's output fields, by their declared types; None when it cannot be said in JSON."""
    try:
        if signature is None:
            return json.dumps(prediction.toDict())
        plain = {
            name: TypeAdapter(field.annotation).dump_python(prediction.get(name), mode="json")
            for name, field in signature.output_fields.items()
        }
        return json.dumps(plain, ensure_ascii=False)
    except Exception:  # noqa: BLE001  # because any type may refuse in its own way, and calls replay instead
        return None


def load_fields(signature: Signature | None, text: str) -> dspy.Prediction:
    """The prediction that `dump_fields` wrote. Raises ValueError when it no longer fits."""
    plain = json.loads(text)
    if signature is None:
        return dspy.Prediction(**plain)
    fields = signature.output_fields
    if set(plain) != set(fields):
        raise ValueError("the signature has other output fields now")
    return dspy.Prediction(
        **{name: TypeAdapter(fields[name].annotation).validate_python(plain[name]) for name in fields}
    )


def prediction_of(outputs: Mapping[str, Any]) -> dspy.Prediction:
    """A prediction that a plain function gave."""
    return dspy.Prediction(**outputs)
