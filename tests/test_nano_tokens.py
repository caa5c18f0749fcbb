"""The vocabulary of the embedded models: any text to tokens and back, and how its pieces are learned."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow.errors import ConfigurationError
from agentflow.nano.shipped import FOLDER, read_checked
from agentflow.nano.tokens import END, FIELDS, FIRST_BYTE, FIRST_PIECE, MARKS, Vocabulary, field_token, words
from agentflow.nano.train.vocabulary import train
from tests.nano_files import BILL, OTHER, vocabulary

ANY_TEXT = st.one_of(
    st.text(),
    st.text(st.characters(exclude_categories=())),
    st.text(alphabet="Total 12.50\n €é😀合_\t<end>", max_size=200),
)


@settings(deadline=None)
@given(ANY_TEXT)
def test_every_text_comes_back_from_its_tokens(text: str) -> None:
    """What is no character, a lone surrogate, comes back as a question mark."""
    ids = vocabulary().encode(text)

    assert vocabulary().decode(ids) == text.encode("utf-8", "replace").decode()


@settings(deadline=None)
@given(ANY_TEXT)
def test_text_decoded_token_by_token_is_the_same(text: str) -> None:
    """A character of several bytes is given out once it is whole."""
    ids, decoder = vocabulary().encode(text), vocabulary().decoder()

    pieces = [decoder.take(token) for token in ids]

    assert "".join(pieces) + decoder.end() == vocabulary().decode(ids)
    assert not any("\ufffd" in piece for piece in pieces) or "\ufffd" in text


@settings(deadline=None)
@given(st.lists(st.integers(0, len(vocabulary()) - 1), max_size=60))
def test_any_tokens_can_be_decoded(ids: list[int]) -> None:
    """What a model samples need not be text; marks say nothing."""
    decoder = vocabulary().decoder()

    streamed = "".join(decoder.take(token) for token in ids) + decoder.end()

    assert streamed == vocabulary().decode(ids)


@settings(deadline=None)
@given(ANY_TEXT)
def test_no_text_becomes_a_mark(text: str) -> None:
    """Nobody can end an answer from inside a receipt."""
    assert all(token >= FIRST_BYTE for token in vocabulary().encode(text))


@settings(deadline=None)
@given(ANY_TEXT)
def test_words_are_the_whole_text(text: str) -> None:
    """Nothing falls between two words, and a line's end stands alone."""
    assert "".join(words(text)) == text
    assert all(word == "\n" or "\n" not in word for word in words(text))


def test_digits_and_punctuation_marks_stand_alone() -> None:
    """An amount is as many tokens as it has characters."""
    assert words("Total: RM 12.50") == ["Total", ":", " RM", " ", "1", "2", ".", "5", "0"]
    assert len(vocabulary().encode("1234567.89")) == 10


def test_lines_have_as_many_tokens_together_as_one_by_one() -> None:
    """So lines can be chosen by their tokens."""
    lines = BILL.split("\n")

    assert len(vocabulary().encode(BILL)) == sum(len(vocabulary().encode(line)) + 1 for line in lines) - 1


def test_marks_and_fields_have_their_places() -> None:
    """The network was trained with these numbers."""
    assert [MARKS[field_token(field)] for field in FIELDS] == [f"<{field}>" for field in FIELDS]
    assert (MARKS[END], MARKS[FIRST_BYTE], len(MARKS)) == ("<end>", "<0x00>", FIRST_PIECE)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("j" * 300_000, id="one word"),
        pytest.param("jan" * 100_000, id="one word of syllables"),
        pytest.param(" " * 300_000, id="spaces"),
        pytest.param("😀" * 80_000, id="unknown characters"),
    ],
)
def test_a_long_word_takes_no_longer_than_a_long_text(text: str) -> None:
    """Words are cut, so time grows with the length and no faster."""
    began = time.process_time()

    vocabulary().encode(text)

    assert time.process_time() - began < 5


def test_what_is_common_becomes_a_piece() -> None:
    """Learned from the commonest pair on; characters of the texts come first."""
    learned = train([BILL, OTHER] * 5, 500)

    assert learned.encode("TOTAL")[0] >= FIRST_PIECE
    assert len(learned.encode("Total")) == 1
    assert len(learned) <= 500


def test_equal_texts_give_equal_pieces() -> None:
    """Training can be repeated."""
    assert train([BILL, OTHER], 500).to_json() == train([BILL, OTHER], 500).to_json()


def test_a_character_that_is_rare_is_left_to_its_bytes() -> None:
    """It still comes back."""
    learned = train([BILL] * 20 + ["東"], 500)

    assert learned.encode("東") == [FIRST_BYTE + byte for byte in "東".encode()]


def test_a_vocabulary_has_room_for_what_must_be_in_it() -> None:
    """Marks, bytes and printable characters."""
    with pytest.raises(ValueError, match="needs at least 464 pieces"):
        train([BILL], 300)


def test_a_vocabulary_is_written_and_read() -> None:
    """The file says everything."""
    again = Vocabulary.from_json(vocabulary().to_json())

    assert again.pieces == vocabulary().pieces
    assert again.encode(BILL) == vocabulary().encode(BILL)


def plain(**changes: object) -> str:
    return json.dumps({"pieces": list(vocabulary().pieces), "merges": [], **changes})


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="nothing"),
        pytest.param("[]", id="a list"),
        pytest.param("[" * 100_000, id="brackets without end"),
        pytest.param("{}", id="no pieces"),
        pytest.param(plain(pieces=3), id="a number of pieces"),
        pytest.param(plain(pieces=[3] * 300), id="pieces that are no texts"),
        pytest.param(plain(pieces=list("abc")), id="no marks"),
        pytest.param(plain(pieces=[*MARKS, "a", "a"]), id="a piece twice"),
        pytest.param(plain(pieces=[*MARKS, ""]), id="an empty piece"),
        pytest.param(plain(merges=[["T", "東"]]), id="a merge of what is no piece"),
        pytest.param(plain(merges=[["a"]]), id="half a merge"),
        pytest.param(plain(merges=[[1, 2]]), id="a merge of numbers"),
    ],
)
def test_a_damaged_vocabulary_is_refused(content: str) -> None:
    """No model runs on other pieces than it was trained with."""
    with pytest.raises(ConfigurationError, match="no vocabulary"):
        Vocabulary.from_json(content)


def test_a_file_with_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    """A changed file is not read."""
    (tmp_path / "nano-s.gguf").write_bytes(b"changed")
    (tmp_path / "SHA256SUMS").write_text((FOLDER / "SHA256SUMS").read_text())

    with pytest.raises(ConfigurationError, match=r"checksum .* install agentflow again"):
        read_checked(tmp_path / "nano-s.gguf")


def test_a_missing_file_is_a_configuration_error(tmp_path: Path) -> None:
    """The message names the file and the way out."""
    with pytest.raises(ConfigurationError, match=r"vocabulary\.json cannot be read"):
        read_checked(tmp_path / "vocabulary.json")
