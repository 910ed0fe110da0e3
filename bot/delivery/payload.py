"""``Outgoing`` as stored JSON: only what differs from the defaults, and unknown fields are ignored."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

from bot.messages import Option, Outgoing

_FIELDS = {field.name: field.default for field in fields(Outgoing)}


def dump_outgoing(outgoing: Outgoing) -> dict[str, Any]:
    """Return a JSON object; ``options`` is rows of ``[label, data, url]``."""
    stored: dict[str, Any] = {}
    for name, default in _FIELDS.items():
        value = getattr(outgoing, name)
        if default is not MISSING and value == default:
            continue
        if name == "options":
            value = [[[option.label, option.data, option.url] for option in row] for row in value]
        stored[name] = value
    return stored


def load_outgoing(stored: dict[str, Any], *, chat_id: int) -> Outgoing:
    """Return the message, addressed to ``chat_id`` (the chat may have moved since it was stored)."""
    values = {name: value for name, value in stored.items() if name in _FIELDS}
    if "options" in values:
        values["options"] = tuple(
            tuple(Option(label=label, data=data, url=url) for label, data, url in row)
            for row in values["options"]
        )
    values["chat_id"] = chat_id
    return Outgoing(**values)
