"""The pieces that texts are cut into, and back: byte-pair encoding with single digits. It knows no network.

Text never becomes a mark: `<end>` on a receipt is five ordinary characters, and no text is ever refused.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, Final

from agentflow.errors import ConfigurationError
from agentflow.nano.shipped import FOLDER, read_checked

FIELDS: Final = ("company", "date", "total", "address", "number", "subtotal", "tax", "items")
"""What can be asked of a receipt, one at a time."""

PAD, DOC, ANSWER, END, NOT = range(5)
"""Marks: nothing, a document begins, the answer begins, the answer ends, a wrong answer begins."""
FIRST_BYTE: Final = 16
FIRST_PIECE: Final = FIRST_BYTE + 256
"""Below it are marks and bytes; from it on, pieces of text."""

MARKS: Final = (
    *("<pad>", "<doc>", "<answer>", "<end>", "<not>"),
    *(f"<{name}>" for name in FIELDS),
    *(f"<spare{number}>" for number in range(3)),
    *(f"<0x{byte:02X}>" for byte in range(256)),
)
"""The first pieces of every vocabulary."""

LONGEST_WORD: Final = 48
"""Letters after which a word is cut, so that no text takes long."""
_CACHED_WORDS = 1 << 15
_MOST_PIECES = 1 << 16
_WORD = re.compile(
    rf"\n| ?[^\W\d_]{{1,{LONGEST_WORD}}}|\d| ?[^\w\s]|_| {{1,{LONGEST_WORD}}}|\s",
)


def field_token(field: str) -> int:
    """The mark that asks for *field*."""
    return NOT + 1 + FIELDS.index(field)


def words(text: str) -> list[str]:
    """The parts that no piece reaches across; together they are *text*."""
    return _WORD.findall(text)


class Vocabulary:
    """A list of pieces and the order in which they grow together. Never changed, so threads share it."""

    def __init__(self, pieces: Sequence[str], merges: Sequence[tuple[str, str]]) -> None:
        """Raises `ConfigurationError` when the pieces are not those of one vocabulary."""
        self.pieces, self.merges = tuple(pieces), tuple(merges)
        ids = {piece: index for index, piece in enumerate(self.pieces) if index >= FIRST_PIECE}
        is_sound = self.pieces[:FIRST_PIECE] == MARKS and len(ids) == len(self.pieces) - FIRST_PIECE
        if not is_sound or "" in ids or not all({left, right, left + right} <= ids.keys() for left, right in merges):
            raise ConfigurationError("these pieces and merges are no vocabulary; install agentflow again")
        self._letters = {piece: index for piece, index in ids.items() if len(piece) == 1}
        self._ranks = {
            (ids[left], ids[right]): (rank, ids[left + right])
            for rank, (left, right) in reversed(list(enumerate(merges)))
        }
        self._bytes = [_bytes_of(index, piece) for index, piece in enumerate(self.pieces)]
        self.longest_piece = max((len(piece) for piece in ids), default=1)
        """In characters: no token says more."""
        self._encode_word = lru_cache(_CACHED_WORDS)(self._merged)

    @classmethod
    def load(cls) -> Vocabulary:
        """The one that ships, read and checked once per process."""
        return _shipped()

    @classmethod
    def from_json(cls, content: str | bytes) -> Vocabulary:
        """The vocabulary that `to_json` wrote. Raises `ConfigurationError` on anything else."""
        try:
            plain: Any = json.loads(content)
            pieces, merges = plain["pieces"], [(left, right) for left, right in plain["merges"]]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise ConfigurationError(f"this file holds no vocabulary ({error}); install agentflow again") from error
        is_text = isinstance(pieces, list) and all(isinstance(text, str) for text in (*pieces, *sum(merges, ())))
        if not is_text or len(pieces) > _MOST_PIECES or len(merges) > _MOST_PIECES:
            raise ConfigurationError("this file holds no vocabulary; install agentflow again")
        return cls(pieces, merges)

    def to_json(self) -> str:
        """What `from_json` reads."""
        return json.dumps({"pieces": self.pieces, "merges": self.merges}, ensure_ascii=False, indent=0) + "\n"

    def __len__(self) -> int:
        return len(self.pieces)

    def encode(self, text: str) -> list[int]:
        """The tokens of any text; what is no character, a lone surrogate, becomes a question mark."""
        ids: list[int] = []
        for word in words(text.encode("utf-8", "replace").decode()):
            ids += self._encode_word(word)
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """The text of tokens; marks have none, and bytes that make no character become U+FFFD."""
        return b"".join(self._bytes[index] for index in ids).decode("utf-8", "replace")

    def decoder(self) -> Decoder:
        """Decodes one token at a time."""
        return Decoder(self._bytes)

    def _merged(self, word: str) -> tuple[int, ...]:
        """The tokens of one word: its characters, grown together in the order of the merges."""
        ids: list[int] = []
        for letter in word:
            known = self._letters.get(letter)
            ids += [known] if known is not None else [FIRST_BYTE + byte for byte in letter.encode()]
        ranks, never = self._ranks, (len(self._ranks) + _MOST_PIECES, 0)
        while len(ids) > 1:
            (rank, merged), at = min((ranks.get(pair, never), at) for at, pair in enumerate(pairwise(ids)))
            if rank == never[0]:
                break
            ids[at : at + 2] = [merged]
        return tuple(ids)


class Decoder:
    """Gives out whole characters only, as soon as they are whole."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = pieces
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def take(self, token: int) -> str:
        """What is certain once *token* follows."""
        return self._decoder.decode(self._pieces[token])

    def end(self) -> str:
        """What is left when nothing follows."""
        return self._decoder.decode(b"", final=True)


def _bytes_of(index: int, piece: str) -> bytes:
    if index >= FIRST_PIECE:
        return piece.encode("utf-8", "replace")
    return bytes([index - FIRST_BYTE]) if index >= FIRST_BYTE else b""


@cache
def _shipped() -> Vocabulary:
    return Vocabulary.from_json(read_checked(FOLDER / "vocabulary.json"))
