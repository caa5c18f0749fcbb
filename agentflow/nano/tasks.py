"""Which of the questions that the embedded model was trained for a step's signature asks. It never guesses one."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

from agentflow.errors import UnsupportedSignature
from agentflow.nano import printed

_SYNONYMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "company": "vendor merchant shop store seller supplier company_name vendor_name merchant_name store_name",
        "date": "purchase_date invoice_date receipt_date transaction_date day",
        "total": "amount total_amount amount_due grand_total total_due amount_payable",
        "address": "company_address vendor_address merchant_address store_address",
        "number": "invoice_number receipt_number document_number bill_number invoice_no receipt_no",
        "subtotal": "sub_total net_total net_amount",
        "tax": "vat gst tax_amount total_tax vat_amount sales_tax",
        "items": "lines line_items rows products",
    }
)
KNOWN: Final[Mapping[str, str]] = MappingProxyType(
    {name: field for field, others in _SYNONYMS.items() for name in (field, *others.split())}
)
"""What each output field's name means to the model."""

_AMOUNT = (Decimal, float, str)
_KINDS: Final[Mapping[str, tuple[Any, ...]]] = MappingProxyType(
    {
        "date": (datetime.date, str),
        **dict.fromkeys(("total", "subtotal", "tax"), _AMOUNT),
        "items": (list[str], str),
    }
)
"""The types a field may have; the others are texts."""


@dataclass(frozen=True, slots=True)
class Task:
    """One signature, as the model understands it."""

    field: str
    """One of `tokens.FIELDS`."""
    source: str
    """The input field that holds the text."""
    output: str
    """The output field."""
    kind: Any
    """Its type, without None."""
    may_be_none: bool

    def value(self, answer: str) -> Any:
        """The typed value of an answer as it was written. Raises `ValueError`, in words a model can act on."""
        answer = answer.strip()
        if answer == printed.NONE and self.may_be_none:
            return None
        if answer == printed.NONE or not answer:
            raise ValueError(f"the model found no {self.output} on the receipt")
        if self.kind is datetime.date:
            return printed.read_date(answer)
        if self.kind in (Decimal, float):
            return self.kind(printed.read_number(answer))
        if self.field == "items":
            return answer.split("\n") if self.kind == list[str] else answer
        return " ".join(answer.split())

    def printed(self, value: Any, text: str) -> str | None:
        """The answer that would have given *value*, as *text* prints it; None when it does not."""
        if value is None or value == printed.NONE:
            return printed.NONE
        if not isinstance(value, str) or self.field in ("items", "company", "address", "number"):
            return printed.find(value, text)
        if printed.stands_in(value, text):
            return printed.find(value, text)
        try:
            meant = printed.read_date(value) if self.field == "date" else printed.read_number(value)
        except ValueError:
            return None
        return printed.find(meant, text)


def task_of(signature: Any) -> Task:
    """The task a signature asks for. Raises `UnsupportedSignature` when the model was not trained for it."""
    inputs, outputs = signature.input_fields, signature.output_fields
    if len(inputs) != 1 or any(field.annotation is not str for field in inputs.values()):
        raise _unsupported(signature, "it must have one input, the receipt's text as a str")
    strange = sorted(set(outputs) - set(KNOWN))
    if strange or not outputs:
        raise _unsupported(signature, f"{', '.join(strange) or 'no output'} is none of {', '.join(KNOWN)}")
    if len(outputs) > 1:
        raise _unsupported(
            signature, f"it answers one question at a time; make a step for each of {', '.join(outputs)}"
        )
    output, annotation = next((name, field.annotation) for name, field in outputs.items())
    kind, may_be_none = _without_none(annotation)
    allowed = _KINDS.get(KNOWN[output], (str,))
    if kind not in allowed:
        raise _unsupported(signature, f"{output} must be a {' or '.join(_name(each) for each in allowed)}")
    return Task(KNOWN[output], next(iter(inputs)), output, kind, may_be_none)


def _without_none(annotation: Any) -> tuple[Any, bool]:
    kinds = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    others = [kind for kind in kinds if kind is not NoneType]
    return (others[0] if len(others) == 1 else annotation), len(others) < len(kinds)


def _name(kind: Any) -> str:
    return str(kind.__name__) if isinstance(kind, type) and not get_args(kind) else str(kind)


def _unsupported(signature: Any, why: str) -> UnsupportedSignature:
    name = getattr(signature, "__name__", "the signature")
    return UnsupportedSignature(
        f"the embedded model was not trained for {name} ({signature.signature}): {why}; "
        "configure a general model for this step, e.g. Tier('openai/gpt-5-mini')"
    )
