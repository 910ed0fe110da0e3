"""Questions the plan does not cover, handed to the office: an item with an owner, and an answer that goes back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select, update

from bot.delivery.reply import Reply
from bot.desk.asking import edited
from bot.desk.buttons import Press
from bot.desk.memory import Asked
from bot.desk.parts import OFFICE_CHAT, Parts, reply_to
from bot.messages import Incoming, Instant, Outgoing
from prompts import is_courtesy, say
from storage import audit
from storage.settings import get_value
from storage.tables import card, office_item, person
from storage.tables import chat as chats

SHOWN_CHARS = 500


class HandOver:
    """The button that asks the office, and the office's reply."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def open_item(self, incoming: Incoming, _: Press, asked: Asked) -> Reply:
        """The asker's tap opens one item for the office; a second tap says it is there."""
        chat = incoming.chat
        where = chat.title if chat and chat.type != "private" else ""
        who = incoming.sender.name if incoming.sender else ""

        def change(connection: Connection, now: datetime) -> Iterable[Outgoing | Instant]:
            office = get_value(connection, OFFICE_CHAT)
            if office is None:
                return [Instant(tap_id=incoming.tap_id, text=say("desk/stale"))]
            known = connection.execute(
                select(office_item.c.id).where(
                    office_item.c.asker_chat_id == asked.chat_id,
                    office_item.c.asker_user_id == asked.user_id,
                    office_item.c.asker_message_id == asked.message_id,
                )
            ).scalar()
            if known is not None:
                return [
                    Instant(tap_id=incoming.tap_id, text=say("desk/handed_over", number=known, again=True))
                ]
            number = connection.execute(
                office_item.insert()
                .values(
                    question=asked.question, asker_chat_id=asked.chat_id, asker_thread_id=asked.thread_id,
                    asker_user_id=asked.user_id, asker_message_id=asked.message_id, state="open", created_at=now,
                )
                .returning(office_item.c.id)
            ).scalar_one()  # fmt: skip
            key = f"office-item-{number}"
            connection.execute(update(office_item).where(office_item.c.id == number).values(card_key=key))
            _note(connection, now, asked.user_id, "question.handed_over", number, asked.chat_id)
            card_text = say(
                "desk/item_card", number=number, question=asked.question[:SHOWN_CHARS], where=where, who=who,
                answer="", by="",
            )  # fmt: skip
            return [
                Outgoing(chat_id=office, text=card_text, card=key),
                edited(incoming, asked, say("desk/handed_over_message", number=number)),
                Instant(tap_id=incoming.tap_id, text=say("desk/handed_over", number=number, again=False)),
            ]

        return Reply(change=change)

    async def item_of(self, incoming: Incoming) -> int | None:
        """The open or answered item whose card in the office chat this message replies to."""
        chat = incoming.chat
        if chat is None or not incoming.reply_to_me or incoming.reply_to is None:
            return None
        return await self._parts.store.aread(
            lambda c: c.execute(
                select(office_item.c.id)
                .join(card, card.c.key == office_item.c.card_key)
                .where(card.c.chat_id == chat.id, card.c.message_id == incoming.reply_to)
            ).scalar()
        )

    async def answer_item(self, incoming: Incoming, number: int) -> Reply:
        """The office replied to a card: the first reply goes to the asker, later ones are told so."""
        chat, sender, text = incoming.chat, incoming.sender, incoming.text.strip()
        if chat is None or sender is None or sender.anonymous:
            return Reply(outgoing=(reply_to(incoming, say("desk/anonymous")),))
        if not text:
            return Reply(outgoing=(reply_to(incoming, say("desk/answer_needs_text")),))

        if is_courtesy("acknowledgements", text):
            return Reply(outgoing=(reply_to(incoming, say("desk/not_an_answer", number=number)),))

        def change(connection: Connection, now: datetime) -> Iterable[Outgoing]:
            if get_value(connection, OFFICE_CHAT) != chat.id:
                return [reply_to(incoming, say("desk/office_moved"))]
            item = connection.execute(select(office_item).where(office_item.c.id == number)).one()
            first = connection.execute(
                update(office_item)
                .where(office_item.c.id == number, office_item.c.state == "open")
                .values(state="answered", answer=text, answered_by=sender.id, answered_at=now)
            ).rowcount
            if not first:
                # The office may correct itself: what was said first stays in the audit trail.
                connection.execute(update(office_item).where(office_item.c.id == number).values(answer=text))
            _note(connection, now, sender.id, "question.answered", number, chat.id)
            who = connection.execute(
                select(person.c.name).where(person.c.user_id == item.asker_user_id)
            ).scalar()
            where = connection.execute(
                select(chats.c.title).where(chats.c.chat_id == item.asker_chat_id)
            ).scalar()
            question = item.question[:SHOWN_CHARS]
            return [
                Outgoing(
                    chat_id=item.asker_chat_id,
                    thread_id=item.asker_thread_id,
                    reply_to=item.asker_message_id,
                    text=say("desk/office_answer", question=question, answer=text, first=bool(first)),
                ),
                Outgoing(
                    chat_id=chat.id,
                    card=item.card_key,
                    text=say(
                        "desk/item_card", number=number, question=question, where=where or "", who=who or "",
                        answer=text[:SHOWN_CHARS], by=sender.name,
                    ),
                ),
                reply_to(incoming, say("desk/answer_sent", number=number, first=bool(first))),
            ]  # fmt: skip

        return Reply(change=change)


def _note(
    connection: Connection, now: datetime, user_id: int, action: str, number: int, chat_id: int
) -> None:
    audit.append(
        connection,
        at=now,
        actor=f"user:{user_id}",
        action=action,
        subject=f"office_item:{number}",
        chat_id=chat_id,
    )
