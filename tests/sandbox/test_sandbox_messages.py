"""Texts, replies, forwards, edits and deletions, with Telegram's refusals."""

from __future__ import annotations

import pytest


async def refused(stage, refusal, method, **params):
    with pytest.raises(refusal) as caught:
        await stage.api(method, **params)
    return caught.value.text


async def test_parameters_are_read_from_form_json_query_and_multipart(stage):
    chat = await stage.private()
    markup = '{"inline_keyboard":[[{"text":"go","callback_data":"1"}]]}'
    fields = {"chat_id": str(chat), "text": "hi", "reply_markup": markup}
    for request in ({"data": fields}, {"json": fields}, {"params": fields}):
        status, body = await stage.raw("sendMessage", **request)
        assert status == 200
        assert body["result"]["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "1"
    sent = await stage.upload("sendMessage", {"unused": ("a.txt", b"a")}, **fields)
    assert sent["text"] == "hi"


async def test_method_names_do_not_mind_case_and_unknown_ones_are_404(stage, refusal):
    assert (await stage.api("GETME"))["username"] == "desk_bot"
    with pytest.raises(refusal) as caught:
        await stage.api("sendNothing")
    assert caught.value.body == {"ok": False, "error_code": 404, "description": "Not Found"}


async def test_bad_token_is_401_and_a_well_formed_one_is_a_bot_of_its_own(stage, refusal):
    for bad in ("12:short", "nonsense", "700001:" + "C" * 35, f"{stage.ann}:" + "A" * 35):
        with pytest.raises(refusal) as caught:
            await stage.api("getMe", token=bad)
        assert caught.value.body["description"] == "Unauthorized"
        assert caught.value.status == 401
    me = await stage.api("getMe", token="4242:" + "x" * 30)
    assert (me["id"], me["username"], me["can_read_all_group_messages"]) == (4242, "demo_4242_bot", False)


async def test_text_must_be_there_and_fit_4096_utf16_units(stage, refusal):
    chat = await stage.private()
    for text in ("", "   ", "\n"):
        assert await refused(stage, refusal, "sendMessage", chat_id=chat, text=text) == (
            "Bad Request: message text is empty"
        )
    await stage.api("sendMessage", chat_id=chat, text="\N{GRINNING FACE}" * 2048)
    text = "\N{GRINNING FACE}" * 2048 + "a"
    assert await refused(stage, refusal, "sendMessage", chat_id=chat, text=text) == (
        "Bad Request: message is too long"
    )


async def test_chats_out_of_reach_are_refused_in_telegrams_words(stage, refusal):
    say = {"text": "hi"}
    assert await refused(stage, refusal, "sendMessage", **say) == "Bad Request: chat_id is empty"
    for unknown in (99, -5, "@nowhere"):
        assert await refused(stage, refusal, "sendMessage", chat_id=unknown, **say) == (
            "Bad Request: chat not found"
        )
    assert await refused(stage, refusal, "sendMessage", chat_id=stage.ben, **say) == (
        "Forbidden: bot can't initiate conversation with a user"
    )
    chat = await stage.private()
    await stage.sim(f"chats/{chat}/members", {"user_id": stage.bot.id, "status": "kicked"})
    assert await refused(stage, refusal, "sendMessage", chat_id=chat, **say) == (
        "Forbidden: bot was blocked by the user"
    )
    without = await stage.sim("chats", {"type": "group", "title": "g", "members": [stage.ann]})
    assert await refused(stage, refusal, "sendMessage", chat_id=without["id"], **say) == (
        "Forbidden: bot is not a member of the group chat"
    )
    group = await stage.group()
    await stage.sim(f"chats/{group}/members/{stage.bot.id}", verb="DELETE")
    assert await refused(stage, refusal, "sendMessage", chat_id=group, **say) == (
        "Forbidden: bot was kicked from the supergroup chat"
    )
    await stage.api("getMe", token=stage.other)
    assert await refused(stage, refusal, "sendMessage", chat_id=700002, **say) == (
        "Forbidden: bots can't send messages to bots"
    )


async def test_restricted_bot_may_not_write(stage, refusal):
    group = await stage.group()
    await stage.sim(f"chats/{group}/members", {"user_id": stage.bot.id, "status": "restricted"})
    assert await refused(stage, refusal, "sendMessage", chat_id=group, text="x") == (
        "Bad Request: not enough rights to send text messages to the chat"
    )


async def test_replies_quote_and_a_missing_original_is_refused_unless_allowed(stage, refusal):
    group = await stage.group()
    asked = await stage.say(group, "/ask")
    replied = await stage.api(
        "sendMessage", chat_id=group, text="yes", reply_parameters={"message_id": asked["message_id"]}
    )
    assert replied["reply_to_message"]["text"] == "/ask"
    missing = {"chat_id": group, "text": "x", "reply_to_message_id": 999}
    assert await refused(stage, refusal, "sendMessage", **missing) == (
        "Bad Request: message to be replied not found"
    )
    assert "reply_to_message" not in await stage.api(
        "sendMessage", **missing, allow_sending_without_reply=True
    )
    lenient = {"message_id": 999, "allow_sending_without_reply": True}
    await stage.api("sendMessage", chat_id=group, text="x", reply_parameters=lenient)


async def test_keyboards_are_checked(stage, refusal):
    chat, group = await stage.private(), await stage.group()

    def button(**fields):
        return {"inline_keyboard": [[{"text": "t", **fields}]]}

    async def why(chat_id, markup):
        return await refused(stage, refusal, "sendMessage", chat_id=chat_id, text="x", reply_markup=markup)

    await stage.api("sendMessage", chat_id=chat, text="x", reply_markup=button(callback_data="\u4e00" * 21))
    assert await why(chat, button(callback_data="\u4e00" * 22)) == "Bad Request: BUTTON_DATA_INVALID"
    assert "Text buttons are unallowed" in await why(chat, button())
    ask_place = {"keyboard": [[{"text": "here", "request_location": True}]]}
    assert await why(group, ask_place) == "Bad Request: location can be requested in private chats only"
    sent = await stage.api("sendMessage", chat_id=chat, text="x", reply_markup=ask_place)
    assert "reply_markup" not in sent
    seen = await stage.sim(f"chats/{chat}/messages?after={sent['message_id'] - 1}")
    assert seen[0]["reply_markup"]["keyboard"][0][0]["text"] == "here"


async def test_edit_changes_once_and_says_when_nothing_changes(stage, refusal):
    group = await stage.group()
    markup = {"inline_keyboard": [[{"text": "a", "callback_data": "a"}]]}
    sent = await stage.api("sendMessage", chat_id=group, text="one", reply_markup=markup)
    place = {"chat_id": group, "message_id": sent["message_id"]}
    edited = await stage.api("editMessageText", **place, text="two", reply_markup=markup)
    assert (edited["text"], "edit_date" in edited) == ("two", True)
    same = await refused(stage, refusal, "editMessageText", **place, text="two", reply_markup=markup)
    assert same == (
        "Bad Request: message is not modified: specified new message content and reply markup are exactly "
        "the same as a current content and reply markup of the message"
    )
    bare = await stage.api("editMessageReplyMarkup", **place)
    assert "reply_markup" not in bare
    assert "is not modified" in await refused(stage, refusal, "editMessageReplyMarkup", **place)
    seen = (await stage.sim(f"chats/{group}/messages"))[-1]
    assert [form["text"] for form in seen["edits"]] == ["one", "two"]


async def test_only_own_and_known_messages_can_be_edited(stage, refusal):
    group = await stage.group()
    theirs = await stage.say(group, "hello")

    async def why(method, message_id, **more):
        return await refused(stage, refusal, method, chat_id=group, message_id=message_id, **more)

    assert await why("editMessageText", theirs["message_id"], text="x") == (
        "Bad Request: message can't be edited"
    )
    assert await why("editMessageText", 999, text="x") == "Bad Request: message to edit not found"
    sent = await stage.api("sendMessage", chat_id=group, text="one")
    assert await why("editMessageCaption", sent["message_id"], caption="x") == (
        "Bad Request: there is no caption in the message to edit"
    )


async def test_deleting_follows_rights_and_age(stage, refusal):
    group = await stage.group()
    theirs, own = await stage.say(group, "hello"), await stage.api("sendMessage", chat_id=group, text="x")
    place = {"chat_id": group, "message_id": theirs["message_id"]}
    assert await refused(stage, refusal, "deleteMessage", **place) == (
        "Bad Request: message can't be deleted"
    )
    assert await stage.api("deleteMessage", chat_id=group, message_id=own["message_id"]) is True
    assert await refused(stage, refusal, "deleteMessage", chat_id=group, message_id=own["message_id"]) == (
        "Bad Request: message to delete not found"
    )
    old = await stage.api("sendMessage", chat_id=group, text="x")
    await stage.sim("clock", {"advance_s": 49 * 3600})
    assert await refused(stage, refusal, "deleteMessage", chat_id=group, message_id=old["message_id"]) == (
        "Bad Request: message can't be deleted for everyone"
    )
    await stage.promote(group)
    assert await stage.api("deleteMessages", chat_id=group, message_ids=[theirs["message_id"], 999]) is True
    assert theirs["message_id"] not in [
        message["message_id"] for message in await stage.sim(f"chats/{group}/messages")
    ]


async def test_forward_tells_the_origin_and_copy_does_not(stage, refusal):
    group, chat = await stage.group(), await stage.private()
    theirs = await stage.say(group, "see https://example.org/a")
    source = {"from_chat_id": group, "chat_id": chat, "message_id": theirs["message_id"]}
    forwarded = await stage.api("forwardMessage", **source)
    assert forwarded["forward_origin"]["sender_user"]["id"] == stage.ann
    assert forwarded["entities"][0]["type"] == "url"
    copied = await stage.api("copyMessage", **source)
    assert copied.keys() == {"message_id"}
    seen = (await stage.sim(f"chats/{chat}/messages"))[-1]
    assert seen["text"] == theirs["text"] and "forward_origin" not in seen
    missing = {**source, "message_id": 999}
    assert await refused(stage, refusal, "forwardMessage", **missing) == (
        "Bad Request: message to forward not found"
    )
    assert await refused(stage, refusal, "copyMessage", **missing) == "Bad Request: message to copy not found"
    many = await stage.api(
        "forwardMessages", chat_id=chat, from_chat_id=group, message_ids=[theirs["message_id"], 999]
    )
    assert len(many) == 1


async def test_protected_content_is_marked_and_cannot_be_taken_along(stage, refusal):
    group, chat = await stage.group(), await stage.private()
    sent = await stage.api("sendMessage", chat_id=group, text="secret", protect_content=True)
    assert sent["has_protected_content"] is True
    source = {"from_chat_id": group, "chat_id": chat, "message_id": sent["message_id"]}
    assert await refused(stage, refusal, "forwardMessage", **source) == (
        "Bad Request: message can't be forwarded"
    )
    assert await refused(stage, refusal, "copyMessage", **source) == "Bad Request: message can't be copied"


async def test_pins_need_the_right_and_say_so_in_the_chat(stage, refusal):
    group = await stage.group()
    sent = await stage.api("sendMessage", chat_id=group, text="x")
    place = {"chat_id": group, "message_id": sent["message_id"]}
    assert await refused(stage, refusal, "pinChatMessage", **place) == (
        "Bad Request: not enough rights to manage pinned messages in the chat"
    )
    await stage.promote(group)
    await stage.api("pinChatMessage", **place)
    assert (await stage.api("getChat", chat_id=group))["pinned_message"]["text"] == "x"
    assert (await stage.sim(f"chats/{group}/messages"))[-1]["pinned_message"]["text"] == "x"
    await stage.api("unpinChatMessage", chat_id=group)
    assert await refused(stage, refusal, "unpinChatMessage", chat_id=group) == (
        "Bad Request: message to unpin not found"
    )
    await stage.api("unpinAllChatMessages", chat_id=group)


async def test_small_kinds_are_sent(stage, refusal):
    chat = await stage.private()
    assert (await stage.api("sendLocation", chat_id=chat, latitude=30.5, longitude="104.1"))["location"] == {
        "latitude": 30.5,
        "longitude": 104.1,
    }
    assert await refused(stage, refusal, "sendLocation", chat_id=chat, latitude=99, longitude=1)
    venue = await stage.api(
        "sendVenue", chat_id=chat, latitude=1, longitude=2, title="Depot", address="Road 1"
    )
    assert venue["venue"]["title"] == "Depot"
    contact = await stage.api("sendContact", chat_id=chat, phone_number="119", first_name="Fire")
    assert contact["contact"]["phone_number"] == "119"
    assert 1 <= (await stage.api("sendDice", chat_id=chat))["dice"]["value"] <= 6
    assert await stage.api("sendChatAction", chat_id=chat, action="typing") is True
    assert await refused(stage, refusal, "sendChatAction", chat_id=chat, action="dancing") == (
        "Bad Request: wrong parameter action in request"
    )
    assert await stage.api(
        "setMessageReaction", chat_id=chat, message_id=1, reaction=[{"type": "emoji", "emoji": "\N{EYES}"}]
    )


async def test_poll_is_sent_voted_on_and_stopped(stage, refusal):
    group = await stage.group()
    sent = await stage.api(
        "sendPoll", chat_id=group, question="q?", options=["a", {"text": "b"}], is_anonymous=False
    )
    place = {"chat_id": group, "message_id": sent["message_id"]}
    voted = await stage.sim("votes", {**place, "from_id": stage.ann, "options": [1]})
    assert [option["voter_count"] for option in voted["poll"]["options"]] == [0, 1]
    kinds = [set(update) - {"update_id"} for update in await stage.updates()]
    assert kinds == [{"poll"}, {"poll_answer"}]
    assert (await stage.api("stopPoll", **place))["is_closed"] is True
    assert await refused(stage, refusal, "sendPoll", chat_id=group, question="q", options=["a"])


async def test_group_that_became_a_supergroup_answers_with_its_new_id(stage, refusal):
    group = await stage.group("group")
    new = await stage.sim(f"chats/{group}/migrate", {})
    with pytest.raises(refusal) as caught:
        await stage.api("sendMessage", chat_id=group, text="x")
    assert caught.value.body == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": new["id"]},
    }
    told = [update["message"] for update in await stage.updates()]
    assert [(m["chat"]["id"], m.get("migrate_to_chat_id"), m.get("migrate_from_chat_id")) for m in told] == [
        (group, new["id"], None),
        (new["id"], None, group),
    ]
    assert (await stage.api("sendMessage", chat_id=new["id"], text="x"))["chat"]["type"] == "supergroup"
