"""The top of a receipt: who sells, where, under which numbers; then the particulars of the sale. No amounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from agentflow.nano.train import names, sentences
from agentflow.nano.train.marks import Mark, mark
from agentflow.nano.train.pen import Pen, Row
from agentflow.nano.train.sale import Sale, document_number

_ID_PATTERNS: Final = (
    "######-@",
    "######-@",
    "(######-@)",
    "######@",
    "##########",
    "############ (######-@)",
    "@@#######-@",
    "######",
)
_FOREIGN_IDS: Final = ("########", "##-#######", "### ### ###", "#########", "@@#######", "##########")
_OUTLETS: Final = ("BRANCH", "OUTLET", "HQ", "STORE", "BRANCH:", "OUTLET -", "STORE NO", "CAWANGAN")


def header(pen: Pen, sale: Sale) -> list[Row]:
    """Everything about the shop, in the order of the layout."""
    rows = _company(pen, sale)
    parts = {"ids": _ids, "tax": _tax_id, "address": _address, "contact": _contact}
    for part in pen.layout.header["tail"].split():
        rows += parts[part](pen, sale)
    return rows


def _ids(pen: Pen, sale: Sale) -> list[Row]:
    form = pen.layout.header["ids"]
    if form in ("below", "label", "last") and sale.company.name:
        return [(_company_id(pen, labelled=form != "below"),)]
    return []


def _company(pen: Pen, sale: Sale) -> list[Row]:
    """The name as the layout sets it; what stands where a name might is marked as another name."""
    if not sale.company.name:
        return []
    rows: list[Row] = []
    for part in pen.layout.header["company"].split("/"):
        rows += _company_part(pen, sale, part)
    return rows


def _company_part(pen: Pen, sale: Sale, part: str) -> list[Row]:
    draw, brand = pen.draw, pen.name(sale.company.brand)
    different = sale.company.brand != sale.company.name
    match part:
        case "logo":
            return [(mark("other_name", pen.words(draw.one("logo", sentences.LOGOS))),)]
        case "brand":
            return (
                [(mark("other_name", brand),)]
                if different and draw.chance(0.6)
                else [(mark("other_name", pen.name(names.company(draw, pen.layout.locale).brand)),)]
            )
        case "(brand)":
            return [(f"({mark('other_name', brand)})",)] if different else []
        case "seller":
            label = pen.words(draw.one("seller", sentences.SELLERS))
            return [(f"{label}{pen.layout.style.meta_colon} {mark('company', pen.name(sale.company.name))}",)]
        case "initials":
            return [(mark("other_name", draw.filled(draw.random.choice(("@@", "@@@", "@ @ @", "@.@.")))),)]
        case "word":
            return [(mark("other_name", names.brand_word(draw)),)]
        case "person":
            return [(mark("other_name", pen.name(sale.owner)),)]
        case "branch":
            return [
                (f"{pen.words(draw.one('outlet', _OUTLETS))} {pen.name(draw.one('place', pen.layout.locale.places))}",)
            ]
        case "owner":
            return [(f"({pen.name(sale.owner)})",)] if draw.chance(0.6) else []
    return _full_name(pen, sale, part)


def _full_name(pen: Pen, sale: Sale, part: str) -> list[Row]:
    name = pen.name(sale.company.name)
    if part == "(name)":
        return [(f"({mark('company', name)})",)]
    pieces = name.split(" ")
    if part.startswith("split") and len(pieces) > 2:
        cut = len(pieces) - (2 if pen.draw.chance(0.6) else 1)
        return [(mark("company", " ".join(pieces[:cut])),), (mark("company", " ".join(pieces[cut:])),)]
    form = pen.layout.header["ids"]
    if form in ("behind", "brackets", "labelled behind"):
        number = _company_id(pen, labelled=form == "labelled behind")
        bracketed = f"({number})" if form == "brackets" and "(" not in number else number
        return [
            (mark("company", name), bracketed)
            if pen.layout.is_habit("id apart", 0.2)
            else (f"{mark('company', name)} {bracketed}",)
        ]
    return [(mark("company", name),)]


def _company_id(pen: Pen, *, labelled: bool) -> str:
    home = pen.layout.locale.code in names.MALAYSIAN
    number = mark("other_number", pen.draw.filled(pen.layout.habit("id", _ID_PATTERNS if home else _FOREIGN_IDS)))
    if labelled:
        return f"{pen.label('company_id')}{pen.layout.style.meta_colon} {number}"
    return f"({number})" if "(" not in number and pen.layout.is_habit("bracketed id", 0.45) else number


def _tax_id(pen: Pen, _: Sale) -> list[Row]:
    number = mark("other_number", pen.draw.filled(pen.layout.habit("tax id", pen.layout.locale.tax_ids)))
    shown = pen.layout.tax != "none" and pen.layout.header["tax id"] == "some"
    return [particular(pen, pen.label("tax_id"), number)] if shown else []


def _address(pen: Pen, sale: Sale) -> list[Row]:
    last = len(sale.address) - 1
    commas = pen.layout.header["address"] in ("3", "2")
    ends = [("," if index < last else ".") if commas else "" for index in range(len(sale.address))]
    return [(mark("address", pen.name(line) + end),) for line, end in zip(sale.address, ends, strict=True)]


def _contact(pen: Pen, sale: Sale) -> list[Row]:
    rows: list[Row] = []
    for row in pen.layout.header["contact"].split("/"):
        cells = [tuple(_contact_word(pen, sale, word) for word in cell.split()) for cell in row.split("|")]
        rows.append(tuple(" ".join(cell) for cell in cells))
    return [row for row in rows if any(row)]


def _contact_word(pen: Pen, sale: Sale, word: str) -> str:
    if word == "none":
        return ""
    if word in ("web", "mail"):
        return names.website(pen.draw, sale.company.brand, pen.layout.locale.code[-2:].lower())
    role: Mark = "other_number"
    number = mark(role, pen.draw.filled(pen.layout.habit("phone", pen.layout.locale.phones)))
    return f"{pen.label('fax' if word == 'fax' else 'phone')}{pen.layout.style.meta_colon} {number}"


def particular(pen: Pen, label: str, value: str) -> Row:
    """A label and its value in the boxes of the layout."""
    colon = pen.layout.style.meta_colon
    match pen.layout.meta_box:
        case "two":
            return (f"{label}{colon}", value)
        case "three":
            return (label, colon.strip() or ":", value)
        case "split colon":
            return (label, f"{colon.strip()} {value}")
        case "tight":
            return (f"{label}{colon.strip()}{value}",)
        case "padded":
            return (f"{label:<12}{colon} {value}",)
        case "two tight":
            return (f"{label}{colon.strip()}", value)
    return (f"{label}{colon} {value}",)


def particulars(pen: Pen, sale: Sale, rows: tuple[tuple[str, ...], ...]) -> list[Row]:
    """The *rows* of particulars, each with its cells."""
    printed: list[Row] = []
    for kinds in rows:
        cells = [_particular(pen, sale, kind) for kind in kinds]
        if pen.layout.meta_box == "above" and all(len(cell) == 2 for cell in cells):
            printed += [tuple(cell[0] for cell in cells), tuple(cell[1] for cell in cells)]
        else:
            printed.append(tuple(box for cell in cells for box in cell))
    return [row for row in printed if row]


def _particular(pen: Pen, sale: Sale, kind: str) -> Row:
    match kind:
        case "date":
            return _date(pen, sale)
        case "number":
            return _boxed(pen, pen.label("number"), mark("number", sale.number))
        case "time":
            return _boxed(pen, pen.label("time"), sale.time) if "{time}" not in pen.layout.moment else ()
        case "due_date" | "printed":
            return _other_date(pen, sale, kind)
    return _other(pen, sale, kind)


def _boxed(pen: Pen, label: str, value: str) -> Row:
    return (label, value) if pen.layout.meta_box == "above" else particular(pen, label, value)


def _date(pen: Pen, sale: Sale) -> Row:
    moment = pen.layout.moment.format(
        date=mark("date", pen.day(sale.day)),
        time=sale.time,
        day=pen.weekday(sale.day),
        till=pen.draw.filled("##"),
        number=pen.draw.filled("####"),
    )
    return (moment,) if pen.layout.meta_box == "value" else _boxed(pen, pen.label("date"), moment)


def _other_date(pen: Pen, sale: Sale, kind: str) -> Row:
    later = sale.day + timedelta(days=pen.draw.random.choice((1, 7, 14, 30, 30, 90, 365)))
    label = pen.label("due_date") if kind == "due_date" else pen.words("PRINTED")
    return _boxed(pen, label, mark("other_date", pen.day(later)))


def _other(pen: Pen, sale: Sale, kind: str) -> Row:
    draw = pen.draw
    match kind:
        case "cashier":
            short = sale.owner.split(" ")[-1]
            return _boxed(
                pen,
                pen.label("cashier"),
                draw.random.choice((pen.name(short), pen.name(sale.owner), draw.filled("##"), "ADMIN")),
            )
        case "table":
            return _boxed(
                pen, pen.label("table"), draw.filled(pen.layout.habit("table", ("#", "##", "@#", "T##", "##/#", "##@")))
            )
        case "till":
            return _boxed(
                pen, pen.label("till"), draw.filled(draw.random.choice(("#", "##", "0#", "POS#", "C0#", "T0#")))
            )
        case "member":
            person = pen.name(names.person(draw, pen.layout.locale))
            value = (
                person
                if draw.chance(0.3)
                else draw.filled(draw.random.choice(("##########", "M######", "300-@###", "CASH")))
            )
            return _boxed(pen, pen.label("member"), mark("other_number", value))
    number = document_number(draw, draw.random.choice(("####", "######", "REF####", "{ymd}##")), sale.day)
    return _boxed(pen, pen.words("REF") if not pen.layout.alien else pen.label("till"), mark("other_number", number))
