"""What a token costs, and that a gap in the map never looks like a gift."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow.errors import UnknownPrice
from agentflow.prices import PriceTable, is_own_server, price_map, price_of_entry, prices_hash, read_prices
from agentflow.usage import FREE, Price, Usage

PLAIN = {"mode": "chat", "litellm_provider": "openai", "input_cost_per_token": 1e-6, "output_cost_per_token": 4e-6}
LONG = PLAIN | {"input_cost_per_token_above_200k_tokens": 2e-6, "output_cost_per_token_above_200k_tokens": 6e-6}
CACHED = PLAIN | {
    "cache_read_input_token_cost": 1e-7,
    "cache_creation_input_token_cost": 1.25e-6,
    "cache_creation_input_token_cost_above_1hr": 2e-6,
}
PRIORITY = PLAIN | {"input_cost_per_token_priority": 2e-6, "output_cost_per_token_priority": 8e-6}
REASONING = PLAIN | {"output_cost_per_reasoning_token": 5e-6}


def table(**entries: dict[str, object]) -> PriceTable:
    return PriceTable(entries=entries)


@pytest.mark.parametrize(
    ("entry", "read", "written", "ceiling"),
    [
        pytest.param(PLAIN, 1_000, 100, 1_400_000, id="plain"),
        pytest.param(LONG, 1_000, 100, 1_400_000, id="a short prompt at the short rate"),
        pytest.param(LONG, 300_000, 100, 600_600_000, id="a long prompt at the long rate"),
        pytest.param(CACHED, 1_000, 100, 2_400_000, id="input as if all of it were cached for an hour"),
        pytest.param(PRIORITY, 1_000, 100, 2_800_000, id="as if served with priority"),
        pytest.param(REASONING, 1_000, 100, 1_500_000, id="as if all of it were reasoning"),
    ],
)
def test_a_ceiling_takes_the_dearest_rate_that_may_apply(
    entry: dict[str, object], read: int, written: int, ceiling: int
) -> None:
    """A reservation covers long prompts, cache writes, priority and reasoning."""
    price = price_of_entry(entry)

    assert price is not None
    assert price.ceiling(read, written) == ceiling


@pytest.mark.parametrize("entry", [PLAIN, LONG, CACHED, PRIORITY, REASONING])
@given(
    read=st.integers(0, 400_000),
    cached=st.integers(0, 400_000),
    stored=st.integers(0, 9),
    written=st.integers(0, 9_000),
)
def test_no_settlement_exceeds_its_ceiling(
    entry: dict[str, object], read: int, cached: int, stored: int, written: int
) -> None:
    """Whatever of the input was cached, the cost stays under what was reserved for it."""
    price = price_of_entry(entry)
    cached = min(cached, read)
    stored = min(stored, read - cached)

    assert price is not None
    assert price.cost(Usage(read, written, cached, stored)) <= price.ceiling(read, written)


def test_a_settlement_takes_the_usual_rate() -> None:
    """What nobody asked for, priority or an hour in the cache, is reserved and not charged."""
    price = price_of_entry(PRIORITY | CACHED)

    assert price is not None
    assert (
        price.cost(Usage(1_000, 100, cached_tokens=400, cache_write_tokens=100)) == 500_000 + 40_000 + 125_000 + 400_000
    )


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(PLAIN | {"output_cost_per_token": 0.0}, id="free output"),
        pytest.param(
            {"mode": "chat", "litellm_provider": "openai", "input_cost_per_token": 1e-6}, id="no output price"
        ),
        pytest.param(
            {"mode": "chat", "litellm_provider": "openai", "output_cost_per_token": 1e-6}, id="no input price"
        ),
        pytest.param(PLAIN | {"mode": "image_generation"}, id="images"),
        pytest.param(PLAIN | {"input_cost_per_request": 0.01}, id="a fee per request"),
        pytest.param(PLAIN | {"output_cost_per_token": "cheap"}, id="garbage"),
        pytest.param(PLAIN | {"output_cost_per_token": -1.0}, id="a negative price"),
        pytest.param(PLAIN | {"output_cost_per_token": True}, id="a bool"),
    ],
)
def test_a_gap_in_the_map_is_no_price(entry: dict[str, object]) -> None:
    """Missing and zero prices of a chat model are unknown, not free."""
    with pytest.raises(UnknownPrice, match=r'no complete price.*\[prices\."openai/m"\]'):
        PriceTable(entries={"openai/m": entry}).price("openai/m")


def test_a_bare_name_serves_only_its_own_provider() -> None:
    """The map lists OpenAI's models without a prefix, and another provider's model of that name is another model."""
    prices = table(m=PLAIN)

    assert prices.price("openai/m").cost(Usage(1, 0)) == 1_000
    with pytest.raises(UnknownPrice, match="groq/m is not in the price map"):
        prices.price("groq/m")


def test_an_unknown_model_is_told_its_nearest_neighbours() -> None:
    """A misspelt model finds its way out."""
    with pytest.raises(UnknownPrice, match="did you mean mistral/large"):
        PriceTable(entries={"mistral/large": PLAIN}).price("mistral/larg")


def test_own_prices_stand_above_the_map() -> None:
    """What is written in agentflow.toml wins, for servers of one's own too."""
    mine = Price.per_million("9", "9")
    prices = PriceTable({"openai/m": mine, "ollama/m": mine}, entries={"openai/m": PLAIN})

    assert prices.price("openai/m") == prices.price("ollama/m", "http://127.0.0.1:11434") == mine


@pytest.mark.parametrize(
    ("model", "api_base", "own"),
    [
        pytest.param("ollama/x", None, True, id="where it listens by default"),
        pytest.param("hosted_vllm/x", "http://127.0.0.1:8000/v1", True, id="loopback address"),
        pytest.param("llamacpp/x", "http://[::1]:8080/v1", True, id="loopback of IPv6"),
        pytest.param("lmstudio/x", "http://localhost:1234/v1", True, id="localhost"),
        pytest.param("vllm/x", "http://10.0.0.7:8000/v1", False, id="another machine"),
        pytest.param("vllm/x", "http://127.evil.example/v1", False, id="a name that looks like loopback"),
        pytest.param("vllm/x", "nonsense", False, id="no address at all"),
        pytest.param("openai/x", "http://127.0.0.1/v1", False, id="a gateway to somebody else's model"),
    ],
)
def test_only_servers_on_this_machine_are_free(model: str, api_base: str | None, own: bool) -> None:
    """Free is a declaration, not a guess."""
    assert is_own_server(model, api_base) is own


def test_models_in_this_process_are_free() -> None:
    """local/… costs no money, whatever the map holds."""
    assert PriceTable(entries={}).price("local/nano-s") == FREE


def test_pinned_prices_read_back_equal() -> None:
    """A run carries exactly the prices of its models, and the same prices have the same hash."""
    prices = PriceTable(entries={"openai/a": LONG, "openai/b": CACHED, "openai/c": PLAIN})

    text = prices.pinned(["openai/b", "openai/a"])

    assert text == prices.pinned(["openai/a", "openai/b"])
    assert read_prices(text).price("openai/a") == prices.price("openai/a")
    assert len(prices_hash(text)) == 64
    with pytest.raises(UnknownPrice, match="openai/c is not"):
        read_prices(text).price("openai/c")


def test_the_installed_map_prices_current_models() -> None:
    """The copy that comes with litellm is found and read."""
    price = PriceTable().price("openai/gpt-5-mini")

    assert price.cost(Usage(1_000_000, 0)) > 0
    assert len(price_map()) > 1_000


def test_every_price_of_the_installed_map_is_sound() -> None:
    """Rates ascend, none is negative, and each survives being pinned."""
    found = {name: price for name, entry in price_map().items() if (price := price_of_entry(entry)) is not None}

    assert len(found) > 1_000
    for price in found.values():
        assert [rate.above for rate in price.rates] == sorted(rate.above for rate in price.rates)
        assert price.rates[0].above == 0
        assert not price.is_free


def test_reading_prices_does_not_load_litellm() -> None:
    """The map is a file; importing its package would cost seconds."""
    code = (
        "import json, sys; from agentflow.prices import PriceTable; PriceTable().price('openai/gpt-5-mini');"
        "print(json.dumps([name for name in ('litellm', 'dspy') if name in sys.modules]))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == []
