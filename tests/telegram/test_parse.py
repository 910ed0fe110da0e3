"""Raw updates become what the desk understands, or nothing; each alone."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.messages import Chat, Incoming, Sender
from bot.telegram.client import Me
from bot.telegram.parse import Parser

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
AT = 1_795_395_600
ME = Me(id=42, username="Desk_bot")
GROUP = {"id": -100500, "type": "supergroup", "title": "G"}
PRIVATE = {"id": 7, "type": "private", "first_name": "Ann"}
ANN = {"id": 7, "is_bot": False, "first_name": "Ann", "last_name": "Li", "username": "ann"}
US = {"id": 42, "is_bot": True, "first_name": "Desk", "username": "Desk_bot"}


def parse(raw: dict[str, Any]) -> Incoming | None:
    return Parser(ME, now=lambda: NOW)({"update_id": 1, **raw})


def message(kind: str = "message", *, chat: dict[str, Any] = GROUP, **rest: Any) -> Incoming | None:
    return parse({kind: {"message_id": 9, "date": AT, "chat": chat, "from": ANN, **rest}})


def said(text: str, *entities: tuple[str, int, int], **rest: Any) -> Incoming | None:
    marks = [{"type": kind, "offset": offset, "length": length} for kind, offset, length in entities]
    return message(text=text, entities=marks, **rest)


def test_plain_talk_in_a_group_is_read_but_not_to_us() -> None:
    assert said("hello") == Incoming(
        update_id=1,
        kind="message",
        at=datetime.fromtimestamp(AT, UTC),
        chat=Chat(id=-100500, type="supergroup", title="G"),
        sender=Sender(id=7, name="Ann Li", username="ann"),
        message_id=9,
        text="hello",
    )


def test_everything_in_private_is_to_us() -> None:
    found = said("hello", chat=PRIVATE)
    assert found is not None
    assert found.to_me
    assert found.chat == Chat(id=7, type="private", title="Ann")


@pytest.mark.parametrize(
    ("text", "length", "command", "args"),
    [
        ("/ask who", 4, "ask", "who"),
        ("/Ask@desk_BOT  who is\nit ", 13, "ask", "who is\nit"),
        ("/ask", 4, "ask", ""),
        ("/start@Desk_bot payload", 15, "start", "payload"),
    ],
)
def test_a_command_is_read_with_what_follows_it(text: str, length: int, command: str, args: str) -> None:
    found = said(text, ("bot_command", 0, length))
    assert found is not None
    assert (found.command, found.args, found.to_me) == (command, args, True)


def test_a_command_for_another_bot_is_not_ours() -> None:
    assert said("/ask@other_bot who", ("bot_command", 0, 14)) is None


def test_a_slash_in_the_middle_is_no_command() -> None:
    found = said("see /ask", ("bot_command", 4, 4))
    assert found is not None
    assert (found.command, found.to_me, found.text) == (None, False, "see /ask")


def test_a_caption_can_hold_a_command() -> None:
    photo = [{"file_id": "a", "file_unique_id": "ua", "width": 90, "height": 90, "file_size": 1}]
    photo.append({"file_id": "b", "file_unique_id": "ub", "width": 900, "height": 900, "file_size": 7})
    found = message(
        caption="/incident fire",
        caption_entities=[{"type": "bot_command", "offset": 0, "length": 9}],
        photo=photo,
        media_group_id="album",
    )
    assert found is not None
    assert (found.command, found.args, found.album_id) == ("incident", "fire", "album")
    assert [(each.kind, each.file_id, each.size) for each in found.attachments] == [("photo", "b", 7)]


@pytest.mark.parametrize(
    ("text", "offset", "left"),
    [
        ("@desk_bot who?", 0, "who?"),
        ("who @desk_bot is it", 4, "who is it"),
        ("\U0001f525\U0001f525 @desk_bot who", 5, "\U0001f525\U0001f525 who"),
        ("who\n@desk_bot", 4, "who"),
    ],
)
def test_a_mention_is_cut_out_by_its_utf16_place(text: str, offset: int, left: str) -> None:
    found = said(text, ("mention", offset, 9))
    assert found is not None
    assert (found.text, found.to_me) == (left, True)


def test_a_mention_of_somebody_else_stays() -> None:
    found = said("@ann hello", ("mention", 0, 4))
    assert found is not None
    assert (found.text, found.to_me) == ("@ann hello", False)


def test_a_mention_without_a_username_counts_by_id() -> None:
    found = message(
        text="Desk who", entities=[{"type": "text_mention", "offset": 0, "length": 4, "user": US}]
    )
    assert found is not None
    assert (found.text, found.to_me) == ("who", True)


def test_a_reply_to_us_is_to_us_and_a_reply_to_others_is_not() -> None:
    for user, ours in ((US, True), (ANN, False)):
        found = said("yes", reply_to_message={"message_id": 5, "date": AT, "chat": GROUP, "from": user})
        assert found is not None
        assert (found.reply_to, found.reply_to_me, found.to_me) == (5, ours, ours)


def test_a_thread_counts_only_in_a_topic() -> None:
    opened = {
        "message_id": 3,
        "date": AT,
        "chat": GROUP,
        "from": US,
        "forum_topic_created": {"name": "t", "icon_color": 1},
    }
    topic = said("x", message_thread_id=3, is_topic_message=True, reply_to_message=opened)
    reply = said("x", message_thread_id=3)
    assert topic is not None
    assert reply is not None
    assert topic.chat is not None
    assert (topic.chat.thread_id, topic.reply_to, topic.to_me) == (3, None, False)
    assert reply.chat is not None
    assert reply.chat.thread_id is None


def test_anonymous_admins_and_channels_are_nobody_who_may_act() -> None:
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    admin = message(**{"from": anonymous, "sender_chat": GROUP, "text": "x"})
    assert admin is not None
    assert admin.sender == Sender(id=-100500, name="G", anonymous=True)
    channel = {"id": -100777, "type": "channel", "title": "C", "username": "chan"}
    forwarder = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
    linked = message(**{"from": forwarder, "sender_chat": channel, "text": "x"})
    assert linked is not None
    assert linked.sender == Sender(id=-100777, name="C", username="chan", anonymous=True)
    post = parse({"channel_post": {"message_id": 9, "date": AT, "chat": channel, "text": "x"}})
    assert post is not None
    assert post.sender is not None
    assert post.sender.anonymous


def test_other_bots_and_our_own_inline_results_are_ignored() -> None:
    other = {"id": 99, "is_bot": True, "first_name": "Other", "username": "other_bot"}
    assert message(**{"from": other, "text": "/ask@desk_bot x"}) is None
    assert message(text="answer", via_bot=US) is None
    assert message(text="answer", via_bot=other) is not None


def test_service_messages_are_dropped_and_migration_is_not() -> None:
    assert message(new_chat_title="new") is None
    assert message(new_chat_members=[US]) is None
    assert message(pinned_message={"message_id": 3, "date": AT, "chat": GROUP}) is None
    old = {"id": -5, "type": "group", "title": "G"}
    for found in (
        message(chat=old, migrate_to_chat_id=-100500),
        message(migrate_from_chat_id=-5),
    ):
        assert found is not None
        assert found.chat is not None
        assert (found.kind, found.chat.id, found.migrated_to) == ("migrated", -5, -100500)


def test_an_edit_is_marked_and_dated_by_the_edit() -> None:
    found = message("edited_message", text="x", edit_date=AT + 60)
    assert found is not None
    assert found.edited
    assert found.at == datetime.fromtimestamp(AT + 60, UTC)


def test_a_forwarded_message_is_marked() -> None:
    found = said("x", forward_origin={"type": "hidden_user", "date": AT, "sender_user_name": "Q"})
    assert found is not None
    assert found.forwarded


FILE = {"file_id": "f", "file_unique_id": "u", "file_size": 3}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"document": {**FILE, "file_name": "a.pdf"}}, "document"),
        ({"voice": {**FILE, "duration": 1}}, "voice"),
        ({"video": {**FILE, "width": 1, "height": 1, "duration": 1}}, "video"),
        ({"video_note": {**FILE, "length": 1, "duration": 1}}, "video"),
        ({"audio": {**FILE, "duration": 1}}, "audio"),
        (
            {
                "sticker": {
                    **FILE,
                    "type": "regular",
                    "width": 1,
                    "height": 1,
                    "is_animated": False,
                    "is_video": False,
                }
            },
            "sticker",
        ),
        ({"location": {"latitude": 30.5, "longitude": 104.1}}, "location"),
        ({"contact": {"phone_number": "1", "first_name": "A"}}, "contact"),
    ],
)
def test_files_and_places_are_read(content: dict[str, Any], kind: str) -> None:
    found = message(**content)
    assert found is not None
    (attachment,) = found.attachments
    assert attachment.kind == kind
    if kind == "location":
        assert (attachment.latitude, attachment.longitude) == (30.5, 104.1)
    elif kind != "contact":
        assert (attachment.file_id, attachment.size) == ("f", 3)


def tap(**rest: Any) -> Incoming:
    found = parse({"callback_query": {"id": "q", "from": ANN, "chat_instance": "c", **rest}})
    assert found is not None
    return found


def test_a_tap_is_read_even_under_a_message_that_is_gone() -> None:
    fresh = tap(data="d:1", message={"message_id": 9, "date": AT, "chat": GROUP, "from": US, "text": "x"})
    gone = tap(data="d:1", message={"message_id": 9, "date": 0, "chat": GROUP})
    inline = tap(data="d:1", inline_message_id="i")
    assert (fresh.kind, fresh.tap_id, fresh.tap_data, fresh.message_id, fresh.at) == (
        "tap",
        "q",
        "d:1",
        9,
        NOW,
    )
    assert fresh.chat == gone.chat == Chat(id=-100500, type="supergroup", title="G")
    assert (inline.chat, inline.message_id) == (None, None)


def test_an_inline_query_is_read() -> None:
    found = parse({"inline_query": {"id": "i", "from": ANN, "query": "gas", "offset": ""}})
    assert found is not None
    assert (found.kind, found.inline_id, found.text) == ("inline", "i", "gas")


@pytest.mark.parametrize(
    ("member", "kind"),
    [
        ({"status": "member"}, "joined"),
        ({"status": "left"}, "left"),
        ({"status": "kicked", "until_date": 0}, "left"),
    ],
)
def test_being_added_and_removed_is_read(member: dict[str, Any], kind: str) -> None:
    change = {
        "chat": GROUP,
        "from": ANN,
        "date": AT,
        "old_chat_member": {"user": US, "status": "left"},
        "new_chat_member": {"user": US, **member},
    }
    found = parse({"my_chat_member": change})
    assert found is not None
    assert (found.kind, found.chat and found.chat.id) == (kind, -100500)


@pytest.mark.parametrize(
    "raw",
    [
        {"message": 5},
        {"message": {}},
        {"message": {"message_id": 1, "date": AT, "text": "no chat", "from": ANN}},
        {"message": {"message_id": 1, "date": "x", "chat": GROUP, "from": ANN, "text": "a"}},
        {
            "message": {
                "message_id": 1,
                "date": AT,
                "chat": {"id": 1, "type": "moon"},
                "from": ANN,
                "text": "a",
            }
        },
        {"callback_query": {"id": "q"}},
    ],
)
def test_what_cannot_be_understood_raises(raw: dict[str, Any]) -> None:
    with pytest.raises(Exception, match=r".*"):
        parse(raw)


@pytest.mark.parametrize("raw", [{}, {"poll": {"id": "1"}}, {"unheard_of": {"x": 1}}, {"chat_member": {}}])
def test_what_we_do_not_ask_for_means_nothing(raw: dict[str, Any]) -> None:
    with contextlib.suppress(KeyError, TypeError):  # parked as a dead letter: also fine
        assert parse(raw) is None
