"""A chat that moves takes with it what waits for it."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from storage import chats
from storage.store import Store
from storage.tables import card, chat, conversation, outbox, person

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_queued_messages_cards_and_talk_follow_a_group_to_its_supergroup(store: Store) -> None:
    def prepare(connection: Connection) -> None:
        chats.meet_chat(connection, chat_id=-5, kind="group", title="T", now=NOW)
        common = {"chat_id": -5, "priority": 10, "kind": "send", "payload": {}, "created_at": NOW}
        connection.execute(
            insert(outbox), [{**common, "state": state} for state in ("queued", "sending", "sent")]
        )
        connection.execute(
            insert(card).values(key="k", chat_id=-5, message_id=7, desired={}, desired_version=1)
        )
        connection.execute(
            insert(conversation).values(
                chat_id=-5, thread_id=0, user_id=1, question="q", answer={}, expires_at=NOW
            )
        )

    heard: list[object] = []
    store.subscribe(chats.CHAT_MOVED, heard.append)
    store.write(prepare)
    for _ in range(2):
        store.write(lambda c: chats.move_chat(c, old=-5, new=-1005, now=NOW))
    rows = store.read(
        lambda c: c.execute(select(outbox.c.chat_id, outbox.c.state).order_by(outbox.c.id)).all()
    )
    assert [tuple(row) for row in rows] == [(-1005, "queued"), (-1005, "sending"), (-5, "sent")]
    moved = store.read(lambda c: c.execute(select(card)).one())
    assert (moved.chat_id, moved.message_id) == (-1005, None)
    assert store.read(lambda c: c.execute(select(conversation.c.chat_id)).scalars().all()) == [-1005]
    known = store.read(
        lambda c: c.execute(select(chat.c.chat_id, chat.c.state, chat.c.title, chat.c.migrated_to)).all()
    )
    assert sorted(map(tuple, known)) == [(-1005, "active", "T", None), (-5, "migrated", "T", -1005)]
    assert heard == [(-5, -1005), (-5, -1005)]


def test_a_person_who_blocks_the_bot_is_not_written_to_until_they_write_again(store: Store) -> None:
    def meet(*, private: bool) -> None:
        store.write(
            lambda c: chats.meet_person(c, user_id=9, name="N", username=None, private=private, now=NOW)
        )

    def allowed() -> object:
        return store.read(lambda c: c.execute(select(person.c.private_ok)).scalar())

    meet(private=True)
    meet(private=False)
    assert allowed() is True
    store.write(lambda c: chats.leave_chat(c, chat_id=9, now=NOW))
    assert allowed() is False
    meet(private=True)
    assert allowed() is True
