"""Validators of structured values: a JSON Schema, a pydantic model. Their libraries are imported on first use."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agentflow.errors import DefinitionError
from agentflow.validators.combine import Rule
from agentflow.validators.field_rule import FieldRule, quoted, unreadable
from agentflow.validators.identity import stable
from agentflow.verdict import Verdict


def json_schema(field: str, schema: Mapping[str, Any]) -> Rule:
    """Accept what *schema* accepts: a value as it is, or a text of JSON. Nothing is ever fetched for a `$ref`."""
    library = importlib.import_module("jsonschema")
    if not isinstance(schema, Mapping):
        raise DefinitionError(f"json_schema({field!r}) takes a schema as a mapping, not {schema!r}")
    try:
        library.validators.validator_for(schema).check_schema(schema)
    except library.SchemaError as error:
        raise DefinitionError(f"json_schema({field!r}): no valid schema: {error.message}") from error
    return JsonSchema(field, json.dumps(schema, sort_keys=True))


def model(field: str, model: type[Any]) -> Rule:
    """Accept an instance of the pydantic *model*, what it validates, or a text of JSON that it does."""
    if not isinstance(model, type) or not callable(getattr(model, "model_validate_json", None)):
        raise DefinitionError(f"model({field!r}) takes a class of pydantic's BaseModel, not {model!r}")
    return Modelled(field, model)


@dataclass(frozen=True, slots=True)
class JsonSchema(FieldRule):
    """Accepts a value of a JSON Schema."""

    schema: str
    """JSON."""

    def weigh(self, value: Any) -> Verdict:
        try:
            data = json.loads(value) if isinstance(value, str) else _as_json(value)
        except (TypeError, ValueError, RecursionError):
            return unreadable(self.field, value, "valid JSON")
        library, referencing = importlib.import_module("jsonschema"), importlib.import_module("referencing")
        schema = json.loads(self.schema)
        judge = library.validators.validator_for(schema)(schema, registry=referencing.Registry())
        try:
            error = library.exceptions.best_match(judge.iter_errors(data))
        except referencing.exceptions.Unresolvable as missing:
            raise DefinitionError(f"json_schema({self.field!r}): {missing}; put it into the schema itself") from missing
        except RecursionError:
            return unreadable(self.field, value, "JSON that is nested less deeply")
        return Verdict(True) if error is None else self._rejected(error.json_path, error.message)

    def claim(self) -> str:
        return f"`{self.field}` has the form {quoted(json.loads(self.schema), 80)}"

    @property
    def label(self) -> str:
        return f"json_schema:{self.field}"

    def _rejected(self, where: str, message: str) -> Verdict:
        said = quoted(message, 160).strip('"')
        return Verdict(False, f"`{self.field}` at {where[:60]}: {said}", kind=self.label)


@dataclass(frozen=True, slots=True)
class Modelled(FieldRule):
    """Accepts what a pydantic model validates."""

    model: type[Any]

    def weigh(self, value: Any) -> Verdict:
        pydantic = importlib.import_module("pydantic")
        if isinstance(value, self.model):
            return Verdict(True)
        try:
            self.model.model_validate_json(value) if isinstance(value, str) else self.model.model_validate(value)
        except pydantic.ValidationError as error:
            return self._rejected(error.errors(include_url=False, include_input=False)[0])
        except RecursionError:
            return unreadable(self.field, value, "data that is nested less deeply")
        return Verdict(True)

    def claim(self) -> str:
        return f"`{self.field}` is a valid {self.model.__name__}"

    @property
    def label(self) -> str:
        return f"model:{self.field}"

    def identity(self) -> str:
        schema = json.dumps(self.model.model_json_schema(), sort_keys=True)
        return f"Modelled({self.field}, {stable(self.model)}, {schema})"

    def _rejected(self, error: Mapping[str, Any]) -> Verdict:
        where = ".".join(str(part) for part in error["loc"])[:60]
        said = quoted(str(error["msg"]), 160).strip('"')
        return Verdict(False, f"`{self.field}`{f' at {where}' if where else ''}: {said}", kind=self.label)


def _as_json(value: object) -> object:
    """The value as JSON would carry it, so that tuples, models and exact numbers are judged by what they mean."""
    return json.loads(json.dumps(value, default=_plain))


def _plain(value: Any) -> object:
    if callable(getattr(type(value), "model_dump", None)):
        return value.model_dump(mode="json")
    if type(value).__name__ == "Decimal" and value.is_finite():
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)
