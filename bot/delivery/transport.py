"""The seam to a messenger, and the ways in which a call can fail.

TransportError
├── RetryAfter     too fast: not accepted, come back in ``seconds``
├── Migrated       the chat is now ``to``: not accepted
├── ChatGone       the bot may not write there any more: not accepted, never again
├── Rejected       the message itself is refused: not accepted, never again
├── MessageGone    the message to edit is not there
├── NotModified    the message already looks so: as good as sent
├── Unreachable    the call did not get there: safe to repeat
├── Ambiguous      nobody knows whether it was accepted: repeated and marked
└── BadToken       the messenger does not know this bot: stop
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from bot.errors import BotError
from bot.messages import Instant, Outgoing

OutboxKind = Literal["send", "edit", "photo", "document", "card"]


class TransportError(BotError):
    """Base of what a messenger call raises."""


class RetryAfter(TransportError):
    """Too many requests; ``seconds`` as the messenger asked."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many requests: retry after {seconds:g} s")
        self.seconds = seconds


class Migrated(TransportError):
    """The chat has a new id."""

    def __init__(self, to: int) -> None:
        super().__init__("the group became a supergroup")
        self.to = to


class ChatGone(TransportError):
    """The bot was removed, blocked, or never allowed in."""


class Rejected(TransportError):
    """The request can never succeed as it is."""


class MessageGone(TransportError):
    """The message to edit was deleted or cannot be edited any more."""


class NotModified(TransportError):
    """The edit would change nothing."""


class Unreachable(TransportError):
    """The request was not delivered."""


class Ambiguous(TransportError):
    """The request may or may not have been accepted."""


class BadToken(TransportError):
    """The messenger refuses this bot's token."""


@dataclass(frozen=True, kw_only=True)
class OutboxRow:
    """One message on its way. ``part`` counts the accepted parts of a long text; ``message_id`` is the
    message to edit; ``possibly_repeated`` says that an earlier try may have been accepted."""

    id: int
    chat_id: int
    kind: OutboxKind
    outgoing: Outgoing
    part: int = 0
    message_id: int | None = None
    possibly_repeated: bool = False
    attempts: int = 0
    card_id: int | None = None
    card_version: int | None = None


@dataclass(frozen=True, kw_only=True)
class Sent:
    """An accepted call; ``more`` says that parts of the text are still to come."""

    message_id: int | None = None
    more: bool = False


class Transport(Protocol):
    """A messenger, as the outbox sees it."""

    async def send(self, row: OutboxRow) -> Sent:
        """Make one call for ``row``, or raise a TransportError."""

    async def instant(self, instant: Instant) -> None:
        """Answer a tap or an inline query, or raise a TransportError."""
