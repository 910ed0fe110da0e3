"""What passes between the desk and a messenger. Plain text only: each messenger escapes for its own markup."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

ChatType = Literal["private", "group", "supergroup", "channel"]
IncomingKind = Literal[
    "message",  # text, caption, media, location: ``text`` may be empty
    "tap",  # a button under one of our messages
    "inline",  # an inline query; ``text`` is the query
    "joined",  # our bot was added to or became able to post in ``chat``
    "left",  # our bot was removed from ``chat``, or blocked
    "migrated",  # ``chat`` became the supergroup ``migrated_to``
]


@dataclass(frozen=True, kw_only=True)
class Chat:
    """Where something happened; ``thread_id`` is set only for real forum topics."""

    id: int
    type: ChatType
    title: str = ""
    thread_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who did it. An anonymous admin or a channel acts for nobody (``anonymous``)."""

    id: int
    name: str = ""
    username: str | None = None
    is_bot: bool = False
    anonymous: bool = False


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file or place in a message. ``file_id`` is the messenger's; ``latitude``/``longitude`` in degrees."""

    kind: Literal["photo", "document", "voice", "video", "audio", "sticker", "location", "contact"]
    file_id: str = ""
    name: str = ""
    size: int = 0
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """One update, understood. ``command`` is without slash and bot name; ``to_me`` covers private chats,
    commands, @mentions (already cut out of ``text``) and replies to our messages."""

    update_id: int
    kind: IncomingKind
    at: datetime
    chat: Chat | None = None
    sender: Sender | None = None
    message_id: int | None = None
    text: str = ""
    command: str | None = None
    args: str = ""
    to_me: bool = False
    edited: bool = False
    reply_to: int | None = None
    reply_to_me: bool = False
    forwarded: bool = False
    attachments: tuple[Attachment, ...] = ()
    album_id: str | None = None
    tap_id: str | None = None
    tap_data: str = ""
    inline_id: str | None = None
    migrated_to: int | None = None


@dataclass(frozen=True, kw_only=True)
class Option:
    """One button; ``data`` comes back in a tap and is at most 64 bytes."""

    label: str
    data: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A message to send, durable: it is stored with the change that caused it and sent until it is told to stop.

    ``card`` names a card (a live message): the first send creates the message, later ones edit it, and only
    the newest state counts. ``urgent`` goes before everything else of its chat. ``photo`` and ``document``
    name a file of the data directory's ``files`` folder.
    """

    chat_id: int
    text: str
    options: tuple[tuple[Option, ...], ...] = ()
    thread_id: int | None = None
    reply_to: int | None = None
    urgent: bool = False
    protect: bool = False
    silent: bool = False
    card: str | None = None
    edit_message_id: int | None = None
    photo: str | None = None
    document: str | None = None
    tag: str = ""


@dataclass(frozen=True, kw_only=True)
class InlineResult:
    """One result of an inline query; ``text`` is what gets posted."""

    id: str
    title: str
    description: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Instant:
    """An answer to a tap or an inline query: sent at once, not durable, expires."""

    tap_id: str | None = None
    text: str = ""
    alert: bool = False
    inline_id: str | None = None
    results: tuple[InlineResult, ...] = field(default=())
    cache_s: int = 10
