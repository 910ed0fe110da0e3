"""What a question looks like to the index: cleaned, and cut into character n-grams held as integers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LONGEST = 3
_BITS = 21  # a code point fits; three of them fit into a signed 64-bit integer
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\ufe0e\ufe0f]")
# Control, surrogate and private-use characters, and every kind of white space.
_BLANK = re.compile(
    r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\uf8ff\U000f0000-\U0010ffff]+"
)
_BREAK = re.compile(r"[^\u3400-\u9fff\U00103400-\U00109fffa-z0-9〇]+")
Codes = NDArray[np.int64]


def clean(text: str) -> str:
    """Fold a message to NFKC, drop control and zero-width characters, and squeeze white space."""
    return _BLANK.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))).strip()


def fold(text: str) -> str:
    """Keep Chinese characters, letters and digits in lower case; everything else becomes one line break."""
    return _BREAK.sub("\n", text.lower()).strip("\n")


def gram_codes(folded: str, longest: int = LONGEST) -> Codes:
    """Every n-gram of 1 to ``longest`` (at most 3) characters that crosses no break, as int64, with repeats."""
    codes, _ = gram_codes_of([folded], longest)
    return codes


def gram_codes_of(folded: Sequence[str], longest: int = LONGEST) -> tuple[Codes, Codes]:
    """N-grams of many texts at once: (codes, index of the text each came from), both int64 of equal length."""
    joined = "\n".join(folded)
    points = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
    lengths = np.fromiter((len(text) + 1 for text in folded), dtype=np.int64, count=len(folded))
    owner = np.repeat(np.arange(len(folded), dtype=np.int64), lengths)[: len(points)]
    inside = points != ord("\n")
    codes, owners = [points[inside]], [owner[inside]]
    code = points
    for size in range(2, longest + 1):
        if len(points) < size:
            break
        code = (code[:-1] << _BITS) | points[size - 1 :]
        inside = inside[:-1] & (points[size - 1 :] != ord("\n"))
        codes.append(code[inside])
        owners.append(owner[: len(code)][inside])
    return np.concatenate(codes), np.concatenate(owners)
