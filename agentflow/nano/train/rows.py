"""Forms of the rows of goods: some as tills are known to print them, many more put together from parts.

`/` begins a new line and `|
` a new box; `{x}` is a times sign, `{t}` a tax letter, `{c}` the currency, `{d}` a discount.
"""

from __future__ import annotations

from itertools import product
from typing import Final

KNOWN: Final = (
    "{name}|{amount}",
    "{name}|{amount} {t}",
    "{name}|{amount}|{t}",
    "{q} {name}|{amount}",
    "{q}|{name}|{amount}",
    "{q}|{name}|{amount}|{t}",
    "{name}|{q}|{amount}",
    "{name}|{q}|{price}|{amount}",
    "{name}|{q} {x} {price}|{amount}",
    "{q}|{name}|{price}|{amount}",
    "{q} {name}|{price}|{amount}",
    "{name}|{price}|{q}|{amount}",
    "{name}/{q} {x} {price}|{amount}",
    "{name}/{q} {x} {price}|{amount} {t}",
    "{name}/{q} {x} {price}|{amount}|{t}",
    "{name}/{q}|{price}|{amount}",
    "{name}/{q} @ {price}|{amount}",
    "{name}/{code}|{q} {x} {price}|{amount}",
    "{name}/{code}|{q}|{price}|{amount}",
    "{code}/{name}/{q} {x} {price}|{amount}",
    "{code}/{name}/{q}|{x} {price}|{d}|{amount}",
    "{code} {name}|{amount}",
    "{code}|{name}|{amount}",
    "{code} {name}/{q} {x} {price}|{amount}",
    "{code}|{name}/{q} {x} {price}|{amount} {t}",
    "{code}/{name}|{q}|{price}|{amount}",
    "{code}|{q}|{price}|{amount}/{name}",
    "{code} {q} {x} {price}|{amount}/{name}",
    "{n}. {name}|{amount}",
    "{n} {name}/{q} {x} {price}|{amount}",
    "{n}|{code}|{name}|{q}|{price}|{amount}",
    "{n}|{name}|{q}|{price}|{amount}",
    "{n}. {name}/{code}|{q} {x} {price}|{amount}|{t}",
    "{name} {t}|{amount}",
    "{q} {x} {price}|{amount}/{name}",
    "{q} {x} {name}|{amount}",
    "{name}({q})|{amount}",
    "{name} ({q} {x} {price})|{amount}",
    "{name}/{q} {x} {price} = {amount}",
    "{code}|{price}|{q}|{amount}|{t}/{name}",
    "{q}|{name}|{c}{amount}",
    "{name}/{q} {x} {c}{price}|{c}{amount}",
    "{name}...{amount}",
    "{name}: {q} {x} {price}|{amount}",
    "*{name}|{q}|{amount}",
)
_FRONTS: Final = (
    "",
    "{n}. ",
    "{n}|",
    "{code} ",
    "{code}|",
    "{q} ",
    "{q}|",
    "{q} {x} ",
    "{t} ",
    "- ",
    "{n}) {code} ",
    "{code}/",
)
_MIDDLES: Final = (
    "", "|{q}", "|{price}", "|{q}|{price}", "|{price}|{q}", "|{q} {x} {price}", "|{q}|{price}|{d}", "|{price}|{d}",
    " {q} {x} {price}", "|{t}", "|{q}|{x}{price}",
)  # fmt: skip
_SECONDS: Final = (
    "{q} {x} {price}", "{q}|{price}", "{price} {x} {q}", "{code}|{q} {x} {price}", "{q} @ {price}",
    "{code}|{q}|{price}",
    "{q}|{price}|{d}", "{code}", "{q}", "{code}/{q} {x} {price}", "{price}|{q}", "{q}|{x}|{price}",
    "{t}|{q} {x} {price}",
    "{code} {t}|{q} {x} {price}", "{q} {x} {price}|{d}", "{price} {x} {q} -{d}", "({q} {x} {price})",
)  # fmt: skip
_FIRSTS: Final = (
    "{name}",
    "{code} {name}",
    "{code}|{name}",
    "{n}. {name}",
    "{name} {t}",
    "{name}|{t}",
    "{n}|{name}",
    "*{name}",
)
_ENDS: Final = (
    "|{amount}", "|{amount}", "|{amount} {t}", "|{amount}|{t}", "|{c}{amount}", " {amount}", "|{amount}{t}",
    "|{c} {amount}",
    "/{amount}", "|{c}|{amount}", " ={amount}",
)  # fmt: skip


def _composed() -> tuple[str, ...]:
    one = (f"{front}{{name}}{middle}{end}" for front, middle, end in product(_FRONTS, _MIDDLES, _ENDS))
    two = (f"{first}/{second}{end}" for first, second, end in product(_FIRSTS, _SECONDS, _ENDS))
    over = (f"{second}{end}/{first}" for first, second, end in product(_FIRSTS, _SECONDS, _ENDS))
    return tuple(dict.fromkeys(form for part in (one, two, over) for form in part if _is_sound(form)))


def _is_sound(form: str) -> bool:
    return all(form.count(part) < 2 for part in ("{q}", "{code}", "{t}"))


COMPOSED: Final = _composed()
