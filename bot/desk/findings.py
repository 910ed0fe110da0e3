"""What the auditor found, told to the office."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from bot.delivery.auditor import Finding
from bot.desk.parts import OFFICE_CHAT
from bot.messages import Outgoing
from prompts import say
from storage.settings import get_value


def report(connection: Connection, findings: list[Finding]) -> Iterable[Outgoing]:
    """One message with the new findings, if there is an office to read it."""
    office = get_value(connection, OFFICE_CHAT)
    if office is None or not findings:
        return []
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.check] = counts.get(finding.check, 0) + 1
    return [Outgoing(chat_id=office, text=say("desk/findings", counts=counts))]
