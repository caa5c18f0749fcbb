"""Words as they count when texts are compared: no case, no punctuation, one space between them.

Runs in time proportional to the text, which plain NFKC does not: a long run of combining marks makes it quadratic.
"""

from __future__ import annotations

import re
import unicodedata

_SLICE = re.compile(r".{1,1000}(?!\S)|.{1,1000}", re.DOTALL)
_WORD = re.compile(r"\w+(?:(?<=\d)[.,'](?=\d)\w+)*(?:[+#]+(?!\w))?")


def normalised(text: str) -> str:
    """*text* in its plainest characters and without case."""
    if text.isascii():
        return text.casefold()
    slices = (unicodedata.normalize("NFKC", piece) for piece in _SLICE.findall(text))
    return "".join(slices).casefold().replace("\u0307", "")  # a dot over i is all that Turkish capitals leave


def words(text: str) -> str:
    """The words of *text*, normalised, each number in one piece, with a space on either side of each."""
    return f" {' '.join(_WORD.findall(normalised(text)))} "
