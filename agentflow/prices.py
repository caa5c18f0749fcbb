"""What models cost: litellm's map as installed, prices of one's own on top, and the few that a run pins.

Nothing is fetched here, litellm is not imported, and an unknown price is an error, never zero.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from agentflow.errors import UnknownPrice
from agentflow.usage import FREE, MILLION, Price, Rate, nano_usd

MAP_FILE = "model_prices_and_context_window_backup.json"

PRICED_MODES = ("chat", "responses", "completion", None)

SERVERS = ("ollama", "ollama_chat", "vllm", "hosted_vllm", "sglang", "llamacpp", "lmstudio")
"""Prefixes of servers that people run themselves; on this machine they cost no money."""

Entry: TypeAlias = Mapping[str, object]


class PriceTable:
    """Prices by model name. Own prices stand above the map."""

    def __init__(self, own: Mapping[str, Price] | None = None, *, entries: Mapping[str, Entry] | None = None) -> None:
        self._own = dict(own or {})
        self._entries = entries
        self._known: dict[str, Price] = {}

    def price(self, model: str, api_base: str | None = None) -> Price:
        """What *model* costs when asked at *api_base*. Raises `UnknownPrice`, which names the way out."""
        if model in self._own:
            return self._own[model]
        if model.startswith("local/") or is_own_server(model, api_base):
            return FREE
        if model not in self._known:
            self._known[model] = self._from_map(model)
        return self._known[model]

    @property
    def own(self) -> Mapping[str, Price]:
        """The prices that stand above the map."""
        return self._own

    def pinned(self, models: Iterable[str]) -> str:
        """JSON of exactly these models' prices, the same text for the same prices."""
        return write_prices({model: self.price(model) for model in models})

    def _from_map(self, model: str) -> Price:
        entries = price_map() if self._entries is None else self._entries
        entry = find_entry(model, entries)
        price = None if entry is None else price_of_entry(entry)
        if price is None:
            raise UnknownPrice(_no_price(model, entry, entries))
        return price


def is_own_server(model: str, api_base: str | None) -> bool:
    """Whether *model* is asked of a server on this machine that people run themselves."""
    if model.partition("/")[0] not in SERVERS:
        return False
    return api_base is None or is_loopback(api_base)


def is_loopback(address: str | None) -> bool:
    """Whether *address* can only mean this machine."""
    host = (urlsplit(address).hostname or "") if address else ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@cache
def price_map() -> Mapping[str, Entry]:
    """The map that came with the installed litellm, read once. Empty when there is none."""
    spec = find_spec("litellm")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        file = Path(folder) / MAP_FILE
        if file.is_file():
            found: dict[str, Entry] = json.loads(file.read_text(encoding="utf-8"))
            return found
    return {}


def find_entry(model: str, entries: Mapping[str, Entry]) -> Entry | None:
    """The entry of *model*: by its whole name, or by its bare name where the map lists the same provider's so."""
    if model in entries:
        return entries[model]
    provider, _, bare = model.partition("/")
    entry = entries.get(bare, {})
    return entry if entry.get("litellm_provider") in (provider, f"{provider}_chat") else None


def price_of_entry(entry: Entry) -> Price | None:
    """The price of a map entry, None where it has a gap or charges for more than tokens: a gap is not a gift.

    At each length the dearest rate that a provider may apply stands before the usual one, so that a ceiling sees both
    and a settlement takes the usual.
    """
    if entry.get("mode") not in PRICED_MODES or _charges_for_more(entry):
        return None
    if not _nano(entry, "input_cost_per_token") or not _nano(entry, "output_cost_per_token"):
        return None
    starts = sorted({int(match[1]) * 1_000 for key in entry if (match := re.search(r"_above_(\d+)k_tokens", key))})
    rates: list[Rate] = []
    for above in (0, *starts):
        usual, dearest = _usual_rate(entry, above), _dearest_rate(entry, above)
        rates += [usual] if usual == dearest else [dearest, usual]
    return Price(tuple(rates))


def write_prices(prices: Mapping[str, Price]) -> str:
    """JSON of *prices*, sorted, integers only."""
    plain = {
        model: [[rate.above, rate.input, rate.output, rate.cached, rate.cache_write] for rate in price.rates]
        for model, price in prices.items()
    }
    return json.dumps(plain, sort_keys=True, separators=(",", ":"))


def read_prices(text: str) -> PriceTable:
    """The table of a run: what `write_prices` wrote, and nothing else."""
    own = {
        model: Price(tuple(Rate(read, write, cached, stored, above) for above, read, write, cached, stored in rates))
        for model, rates in json.loads(text or "{}").items()
    }
    return PriceTable(own, entries={})


def prices_hash(text: str) -> str:
    """SHA-256 of pinned prices."""
    return hashlib.sha256(text.encode()).hexdigest()


def _usual_rate(entry: Entry, above: int) -> Rate:
    read = _of_kind(entry, "input_cost_per_token", above) or 0
    cached = _of_kind(entry, "cache_read_input_token_cost", above)
    stored = _of_kind(entry, "cache_creation_input_token_cost", above)
    written = _of_kind(entry, "output_cost_per_token", above) or 0
    reasoned = _of_kind(entry, "output_cost_per_reasoning_token", above) or 0
    return Rate(
        input=read,
        output=max(written, reasoned),
        cached=read if cached is None else cached,
        cache_write=read if stored is None else stored,
        above=above,
    )


def _dearest_rate(entry: Entry, above: int) -> Rate:
    usual = _usual_rate(entry, above)
    priority = "_priority"
    stored = _of_kind(entry, "cache_creation_input_token_cost_above_1hr", above) or 0
    return Rate(
        input=max(usual.input, _of_kind(entry, "input_cost_per_token", above, priority) or 0),
        output=max(usual.output, _of_kind(entry, "output_cost_per_token", above, priority) or 0),
        cached=max(usual.cached, _of_kind(entry, "cache_read_input_token_cost", above, priority) or 0),
        cache_write=max(
            usual.cache_write, stored, _of_kind(entry, "cache_creation_input_token_cost", above, priority) or 0
        ),
        above=above,
    )


def _of_kind(entry: Entry, name: str, above: int, service: str = "") -> int | None:
    """The rate for prompts above that length, or the one for any length."""
    long = _nano(entry, f"{name}_above_{above // 1_000}k_tokens{service}") if above else None
    return _nano(entry, name + service) if long is None else long


def _charges_for_more(entry: Entry) -> bool:
    searches = entry.get("search_context_cost_per_query") and entry.get("litellm_provider") == "perplexity"
    return bool(searches or entry.get("input_cost_per_request"))


def _nano(entry: Entry, name: str) -> int | None:
    """Nano-USD per million tokens, None when the map does not say."""
    value = entry.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        return None
    return nano_usd(Decimal(str(value)) * MILLION)


def _no_price(model: str, entry: Entry | None, entries: Mapping[str, Entry]) -> str:
    what = "is not in the price map" if entry is None else "has no complete price in the map"
    near = difflib.get_close_matches(model, [name for name in entries if "/" in name], n=2) if entry is None else []
    return (
        f"{model} {what}, so a limit in usd could not be kept; "
        + (f"did you mean {' or '.join(near)}? Otherwise " if near else "")
        + f'set [prices."{model}"] input and output, in USD per million tokens, in agentflow.toml'
    )
