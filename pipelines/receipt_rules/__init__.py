"""What a till receipt gives away without a model, and what speaks against an answer: one file per field.

Each reader returns None rather than guess. Each judge sees the receipt and the answer,
never a true value. `sources` alone touches files; nothing here calls a model or spends anything.
"""

from __future__ import annotations

from receipt_rules.balance import left_out
from receipt_rules.company import company_by_cue, company_by_suffix, is_the_company
from receipt_rules.date import date_by_mention, is_the_purchase_date
from receipt_rules.doubt import (
    is_of_a_model,
    is_seconded,
    may_be_the_company,
    may_be_the_date,
    may_be_the_total,
)
from receipt_rules.legible import is_readable
from receipt_rules.lines import are_the_lines, lines_by_row, lines_of, lists_things
from receipt_rules.payment import total_by_payment
from receipt_rules.sources import Source, found
from receipt_rules.sums import (
    is_the_subtotal,
    is_the_tax,
    names_subtotal,
    names_tax,
    subtotal_by_label,
    tax_by_sum,
)
from receipt_rules.total import is_the_total, total_by_label

__all__ = [
    "Source",
    "are_the_lines",
    "company_by_cue",
    "company_by_suffix",
    "date_by_mention",
    "found",
    "is_of_a_model",
    "is_readable",
    "is_seconded",
    "is_the_company",
    "is_the_purchase_date",
    "is_the_subtotal",
    "is_the_tax",
    "is_the_total",
    "left_out",
    "lines_by_row",
    "lines_of",
    "lists_things",
    "may_be_the_company",
    "may_be_the_date",
    "may_be_the_total",
    "names_subtotal",
    "names_tax",
    "subtotal_by_label",
    "tax_by_sum",
    "total_by_label",
    "total_by_payment",
]
