"""What a button's data says: a verb and short ids, at most 64 bytes. It grants nothing."""

from __future__ import annotations

from dataclasses import dataclass

MAX_BYTES = 64
MAX_ID = 2**62


@dataclass(frozen=True, kw_only=True)
class Press:
    """A button's data taken apart: what to do, the row of the question it stands under, and one more word."""

    verb: str
    asked: int
    about: str = ""


def data_of(press: Press) -> str:
    """Write a press into button data. Raises ValueError beyond 64 bytes."""
    data = f"{press.verb}:{press.asked}:{press.about}"
    if len(data.encode()) > MAX_BYTES:
        raise ValueError(f"button data is longer than {MAX_BYTES} bytes: {data!r}")
    return data


def read_data(data: str) -> Press | None:
    """Read button data, or None for anything this desk did not write."""
    verb, _, rest = data.partition(":")
    number, _, about = rest.partition(":")
    if not verb or not (number.isascii() and number.isdecimal()) or int(number[:20]) > MAX_ID:
        return None
    return Press(verb=verb, asked=int(number), about=about)
