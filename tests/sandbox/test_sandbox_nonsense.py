"""Whatever is sent, the answer is a refusal in the API's form, never a failure of the server."""

from __future__ import annotations

import random

from bot.sandbox import Limits
from bot.sandbox.methods import method_table
from bot.sandbox.sim import ROUTES
from bot.sandbox.webhooks import WebhookSender

NAMES = [
    "chat_id",
    "from_chat_id",
    "message_id",
    "message_ids",
    "text",
    "caption",
    "parse_mode",
    "entities",
    "reply_parameters",
    "reply_to_message_id",
    "reply_markup",
    "message_thread_id",
    "photo",
    "document",
    "media",
    "user_id",
    "permissions",
    "scope",
    "commands",
    "language_code",
    "name",
    "title",
    "description",
    "file_id",
    "offset",
    "limit",
    "timeout",
    "allowed_updates",
    "url",
    "callback_query_id",
    "inline_query_id",
    "inline_message_id",
    "results",
    "question",
    "options",
    "latitude",
    "longitude",
    "phone_number",
    "first_name",
    "action",
    "reaction",
    "until_date",
    "icon_color",
    "menu_button",
    "invite_link",
    "address",
    "rights",
    "link_preview_options",
    "secret_token",
    "max_connections",
    "custom_title",
]

SIM_NAMES = [
    "chat_id",
    "from_id",
    "message_id",
    "user_id",
    "bot",
    "text",
    "photo",
    "document",
    "location",
    "contact",
    "caption",
    "reply_to",
    "thread_id",
    "sender_chat",
    "type",
    "title",
    "members",
    "forum",
    "admins",
    "status",
    "rights",
    "by",
    "button",
    "data",
    "query",
    "result_id",
    "query_id",
    "options",
    "emoji",
    "method",
    "times",
    "drop",
    "delay_s",
    "parameters",
    "overall_per_s",
    "advance_s",
    "to",
    "first_name",
    "token",
    "permissions",
    "until_date",
]


def values(stage, group, message_id):
    return [
        None, "", "x", "5", 0, -1, 1, 2**70, 1.5, True, [], {}, [[]], [{}], "[", "{}", '[{"a":1}]', [1, "a", None],
        {"type": "photo", "media": "attach://x"}, [{"type": "photo", "media": 5}] * 2, {"inline_keyboard": [[5]]},
        {"inline_keyboard": 5}, {"keyboard": [["a"]]}, {"message_id": "abc"}, {"message_id": [1]}, {"offset": 1},
        [{"offset": 0, "length": "x", "type": 5}], [{"offset": 0}], {"type": "chat", "chat_id": {}},
        {"type": "chat_member", "chat_id": group, "user_id": "x"}, [{"id": "1", "type": "photo"}],
        [{"id": "1", "type": "article", "title": "t", "input_message_content": {"message_text": None}}],
        [{"id": "1", "type": "article", "title": "t", "input_message_content": {"latitude": 5}}],
        {"message_id": 1, "quote": 5}, "nan", "1e400", "HTML", "<b>&#xFFFFFFFF;", "\ud83d\ude00 *_[",
        group, group, group, message_id, message_id, stage.ann, stage.ben, stage.bot.id, "@desk_bot",
    ]  # fmt: skip


async def test_no_call_makes_the_server_fail(stage):
    rng = random.Random(20261123)
    group = await stage.group(forum=True)
    await stage.promote(group)
    await stage.private()
    methods = [name for name, _ in method_table(WebhookSender(lambda _bot, _answer: None)).values()]
    methods = [name for name in methods if name not in ("getUpdates", "setWebhook", "leaveChat")]
    for number in range(3000):
        sent = stage.world.chats[group].last_message_id
        pool = values(stage, group, sent)
        method = methods[number % len(methods)]
        params = {name: rng.choice(pool) for name in NAMES if rng.random() < 0.4}
        if rng.random() < 0.7:
            params["chat_id"] = group
        status, body = await stage.raw(method, json=params)
        assert status < 500, (method, params, body)
        assert status == body.get("error_code", 200)


async def test_no_action_of_the_user_side_makes_the_server_fail(stage):
    rng = random.Random(20261124)
    group = await stage.group(forum=True)
    paths = [(verb, path) for verb, path, _ in ROUTES if path not in ("/sim/events", "/sim/files/{file_id}")]
    for number in range(2000):
        sent = (
            (await stage.api("sendMessage", chat_id=group, text="x"))["message_id"] if number % 9 == 0 else 1
        )
        pool = values(stage, group, sent)
        verb, path = paths[number % len(paths)]
        path = path.replace(r"{chat_id:-?\d+}", str(rng.choice([group, stage.ann, stage.bot.id, 5])))
        path = path.replace(r"{user_id:\d+}", str(stage.ben))
        body = {name: rng.choice(pool) for name in SIM_NAMES if rng.random() < 0.4}
        if rng.random() < 0.7:
            body.update(chat_id=group, from_id=stage.ann)
        if path != "/sim/chats":
            body.setdefault("type", "group")
        body["wait_s"] = 0
        stage.world.clock.offset_s = 0.0
        await stage.sim(f"chats/{group}/members", {"user_id": stage.bot.id, "status": "administrator"})
        stage.world.faults.clear()
        stage.world.limiter.set(Limits.off())
        async with stage.session.request(verb, stage.sandbox.url + path, json=body) as response:
            assert response.status < 500, (verb, path, body, await response.text())
            answer = await response.json()
            assert response.status == 200 or set(answer) == {"error"}
