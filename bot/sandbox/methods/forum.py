"""Topics of forum supergroups."""

from __future__ import annotations

from typing import Any

from bot.sandbox.chats import Chat, Topic
from bot.sandbox.errors import BadRequestError
from bot.sandbox.methods.call import Call, Handler
from bot.sandbox.posting import remove, service

_COLORS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)


def _new_topic(call: Call, chat: Chat) -> dict[str, Any]:
    """Return the fields of a new topic, checked."""
    name = call.params.text("name").strip()
    if not 1 <= len(name) <= 128:
        raise BadRequestError("TOPIC_TITLE_EMPTY" if not name else "topic name is too long")
    color = call.params.integer("icon_color") or _COLORS[len(chat.topics) % len(_COLORS)]
    if color not in _COLORS:
        raise BadRequestError("invalid icon color specified")
    return {"name": name, "icon_color": color}


def _forum(call: Call) -> Chat:
    chat = call.chat()
    if not chat.forum:
        raise BadRequestError("the chat is not a forum")
    return chat


def _managed(call: Call) -> tuple[Chat, Topic]:
    chat = _forum(call)
    topic = chat.topics.get(call.need_integer("message_thread_id"))
    if topic is None:
        raise BadRequestError("message thread not found")
    may = chat.member(call.bot.id).has_right("can_manage_topics")
    if not may and topic.creator_id != call.bot.id:
        raise BadRequestError("not enough rights to manage the topic")
    return chat, topic


def _tell(call: Call, chat: Chat) -> None:
    call.world.events.publish("chat.changed", call.world.chat_summary(chat))


def create_forum_topic(call: Call) -> dict[str, Any]:
    """Make a topic (createForumTopic)."""
    chat = _forum(call)
    if not chat.member(call.bot.id).has_right("can_manage_topics"):
        raise BadRequestError("not enough rights to create a topic")
    shown = _new_topic(call, chat)
    icon = call.params.text("icon_custom_emoji_id") or None
    topic_id = chat.last_message_id + 1
    topic = Topic(id=topic_id, icon_custom_emoji_id=icon, creator_id=call.bot.id, **shown)
    chat.topics[topic_id] = topic
    service(call.world, chat, call.bot.user, {"forum_topic_created": shown}, thread_id=topic_id)
    _tell(call, chat)
    return topic.to_json()


def edit_forum_topic(call: Call) -> bool:
    """Rename a topic or change its icon (editForumTopic)."""
    chat, topic = _managed(call)
    shown: dict[str, Any] = {}
    if name := call.params.text("name").strip():
        if name == topic.name and not call.params.has("icon_custom_emoji_id"):
            raise BadRequestError("TOPIC_NOT_MODIFIED")
        topic.name = shown["name"] = name
    if call.params.has("icon_custom_emoji_id"):
        topic.icon_custom_emoji_id = call.params.text("icon_custom_emoji_id") or None
        shown["icon_custom_emoji_id"] = topic.icon_custom_emoji_id or ""
    service(call.world, chat, call.bot.user, {"forum_topic_edited": shown}, thread_id=topic.id)
    _tell(call, chat)
    return True


def _set_closed(call: Call, closed: bool, field: str) -> bool:
    chat, topic = _managed(call)
    if topic.closed == closed:
        raise BadRequestError("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    service(call.world, chat, call.bot.user, {field: {}}, thread_id=topic.id)
    _tell(call, chat)
    return True


def close_forum_topic(call: Call) -> bool:
    """Close a topic (closeForumTopic)."""
    return _set_closed(call, True, "forum_topic_closed")


def reopen_forum_topic(call: Call) -> bool:
    """Open a closed topic again (reopenForumTopic)."""
    return _set_closed(call, False, "forum_topic_reopened")


def delete_forum_topic(call: Call) -> bool:
    """Delete a topic with all its messages (deleteForumTopic)."""
    chat, topic = _managed(call)
    del chat.topics[topic.id]
    for message in list(chat.messages.values()):
        if message.thread_id == topic.id and not message.deleted:
            remove(call.world, message)
    _tell(call, chat)
    return True


METHODS: dict[str, Handler] = {
    "createForumTopic": create_forum_topic,
    "editForumTopic": edit_forum_topic,
    "closeForumTopic": close_forum_topic,
    "reopenForumTopic": reopen_forum_topic,
    "deleteForumTopic": delete_forum_topic,
}
