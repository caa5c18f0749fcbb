"""The ledger as anybody would do it on paper: a list of requests in plain integers, every sum made anew each time.

Nothing here is remembered that could be worked out, and nothing here knows how the real one keeps its books.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from agentflow.usage import Amount

Numbers: TypeAlias = tuple[int, ...]
"""Nano-USD, tokens, calls."""
Limits: TypeAlias = tuple[int | None, ...]

ZERO: Numbers = (0, 0, 0)


def plain(amount: Amount) -> Numbers:
    return amount.usd, amount.tokens, amount.calls


def total(many: Iterable[Numbers]) -> Numbers:
    return tuple(map(sum, zip(ZERO, *many, strict=True)))


def most(one: Numbers, other: Numbers) -> Numbers:
    return tuple(map(max, one, other))


@dataclass(eq=False)
class Node:
    """One account."""

    path: str
    limit: Limits
    parent: Node | None
    known: Numbers = ZERO
    """Spent in earlier sittings, as it knows from the start."""
    known_over: Numbers = ZERO
    """How much of that lies above its bound."""
    knows_all: bool = False
    """Whether it was told everything at once, so that a replay is no news: the run, and what stands above it."""
    is_carved: bool = False
    is_closed: bool = False
    stops: set[str] = field(default_factory=set)

    def chain(self) -> Iterator[Node]:
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent


@dataclass(eq=False)
class Request:
    """One request on the wire, or what became of it."""

    node: Node
    bound: Numbers
    charged: Numbers | None = None
    """None: it is on the wire."""
    over: Numbers = ZERO
    is_replay: bool = False


class Books:
    """The accounts of one process, and its requests."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.requests: list[Request] = []

    def below(self, node: Node) -> list[Request]:
        return [request for request in self.requests if node in request.node.chain()]

    def spent(self, node: Node) -> Numbers:
        """What a replay shows was known already, until it shows more than that."""
        shown = [r.charged for r in self.below(node) if r.is_replay and r.charged is not None]
        fresh = [r.charged for r in self.below(node) if not r.is_replay and r.charged is not None]
        earlier = node.known if node.knows_all else most(node.known, total(shown))
        return total([earlier, *fresh])

    def over(self, node: Node) -> Numbers:
        return total([node.known_over, *(request.over for request in self.below(node) if not request.is_replay)])

    def held(self, node: Node) -> Numbers:
        direct = [r.bound for r in self.requests if r.node is node and r.charged is None]
        return total([*direct, *(self._asked_of_parent(child) for child in self.nodes if child.parent is node)])

    def room(self, node: Node) -> Limits:
        out = total([self.spent(node), self.held(node)])
        return tuple(None if limit is None else limit - used for limit, used in zip(node.limit, out, strict=True))

    def needs(self, node: Node, amount: Numbers) -> Iterator[tuple[Node, Numbers]]:
        """What each account outwards must hold: above a carve, what it limits is set aside already."""
        for account in node.chain():
            yield account, amount
            if account.is_carved:
                amount = tuple(
                    0 if limit is not None else part for limit, part in zip(account.limit, amount, strict=True)
                )

    def short(self, node: Node, amount: Numbers) -> list[Node]:
        """The accounts where *amount* does not fit."""
        return [account for account, need in self.needs(node, amount) if lacks(self.room(account), need)]

    def may_get_back(self, node: Node) -> bool:
        """Whether a request on the wire may give *node* something back."""
        needs = [
            need
            for request in self.requests if request.charged is None
            for account, need in self.needs(request.node, request.bound) if account is node
        ]  # fmt: skip
        return any(part and limit is not None for need in needs for part, limit in zip(need, node.limit, strict=True))

    def is_stopped(self, node: Node) -> bool:
        """A latch stops its own account, an empty one those that live on it, and a halt or an end everybody below."""
        stopped, lives_on_it = "latch" in node.stops, True
        for account in node.chain():
            stopped = stopped or account.is_closed or "halt" in account.stops
            stopped = stopped or (lives_on_it and "exhaust" in account.stops)
            lives_on_it = lives_on_it and not account.is_carved
        return stopped

    def _asked_of_parent(self, child: Node) -> Numbers:
        held = self.held(child)
        if not child.is_carved:
            return held
        rest = [0 if limit is None or child.is_closed else limit - used
                for limit, used in zip(child.limit, self.spent(child), strict=True)]  # fmt: skip
        return most(held, tuple(rest))


def lacks(room: Limits, need: Numbers) -> bool:
    return any(part > 0 and left is not None and left < part for left, part in zip(room, need, strict=True))


def limited(limit: Limits, granted: Numbers) -> Limits:
    """Of what was granted that which is limited."""
    return tuple(None if most is None else part for most, part in zip(limit, granted, strict=True))
