"""What is no receipt: rejected with a reason, believed in nothing, and for no more than a stated amount of work."""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

pytestmark = pytest.mark.slow

Shell = Callable[..., Any]
RECEIPTS = Path(__file__).parents[1] / "pipelines" / "receipts.py"
FIELDS = ("company", "date", "total", "lines", "subtotal", "tax")
MOST_CALLS = 9
"""Three fields, each asked of the smaller model once and of the larger one twice."""
MOST_TOKENS = MOST_CALLS * (512 + 64 + 128)
"""A page, a question with an answer that was rejected, and an answer, each time."""

LETTERS = string.ascii_letters + " " * 8
SIGNS = string.ascii_letters + string.digits + string.punctuation + " " * 8
SPECKS = ".,:;'`~|_-il1" + " " * 5
DIGITS = string.digits + ".,:/-" + " " * 4


def noise(signs: str, seed: int) -> str:
    """Thirty rows of signs drawn at random."""
    random = Random(seed)
    return "\n".join("".join(random.choices(signs, k=random.randint(5, 40))) for _ in range(30))


def read(shell: Shell, folder: Path, texts: dict[str, bytes]) -> dict[str, Any]:
    """What `agentflow run` makes of these files; it ends well, whatever they hold."""
    folder.mkdir(exist_ok=True)
    for name, content in texts.items():
        (folder / name).write_bytes(content)
    spoken = shell("run", RECEIPTS, folder, "--tokens", 1_000_000, "--json")
    assert spoken.code == 0, spoken.err
    return dict(json.loads(spoken.out))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param("ΤΑΒΕΡΝΑ\nΗΜΕΡΟΜΗΝΙΑ 14/03/2023\nΣΥΝΟΛΟ 9,50".encode(), "Latin letters", id="Greek"),
        pytest.param("北京小吃店\n日期 2023-03-14\n合计 28.00".encode(), "Latin letters", id="Chinese"),
        pytest.param("ร้านอาหารไทย\nวันที่ 14/03/2023\nรวม 60.00".encode(), "Latin letters", id="Thai"),
        pytest.param("مطعم الشام\nالتاريخ 14/03/2023\nالمجموع 12.50".encode(), "Latin letters", id="Arabic"),
        pytest.param(b"", "empty", id="an empty image's text"),
        pytest.param(b" \n\t\r\n\x0c \n", "empty", id="an image of blanks"),
        pytest.param(b"Tea 2.00\n" * 20_000, "more than 100,000 bytes", id="20,000 lines"),
        pytest.param(b"a\n" * 20_000, "more than 2,000 rows", id="20,000 lines of one letter"),
        pytest.param(b"Tea 2.00 " * 5_600, "more than 2,000 characters", id="one line of 50 kB"),
        pytest.param(bytes(range(256)) * 40, "not text", id="binary"),
        pytest.param(noise(LETTERS, 1).encode(), "noise", id="random letters"),
        pytest.param(noise(LETTERS.upper(), 2).encode(), "noise", id="random capitals"),
        pytest.param(noise(SIGNS, 3).encode(), "noise", id="random letters and punctuation"),
        pytest.param(noise(SPECKS, 4).encode(), "noise", id="specks of a photograph"),
        pytest.param(noise(DIGITS, 5).encode(), "noise", id="random digits"),
    ],
)
def test_what_is_no_receipt_is_rejected_before_anything_is_asked(
    shell: Shell, tmp_path: Path, content: bytes, reason: str
) -> None:
    """One reason for the whole text, no value, and not one call."""
    told = read(shell, tmp_path / "in", {"bad.txt": content})

    (record,) = told["value"]
    assert set(record["rejected"]) == {"receipt"}
    assert reason in record["rejected"]["receipt"]
    assert [record[field] for field in FIELDS] == [None] * len(FIELDS)
    assert (told["spent"]["calls"], told["spent"]["tokens"]) == (0, 0)


@pytest.mark.parametrize("signs", [LETTERS, LETTERS.lower(), SIGNS, SPECKS, DIGITS], ids=lambda signs: signs[-20:-8])
def test_no_noise_is_believed(shell: Shell, tmp_path: Path, signs: str) -> None:
    """Of twenty texts of random signs nothing at all is accepted."""
    told = read(shell, tmp_path / "in", {f"{seed}.txt": noise(signs, seed).encode() for seed in range(20)})

    assert [record[field] for record in told["value"] for field in FIELDS] == [None] * 20 * len(FIELDS)
    assert all(record["rejected"] for record in told["value"])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("Dear Mr Brown,\nthank you for your letter.\nWe shall answer soon.\n" * 30, id="a letter"),
        pytest.param("\n".join(f"Tea with lemon {n}.50" for n in range(1_900)), id="1,900 things bought"),
        pytest.param("total " * 330, id="one word over and over"),
        pytest.param("\n".join(f"Total {n}.00 1{n % 9}/03/2023" for n in range(900)), id="900 totals and dates"),
    ],
)
def test_what_only_looks_like_a_receipt_costs_a_bounded_number_of_calls(
    shell: Shell, tmp_path: Path, content: str
) -> None:
    """However long it is, the models are shown a page of it, and asked no more than their attempts."""
    told = read(shell, tmp_path / "in", {"odd.txt": content.encode()})

    (record,) = told["value"]
    assert [record[field] for field in FIELDS[:3]] == [None] * 3
    assert record["rejected"]
    assert told["spent"]["calls"] <= MOST_CALLS
    assert told["spent"]["tokens"] <= MOST_TOKENS


def test_a_company_with_nothing_beside_it_is_not_believed(shell: Shell, tmp_path: Path) -> None:
    """A name alone is no receipt: any first row could be one."""
    told = read(shell, tmp_path / "in", {"card.txt": b"Gullmarsh Garden Centre Ltd\nWe grow for you\n"})

    (record,) = told["value"]
    assert record["company"] is None
    assert "nothing says that this is a receipt" in record["rejected"]["company"]
