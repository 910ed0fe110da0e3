"""What a button's data says: a verb and short ids, at most 64 bytes. It grants nothing."""

from __future__ import annotations

from dataclasses import dataclass

MAX_BYTES = 64


@dataclass(frozen=True, kw_only=True)
class Press:
    """A button's data taken apart: what to do, whose question it belongs to, and one more word."""

    verb: str
    asker: int
    about: str = ""


def data_of(press: Press) -> str:
    """Write a press into button data. Raises ValueError beyond 64 bytes."""
    data = f"{press.verb}:{press.asker}:{press.about}"
    if len(data.encode()) > MAX_BYTES:
        raise ValueError(f"button data is longer than {MAX_BYTES} bytes: {data!r}")
    return data


def read_data(data: str) -> Press | None:
    """Read button data, or None for anything this desk did not write."""
    verb, _, rest = data.partition(":")
    asker, _, about = rest.partition(":")
    if not verb or not asker.lstrip("-").isascii() or not asker.lstrip("-").isdecimal() or len(asker) > 20:
        return None
    return Press(verb=verb, asker=int(asker), about=about)
