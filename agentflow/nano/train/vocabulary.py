"""Learns the pieces of a vocabulary from texts: byte-pair encoding. Equal texts in equal order give equal pieces."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from agentflow.nano.page import plain
from agentflow.nano.shipped import FOLDER
from agentflow.nano.tokens import MARKS, Vocabulary, words
from agentflow.nano.train.generate import group

_ALWAYS = ("\n", *map(chr, range(32, 127)))
"""Characters that are pieces even where no text holds them."""
_PIECES, _RECEIPTS, _FIRST = 2_048, 16_000, 900_000_000
"""Of the vocabulary that ships: its size, and how many receipts it was learned from, beginning with which."""
_RAREST = 1e-6
"""Share of the characters of all texts below which a character is left to its bytes."""

Pair = tuple[str, str]


def train(texts: Iterable[str], size: int) -> Vocabulary:
    """A vocabulary of *size* pieces, fewer where the texts give no more. Raises `ValueError` when size is too small."""
    if size < len(MARKS) + 2 * len(_ALWAYS):
        raise ValueError(f"a vocabulary needs at least {len(MARKS) + 2 * len(_ALWAYS)} pieces, not {size}")
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(words(text.encode("utf-8", "replace").decode()))
    letters = _letters(counts, most=(size - len(MARKS)) // 2)
    merges = _merges(_Words(counts, set(letters)), size - len(MARKS) - len(letters))
    return Vocabulary([*MARKS, *letters, *dict.fromkeys(left + right for left, right in merges)], merges)


def _letters(counts: Counter[str], most: int) -> list[str]:
    """Single characters, the commonest first after those that are always there."""
    seen: Counter[str] = Counter()
    for word, count in counts.items():
        for letter in word:
            seen[letter] += count
    rarest = max(2.0, _RAREST * seen.total())
    common = sorted((-count, letter) for letter, count in seen.items() if count >= rarest and letter not in _ALWAYS)
    return [*_ALWAYS, *(letter for _, letter in common)][:most]


def _merges(words: _Words, room: int) -> list[Pair]:
    """Always the commonest pair, of equal ones the first by alphabet, until *room* new pieces are made."""
    merges: list[Pair] = []
    made: set[str] = set()  # two merges may make one piece
    while len(made) < room and words.pairs:
        pair, count = min(words.pairs.items(), key=lambda item: (-item[1], item[0]))
        if count < 2:
            break
        words.merge(pair)
        merges.append(pair)
        made.add(pair[0] + pair[1])
    return merges


class _Words:
    """All words as pieces so far, and how often each pair of pieces stands in them."""

    def __init__(self, counts: Counter[str], letters: set[str]) -> None:
        self._words: list[list[str]] = []
        self._counts: list[int] = []
        self.pairs: Counter[Pair] = Counter()
        self._places: defaultdict[Pair, set[int]] = defaultdict(set)
        for word, count in counts.items():
            known = "".join(letter if letter in letters else "\0" for letter in word)
            for part in known.split("\0"):  # nothing grows across a character that is left to its bytes
                self._words.append(list(part))
                self._counts.append(count)
                self._note(len(self._words) - 1, 1)

    def merge(self, pair: Pair) -> None:
        """Let *pair* grow together wherever it stands."""
        for index in sorted(self._places[pair]):
            self._note(index, -1)
            self._words[index] = _grown(self._words[index], pair)
            self._note(index, 1)
        del self.pairs[pair], self._places[pair]

    def _note(self, index: int, sign: int) -> None:
        for pair in pairwise(self._words[index]):
            self.pairs[pair] += sign * self._counts[index]
            if sign > 0:
                self._places[pair].add(index)


def _grown(word: list[str], pair: Pair) -> list[str]:
    grown: list[str] = []
    for piece in word:
        if grown and (grown[-1], piece) == pair:
            grown[-1] += piece
        else:
            grown.append(piece)
    return grown


def note_checksums(folder: Path) -> None:
    """Write SHA256SUMS for everything in *folder* that has to be what it was."""
    files = sorted(file for file in folder.iterdir() if file.suffix in {".gguf", ".json"})
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (folder / "SHA256SUMS").write_text("".join(lines))


def main() -> None:
    """Learn the vocabulary that ships from generated receipts and write it beside the weights."""
    vocabulary = train((plain(group("seen", _FIRST + number, 1)[0].text) for number in range(_RECEIPTS)), _PIECES)
    (FOLDER / "vocabulary.json").write_text(vocabulary.to_json(), encoding="utf-8")
    note_checksums(FOLDER)


if __name__ == "__main__":
    main()
