"""What tells two requests apart, in words. Nothing is read and nothing is decided here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

AROUND = 24
"""Characters shown before and after the first difference."""


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value inside a JSON value, with where it stands, such as `messages[1].parts[0].text`."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{place}]")
    else:
        yield path, value


def distance(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[int, int]:
    """How far two values with these leaves are apart: places that differ, and the characters after that."""
    places = [place for place in {**one, **other} if not _is_same(one, other, place)]
    rest = sum(len(_text(other.get(place))) - _common(one.get(place), other.get(place)) for place in places)
    return len(places), rest


def difference(recorded: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """The first place in which two values with these leaves differ, and how; empty when there is none."""
    places = [place for place in {**recorded, **asked} if not _is_same(recorded, asked, place)]
    if not places:
        return ""
    place, more = places[0], len(places) - 1
    others = f" (and {more} other place{'s' if more > 1 else ''})" if more else ""
    if place not in recorded or place not in asked:
        where, value = ("asked", asked[place]) if place in asked else ("recorded", recorded[place])
        return f"{place}: {_around(_text(value), 0)} only {where}{others}"
    old, new = _text(recorded[place]), _text(asked[place])
    at = _common(old, new)
    return f"{place} from character {at} on: recorded {_around(old, at)}, asked {_around(new, at)}{others}"


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any], place: str) -> bool:
    return place in one and place in other and bool(one[place] == other[place])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _common(one: Any, other: Any) -> int:
    """How many characters two values have in common from the beginning."""
    old, new = _text(one), _text(other)
    low, high = 0, min(len(old), len(new))
    while low < high:  # slices are compared much faster than characters
        middle = (low + high + 1) // 2
        low, high = (middle, high) if old[low:middle] == new[low:middle] else (low, middle - 1)
    return low


def _around(text: str, at: int) -> str:
    start, end = max(0, at - AROUND), at + AROUND
    return repr(f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}")
