"""Receipts by the million, each known in full: groups from one till, on seen or unseen layouts. It writes no files.

*Seen* draws from about four fifths of every pool of phrases, forms, words and date formats, in countries that training
may see. *Unseen* draws half of its groups from countries held out as a whole and the other half from the fifth of each
pool that is held out. Which entry is on which side is settled by a stable hash (`pools`, `phrases`).
"""

from __future__ import annotations

import argparse
import json
import sys
from functools import cache
from random import Random
from typing import Final, Literal

from agentflow.nano.printed import NONE
from agentflow.nano.tokens import FIELDS
from agentflow.nano.train import body, boxes, footer, header, names, noise, totals
from agentflow.nano.train.layout import Layout, layout
from agentflow.nano.train.locales import Locale
from agentflow.nano.train.locales.all import HELD_OUT, LOCALES
from agentflow.nano.train.marks import Span, bare, mark, spans
from agentflow.nano.train.money import plain
from agentflow.nano.train.pen import Pen, Row
from agentflow.nano.train.pools import Draw
from agentflow.nano.train.receipt import Receipt
from agentflow.nano.train.sale import Sale, sale

Split = Literal["seen", "unseen"]

_HOME: Final = {"en-MY": 0.32, "ms-MY": 0.07, "en-SG": 0.06}
"""The share of groups that these countries have; the others share the rest."""

_AMOUNTS: Final = ("total", "subtotal", "tax")


def group(split: Split, seed: int, size: int) -> list[Receipt]:
    """*size* receipts of one till: same layout, labels and formats; other shops, goods, days and amounts."""
    random = Random(f"{split}/{seed}")
    draw, locale = _draw(split, random)
    shared = layout(draw, locale, f"{split}-{seed}-{locale.code}")
    return [_receipt(shared, Draw(Random(f"{split}/{seed}/{index}"), draw.side)) for index in range(size)]


def receipt(split: Split, seed: int) -> Receipt:
    """One receipt of its own layout."""
    return group(split, seed, 1)[0]


def _draw(split: Split, random: Random) -> tuple[Draw, Locale]:
    seen, held = _locales()
    if split == "seen":
        return Draw(random, "seen"), random.choices(seen, _weights())[0]
    if held and random.random() < 0.5:
        return Draw(random, "any"), random.choice(held)
    return Draw(random, "held"), random.choices(seen, _weights())[0]


@cache
def _locales() -> tuple[tuple[Locale, ...], tuple[Locale, ...]]:
    seen = tuple(locale for locale in LOCALES if locale.code not in HELD_OUT)
    return seen, tuple(locale for locale in LOCALES if locale.code in HELD_OUT)


@cache
def _weights() -> tuple[float, ...]:
    codes = [locale.code for locale in _locales()[0]]
    others = sum(code not in _HOME for code in codes) or 1
    return tuple(_HOME.get(code, 0.55 / others) for code in codes)


def _receipt(shared: Layout, draw: Draw) -> Receipt:
    happened = sale(shared, draw)
    pen = Pen(shared, draw)
    clean = _capitals(_lines(pen, happened), shared)
    read = _capitals(noise.noisy(clean, draw.random, names.person(draw, shared.locale)), shared)
    answers = _answers(read)
    return Receipt(
        lines=tuple(bare(line).strip() for line in read),
        answers=answers,
        values=_values(happened, shared, _answers(clean), answers),
        wrong=_wrong(read, answers),
        layout=shared.name,
    )


def _capitals(lines: list[str], shared: Layout) -> list[str]:
    return [line.upper() for line in lines] if shared.style.capitals else lines


def _lines(pen: Pen, happened: Sale) -> list[str]:
    style = pen.layout.style
    printed: list[str] = []
    tilt = pen.draw.random.choices((0.0, 0.1, 0.3), (65, 25, 10))[0]
    for section in pen.layout.order:
        boxed = style.boxes.get(section, style.boxes[""]) == "cells"
        rows = boxes.tilted(_section(pen, happened, section), pen.draw.random, tilt if boxed else 0.0)
        found = boxes.lines(rows, style, section)
        if found and printed and style.rule and section in ("items", "money", "payment", "footer"):
            printed.append(style.rule)
        printed += found
    return printed


def _section(pen: Pen, happened: Sale, section: str) -> list[Row]:
    match section:
        case "header":
            return header.header(pen, happened)
        case "title":
            return [(mark("other_name", pen.label("title")),)]
        case "meta":
            return header.particulars(pen, happened, pen.layout.meta)
        case "late":
            return header.particulars(pen, happened, pen.layout.late_meta)
        case "items":
            return body.items(pen, happened)
        case "money":
            return totals.money(pen, happened)
        case "payment":
            return totals.payment(pen, happened)
        case "summary":
            return totals.summary(pen, happened)
        case "slip":
            return footer.slip(pen, happened)
    return footer.footer(pen, happened)


def _found(lines: list[str]) -> list[Span]:
    return list(spans("\n".join(lines)))


def _answers(lines: list[str]) -> dict[str, str]:
    found = _found(lines)
    answers = {field: " ".join(span.text for span in found if span.name == field) or NONE for field in FIELDS}
    answers["items"] = _items(found) or NONE
    return answers


def _items(found: list[Span]) -> str:
    rows: dict[int, dict[str, str]] = {}
    for span in found:
        if span.row >= 0:
            rows.setdefault(span.row, {})[span.name] = span.text
    return "\n".join(
        f"{row.get('quantity', '')} | {row.get('name', '')} | {row.get('amount', '')}".strip() for row in rows.values()
    )


def _values(happened: Sale, shared: Layout, clean: dict[str, str], answers: dict[str, str]) -> dict[str, str]:
    decimals, bill = shared.locale.decimals, happened.bill
    values = {
        **clean,
        "date": happened.day.isoformat(),
        "total": plain(bill.total, decimals),
        "tax": plain(bill.tax, decimals),
        "subtotal": plain(bill.subtotal if "subtotal" in shared.money else bill.net, decimals),
    }
    return {field: value for field, value in values.items() if answers[field] != NONE}


_MISTAKEN: Final = {
    "company": ("other_name",),
    "date": ("other_date",),
    "number": ("other_number",),
    "total": ("other_amount", "subtotal", "tax", "amount"),
    "subtotal": ("other_amount", "total", "tax", "amount"),
    "tax": ("other_amount", "subtotal", "total"),
}


def _wrong(lines: list[str], answers: dict[str, str]) -> dict[str, tuple[str, ...]]:
    found = _found(lines)
    wrong = {}
    for field, kinds in _MISTAKEN.items():
        texts = dict.fromkeys(span.text for span in found if span.name in kinds and span.text != answers[field])
        if field == "company":
            texts |= dict.fromkeys(span.text for span in found if span.name == field and span.text != answers[field])
        if texts:
            wrong[field] = tuple(texts)
    return wrong


def labelled(split: Split, seed: int) -> str:
    """One receipt of its own layout as a line of the format that `tests.benchmarks.receipts` reads.

    The company is told as it is printed, mistakes of the scanner included; the day and the amount as they were meant.
    """
    found = receipt(split, seed)
    key = {"company": found.answers["company"], "date": found.values.get("date"), "total": found.values.get("total")}
    known = {field: value for field, value in key.items() if value not in (None, NONE)}
    return json.dumps({"id": f"{split}-{seed}", "lines": found.lines, "key": known}, ensure_ascii=False)


def _main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description="Show generated receipts: some of one till, or lines of JSON.")
    parser.add_argument("--split", choices=("seen", "unseen"), default="seen")
    parser.add_argument("--seed", type=int, default=1, help="with --jsonl the first of --count seeds")
    parser.add_argument("--count", type=int, default=3)
    parser.add_argument("--jsonl", action="store_true", help="one labelled receipt per line, each of its own layout")
    options = parser.parse_args(arguments)
    if options.jsonl:
        for seed in range(options.seed, options.seed + options.count):
            sys.stdout.write(labelled(options.split, seed) + "\n")
    else:
        _show(group(options.split, options.seed, options.count))


def _show(receipts: list[Receipt]) -> None:
    for found in receipts:
        sys.stdout.write(f"=== {found.layout}\n{found.text}\n")
        for field in FIELDS:
            sys.stdout.write(
                f"  {field}: {found.answers[field]!r} {found.values.get(field, '')!r} {found.wrong.get(field, ())}\n"
            )


if __name__ == "__main__":
    _main(sys.argv[1:])
