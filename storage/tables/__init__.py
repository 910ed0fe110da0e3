"""The tables, one file per subject. Importing this package defines them all on ``metadata``."""

from __future__ import annotations

from storage.tables.audit import audit
from storage.tables.chat import chat, person
from storage.tables.conversation import asked, conversation, feedback
from storage.tables.inbox import inbox
from storage.tables.metadata import metadata
from storage.tables.office import office_item
from storage.tables.outbox import card, outbox, throttle
from storage.tables.setting import setting
from storage.tables.ticker import ticker_job

__all__ = [
    "asked",
    "audit",
    "card",
    "chat",
    "conversation",
    "feedback",
    "inbox",
    "metadata",
    "office_item",
    "outbox",
    "person",
    "setting",
    "throttle",
    "ticker_job",
]
