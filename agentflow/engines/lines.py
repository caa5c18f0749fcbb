"""The lines of a cassette: what models once answered, as JSON that a person can read and mend.

The first line says what the file is; one says what each tier was, one what each call was answered, one what a budget
refused. A key is of the
request without its secrets, and so is everything else: no credential and no header of a provider is ever on a cassette.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from agentflow.attempt import Tier
from agentflow.compat import Request, request_text
from agentflow.errors import BadCassette
from agentflow.prices import read_prices, write_prices
from agentflow.redact import Redactor
from agentflow.usage import Price

VERSION = 1
LONGEST = 64 * 2**20
"""Bytes of a line; no answer comes near."""
DIGEST = 16

Kind: TypeAlias = Literal["cassette", "tier", "call", "refused"]
Plain: TypeAlias = Mapping[str, Any]
"""What JSON says in one object."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was read."""

    number: int
    """From 1."""
    offset: int
    """In bytes, from the beginning of the file."""
    plain: Plain

    @property
    def kind(self) -> object:
        """What it tells of; other kinds than a `Kind` are of nobody known."""
        return self.plain.get("kind")


def read_lines(path: Path) -> Iterator[Line]:
    """Every line of the file, one at a time. Raises `BadCassette` for what is none.

    The beginning of a line at the end of the file is left by a process that was killed: its answer was never used.
    """
    try:
        with path.open("rb") as file:
            number, offset = 0, 0
            while text := file.readline(LONGEST):
                number += 1
                plain = _plain(text)
                if number == 1 and (plain is None or plain.get("kind") != "cassette"):
                    raise BadCassette(f"{path} is no cassette: its first line does not say so; record one: --record")
                if plain is None and (text.endswith(b"\n") or file.read(1)):
                    raise BadCassette(f"{path}, line {number}: {_shown(text)} is no line of one; mend or delete it")
                if plain is not None:
                    _check_version(path, number, plain)
                    yield Line(number, offset, plain)
                offset += len(text)
    except OSError as error:
        raise BadCassette(f"{path} cannot be read: {error.strerror or error}; record it with --record") from error


def read_line(path: Path, offset: int) -> Plain | None:
    """The line that begins there; None when none does any more."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return _plain(file.readline(LONGEST))
    except OSError:
        return None


def as_line(plain: Plain) -> bytes:
    """One line with its end. Half a letter, which UTF-8 cannot write, is escaped with the rest of its line."""
    try:
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(plain, separators=(",", ":")).encode() + b"\n"


def is_whole(text: bytes) -> bool:
    """Whether *text* is all of a line, whether or not its end is there."""
    return _plain(text) is not None


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to one tier, as a cassette knows it."""

    identity: str
    """Of the tier, without secrets."""
    request: Plain
    """The canonical request, without secrets."""

    @classmethod
    def of(cls, tier: Tier, request: Request, redactor: Redactor) -> Asked:
        """The request as it was asked, before it was clipped to any budget."""
        return cls(identity_of(tier, redactor), redactor.value(json.loads(request_text(request))))

    @property
    def key(self) -> str:
        """Equal for equal requests to equal tiers, in every process."""
        return _digest([self.identity, self.request])


def identity_of(tier: Tier, redactor: Redactor) -> str:
    """What decides the tier's answers, without secrets, and wherever it is asked: servers move."""
    return redactor.text(replace(tier, api_base=None).identity)


def place_of(path: str, occurrence: int, redactor: Redactor) -> str:
    """Where in the tree of agents and steps a call was asked, and the how manyth of its kind it was there."""
    return _digest([redactor.text(path), occurrence])


def price_to_json(price: Price | None) -> Any:
    """The rates, or null where nobody knows them."""
    return None if price is None else json.loads(write_prices({"": price}))[""]


def price_of_json(rates: Any) -> Price | None:
    """The price that `price_to_json` wrote. Raises ValueError or TypeError for what is none."""
    if rates is None:
        return None
    if not rates or any(type(number) is not int or number < 0 for rate in rates for number in rate):
        raise ValueError(f"price {rates!r}")
    return read_prices(json.dumps({"": rates})).own[""]


def tier_to_json(tier: Tier, price: Price | None, redactor: Redactor) -> dict[str, Any]:
    """What a tier was called, what it was, and what its tokens cost."""
    told = {"tier": redactor.text(tier.label), "identity": identity_of(tier, redactor)}
    return {**told, "price": price_to_json(price)}


def fields_of(value: Any) -> dict[str, Any]:
    """A frozen value as a JSON object."""
    return asdict(value)


def _check_version(path: Path, number: int, plain: Plain) -> None:
    version = plain.get("version")
    if plain.get("kind") == "cassette" and (not isinstance(version, int) or version > VERSION):
        raise BadCassette(f"{path}, line {number}: version {version!r}; a newer AgentFlow may read it")


def _plain(text: bytes) -> Plain | None:
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return plain if isinstance(plain, dict) else None


def _digest(value: Sequence[Any]) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST).hexdigest()


def _shown(text: bytes) -> str:
    shown = text[:40].decode("utf-8", "replace").rstrip(os.linesep)
    return repr(shown)
