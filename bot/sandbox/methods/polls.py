"""Polls, the basic kind (sendPoll, stopPoll); people vote through /sim/votes."""

from __future__ import annotations

import itertools
import time
from typing import Any

from bot.sandbox.access import find_message, writable_chat
from bot.sandbox.chats import Message
from bot.sandbox.errors import BadRequestError
from bot.sandbox.methods.call import Call, Handler
from bot.sandbox.methods.sending import send
from bot.sandbox.posting import change
from bot.sandbox.world import World

_numbers = itertools.count(int(time.time()) * 1000)


def send_poll(call: Call) -> dict[str, Any]:
    """Send a poll with 2-12 options (sendPoll); options are texts or InputPollOption objects."""
    params = call.params
    chat = writable_chat(call.world, call.bot, params, "can_send_polls")
    question = params.text("question").strip()
    options = [
        str(option.get("text", "") if isinstance(option, dict) else option).strip()
        for option in params.array("options") or []
    ]
    if not question:
        raise BadRequestError("poll question must be non-empty")
    if len(question) > 300:
        raise BadRequestError("poll question length must not exceed 300")
    if not 2 <= len(options) <= 12:
        few = len(options) < 2
        raise BadRequestError(
            "poll must have at least 2 option" if few else "poll can't have more than 12 options"
        )
    if not all(1 <= len(option) <= 100 for option in options):
        raise BadRequestError("poll options length must not exceed 100 and must be non-empty")
    poll: dict[str, Any] = {
        "id": str(next(_numbers)),
        "question": question,
        "options": [
            {"persistent_id": str(number), "text": option, "voter_count": 0}
            for number, option in enumerate(options, 1)
        ],
        "total_voter_count": 0,
        "is_closed": params.flag("is_closed"),
        "is_anonymous": params.flag("is_anonymous", True),
        "type": params.text("type") or "regular",
        "allows_multiple_answers": params.flag("allows_multiple_answers"),
        "allows_revoting": True,
        "members_only": False,
    }
    if poll["type"] == "quiz" and (correct := params.integer("correct_option_id")) is not None:
        poll["correct_option_id"] = correct
        poll["correct_option_ids"] = [correct]
    return send(call, chat, {"poll": poll})


def stop_poll(call: Call) -> dict[str, Any]:
    """Close a poll of the bot (stopPoll) and return it."""
    chat = call.chat()
    message = find_message(chat, call.bot, call.need_integer("message_id"), "stop poll")
    if "poll" not in message.json or message.sender_id != call.bot.id:
        raise BadRequestError("message with poll to stop not found")
    if message.json["poll"]["is_closed"]:
        raise BadRequestError("poll has already been closed")
    poll = {**message.json["poll"], "is_closed": True}
    change(call.world, message, {"poll": poll}, mark_edited=False, by_bot=True)
    return poll


def vote(world: World, message: Message, voter_id: int, choice: list[int]) -> None:
    """Count a person's choice (0-based option numbers; empty takes the vote back) and tell the bot."""
    old = message.json["poll"]
    votes = world.votes.setdefault(old["id"], {})
    votes[voter_id] = choice
    message.votes = votes
    options = [
        {**option, "voter_count": sum(number in chosen for chosen in votes.values())}
        for number, option in enumerate(old["options"])
    ]
    poll = {**old, "options": options, "total_voter_count": sum(map(bool, votes.values()))}
    change(world, message, {"poll": poll}, mark_edited=False, by_bot=True)
    bot = world.bots.get(message.sender_id)
    if bot is None:
        return
    bot.queue.push("poll", poll)
    if not poll["is_anonymous"]:
        answer = {"poll_id": poll["id"], "user": world.users[voter_id].json, "option_ids": choice}
        chosen_ids = [options[number]["persistent_id"] for number in choice]
        bot.queue.push("poll_answer", {**answer, "option_persistent_ids": chosen_ids})


METHODS: dict[str, Handler] = {"sendPoll": send_poll, "stopPoll": stop_poll}
