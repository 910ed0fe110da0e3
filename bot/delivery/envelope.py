"""The address on a raw update, read leniently: enough to store it in the right lane, before any parsing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, TypeGuard

from storage.tables.columns import dump_json

_MAX_ID = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """``problem`` is set where the update cannot even be numbered; ``update_id`` is then negative, made from
    the content, so that the same rubbish is stored once. ``lane`` keeps one person's updates in one chat in
    order."""

    update_id: int
    raw: str
    chat_id: int | None = None
    user_id: int | None = None
    lane: str = ""
    problem: str | None = None


def open_envelope(update: Any) -> Envelope:
    """Read what can be read of anything JSON can hold; never raises for bad content."""
    raw = dump_json(update)
    number = update.get("update_id") if isinstance(update, dict) else None
    if not _is_id(number) or number < 0:
        digest = hashlib.sha256(raw.encode()).digest()
        reason = "no update_id" if isinstance(update, dict) else "not an object"
        return Envelope(update_id=-1 - (int.from_bytes(digest[:8]) >> 2), raw=raw, problem=reason)
    body = next(
        (value for name, value in update.items() if name != "update_id" and isinstance(value, dict)), {}
    )
    user_id = _id_of(body.get("from"))
    chat_id = _id_of(body.get("chat"))
    if chat_id is None and isinstance(message := body.get("message"), dict):
        chat_id = _id_of(message.get("chat"))
    return Envelope(
        update_id=number, raw=raw, chat_id=chat_id, user_id=user_id, lane=f"{chat_id or 0}:{user_id or 0}"
    )


def update_number(update: Any) -> int | None:
    """Return the update id to confirm to the messenger, if there is a usable one."""
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if _is_id(number) and number >= 0 else None


def _id_of(value: Any) -> int | None:
    found = value.get("id") if isinstance(value, dict) else None
    return found if _is_id(found) else None


def _is_id(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _MAX_ID
